//! One reading of the Log on all threads: each thread takes a stretch of positions, checks every
//! record, writes down the keys, and what to book should the event prove plain.

use super::Task;
use super::hash::NONE;
use super::keys::{Buckets, Flags, Hashes, KeyRecord, Reference};
use super::known::Known;
use super::origin::{Origins, Tally};
use super::part::Part;
use super::paths::NOWHERE;
use super::sums::{Epochs, GROUP};
use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::port::{FrameKind, FrameView, Position};
use crate::record::{EventsHeader, Record};
use crate::stage::{self, Checked};
use crate::wire::BadBytes;
use ledger::EventView;
use ledger::event::EventFields;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// What to write down. Counters are made along with the first part.
pub(super) enum Keep {
    /// One of several equal parts of the keys; where it is the only one, also what to book.
    Part {
        /// Which, from 0.
        round: u64,
        /// Of how many.
        rounds: u64,
    },
    /// These keys.
    Keys(HashSet<u64>),
    /// No keys: books everything but what is at these positions (ascending).
    Book(Vec<Position>),
}

impl Keep {
    fn takes(&self, key: u64) -> bool {
        match self {
            Self::Part { rounds: 1, .. } => true,
            // The low bits: the high ones choose the bucket.
            Self::Part { round, rounds } => key % rounds == *round,
            Self::Keys(keys) => keys.contains(&key),
            Self::Book(_) => false,
        }
    }

    fn is_first(&self) -> bool {
        matches!(self, Self::Part { round: 0, .. })
    }
}

/// What one reading found.
#[derive(Default)]
pub(super) struct Scanned {
    /// One a thread.
    pub parts: Vec<Part>,
    pub tally: Tally,
    pub events: u64,
    /// Ascending by position.
    pub commands: Vec<(Position, Control)>,
    /// One a thread.
    pub keys: Vec<Buckets<KeyRecord>>,
    /// One a thread.
    pub references: Vec<Buckets<Reference>>,
}

/// Reads the whole Log once.
pub(super) fn scan(
    task: &Task<'_>,
    origins: &Origins<'_>,
    epochs: &Epochs,
    keep: &Keep,
) -> Result<Scanned, EngineError> {
    let done = AtomicU64::new(0);
    let mut scanned = Scanned::default();
    let threads = task.threads.max(1) as u64;
    let part = task.up_to.div_ceil(threads).max(1);
    let workers = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|thread| (thread * part)..((thread + 1) * part).min(task.up_to))
            .map(|stretch| {
                let done = &done;
                let worker = move || Worker::new(task, origins, epochs, keep, done, &stretch);
                scope.spawn(move || worker().read())
            })
            .collect();
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, EngineError>>()
    })?;
    for worker in workers {
        scanned.parts.push(worker.part);
        scanned.tally.merge(&worker.tally);
        scanned.events += worker.events;
        scanned.commands.extend(worker.commands);
        scanned.keys.push(worker.keys);
        scanned.references.push(worker.references);
    }
    Ok(scanned)
}

struct Worker<'a> {
    task: &'a Task<'a>,
    origins: &'a Origins<'a>,
    epochs: &'a Epochs,
    keep: &'a Keep,
    done: &'a AtomicU64,
    stretch: Range<Position>,
    numbers: HashMap<(String, u32), usize>,
    known: Vec<Known>,
    /// Whether anything is to be booked.
    books: bool,
    part: Part,
    /// What was written down without legs: last steps of combinations, and place and position.
    steps: Vec<(u32, u32)>,
    later: Vec<(usize, Position)>,
    places: Vec<u32>,
    tally: Tally,
    events: u64,
    commands: Vec<(Position, Control)>,
    keys: Buckets<KeyRecord>,
    references: Buckets<Reference>,
}

/// What the records of a frame share.
struct Shared {
    /// Which of the worker's known origins.
    known: usize,
    hashes: Hashes,
    received_at: i64,
    is_fix: bool,
}

impl<'a> Worker<'a> {
    fn new(
        task: &'a Task<'a>,
        origins: &'a Origins<'a>,
        epochs: &'a Epochs,
        keep: &'a Keep,
        done: &'a AtomicU64,
        stretch: &Range<Position>,
    ) -> Self {
        let records = usize::try_from(stretch.end.saturating_sub(stretch.start)).unwrap_or(0);
        let (keys, entries) = match keep {
            Keep::Part { rounds: 1, .. } => (records, records),
            Keep::Part { .. } => (usize::try_from(task.keys_max).unwrap_or(0).min(records), 0),
            Keep::Keys(_) | Keep::Book(_) => (0, 0),
        };
        Self {
            task,
            origins,
            epochs,
            keep,
            done,
            stretch: stretch.clone(),
            numbers: HashMap::new(),
            known: Vec::new(),
            books: entries > 0 || matches!(keep, Keep::Book(_)),
            part: Part::from(stretch.start, entries),
            steps: Vec::new(),
            later: Vec::new(),
            places: Vec::new(),
            tally: Tally::default(),
            events: 0,
            commands: Vec::new(),
            keys: Buckets::with_room(keys),
            references: Buckets::with_room(keys / 2),
        }
    }

