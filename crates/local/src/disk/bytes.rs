//! Numbers in files (little-endian), and reading whole ranges.

use engine::port::{Disk, DiskFile, PortError};
use std::io;

/// The bytes at `at`, when they are there.
pub(crate) fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    take(bytes, at).map(u16::from_le_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    take(bytes, at).map(u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    take(bytes, at).map(u64::from_le_bytes)
}

/// A length in memory as a length in a file.
pub(crate) fn wide(length: usize) -> u64 {
    length as u64
}

/// An offset within something that is held in memory.
pub(crate) fn narrow(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Fills `buffer` from `offset`; an error when the file ends before.
pub(crate) fn read_exact(file: &dyn DiskFile, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    if file.read_at(buffer, offset)? == buffer.len() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it must be"))
}

/// Names what failed: for `map_err`.
pub(crate) fn doing<'a>(
    what: &'a str,
    path: &'a str,
) -> impl Fn(io::Error) -> PortError + Copy + 'a {
    move |error| PortError::io(format!("{what} {path}"), error)
}

/// Names the flush that failed: for `map_err`.
pub(crate) fn flushing(path: &str) -> impl Fn(io::Error) -> PortError + Copy + '_ {
    move |error| PortError::flush(format!("flushing {path}"), error)
}

/// The directory of a path; empty for the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// Makes a directory and its parents durable under their names, also where a killed process had
/// made them.
pub(crate) fn make_dir(disk: &dyn Disk, dir: &str) -> Result<(), PortError> {
    disk.create_dir(dir).map_err(doing("making", dir))?;
    let mut made = dir;
    while !made.is_empty() {
        made = parent(made);
        disk.sync_dir(made).map_err(flushing(made))?;
    }
    Ok(())
}
