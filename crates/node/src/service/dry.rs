//! What rows would become if they were brought in now: the very stages and the very decision, with
//! nobody's pseudonym made, no raw row kept, and nothing appended.

use super::Service;
use crate::intake::FRAME_RECORDS_MAX;
use crate::intake::lines::Worker;
use crate::{NodeError, code};
use engine::Would;
use engine::port::{PortError, Pseudonym, Vault};
use engine::record::Record;
use ledger::{Outcome, Reject};
use std::ops::Range;
use std::sync::Arc;

/// Most rows that are tried together: those of one frame, so that each sees the ones before it.
pub const DRY_ROWS_MAX: usize = FRAME_RECORDS_MAX;

/// What a row would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRow {
    /// Its outcome.
    pub outcome: Outcome,
    /// Why, where it would be quarantined.
    pub reject: Option<Reject>,
    /// What is wrong in particular, of a row that is no event.
    pub reason: Option<String>,
}

/// People who are replaced by nobody: personal values are in no hash, and so change no decision.
struct Nobody;

impl Vault for Nobody {
    fn pseudonyms(&self, subjects: &[&str], out: &mut Vec<Pseudonym>) -> Result<(), PortError> {
        out.extend(subjects.iter().map(|_| [0; 16]));
        Ok(())
    }

    fn flush(&self) -> Result<(), PortError> {
        Ok(())
    }

    fn find(&self, _: &str) -> Option<Pseudonym> {
        None
    }

    fn erase(&self, _: &str) -> Result<bool, PortError> {
        Ok(false)
    }

    fn len(&self) -> usize {
        0
    }
}

impl Service {
    /// What each of these rows of a body would become, after those before it.
    ///
    /// # Errors
    /// [`code::TOO_MANY_ROWS`] beyond [`DRY_ROWS_MAX`]; as [`Service::deliver`]; a failing port.
    pub fn would(
        &self,
        source: &str,
        body: &[u8],
        rows: &[Range<usize>],
    ) -> Result<Vec<DryRow>, NodeError> {
        if rows.len() > DRY_ROWS_MAX {
            let what = format!("{} of at most {DRY_ROWS_MAX} that are tried", rows.len());
            return Err(NodeError::said(code::TOO_MANY_ROWS, what));
        }
        self.source_known(source)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let lookup = self.shared.rules.lock().lookup.clone();
        let lookup = lookup.ok_or_else(|| NodeError::said(code::NO_BOOK, ""))?;
        let mut context = self.shared.context(source, lookup)?;
        context.vault = Arc::new(Nobody);
        context.keep_raw = false;
        let (mut worker, mut at) = (Worker::default(), 0);
        for row in rows {
            let row = body.get(row.clone()).unwrap_or_default();
            worker.row(row, at, &context);
            at += row.len();
        }
        let frame = worker.finish(&[], &context)?.prepared;
        let would = self.shared.session.lock().operator.engine.would(&frame)?;
        let told = would.into_iter().enumerate().map(|(at, Would { outcome, reject })| {
            let reason = match frame.record(at) {
                Ok(Record::Unreadable(row)) => Some(row.reason.to_owned()),
                _ => None,
            };
            DryRow { outcome, reject, reason }
        });
        Ok(told.collect())
    }
}
