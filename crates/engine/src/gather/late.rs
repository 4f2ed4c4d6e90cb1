//! What a scan in order of the Log cannot tell at once: postings made later than their record
//! came, and cancels, which stand for what they cancel.

use super::scan::{Grouper, Plan, Side};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::key::Space;
use crate::locate::fix_frame;
use crate::port::{FrameKind, Log, Position};
use crate::record::{EventsHeader, Record};
use crate::wire::BadBytes;
use ledger::event::EventFields;
use std::collections::BTreeMap;

/// Sides that wait for the record that they are of.
#[derive(Default)]
pub(super) struct Left {
    /// By position of the record.
    late: BTreeMap<Position, Vec<Side>>,
    /// By position of the cancel.
    cancels: BTreeMap<Position, Vec<Side>>,
    /// By position of the cancel: source and id of what it cancels.
    targets: BTreeMap<Position, (String, String)>,
}

impl Left {
    pub fn late(&mut self, position: Position, side: Side) {
        self.late.entry(position).or_default().push(side);
    }

    pub fn cancel(&mut self, position: Position, side: Side) {
        self.cancels.entry(position).or_default().push(side);
    }

    /// Notes what a cancel refers to.
    pub fn refer(&mut self, position: Position, reference: Option<(&[u8], &[u8])>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if let Some((source, id)) = reference {
            self.targets.insert(position, (text(source), text(id)));
        }
    }

    pub fn merge(&mut self, other: Self) {
        for (position, mut sides) in other.late {
            self.late.entry(position).or_default().append(&mut sides);
        }
        self.cancels.extend(other.cancels);
        self.targets.extend(other.targets);
    }
}

/// Adds everything that is left.
pub(super) fn resolve(
    engine: &Engine,
    plan: &Plan<'_>,
    mut left: Left,
    grouper: &mut Grouper<'_>,
) -> Result<(), EngineError> {
    for (position, mut sides) in std::mem::take(&mut left.late) {
        let record = Fetched::of(plan.log, position)?;
        let event = record.event()?;
        let revision = grouper.revision(position, record.revision);
        if grouper.is_cancel(revision, &event)? {
            left.refer(position, event.reference);
            left.cancels.entry(position).or_default().append(&mut sides);
        } else {
            record.add(position, &sides, grouper)?;
        }
    }
    for (original, sides) in originals(engine, plan, left)? {
        Fetched::of(plan.log, original)?.add(original, &sides, grouper)?;
    }
    Ok(())
}

/// The sides of cancels, by the position of what these cancel.
fn originals(
    engine: &Engine,
    plan: &Plan<'_>,
    left: Left,
) -> Result<BTreeMap<Position, Vec<Side>>, EngineError> {
    let Left { cancels, targets, .. } = left;
    let hash = |(source, id): &(String, String)| engine.keys.event(Space::Event, source, id);
    let hashes: Vec<u64> = targets.values().map(hash).collect();
    let mut found = Vec::new();
    engine.store().probe(&hashes, &mut found)?;
    found.retain(|(_, position)| !engine.state().void.contains(position));
    found.sort_unstable();
    let mut by_original: BTreeMap<Position, Vec<Side>> = BTreeMap::new();
    let mut candidates = found.into_iter().peekable();
    let mut holders = BTreeMap::new();
    for ((cancel, (source, id)), slot) in targets.iter().zip(0u32..) {
        while let Some((_, position)) = candidates.next_if(|(at, _)| *at == slot) {
            let record = Fetched::of(plan.log, position)?;
            // Hashes find records, but only their bytes say whether they are meant.
            let is_meant = record
                .event()
                .is_ok_and(|event| event.source == source.as_bytes() && event.id == id.as_bytes());
            if is_meant {
                holders.insert(*cancel, position);
            }
        }
    }
    for (cancel, mut sides) in cancels {
        let original = holders.get(&cancel).copied().unwrap_or(cancel);
        by_original.entry(original).or_default().append(&mut sides);
    }
    Ok(by_original)
}

/// A record read by its position.
struct Fetched {
    revision: u32,
    record: Vec<u8>,
}

impl Fetched {
    fn of(log: &dyn Log, position: Position) -> Result<Self, EngineError> {
        let (mut header, mut record) = (Vec::new(), Vec::new());
        if log.fetch(position, &mut header, &mut record)?.kind == FrameKind::Control {
            let frame = fix_frame(&record, None)?;
            (header, record) = (frame.header, frame.records);
        }
        Ok(Self { revision: EventsHeader::decode(&header)?.revision, record })
    }

    fn event(&self) -> Result<EventFields<'_>, EngineError> {
        let Record::Event(record) = Record::decode(&self.record)? else {
            return Err(BadBytes.into());
        };
        Ok(EventFields::decode(record.canonical).map_err(|_| BadBytes)?)
    }

    /// Adds sides that are of this record.
    fn add(
        &self,
        position: Position,
        sides: &[Side],
        grouper: &mut Grouper<'_>,
    ) -> Result<(), EngineError> {
        let Record::Event(record) = Record::decode(&self.record)? else {
            return Err(BadBytes.into());
        };
        let revision = grouper.revision(position, self.revision);
        grouper.begin(revision, &self.event()?, &record)?;
        sides.iter().try_for_each(|side| grouper.add(side))
    }
}
