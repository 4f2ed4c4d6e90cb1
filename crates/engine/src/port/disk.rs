//! A disk: files that are written at offsets and flushed. The one implementation on a real disk
//! is in `local`; the one that loses, reorders and tears writes is in `sim`.

use std::io;
use std::sync::Arc;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// It must exist; it is not written.
    Read,
    /// It must exist.
    Write,
    /// It is made when absent. The name is durable only after [`Disk::sync_dir`].
    Create,
}

/// A directory tree. Paths are relative, with `/` between names and never `..`.
pub trait Disk: Send + Sync {
    /// Opens a file.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>>;
    /// Names (not paths) in a directory, sorted; empty when the directory is absent.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;
    /// Whether a file or directory is there.
    fn exists(&self, path: &str) -> bool;
    /// Makes a directory and its parents.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn create_dir(&self, dir: &str) -> io::Result<()>;
    /// Renames, replacing the target at once. Durable only after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// As the operating system reports them.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file. Durable only after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// As the operating system reports them.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Reads at `offset`; fewer bytes than asked for only at the end of the file.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at `offset`. Durable only after [`DiskFile::sync`].
    ///
    /// # Errors
    /// As the operating system reports them; then any part may have been written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Writes as [`DiskFile::write_at`] does, a little that is appended: a disk with a redo file
    /// lets the flush of such writes serve several files.
    ///
    /// # Errors
    /// As [`DiskFile::write_at`]; then nothing more is staged on the disk.
    fn stage_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(bytes, offset)
    }
    /// Makes everything written durable, or sees to it that it is durable before whatever is
    /// written to any file of this disk from here on.
    ///
    /// # Errors
    /// As [`DiskFile::sync`].
    fn order(&self) -> io::Result<()> {
        self.sync()
    }
    /// Makes everything written durable. After an error nothing about the file is known.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn sync(&self) -> io::Result<()>;
    /// Length in bytes.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn len(&self) -> io::Result<u64>;
    /// Whether the file has no bytes.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Cuts or extends with zeros.
    ///
    /// # Errors
    /// As the operating system reports them.
    fn set_len(&self, length: u64) -> io::Result<()>;
}