    fn read(mut self) -> Result<Self, EngineError> {
        let stretch = self.stretch.clone();
        if stretch.is_empty() {
            return Ok(self);
        }
        let mut reader = self.task.log.reader(stretch.start)?;
        while let Some(view) = reader.next_frame()? {
            if view.first >= stretch.end {
                break;
            }
            let after = view.first + view.len() as u64;
            let inside = view.first.max(stretch.start)..after.min(stretch.end);
            let records = inside.end.saturating_sub(inside.start);
            if let Keep::Book(_) = self.keep {
                self.part.restart(inside.start);
            }
            match view.kind {
                FrameKind::Events => self.events(&view, inside)?,
                FrameKind::Control => self.commands(&view, inside)?,
            }
            if let Keep::Book(except) = self.keep {
                self.part.book(self.epochs, except);
            }
            let done = self.done.fetch_add(records, Ordering::Relaxed) + records;
            (self.task.progress)(done);
        }
        Ok(self)
    }

    /// The number of an origin among those known.
    fn origin(&mut self, source: &str, revision: u32) -> Result<usize, EngineError> {
        let name = (source.to_owned(), revision);
        if let Some(number) = self.numbers.get(&name) {
            return Ok(*number);
        }
        self.known.push(Known::new(self.origins.get(source, revision)?));
        self.numbers.insert(name, self.known.len() - 1);
        Ok(self.known.len() - 1)
    }

    fn events(&mut self, view: &FrameView<'_>, inside: Range<Position>) -> Result<(), EngineError> {
        let header = EventsHeader::decode(view.header)?;
        if header.operator != self.task.operator {
            let what = format!("the frame at {} is of operator {}", view.first, header.operator);
            return Err(EngineError::Form(what));
        }
        let shared = Shared {
            known: self.origin(&header.source, header.revision)?,
            hashes: Hashes::source(header.source.as_bytes()),
            received_at: header.received_at,
            is_fix: false,
        };
        for position in inside {
            let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
            self.record(&shared, position, view.record(place).ok_or(BadBytes)?)?;
            if self.later.len() >= GROUP {
                self.tell_legs(&shared, view)?;
            }
        }
        self.tell_legs(&shared, view)
    }

    fn record(
        &mut self,
        shared: &Shared,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), EngineError> {
        let record = match Record::decode(bytes)? {
            Record::Event(record) => return self.event(shared, position, record.canonical),
            Record::Unreadable(record) => record,
        };
        let key = Hashes::unreadable(&record.raw_hash);
        let flags = Flags { fix: shared.is_fix, exact: shared.is_fix, refers: false };
        let sort = self.known[shared.known].origin.rejected();
        let content = shared.hashes.content(&record.raw_hash);
        self.note(KeyRecord::new(key, content, position, sort, flags));
        self.book_none();
        Ok(())
    }

    fn event(
        &mut self,
        shared: &Shared,
        position: Position,
        canonical: &[u8],
    ) -> Result<(), EngineError> {
        let event = EventFields::decode(canonical).map_err(|_| BadBytes)?;
        let checked = match self.known[shared.known].check(&event, shared.received_at) {
            Some(checked) => Some(checked),
            None => self.check(shared, &event, canonical)?,
        };
        let origin = &self.known[shared.known].origin;
        let key = shared.hashes.id(event.id);
        let content = shared.hashes.content(canonical);
        let mut flags = Flags { fix: shared.is_fix, exact: shared.is_fix, refers: false };
        let Some(checked) = checked else {
            self.note(KeyRecord::new(key, content, position, origin.rejected(), flags));
            self.book_none();
            return Ok(());
        };
        flags.refers = event.reference.is_some();
        flags.exact |= flags.refers && origin.is_late(checked.kind);
        let sort = origin.base + u32::from(checked.kind);
        let noted = KeyRecord::new(key, content, position, sort, flags);
        if let Some((source, id)) = event.reference {
            let hashes =
                if source == event.source { shared.hashes } else { Hashes::source(source) };
            let target = hashes.id(id);
            if self.keep.takes(target) {
                self.references.push(noted.reference(target));
            }
        }
        self.note(noted);
        if flags.exact {
            self.book_none();
        } else {
            self.book(shared, position, &event, &checked, canonical)?;
        }
        Ok(())
    }

