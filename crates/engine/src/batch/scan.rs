//! One reading of the Log on all threads: each thread takes a stretch of positions, checks every
//! record, books what seems valid, and writes down the keys.

use super::Task;
use super::keys::{Buckets, Flags, Hashes, KeyRecord, Reference};
use super::origin::{Origin, Origins, Tally};
use super::sums::{Epochs, How, Sums};
use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::port::{FrameKind, FrameView, Position};
use crate::record::{EventRecord, EventsHeader, Record};
use crate::stage;
use crate::wire::BadBytes;
use ledger::EventView;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which keys to write down; sums and counters are made along with the first part only.
pub(super) enum Keep {
    /// One of several equal parts.
    Part {
        /// Which, from 0.
        round: u64,
        /// Of how many.
        rounds: u64,
    },
    /// These.
    Keys(HashSet<u64>),
}

impl Keep {
    fn takes(&self, key: u64) -> bool {
        match self {
            Self::Part { rounds: 1, .. } => true,
            // The low bits: the high ones choose the bucket.
            Self::Part { round, rounds } => key % rounds == *round,
            Self::Keys(keys) => keys.contains(&key),
        }
    }

    fn is_first(&self) -> bool {
        matches!(self, Self::Part { round: 0, .. })
    }
}

/// What one reading found.
#[derive(Default)]
pub(super) struct Scanned {
    pub sums: Sums,
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
                let worker = Worker::new(task, origins, epochs, keep, &done);
                scope.spawn(move || worker.read(stretch))
            })
            .collect();
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, EngineError>>()
    })?;
    for (at, worker) in workers.into_iter().enumerate() {
        if at == 0 {
            scanned.sums = worker.sums;
        } else {
            scanned.sums.merge(&worker.sums)?;
        }
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
    known: HashMap<(String, u32), Arc<Origin>>,
    sums: Sums,
    tally: Tally,
    events: u64,
    commands: Vec<(Position, Control)>,
    keys: Buckets<KeyRecord>,
    references: Buckets<Reference>,
}

/// What the records of a frame share.
struct Shared<'f> {
    origin: &'f Origin,
    source: &'f str,
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
    ) -> Self {
        Self {
            task,
            origins,
            epochs,
            keep,
            done,
            known: HashMap::new(),
            sums: Sums::default(),
            tally: Tally::default(),
            events: 0,
            commands: Vec::new(),
            keys: Buckets::default(),
            references: Buckets::default(),
        }
    }

    fn read(mut self, stretch: Range<Position>) -> Result<Self, EngineError> {
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
            match view.kind {
                FrameKind::Events => self.events(&view, inside)?,
                FrameKind::Control => self.commands(&view, inside)?,
            }
            let done = self.done.fetch_add(records, Ordering::Relaxed) + records;
            (self.task.progress)(done);
        }
        Ok(self)
    }

    fn origin(&mut self, source: &str, revision: u32) -> Result<Arc<Origin>, EngineError> {
        let name = (source.to_owned(), revision);
        if let Some(origin) = self.known.get(&name) {
            return Ok(Arc::clone(origin));
        }
        let origin = self.origins.get(source, revision)?;
        self.known.insert(name, Arc::clone(&origin));
        Ok(origin)
    }

    fn events(&mut self, view: &FrameView<'_>, inside: Range<Position>) -> Result<(), EngineError> {
        let header = EventsHeader::decode(view.header)?;
        if header.operator != self.task.operator {
            let what = format!("the frame at {} is of operator {}", view.first, header.operator);
            return Err(EngineError::Form(what));
        }
        let origin = self.origin(&header.source, header.revision)?;
        let shared = Shared {
            origin: &origin,
            source: &header.source,
            hashes: Hashes::source(&header.source),
            received_at: header.received_at,
            is_fix: false,
        };
        for position in inside {
            let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
            self.record(&shared, position, view.record(place).ok_or(BadBytes)?)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        shared: &Shared<'_>,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), EngineError> {
        let record = match Record::decode(bytes)? {
            Record::Event(record) => return self.event(shared, position, &record),
            Record::Unreadable(record) => record,
        };
        let key = Hashes::unreadable(&record.raw_hash);
        let flags = Flags { fix: shared.is_fix, exact: shared.is_fix, refers: false };
        let sort = shared.origin.rejected();
        let content = Hashes::content(&record.raw_hash);
        self.note(KeyRecord::new(key, content, position, sort, flags));
        Ok(())
    }

    fn event(
        &mut self,
        shared: &Shared<'_>,
        position: Position,
        record: &EventRecord<'_>,
    ) -> Result<(), EngineError> {
        let origin = shared.origin;
        let event = EventView::decode(record.canonical).map_err(|_| BadBytes)?;
        let checked = stage::check(&origin.lookup, &event, origin.source_id, shared.received_at);
        let key = shared.hashes.id(event.id);
        let content = Hashes::content(record.canonical);
        let mut flags = Flags { fix: shared.is_fix, exact: shared.is_fix, refers: false };
        let Ok(checked) = checked else {
            self.note(KeyRecord::new(key, content, position, origin.rejected(), flags));
            return Ok(());
        };
        flags.refers = event.reference.is_some();
        flags.exact |= flags.refers && origin.is_late(checked.kind);
        let sort = origin.base + u32::from(checked.kind);
        let noted = KeyRecord::new(key, content, position, sort, flags);
        if let Some(to) = event.reference {
            let target = if to.source == shared.source {
                shared.hashes.id(to.id)
            } else {
                Hashes::source(to.source).id(to.id)
            };
            if self.keep.takes(target) {
                self.references.push(noted.reference(target));
            }
        }
        if self.keep.is_first() && !flags.exact {
            let (occurred, epoch) = (event.occurred_at, self.epochs.of(position));
            let how = How { occurred, original: occurred, epoch, reverse: false };
            self.sums.book(origin, &checked, &event, how, 1)?;
        }
        self.note(noted);
        Ok(())
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
                let origin = self.origin(source, *revision)?;
                let shared = Shared {
                    origin: &origin,
                    source,
                    hashes: Hashes::source(source),
                    received_at: control.at,
                    is_fix: true,
                };
                self.record(&shared, position, record)?;
            }
            self.commands.push((position, control));
        }
        Ok(())
    }
}
