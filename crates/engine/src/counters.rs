//! How many records of a source are in which state: received is always the sum of the others.

use crate::wire::{BadBytes, Reader, Writer};
use ledger::Outcome;

/// Records of one source by current state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Everything that came, refused included.
    pub received: u64,
    /// Posted to the ledger.
    pub posted: u64,
    /// Repeats.
    pub duplicate: u64,
    /// Lacking their reference.
    pub waiting: u64,
    /// Kept for a person.
    pub quarantined: u64,
    /// Turned away at the door.
    pub refused: u64,
}

impl Counters {
    /// Whether nothing has vanished.
    pub fn hold(&self) -> bool {
        let parts = [self.posted, self.duplicate, self.waiting, self.quarantined, self.refused];
        parts.iter().sum::<u64>() == self.received
    }

    /// Counts a new record.
    pub fn receive(&mut self, outcome: Outcome) {
        self.received += 1;
        if let Some(count) = self.of(outcome) {
            *count += 1;
        }
    }

    /// Moves a record from one state to another.
    pub fn shift(&mut self, from: Outcome, to: Outcome) {
        if let Some(count) = self.of(from) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = self.of(to) {
            *count += 1;
        }
    }

    /// Adds another source's counters.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.posted += other.posted;
        self.duplicate += other.duplicate;
        self.waiting += other.waiting;
        self.quarantined += other.quarantined;
        self.refused += other.refused;
    }

    fn of(&mut self, outcome: Outcome) -> Option<&mut u64> {
        match outcome {
            Outcome::Quarantined => Some(&mut self.quarantined),
            Outcome::Duplicate => Some(&mut self.duplicate),
            Outcome::Waiting => Some(&mut self.waiting),
            Outcome::Posted => Some(&mut self.posted),
            Outcome::Refused => Some(&mut self.refused),
            Outcome::Command => None,
        }
    }

    /// Appends six u64.
    pub fn encode(&self, writer: &mut Writer) {
        writer.u64(self.received).u64(self.posted).u64(self.duplicate);
        writer.u64(self.waiting).u64(self.quarantined).u64(self.refused);
    }

    /// Reads six u64.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(Self {
            received: reader.u64()?,
            posted: reader.u64()?,
            duplicate: reader.u64()?,
            waiting: reader.u64()?,
            quarantined: reader.u64()?,
            refused: reader.u64()?,
        })
    }
}
