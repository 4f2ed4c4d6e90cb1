//! Keys of programs: made, listed, revoked.

use crate::app::App;
use crate::body;
use crate::extract::{Named, Params, Whole};
use crate::guard::{Asker, kind_name};
use crate::limits;
use crate::policy::known_scopes;
use crate::refusal::Refusal;
use crate::sandbox;
use api::Problem;
use api::access::{Key, MadeClient, MadeKey, NewKey, Rotate, Rotated};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use node::access;
use node::clock::{now_nanos, parse_time, show_time};
use node::engine::access::Recorded;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use utoipa::IntoParams;

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// As it was at this time, RFC 3339; absent for now.
    #[serde(default)]
    at: Option<String>,
}

/// The moment that is asked about.
pub fn moment(when: &When) -> Result<Option<i64>, Refusal> {
    Ok(when.at.as_deref().map(parse_time).transpose()?)
}

/// Every key, client and person, without secrets; also as they were on a date.
#[utoipa::path(get, path = "/v1/keys", params(When), responses((status = 200, body = Vec<Key>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker, Params(when): Params<When>) -> Result<Json<Vec<Key>>, Refusal> {
    let at = moment(&when)?.unwrap_or(i64::MAX);
    let found = asker.tenant.service.read(|session| access::at(session, at))?;
    Ok(Json(found.into_iter().map(shown).collect()))
}

fn shown(recorded: Recorded) -> Key {
    let Recorded { credential, at, author, .. } = recorded;
    Key {
        id: credential.id,
        kind: kind_name(credential.kind).to_owned(),
        name: credential.name,
        role: credential.role,
        party: Some(credential.party).filter(|party| !party.is_empty()),
        created_at: show_time(at),
        created_by: author,
        expires_at: (credential.expires_at < i64::MAX).then(|| show_time(credential.expires_at)),
        networks: credential.networks,
        scopes: credential.scopes,
        before_ends_at: (!credential.before.is_empty())
            .then(|| show_time(credential.before_ends_at)),
        revoked: credential.revoked,
    }
}

/// Make a key. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/keys", request_body = NewKey, responses(
    (status = 201, body = MadeKey),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<MadeKey>), Refusal> {
    let made = made(app, asker, read(&headers, &body, false)?).await?;
    Ok((StatusCode::CREATED, Json(MadeKey { id: made.id, key: made.secret })))
}

/// Make a client, which asks for tokens. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/clients", request_body = NewKey, responses(
    (status = 201, body = MadeClient),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make_client(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<MadeClient>), Refusal> {
    let made = made(app, asker, read(&headers, &body, true)?).await?;
    let made = MadeClient { client_id: made.id, client_secret: made.secret };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Makes it, where it is for.
async fn made(
    app: App,
    asker: Asker,
    (new, sandbox): (access::NewKey, bool),
) -> Result<access::Made, Refusal> {
    let author = asker.author();
    let asker = if sandbox { sandboxed(app, asker).await? } else { asker };
    alone(asker, move |session| access::make(session, &new, &author)).await
}

/// What is to be made, and whether for the sandbox.
fn read(headers: &HeaderMap, body: &[u8], client: bool) -> Result<(access::NewKey, bool), Refusal> {
    let NewKey { name, role, party, expires_at, networks, scopes, sandbox } =
        body::document(headers, body)?;
    let expires_at = expires_at.as_deref().map(parse_time).transpose()?;
    known_scopes(&scopes)?;
    Ok((access::NewKey { client, name, role, party, expires_at, networks, scopes }, sandbox))
}

/// Give a key or a client another secret; the one before holds for a time yet.
#[utoipa::path(post, path = "/v1/keys/{id}/rotate", request_body = Rotate,
    params(("id" = String, Path, description = "the credential's id")),
    responses((status = 200, body = Rotated),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rotate(
    asker: Asker,
    Named(id): Named<String>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Rotated>, Refusal> {
    let Rotate { overlap_seconds } = body::document(&headers, &body)?;
    let seconds = overlap_seconds.unwrap_or(limits::OVERLAP_SECONDS_DEFAULT);
    if seconds > limits::OVERLAP_SECONDS_MAX {
        let most = limits::OVERLAP_SECONDS_MAX;
        let what = format!("overlap_seconds {seconds}; it is at most {most}");
        return Err(Refusal::of(&api::code::BAD_PARAMETER, what));
    }
    let ends_at = now_nanos().saturating_add(i64::from(seconds) * 1_000_000_000);
    let author = asker.author();
    let made = alone(asker, move |session| access::rotate(session, &id, ends_at, &author)).await?;
    let before_ends_at = show_time(ends_at);
    Ok(Json(Rotated { id: made.id, secret: made.secret, before_ends_at }))
}

/// The same asker before the sandbox of its operator.
async fn sandboxed(app: App, asker: Asker) -> Result<Asker, Refusal> {
    let made = spawn_blocking(move || {
        let tenant = sandbox::of(&app, &asker.tenant)?;
        Ok::<_, node::NodeError>(Asker { tenant, ..asker })
    });
    Ok(made.await.map_err(|_| Refusal::of(&api::code::INTERNAL, ""))??)
}

/// Revoke a key: from now on it does not hold.
#[utoipa::path(delete, path = "/v1/keys/{id}",
    params(("id" = String, Path, description = "the key's id")), responses((status = 204),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(asker: Asker, Named(id): Named<String>) -> Result<StatusCode, Refusal> {
    let author = asker.author();
    alone(asker, move |session| access::revoke(session, &id, &author)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes credentials, and knows them afterwards.
pub(super) async fn alone<R: Send + 'static>(
    asker: Asker,
    work: impl FnOnce(&mut node::Session) -> Result<R, node::NodeError> + Send + 'static,
) -> Result<R, Refusal> {
    let trace = crate::trace::current();
    let done = spawn_blocking(move || {
        let give = move |session: &mut node::Session| session.traced(trace, work);
        let done = asker.tenant.service.command(give)??;
        asker.tenant.reload()?;
        Ok::<_, node::NodeError>(done)
    });
    Ok(done.await.map_err(|_| Refusal::of(&api::code::INTERNAL, ""))??)
}
