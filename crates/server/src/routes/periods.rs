//! Periods of every agreement: listed, closed; lines held and released.

use crate::extract::{Named, Params, page_rows};
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::view::period as view;
use api::Problem;
use api::code;
use api::commands::{Because, Close, Given};
use api::figures::Page;
use api::periods::PeriodRow;
use axum::Json;
use axum::response::Response;
use node::clock::{now_nanos, show_time};
use node::engine::effect::Holding;
use node::engine::{Engine, EngineError};
use node::settle::Period;
use node::{NodeError, Session};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;

/// Most periods that one page looks at for one that fits.
const LOOKED_AT_MAX: usize = 20_000;

/// Which periods.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this agreement.
    #[serde(default)]
    agreement: Option<String>,
    /// In this state: `open`, `provisional`, `closing` or `closed`.
    #[serde(default)]
    state: Option<String>,
    /// What `next` of the page before says.
    #[serde(default)]
    after: Option<String>,
    /// Most rows of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Periods of every agreement that figures may fall into, or that are closed; in order of
/// agreement and time.
#[utoipa::path(get, path = "/v1/periods", params(Which), responses(
    (status = 200, body = Page<PeriodRow>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    asker: Asker,
    Params(which): Params<Which>,
) -> Result<Json<Page<PeriodRow>>, Refusal> {
    let limit = page_rows(which.limit)?;
    if let Some(state) = which.state.as_deref()
        && !view::STATES.contains(&state)
    {
        let what = format!("state `{state}`; there is {}", view::STATES.join(", "));
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    let found =
        asker.read(move |session, scope| Ok(page(&session.operator.engine, scope, &which, limit)?));
    Ok(Json(found.await?))
}

fn page(
    engine: &Engine,
    scope: &Scope,
    which: &Which,
    limit: usize,
) -> Result<Page<PeriodRow>, NodeError> {
    let mut page = Page { items: Vec::new(), next: None };
    let Some(book) = engine.state().books.current() else { return Ok(page) };
    let names: BTreeSet<&str> = scope.agreements(book).map(|known| known.name.as_str()).collect();
    let after = which.after.as_deref().map(|after| after.split_once('/').unwrap_or((after, "")));
    let all = view::Which::all(now_nanos());
    let (mut looked, mut last) = (0, None);
    for name in names {
        let other = which.agreement.as_ref().is_some_and(|wanted| wanted != name);
        if other || after.is_some_and(|(agreement, _)| name < agreement) {
            continue;
        }
        let begin = after.filter(|(agreement, _)| *agreement == name).map(|(_, begin)| begin);
        for period in view::periods(engine, scope, name, &all)? {
            let cursor = view::cursor(&period);
            if begin.is_some_and(|begin| cursor.as_str() <= begin) {
                continue;
            }
            looked += 1;
            let fits = which.state.as_ref().is_none_or(|state| *state == period.state);
            if (fits && page.items.len() >= limit) || looked > LOOKED_AT_MAX {
                page.next = last;
                return Ok(page);
            }
            last = Some(format!("{name}/{cursor}"));
            if fits {
                page.items.push(row(period));
            }
        }
    }
    Ok(page)
}

fn row(period: api::agreements::Period) -> PeriodRow {
    PeriodRow {
        agreement: period.agreement,
        period: period.period,
        state: period.state,
        starts_at: period.start,
        ends_at: period.end,
        closed_at: period.closed_at,
        from: period.from,
        to: period.to,
        payable: period.payable,
        asset: period.asset,
    }
}

/// Close a period: its figures are frozen and rated. One that is closed stays as it is.
#[utoipa::path(post, path = "/v1/agreements/{agreement}/periods/{period}/close",
    request_body = Close,
    params(("agreement" = String, Path, description = "an agreement of the book"),
           ("period" = String, Path, description = "a period, such as 2026-03")), responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn close(
    asker: Asker,
    Named((agreement, period)): Named<(String, String)>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let Close { force, reason } = asked.document()?;
    let reason = reason.trim().to_owned();
    if force && reason.is_empty() {
        return Err(Refusal::of(&node::code::NO_REASON, "`force` needs a `reason`"));
    }
    let period: Period = period.parse().map_err(NodeError::from)?;
    let name = agreement.clone();
    let text = period.to_string();
    let span = asker.tenant.service.read(|s| s.operator.engine.period_span(&name, &text))?;
    if !force && now_nanos() < span.end {
        let what = format!("{agreement} {period} ends at {}", show_time(span.end));
        return Err(Refusal::of(&code::NOT_OVER, what));
    }
    let work = move |session: &mut Session| {
        let (at, author) = (now_nanos(), session.author.clone());
        let engine = &mut session.operator.engine;
        let because = if now_nanos() < span.end { reason.as_str() } else { "" };
        let (closed, _) = engine.close_because(&agreement, &text, because, (at, &author))?;
        Ok(closed.position)
    };
    asked.give(asker, work).await
}

/// Hold a line of a statement out of payment.
#[utoipa::path(post, path = "/v1/agreements/{agreement}/periods/{period}/lines/{line}/hold",
    request_body = Because,
    params(("agreement" = String, Path, description = "an agreement of the book"),
           ("period" = String, Path, description = "a closed period"),
           ("line" = String, Path, description = "the line's path, such as 20-share")),
    responses((status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn hold(
    asker: Asker,
    Named(line): Named<(String, String, String)>,
    asked: Asked,
) -> Result<Response, Refusal> {
    held(asker, line, asked, true).await
}

/// Release a line that is held.
#[utoipa::path(post, path = "/v1/agreements/{agreement}/periods/{period}/lines/{line}/release",
    request_body = Because,
    params(("agreement" = String, Path, description = "an agreement of the book"),
           ("period" = String, Path, description = "a closed period"),
           ("line" = String, Path, description = "the line's path, such as 20-share")),
    responses((status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn release(
    asker: Asker,
    Named(line): Named<(String, String, String)>,
    asked: Asked,
) -> Result<Response, Refusal> {
    held(asker, line, asked, false).await
}

async fn held(
    asker: Asker,
    (agreement, period, line): (String, String, String),
    asked: Asked,
    hold: bool,
) -> Result<Response, Refusal> {
    let Because { reason } = asked.document()?;
    let holding = Holding { agreement, period, line, reason: reason.trim().to_owned() };
    let work = move |session: &mut Session| {
        let (at, author) = (now_nanos(), session.author.clone());
        let engine = &mut session.operator.engine;
        let before = engine.store().position();
        let given: Result<(), EngineError> = if hold {
            engine.hold(holding, at, &author).map(|_| ())
        } else {
            engine.release(holding, at, &author)
        };
        given?;
        Ok(before)
    };
    asked.give(asker, work).await
}
