//! What changes: in pages, waited for, or as a stream of server-sent events.

mod live;

use crate::app::{App, Tenant};
use crate::extract::Params;
use crate::guard::Asker;
use crate::limits;
use crate::policy::Action;
use crate::policy::cedar::Resource;
use crate::refusal::Refusal;
use crate::told::told;
use crate::trace::apart;
use api::changes::Changes;
use api::{Problem, code};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use node::engine::query::{ChangeFilter, ChangePage, Cursor, Kinds};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

/// The media type of a stream of events.
const EVENT_STREAM: &str = "text/event-stream";

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// What follows this place of the feed: `cursor` of a change or `next` of a page; `now` for its
    /// end. Absent: from the beginning; in a stream: from now on.
    #[serde(default)]
    after: Option<String>,
    /// Names of changes with commas between them: `event.posted,period.closed`, `event.*`.
    #[serde(default)]
    types: Option<String>,
    /// What this party may see.
    #[serde(default)]
    party: Option<String>,
    /// Most changes of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Seconds to wait for a change where there is none yet.
    #[serde(default)]
    #[param(minimum = 0, maximum = 55)]
    wait: Option<u64>,
}

/// What changed, in order.
///
/// With `Accept: text/event-stream` the answer is a stream of server-sent events that goes on as
/// things change; `Last-Event-ID` resumes it.
#[utoipa::path(get, path = "/v1/changes", params(Which), responses(
    (status = 200, description = "changes in order",
        content((Changes = "application/json"), (String = "text/event-stream"))),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn changes(
    State(app): State<App>,
    asker: Asker,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_stream = accept.is_some_and(|accept| accept.contains(EVENT_STREAM));
    let filter = filter(&asker, &which)?;
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    let named = last.filter(|_| is_stream).or(which.after.as_deref());
    let end = Cursor::before(asker.tenant.service.position());
    let after = match named {
        None if is_stream => end,
        None => Cursor::default(),
        Some("now") => end,
        Some(text) => cursor(text, end)?,
    };
    if is_stream {
        return live::stream(&app, asker, filter, after);
    }
    let limit = limit(which.limit)?;
    let page = waited(&app, &asker, &filter, after, limit, which.wait.unwrap_or(0)).await?;
    let (operator, party) = (asker.tenant.service.operator(), filter.party.as_deref());
    let items = page.changes.into_iter().map(|change| told(operator, change, party)).collect();
    let body = Changes { items, next: page.reached.to_string(), more: page.more };
    let mut response = Json(body).into_response();
    // What is next changes with every moment.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Reads a place of the feed that ends at `end`.
pub(super) fn cursor(text: &str, end: Cursor) -> Result<Cursor, Refusal> {
    let found: Option<Cursor> = text.parse().ok();
    let found = found.filter(|cursor| *cursor <= end);
    found.ok_or_else(|| Refusal::of(&code::BAD_CURSOR, format!("`{text}`; the end is {end}")))
}

/// The kinds of names.
pub(super) fn kinds<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Kinds, String> {
    use node::engine::query::ChangeKind;
    Kinds::named(names).map_err(|name| {
        let known: Vec<&str> = ChangeKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("type `{name}`; there is {}", known.join(", "))
    })
}

fn filter(asker: &Asker, which: &Which) -> Result<ChangeFilter, Refusal> {
    let names = which.types.as_deref().unwrap_or_default();
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut kinds = kinds(names).map_err(|what| Refusal::of(&code::BAD_PARAMETER, what))?;
    if asker.may(Action::SeeAudit, Resource::Operator).is_err() {
        kinds = kinds.without_audit();
    }
    let party = match (&asker.party, &which.party) {
        (Some(own), Some(other)) if own != other => {
            return Err(Refusal::of(&code::NO_SUCH, format!("no party `{other}`")));
        }
        (Some(own), _) => Some(own.clone()),
        (None, other) => other.clone(),
    };
    Ok(ChangeFilter { kinds, party })
}

fn limit(asked: Option<usize>) -> Result<usize, Refusal> {
    let limit = asked.unwrap_or(limits::PAGE_ROWS_DEFAULT);
    if (1..=limits::PAGE_ROWS_MAX).contains(&limit) {
        return Ok(limit);
    }
    let what = format!("limit {limit}; it is 1 to {}", limits::PAGE_ROWS_MAX);
    Err(Refusal::of(&code::BAD_PARAMETER, what))
}

/// A page, read where reading may take its time.
async fn read(
    tenant: &Arc<Tenant>,
    filter: &ChangeFilter,
    after: Cursor,
    limit: usize,
) -> Result<ChangePage, Refusal> {
    let (tenant, filter) = (Arc::clone(tenant), filter.clone());
    let read = move || {
        tenant.service.read(|session| session.operator.engine.changes(after, &filter, limit))
    };
    apart(read).await
}

/// A page; where it is empty, the first one that is not, until the time is over.
async fn waited(
    app: &App,
    asker: &Asker,
    filter: &ChangeFilter,
    after: Cursor,
    limit: usize,
    seconds: u64,
) -> Result<ChangePage, Refusal> {
    if seconds > limits::WAIT_SECONDS_MAX {
        let what = format!("wait {seconds}; it is 0 to {}", limits::WAIT_SECONDS_MAX);
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let (mut moved, mut closing) = (asker.tenant.reached.clone(), app.closing.subscribe());
    let _place = if seconds > 0 { Some(app.live_place(asker)?) } else { None };
    let mut after = after;
    loop {
        moved.borrow_and_update();
        let page = read(&asker.tenant, filter, after, limit).await?;
        let is_over = Instant::now() >= deadline || *closing.borrow();
        if !page.changes.is_empty() || is_over {
            return Ok(page);
        }
        after = page.reached;
        if page.more {
            continue;
        }
        tokio::select! {
            changed = moved.changed() => if changed.is_err() { return Ok(page) },
            _ = closing.changed() => {}
            () = sleep_until(deadline) => {}
        }
    }
}
