//! What can go wrong in the node, each with a stable code.

use crate::code;
use engine::EngineError;
use engine::port::PortError;
use ledger::code::Code;
use std::fmt;
use std::io;
use std::path::Path;

/// A failure of the node.
#[derive(Debug)]
pub enum NodeError {
    /// Something that this crate, or a crate that only lists codes, refuses.
    Said {
        /// Its page.
        page: Code,
        /// What, in particular.
        what: String,
    },
    /// The operating system refused.
    System {
        /// What was being done, with the path.
        what: String,
        /// Its answer.
        source: io::Error,
    },
    /// A port failed.
    Port(PortError),
    /// The engine refused.
    Engine(EngineError),
}

impl NodeError {
    /// A refusal with its page.
    pub fn said(page: Code, what: impl Into<String>) -> Self {
        Self::Said { page, what: what.into() }
    }

    /// A refusal of the operating system about a path: `doing` is a word such as `reading`.
    pub fn system(doing: &str, path: &Path, source: io::Error) -> Self {
        Self::System { what: format!("{doing} {}", path.display()), source }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Said { page, .. } => page.code,
            Self::System { .. } => code::SYSTEM.code,
            Self::Port(error) => error.fault.page().code,
            Self::Engine(error) => error.code(),
        }
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { page, what } if what.is_empty() => f.write_str(page.title),
            Self::Said { page, what } => write!(f, "{}: {what}", page.title),
            Self::System { what, .. } => write!(f, "{}: {what}", code::SYSTEM.title),
            Self::Port(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Said { .. } => None,
            Self::System { source, .. } => Some(source),
            Self::Port(error) => error.source(),
            Self::Engine(error) => error.source(),
        }
    }
}

impl From<PortError> for NodeError {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl From<EngineError> for NodeError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<settle::SettleError> for NodeError {
    fn from(error: settle::SettleError) -> Self {
        Self::Engine(error.into())
    }
}
