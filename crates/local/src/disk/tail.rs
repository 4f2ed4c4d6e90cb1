//! Where a file stops making sense: was a write cut off by a crash, or did the bytes change?
//!
//! The files here are zeroed before they are written, and a disk writes whole sectors. So a write
//! that did not reach the disk whole has left a sector of zeros; where every sector was written
//! and the checksum is wrong all the same, the bytes have changed since. (A record that itself
//! holds a sector of zeros is taken for torn; what was written after it tells otherwise.)

use super::bytes::{narrow, read_exact, wide};
use crate::limits::{READ_BYTES, SECTOR_BYTES, ZERO_BYTES};
use engine::port::DiskFile;
use std::io;

/// What follows the last good byte of a file.
pub(crate) struct Tail {
    /// Some sector of what should be there was never written.
    pub(crate) torn: bool,
    /// End of the last byte that is not zero; the offset asked about when all are.
    pub(crate) dirty_end: u64,
}

/// Judges what begins at `bad` and says of itself that it ends at `claimed_end`.
pub(crate) fn judge(file: &dyn DiskFile, bad: u64, claimed_end: u64) -> io::Result<Tail> {
    let length = file.len()?;
    let mut buffer = vec![0; READ_BYTES];
    let mut first_hole = None;
    let mut dirty_end = bad;
    let mut at = bad - bad % SECTOR_BYTES;
    while at < length {
        let filled = file.read_at(&mut buffer, at)?;
        if filled == 0 {
            break;
        }
        for (index, sector) in buffer[..filled].chunks(narrow(SECTOR_BYTES)).enumerate() {
            let start = at + wide(index) * SECTOR_BYTES;
            let skip = narrow(bad.saturating_sub(start)).min(sector.len());
            match sector[skip..].iter().rposition(|&byte| byte != 0) {
                Some(last) => dirty_end = start + wide(skip + last + 1),
                None => first_hole = first_hole.or(Some(start + wide(skip))),
            }
        }
        at += wide(filled);
    }
    let hole = first_hole.unwrap_or(length);
    Ok(Tail { torn: hole < claimed_end.max(dirty_end), dirty_end })
}

/// Writes zeros over a range.
pub(crate) fn clear(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let zeros = vec![0; ZERO_BYTES.min(narrow(to.saturating_sub(from)))];
    let mut at = from;
    while at < to {
        let count = zeros.len().min(narrow(to - at));
        file.write_at(&zeros[..count], at)?;
        at += wide(count);
    }
    Ok(())
}

/// Writes a range again as it is. A flush that failed may have left bytes that are read and are
/// nowhere on the medium, and that no later flush writes; so what is not known to be durable is
/// written again before it is flushed.
pub(crate) fn write_again(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES.min(narrow(to.saturating_sub(from)))];
    let mut at = from;
    while at < to {
        let count = buffer.len().min(narrow(to - at));
        read_exact(file, &mut buffer[..count], at)?;
        file.write_at(&buffer[..count], at)?;
        at += wide(count);
    }
    Ok(())
}
