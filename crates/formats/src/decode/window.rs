//! The bytes that a CSV reader has taken lately: the text of the record at hand, and the way
//! back when a quote was never closed.

use crate::lines::LINE_BYTES_MAX;
use std::io::{self, Read};

/// Longest CSV record in bytes. A longer one is most often a quote that is never closed.
pub(super) const RECORD_BYTES_MAX: u64 = LINE_BYTES_MAX as u64;
/// Room for what the CSV reader takes ahead of the record.
const AHEAD_BYTES: u64 = 64 * 1024;
const FORGET_BYTES: usize = 512 * 1024;

/// Keeps what was read since the mark.
pub(super) struct Window<R> {
    input: R,
    kept: Vec<u8>,
    /// Offset in the input of the first kept byte.
    base: u64,
    /// How many of the kept bytes have been served.
    served: usize,
    /// Offset at which the record at hand begins.
    mark: u64,
    /// Whether the input has said that there is no more.
    ended: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, kept: Vec::new(), base: 0, served: 0, mark: 0, ended: false }
    }

    /// A record begins at `offset`; what lies before it is no longer needed.
    pub(super) fn begin(&mut self, offset: u64) {
        self.mark = offset;
        let stale = self.index(offset);
        if stale > FORGET_BYTES {
            self.kept.drain(..stale);
            self.base += stale as u64;
            self.served -= stale;
        }
    }

    /// The bytes from the mark to `end`.
    pub(super) fn since_mark(&self, end: u64) -> &[u8] {
        &self.kept[self.index(self.mark)..self.index(end)]
    }

    /// Whether `offset` is known to be the end of the input.
    pub(super) fn is_end(&self, offset: u64) -> bool {
        self.ended && offset == self.base + self.kept.len() as u64
    }

    /// Goes back to the line after the mark's; returns the mark's line and where the next begins.
    pub(super) fn back_to_next_line(&mut self) -> io::Result<(Vec<u8>, u64)> {
        self.served = self.index(self.mark);
        let mut line = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let start = self.served;
            let count = self.serve(&mut chunk)?;
            if count == 0 {
                break;
            }
            if let Some(found) = memchr::memchr(b'\n', &chunk[..count]) {
                line.extend_from_slice(&chunk[..found]);
                self.served = start + found + 1;
                break;
            }
            line.extend_from_slice(&chunk[..count]);
            // Only the beginning of an endless line is of use.
            line.truncate(LINE_BYTES_MAX);
            self.begin(self.base + self.served as u64);
        }
        Ok((line, self.base + self.served as u64))
    }

    fn index(&self, offset: u64) -> usize {
        let index = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        index.min(self.kept.len())
    }

    fn serve(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.served == self.kept.len() {
            let count = self.input.read(out)?;
            self.ended = count == 0 && !out.is_empty();
            self.kept.extend_from_slice(&out[..count]);
            self.served += count;
            return Ok(count);
        }
        let count = out.len().min(self.kept.len() - self.served);
        out[..count].copy_from_slice(&self.kept[self.served..self.served + count]);
        self.served += count;
        Ok(count)
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let taken = self.base + self.served as u64 - self.mark;
        if taken > RECORD_BYTES_MAX + AHEAD_BYTES {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.serve(out)
    }
}
