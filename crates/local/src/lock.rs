//! One writer at a time for a data directory.

use engine::port::{PortError, PortFault};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Held as long as the directory is owned; let go when dropped, also when the process is killed.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

impl DirLock {
    /// Owns `dir` through its file `lock`, in which the owner writes its process number.
    ///
    /// # Errors
    /// [`PortFault::Fenced`] when another process owns it; or as the system reports.
    pub fn acquire(dir: &Path) -> Result<Self, PortError> {
        let path = dir.join("lock");
        let name = path.display();
        let failed = |error| PortError::io(format!("locking {name}"), error);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(owned(&mut file, &name.to_string())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The number only helps a person: it need not survive a crash.
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn owned(file: &mut File, name: &str) -> PortError {
    let mut text = String::new();
    let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok());
    let who = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
    PortError::new(PortFault::Fenced, format!("{name} is held by {who}"))
}
