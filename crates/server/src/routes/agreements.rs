//! Parties, agreements, their versions and periods.

use crate::ask::{cut, no_such, time};
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::view::page::Cut;
use crate::view::{agreement as view, period};
use api::Problem;
use api::agreements::{Agreement, AgreementVersion, Party, Period};
use api::code;
use api::figures::Page;
use axum::Json;
use node::clock::now_nanos;
use serde::Deserialize;
use utoipa::IntoParams;

/// A page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// What `next` of the page before says.
    #[serde(default)]
    after: Option<String>,
    /// Most items of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

impl Paging {
    /// The page that is asked for.
    ///
    /// # Errors
    /// [`code::BAD_PARAMETER`].
    pub fn cut(self) -> Result<Cut, Refusal> {
        cut(self.after, self.limit)
    }
}

/// Companies of the book: all of them, or to a counterparty itself and those that it has
/// agreements with.
#[utoipa::path(get, path = "/v1/parties", params(Paging), responses(
    (status = 200, body = Page<Party>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn parties(
    asker: Asker,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Party>>, Refusal> {
    let cut = cut(paging.after, paging.limit)?;
    let found = asker.read(|session, scope| Ok(view::parties(&session.operator.engine, scope)));
    Ok(Json(cut.page(found.await?, |party| party.party.clone())))
}

/// One company.
#[utoipa::path(get, path = "/v1/parties/{party}",
    params(("party" = String, Path, description = "its name in the book")),
    responses((status = 200, body = Party),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn party(asker: Asker, Named(party): Named<String>) -> Result<Json<Party>, Refusal> {
    let found = asker.read(|session, scope| Ok(view::parties(&session.operator.engine, scope)));
    let found = found.await?.into_iter().find(|known| known.party == party);
    found.map(Json).ok_or_else(no_such)
}

/// Agreements, each as it holds now.
#[utoipa::path(get, path = "/v1/agreements", params(Paging), responses(
    (status = 200, body = Page<Agreement>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn agreements(
    asker: Asker,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Agreement>>, Refusal> {
    let cut = cut(paging.after, paging.limit)?;
    let found = asker
        .read(|session, scope| Ok(view::agreements(&session.operator.engine, scope, now_nanos())));
    Ok(Json(cut.page(found.await?, |agreement| agreement.agreement.clone())))
}

/// One agreement as it holds now.
#[utoipa::path(get, path = "/v1/agreements/{agreement}",
    params(("agreement" = String, Path, description = "its name in the book")),
    responses((status = 200, body = Agreement),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn agreement(
    asker: Asker,
    Named(agreement): Named<String>,
) -> Result<Json<Agreement>, Refusal> {
    let found = asker
        .read(|session, scope| Ok(view::agreements(&session.operator.engine, scope, now_nanos())));
    let found = found.await?.into_iter().find(|known| known.agreement == agreement);
    found.map(Json).ok_or_else(no_such)
}

/// The versions of an agreement in the book in force, and who signed them.
#[utoipa::path(get, path = "/v1/agreements/{agreement}/versions",
    params(("agreement" = String, Path, description = "its name in the book"), Paging),
    responses((status = 200, body = Page<AgreementVersion>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn versions(
    asker: Asker,
    Named(agreement): Named<String>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<AgreementVersion>>, Refusal> {
    let cut = cut(paging.after, paging.limit)?;
    let found = asker.read(move |session, scope| {
        let found = view::versions(&session.operator.engine, scope, &agreement)?;
        if found.is_empty() { Err(no_such()) } else { Ok(found) }
    });
    // Ten digits, so that cursors sort as numbers do.
    Ok(Json(cut.page(found.await?, |version| format!("{:010}", version.version))))
}

/// Which periods.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Those that end after this time or day.
    #[serde(default)]
    from: Option<String>,
    /// Those that begin before it.
    #[serde(default)]
    to: Option<String>,
    /// Those in this state: `open`, `provisional`, `closing` or `closed`.
    #[serde(default)]
    state: Option<String>,
    /// What `next` of the page before says.
    #[serde(default)]
    after: Option<String>,
    /// Most items of the page.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// The periods of an agreement in order of time: closed ones, and those since the first posting.
#[utoipa::path(get, path = "/v1/agreements/{agreement}/periods",
    params(("agreement" = String, Path, description = "its name in the book"), Which),
    responses((status = 200, body = Page<Period>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn periods(
    asker: Asker,
    Named(agreement): Named<String>,
    Params(which): Params<Which>,
) -> Result<Json<Page<Period>>, Refusal> {
    let cut = cut(which.after, which.limit)?;
    if let Some(state) = &which.state
        && !period::STATES.contains(&state.as_str())
    {
        let what = format!("state `{state}`; there is {}", period::STATES.join(", "));
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    let wanted = period::Which {
        from: time(which.from.as_deref(), i64::MIN)?,
        to: time(which.to.as_deref(), i64::MAX)?,
        state: which.state,
        now: now_nanos(),
    };
    let found = asker.read(move |session, scope| {
        let engine = &session.operator.engine;
        if !scope.agreement(engine, &agreement)? {
            return Err(no_such());
        }
        Ok(period::periods(engine, scope, &agreement, &wanted)?)
    });
    Ok(Json(cut.page(found.await?, period::cursor)))
}
