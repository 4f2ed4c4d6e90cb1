//! Events whose reference has not arrived, found by the hash of what they wait for.

use crate::port::Position;
use std::collections::{BTreeSet, HashMap};

/// What waits for what.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    by_reference: HashMap<u64, BTreeSet<Position>>,
    references: HashMap<Position, u64>,
}

impl Waiting {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.references.is_empty()
    }

    /// Whether the record at `position` waits.
    pub fn contains(&self, position: Position) -> bool {
        self.references.contains_key(&position)
    }

    /// Positions of every waiting record, in no order.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        self.references.keys().copied()
    }

    /// Notes that the record at `position` waits for the key with hash `reference`.
    pub fn insert(&mut self, position: Position, reference: u64) {
        self.by_reference.entry(reference).or_default().insert(position);
        self.references.insert(position, reference);
    }

    /// Removes a record that waits no longer.
    pub fn remove(&mut self, position: Position) {
        let Some(reference) = self.references.remove(&position) else { return };
        if let Some(positions) = self.by_reference.get_mut(&reference) {
            positions.remove(&position);
            if positions.is_empty() {
                self.by_reference.remove(&reference);
            }
        }
    }

    /// The records that may wait for the key with this hash, ascending. Other keys may share it.
    pub fn for_key(&self, hash: u64) -> Vec<Position> {
        self.by_reference.get(&hash).map(|set| set.iter().copied().collect()).unwrap_or_default()
    }
}
