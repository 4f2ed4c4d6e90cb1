//! Entries of the verification log as documents.

use api::verification::{RecordFailure, StageCount, Verification};
use node::clock::show_time;
use node::engine::query::LogEntry;
use node::engine::trace::{TraceId, Traces};

/// Trace ids that an entry names: a frame may have come by thousands of requests.
const TRACE_IDS_MAX: usize = 20;

/// An entry as a document.
pub fn entry(entry: LogEntry) -> Verification {
    match entry {
        LogEntry::Frame { position, source, received_at, records, stages, failures, traces } => {
            let stages = stages.into_iter().map(|(stage, passed, failed)| {
                (stage.word().to_owned(), StageCount { passed, failed })
            });
            let of = |at: u64| traces.of(u32::try_from(at - position).unwrap_or(u32::MAX));
            let failures = failures.into_iter().map(|(at, reject)| RecordFailure {
                position: at,
                code: reject.code().to_owned(),
                stage: reject.stage().word().to_owned(),
                trace_id: shown(of(at)),
            });
            Verification::Frame {
                position,
                source,
                received_at: show_time(received_at),
                records,
                stages: stages.collect(),
                failures: failures.collect(),
                trace_ids: ids(&traces),
            }
        }
        LogEntry::Control { position, source, at, control, stated, summed, reason, trace } => {
            Verification::Control {
                position,
                source,
                received_at: show_time(at),
                control,
                stated,
                summed,
                reason,
                trace_id: shown(trace),
            }
        }
        LogEntry::Invoices { position, at, author, amends, documents, trace } => {
            let (received_at, trace_id) = (show_time(at), shown(trace));
            Verification::Invoices { position, received_at, author, amends, documents, trace_id }
        }
    }
}

fn shown(trace: Option<TraceId>) -> Option<String> {
    trace.map(|trace| trace.to_string())
}

fn ids(traces: &Traces) -> Vec<String> {
    let mut found: Vec<TraceId> = Vec::new();
    for id in traces.ids() {
        if found.len() == TRACE_IDS_MAX {
            break;
        }
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found.iter().map(ToString::to_string).collect()
}
