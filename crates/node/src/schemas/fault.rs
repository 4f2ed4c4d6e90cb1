//! Why the registry refuses.

use super::Which;
use crate::NodeError;
use std::fmt;

/// Why the registry refuses.
#[derive(Debug)]
pub enum Fault {
    /// No such subject.
    NoSubject(String),
    /// No such version of it.
    NoVersion(Which),
    /// No such text.
    NoSchema,
    /// The subject was deleted already.
    SubjectDeleted(String),
    /// The subject must be deleted before it is deleted for good.
    SubjectNotDeleted(String),
    /// The version was deleted already.
    VersionDeleted(u32),
    /// The version must be deleted before it is deleted for good.
    VersionNotDeleted(u32),
    /// No schema, or one that cannot be read: why.
    Bad(String),
    /// The subject's name cannot be one.
    BadSubject,
    /// The mode in force forbids it.
    ReadOnly,
    /// Others stand on it: their ids.
    Referred(Vec<u32>),
    /// A source of the book needs it: which.
    Needed(String),
    /// It may not follow: each change.
    Incompatible(Vec<String>),
    /// A limit is reached: which.
    TooMany(String),
    /// The operator failed.
    Failed(NodeError),
}

impl From<NodeError> for Fault {
    fn from(error: NodeError) -> Self {
        Self::Failed(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSubject(name) => write!(f, "Subject '{name}' not found."),
            Self::NoVersion(Which::Number(number)) => write!(f, "Version {number} not found."),
            Self::NoVersion(Which::Latest) => f.write_str("Version latest not found."),
            Self::NoSchema => f.write_str("Schema not found"),
            Self::SubjectDeleted(name) => write!(f, "Subject '{name}' was deleted already."),
            Self::SubjectNotDeleted(name) => {
                write!(f, "Subject '{name}' must be deleted first, before it is for good.")
            }
            Self::VersionDeleted(number) => write!(f, "Version {number} was deleted already."),
            Self::VersionNotDeleted(number) => {
                write!(f, "Version {number} must be deleted first, before it is for good.")
            }
            Self::Bad(why) => write!(f, "Invalid schema: {why}"),
            Self::BadSubject => {
                f.write_str("The subject's name needs 1 to 255 bytes without control characters.")
            }
            Self::ReadOnly => f.write_str("The mode is READONLY: nothing may be registered."),
            Self::Referred(ids) => write!(f, "Other schemas stand on it, with the ids {ids:?}."),
            Self::Needed(source) => {
                write!(f, "The source {source} of the book is checked by it.")
            }
            Self::Incompatible(changes) => {
                let first = changes.first().map_or("", String::as_str);
                write!(
                    f,
                    "Schema being registered is incompatible with an earlier schema: {first}"
                )?;
                match changes.len() {
                    0 | 1 => Ok(()),
                    more => write!(f, " (and {} more)", more - 1),
                }
            }
            Self::TooMany(what) => f.write_str(what),
            Self::Failed(error) => error.fmt(f),
        }
    }
}
