//! The sparse table from positions to offsets, and the search for what it does not hold.
//!
//! First positions grow with offsets, but for messages that do not count: those of a writer that
//! was fenced. So halving finds a place that may be wrong, and it is believed only when a later
//! message of the same writer says that it was durable: what does not count never is.

use super::envelope::{Message, read};
use super::reading::Reading;
use super::tape::{Place, Tape};
use crate::limits::{PLACE_STEP_BYTES, SEARCH_SPAN_OFFSETS};
use engine::port::{PortError, PortFault, Position};

/// Places in order of positions.
#[derive(Default)]
pub(super) struct Places {
    table: Vec<Place>,
    /// Bytes of frames since the last entry, of those that were noted in order.
    since: u64,
}

impl Places {
    /// The last place at or before `position`.
    pub(super) fn before(&self, position: Position) -> Option<Place> {
        let after = self.table.partition_point(|place| place.first() <= position);
        after.checked_sub(1).map(|at| self.table[at])
    }

    /// The first place that is known.
    fn first(&self) -> Option<Place> {
        self.table.first().copied()
    }

    /// Notes that a frame of `bytes` stands at `place`, read in order.
    pub(super) fn note(&mut self, place: Place, bytes: usize) {
        let known = self.table.last().is_some_and(|last| last.offset >= place.offset);
        if known {
            return;
        }
        if self.table.is_empty() || self.since >= PLACE_STEP_BYTES {
            self.table.push(place);
            self.since = 0;
        }
        self.since += bytes as u64;
    }

    /// Keeps a place that was searched for.
    pub(super) fn keep(&mut self, place: Place) {
        let at = self.table.partition_point(|it| it.offset < place.offset);
        if self.table.get(at).is_none_or(|it| it.offset != place.offset) {
            self.table.insert(at, place);
        }
    }

    /// A place at or before `position`: from the table, or searched for on `tape` below it.
    pub(super) fn find(&mut self, tape: &mut Tape, position: Position) -> Result<Place, PortError> {
        if let Some(place) = self.before(position) {
            return Ok(place);
        }
        let (low, end) = tape.bounds()?;
        let high = self.first().map_or(end, |place| place.offset);
        let place = search(tape, low, high, position)?;
        self.keep(place);
        Ok(place)
    }
}

/// The next message, and its offset.
pub(super) fn next_message(tape: &mut Tape) -> Result<(i64, Message), PortError> {
    let (offset, bytes) = tape.next()?;
    Ok((offset, read(&bytes, &|| tape.place(offset))?))
}

/// A place at or before `position` in the offsets from `low` up to `high`.
fn search(tape: &mut Tape, low: i64, high: i64, position: Position) -> Result<Place, PortError> {
    if low == 0 && position == 0 {
        return Ok(Place { offset: 0, reading: Reading::default() });
    }
    let (mut from, mut to) = (low, high);
    while to - from > SEARCH_SPAN_OFFSETS {
        let middle = from + (to - from) / 2;
        match first_frame(tape, middle, to)? {
            Some(first) if first <= position => from = middle,
            _ => to = middle,
        }
    }
    let mut back = SEARCH_SPAN_OFFSETS;
    while from > low {
        if let Some(place) = believed(tape, from, high)?.filter(|it| it.first() <= position) {
            return Ok(place);
        }
        from = (from - back).max(low);
        back *= 4;
    }
    if low == 0 {
        return Ok(Place { offset: 0, reading: Reading::default() });
    }
    let what = format!("position {position}: {} and all before it are gone", tape.place(low));
    Err(PortError::new(PortFault::Missing, what))
}

/// The first position of the first frame at or after `offset` and before `to`.
fn first_frame(tape: &mut Tape, offset: i64, to: i64) -> Result<Option<Position>, PortError> {
    tape.seek(offset)?;
    while tape.next_offset() < to {
        if let Some(head) = next_message(tape)?.1.head {
            return Ok(Some(head.first));
        }
    }
    Ok(None)
}

/// The place of the first frame at or after `offset`, where its own writer later says before `to`
/// that it was durable.
fn believed(tape: &mut Tape, offset: i64, to: i64) -> Result<Option<Place>, PortError> {
    tape.seek(offset)?;
    let mut candidate: Option<(Place, Position)> = None;
    while tape.next_offset() < to {
        let (offset, Message { envelope, head }) = next_message(tape)?;
        match (candidate, head) {
            (None, Some(head)) => {
                let reading = Reading { writer: Some(envelope.writer), end: head.first };
                let place = Place { offset, reading };
                candidate = Some((place, head.first + u64::from(head.count)));
            }
            (Some((place, after)), _) => {
                let same = place.reading.writer == Some(envelope.writer);
                if same && envelope.durable >= after {
                    return Ok(Some(place));
                }
                let newer = place.reading.writer.is_some_and(|it| it.epoch < envelope.writer.epoch);
                if newer {
                    return Ok(None);
                }
            }
            (None, None) => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::envelope::Writer;
    use super::*;

    fn place(first: Position, offset: i64) -> Place {
        let writer = Some(Writer { epoch: 1, number: 1 });
        Place { offset, reading: Reading { writer, end: first } }
    }

    #[test]
    fn the_table_is_sparse_and_in_order() {
        let mut places = Places::default();
        for at in 0..100 {
            places.note(place(at * 10, i64::try_from(at).unwrap_or(0) + 1), 30 << 10);
        }
        // Read once more: nothing new.
        places.note(place(0, 1), 30 << 10);
        assert_eq!(places.table.len(), 34);
        for (position, expected) in [(0, 0), (29, 0), (30, 30), (995, 990)] {
            assert_eq!(places.before(position).map(|it| it.first()), Some(expected));
        }
        places.keep(place(5, 1));
        assert_eq!(places.table.len(), 34);
    }
}
