//! What is held of each source, by the hour at which it happened: how many events, their sums by
//! kind and asset, and a digest that does not depend on their order.
//!
//! Held are the events that are posted or waiting: each id once, with the content that counts.
//! The digest is the sum of their content hashes as numbers of 256 bits, least byte first, without
//! what is carried beyond. It grows by one addition for each event and shrinks by one for each that
//! gives way, so that nothing is sorted or kept; two sides that both compute it honestly find any
//! difference. It is for comparing, not for proving: what a statement stands on is shown by lists
//! that nobody can forge (`proof::events`).

use crate::block::Block;
use crate::control::{Command, Control};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::key::Space;
use crate::port::{FrameKind, Position};
use crate::record::{EventsHeader, Record};
use crate::streams::CONTROL;
use ledger::{EventView, Outcome};
use proof::Hash;
use proof::digest::content_hash;
use std::collections::{BTreeMap, HashSet};

/// Nanoseconds of an hour.
pub const HOUR_NANOS: i64 = 3_600_000_000_000;

/// What is held of one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldHour {
    /// Events.
    pub count: u64,
    /// Sum of their content hashes, least byte first.
    pub digest: [u8; 32],
    /// By kind and asset (empty for an event without an amount): events, and minor units.
    pub sums: BTreeMap<(String, String), (u64, i128)>,
}

/// What is held of every source, as far as the Log was looked at.
#[derive(Debug, Default)]
pub struct Held {
    next: Position,
    /// By source and hour since 1970: what was posted or waiting when it came.
    sources: BTreeMap<String, BTreeMap<i64, HeldHour>>,
    /// Records that were quarantined as they came, and corrections: they may be held since.
    unsure: HashSet<Position>,
}

impl HeldHour {
    fn put(&mut self, engine: &Engine, event: &EventView<'_>, hash: &Hash, sign: i128) {
        self.count = self.count.wrapping_add_signed(if sign > 0 { 1 } else { -1 });
        self.digest = sum(self.digest, if sign > 0 { hash.0 } else { minus(hash.0) });
        let asset = event.asset.unwrap_or_default();
        let scale = engine.asset_scale(asset);
        let minor = event.amount.and_then(|amount| amount.to_minor(scale).ok()).unwrap_or(0);
        let entry = self.sums.entry((event.kind.to_owned(), asset.to_owned())).or_default();
        entry.0 = entry.0.wrapping_add_signed(if sign > 0 { 1 } else { -1 });
        entry.1 = entry.1.wrapping_add(sign * minor);
        if entry.0 == 0 {
            self.sums.remove(&(event.kind.to_owned(), asset.to_owned()));
        }
    }
}

/// The sum of two numbers of 256 bits, least byte first.
fn sum(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    let (mut out, mut carry) = ([0; 32], 0u16);
    for (at, place) in out.iter_mut().enumerate() {
        carry += u16::from(a[at]) + u16::from(b[at]);
        [*place, _] = carry.to_le_bytes();
        carry >>= 8;
    }
    out
}

/// What, added to a number, gives nothing.
fn minus(a: [u8; 32]) -> [u8; 32] {
    let mut one = [0; 32];
    one[0] = 1;
    sum(a.map(|byte| !byte), one)
}

fn hour(nanos: i64) -> i64 {
    nanos.div_euclid(HOUR_NANOS)
}

