//! Fetching one record: two or three small reads, no checksum (the reader verifies those).

use super::Shared;
use super::frame::Head;
use super::segment::{Place, Segment};
use crate::disk::bytes::{doing, narrow, read_exact, u32_at, wide};
use crate::limits::FRAME_FIXED_BYTES;
use engine::port::{DiskFile, Fetched, PortError, PortFault, Position};
use std::sync::Arc;

/// Bytes read at once while walking over small frames.
const WALK_BYTES: usize = 4096;

impl Shared {
    pub(super) fn fetch_record(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        if position >= self.end_position() {
            let what = format!("position {position} is beyond the end of the log");
            return Err(PortError::new(PortFault::Missing, what));
        }
        let segment = self.segment_of(position);
        let file = self.file_of(&segment)?;
        let before = u32::try_from(position - segment.header.first).unwrap_or(u32::MAX);
        let place = segment.place(&file, before)?;
        let (offset, head) = locate(&segment, &file, place, position)?;
        let lookup = Lookup { segment: &segment, file: &*file, offset, head };
        lookup.read(narrow(position - head.first), header, record)
    }
}

/// The frame that holds `position`, walking on from `place`.
fn locate(
    segment: &Segment,
    file: &Arc<dyn DiskFile>,
    place: Place,
    position: Position,
) -> Result<(u64, Head), PortError> {
    let mut offset = u64::from(place.offset);
    let mut buffer = [0; WALK_BYTES];
    let holds = u64::from(place.before) + u64::from(place.count);
    let direct = position - segment.header.first < holds;
    loop {
        let asked = if direct { FRAME_FIXED_BYTES } else { WALK_BYTES };
        let filled = file.read_at(&mut buffer[..asked], offset);
        let filled = filled.map_err(doing("reading", &segment.path))?;
        let start = offset;
        while let Some(head) = Head::parse(&buffer[narrow(offset - start).min(filled)..filled]) {
            if position < head.first + u64::from(head.count) && position >= head.first {
                return Ok((offset, head));
            }
            offset += head.bytes;
        }
        if offset == start {
            let what = format!("{}: offset {offset}: no frame", segment.path);
            return Err(PortError::corrupt(what));
        }
    }
}

struct Lookup<'a> {
    segment: &'a Segment,
    file: &'a dyn DiskFile,
    offset: u64,
    head: Head,
}

impl Lookup<'_> {
    fn get(&self, buffer: &mut [u8], at: u64) -> Result<(), PortError> {
        let read = read_exact(self.file, buffer, self.offset + at);
        read.map_err(doing("reading", &self.segment.path))
    }

    fn read(
        &self,
        index: usize,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        let wrong = || {
            let (path, offset) = (&self.segment.path, self.offset);
            PortError::corrupt(format!("{path}: offset {offset}: record {index}"))
        };
        let head = &self.head;
        // The end before this record's stands four bytes before; for record 0 that is no end.
        let mut ends = [0; 8];
        self.get(&mut ends, wide(FRAME_FIXED_BYTES + 4 * index) - 4)?;
        let start = if index == 0 { 0 } else { u32_at(&ends, 0).ok_or_else(wrong)? };
        let end = u32_at(&ends, 4).ok_or_else(wrong)?;
        let fits = head.records_at() + u64::from(end) <= head.bytes;
        let length = end.checked_sub(start).filter(|_| fits).ok_or_else(wrong)?;
        header.resize(head.header_bytes as usize, 0);
        self.get(header, head.header_at())?;
        record.resize(length as usize, 0);
        self.get(record, head.records_at() + u64::from(start))?;
        let kind = head.frame_kind().ok_or_else(wrong)?;
        Ok(Fetched { kind, first: head.first })
    }
}
