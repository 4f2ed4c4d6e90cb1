//! Checkpoints of C2SP tlog-checkpoint: the text of a note that states a tree's size and root.
//!
//! ```text
//! <operator>/<source>
//! <size in decimal>
//! <root in base64>
//! <any number of extension lines>
//! ```

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Hash;
use crate::note::{NoteError, SignedNote, SigningKey, VerifierKey};

/// The head of one tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// Which tree: see [`stream_origin`].
    pub origin: String,
    /// Its leaves.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Further lines, none of them empty, each without its newline.
    pub extensions: Vec<String>,
}

/// What is wrong with a checkpoint.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum CheckpointError {
    /// `E6040`
    #[error("this text is not a checkpoint")]
    Malformed,
    /// `E6041`
    #[error("the checkpoint is of {found}, not of {wanted}")]
    OtherOrigin {
        /// What it says.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// `E6042`
    #[error("the note that carries the checkpoint cannot be trusted")]
    Note(#[from] NoteError),
}

impl CheckpointError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "E6040",
            Self::OtherOrigin { .. } => "E6041",
            Self::Note(_) => "E6042",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// The origin of a stream's tree.
pub fn stream_origin(operator: &str, source: &str) -> String {
    format!("{operator}/{source}")
}

impl Checkpoint {
    /// Signs the text with each of the keys.
    pub fn sign(&self, keys: &[&SigningKey]) -> Result<SignedNote, CheckpointError> {
        let text = self.to_string();
        // What cannot be read back, such as an extension with a newline, is not signed either.
        if text.parse().as_ref() != Ok(self) {
            return Err(CheckpointError::Malformed);
        }
        Ok(SignedNote::sign(&text, keys)?)
    }

    /// Reads a signed checkpoint of `origin` that at least one of the keys signed.
    pub fn open(note: &[u8], origin: &str, known: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        note.verify(known)?;
        let checkpoint: Self = note.text().parse()?;
        if checkpoint.origin == origin {
            return Ok(checkpoint);
        }
        Err(CheckpointError::OtherOrigin { found: checkpoint.origin, wanted: origin.to_owned() })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next()?.to_owned();
        let digits = lines.next()?;
        let size: u64 = digits.parse().ok()?;
        let root = Hash::from_base64(lines.next()?).ok()?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        // One spelling of the size: neither a sign nor leading zeros.
        let valid = size.to_string() == digits
            && !origin.is_empty()
            && !extensions.iter().any(String::is_empty);
        valid.then_some(Self { origin, size, root, extensions })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root.to_base64())?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        Self::parse(text).ok_or(CheckpointError::Malformed)
    }
}
