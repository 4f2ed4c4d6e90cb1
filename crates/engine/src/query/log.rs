//! The verification log: what each stage passed and failed, frame by frame, and stated totals
//! that differ.

use crate::control::{Command, Control};
use crate::document::{self, VerificationPage};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::trace::{TraceId, Traces};
use ledger::{Reject, Stage};

/// Which entries to list.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Of this source only.
    pub source: Option<String>,
    /// With a failure in this stage only.
    pub stage: Option<Stage>,
    /// With this code only.
    pub code: Option<String>,
    /// Behind this position only.
    pub after: Option<Position>,
    /// At most this many: the first behind `after`, or else the latest.
    pub limit: Option<usize>,
}

impl LogEntry {
    /// Its position: of a frame that of its first record.
    pub fn position(&self) -> Position {
        match self {
            Self::Frame { position, .. }
            | Self::Control { position, .. }
            | Self::Invoices { position, .. } => *position,
        }
    }
}

/// An entry of the verification log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    /// A frame of records.
    Frame {
        /// Position of its first record.
        position: Position,
        /// Its source.
        source: String,
        /// When it was received, nanoseconds UTC.
        received_at: i64,
        /// Records.
        records: u32,
        /// Per stage: passed and failed, in order of the stages; control totals apart.
        stages: Vec<(Stage, u32, u32)>,
        /// What failed: position and reason.
        failures: Vec<(Position, Reject)>,
        /// What brought the records.
        traces: Traces,
    },
    /// A stated total that differs from the rows.
    Control {
        /// Position of its record.
        position: Position,
        /// The source.
        source: String,
        /// When it was found, nanoseconds UTC.
        at: i64,
        /// Name of the control and its group.
        control: String,
        /// What is stated.
        stated: String,
        /// What the rows add up to.
        summed: String,
        /// One sentence.
        reason: String,
        /// The run over the file that found it.
        trace: Option<TraceId>,
    },
    /// Tax invoices that were made or amended.
    Invoices {
        /// Position of the command.
        position: Position,
        /// When it was given, nanoseconds UTC.
        at: i64,
        /// Who gave it.
        author: String,
        /// What was amended; nothing where the document is an original.
        amends: Option<String>,
        /// Ids of the documents.
        documents: Vec<String>,
        /// What gave the command.
        trace: Option<TraceId>,
    },
}

impl Engine {
    /// Entries of the verification log, in order of position.
    ///
    /// # Errors
    /// A failing port.
    pub fn verification_log(&self, filter: &LogFilter) -> Result<Vec<LogEntry>, EngineError> {
        let (mut kept, mut failed) = (std::collections::VecDeque::new(), None);
        let limit = filter.limit.unwrap_or(usize::MAX).max(1);
        self.store().documents(Table::Verification, &[], &mut |key, value| {
            let is_before = |after| document::key_position(key).is_ok_and(|at| at <= after);
            if filter.after.is_some_and(is_before) {
                return true;
            }
            match entry(key, value) {
                Ok(entry) => {
                    if filter.accepts(&entry) {
                        kept.push_back(entry);
                        if kept.len() == limit && filter.after.is_some() {
                            return false;
                        }
                        if kept.len() > limit {
                            kept.pop_front();
                        }
                    }
                }
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let mut entries: Vec<LogEntry> = kept.into();
        entries.iter_mut().try_for_each(|entry| self.add_traces(entry))?;
        Ok(entries)
    }

    /// What brought the records of an entry: it is read from the Log, not kept a second time.
    fn add_traces(&self, entry: &mut LogEntry) -> Result<(), EngineError> {
        match entry {
            LogEntry::Frame { position, traces, .. } => *traces = self.traces_of(*position)?,
            LogEntry::Control { position, trace, .. }
            | LogEntry::Invoices { position, trace, .. } => *trace = self.trace_at(*position)?,
        }
        Ok(())
    }
}

impl LogFilter {
    fn accepts(&self, entry: &LogEntry) -> bool {
        let (source, rejects): (&str, Vec<Reject>) = match entry {
            LogEntry::Frame { source, failures, .. } => {
                (source, failures.iter().map(|(_, reject)| *reject).collect())
            }
            LogEntry::Control { source, .. } => (source, vec![Reject::ControlTotal]),
            LogEntry::Invoices { .. } => (crate::streams::CONTROL, Vec::new()),
        };
        self.source.as_ref().is_none_or(|wanted| wanted == source)
            && self.stage.is_none_or(|stage| rejects.iter().any(|r| r.stage() == stage))
            && self.code.as_ref().is_none_or(|code| rejects.iter().any(|r| r.code() == code))
    }
}

fn entry(key: &[u8], value: &[u8]) -> Result<LogEntry, EngineError> {
    let position = document::key_position(key)?;
    if let Ok(Control { at, author, command }) = Control::decode(value) {
        match command {
            Command::ControlTotal { source, control, stated, summed, reason } => {
                return Ok(LogEntry::Control {
                    position,
                    source,
                    at,
                    control,
                    stated,
                    summed,
                    reason,
                    trace: None,
                });
            }
            Command::Invoice { document, .. } => {
                let documents = ids(&[document])?;
                let (amends, trace) = (None, None);
                return Ok(LogEntry::Invoices { position, at, author, amends, documents, trace });
            }
            Command::Amend { invoice, documents, .. } => {
                let (amends, documents) = (Some(invoice), ids(&documents)?);
                let trace = None;
                return Ok(LogEntry::Invoices { position, at, author, amends, documents, trace });
            }
            _ => {}
        }
    }
    let page = VerificationPage::decode(value)?;
    let mut reached = page.records;
    let mut stages = Vec::new();
    for stage in [Stage::Envelope, Stage::Schema, Stage::Reference, Stage::Meaning] {
        let failed = page.failures.iter().filter(|(_, r)| r.stage() == stage).count();
        let failed = u32::try_from(failed).unwrap_or(u32::MAX);
        reached = reached.saturating_sub(failed);
        stages.push((stage, reached, failed));
    }
    let failures =
        page.failures.iter().map(|(at, reject)| (position + u64::from(*at), *reject)).collect();
    let VerificationPage { source, received_at, records, .. } = page;
    let traces = Traces::default();
    Ok(LogEntry::Frame { position, source, received_at, records, stages, failures, traces })
}

fn ids(documents: &[Vec<u8>]) -> Result<Vec<String>, EngineError> {
    let id = |document: &Vec<u8>| Ok(settle::invoice::TaxInvoice::decode(document)?.id);
    documents.iter().map(id).collect()
}
