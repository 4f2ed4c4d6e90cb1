//! Lists of what needs a person: quarantined records and open contests.

use crate::document::{self, Contest, Quarantined};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::record::Record;
use crate::trace::TraceId;
use ledger::Reject;

/// Which quarantined records to list.
#[derive(Clone, Debug, Default)]
pub struct QuarantineFilter {
    /// Of this source only.
    pub source: Option<String>,
    /// With this code only: `E2401`.
    pub code: Option<String>,
    /// After this position.
    pub after: Option<Position>,
    /// At most this many.
    pub limit: Option<usize>,
}

/// A quarantined record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Its position: the name under which it is shown, fixed and replayed.
    pub position: Position,
    /// Its source.
    pub source: String,
    /// Why.
    pub reject: Reject,
    /// One sentence more, for a row that could not be read.
    pub reason: String,
    /// Its event id, when it could be read.
    pub id: Option<String>,
    /// When it was received, nanoseconds UTC.
    pub received_at: i64,
    /// What brought it.
    pub trace: Option<TraceId>,
}

/// An open contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestRow {
    /// Position of the later content: the name under which the contest is resolved.
    pub later: Position,
    /// Position of the content that is posted or waiting.
    pub first: Position,
    /// Source of both.
    pub source: String,
    /// Event id of both.
    pub id: String,
}

impl Engine {
    /// Quarantined records in order of position.
    ///
    /// # Errors
    /// A failing port.
    pub fn quarantined(
        &self,
        filter: &QuarantineFilter,
    ) -> Result<Vec<QuarantineRow>, EngineError> {
        let from = filter.after.map_or(0, |after| after.saturating_add(1));
        let limit = filter.limit.unwrap_or(usize::MAX);
        let (mut kept, mut bad) = (Vec::new(), None);
        self.store().documents(Table::Quarantine, &document::position_key(from), &mut |k, v| {
            match (document::key_position(k), Quarantined::decode(v)) {
                (Ok(position), Ok(row)) => {
                    let source = filter.source.as_ref().is_none_or(|source| source == &row.source);
                    let code = filter.code.as_ref().is_none_or(|code| code == row.reject.code());
                    if source && code && kept.len() < limit {
                        kept.push((position, row));
                    }
                }
                (Err(error), _) | (_, Err(error)) => bad = Some(error),
            }
            bad.is_none() && kept.len() < limit
        })?;
        if let Some(error) = bad {
            return Err(error.into());
        }
        kept.into_iter().map(|(position, row)| self.quarantine_row(position, row)).collect()
    }

    fn quarantine_row(
        &self,
        position: Position,
        row: Quarantined,
    ) -> Result<QuarantineRow, EngineError> {
        let located = self.find(position)?;
        let (reason, id) = match located.record()? {
            Record::Unreadable(record) => (record.reason.to_owned(), None),
            Record::Event(_) => {
                (String::new(), located.event().ok().map(|event| event.id.to_owned()))
            }
        };
        let (received_at, trace) = (located.frame.header.received_at, located.trace());
        let Quarantined { source, reject, .. } = row;
        Ok(QuarantineRow { position, source, reject, reason, id, received_at, trace })
    }

    /// Open contests in order of the later content's position.
    ///
    /// # Errors
    /// A failing port.
    pub fn contests(&self) -> Result<Vec<ContestRow>, EngineError> {
        let mut found = Vec::new();
        self.store().documents(Table::Contest, &[], &mut |key, value| {
            found.push(
                document::key_position(key).and_then(|key| Ok((key, Contest::decode(value)?))),
            );
            true
        })?;
        found
            .into_iter()
            .map(|entry| {
                let (later, contest) = entry?;
                let located = self.find(later)?;
                let id = located.event()?.id.to_owned();
                Ok(ContestRow { later, first: contest.first, source: contest.source, id })
            })
            .collect()
    }
}
