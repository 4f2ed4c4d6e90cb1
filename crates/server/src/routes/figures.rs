//! Where the operator stands, and its totals.

use crate::extract::Params;
use crate::guard::Asker;
use crate::limits;
use crate::refusal::Refusal;
use api::Problem;
use api::code;
use api::figures::{Page, TotalRow};
use api::status::{Counters, Refusals, Status};
use axum::Json;
use node::clock::parse_time;
use node::engine::Engine;
use node::engine::counters::Counters as Counted;
use node::engine::live::Asked;
use node::ledger::Decimal;
use node::ledger::account::Pattern;
use serde::Deserialize;
use utoipa::IntoParams;

/// Where the operator stands.
#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = Status),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn status(asker: Asker) -> Result<Json<Status>, Refusal> {
    let (status, refused) = asker.tenant.service.read(|session| {
        let engine = &session.operator.engine;
        Ok::<_, Refusal>((engine.status()?, engine.refusals()?))
    })?;
    let refusals = refused.into_iter().map(|refused| Refusals {
        source: refused.source,
        code: refused.code,
        count: refused.count,
    });
    let sources = status.sources.iter().map(|(name, counts)| (name.clone(), counters(counts)));
    Ok(Json(Status {
        operator: status.operator.clone(),
        position: status.position,
        book_revision: status.book_revision,
        total: counters(&status.total),
        sources: sources.collect(),
        refusals: refusals.collect(),
        contests: status.contests,
        accounts: u64::from(status.accounts),
    }))
}

fn counters(counted: &Counted) -> Counters {
    let Counted { received, posted, duplicate, waiting, quarantined, refused } = *counted;
    Counters { received, posted, duplicate, waiting, quarantined, refused }
}

/// Which totals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Accounts: a path whose segments may be `*`.
    #[serde(default)]
    account: Option<String>,
    /// From this time on, on a quarter of an hour.
    #[serde(default)]
    from: Option<String>,
    /// Before this time, on a quarter of an hour.
    #[serde(default)]
    to: Option<String>,
    /// The last account of the page before, and its asset, as `next` says.
    #[serde(default)]
    after: Option<String>,
    /// Most rows of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Debits, credits and counts per account.
#[utoipa::path(get, path = "/v1/totals", params(Which), responses(
    (status = 200, body = Page<TotalRow>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn totals(
    asker: Asker,
    Params(which): Params<Which>,
) -> Result<Json<Page<TotalRow>>, Refusal> {
    let time = |text: &Option<String>| text.as_deref().map(parse_time).transpose();
    let (from, to) = (time(&which.from)?, time(&which.to)?);
    let limit = which.limit.unwrap_or(limits::PAGE_ROWS_DEFAULT);
    if !(1..=limits::PAGE_ROWS_MAX).contains(&limit) {
        let what = format!("limit {limit}; it is 1 to {}", limits::PAGE_ROWS_MAX);
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    let pattern = which.account.as_deref().map(Pattern::new);
    let after = which.after.as_deref().map(|after| after.rsplit_once(' ').unwrap_or((after, "")));
    let asked = Asked { pattern: pattern.as_ref(), after, limit: Some(limit + 1) };
    let mut rows = asker.tenant.service.read(|session| -> Result<_, Refusal> {
        let engine = &session.operator.engine;
        Ok(rows(engine, &engine.totals(&asked, from, to)?))
    })?;
    let cursor = |row: &TotalRow| format!("{} {}", row.account, row.asset);
    let next = (rows.len() > limit).then(|| cursor(&rows[limit - 1]));
    rows.truncate(limit);
    Ok(Json(Page { items: rows, next }))
}

fn rows(engine: &Engine, sums: &[node::settle::AccountSum]) -> Vec<TotalRow> {
    let amount = |minor: i128, scale: u8| Decimal::from_minor(minor, scale).to_string();
    let row = |sum: &node::settle::AccountSum| {
        let scale = engine.asset_scale(&sum.asset);
        TotalRow {
            account: sum.path.clone(),
            asset: sum.asset.clone(),
            debit: amount(sum.total.debit, scale),
            credit: amount(sum.total.credit, scale),
            count: sum.total.count,
        }
    };
    sums.iter().map(row).collect()
}
