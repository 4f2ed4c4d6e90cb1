//! Legal holds: placed, lifted, listed; and how long what is kept.

use crate::extract::Named;
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use crate::view;
use api::Problem;
use api::commands::Given;
use api::legal_holds::{LegalHold, LiftLegalHold, NewLegalHold, Retention};
use axum::Json;
use axum::response::Response;
use node::Session;
use node::legal_hold::{self, NewHold};

/// Every legal hold, also those that were lifted, in order.
#[utoipa::path(get, path = "/v1/legal-holds", responses((status = 200, body = Vec<LegalHold>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Result<Json<Vec<LegalHold>>, Refusal> {
    let found = asker.tenant.service.read(|session| session.operator.engine.legal_holds())?;
    Ok(Json(found.into_iter().map(view::legal_hold::hold).collect()))
}

/// Place a legal hold: from now on no raw row that it covers is dropped or overwritten.
#[utoipa::path(post, path = "/v1/legal-holds", request_body = NewLegalHold, responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn place(asker: Asker, asked: Asked) -> Result<Response, Refusal> {
    let NewLegalHold { party, source, from, to, ordered_by, reason } = asked.document()?;
    let new = NewHold { party, source, from, to, ordered_by, reason };
    let work = move |session: &mut Session| Ok(legal_hold::place(session, &new)?.1);
    asked.give(asker, work).await
}

/// Lift a legal hold: what its time is over for is dropped from now on.
#[utoipa::path(post, path = "/v1/legal-holds/{id}/lift", request_body = LiftLegalHold,
    params(("id" = String, Path, description = "the hold's id")), responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn lift(
    asker: Asker,
    Named(id): Named<String>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let LiftLegalHold { ordered_by, reason } = asked.document()?;
    let work = move |session: &mut Session| legal_hold::lift(session, &id, &ordered_by, &reason);
    asked.give(asker, work).await
}

/// How long what is kept, and what is due to be dropped when.
#[utoipa::path(get, path = "/v1/retention", responses((status = 200, body = Retention),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn retention(asker: Asker) -> Result<Json<Retention>, Refusal> {
    Ok(Json(asker.tenant.service.read(view::legal_hold::retention)?))
}
