//! A Saldo directory: its settings, and where everything of an operator is.
//!
//! ```text
//! DIR/saldo.yaml           settings
//! DIR/books/OPERATOR/      the book, edited by people
//! DIR/data/OPERATOR/       written by Saldo only
//! DIR/keys/OPERATOR/       key material, mode 0600, and public.key
//! ```

use crate::NodeError;
use crate::code;
use crate::config::{self, Config, WebhookSettings};
use crate::keys::Keys;
use std::path::{Path, PathBuf};

/// An opened Saldo directory.
#[derive(Clone, Debug)]
pub struct Home {
    /// The directory.
    pub dir: PathBuf,
    /// Its settings.
    pub config: Config,
}

/// Where everything of one operator is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorHome {
    /// The operator.
    pub operator: String,
    /// The book's files.
    pub book: PathBuf,
    /// What Saldo writes.
    pub data: PathBuf,
    /// Key material.
    pub keys: PathBuf,
    /// Days that raw rows are kept.
    pub raw_retention_days: u32,
    /// What webhooks may do.
    pub webhooks: WebhookSettings,
}

impl Home {
    /// Opens the directory.
    ///
    /// # Errors
    /// [`code::NO_HOME`], [`code::BAD_SETTINGS`], or as the system reports.
    pub fn open(dir: &Path) -> Result<Self, NodeError> {
        let path = dir.join(config::FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(NodeError::said(code::NO_HOME, dir.display().to_string()));
            }
            Err(error) => return Err(NodeError::system("reading", &path, error)),
        };
        Ok(Self { dir: dir.to_owned(), config: Config::parse(&bytes)? })
    }

    /// The operator that a command is about: the one named, the default, or the only one.
    ///
    /// # Errors
    /// [`code::UNKNOWN_OPERATOR`], [`code::WHICH_OPERATOR`].
    pub fn operator(&self, named: Option<&str>) -> Result<OperatorHome, NodeError> {
        let operators = &self.config.operators;
        let listed = || operators.join(", ");
        let name = match (named, &self.config.default, operators.as_slice()) {
            (Some(name), _, _) if operators.iter().any(|known| known == name) => name,
            (Some(name), _, _) => {
                let what = format!("{name}; there is {}", listed());
                return Err(NodeError::said(code::UNKNOWN_OPERATOR, what));
            }
            (None, Some(name), _) => name,
            (None, None, [only]) => only,
            (None, None, _) => return Err(NodeError::said(code::WHICH_OPERATOR, listed())),
        };
        Ok(self.place(name))
    }

    /// Every operator.
    pub fn operators(&self) -> Vec<OperatorHome> {
        self.config.operators.iter().map(|name| self.place(name)).collect()
    }

    fn place(&self, name: &str) -> OperatorHome {
        OperatorHome {
            operator: name.to_owned(),
            book: self.dir.join("books").join(name),
            data: self.dir.join("data").join(name),
            keys: self.dir.join("keys").join(name),
            raw_retention_days: self.config.raw_retention_days,
            webhooks: self.config.webhooks,
        }
    }
}

impl OperatorHome {
    /// The operator's keys.
    ///
    /// # Errors
    /// [`code::NO_KEY`], [`code::BAD_KEY`], [`code::OPEN_KEY`].
    pub fn load_keys(&self) -> Result<Keys, NodeError> {
        Keys::load(&self.keys, &self.operator)
    }
}
