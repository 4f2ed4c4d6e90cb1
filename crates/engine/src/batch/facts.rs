//! Records read again by position: those that must be lived through.

use super::Task;
use super::keys::{Hashes, KeyRecord};
use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::port::{FrameKind, FrameView, Position};
use crate::record::{EventsHeader, Record};
use crate::wire::BadBytes;
use ledger::EventView;
use std::sync::Arc;

/// Where the wanted records are at least this dense, the Log is read on instead of fetched from.
const DENSE_RECORDS: u64 = 24;

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Body {
    /// An event, canonical.
    Event(Arc<[u8]>),
    /// The keyed hash of a row that could not be read.
    Unreadable([u8; 32]),
}

/// A record with what its frame says of it.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub position: Position,
    pub source: String,
    pub received_at: i64,
    pub revision: u32,
    /// Whether it is the corrected event of a command.
    pub is_fix: bool,
    pub body: Body,
}

impl Fact {
    fn event(&self) -> Option<EventView<'_>> {
        match &self.body {
            Body::Event(canonical) => EventView::decode(canonical).ok(),
            Body::Unreadable(_) => None,
        }
    }

    /// Hash of the key that it refers to.
    pub fn target_key(&self) -> Option<u64> {
        let to = self.event()?.reference?;
        Some(Hashes::source(to.source.as_bytes()).id(to.id.as_bytes()))
    }
}

/// Reads the facts of `records` (ascending by position), in their order.
pub(super) fn read(task: &Task<'_>, records: &[KeyRecord]) -> Result<Vec<Fact>, EngineError> {
    let parts = on_threads(task, records, |records| {
        let mut facts = Vec::with_capacity(records.len());
        each(task, records, &mut |_, fact| {
            facts.push(fact);
            Ok(())
        })?;
        Ok(facts)
    })?;
    Ok(parts.into_iter().flatten().collect())
}

fn on_threads<T: Send>(
    task: &Task<'_>,
    records: &[KeyRecord],
    work: impl Fn(&[KeyRecord]) -> Result<T, EngineError> + Sync,
) -> Result<Vec<T>, EngineError> {
    let part = records.len().div_ceil(task.threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let work = &work;
        let started: Vec<_> =
            records.chunks(part).map(|part| scope.spawn(move || work(part))).collect();
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect()
    })
}

type Visit<'v> = dyn FnMut(KeyRecord, Fact) -> Result<(), EngineError> + 'v;

fn each(task: &Task<'_>, records: &[KeyRecord], visit: &mut Visit<'_>) -> Result<(), EngineError> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
    let span = last.position() - first.position();
    if span / DENSE_RECORDS < records.len() as u64 {
        return each_in_order(task, records, visit);
    }
    let (mut header, mut bytes) = (Vec::new(), Vec::new());
    for record in records {
        let position = record.position();
        let kind = task.log.fetch(position, &mut header, &mut bytes)?.kind;
        visit(*record, fact(kind, position, &header, &bytes)?)?;
    }
    Ok(())
}

fn each_in_order(
    task: &Task<'_>,
    records: &[KeyRecord],
    visit: &mut Visit<'_>,
) -> Result<(), EngineError> {
    let mut rest = records.iter().peekable();
    let Some(first) = rest.peek() else { return Ok(()) };
    let mut reader = task.log.reader(first.position())?;
    while let Some(next) = rest.peek() {
        let view = reader.next_frame()?.ok_or(BadBytes)?;
        if next.position() >= view.first + view.len() as u64 {
            continue;
        }
        while let Some(record) = rest.next_if(|record| holds(&view, record.position())) {
            let position = record.position();
            let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
            let bytes = view.record(place).ok_or(BadBytes)?;
            visit(*record, fact(view.kind, position, view.header, bytes)?)?;
        }
    }
    Ok(())
}

fn holds(view: &FrameView<'_>, position: Position) -> bool {
    (view.first..view.first + view.len() as u64).contains(&position)
}

fn fact(
    kind: FrameKind,
    position: Position,
    header: &[u8],
    bytes: &[u8],
) -> Result<Fact, EngineError> {
    if kind == FrameKind::Events {
        let EventsHeader { source, received_at, revision, .. } = EventsHeader::decode(header)?;
        let body = body(bytes)?;
        return Ok(Fact { position, source, received_at, revision, is_fix: false, body });
    }
    let Control { at: received_at, command, .. } = Control::decode(bytes)?;
    let Command::Fix { source, revision, record, .. } = command else {
        return Err(BadBytes.into());
    };
    let body = body(&record)?;
    Ok(Fact { position, source, received_at, revision, is_fix: true, body })
}

fn body(bytes: &[u8]) -> Result<Body, BadBytes> {
    Ok(match Record::decode(bytes)? {
        Record::Event(record) => Body::Event(record.canonical.into()),
        Record::Unreadable(record) => Body::Unreadable(record.raw_hash),
    })
}
