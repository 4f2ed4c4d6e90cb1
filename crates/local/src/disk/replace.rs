//! Replacing a file in one step, so that a crash leaves the old or the new one, and so that
//! nothing of the old one stays on the disk.
//!
//! The new file is written beside it as `<path>.new`; the old one moves to `<path>.old`, the new
//! one takes its name, and the old one is overwritten before it is removed. Each step is durable
//! before the next; [`finish`] completes or undoes what a crash interrupted.

use super::bytes::{doing, flushing, parent};
use super::tail;
use engine::port::{Disk, DiskFile, OpenMode, PortError};

/// Where the new file is written.
pub(crate) fn new_path(path: &str) -> String {
    format!("{path}.new")
}

fn old_path(path: &str) -> String {
    format!("{path}.old")
}

/// Puts `new`, written at [`new_path`] and not yet flushed, in the place of `path`.
pub(crate) fn swap(disk: &dyn Disk, path: &str, new: &dyn DiskFile) -> Result<(), PortError> {
    let (from, old, dir) = (new_path(path), old_path(path), parent(path));
    new.sync().map_err(flushing(&from))?;
    let replaces = disk.exists(path);
    if replaces {
        disk.rename(path, &old).map_err(doing("renaming", path))?;
        disk.sync_dir(dir).map_err(flushing(dir))?;
    }
    disk.rename(&from, path).map_err(doing("renaming", &from))?;
    disk.sync_dir(dir).map_err(flushing(dir))?;
    if replaces { wipe(disk, &old) } else { Ok(()) }
}

/// Completes or undoes an interrupted [`swap`] of `path`, and makes the names in its directory
/// durable: what a killed process had renamed is not yet.
pub(crate) fn finish(disk: &dyn Disk, path: &str) -> Result<(), PortError> {
    let (new, old, dir) = (new_path(path), old_path(path), parent(path));
    if disk.exists(&old) && !disk.exists(path) {
        disk.rename(&old, path).map_err(doing("renaming", &old))?;
    }
    disk.sync_dir(dir).map_err(flushing(dir))?;
    for passing in [old, new] {
        if disk.exists(&passing) {
            wipe(disk, &passing)?;
        }
    }
    Ok(())
}

/// Overwrites a file with zeros and removes it. Should the removal be undone by a crash, the
/// zeros are found and removed at the next opening.
pub(crate) fn wipe(disk: &dyn Disk, path: &str) -> Result<(), PortError> {
    let file = disk.open(path, OpenMode::Write).map_err(doing("opening", path))?;
    let length = file.len().map_err(doing("measuring", path))?;
    tail::clear(&*file, 0, length).map_err(doing("overwriting", path))?;
    file.sync().map_err(flushing(path))?;
    disk.remove(path).map_err(doing("removing", path))
}
