//! Events that are only tried.

use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace::apart;
use api::events::{Accepted, EventResult};
use axum::body::Bytes;
use node::clock::{now_nanos, show_time};
use node::service::DryRow;
use std::ops::Range;

/// What would become of these rows.
pub async fn run(
    asker: Asker,
    source: String,
    body: Bytes,
    rows: Vec<Range<usize>>,
) -> Result<Accepted, Refusal> {
    let would = apart(move || {
        let service = &asker.tenant.service;
        service.would(&source, &body, &rows).map(|would| (would, service.position()))
    });
    let (would, position) = would.await?;
    let results: Vec<EventResult> = (0..).zip(would).map(|(at, row)| result(at, row)).collect();
    Ok(Accepted {
        state: "dry_run".to_owned(),
        events: results.len() as u64,
        trace_id: None,
        received_at: show_time(now_nanos()),
        position,
        results,
        checkpoint: None,
        receipt: None,
        receipts: Vec::new(),
    })
}

fn result(at: u64, row: DryRow) -> EventResult {
    let DryRow { outcome, reject, reason } = row;
    let title = || reject.map(|reject| reject.page().title.to_owned());
    EventResult {
        at,
        outcome: outcome.word().to_owned(),
        position: None,
        sequence: None,
        code: reject.map(|reject| reject.code().to_owned()),
        stage: reject.map(|reject| reject.stage().word().to_owned()),
        detail: reason.or_else(title),
    }
}
