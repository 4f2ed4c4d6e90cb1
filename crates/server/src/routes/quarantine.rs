//! Quarantined records: listed, shown, corrected, verified again.

use crate::extract::{Named, Params, page_rows};
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use api::Problem;
use api::code;
use api::commands::Given;
use api::figures::Page;
use api::quarantine::{Fix, Quarantined};
use axum::Json;
use axum::response::Response;
use node::clock::{parse_time, show_time};
use node::engine::Command;
use node::engine::query::{QuarantineFilter, QuarantineRow};
use node::{NodeError, Session};
use serde::Deserialize;
use utoipa::IntoParams;

/// Most records that one page looks at for one that fits.
const LOOKED_AT_MAX: usize = 20_000;

/// Which quarantined records.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this source.
    #[serde(default)]
    source: Option<String>,
    /// With this code.
    #[serde(default)]
    code: Option<String>,
    /// Received from this time on.
    #[serde(default)]
    from: Option<String>,
    /// Received before this time.
    #[serde(default)]
    to: Option<String>,
    /// What `next` of the page before says.
    #[serde(default)]
    after: Option<u64>,
    /// Most rows of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Quarantined records, in order of position.
#[utoipa::path(get, path = "/v1/quarantine", params(Which), responses(
    (status = 200, body = Page<Quarantined>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    asker: Asker,
    Params(which): Params<Which>,
) -> Result<Json<Page<Quarantined>>, Refusal> {
    let limit = page_rows(which.limit)?;
    let time = |text: &Option<String>| text.as_deref().map(parse_time).transpose();
    let (from, to) = (time(&which.from)?, time(&which.to)?);
    let code = which.code.map(|code| code.to_uppercase());
    let fits = |row: &QuarantineRow| {
        from.is_none_or(|from| row.received_at >= from)
            && to.is_none_or(|to| row.received_at < to)
            && asker.has_source(&row.source)
    };
    let (mut items, mut looked, mut after) = (Vec::new(), 0, which.after);
    let next = loop {
        let filter = QuarantineFilter {
            source: which.source.clone(),
            code: code.clone(),
            after,
            limit: Some(limit),
        };
        let found = asker.tenant.service.read(|s| s.operator.engine.quarantined(&filter))?;
        let (rows, last) = (found.len(), found.last().map(|row| row.position));
        looked += rows;
        items.extend(found.iter().filter(|row| fits(row)).map(shown));
        if items.len() > limit {
            items.truncate(limit);
            break items.last().map(|row| row.id);
        }
        after = last.or(after);
        if rows < limit {
            break None;
        }
        if items.len() == limit || looked >= LOOKED_AT_MAX {
            break after;
        }
    };
    Ok(Json(Page { items, next: next.map(|id| id.to_string()) }))
}

fn shown(row: &QuarantineRow) -> Quarantined {
    let reason = if row.reason.is_empty() { row.reject.to_string() } else { row.reason.clone() };
    Quarantined {
        id: row.position,
        source: row.source.clone(),
        code: row.reject.code().to_owned(),
        stage: row.reject.stage().word().to_owned(),
        reason,
        event_id: row.id.clone(),
        received_at: show_time(row.received_at),
        trace_id: row.trace.map(|trace| trace.to_string()),
        raw: None,
    }
}

/// A quarantined record, with its row as it came while that is kept.
#[utoipa::path(get, path = "/v1/quarantine/{id}",
    params(("id" = u64, Path, description = "the record's position")), responses(
    (status = 200, body = Quarantined),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(asker: Asker, Named(id): Named<u64>) -> Result<Json<Quarantined>, Refusal> {
    let found = asker.tenant.service.read(|session| one(session, id))?;
    let found = found.filter(|found| asker.has_source(&found.source));
    found.map(Json).ok_or_else(|| none(id))
}

fn none(id: u64) -> Refusal {
    Refusal::of(&code::NO_SUCH, format!("no quarantined record {id}"))
}

fn one(session: &Session, id: u64) -> Result<Option<Quarantined>, NodeError> {
    let engine = &session.operator.engine;
    let after = id.checked_sub(1);
    let filter = QuarantineFilter { after, limit: Some(1), ..QuarantineFilter::default() };
    let row = engine.quarantined(&filter)?.into_iter().find(|row| row.position == id);
    let Some(row) = row else { return Ok(None) };
    let story = engine.story_of(engine.find(id)?)?;
    let raw = match story.raw {
        Some((block, from, length)) => session.operator.raw.read(block)?.map(|rows| {
            let (from, length) = (from as usize, length as usize);
            let row = rows.get(from..from.saturating_add(length)).unwrap_or_default();
            String::from_utf8_lossy(row).into_owned()
        }),
        None => None,
    };
    let raw = raw.filter(|row| !row.trim().is_empty());
    Ok(Some(Quarantined { raw, ..shown(&row) }))
}

/// Replace a quarantined record by a corrected event.
#[utoipa::path(post, path = "/v1/quarantine/{id}/fix", request_body = Fix,
    params(("id" = u64, Path, description = "the record's position")), responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn fix(asker: Asker, Named(id): Named<u64>, asked: Asked) -> Result<Response, Refusal> {
    let Fix { event, reason } = asked.document()?;
    let line = move |s: &mut Session| {
        found(s, id)?;
        node::fix::fix(s, id, event.get().as_bytes(), reason.trim())
    };
    asked.give(asker, line).await
}

/// Verify a quarantined record again, under the book in force.
#[utoipa::path(post, path = "/v1/quarantine/{id}/replay",
    params(("id" = u64, Path, description = "the record's position")), responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn replay(
    asker: Asker,
    Named(id): Named<u64>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let work = move |session: &mut Session| {
        found(session, id)?;
        session.command(Command::Replay { position: id })
    };
    asked.give(asker, work).await
}

/// A position that is far beyond the Log is nothing that could be looked at.
fn found(session: &Session, id: u64) -> Result<(), NodeError> {
    match one(session, id)? {
        Some(_) => Ok(()),
        None => Err(node::engine::EngineError::Unknown(format!(
            "no quarantined record at position {id}"
        ))
        .into()),
    }
}
