//! Walking over the frames of one segment in order, in large reads.

use super::frame::Head;
use crate::disk::bytes::{narrow, wide};
use crate::limits::{FRAME_FIXED_BYTES, READ_BYTES};
use engine::port::DiskFile;
use std::io;
use std::sync::Arc;

/// What stands at an offset.
pub(super) enum Step {
    /// An intact frame; its bytes are at [`Walk::frame`].
    Frame(Head),
    /// Zeros, or the limit: nothing was written here.
    Nothing,
    /// Something that is no intact frame, and where it says that it ends.
    Bad(u64),
}

/// Reads one segment up to a limit.
pub(super) struct Walk {
    file: Arc<dyn DiskFile>,
    buffer: Vec<u8>,
    start: u64,
    filled: usize,
    chunk: usize,
}

impl Walk {
    /// A walk with large reads.
    pub(super) fn new(file: Arc<dyn DiskFile>) -> Self {
        Self::with_chunk(file, READ_BYTES)
    }

    /// A walk that reads at least `chunk` bytes at once.
    pub(super) fn with_chunk(file: Arc<dyn DiskFile>, chunk: usize) -> Self {
        Self { file, buffer: Vec::new(), start: 0, filled: 0, chunk }
    }

    /// Makes `count` bytes from `offset` readable, as far as they are below `limit`; how many are.
    fn fill(&mut self, offset: u64, count: usize, limit: u64) -> io::Result<usize> {
        let wanted = count.min(narrow(limit.saturating_sub(offset)));
        let has = offset >= self.start && offset + wide(wanted) <= self.start + wide(self.filled);
        if !has {
            let ask = wanted.max(self.chunk).min(narrow(limit - offset.min(limit)));
            if self.buffer.len() < ask {
                self.buffer.resize(ask, 0);
            }
            self.filled = self.file.read_at(&mut self.buffer[..ask], offset)?;
            self.start = offset;
        }
        Ok(wanted.min(narrow((self.start + wide(self.filled)).saturating_sub(offset))))
    }

    fn slice(&self, offset: u64, count: usize) -> &[u8] {
        let from = narrow(offset - self.start);
        &self.buffer[from..from + count]
    }

    /// The bytes of the frame that [`Walk::step`] has just found at `offset`.
    pub(super) fn frame(&self, offset: u64, head: &Head) -> &[u8] {
        self.slice(offset, narrow(head.bytes))
    }

    /// What the frame at `offset` says of itself, unverified.
    pub(super) fn head(&mut self, offset: u64, limit: u64) -> io::Result<Option<Head>> {
        let has = self.fill(offset, FRAME_FIXED_BYTES, limit)?;
        Ok(Head::parse(self.slice(offset, has)))
    }

    /// What stands at `offset`; nothing from `limit` on is looked at.
    pub(super) fn step(&mut self, offset: u64, limit: u64) -> io::Result<Step> {
        let has = self.fill(offset, FRAME_FIXED_BYTES, limit)?;
        let start = self.slice(offset, has);
        let Some(head) = Head::parse(start) else {
            let nothing = start.iter().all(|&byte| byte == 0);
            return Ok(if nothing { Step::Nothing } else { Step::Bad(offset + wide(has)) });
        };
        let has = self.fill(offset, narrow(head.bytes), limit)?;
        let frame = self.slice(offset, has);
        if wide(has) == head.bytes && head.is_intact(frame) {
            return Ok(Step::Frame(head));
        }
        Ok(Step::Bad(offset + head.implied_bytes(frame)))
    }
}
