//! Events brought in.

use crate::body;
use crate::extract::{Named, Params, Whole};
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::Problem;
use api::code;
use api::events::{Accepted, EventResult};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use node::NodeError;
use node::clock::show_time;
use node::ledger::Outcome;
use node::service::{Delivery, Part, Taken, Wait};
use serde::Deserialize;
use tokio::sync::oneshot;
use utoipa::IntoParams;

/// How to bring events in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct How {
    /// `accepted` (answer when durable, as it comes) or `applied` (answer when the effects can be
    /// read, with what became of each).
    #[serde(default)]
    wait: Option<String>,
}

/// Bring events of a source in.
///
/// The answer comes when every event is durable. Sending the same again changes nothing: an event
/// counts once by its source and id.
#[utoipa::path(post, path = "/v1/sources/{source}/events",
    params(("source" = String, Path, description = "a source of the book"), How),
    request_body(content(
        (String = "application/x-ndjson"), (Vec<Object> = "application/json"),
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
    let wait = match how.wait.as_deref() {
        None | Some("accepted") => Wait::Accepted,
        Some("applied") => Wait::Applied,
        Some(other) => {
            let what = format!("wait `{other}`; there is accepted, applied");
            return Err(Refusal::of(&code::BAD_PARAMETER, what));
        }
    };
    if !asker.has_source(&source) {
        return Err(Refusal::of(
            &code::NO_SUCH,
            format!("no source `{source}` of this credential"),
        ));
    }
    let rows = body::events(&headers, &body)?;
    let events = rows.len() as u64;
    let (told, tell) = oneshot::channel();
    let done = Box::new(move |taken: Result<Taken, NodeError>| {
        // Who asked may have gone; the events are taken all the same.
        let _ = told.send(taken);
    });
    let delivery = Delivery { source, body: body.into(), rows, wait, done };
    asker.tenant.service.deliver(delivery)?;
    let taken = tell.await.map_err(|_| Refusal::of(&node::code::STOPPING, ""))??;
    let status = if wait == Wait::Applied { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(answer(&taken, events, wait))))
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
        received_at: show_time(received.unwrap_or_else(node::clock::now_nanos)),
        position: position.unwrap_or(0),
        results,
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
            position: part.first + record as u64,
            sequence: number,
            code: failure.map(|(_, reject)| reject.code().to_owned()),
        });
    }
}
