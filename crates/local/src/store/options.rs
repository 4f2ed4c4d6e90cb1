//! What may be chosen about a Store.

use super::limits::{CHECKPOINT_KEYS, INDEX_BYTES_DEFAULT};
use std::path::PathBuf;

/// What may be chosen when a Store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of the disk as `SQLite` must be told it: the two databases are in it.
    pub root: PathBuf,
    /// Name of the `SQLite` file layer; none is that of the operating system.
    pub vfs: Option<String>,
    /// Memory of the index table in bytes. Keys beyond it are asked on disk, and then take a byte
    /// and a half of memory each.
    pub index_bytes: usize,
    /// Keys after which a checkpoint is due.
    pub checkpoint_keys: usize,
    /// Whether runs are merged on threads of their own. Without, a checkpoint merges before it
    /// returns, which tests need to repeat what they do.
    pub background: bool,
}

impl Options {
    /// The usual choices for a Store in `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            vfs: None,
            index_bytes: INDEX_BYTES_DEFAULT,
            checkpoint_keys: CHECKPOINT_KEYS,
            background: true,
        }
    }
}
