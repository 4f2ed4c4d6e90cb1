//! Periods of every agreement: listed, closed; lines held and released.

use crate::extract::{Named, Params, page_rows};
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use api::Problem;
use api::code;
use api::commands::{Because, Close, Given};
use api::figures::Page;
use api::periods::PeriodRow;
use axum::Json;
use axum::response::Response;
use node::clock::{now_nanos, show_time};
use node::engine::close::Closed;
use node::engine::effect::Holding;
use node::engine::{Engine, EngineError};
use node::settle::statement::money;
use node::settle::{Agreement, Period, Statement};
use node::{NodeError, Session};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
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
    /// In this state: `open`, `provisional` or `closed`.
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
        && !matches!(state, "open" | "provisional" | "closed")
    {
        let what = format!("state `{state}`; there is open, provisional, closed");
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    let page = asker
        .tenant
        .service
        .read(|session| page(&session.operator.engine, &which, limit, asker.party.as_deref()))?;
    Ok(Json(page))
}

fn page(
    engine: &Engine,
    which: &Which,
    limit: usize,
    party: Option<&str>,
) -> Result<Page<PeriodRow>, NodeError> {
    let mut page = Page { items: Vec::new(), next: None };
    let Some(book) = engine.state().books.current() else { return Ok(page) };
    let mut versions: BTreeMap<&str, Vec<&Agreement>> = BTreeMap::new();
    for agreement in &book.compiled.agreements {
        versions.entry(&agreement.name).or_default().push(agreement);
    }
    let after = which.after.as_deref().map(|after| after.split_once('/').unwrap_or((after, "")));
    let (now, first) = (now_nanos(), engine.store().bounds()?.map(|(first, _)| first));
    let mut looked = 0;
    for (name, versions) in versions {
        let own = |a: &&&Agreement| party.is_none_or(|party| a.from == party || a.to == party);
        if which.agreement.as_ref().is_some_and(|wanted| wanted != name)
            || after.is_some_and(|(agreement, _)| name < agreement)
            || versions.iter().find(own).is_none()
        {
            continue;
        }
        let closed: BTreeMap<String, Closed> = engine.closed_of(name)?.into_iter().collect();
        let first = first.map(|first| first.start_nanos());
        for (start, period) in periods(&versions, &closed, first, now)? {
            let agreement = versions.iter().find(|a| a.effective.contains(start));
            let Some(agreement) = agreement.or(versions.last()) else { continue };
            let text = period.to_string();
            let seen = after.is_some_and(|(a, p)| a == name && !is_after(agreement, &text, p));
            if seen || party.is_some_and(|p| agreement.from != p && agreement.to != p) {
                continue;
            }
            looked += 1;
            let row = row(agreement, period, closed.get(&text), now)?;
            if which.state.as_ref().is_some_and(|state| *state != row.state) {
                continue;
            }
            if page.items.len() >= limit || looked > LOOKED_AT_MAX {
                let last: Option<&PeriodRow> = page.items.last();
                page.next = last.map(|row| format!("{}/{}", row.agreement, row.period));
                return Ok(page);
            }
            page.items.push(row);
        }
    }
    Ok(page)
}

/// Whether a period begins after another one of the same agreement.
fn is_after(agreement: &Agreement, period: &str, last: &str) -> bool {
    let start = |text: &str| {
        let period: Period = text.parse().ok()?;
        Some(agreement.span(period).ok()?.start)
    };
    start(period) > start(last)
}

/// The periods of an agreement by their beginnings: those closed, and those from the first
/// figures to now.
fn periods(
    versions: &[&Agreement],
    closed: &BTreeMap<String, Closed>,
    first: Option<i64>,
    now: i64,
) -> Result<BTreeSet<(i64, Period)>, NodeError> {
    let mut found = BTreeSet::new();
    for (period, closed) in closed {
        found.insert((closed.span.start, period.parse()?));
    }
    let Some(first) = first else { return Ok(found) };
    for agreement in versions {
        let from = first.max(agreement.effective.start);
        let to = now.min(agreement.effective.end.saturating_sub(1));
        let (cycle, zone) = (agreement.cycle(), &agreement.zone);
        let mut next = cycle.containing(from, zone).ok();
        while let Some(period) = next.filter(|_| from <= to) {
            let Ok(span) = cycle.span(period, zone) else { break };
            if span.start > to || found.len() > LOOKED_AT_MAX {
                break;
            }
            let whole =
                agreement.effective.start <= span.start && span.end <= agreement.effective.end;
            if whole {
                found.insert((span.start, period));
            }
            next = cycle.next(period);
        }
    }
    Ok(found)
}

fn row(
    agreement: &Agreement,
    period: Period,
    closed: Option<&Closed>,
    now: i64,
) -> Result<PeriodRow, NodeError> {
    let span = match closed {
        Some(closed) => closed.span,
        None => agreement.span(period)?,
    };
    let statement = closed.map(|closed| Statement::parse(&closed.body)).transpose()?;
    let state = match (closed, now < span.end) {
        (Some(_), _) => "closed",
        (None, true) => "open",
        (None, false) => "provisional",
    };
    let payable = |statement: &Statement| money(statement.payable, statement.asset.scale);
    Ok(PeriodRow {
        agreement: agreement.name.clone(),
        period: period.to_string(),
        state: state.to_owned(),
        starts_at: show_time(span.start),
        ends_at: show_time(span.end),
        closed_at: closed.map(|closed| show_time(closed.closed_at)),
        from: agreement.from.clone(),
        to: agreement.to.clone(),
        payable: statement.as_ref().map(payable),
        asset: agreement.asset.code.clone(),
    })
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
            engine.release(holding, at, &author).map(|_| ())
        };
        given?;
        Ok(before)
    };
    asked.give(asker, work).await
}
