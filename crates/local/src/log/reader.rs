//! Reading frames in order, each with its checksum verified.

use super::Shared;
use super::frame::{Head, check_known};
use super::segment::Segment;
use super::walk::{Step, Walk};
use crate::disk::bytes::doing;
use crate::limits::SEGMENT_HEADER_BYTES;
use engine::port::{FrameView, LogReader, PortError, Position};
use std::sync::Arc;

/// A cursor. It sees what was appended up to each call.
pub(super) struct Reader {
    shared: Arc<Shared>,
    segment: Arc<Segment>,
    walk: Walk,
    offset: u64,
    position: Position,
}

impl Reader {
    /// A reader from the frame that holds `from`.
    pub(super) fn new(shared: Arc<Shared>, from: Position) -> Result<Self, PortError> {
        let segment = shared.segment_of(from);
        let file = shared.file_of(&segment)?;
        let first = segment.header.first;
        let (mut offset, mut position) = (SEGMENT_HEADER_BYTES, first);
        if from > first && from < shared.end_position() {
            let before = u32::try_from(from - first).unwrap_or(u32::MAX);
            let place = segment.place(&file, before)?;
            (offset, position) = (u64::from(place.offset), first + u64::from(place.before));
        } else if from > first {
            (offset, position) = (segment.end(), from);
        }
        let walk = Walk::new(file);
        let mut reader = Self { shared, segment, walk, offset, position };
        reader.skip_to(from)?;
        Ok(reader)
    }

    /// Passes over whole frames before the one that holds `from`.
    fn skip_to(&mut self, from: Position) -> Result<(), PortError> {
        while self.position < from {
            let head = self.walk.head(self.offset, self.segment.end());
            let head = head.map_err(doing("reading", &self.segment.path))?;
            let Some(head) = head else { return Err(self.corrupt()) };
            if self.position + u64::from(head.count) > from {
                return Ok(());
            }
            self.pass(&head);
        }
        Ok(())
    }

    fn pass(&mut self, head: &Head) {
        self.offset += head.bytes;
        self.position += u64::from(head.count);
    }

    fn corrupt(&self) -> PortError {
        PortError::corrupt(format!("{}: offset {}", self.segment.path, self.offset))
    }

    /// Goes to the next segment when this one is read to its end.
    fn turn(&mut self) -> Result<(), PortError> {
        let next = self.shared.segment_of(self.position);
        if next.header.first == self.position && !Arc::ptr_eq(&next, &self.segment) {
            self.walk = Walk::new(self.shared.file_of(&next)?);
            self.segment = next;
            self.offset = SEGMENT_HEADER_BYTES;
        }
        Ok(())
    }
}

impl LogReader for Reader {
    fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, PortError> {
        let end = self.shared.end_position();
        let (offset, head) = loop {
            if self.position >= end {
                return Ok(None);
            }
            self.turn()?;
            let step = self.walk.step(self.offset, self.segment.end());
            let step = step.map_err(doing("reading", &self.segment.path))?;
            let Step::Frame(head) = step else { return Err(self.corrupt()) };
            check_known(&head, &self.segment.path, self.offset)?;
            if head.first != self.position {
                return Err(self.corrupt());
            }
            let offset = self.offset;
            self.pass(&head);
            if head.count > 0 {
                break (offset, head);
            }
        };
        let view = head.view(self.walk.frame(offset, &head));
        view.map(Some).ok_or_else(|| self.corrupt())
    }
}
