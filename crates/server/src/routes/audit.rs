//! The audit log: every command as it is in the Log.

use crate::extract::{Params, page_rows};
use crate::guard::Asker;
use crate::once;
use crate::refusal::Refusal;
use api::Problem;
use api::commands::Given;
use api::figures::Page;
use axum::Json;
use node::clock::parse_time;
use node::engine::EngineError;
use node::engine::query::CommandFilter;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which commands.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Given by this author: `key:ID`, or the name of an account.
    #[serde(default)]
    by: Option<String>,
    /// Of this kind: `close`, `access`, `deny` …
    #[serde(default)]
    command: Option<String>,
    /// From this time on.
    #[serde(default)]
    from: Option<String>,
    /// Before this time.
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

/// Commands: who gave them, when, and what they are about; in order of position. A page may be
/// empty and still have a next one.
#[utoipa::path(get, path = "/v1/audit", params(Which), responses(
    (status = 200, body = Page<Given>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    asker: Asker,
    Params(which): Params<Which>,
) -> Result<Json<Page<Given>>, Refusal> {
    let filter = CommandFilter {
        start: which.after.unwrap_or(0),
        from: which.from.as_deref().map(parse_time).transpose()?,
        to: which.to.as_deref().map(parse_time).transpose()?,
        author: which.by,
        kind: which.command,
        limit: page_rows(which.limit)?,
    };
    let page = asker.tenant.service.read(|session| {
        let page = session.operator.engine.commands(&filter)?;
        let shown = |(position, control, trace)| once::shown(position, &control, trace);
        let items = page.commands.into_iter().map(shown).collect();
        Ok::<_, EngineError>(Page { items, next: page.next.map(|next| next.to_string()) })
    });
    Ok(Json(page?))
}
