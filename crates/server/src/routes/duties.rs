//! Who may do both halves of what two people should.

use super::keys::{When, moment};
use crate::duties;
use crate::extract::Params;
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::Problem;
use api::access::Duty;
use axum::Json;
use node::access;
use node::clock::now_nanos;

/// The separation of duties: what should take two, and who may do it alone.
#[utoipa::path(get, path = "/v1/access/report", params(When), responses(
    (status = 200, body = Vec<Duty>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn report(asker: Asker, Params(when): Params<When>) -> Result<Json<Vec<Duty>>, Refusal> {
    let at = moment(&when)?.unwrap_or_else(now_nanos);
    let found = asker.tenant.service.read(|session| access::at(session, at))?;
    Ok(Json(duties::report(&found, &asker.tenant.policies(), at)))
}
