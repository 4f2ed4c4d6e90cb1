//! `verify`: the batch road against the stream road, every statement at its cut, every tree, and
//! the counters. It changes nothing; the caller records the result.

use crate::batch::{self, Recomputed, Task};
use crate::close::Closed;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lookup::Lookup;
use crate::port::Position;
use std::sync::Arc;

mod effects;
mod statements;
mod totals;
mod tree;

/// Differences listed per check: enough to begin with, the count tells how many there are.
pub const DIFFERENCES_LISTED_MAX: usize = 50;

/// What a verification found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// The position up to which everything was compared.
    pub position: Position,
    /// Records of sources that were recomputed.
    pub events: u64,
    /// Each check by name, with how many things were compared.
    pub checks: Vec<(&'static str, u64)>,
    /// Differences, one sentence each, at most [`DIFFERENCES_LISTED_MAX`] per check.
    pub differences: Vec<String>,
    /// All differences, those not listed included.
    pub differences_count: u64,
}

impl VerifyReport {
    /// Whether everything agrees.
    pub fn is_clean(&self) -> bool {
        self.differences_count == 0
    }

    fn take_in(&mut self, other: Self) {
        self.checks.extend(other.checks);
        self.differences_count += other.differences_count;
        self.differences.extend(other.differences);
    }

    fn differ(&mut self, text: String) {
        self.differences_count += 1;
        if self.differences.len() < DIFFERENCES_LISTED_MAX {
            self.differences.push(text);
        }
    }
}

/// Told what is being done and how many records of it are done; from any thread.
pub type Progress<'a> = &'a (dyn Fn(&'static str, u64) + Sync);

impl Engine {
    /// Recomputes everything from the raw events and compares it with what is stored.
    ///
    /// # Errors
    /// When a port fails; differences are in the report.
    pub fn verify(
        &self,
        threads: usize,
        progress: Progress<'_>,
    ) -> Result<VerifyReport, EngineError> {
        let closed = self.all_closed()?;
        let plans = statements::Plans::new(&self.state.books, &closed)?;
        let mut recomputed = self.recompute_views(&plans.views(&closed)?, threads, progress)?;
        let mut report = VerifyReport {
            position: self.store.position(),
            events: recomputed.events,
            ..VerifyReport::default()
        };
        let mut stated = VerifyReport::default();
        let effects = statements::compare(&plans, &closed, &recomputed, &mut stated)?;
        effects.join(&mut recomputed)?;
        totals::compare(self, &mut recomputed, &mut report)?;
        self.compare_counters(&recomputed, &mut report);
        let (count, differences) = self.verify_invoices()?;
        report.checks.push(("invoices", count));
        differences.into_iter().for_each(|text| report.differ(text));
        report.take_in(stated);
        drop(recomputed);
        tree::check(self, threads, progress, &mut report)?;
        Ok(report)
    }

    /// The batch road alone.
    ///
    /// # Errors
    /// When the Log cannot be read or a sum leaves its range.
    pub fn recompute(
        &self,
        closed: &[(String, String, Closed)],
        threads: usize,
        progress: Progress<'_>,
    ) -> Result<Recomputed, EngineError> {
        let plans = statements::Plans::new(&self.state.books, closed)?;
        self.recompute_views(&plans.views(closed)?, threads, progress)
    }

    fn recompute_views(
        &self,
        views: &statements::Views<'_>,
        threads: usize,
        progress: Progress<'_>,
    ) -> Result<Recomputed, EngineError> {
        let revisions = self.state.books.clone();
        let books = |revision: u32| -> Option<Arc<Lookup>> {
            revisions.get(revision).ok().map(|found| Arc::clone(&found.lookup))
        };
        batch::recompute(&Task {
            log: self.log.as_ref(),
            operator: &self.operator,
            books: &books,
            up_to: self.store.position(),
            cuts: &views.cuts,
            fine: &views.fine,
            threads,
            keys_max: batch::KEYS_MAX,
            progress: &|records| progress("recomputing", records),
        })
    }

    fn compare_counters(&self, recomputed: &Recomputed, report: &mut VerifyReport) {
        report.checks.push(("counters", self.state.counters.len() as u64));
        for (source, counters) in &self.state.counters {
            if !counters.hold() {
                report.differ(format!("{source}: received is not the sum of its parts"));
            }
            let found = recomputed.counts.get(source).copied().unwrap_or_default();
            let stored = [
                counters.received,
                counters.posted,
                counters.duplicate,
                counters.waiting,
                counters.quarantined,
                counters.refused,
            ];
            let expected = [
                found.received,
                found.posted,
                found.duplicate,
                found.waiting,
                found.quarantined,
                found.refused,
            ];
            if stored != expected {
                report.differ(format!(
                    "{source}: received, posted, duplicate, waiting, quarantined, refused are \
                     {stored:?}, the raw events give {expected:?}"
                ));
            }
        }
        for source in recomputed.counts.keys() {
            if !self.state.counters.contains_key(source) {
                report.differ(format!("{source}: the raw events have it, the counters do not"));
            }
        }
    }
}
