//! What a frame would become if it were consumed now. Nothing of the engine's memory or Store
//! changes; what the frame itself would release later is not looked at.

use super::{Scratch, Step};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::prepare::Prepared;
use ledger::decide::{Decision, Own, Post, Target, decide};
use ledger::{Outcome, Reject};
use std::sync::Arc;

/// What a record would become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Would {
    /// Its outcome.
    pub outcome: Outcome,
    /// Why, where it would be quarantined, or repeats what failed a stage.
    pub reject: Option<Reject>,
}

impl Engine {
    /// What each record of a prepared frame would become.
    ///
    /// # Errors
    /// A failing port.
    pub fn would(&mut self, frame: &Arc<Prepared>) -> Result<Vec<Would>, EngineError> {
        let first = self.store.position();
        let mut step = Step::new(self, first);
        step.scratch.overlay.reset(frame.rows.len());
        step.load(frame)?;
        step.frame = Some(Arc::clone(frame));
        let found = (0..frame.rows.len()).map(|at| step.would(frame, at)).collect();
        let Step { engine, scratch, .. } = step;
        engine.scratch = Scratch { found: Vec::new(), ..scratch };
        found
    }
}

impl Step<'_> {
    /// What the record `at` would become, after those before it.
    fn would(&mut self, frame: &Arc<Prepared>, at: usize) -> Result<Would, EngineError> {
        let row = &frame.rows[at];
        let event = self.located(frame, at);
        let (decision, key) = if row.reject == 0 {
            let (own, _) = self.own(frame, at)?;
            let target = if own == Own::Absent && row.reference != 0 {
                match self.target_of_row(frame, at)? {
                    (_, Some(original)) if self.waits_here(&original) => Target::Absent,
                    (target, _) => target,
                }
            } else {
                Target::None
            };
            (decide(&frame.lookup.rules, row.kind, own, target), row.own)
        } else {
            let reject = Reject::from_number(row.reject).unwrap_or(Reject::Unreadable);
            (Decision::quarantine(reject), self.content_key(&event)?)
        };
        let mut outcome = decision.outcome;
        let mut key = Some(key).filter(|_| outcome != Outcome::Duplicate);
        if outcome == Outcome::Quarantined {
            let hash = self.content_key(&event)?;
            let known = self.content_known(&event, hash)?;
            key = Some(hash).filter(|_| !known);
            outcome = if known { Outcome::Duplicate } else { outcome };
        }
        if let Some(key) = key {
            self.scratch.overlay.insert(key, at);
        }
        if decision.post == Post::Reversal {
            self.scratch.overlay.insert(row.cancel, at);
        }
        let noted = if outcome == Outcome::Duplicate { 0 } else { outcome as u8 };
        self.block.outcomes.push(noted);
        // A repeat of what failed a stage is told with the stage's reason, as it is when applied.
        let told = outcome == Outcome::Quarantined || row.reject != 0;
        let reject = decision.reject.filter(|_| told);
        Ok(Would { outcome, reject })
    }

    /// Whether a record of this frame would wait.
    fn waits_here(&self, original: &crate::locate::Located) -> bool {
        let waiting = |outcome: &u8| *outcome == Outcome::Waiting as u8;
        self.in_frame(original) && self.block.outcomes.get(original.at).is_some_and(waiting)
    }
}
