//! Other people: invited by an administrator, and what those who are signed in change of what they
//! show.

use super::{Proven, prove, totp_uri};
use crate::app::App;
use crate::extract::Whole;
use crate::guard::{Asker, From};
use crate::once::Keyed;
use crate::refusal::Refusal;
use crate::routes::keys::reload;
use crate::trace::apart;
use crate::{body, password, sessions};
use api::Problem;
use api::access::{
    ChangeSignIn, ChangedSignIn, InvitedPerson, MadeBefore, NewPerson, SetUp, Setup,
};
use api::code;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use node::Session;
use node::access::invite::{self, Invited};
use node::access::person;
use node::clock::{now_nanos, show_time};
use node::engine::access::Tried;
use std::sync::Arc;

/// Invite a person: the link is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/people", request_body = NewPerson, responses(
    (status = 201, body = InvitedPerson),
    (status = 200, body = MadeBefore, description = "made before, under the same Idempotency-Key"),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn invite_person(
    State(app): State<App>,
    asker: Asker,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let NewPerson { name, role, party, networks } = asked.document()?;
    asker.grants(&[])?;
    let (new, author) = (invite::NewPerson { name, role, party, networks }, asker.author());
    let work = move |session: &mut Session| invite::invite(session, &new, &author);
    let came = asked.give(asker, work, reload).await?;
    Ok(came.answer(StatusCode::CREATED, |Invited { id, token, ends_at }| InvitedPerson {
        id,
        link: format!("{}/setup?token={token}", app.issuer),
        ends_at: show_time(ends_at),
    }))
}

/// Takes an invitation whose link was shown.
pub(super) async fn accept(app: &App, from: From, setup: Setup) -> Result<SetUp, Refusal> {
    let Setup { token, name, password, totp } = setup;
    let ended = || Refusal::of(&code::LINK_ENDED, "");
    let (operator, id, hash) = invite::read_invite(&token).ok_or_else(ended)?;
    app.rates.password(from.0, operator, id)?;
    let tenant = Arc::clone(app.tenant(operator).ok_or_else(ended)?);
    let known = tenant.credential(id).filter(|known| {
        invite::is_invited(known, &hash, now_nanos()) && from.within(&known.networks)
    });
    let known = known.ok_or_else(ended)?;
    if known.name != name {
        let what = format!("name; the invitation is for `{}`", known.name);
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    // Hashed before the link is taken: a password that is too short does not use it up.
    let kept = password::hash(password).await?;
    let (of, id) = (Arc::clone(&tenant), id.to_owned());
    let taken = apart(move || {
        let work = move |session: &mut Session| invite::accept(session, (&id, &hash), &kept, totp);
        let taken = of.command(work)??;
        of.reload()?;
        Ok::<_, node::NodeError>(taken)
    });
    let (credential, totp_secret) = taken.await?.ok_or_else(ended)?;
    let operator = tenant.service.operator().to_owned();
    let totp_uri = totp_secret.as_deref().map(|s| totp_uri(&operator, &credential.id, s));
    Ok(SetUp { operator, id: credential.id, name, totp_secret, totp_uri })
}

/// Change the password, or the one-time codes, of the person who is signed in.
#[utoipa::path(patch, path = "/v1/session", request_body = ChangeSignIn, responses(
    (status = 200, body = ChangedSignIn),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change_sign_in(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<ChangedSignIn>, Refusal> {
    let asker = sessions::asker(&app, &axum::http::Method::PATCH, &headers, from)?;
    let ChangeSignIn { password: old, code, new_password, totp } = body::document(&headers, &body)?;
    let only_local = || Refusal::of(&code::FORBIDDEN, "the identity provider keeps what you show");
    let known = asker.tenant.credential(&asker.id).ok_or_else(only_local)?;
    let operator = asker.tenant.service.operator().to_owned();
    let Proven { credential, .. } =
        prove(&app, from, (&operator, &known.name), (old, code)).await?;
    let hash = match new_password {
        Some(new) => Some(password::hash(new).await?),
        None => None,
    };
    let changes = [(hash.is_some(), Tried::PasswordChanged), (totp.is_some(), Tried::CodesChanged)];
    for (_, tried) in changes.into_iter().filter(|(is_changed, _)| *is_changed) {
        asker.tenant.audit(tried, asker.author(), "password").await?;
    }
    let (tenant, id) = (Arc::clone(&asker.tenant), credential.id.clone());
    let changed = apart(move || {
        let work = move |session: &mut Session| person::change(session, &id, hash.as_deref(), totp);
        let shown = tenant.command(work)??;
        tenant.reload()?;
        Ok::<_, node::NodeError>(shown)
    });
    let totp_secret = changed.await?;
    // Whoever else is signed in as this person is not any more.
    app.sessions.end_others(&operator, &credential.id, sessions::shown(&app, &headers));
    let totp_uri = totp_secret.as_deref().map(|s| totp_uri(&operator, &credential.id, s));
    Ok(Json(ChangedSignIn { totp_secret, totp_uri }))
}
