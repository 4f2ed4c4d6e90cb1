//! Keys of programs: made, listed, revoked.

use crate::app::{App, Tenant};
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::limits;
use crate::once::{Came, Keyed};
use crate::policy::known_scopes;
use crate::refusal::Refusal;
use crate::sandbox;
use crate::trace::apart;
use crate::view::key::key as view;
use crate::webhooks::Webhooks;
use api::Problem;
use api::access::{
    Key, MadeBefore, MadeClient, MadeKey, NewKey, RevokeMadeBy, RevokedMadeBy, Rotate, Rotated,
    RotatedOnce,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use node::access::{self, token_key};
use node::clock::{now_nanos, parse_time, show_time};
use node::{NodeError, Session};
use serde::Deserialize;
use std::sync::Arc;
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
    Ok(Json(found.into_iter().map(view).collect()))
}

/// Make a key. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/keys", request_body = NewKey, responses(
    (status = 201, body = MadeKey),
    (status = 200, body = MadeBefore, description = "made before, under the same Idempotency-Key"),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make(State(app): State<App>, asker: Asker, asked: Keyed) -> Result<Response, Refusal> {
    let came = made(app, asker, asked, false).await?;
    let shown = |made: access::Made| MadeKey { id: made.id, key: made.secret };
    Ok(came.answer(StatusCode::CREATED, shown))
}

/// Make a client, which asks for tokens. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/clients", request_body = NewKey, responses(
    (status = 201, body = MadeClient),
    (status = 200, body = MadeBefore, description = "made before, under the same Idempotency-Key"),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make_client(
    State(app): State<App>,
    asker: Asker,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let came = made(app, asker, asked, true).await?;
    let shown = |made: access::Made| MadeClient { client_id: made.id, client_secret: made.secret };
    Ok(came.answer(StatusCode::CREATED, shown))
}

/// Makes it, where it is for.
async fn made(
    app: App,
    asker: Asker,
    asked: Keyed,
    client: bool,
) -> Result<Came<access::Made>, Refusal> {
    let author = asker.author();
    let (new, sandbox) = read(&asked, client)?;
    asker.grants(&new.scopes)?;
    let asker = if sandbox { sandboxed(app, asker).await? } else { asker };
    if client {
        // A command of its own: the key of this one is the client's.
        let (tenant, author) = (asker.tenant.clone(), author.clone());
        let ready = move || {
            let work = move |session: &mut Session| token_key::demand(session, &author);
            tenant.command(work)?
        };
        apart(ready).await?;
    }
    asked.give(asker, move |session| access::make(session, &new, &author), reload).await
}

/// What is known of credentials is read again.
pub(super) fn reload(tenant: &Arc<Tenant>) -> Result<(), NodeError> {
    tenant.reload()
}

/// What is to be made, and whether for the sandbox.
fn read(asked: &Keyed, client: bool) -> Result<(access::NewKey, bool), Refusal> {
    let NewKey { name, role, party, expires_at, networks, scopes, sandbox } = asked.document()?;
    let expires_at = expires_at.as_deref().map(parse_time).transpose()?;
    known_scopes(&scopes)?;
    Ok((access::NewKey { client, name, role, party, expires_at, networks, scopes }, sandbox))
}

/// Give a key or a client another secret; the one before holds for a time yet.
#[utoipa::path(post, path = "/v1/keys/{id}/rotate", request_body = Rotate,
    params(("id" = String, Path, description = "the credential's id")),
    responses((status = 200, body = RotatedOnce),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rotate(
    asker: Asker,
    Named(id): Named<String>,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let Rotate { overlap_seconds } = asked.document()?;
    let seconds = overlap_seconds.unwrap_or(limits::OVERLAP_SECONDS_DEFAULT);
    if seconds > limits::OVERLAP_SECONDS_MAX {
        let most = limits::OVERLAP_SECONDS_MAX;
        let what = format!("overlap_seconds {seconds}; it is at most {most}");
        return Err(Refusal::of(&api::code::BAD_PARAMETER, what));
    }
    let ends_at = now_nanos().saturating_add(i64::from(seconds) * 1_000_000_000);
    let author = asker.author();
    let own = asker.tenant.service.operator();
    let short = id.strip_prefix(own).and_then(|rest| rest.strip_prefix('.')).unwrap_or(&id);
    if let Some(credential) = asker.tenant.credential(short) {
        asker.grants(&credential.scopes)?;
    }
    let work = move |session: &mut Session| access::rotate(session, &id, ends_at, &author);
    let came = asked.give(asker, work, reload).await?;
    let before_ends_at = show_time(ends_at);
    Ok(came.answer(StatusCode::OK, |made: access::Made| Rotated {
        id: made.id,
        secret: made.secret,
        before_ends_at,
    }))
}

/// The same asker before the sandbox of its operator.
async fn sandboxed(app: App, asker: Asker) -> Result<Asker, Refusal> {
    apart(move || {
        let tenant = sandbox::of(&app, &asker.tenant)?;
        Ok::<_, node::NodeError>(Asker { tenant, ..asker })
    })
    .await
}

/// Revoke a key: from now on it does not hold.
#[utoipa::path(delete, path = "/v1/keys/{id}",
    params(("id" = String, Path, description = "the key's id")), responses((status = 204),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(
    asker: Asker,
    Named(id): Named<String>,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let author = asker.author();
    let work = move |session: &mut Session| access::revoke(session, &id, &author);
    let came = asked.give(asker, work, reload).await?;
    Ok(came.same(StatusCode::NO_CONTENT))
}

/// Revoke every credential that somebody made, what those made, and so on; their webhooks too.
#[utoipa::path(post, path = "/v1/access/revoke", request_body = RevokeMadeBy,
    responses((status = 200, body = RevokedMadeBy),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke_made_by(asker: Asker, asked: Keyed) -> Result<Response, Refusal> {
    let RevokeMadeBy { made_by } = asked.document()?;
    let (author, tenant) = (asker.author(), asker.tenant.clone());
    let follow = |tenant: &Arc<Tenant>| tenant.reload().and_then(|()| Webhooks::refresh(tenant));
    let (maker, by) = (made_by.clone(), author.clone());
    let work = move |session: &mut Session| access::revoke_made_by(session, &maker, &by);
    let mut came = asked.give(asker, work, follow).await?;
    let revoked = match &mut came {
        Came::Now(revoked) => std::mem::take(revoked),
        Came::Before(before) => {
            let position = before.given.position;
            let again = apart(move || {
                let ended = tenant.command(move |session| {
                    access::revoke_made_by_again(session, &made_by, &author, position)
                })??;
                follow(&tenant).map(|()| ended)
            });
            again.await?
        }
    };
    Ok(came.same(Json(RevokedMadeBy { revoked })))
}
