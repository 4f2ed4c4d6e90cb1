//! Zeros behind small writes, so that the flushes of the next ones change nothing but contents.
//!
//! Files are made at their full length and are sparse ([`super::ahead`]): a write to where nothing
//! was stored makes the file system allocate, and its flush then waits for the file system's
//! journal, which everybody shares. Whoever writes little at a time and flushes each, as a service
//! does, takes zeros along now and then. Whoever writes much does not: it would write all of it
//! twice. What reads as zeros is zeros either way, so nothing else can tell.

use super::bytes::{narrow, wide};
use crate::limits::{ZEROS_BEHIND_BYTES_MAX, ZEROS_BEHIND_BYTES_MIN, ZEROS_BEHIND_WRITE_BYTES_MAX};

/// Up to where a file of a fixed length was written.
#[derive(Debug)]
pub(crate) struct Written {
    to: u64,
}

impl Written {
    /// Nothing is known to be stored from this offset on.
    pub(crate) fn to(offset: u64) -> Self {
        Self { to: offset }
    }

    /// Appends to `bytes`, which are about to be written at `offset`, the zeros that go with them.
    pub(crate) fn zeros_behind(&self, bytes: &mut Vec<u8>, offset: u64, length: u64) {
        let end = offset + wide(bytes.len());
        if bytes.len() <= ZEROS_BEHIND_WRITE_BYTES_MAX && end > self.to {
            let zeros = end.clamp(ZEROS_BEHIND_BYTES_MIN, ZEROS_BEHIND_BYTES_MAX);
            let zeros = length.saturating_sub(end).min(zeros);
            bytes.resize(bytes.len() + narrow(zeros), 0);
        }
    }

    /// Takes note of a write that succeeded.
    pub(crate) fn note(&mut self, offset: u64, bytes: &[u8]) {
        self.to = self.to.max(offset + wide(bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_go_with_a_small_write_that_leaves_what_is_stored() {
        let (least, most) = (narrow(ZEROS_BEHIND_BYTES_MIN), narrow(ZEROS_BEHIND_BYTES_MAX));
        let large = ZEROS_BEHIND_WRITE_BYTES_MAX + 1;
        for (stored, offset, bytes, length, zeros) in [
            (0, 0, 100, 1 << 20, least),
            (100, 100, 50, 1 << 20, least),
            (0, 100_000, 50, 1 << 20, 100_050),
            (0, 2 << 20, 50, 8 << 20, most),
            (150, 100, 50, 1 << 20, 0),
            (151, 100, 50, 1 << 20, 0),
            (149, 100, 50, 1 << 20, least),
            (0, 0, large, 1 << 20, 0),
            (0, 0, large - 1, 1 << 20, least),
            (0, 0, 100, 130, 30),
            (0, 0, 100, 100, 0),
        ] {
            let mut written = Written::to(stored);
            let mut buffer = vec![7; bytes];
            written.zeros_behind(&mut buffer, offset, length);
            assert_eq!(buffer.len() - bytes, zeros, "{stored} {offset} {bytes} {length}");
            assert!(buffer[bytes..].iter().all(|byte| *byte == 0));
            written.note(offset, &buffer);
            assert_eq!(written.to, stored.max(offset + wide(buffer.len())));
        }
    }
}