    /// Checks an event stage by stage.
    fn check(
        &mut self,
        shared: &Shared,
        fields: &EventFields<'_>,
        canonical: &[u8],
    ) -> Result<Option<Checked>, EngineError> {
        let known = &mut self.known[shared.known];
        let event = EventView::decode(canonical).map_err(|_| BadBytes)?;
        let origin = &known.origin;
        let checked = stage::check(&origin.lookup, &event, origin.source_id, shared.received_at);
        if let Ok(checked) = &checked {
            known.remember(fields, checked);
        }
        Ok(checked.ok())
    }

    /// Writes down what to book for an event that must not be lived through.
    fn book(
        &mut self,
        shared: &Shared,
        position: Position,
        fields: &EventFields<'_>,
        checked: &Checked,
        canonical: &[u8],
    ) -> Result<(), EngineError> {
        if !self.books {
            return Ok(());
        }
        let (known, paths) = (&self.known[shared.known], &mut self.part.sums.paths);
        if let Some(step) = paths.last_step(known, checked) {
            let at = self.part.push_later(fields.occurred_at, checked.minor.unwrap_or(0));
            self.steps.push(step);
            self.later.push((at, position));
            return Ok(());
        }
        let event = EventView::decode(canonical).map_err(|_| BadBytes)?;
        match paths.find_or_write(known, checked, &event)? {
            NOWHERE => self.part.push_none(),
            legs => self.part.push(legs, fields.occurred_at, checked.minor.unwrap_or(0)),
        }
        Ok(())
    }

    /// Tells the legs of what was written down without them, many at a time. What has none that
    /// were seen before is looked at again.
    fn tell_legs(&mut self, shared: &Shared, view: &FrameView<'_>) -> Result<(), EngineError> {
        let mut places = std::mem::take(&mut self.places);
        self.part.sums.paths.find_all(&self.steps, &mut places);
        self.steps.clear();
        let later = std::mem::take(&mut self.later);
        for (legs, (at, position)) in places.iter().zip(&later) {
            let legs = match *legs {
                NONE => self.legs_again(shared, view, *position)?,
                found => found,
            };
            self.part.set_legs(*at, if legs == NOWHERE { NONE } else { legs });
        }
        self.places = places;
        self.later = later;
        self.later.clear();
        Ok(())
    }

    fn legs_again(
        &mut self,
        shared: &Shared,
        view: &FrameView<'_>,
        position: Position,
    ) -> Result<u32, EngineError> {
        let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
        let Record::Event(record) = Record::decode(view.record(place).ok_or(BadBytes)?)? else {
            return Err(BadBytes.into());
        };
        let fields = EventFields::decode(record.canonical).map_err(|_| BadBytes)?;
        let known = &mut self.known[shared.known];
        // It passed before; this brings its values back.
        let checked = match known.check(&fields, shared.received_at) {
            Some(checked) => checked,
            None => self.check(shared, &fields, record.canonical)?.ok_or(BadBytes)?,
        };
        let event = EventView::decode(record.canonical).map_err(|_| BadBytes)?;
        let known = &self.known[shared.known];
        self.part.sums.paths.find_or_write(known, &checked, &event)
    }

    fn book_none(&mut self) {
        if self.books {
            self.part.push_none();
        }
    }

    fn note(&mut self, record: KeyRecord) {
        if self.keep.takes(record.key) {
            self.keys.push(record);
        }
        if self.keep.is_first() && !record.is_fix() {
            self.tally.receive(record.sort());
            self.events += 1;
        }
    }

    fn commands(
        &mut self,
        view: &FrameView<'_>,
        inside: Range<Position>,
    ) -> Result<(), EngineError> {
        for position in inside {
            let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
            let control = Control::decode(view.record(place).ok_or(BadBytes)?)?;
            if let Command::Fix { source, revision, record, .. } = &control.command {
                let shared = Shared {
                    known: self.origin(source, *revision)?,
                    hashes: Hashes::source(source.as_bytes()),
                    received_at: control.at,
                    is_fix: true,
                };
                self.record(&shared, position, record)?;
            } else {
                self.book_none();
            }
            if self.keep.is_first() {
                self.commands.push((position, control));
            }
        }
        Ok(())
    }
}
