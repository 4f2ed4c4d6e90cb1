//! Copying files that another process may be appending to.

use crate::NodeError;
use aws_lc_rs::digest::{Context, SHA256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// Pages are copied one by one: a page of a growing file is read whole or not yet.
const PAGE_BYTES: usize = 4096;
const READ_BYTES: usize = 1 << 20;

/// Copies `from` to the new file `to`, last page first, and flushes it; returns its length.
///
/// Whoever appends writes in ascending order, so what stands before a page was written before it:
/// a copy made backwards has no hole in front of anything that it has, only a torn end, which
/// recovery cuts.
///
/// # Errors
/// As the system reports.
pub fn backwards(from: &Path, to: &Path, mode: u32) -> Result<u64, NodeError> {
    let reading = |error| NodeError::system("reading", from, error);
    let writing = |error| NodeError::system("writing", to, error);
    make_parent(to)?;
    let source = File::open(from).map_err(reading)?;
    let mut options = OpenOptions::new();
    let target = options.write(true).create_new(true).mode(mode).open(to).map_err(writing)?;
    let length = source.metadata().map_err(reading)?.len();
    target.set_len(length).map_err(writing)?;
    let mut page = [0; PAGE_BYTES];
    let pages = length.div_ceil(PAGE_BYTES as u64);
    for at in (0..pages).rev().map(|page| page * PAGE_BYTES as u64) {
        let wanted = usize::try_from(length - at).map_or(PAGE_BYTES, |left| left.min(PAGE_BYTES));
        let page = &mut page[..wanted];
        source.read_exact_at(page, at).map_err(reading)?;
        // What was never written stays a hole of the copy: segments are zeroed far ahead.
        if page.iter().any(|byte| *byte != 0) {
            target.write_all_at(page, at).map_err(writing)?;
        }
    }
    target.sync_all().map_err(writing)?;
    Ok(length)
}

/// The SHA-256 of a file, as hexadecimal digits, and its length.
///
/// # Errors
/// As the system reports.
pub fn hash(path: &Path) -> Result<(String, u64), NodeError> {
    let reading = |error| NodeError::system("reading", path, error);
    let mut file = File::open(path).map_err(reading)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; READ_BYTES];
    let mut length = 0;
    loop {
        let count = file.read(&mut buffer).map_err(reading)?;
        if count == 0 {
            break;
        }
        context.update(&buffer[..count]);
        length += count as u64;
    }
    let digest = context.finish();
    let hex = digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((hex, length))
}

/// The files below `dir`, as paths relative to it with `/`, sorted; none when it is absent.
///
/// # Errors
/// As the system reports.
pub fn walk(dir: &Path) -> Result<Vec<String>, NodeError> {
    let mut found = Vec::new();
    if dir.is_file() {
        found.push(String::new());
    } else if dir.is_dir() {
        walk_into(dir, "", &mut found)?;
    }
    found.sort_unstable();
    Ok(found)
}

fn walk_into(dir: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), NodeError> {
    let failed = |error| NodeError::system("reading", dir, error);
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(failed)?.is_dir() {
            walk_into(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}

/// Makes the directory that `path` is to be in.
///
/// # Errors
/// As the system reports.
pub fn make_parent(path: &Path) -> Result<(), NodeError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|error| NodeError::system("making", parent, error))
}
