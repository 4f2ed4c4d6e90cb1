//! Keys that tokens are signed with: listed, rotated.

use super::keys::reload;
use crate::guard::Asker;
use crate::once::Keyed;
use crate::refusal::Refusal;
use api::Problem;
use api::access::{NewSigningKey, SigningKey};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use node::Session;
use node::access::token_key;
use node::clock::now_nanos;

/// The keys whose tokens hold, the one that signs last.
#[utoipa::path(get, path = "/v1/signing-keys", responses((status = 200, body = Vec<SigningKey>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Json<Vec<SigningKey>> {
    Json(asker.tenant.token_keys().listed(now_nanos()))
}

/// Let a new key sign tokens. Those of the key before hold until they end, or end at once.
#[utoipa::path(post, path = "/v1/signing-keys", request_body = NewSigningKey,
    responses((status = 201, body = Vec<SigningKey>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rotate(asker: Asker, asked: Keyed) -> Result<Response, Refusal> {
    let NewSigningKey { end_others } = asked.document()?;
    let (author, tenant) = (asker.author(), asker.tenant.clone());
    let work = move |session: &mut Session| token_key::rotate(session, end_others, &author);
    let came = asked.give(asker, work, reload).await?;
    Ok(came.same((StatusCode::CREATED, Json(tenant.token_keys().listed(now_nanos())))))
}
