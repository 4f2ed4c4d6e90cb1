//! What is held of a source, hour by hour, so that both sides compare without sending anything.

use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace::apart;
use api::Problem;
use api::code;
use api::events::{HourDigest, KindSum, SourceDigest};
use axum::Json;
use node::clock::{now_nanos, parse_time, show_time};
use node::engine::Engine;
use node::engine::query::digest::{HOUR_NANOS, HeldHour};
use node::engine::query::scan::hex;
use node::ledger::Decimal;
use serde::Deserialize;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use utoipa::IntoParams;

/// Most hours of one answer: a month of them.
const HOURS_MAX: i64 = 31 * 24;
/// Records that are looked at before others may go on: some ten milliseconds.
const RECORDS_AT_ONCE: u64 = 20_000;

/// How long one request may look at records; the next goes on where it ended.
const LOOKED_AT_FOR: Duration = Duration::from_secs(5);

/// Which hours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// From the hour of this time on, RFC 3339; a day before the end where it is absent.
    #[serde(default)]
    from: Option<String>,
    /// Up to this time, the hour that it is in included; now where it is absent.
    #[serde(default)]
    to: Option<String>,
}

/// What is held of a source, by the hour at which it happened.
///
/// Held are events that are posted or waiting, each id once. The digest of an hour is the sum of
/// the content hashes as numbers of 256 bits, least byte first, without what is carried beyond: it
/// does not depend on any order. Hours without an event are left out.
#[utoipa::path(get, path = "/v1/sources/{source}/digest",
    params(("source" = String, Path, description = "a source of the book"), Which),
    responses((status = 200, body = SourceDigest),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn held(
    asker: Asker,
    Named(source): Named<String>,
    Params(which): Params<Which>,
) -> Result<Json<SourceDigest>, Refusal> {
    asker.source(&source)?;
    let to = which.to.as_deref().map_or_else(|| Ok(now_nanos()), parse_time)?;
    let day = to.saturating_sub(24 * HOUR_NANOS);
    let from = which.from.as_deref().map_or(Ok(day), parse_time)?;
    if from > to || to.saturating_sub(from) > HOURS_MAX * HOUR_NANOS {
        let what = format!("`from` lies before `to`, by {HOURS_MAX} hours at most");
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    Ok(Json(apart(move || digest(&asker, source, (from, to))).await?))
}

fn digest(asker: &Asker, source: String, span: (i64, i64)) -> Result<SourceDigest, Refusal> {
    let mut held = asker.tenant.held.lock().unwrap_or_else(PoisonError::into_inner);
    let until = Instant::now() + LOOKED_AT_FOR;
    while Instant::now() < until {
        let found = asker.tenant.service.read(|session| -> Result<_, Refusal> {
            let engine = &session.operator.engine;
            if !held.advance(engine, RECORDS_AT_ONCE)? {
                return Ok(None);
            }
            let hours = held.hours(engine, &source, span)?;
            let hours = hours.iter().map(|(start, hour)| shown(engine, *start, hour));
            Ok(Some((hours.collect::<Vec<_>>(), engine.store().position())))
        })?;
        if let Some((hours, position)) = found {
            let count = hours.iter().map(|hour| hour.count).sum();
            return Ok(SourceDigest { source, position, count, hours });
        }
    }
    let what = "the Log is being looked at for the first time since the start; ask again";
    Err(Refusal::of(&code::NOT_YET, what))
}

fn shown(engine: &Engine, start: i64, held: &HeldHour) -> HourDigest {
    let sums = held.sums.iter().map(|((kind, asset), (count, minor))| KindSum {
        kind: kind.clone(),
        asset: Some(asset.clone()).filter(|asset| !asset.is_empty()),
        count: *count,
        amount: Decimal::from_minor(*minor, engine.asset_scale(asset)).to_string(),
    });
    HourDigest {
        hour: show_time(start),
        count: held.count,
        digest: hex(&held.digest),
        sums: sums.collect(),
    }
}
