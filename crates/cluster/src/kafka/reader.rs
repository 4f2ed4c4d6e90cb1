//! Reading frames in order, each with its checksums verified, and fetching single records.

use super::Shared;
use super::cache::Whole;
use super::envelope::read;
use super::reading::{Reading, Verdict};
use super::tape::{Place, Tape};
use engine::port::{Fetched, FrameView, LogReader, PortError, PortFault, Position};
use std::sync::Arc;

/// A cursor over what counts.
pub(super) struct Cursor {
    tape: Tape,
    reading: Reading,
}

impl Cursor {
    /// Stands at a place at or before `position`.
    pub(super) fn at(shared: &Shared, position: Position) -> Result<Self, PortError> {
        let mut tape = Tape::open(&shared.options)?;
        let place = super::lock(&shared.places).find(&mut tape, position)?;
        tape.seek(place.offset)?;
        Ok(Self { tape, reading: place.reading })
    }

    /// Goes to a place at or before `position`, unless it stands well already.
    fn go_to(&mut self, shared: &Shared, position: Position) -> Result<(), PortError> {
        let place = super::lock(&shared.places).find(&mut self.tape, position)?;
        let here = self.reading.end;
        if here > position || place.first() > here {
            self.tape.seek(place.offset)?;
            self.reading = place.reading;
        }
        Ok(())
    }

    /// The next frame that counts; waited for when it is not there yet.
    fn next(&mut self, shared: &Shared) -> Result<Whole, PortError> {
        loop {
            let before = self.reading;
            let (offset, bytes) = self.tape.next()?;
            let message = read(&bytes, &|| self.tape.place(offset))?;
            match (self.reading.take(&message)?, message.head) {
                (Verdict::Frame, Some(head)) => {
                    let place = Place { offset, reading: before };
                    super::lock(&shared.places).note(place, bytes.len());
                    return Ok(Whole { head, bytes });
                }
                (Verdict::Fence, _) if message.envelope.writer.epoch > shared.writer.epoch => {
                    let other = message.envelope.writer.epoch;
                    return Err(super::acks::fenced(shared.writer.epoch, other));
                }
                _ => {}
            }
        }
    }
}

/// A reader of its own.
pub(super) struct Reader {
    shared: Arc<Shared>,
    cursor: Option<Cursor>,
    from: Position,
    current: Option<Whole>,
}

impl Reader {
    /// A reader from the frame that holds `from`. It talks to the broker when it is first read.
    pub(super) fn new(shared: Arc<Shared>, from: Position) -> Self {
        Self { shared, cursor: None, from, current: None }
    }
}

impl LogReader for Reader {
    fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, PortError> {
        loop {
            let end = self.shared.end_position();
            let here = self.cursor.as_ref().map_or(self.from, |cursor| cursor.reading.end);
            if here.max(self.from) >= end {
                return Ok(None);
            }
            if self.cursor.is_none() {
                self.cursor = Some(Cursor::at(&self.shared, self.from)?);
            }
            let Some(cursor) = &mut self.cursor else { return Ok(None) };
            let whole = cursor.next(&self.shared)?;
            if cursor.reading.end > self.from {
                let whole = self.current.insert(whole);
                let first = whole.head.first;
                let view = whole.view();
                let wrong = || PortError::corrupt(format!("the frame at position {first}"));
                return view.map(Some).ok_or_else(wrong);
            }
        }
    }
}

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
        let wrong = || PortError::corrupt(format!("the record at position {position}"));
        let cached = super::lock(&self.cache).get(position);
        if let Some(whole) = cached {
            return whole.copy(position, header, record).ok_or_else(wrong);
        }
        let mut fetching = super::lock(&self.fetching);
        // A failed one is not used again: where it stands is not known.
        let mut cursor = match fetching.take() {
            Some(mut cursor) => {
                cursor.go_to(self, position)?;
                cursor
            }
            None => Cursor::at(self, position)?,
        };
        let found = loop {
            let whole = Arc::new(cursor.next(self)?);
            super::lock(&self.cache).put(Arc::clone(&whole));
            if cursor.reading.end > position {
                break whole;
            }
        };
        *fetching = Some(cursor);
        found.copy(position, header, record).ok_or_else(wrong)
    }
}
