//! Secrets that requests of a source are signed with.

use super::keys::alone;
use crate::body;
use crate::extract::{Named, Whole};
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::Problem;
use api::access::{MadeSecret, NewSecret};
use api::code;
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use node::access;
use node::clock::parse_time;

/// Make a secret of a source. Its text is in this answer and nowhere else.
///
/// Those before it hold on until they are revoked as keys are, so that a source can change over.
#[utoipa::path(post, path = "/v1/sources/{source}/secrets",
    params(("source" = String, Path, description = "a source of the book")),
    request_body = NewSecret, responses(
    (status = 201, body = MadeSecret),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make(
    asker: Asker,
    Named(source): Named<String>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<MadeSecret>), Refusal> {
    let NewSecret { expires_at, networks } = body::document(&headers, &body)?;
    let expires_at = expires_at.as_deref().map(parse_time).transpose()?;
    if !asker.has_source(&source) || asker.tenant.service.source_known(&source).is_err() {
        let what = format!("no source `{source}` of this credential");
        return Err(Refusal::of(&code::NO_SUCH, what));
    }
    let author = asker.author();
    let made = alone(asker, move |session| {
        access::make_secret(session, &source, (expires_at, &networks), &author)
    });
    let access::MadeSecret { id, secret } = made.await?;
    Ok((StatusCode::CREATED, Json(MadeSecret { id, secret })))
}