impl Held {
    /// Looks at the next records of the Log that the Store has consumed, at least `most` of them
    /// where there are as many; whether it has now seen all.
    ///
    /// # Errors
    /// A failing port.
    pub fn advance(&mut self, engine: &Engine, most: u64) -> Result<bool, EngineError> {
        let (start, end) = (self.next, engine.store().position());
        if start >= end {
            return Ok(true);
        }
        let until = end.min(start.saturating_add(most));
        let outcomes = outcomes(engine, (start, until))?;
        let mut reader = engine.log().reader(start)?;
        while self.next < until
            && let Some(view) = reader.next_frame()?
        {
            let after = view.first + view.len() as u64;
            if view.kind == FrameKind::Control {
                for (position, at) in (view.first..after).zip(0..) {
                    let record = view.record(at).unwrap_or_default();
                    if matches!(Control::decode(record)?.command, Command::Fix { .. }) {
                        self.unsure.insert(position);
                    }
                }
            } else if let Some(outcomes) = outcomes.get(&view.first) {
                let source = EventsHeader::decode(view.header)?.source;
                let hours = self.sources.entry(source).or_default();
                for (at, outcome) in outcomes.iter().enumerate() {
                    let record = view.record(at).unwrap_or_default();
                    if *outcome == Outcome::Quarantined as u8 {
                        self.unsure.insert(view.first + at as u64);
                    } else if *outcome != 0
                        && let Record::Event(record) = Record::decode(record)?
                    {
                        add(engine, hours, record.canonical, 1)?;
                    }
                }
            }
            self.next = after;
        }
        Ok(self.next >= end)
    }

    /// What is held of a source in the hours of a span, those without an event left out; the Log
    /// must have been looked at to its end.
    ///
    /// # Errors
    /// A failing port.
    pub fn hours(
        &self,
        engine: &Engine,
        source: &str,
        (from, to): (i64, i64),
    ) -> Result<Vec<(i64, HeldHour)>, EngineError> {
        let inside = hour(from)..hour(to.saturating_add(HOUR_NANOS - 1));
        let known = self.sources.get(source).into_iter().flat_map(|all| all.range(inside.clone()));
        let mut found: BTreeMap<i64, HeldHour> =
            known.map(|(hour, held)| (*hour, held.clone())).collect();
        // What was posted or waiting and has given way since.
        for position in engine.state().void.iter().filter(|at| !self.unsure.contains(at)) {
            let located = engine.find(*position)?;
            if located.source() == source && inside.contains(&hour(located.row().occurred_at)) {
                add(engine, &mut found, located.event_record()?.canonical, -1)?;
            }
        }
        for position in &self.unsure {
            let Ok(located) = engine.find(*position) else { continue };
            if located.source() != source {
                continue;
            }
            let Ok(event) = located.event() else { continue };
            let holder = engine.holder(Space::Event, source, event.id)?;
            let holds = holder.is_some_and(|holder| holder.position == *position);
            if holds && inside.contains(&hour(event.occurred_at)) {
                add(engine, &mut found, located.event_record()?.canonical, 1)?;
            }
        }
        found.retain(|_, held| held.count > 0);
        Ok(found.into_iter().map(|(hour, held)| (hour * HOUR_NANOS, held)).collect())
    }
}

fn add(
    engine: &Engine,
    hours: &mut BTreeMap<i64, HeldHour>,
    canonical: &[u8],
    sign: i128,
) -> Result<(), EngineError> {
    let event = EventView::decode(canonical).map_err(|_| crate::wire::BadBytes)?;
    let held = hours.entry(hour(event.occurred_at)).or_default();
    held.put(engine, &event, &content_hash(canonical), sign);
    Ok(())
}

/// Outcome numbers of the frames of events that begin in a span of positions.
fn outcomes(
    engine: &Engine,
    (start, until): (Position, Position),
) -> Result<BTreeMap<Position, Vec<u8>>, EngineError> {
    let (mut found, mut bad) = (BTreeMap::new(), None);
    engine.store().blocks(start, &mut |bytes| {
        let block = Block::stream_of(bytes).and_then(|stream| {
            if stream == CONTROL { Ok(None) } else { Block::decode(bytes).map(Some) }
        });
        match block {
            Ok(Some(block)) if block.first >= until => false,
            Ok(Some(block)) => {
                found.insert(block.first, block.outcomes);
                true
            }
            Ok(None) => true,
            Err(error) => {
                bad = Some(error);
                false
            }
        }
    })?;
    bad.map_or(Ok(found), |error| Err(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_was_never_there() {
        let (a, b) = ([255; 32], std::array::from_fn(|at| u8::try_from(at).unwrap_or(0) ^ 0x5a));
        for (x, y) in [(a, b), (b, a), (a, a), ([0; 32], b)] {
            assert_eq!(sum(sum(x, y), minus(y)), x);
            assert_eq!(sum(x, y), sum(y, x));
        }
    }
}
