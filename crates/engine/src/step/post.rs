//! Posting: the legs of an event, or the reverse of what it cancels; and releasing what waited
//! for it.

use super::Step;
use crate::block::{Moved, Posted};
use crate::document;
use crate::error::EngineError;
use crate::locate::Located;
use crate::port::{Position, Table};
use crate::prepare::Prepared;
use ledger::decide::Post;
use ledger::rules::TimeBasis;
use ledger::time::Bucket;
use ledger::{Outcome, Reject, Total};
use std::sync::Arc;

/// The times that decide a posting's buckets, nanoseconds UTC.
#[derive(Clone, Copy)]
struct Times {
    occurred: i64,
    original: i64,
}

impl Times {
    fn bucket(self, basis: TimeBasis) -> Bucket {
        Bucket::of(match basis {
            TimeBasis::Occurred => self.occurred,
            TimeBasis::Original => self.original,
        })
    }
}

impl Step<'_> {
    /// Posts what a decision demands for `event`.
    pub(super) fn post(
        &mut self,
        event: &Located,
        post: Post,
        original: Option<&Located>,
    ) -> Result<(), EngineError> {
        let occurred = event.row().occurred_at;
        let original_at = original.map_or(occurred, |original| original.row().occurred_at);
        let times = Times { occurred, original: original_at };
        match (post, original) {
            (Post::Nothing, _) => Ok(()),
            (Post::Legs, _) => self.post_legs(event, event.position, times, false),
            (Post::Reversal, Some(original)) => {
                self.add_key(event.row().cancel, event);
                self.post_legs(original, event.position, times, true)
            }
            (Post::Reversal, None) => Err(EngineError::Form("a reversal of nothing".into())),
        }
    }

    /// Posts the legs of a row of the frame that refers to nothing.
    pub(super) fn post_row(
        &mut self,
        frame: &Arc<Prepared>,
        at: usize,
        original_at: Option<i64>,
    ) -> Result<(), EngineError> {
        let occurred = frame.rows[at].occurred_at;
        let times = Times { occurred, original: original_at.unwrap_or(occurred) };
        self.legs_of(frame, at)?;
        self.post_planned(frame.rows[at].minor, self.first + at as u64, times, false)
    }

    /// Posts the other way round whatever stands posted for the record at `position`, as the
    /// journal has it: what it referred to may be another record by now.
    pub(super) fn take_back(&mut self, position: Position) -> Result<(), EngineError> {
        for row in self.engine.posted_for(position)? {
            self.add_posting(Posted {
                debit: row.credit,
                credit: row.debit,
                debit_bucket: row.credit_bucket,
                credit_bucket: row.debit_bucket,
                ..row
            })?;
        }
        Ok(())
    }

    fn post_legs(
        &mut self,
        event: &Located,
        position: Position,
        times: Times,
        reverse: bool,
    ) -> Result<(), EngineError> {
        self.legs_of(&event.frame, event.at)?;
        self.post_planned(event.row().minor, position, times, reverse)
    }

    /// Puts the planned legs of a row into the scratch list.
    fn legs_of(&mut self, frame: &Prepared, at: usize) -> Result<(), EngineError> {
        let row = &frame.rows[at];
        if let Some(current) = &self.frame
            && std::ptr::eq(current.as_ref(), frame)
            && self.engine.state.accounts.legs(self.scratch.plans[at], &mut self.scratch.legs)
        {
            return Ok(());
        }
        let start = row.plan_at as usize;
        let key = &frame.plan_keys[start..start + usize::from(row.plan_length)];
        let accounts = &mut self.engine.state.accounts;
        if accounts.find(row.plan, key, &mut self.scratch.legs) {
            return Ok(());
        }
        let ends = &frame.frame.ends;
        let from = if at == 0 { 0 } else { ends[at - 1] as usize };
        let record = crate::record::Record::decode(&frame.frame.records[from..ends[at] as usize])?;
        let crate::record::Record::Event(record) = record else {
            return Err(EngineError::Form("an unreadable row has no accounts".into()));
        };
        let event = ledger::EventView::decode(record.canonical)
            .map_err(|error| EngineError::Form(error.to_string()))?;
        let legs = accounts
            .make(&frame.lookup, row.kind, &event, (row.plan, key))
            .ok_or_else(|| EngineError::Form("a verified event has no account path".into()))?;
        self.scratch.legs.extend_from_slice(legs);
        Ok(())
    }

    fn post_planned(
        &mut self,
        minor: i128,
        position: Position,
        times: Times,
        reverse: bool,
    ) -> Result<(), EngineError> {
        let amount = minor.abs();
        let swap = reverse != (minor < 0);
        for at in 0..self.scratch.legs.len() {
            let leg = self.scratch.legs[at];
            let debit = (leg.debit, times.bucket(leg.debit_basis));
            let credit = (leg.credit, times.bucket(leg.credit_basis));
            let (debit, credit) = if swap { (credit, debit) } else { (debit, credit) };
            self.add_posting(Posted {
                position,
                debit: debit.0,
                credit: credit.0,
                debit_bucket: debit.1,
                credit_bucket: credit.1,
                minor: amount,
            })?;
        }
        Ok(())
    }

    pub(crate) fn add_posting(&mut self, posted: Posted) -> Result<(), EngineError> {
        let Posted { debit, credit, debit_bucket, credit_bucket, minor, .. } = posted;
        self.scratch.deltas.add(debit, debit_bucket, Total::of_debit(minor))?;
        self.scratch.deltas.add(credit, credit_bucket, Total::of_credit(minor))?;
        if self.frame.is_some() && posted.position >= self.first {
            self.block.posted.push(posted);
        } else {
            self.block.released.push(posted);
        }
        Ok(())
    }

    /// Decides again on everything that waited for the record at `position`, whose key has this
    /// hash, and on what waited for that.
    pub(super) fn release_for(&mut self, hash: u64, position: Position) -> Result<(), EngineError> {
        if self.engine.state.waiting.is_empty() {
            return Ok(());
        }
        let mut work = vec![(hash, position)];
        while let Some((hash, position)) = work.pop() {
            let arrived = self.find(position)?;
            for waiter in self.engine.state.waiting.for_key(hash) {
                let event = self.find(waiter)?;
                let refers = event.reference()?.is_some_and(|(source, id)| {
                    source == arrived.source() && id.as_bytes() == arrived.id()
                });
                if refers && self.release(&event, &arrived)? {
                    work.push((event.row().own, event.position));
                }
            }
        }
        Ok(())
    }

    /// Decides again on one waiting record; whether it was posted.
    fn release(&mut self, event: &Located, arrived: &Located) -> Result<bool, EngineError> {
        let (decision, original) = {
            let cancels = match event.row().cancel {
                0 => Vec::new(),
                hash => self.engine.probe(hash)?,
            };
            let (target, original) = self.target(event, &[arrived.position], &cancels)?;
            let rules = &event.frame.lookup.rules;
            (ledger::decide::decide_new(rules, event.row().kind, target), original)
        };
        if decision.outcome == Outcome::Waiting {
            return Ok(false);
        }
        self.engine.state.waiting.remove(event.position);
        self.remove(Table::Waiting, document::position_key(event.position));
        self.change_outcome(event, Outcome::Waiting, decision.outcome);
        if decision.outcome == Outcome::Posted {
            self.post(event, decision.post, original.as_ref())?;
            return Ok(true);
        }
        self.give_up(event, decision.reject.unwrap_or(Reject::ReferenceKind))?;
        Ok(false)
    }

    /// Moves a record from one state to another, in the frame's outcomes or in the counters.
    pub(super) fn change_outcome(&mut self, event: &Located, from: Outcome, to: Outcome) {
        let place = usize::try_from(event.position.wrapping_sub(self.first)).ok();
        match place.and_then(|at| self.block.outcomes.get_mut(at)) {
            Some(outcome) if self.frame.is_some() => *outcome = to as u8,
            _ => {
                self.engine.state.counters(event.source()).shift(from, to);
                self.moved(event.position, from, to);
            }
        }
    }

    /// Notes in the journal that a record of an earlier frame came into another state.
    pub(super) fn moved(&mut self, position: Position, from: Outcome, to: Outcome) {
        self.block.moved.push(Moved { position, from: from as u8, to: to as u8 });
    }
}
