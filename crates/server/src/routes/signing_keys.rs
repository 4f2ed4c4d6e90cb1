//! Keys that tokens are signed with: listed, rotated.

use super::keys::alone;
use crate::body;
use crate::extract::Whole;
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::Problem;
use api::access::{NewSigningKey, SigningKey};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
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
pub async fn rotate(
    asker: Asker,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<Vec<SigningKey>>), Refusal> {
    let NewSigningKey { end_others } = body::document(&headers, &body)?;
    let (author, tenant) = (asker.author(), asker.tenant.clone());
    alone(asker, move |session| token_key::rotate(session, end_others, &author)).await?;
    Ok((StatusCode::CREATED, Json(tenant.token_keys().listed(now_nanos()))))
}
