//! Whether every flush so far has succeeded.
//!
//! A file system tells one of those who flush that a write failed, and then nobody any more. What
//! a record is about may be taken for settled only where nobody was told so, of any file.

use engine::port::DiskFile;
use std::io;
use std::sync::{OnceLock, PoisonError, RwLock};

/// The first error, after which nothing more is written.
#[derive(Default)]
pub(super) struct Health {
    first: OnceLock<(io::ErrorKind, String)>,
    /// Held by whoever flushes a file, and alone by whoever settles.
    flushing: RwLock<()>,
}

impl Health {
    /// Refuses after an error.
    pub(super) fn check(&self) -> io::Result<()> {
        self.first.get().map_or(Ok(()), |(kind, why)| {
            let what = format!("the redo file stopped at an earlier error: {why}");
            Err(io::Error::new(*kind, what))
        })
    }

    /// Takes note of an error: the first is the one to tell.
    pub(super) fn note(&self, error: io::Error) -> io::Error {
        let _ = self.first.set((error.kind(), error.to_string()));
        error
    }

    /// Flushes a file.
    pub(super) fn sync(&self, file: &dyn DiskFile) -> io::Result<()> {
        let _flushing = self.flushing.read().unwrap_or_else(PoisonError::into_inner);
        file.sync().map_err(|error| self.note(error))
    }

    /// Settles, while nobody else flushes and where nobody has failed to.
    pub(super) fn alone(&self, settle: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let _alone = self.flushing.write().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        settle().map_err(|error| self.note(error))
    }
}
