//! Step three for one record: what is known of its key and of what it refers to, and what that
//! makes of it.

use super::{NO_SLOT, Step};
use crate::document::{self, Contest, Quarantined, WaitingDocument};
use crate::error::EngineError;
use crate::key::Space;
use crate::locate::Located;
use crate::port::{Position, Table};
use crate::prepare::{Prepared, Row};
use ledger::decide::{Decision, Own, Post, Target, decide, decide_new};
use ledger::{Outcome, Reject};
use std::sync::Arc;

impl Step<'_> {
    /// Decides on the record `at` of the frame and notes its effects.
    pub(super) fn judge(&mut self, frame: &Arc<Prepared>, at: usize) -> Result<(), EngineError> {
        let row = &frame.rows[at];
        if row.reject != 0 {
            let reject = Reject::from_number(row.reject).unwrap_or(Reject::Unreadable);
            self.failures.push((u32::try_from(at).unwrap_or(u32::MAX), reject));
            let located = self.located(frame, at);
            let outcome = self.quarantine(&located, reject)?;
            self.block.outcomes.push(outcome_byte(outcome));
            return Ok(());
        }
        let (own, other) = self.own(frame, at)?;
        if own == Own::Absent
            && let Some(target) = self.quick_target(frame, at)
            && let decision = decide(&frame.lookup.rules, row.kind, own, target)
            && decision.outcome == Outcome::Posted
            && decision.post == Post::Legs
        {
            return self.post_new(frame, at, target);
        }
        let (target, original) = if own == Own::Absent && row.reference != 0 {
            self.target_of_row(frame, at)?
        } else {
            (Target::None, None)
        };
        let decision = decide(&frame.lookup.rules, row.kind, own, target);
        let located = self.located(frame, at);
        self.block.outcomes.push(outcome_byte(decision.outcome));
        let outcome = self.effect(&located, decision, original.as_ref(), other)?;
        self.block.outcomes[at] = outcome_byte(outcome);
        Ok(())
    }

    /// The common case: a new event that posts the legs of its kind.
    fn post_new(
        &mut self,
        frame: &Arc<Prepared>,
        at: usize,
        target: Target,
    ) -> Result<(), EngineError> {
        let original_at = match target {
            Target::Posted { occurred_at, .. } => Some(occurred_at),
            Target::None | Target::Absent => None,
        };
        let (own, position) = (frame.rows[at].own, self.first + at as u64);
        self.block.outcomes.push(Outcome::Posted as u8);
        self.commit.keys.push((own, position));
        self.scratch.overlay.insert(own, at);
        self.post_row(frame, at, original_at)?;
        self.release_for(own, position)
    }

    /// What the record refers to, where that is plain to see: nothing, or a posted event of this
    /// frame or a recent one, of the same source and under the same rules.
    fn quick_target(&self, frame: &Arc<Prepared>, at: usize) -> Option<Target> {
        let row = &frame.rows[at];
        if row.reference == 0 {
            return Some(Target::None);
        }
        if row.cancel != 0 || row.foreign {
            return None;
        }
        let id = id_of(&frame.frame.records, row.reference_at, row.reference_length);
        let named = |other: &Prepared, found: usize| {
            let candidate = &other.rows[found];
            candidate.own == row.reference
                && candidate.reject == 0
                && id_of(&other.frame.records, candidate.id_at, candidate.id_length) == id
        };
        let posted = |candidate: &Row| Target::Posted {
            kind: candidate.kind,
            occurred_at: candidate.occurred_at,
            same_amount: true,
            cancelled: false,
        };
        for found in self.scratch.overlay.find(row.reference) {
            if self.block.outcomes[found] == Outcome::Posted as u8 && named(frame, found) {
                return Some(posted(&frame.rows[found]));
            }
        }
        let state = &self.engine.state;
        for position in self.listed(self.scratch.reference_slots[at]) {
            let unusual = state.void.contains(&position)
                || state.waiting.contains(position)
                || state.replayed.contains_key(&position);
            if !unusual
                && let Some((other, found)) = state.recent.find(position)
                && Arc::ptr_eq(&other.lookup, &frame.lookup)
                && other.header.source == frame.header.source
                && named(other, found)
            {
                return Some(posted(&other.rows[found]));
            }
        }
        None
    }

    /// Notes the effects of a decision on a record of this frame.
    fn effect(
        &mut self,
        event: &Located,
        decision: Decision,
        original: Option<&Located>,
        other: Option<Position>,
    ) -> Result<Outcome, EngineError> {
        match decision.outcome {
            Outcome::Posted => {
                self.key(event);
                self.post(event, decision.post, original)?;
                self.release_for(event.row().own, event.position)?;
                Ok(Outcome::Posted)
            }
            Outcome::Waiting => {
                self.key(event);
                self.wait(event);
                Ok(Outcome::Waiting)
            }
            Outcome::Quarantined => {
                let reject = decision.reject.unwrap_or(Reject::Contest);
                let outcome = self.quarantine(event, reject)?;
                if outcome == Outcome::Quarantined {
                    self.failures.push((u32::try_from(event.at).unwrap_or(u32::MAX), reject));
                    if let (Reject::Contest, Some(first)) = (reject, other) {
                        self.contest(event, first)?;
                    }
                }
                Ok(outcome)
            }
            outcome => Ok(outcome),
        }
    }

    /// Adds the record's own key.
    pub(super) fn key(&mut self, event: &Located) {
        self.add_key(event.row().own, event);
    }

    /// Adds a key that leads to the record.
    pub(super) fn add_key(&mut self, hash: u64, event: &Located) {
        self.commit.keys.push((hash, event.position));
        if self.in_frame(event) {
            self.scratch.overlay.insert(hash, event.at);
        } else {
            self.late_keys.push((hash, event.position));
        }
    }

    /// Quarantines a record that was posted or waiting: its key is free, its content is known.
    pub(super) fn give_up(&mut self, event: &Located, reject: Reject) -> Result<(), EngineError> {
        self.engine.state.void.insert(event.position);
        let hash = self.content_key(event)?;
        self.add_key(hash, event);
        self.put_quarantined(event, reject, true);
        Ok(())
    }

    /// Whether the record belongs to the frame being consumed (and not to an earlier one).
    pub(super) fn in_frame(&self, event: &Located) -> bool {
        self.frame.as_ref().is_some_and(|frame| Arc::ptr_eq(frame, &event.frame))
    }

    /// Notes that a record waits.
    pub(super) fn wait(&mut self, event: &Located) {
        let row = event.row();
        self.engine.state.waiting.insert(event.position, row.reference);
        let waiting = WaitingDocument {
            source: event.source().to_owned(),
            reference: row.reference,
            occurred_at: row.occurred_at,
        };
        self.put(Table::Waiting, document::position_key(event.position), waiting.encode());
    }

    /// Quarantines a record, unless the same content is there already: then it is a repeat.
    pub(super) fn quarantine(
        &mut self,
        event: &Located,
        reject: Reject,
    ) -> Result<Outcome, EngineError> {
        let hash = self.content_key(event)?;
        if self.content_known(event, hash)? {
            return Ok(Outcome::Duplicate);
        }
        self.add_key(hash, event);
        self.put_quarantined(event, reject, false);
        Ok(Outcome::Quarantined)
    }

    /// Writes the document of a quarantined record.
    pub(super) fn put_quarantined(&mut self, event: &Located, reject: Reject, void: bool) {
        let source = event.source().to_owned();
        let quarantined = Quarantined { source, reject, void };
        self.put(Table::Quarantine, document::position_key(event.position), quarantined.encode());
    }

    /// The hash under which the record's content is found among quarantined ones.
    pub(super) fn content_key(&self, event: &Located) -> Result<u64, EngineError> {
        if event.row().reject != 0 {
            return Ok(event.row().own);
        }
        Ok(self.engine.keys.bytes(Space::Quarantined, event.event_record()?.canonical))
    }

    pub(super) fn content_known(&self, event: &Located, hash: u64) -> Result<bool, EngineError> {
        if let Some(frame) = &self.frame {
            for at in self.scratch.overlay.find(hash) {
                let quarantined = self.block.outcomes[at] == Outcome::Quarantined as u8;
                if quarantined && same_content(event, &self.located(frame, at))? {
                    return Ok(true);
                }
            }
        }
        let late = self.late_keys.iter().filter(|(key, _)| *key == hash).map(|(_, p)| *p);
        for position in self.engine.probe(hash)?.into_iter().chain(late) {
            if position != event.position && same_content(event, &self.engine.find(position)?)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn contest(&mut self, event: &Located, first: Position) -> Result<(), EngineError> {
        let other = self.find(first)?.row().occurred_at;
        let mine = event.row().occurred_at;
        let contest = Contest {
            source: event.source().to_owned(),
            first,
            from: other.min(mine),
            to: other.max(mine),
        };
        self.put(Table::Contest, document::position_key(event.position), contest.encode());
        Ok(())
    }

    /// What is known of the record's own key, and where it is held.
    pub(super) fn own(
        &mut self,
        frame: &Arc<Prepared>,
        at: usize,
    ) -> Result<(Own, Option<Position>), EngineError> {
        let row = &frame.rows[at];
        let slot = u32::try_from(at).unwrap_or(NO_SLOT);
        let found = &self.scratch.found;
        while self.own_cursor < found.len() && found[self.own_cursor].0 < slot {
            self.own_cursor += 1;
        }
        let listed = found.get(self.own_cursor).is_some_and(|(place, _)| *place == slot);
        if !listed && self.scratch.overlay.find(row.own).next().is_none() {
            return Ok((Own::Absent, None));
        }
        let event = self.located(frame, at);
        let candidates = self.candidates(slot);
        let Some(holder) = self.holder(row.own, event.source(), event.id(), &candidates)? else {
            return Ok((Own::Absent, None));
        };
        if same_content(&event, &holder)? {
            return Ok((Own::Same, Some(holder.position)));
        }
        let hash = self.content_key(&event)?;
        let own = if self.content_known(&event, hash)? { Own::QuarantinedSame } else { Own::Other };
        Ok((own, Some(holder.position)))
    }

    fn candidates(&self, slot: u32) -> Vec<Position> {
        self.listed(slot).collect()
    }

    /// The positions that the index listed for one of the hashes asked for.
    fn listed(&self, slot: u32) -> impl Iterator<Item = Position> + '_ {
        let found = &self.scratch.found;
        let start = found.partition_point(|(place, _)| *place < slot);
        found[start..].iter().take_while(move |(place, _)| *place == slot).map(|(_, p)| *p)
    }

    /// The posted or waiting record with this key.
    pub(super) fn holder(
        &self,
        hash: u64,
        source: &str,
        id: &[u8],
        candidates: &[Position],
    ) -> Result<Option<Located>, EngineError> {
        if let Some(frame) = &self.frame
            && frame.header.source == source
        {
            for at in self.scratch.overlay.find(hash) {
                let held = [Outcome::Posted as u8, Outcome::Waiting as u8];
                let located = self.located(frame, at);
                if held.contains(&self.block.outcomes[at]) && located.id() == id {
                    return Ok(Some(located));
                }
            }
        }
        let late = self.late_keys.iter().filter(|(key, _)| *key == hash).map(|(_, p)| p);
        for position in candidates.iter().chain(late) {
            if self.engine.state.void.contains(position) {
                continue;
            }
            let located = self.engine.find(*position)?;
            if located.row().own == hash && located.source() == source && located.id() == id {
                return Ok(Some(located));
            }
        }
        Ok(None)
    }

    pub(super) fn target_of_row(
        &self,
        frame: &Arc<Prepared>,
        at: usize,
    ) -> Result<(Target, Option<Located>), EngineError> {
        let slot = self.scratch.reference_slots[at];
        let event = self.located(frame, at);
        let candidates = self.candidates(slot);
        let cancels = if event.row().cancel == 0 { Vec::new() } else { self.candidates(slot + 1) };
        self.target(&event, &candidates, &cancels)
    }

    /// What is known of the event that `event` refers to.
    pub(super) fn target(
        &self,
        event: &Located,
        candidates: &[Position],
        cancels: &[Position],
    ) -> Result<(Target, Option<Located>), EngineError> {
        let row = event.row();
        let own_source = (event.source(), event.reference_id());
        let (source, id) = if row.foreign {
            event.reference()?.map_or(own_source, |(source, id)| (source, id.as_bytes()))
        } else {
            own_source
        };
        let Some(original) = self.holder(row.reference, source, id, candidates)? else {
            return Ok((Target::Absent, None));
        };
        if self.engine.state.waiting.contains(original.position) {
            return Ok((Target::Absent, None));
        }
        let found = original.row();
        let cancelled = row.cancel != 0 && self.cancelled(event, source, id, cancels)?;
        let same_amount = !row.has_amount
            || (found.minor == row.minor && asset_code(&original) == asset_code(event));
        let kind_name = &original.frame.lookup.rules.kinds[usize::from(found.kind)].name;
        let kind = event.frame.lookup.rules.kind(kind_name).unwrap_or(u16::MAX);
        let occurred_at = found.occurred_at;
        Ok((Target::Posted { kind, occurred_at, same_amount, cancelled }, Some(original)))
    }

    /// Whether a posted cancel of the event (source, id) exists.
    fn cancelled(
        &self,
        event: &Located,
        source: &str,
        id: &[u8],
        candidates: &[Position],
    ) -> Result<bool, EngineError> {
        let hash = event.row().cancel;
        if let Some(frame) = &self.frame {
            for at in self.scratch.overlay.find(hash) {
                let other = self.located(frame, at);
                let posted = self.block.outcomes[at] == Outcome::Posted as u8;
                if posted && other.row().cancel == hash && refers_to(&other, source, id)? {
                    return Ok(true);
                }
            }
        }
        let late = self.late_keys.iter().filter(|(key, _)| *key == hash).map(|(_, p)| p);
        for position in candidates.iter().chain(late) {
            let other = self.find(*position)?;
            let live = !self.engine.state.void.contains(position);
            if live && other.row().cancel == hash && refers_to(&other, source, id)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The record at `position`, of this frame or an earlier one.
    pub(super) fn find(&self, position: Position) -> Result<Located, EngineError> {
        if let Some(frame) = &self.frame
            && let Some(at) = position.checked_sub(self.first)
            && let Ok(at) = usize::try_from(at)
            && at < frame.rows.len()
        {
            return Ok(self.located(frame, at));
        }
        self.engine.find(position)
    }

    /// Decides again on a record that is not new: one that waited, or was quarantined.
    pub(super) fn judge_again(
        &mut self,
        event: &Located,
    ) -> Result<(Decision, Option<Located>), EngineError> {
        let row = *event.row();
        let (target, original) = if row.reference == 0 {
            (Target::None, None)
        } else {
            let candidates = self.engine.probe(row.reference)?;
            let cancels =
                if row.cancel == 0 { Vec::new() } else { self.engine.probe(row.cancel)? };
            self.target(event, &candidates, &cancels)?
        };
        Ok((decide_new(&event.frame.lookup.rules, row.kind, target), original))
    }
}

fn id_of(records: &[u8], at: u32, length: u8) -> &[u8] {
    &records[at as usize..at as usize + usize::from(length)]
}

fn outcome_byte(outcome: Outcome) -> u8 {
    if outcome == Outcome::Duplicate { 0 } else { outcome as u8 }
}

fn asset_code(event: &Located) -> Option<&str> {
    let row = event.row();
    row.has_amount
        .then(|| event.frame.lookup.rules.assets.get(usize::from(row.asset)))
        .flatten()
        .map(|asset| asset.code.as_str())
}

fn refers_to(event: &Located, source: &str, id: &[u8]) -> Result<bool, EngineError> {
    let to = event.reference()?;
    Ok(to.is_some_and(|(to_source, to_id)| to_source == source && to_id.as_bytes() == id))
}

/// Whether two records state the same: canonical bytes, or for unreadable rows the raw hash.
fn same_content(a: &Located, b: &Located) -> Result<bool, EngineError> {
    use crate::record::Record::{Event, Unreadable};
    Ok(match (a.record()?, b.record()?) {
        (Event(a), Event(b)) => a.canonical == b.canonical,
        (Unreadable(a), Unreadable(b)) => a.raw_hash == b.raw_hash,
        _ => false,
    })
}
