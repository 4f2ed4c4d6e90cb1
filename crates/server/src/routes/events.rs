//! Events brought in.

mod dry;

use crate::body;
use crate::extract::{Named, Params, Whole};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace;
use api::Problem;
use api::code;
use api::events::{
    Accepted, EventResult, Receipt, ReceiptEntry, ReceiptMember, ReceiptRange, StreamHead,
};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use node::NodeError;
use node::clock::show_time;
use node::ledger::Outcome;
use node::proof::Hash;
use node::proof::receipt::{Entry, Receipt as Made};
use node::service::{Delivery, Part, Service, Taken, Wait};
use serde::Deserialize;
use tokio::sync::oneshot;
use utoipa::IntoParams;

/// How to bring events in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// `accepted` (answer when durable, as it comes) or `applied` (answer when the effects can be
    /// read, with what became of each).
    #[serde(default)]
    wait: Option<String>,
    /// `one` (a receipt of the whole, as it comes) or `each` (of every row as well).
    #[serde(default)]
    receipts: Option<String>,
    /// Whether to answer what would become of the events, and take none.
    #[serde(default)]
    dry_run: bool,
}

/// Bring events of a source in.
///
/// The answer comes when every event is durable, and has a receipt. Sending the same again changes
/// nothing: an event counts once by its source and id. Every request carries `Content-Digest`
/// (RFC 9530), and `Saldo-Timestamp` (unix seconds) where it is not signed.
///
/// An event has `id` (unique in the source for ever), `kind`, `occurred_at` (RFC 3339), mostly
/// `amount` (a decimal string) and `asset`, `dims`, where it refers to another one `ref` (its id,
/// or `{"source","id"}`), and `meta` (yours, in no hash). `GET /v1/sources/{source}` says which
/// kinds, dimensions and assets there are.
#[utoipa::path(post, path = "/v1/sources/{source}/events",
    params(("source" = String, Path, description = "a source of the book"), How,
        ("Content-Digest" = String, Header, description = "`sha-256=:BASE64:` of the body as sent"),
        ("Saldo-Timestamp" = Option<i64>, Header, description = "unix seconds, within 5 minutes")),
    request_body(content(
        (String = "application/x-ndjson"), (Vec<Object> = "application/json", example = json!([{
            "id": "t-81", "kind": "bet", "occurred_at": "2026-03-01T00:00:05Z", "amount": "25.00",
            "asset": "EUR", "dims": {"provider": "studio-0", "game": "crash", "player": "p-77"}}])),
        (Object = "application/cloudevents+json"),
        (Vec<Object> = "application/cloudevents-batch+json"))),
    responses(
        (status = 200, description = "the effects can be read", body = Accepted),
        (status = 202, description = "every event is durable", body = Accepted),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn bring(
    asker: Asker,
    Named(source): Named<String>,
    Params(how): Params<How>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<Accepted>), Refusal> {
    let applied = choice("wait", how.wait.as_deref(), ["accepted", "applied"])?;
    let each = choice("receipts", how.receipts.as_deref(), ["one", "each"])?;
    let wait = if applied { Wait::Applied } else { Wait::Accepted };
    if !asker.has_source(&source) {
        return Err(Refusal::of(
            &code::NO_SUCH,
            format!("no source `{source}` of this credential"),
        ));
    }
    let rows = body::events(&headers, &body)?;
    if how.dry_run {
        return Ok((StatusCode::OK, Json(dry::run(asker, source, body, rows).await?)));
    }
    let events = rows.len() as u64;
    let (told, tell) = oneshot::channel();
    let done = Box::new(move |taken: Result<Taken, NodeError>| {
        // Who asked may have gone; the events are taken all the same.
        let _ = told.send(taken);
    });
    let name = source.clone();
    let (body, by) = (body.into(), trace::current());
    let delivery = Delivery { source, body, rows, wait, trace: by, done };
    trace::follow();
    let waiting = trace::begin(if applied { "wait applied" } else { "wait durable" });
    asker.tenant.service.deliver(delivery)?;
    let gone = |_| NodeError::said(node::code::STOPPING, "");
    let taken = tell.await.unwrap_or_else(|ended| Err(gone(ended)));
    let taken = taken.map_err(|error| asker.tenant.why(error))?;
    if let Some(waiting) = waiting {
        waiting.end();
    }
    let status = if wait == Wait::Applied { StatusCode::OK } else { StatusCode::ACCEPTED };
    let service = &asker.tenant.service;
    let mut answer = answer(&taken, events, wait);
    answer.checkpoint = applied.then(|| head(service, &name, &answer)).flatten();
    answer.receipt = service.receipt(&taken)?.map(receipt);
    if each {
        answer.receipts = service.receipts(&taken)?.into_iter().map(receipt).collect();
    }
    Ok((status, Json(answer)))
}

/// The published head of a source's stream, where it has all that was answered.
fn head(service: &Service, source: &str, answer: &Accepted) -> Option<StreamHead> {
    let last = answer.results.iter().filter_map(|result| result.sequence).max();
    let known = service.published(source)?;
    if last.is_some_and(|last| last >= known.size) {
        return None;
    }
    let note = service.sign_checkpoint(&known)?;
    Some(StreamHead { origin: known.origin, size: known.size, root: known.root.to_base64(), note })
}

/// Whether the second of two words is said; neither means the first.
fn choice(name: &str, said: Option<&str>, words: [&str; 2]) -> Result<bool, Refusal> {
    match said {
        None => Ok(false),
        Some(word) if words.contains(&word) => Ok(word == words[1]),
        Some(other) => {
            let what = format!("{name} `{other}`; there is {}", words.join(", "));
            Err(Refusal::of(&code::BAD_PARAMETER, what))
        }
    }
}

fn receipt(made: Made) -> Receipt {
    let Made { entry, range, member, index, path, note } = made;
    let texts = |path: &[Hash]| path.iter().map(Hash::to_base64).collect();
    Receipt {
        version: 1,
        kind: "receipt".to_owned(),
        entry: entry.map(|entry| match entry {
            Entry::Event { id, content_hash } => ReceiptEntry {
                id: Some(id),
                content_hash: Some(content_hash.to_base64()),
                record_hash: None,
            },
            Entry::Row { record_hash } => {
                let record_hash = Some(record_hash.to_base64());
                ReceiptEntry { record_hash, ..ReceiptEntry::default() }
            }
        }),
        range: range.map(|r| ReceiptRange { count: r.count, root: r.root.to_base64() }),
        member: member.map(|m| ReceiptMember { at: m.at, path: texts(&m.path) }),
        index,
        path: texts(&path),
        note,
    }
}

fn answer(taken: &Taken, events: u64, wait: Wait) -> Accepted {
    let received = taken.parts.iter().map(|part| part.frame.header.received_at).min();
    let position = taken.parts.iter().map(|part| part.first + part.records.end as u64).max();
    let mut results = Vec::new();
    for part in &taken.parts {
        part_results(part, &mut results);
    }
    Accepted {
        state: if wait == Wait::Applied { "applied" } else { "accepted" }.to_owned(),
        events,
        trace_id: trace::current().map(|trace| trace.to_string()),
        received_at: show_time(received.unwrap_or_else(node::clock::now_nanos)),
        position: position.unwrap_or(0),
        results,
        checkpoint: None,
        receipt: None,
        receipts: Vec::new(),
    }
}

/// What became of each row of a part, where that is known.
fn part_results(part: &Part, results: &mut Vec<EventResult>) {
    let Some(applied) = &part.applied else { return };
    let mut sequence = applied.sequence;
    for (record, outcome) in applied.outcomes.iter().enumerate() {
        let number = (*outcome != 0).then_some(sequence);
        sequence += u64::from(number.is_some());
        if !part.records.contains(&record) {
            continue;
        }
        let failure = applied.failures.iter().find(|(at, _)| *at as usize == record);
        results.push(EventResult {
            at: results.len() as u64,
            outcome: Outcome::from_number(*outcome).unwrap_or(Outcome::Duplicate).word().to_owned(),
            position: Some(part.first + record as u64),
            sequence: number,
            code: failure.map(|(_, reject)| reject.code().to_owned()),
            stage: None,
            detail: None,
        });
    }
}
