//! Where the operator stands, its totals and measures.

use crate::ask::{cut, quarter};
use crate::cache::Depends;
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::view;
use api::Problem;
use api::figures::{MeasureRow, Page, TotalRow};
use api::status::Status;
use axum::{Extension, Json};
use node::ledger::account::Pattern;
use serde::Deserialize;
use utoipa::IntoParams;

/// Where the operator stands.
#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = Status),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn status(asker: Asker) -> Result<Json<Status>, Refusal> {
    let found = asker.read(|session, _| Ok(view::status::document(&session.operator.engine)?));
    Ok(Json(found.await?))
}

/// Which totals.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
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
) -> Result<(Extension<Depends>, Json<Page<TotalRow>>), Refusal> {
    let cut = cut(which.after, which.limit)?;
    let span = (quarter(which.from.as_deref())?, quarter(which.to.as_deref())?);
    let pattern = which.account.as_deref().map(Pattern::new);
    let found = asker.read(move |session, scope| {
        Ok(view::totals::page(&session.operator.engine, scope, pattern.as_ref(), span, &cut)?)
    });
    Ok((Extension(Depends::OnEverything), Json(found.await?)))
}

/// Over which time, and by what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Over {
    /// The period: `2026-03`, `2026-W12`, `2026-03-01`.
    period: String,
    /// The zone whose midnights bound it; the book's own where it is not given.
    #[serde(default)]
    zone: Option<String>,
    /// One row per value of these dimensions, separated by commas.
    #[serde(default)]
    by: Option<String>,
    /// What `next` of the page before says.
    #[serde(default)]
    after: Option<String>,
    /// Most rows of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A measure of the book for a period.
#[utoipa::path(get, path = "/v1/measures/{measure}",
    params(("measure" = String, Path, description = "its name in the book"), Over),
    responses((status = 200, body = Page<MeasureRow>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn measure(
    asker: Asker,
    Named(measure): Named<String>,
    Params(over): Params<Over>,
) -> Result<Json<Page<MeasureRow>>, Refusal> {
    let cut = cut(over.after, over.limit)?;
    let found = asker.read(move |session, scope| {
        let by: Vec<&str> = over.by.iter().flat_map(|by| by.split(',')).collect();
        let over = (over.period.as_str(), over.zone.as_deref());
        let engine = &session.operator.engine;
        Ok(view::measure::of_period(engine, scope, &measure, over, &by)?)
    });
    Ok(Json(cut.page(found.await?, view::measure::cursor)))
}
