//! Sources: what the operator takes from each.

use super::agreements::Paging;
use crate::ask::no_such;
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::view::source as view;
use api::Problem;
use api::figures::Page;
use api::sources::Source;
use axum::Json;

/// Sources of the book in force, or to a counterparty its own: how requests are signed, and which
/// kinds, dimensions and assets their events may have.
#[utoipa::path(get, path = "/v1/sources", params(Paging), responses(
    (status = 200, body = Page<Source>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sources(
    asker: Asker,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Source>>, Refusal> {
    let cut = paging.cut()?;
    let found = asker.read(|session, scope| Ok(view::sources(&session.operator.engine, scope)));
    Ok(Json(cut.page(found.await?, |source| source.source.clone())))
}

/// One source.
#[utoipa::path(get, path = "/v1/sources/{source}",
    params(("source" = String, Path, description = "its name in the book")),
    responses((status = 200, body = Source),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn source(asker: Asker, Named(source): Named<String>) -> Result<Json<Source>, Refusal> {
    let found = asker.read(|session, scope| Ok(view::sources(&session.operator.engine, scope)));
    let found = found.await?.into_iter().find(|known| known.source == source);
    found.map(Json).ok_or_else(no_such)
}
