//! Keys of programs: made, listed, revoked.

use crate::app::App;
use crate::body;
use crate::extract::{Named, Whole};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::sandbox;
use api::Problem;
use api::access::{Key, MadeKey, NewKey};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use node::access;
use node::clock::{parse_time, show_time};
use node::engine::access::Recorded;
use tokio::task::spawn_blocking;

/// Every key, without its secret.
#[utoipa::path(get, path = "/v1/keys", responses((status = 200, body = Vec<Key>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Result<Json<Vec<Key>>, Refusal> {
    let found = asker.tenant.service.read(access::current)?;
    Ok(Json(found.into_iter().map(shown).collect()))
}

fn shown(recorded: Recorded) -> Key {
    let Recorded { credential, at, author, .. } = recorded;
    Key {
        id: credential.id,
        name: credential.name,
        role: credential.role,
        party: Some(credential.party).filter(|party| !party.is_empty()),
        created_at: show_time(at),
        created_by: author,
        expires_at: (credential.expires_at < i64::MAX).then(|| show_time(credential.expires_at)),
        networks: credential.networks,
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
    let NewKey { name, role, party, expires_at, networks, sandbox } =
        body::document(&headers, &body)?;
    let expires_at = expires_at.as_deref().map(parse_time).transpose()?;
    let new = access::NewKey { name, role, party, expires_at, networks };
    let author = asker.author();
    let asker = if sandbox { sandboxed(app, asker).await? } else { asker };
    let (id, key) = alone(asker, move |session| access::make(session, &new, &author)).await?;
    Ok((StatusCode::CREATED, Json(MadeKey { id, key })))
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
    let done = spawn_blocking(move || {
        let done = asker.tenant.service.command(work)??;
        asker.tenant.reload()?;
        Ok::<_, node::NodeError>(done)
    });
    Ok(done.await.map_err(|_| Refusal::of(&api::code::INTERNAL, ""))??)
}
