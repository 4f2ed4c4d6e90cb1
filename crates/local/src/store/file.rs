//! What every derived file needs: reading exactly, and errors that say which file and where.

use engine::port::{Disk, DiskFile, OpenMode, PortError, PortFault};
use std::io;
use std::sync::Arc;

/// An open file that knows its path.
#[derive(Clone)]
pub struct File {
    path: Arc<str>,
    file: Arc<dyn DiskFile>,
}

impl File {
    /// Makes the file, or empties the one that is there.
    pub fn create(disk: &dyn Disk, path: &str) -> Result<Self, PortError> {
        let file = Self::at(disk, path, OpenMode::Create)?;
        if file.len()? > 0 {
            file.set_len(0)?;
        }
        Ok(file)
    }

    /// Opens a file that must hold at least `length` bytes.
    pub fn open(
        disk: &dyn Disk,
        path: &str,
        mode: OpenMode,
        length: u64,
    ) -> Result<Self, PortError> {
        let file = Self::at(disk, path, mode)?;
        let found = file.len()?;
        if found < length {
            let what = format!("{path} has {found} bytes; the manifest names {length}");
            return Err(PortError::corrupt(what));
        }
        Ok(file)
    }

    fn at(disk: &dyn Disk, path: &str, mode: OpenMode) -> Result<Self, PortError> {
        let file = disk.open(path, mode).map_err(|error| PortError::io(path, error))?;
        Ok(Self { path: path.into(), file })
    }

    /// Its path on the disk.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn failed(&self, doing: &str, offset: u64, error: io::Error) -> PortError {
        PortError::io(format!("{doing} {} at {offset}", self.path), error)
    }

    /// Fills `buffer` from `offset`.
    pub fn read(&self, buffer: &mut [u8], offset: u64) -> Result<(), PortError> {
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            match self.file.read_at(&mut buffer[done..], at) {
                Ok(0) => {
                    return Err(PortError::corrupt(format!("{} ends at {at}", self.path)));
                }
                Ok(read) => done += read,
                Err(error) => return Err(self.failed("read", at, error)),
            }
        }
        Ok(())
    }

    /// Writes all of `bytes`.
    pub fn write(&self, bytes: &[u8], offset: u64) -> Result<(), PortError> {
        let wrote = self.file.write_at(bytes, offset);
        wrote.map_err(|error| self.failed("write", offset, error))
    }

    /// Makes what was written durable.
    pub fn sync(&self) -> Result<(), PortError> {
        self.file.sync().map_err(|error| PortError::flush(&*self.path, error))
    }

    /// Length in bytes.
    pub fn len(&self) -> Result<u64, PortError> {
        self.file.len().map_err(|error| self.failed("measure", 0, error))
    }

    /// Cuts or extends with zeros.
    pub fn set_len(&self, length: u64) -> Result<(), PortError> {
        self.file.set_len(length).map_err(|error| self.failed("cut", length, error))
    }

    /// Cuts what is behind `length`, when there is something.
    pub fn cut_tail(&self, length: u64) -> Result<(), PortError> {
        if self.len()? > length { self.set_len(length) } else { Ok(()) }
    }
}

/// Makes the names in a directory durable.
pub fn sync_dir(disk: &dyn Disk, dir: &str) -> Result<(), PortError> {
    disk.sync_dir(dir).map_err(|error| PortError::flush(format!("directory {dir}"), error))
}

/// Removes a file that may be gone already.
pub fn remove(disk: &dyn Disk, path: &str) -> Result<(), PortError> {
    match disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(PortError::io(path, error)),
        _ => Ok(()),
    }
}

/// Removes every file of a flat directory that `keep` does not want.
pub fn remove_others(
    disk: &dyn Disk,
    dir: &str,
    keep: &dyn Fn(&str) -> bool,
) -> Result<(), PortError> {
    for name in disk.list(dir).map_err(|error| PortError::io(dir, error))? {
        let path = format!("{dir}/{name}");
        if !keep(&path) {
            remove(disk, &path)?;
        }
    }
    Ok(())
}

/// A limit of the Store that was reached.
pub fn limit(what: impl Into<String>) -> PortError {
    PortError::new(PortFault::Limit, what)
}

/// Reads little-endian numbers off the front of a slice; nothing when it is too short.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    /// The next number of two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(2)?.try_into().ok()?))
    }

    /// The next number of four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// The next signed number of four bytes.
    pub fn i32(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// The next number of eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }
}
