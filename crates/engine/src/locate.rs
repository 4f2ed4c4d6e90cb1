//! Finding the record behind a position: in the frames kept in memory, or in the Log.

use crate::books::Books;
use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::key::KeyHasher;
use crate::port::{Frame, FrameKind, Log, Position};
use crate::prepare::{Parts, Prepared, Preparer, Row};
use crate::recent::Recent;
use crate::record::{EventRecord, EventsHeader, NO_RAW, Record};
use crate::trace::{TraceId, Traces};
use crate::wire::BadBytes;
use ledger::EventView;
use proof::digest::BlindKey;
use std::collections::HashMap;
use std::sync::Arc;

/// A record with its prepared row.
#[derive(Clone, Debug)]
pub struct Located {
    /// Where it is in the Log.
    pub position: Position,
    /// The frame it is in (of one record, when it was read from the Log).
    pub frame: Arc<Prepared>,
    /// Its place in the frame.
    pub at: usize,
    /// Its place in the frame of the Log that it came in.
    pub place: usize,
}

impl Located {
    /// Its row.
    pub fn row(&self) -> &Row {
        &self.frame.rows[self.at]
    }

    /// Its source.
    pub fn source(&self) -> &str {
        &self.frame.header.source
    }

    /// What brought it.
    pub fn trace(&self) -> Option<TraceId> {
        self.frame.header.traces.of(u32::try_from(self.place).ok()?)
    }

    /// Its id, as bytes.
    pub fn id(&self) -> &[u8] {
        self.frame.id(self.at)
    }

    /// Id of what it refers to, as bytes; empty when it refers to nothing.
    pub fn reference_id(&self) -> &[u8] {
        let row = self.row();
        let at = row.reference_at as usize;
        &self.frame.frame.records[at..at + usize::from(row.reference_length)]
    }

    /// Its record.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn record(&self) -> Result<Record<'_>, BadBytes> {
        self.frame.record(self.at)
    }

    /// Its event record.
    ///
    /// # Errors
    /// [`BadBytes`] when it is not an event.
    pub fn event_record(&self) -> Result<EventRecord<'_>, BadBytes> {
        match self.record()? {
            Record::Event(record) => Ok(record),
            Record::Unreadable(_) => Err(BadBytes),
        }
    }

    /// Its event.
    ///
    /// # Errors
    /// [`BadBytes`] when it is not an event.
    pub fn event(&self) -> Result<EventView<'_>, BadBytes> {
        EventView::decode(self.event_record()?.canonical).map_err(|_| BadBytes)
    }

    /// Source and id of what it refers to.
    ///
    /// # Errors
    /// [`BadBytes`] when it is not an event.
    pub fn reference(&self) -> Result<Option<(&str, &str)>, BadBytes> {
        Ok(self.event()?.reference.map(|to| (to.source, to.id)))
    }
}

/// Where records are looked for.
#[derive(Clone, Copy)]
pub struct Locator<'a> {
    /// The Log.
    pub log: &'a dyn Log,
    /// Frames in memory.
    pub recent: &'a Recent,
    /// Book revisions.
    pub books: &'a Books,
    /// Hashes of keys.
    pub keys: &'a KeyHasher,
    /// Records that were verified again, and the revision they stand under.
    pub replayed: &'a HashMap<Position, u32>,
}

impl Locator<'_> {
    /// The record at `position`: an event, an unreadable row, or the event of a fix command.
    ///
    /// # Errors
    /// When it cannot be read or is neither.
    pub fn find(&self, position: Position) -> Result<Located, EngineError> {
        let revision = self.replayed.get(&position);
        if let (Some((frame, at)), None) = (self.recent.find(position), revision) {
            return Ok(Located { position, frame: Arc::clone(frame), at, place: at });
        }
        let (mut header, mut record) = (Vec::new(), Vec::new());
        let found = self.log.fetch(position, &mut header, &mut record)?;
        let place = usize::try_from(position - found.first).map_err(|_| BadBytes)?;
        let mut frame = match found.kind {
            FrameKind::Events => single(header, record),
            FrameKind::Control => {
                fix_frame(&record, TraceId::of_command(&header)?).map_err(|_| {
                    let what = format!("no event at position {position}: it is a command");
                    EngineError::Unknown(what)
                })?
            }
        };
        if let Some(revision) = revision {
            let header =
                EventsHeader { revision: *revision, ..EventsHeader::decode(&frame.header)? };
            frame.header = header.encode();
        }
        Ok(Located { position, frame: Arc::new(self.prepare(frame)?), at: 0, place })
    }

    /// Prepares a frame under the revision that its header names, without leaves.
    ///
    /// # Errors
    /// When the revision is unknown or a record is not one.
    pub fn prepare(&self, frame: Frame) -> Result<Prepared, EngineError> {
        let header = EventsHeader::decode(&frame.header)?;
        let lookup = Arc::clone(&self.books.get(header.revision)?.lookup);
        let parts = Parts { tree: false, ..Parts::default() };
        let blind = Arc::new(BlindKey::new(&[0; 32]));
        let (keys, pool) = (self.keys.clone(), Arc::default());
        let preparer = Preparer { keys, blind, lookup, parts, pool };
        Ok(preparer.prepare(Arc::new(frame))?)
    }
}

/// A frame of one record.
pub fn single(header: Vec<u8>, record: Vec<u8>) -> Frame {
    let ends = vec![u32::try_from(record.len()).unwrap_or(u32::MAX)];
    Frame { kind: FrameKind::Events, header, records: record, ends }
}

/// The corrected event of a fix command, as if it had come in a frame of its own; `trace` is what
/// brought the command, where that is to be told.
///
/// # Errors
/// [`BadBytes`] when the record is not a fix.
pub fn fix_frame(record: &[u8], trace: Option<TraceId>) -> Result<Frame, BadBytes> {
    let control = Control::decode(record)?;
    let Command::Fix { source, record, operator, revision, .. } = control.command else {
        return Err(BadBytes);
    };
    let header = EventsHeader {
        operator,
        source,
        received_at: control.at,
        revision,
        mapping: String::new(),
        raw_block: NO_RAW,
        file: [0; 32],
        rows_done: 0,
        last: false,
        traces: Traces::whole(trace),
    };
    Ok(single(header.encode(), record))
}
