//! Commands that change what has become of records.

use super::record::State;
use super::{Exact, Lived, Verdict};
use crate::control::Command;
use crate::error::EngineError;
use crate::port::Position;

impl Exact<'_> {
    /// Carries out the command at position `at`.
    pub(super) fn command(&mut self, at: Position, command: Command) -> Result<(), EngineError> {
        match command {
            Command::Book { revision, .. } => {
                self.revision = revision;
                Ok(())
            }
            Command::Refused { source, count, .. } => {
                let counts = self.counts.entry(source).or_default();
                counts.received += count;
                counts.refused += count;
                Ok(())
            }
            Command::Door { refused } => {
                for (source, _, count) in refused {
                    let counts = self.counts.entry(source).or_default();
                    counts.received += count;
                    counts.refused += count;
                }
                Ok(())
            }
            Command::Resolve { later, keep_later, .. } => self.resolve(later, keep_later, at),
            Command::Replay { position } => {
                if !self.is_quarantined(position) {
                    return Ok(());
                }
                self.known_mut(position)?.revision = self.revision;
                self.verify(position)?;
                self.stand_in(position, position, at)
            }
            Command::Fix { position, .. } => {
                if !self.is_quarantined(position) {
                    return Ok(());
                }
                self.verify(at)?;
                self.stand_in(position, at, at)
            }
            // Everything else changes no record.
            _ => Ok(()),
        }
    }

    fn is_quarantined(&self, position: Position) -> bool {
        self.records.get(&position).is_some_and(|known| known.state == Some(State::Quarantined))
    }

    fn verify(&mut self, position: Position) -> Result<(), EngineError> {
        let origins = self.origins;
        self.known_mut(position)?.verify(origins)
    }

    /// Lets `position` (itself or its correction) stand for the quarantined record `old`, where
    /// it can stand at all.
    fn stand_in(
        &mut self,
        old: Position,
        position: Position,
        at: Position,
    ) -> Result<(), EngineError> {
        let known = self.known(position)?;
        if known.checked.is_err() {
            return Ok(());
        }
        let (key, body) = (known.own_key()?, known.body.clone());
        if let Some(holder) = self.holders.get(&key) {
            if self.known(*holder)?.body == body {
                self.contests.remove(&old);
                self.set(old, State::Duplicate)?;
            }
            return Ok(());
        }
        let verdict = self.verdict(position)?;
        if matches!(verdict, Verdict::Refuse) {
            return Ok(());
        }
        self.contests.remove(&old);
        if position != old {
            self.set(old, State::Replaced)?;
            let counted = self.known(old)?.counted.clone();
            self.known_mut(position)?.counted = counted;
        }
        self.admit(position, &key, verdict, at)
    }

    /// Ends a contest; where the later content wins, what holds the key gives way to it.
    fn resolve(
        &mut self,
        later: Position,
        keep_later: bool,
        at: Position,
    ) -> Result<(), EngineError> {
        if !self.contests.remove(&later) || !keep_later {
            return Ok(());
        }
        let key = self.known(later)?.own_key()?;
        if let Some(first) = self.holders.get(&key).copied() {
            self.withdraw(first, at)?;
            self.give_up(first, &key)?;
        }
        match self.verdict(later)? {
            Verdict::Refuse => Ok(()),
            verdict => self.admit(later, &key, verdict, at),
        }
    }

    /// Undoes what was posted for a record, by postings the other way round.
    fn withdraw(&mut self, position: Position, at: Position) -> Result<(), EngineError> {
        let known = self.known_mut(position)?;
        let booked = std::mem::take(&mut known.booked);
        let target = known.target().ok();
        if let Some(target) = target {
            if let Some(lacking) = self.lacking.get_mut(&target) {
                lacking.remove(&position);
            }
            if self.cancels.get(&target) == Some(&position) {
                self.cancels.remove(&target);
            }
        }
        let epoch = self.epochs.of(at);
        self.sums.reverse(&booked, epoch);
        if let Some(lived) = self.journal.iter().rev().find(|lived| lived.position == position) {
            let Lived { of, revision, .. } = *lived;
            self.journal.push(Lived { position, of, revision, epoch, booked, is_back: true });
        }
        Ok(())
    }
}
