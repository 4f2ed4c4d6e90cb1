//! Secrets that requests of a source are signed with.

use super::keys::reload;
use crate::extract::Named;
use crate::guard::Asker;
use crate::once::Keyed;
use crate::policy::Action;
use crate::refusal::Refusal;
use api::Problem;
use api::access::{MadeBefore, MadeSecret, NewSecret};
use axum::http::StatusCode;
use axum::response::Response;
use node::clock::parse_time;
use node::{Session, access};

/// Make a secret of a source. Its text is in this answer and nowhere else.
///
/// Those before it hold on until they are revoked as keys are, so that a source can change over.
#[utoipa::path(post, path = "/v1/sources/{source}/secrets",
    params(("source" = String, Path, description = "a source of the book")),
    request_body = NewSecret, responses(
    (status = 201, body = MadeSecret),
    (status = 200, body = MadeBefore, description = "made before, under the same Idempotency-Key"),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make(
    asker: Asker,
    Named(source): Named<String>,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let NewSecret { expires_at, networks } = asked.document()?;
    let expires_at = expires_at.as_deref().map(parse_time).transpose()?;
    asker.source(&source)?;
    asker.grants(&[Action::BringEvents.name()])?;
    let author = asker.author();
    let work = move |session: &mut Session| {
        access::make_secret(session, &source, (expires_at, &networks), &author)
    };
    let came = asked.give(asker, work, reload).await?;
    let shown = |made: access::MadeSecret| MadeSecret { id: made.id, secret: made.secret };
    Ok(came.answer(StatusCode::CREATED, shown))
}
