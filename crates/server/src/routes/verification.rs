//! What was verified, and what refers to an event.

use crate::extract::{Named, Params, page_rows};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace::apart;
use crate::view::verification as view;
use api::Problem;
use api::code;
use api::figures::Page;
use api::quarantine::Referring;
use api::verification::Verification;
use axum::Json;
use node::engine::query::referring::referring;
use node::engine::query::{LogEntry, LogFilter};
use node::ledger::Stage;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which entries of the verification log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this source.
    #[serde(default)]
    source: Option<String>,
    /// With a failure in this stage: `envelope`, `schema`, `reference`, `meaning` or `control`.
    #[serde(default)]
    stage: Option<String>,
    /// With this code.
    #[serde(default)]
    code: Option<String>,
    /// Behind this position: 0 for all from the beginning, then what `next` of the page before
    /// says. Without it the latest entries.
    #[serde(default)]
    after: Option<u64>,
    /// Most entries of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// What each stage of verification passed and failed: in order of position.
#[utoipa::path(get, path = "/v1/verification", params(Which), responses(
    (status = 200, body = Page<Verification>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn log(
    asker: Asker,
    Params(which): Params<Which>,
) -> Result<Json<Page<Verification>>, Refusal> {
    let limit = page_rows(which.limit)?;
    let stage = which.stage.as_deref().map(stage).transpose()?;
    if let (Some(_), Some(source)) = (&asker.party, &which.source)
        && !asker.has_source(source)
    {
        return Ok(Json(Page { items: Vec::new(), next: None }));
    }
    let code = which.code.map(|code| code.to_uppercase());
    // A counterparty's limit counts what it sees.
    let all = asker.party.is_some() && which.source.is_none();
    let asked = if all { None } else { Some(limit.saturating_add(1)) };
    let filter = LogFilter { source: which.source, stage, code, after: which.after, limit: asked };
    let found = asker.tenant.service.read(|s| s.operator.engine.verification_log(&filter))?;
    let own = |entry: &LogEntry| match entry {
        LogEntry::Frame { source, .. } | LogEntry::Control { source, .. } => {
            asker.has_source(source)
        }
        LogEntry::Invoices { .. } => asker.party.is_none(),
    };
    let mut own: Vec<LogEntry> = found.into_iter().filter(own).collect();
    let mut next = None;
    if which.after.is_none() {
        own.drain(..own.len().saturating_sub(limit));
    } else if own.len() > limit {
        own.truncate(limit);
        next = own.last().map(|entry| entry.position().to_string());
    }
    Ok(Json(Page { items: own.into_iter().map(view::entry).collect(), next }))
}

fn stage(word: &str) -> Result<Stage, Refusal> {
    Stage::ALL.into_iter().find(|stage| stage.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        let what = format!("stage `{word}`; there is {}", words.join(", "));
        Refusal::of(&code::BAD_PARAMETER, what)
    })
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// What `next` of the page before says.
    #[serde(default)]
    after: Option<u64>,
    /// Most rows of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

impl From {
    /// Behind what, and how many rows.
    ///
    /// # Errors
    /// [`code::BAD_PARAMETER`].
    pub(super) fn page(&self) -> Result<(Option<u64>, usize), Refusal> {
        Ok((self.after, page_rows(self.limit)?))
    }
}

/// Records that refer to an event. A page looks at 200,000 records of the Log: it may be empty
/// and still have a next one.
#[utoipa::path(get, path = "/v1/references/{source}/{id}",
    params(("source" = String, Path, description = "the event's source"),
           ("id" = String, Path, description = "the event's id"), From), responses(
    (status = 200, body = Page<Referring>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn references(
    asker: Asker,
    Named((source, id)): Named<(String, String)>,
    Params(which): Params<From>,
) -> Result<Json<Page<Referring>>, Refusal> {
    let limit = page_rows(which.limit)?;
    asker.source(&source)?;
    let start = which.after.unwrap_or(0);
    let log = asker.tenant.service.read(|session| Arc::clone(session.operator.engine.log()));
    let found = apart(move || referring(log.as_ref(), (&source, &id), start, limit));
    let (found, next) = found.await?;
    let own = found.into_iter().filter(|row| asker.has_source(&row.source));
    let items = own.map(|row| Referring {
        position: row.position,
        source: row.source,
        id: row.id,
        kind: row.kind,
    });
    Ok(Json(Page { items: items.collect(), next: next.map(|next| next.to_string()) }))
}
