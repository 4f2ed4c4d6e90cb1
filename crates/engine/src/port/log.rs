//! The Log: everything that was accepted, in one total order per shard. A position is the dense
//! number of a record; offsets of files or brokers stay inside the adapter.

use super::PortError;

/// Dense number of a record in the Log of one shard, from 0.
pub type Position = u64;

/// What the records of a frame are. Numbers are stored and never reused; an unknown one is a
/// refusal to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum FrameKind {
    /// Records of one source: events and unreadable rows.
    Events = 1,
    /// Commands, book revisions, statements: records of the control stream.
    Control = 2,
}

impl FrameKind {
    /// The kind with the stored number.
    pub fn from_number(number: u16) -> Option<Self> {
        [Self::Events, Self::Control].into_iter().find(|kind| *kind as u16 == number)
    }
}

/// Records to append together: one frame, one checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the records are.
    pub kind: FrameKind,
    /// What all of them share (versioned by the engine).
    pub header: Vec<u8>,
    /// The records, one after another.
    pub records: Vec<u8>,
    /// Where each record ends in `records`, ascending; its length is the number of records.
    pub ends: Vec<u32>,
}

/// A frame read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameView<'a> {
    /// Position of its first record.
    pub first: Position,
    /// What the records are.
    pub kind: FrameKind,
    /// What all of them share.
    pub header: &'a [u8],
    /// The records, one after another.
    pub records: &'a [u8],
    /// Where each record ends: u32 LE, four bytes a record.
    pub ends: &'a [u8],
}

impl<'a> FrameView<'a> {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.ends.len() / 4
    }

    /// Whether the frame has no record.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of record `at` of the frame.
    pub fn record(&self, at: usize) -> Option<&'a [u8]> {
        let end = |at: usize| {
            let bytes = self.ends.get(at * 4..at * 4 + 4)?.try_into().ok()?;
            Some(u32::from_le_bytes(bytes) as usize)
        };
        let start = if at == 0 { 0 } else { end(at - 1)? };
        self.records.get(start..end(at)?)
    }
}

/// Where a fetched record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// What the records of its frame are.
    pub kind: FrameKind,
    /// Position of the first record of its frame.
    pub first: Position,
}

/// The Log of one shard. One writer; readers may be on other threads.
pub trait Log: Send + Sync {
    /// Appends frames in order and returns the position of the first record. Not durable before
    /// [`Log::flush`].
    ///
    /// # Errors
    /// After an error the Log takes nothing more until it is opened again.
    fn append(&self, frames: &[Frame]) -> Result<Position, PortError>;
    /// Makes everything appended durable and returns the position after the last record. It may
    /// run beside `append`; what was appended before the call is then durable.
    ///
    /// # Errors
    /// [`super::PortFault::FlushFailed`]: the Log takes nothing more until it is opened again.
    fn flush(&self) -> Result<Position, PortError>;
    /// The position after the last appended record.
    fn end(&self) -> Position;
    /// The position after the last durable record.
    fn durable_end(&self) -> Position;
    /// A reader from the frame that holds `from` (the frame may begin earlier).
    ///
    /// # Errors
    /// When `from` is beyond the end, or its frame cannot be read.
    fn reader(&self, from: Position) -> Result<Box<dyn LogReader>, PortError>;
    /// Replaces `record` by the record at `position`, and `header` by its frame's header.
    ///
    /// # Errors
    /// When it cannot be read.
    fn fetch(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError>;
}

/// Reads frames in order, each with its checksum verified.
pub trait LogReader: Send {
    /// The next frame, or nothing at the end of what was appended.
    ///
    /// # Errors
    /// When a frame cannot be read or its checksum is wrong.
    fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, PortError>;
}
