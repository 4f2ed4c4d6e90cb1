//! People: the first administrator, who is invited, signing in and out.

mod invite;

pub use invite::*;

use crate::app::App;
use crate::extract::Whole;
use crate::guard::From;
use crate::refusal::Refusal;
use crate::sessions::{self, Session};
use crate::trace::apart;
use crate::{body, password, setup};
use api::Problem;
use api::access::{SetUp, Setup, SignIn, SignedIn};
use api::code;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use node::access::invite::INVITE_PREFIX;
use node::access::person;
use node::clock::{now_nanos, show_time};
use node::engine::access::{Credential, Tried};
use node::totp;
use std::sync::Arc;

/// What the page may do: show itself and send its form here.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                           frame-ancestors 'none'; base-uri 'none'";

/// A page with the form that makes the first administrator: no script, nothing from elsewhere.
#[utoipa::path(get, path = "/setup", responses((status = 200, content_type = "text/html")))]
pub async fn page(uri: Uri) -> impl IntoResponse {
    // The token of the link, where it is one; anything else is not written into a page.
    let token = uri.query().and_then(|query| query.strip_prefix("token="));
    let plain =
        |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let token = token.filter(plain).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    ];
    (headers, include_str!("setup.html").replace("{token}", token))
}

/// What authenticators scan.
fn totp_uri(operator: &str, id: &str, secret: &str) -> String {
    let label = format!("Saldo%20{operator}");
    format!("otpauth://totp/{label}:{id}?secret={secret}&issuer={label}")
}

/// Make the first administrator, with the link that `saldo serve` printed; or set the password of a
/// person who was invited.
#[utoipa::path(post, path = "/v1/setup", request_body = Setup, responses(
    (status = 201, body = SetUp),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set_up(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<SetUp>), Refusal> {
    let setup: Setup = body::document_or_form(&headers, &body)?;
    if setup.token.trim().starts_with(INVITE_PREFIX) {
        return Ok((StatusCode::CREATED, Json(invite::accept(&app, from, setup).await?)));
    }
    let Setup { token, name, password, totp } = setup;
    let ended = || Refusal::of(&code::LINK_ENDED, "");
    let (operator, secret) = setup::read(&token).ok_or_else(ended)?;
    app.rates.password(from.0, operator, "setup")?;
    let tenant = Arc::clone(app.tenant(operator).ok_or_else(ended)?);
    // Hashed before the link is taken: a password that is too short does not use it up.
    let hash = password::hash(password).await?;
    if !tenant.take_setup(secret) {
        return Err(ended());
    }
    let given = name.clone();
    let (of, hash) = (Arc::clone(&tenant), hash);
    let made = apart(move || {
        let made =
            of.command(move |session| person::make_first(session, &given, &hash, totp))??;
        of.reload()?;
        Ok::<_, node::NodeError>(made)
    });
    let (id, totp_secret) = made.await?.ok_or_else(ended)?;
    let operator = tenant.service.operator();
    let totp_uri = totp_secret.as_deref().map(|secret| totp_uri(operator, &id, secret));
    let made = SetUp { operator: operator.to_owned(), id, name, totp_secret, totp_uri };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Sign in: the answer sets the cookie of a session.
#[utoipa::path(post, path = "/v1/session", request_body = SignIn, responses(
    (status = 201, body = SignedIn),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sign_in(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Response, Refusal> {
    let SignIn { operator, name, password, code } = body::document(&headers, &body)?;
    let only = || match app.tenants.len() {
        1 => app.tenants.keys().next().cloned(),
        _ => None,
    };
    let operator = operator.or_else(only).unwrap_or_default();
    let Proven { credential, now } =
        prove(&app, from, (&operator, &name), (password, code)).await?;
    let session = Session {
        operator,
        id: credential.id,
        name: credential.name,
        role: credential.role,
        party: Some(credential.party).filter(|party| !party.is_empty()),
        local: true,
        begun: now,
        seen: now,
    };
    begun(&app, session).await
}

/// A person who has shown who they are.
struct Proven {
    credential: Credential,
    /// When, nanoseconds UTC.
    now: i64,
}

/// Demands a person's password, and a one-time code where one is asked for.
async fn prove(
    app: &App,
    from: From,
    (operator, name): (&str, &str),
    (password, code): (String, Option<String>),
) -> Result<Proven, Refusal> {
    let tenant = app.tenant(operator);
    if let Err(exceeded) = app.rates.password(from.0, operator, name) {
        if let Some(tenant) = tenant {
            let (who, code) = (tenant.person_called(name), code::TOO_MANY_REQUESTS.code);
            tenant.tried(Tried::Blocked, (&who, from), "password", code);
        }
        return Err(exceeded.into());
    }
    let now = now_nanos();
    let found = tenant.map(|tenant| tenant.service.read(|s| person::named(s, name, now)));
    let found = found.transpose()?.flatten();
    let kept = found.as_ref().map(|(credential, _)| credential.secret.as_slice());
    let matches = password::matches(password, kept).await?;
    let passed = found.filter(|(credential, secret)| {
        // A code is used up only beside the right password.
        let coded = matches
            && secret.as_ref().is_none_or(|secret| {
                let code = code.as_deref().unwrap_or_default();
                let step = totp::step_of(secret, code, now.div_euclid(1_000_000_000));
                step.is_some_and(|step| app.sessions.use_step(operator, &credential.id, step))
            });
        coded && from.within(&credential.networks)
    });
    let Some((credential, _)) = passed else {
        if let Some(tenant) = tenant {
            let (who, code) = (tenant.person_called(name), code::NOT_SIGNED_IN.code);
            tenant.tried(Tried::Failed, (&who, from), "password", code);
        }
        return Err(Refusal::of(&code::NOT_SIGNED_IN, ""));
    };
    Ok(Proven { credential, now })
}

/// The answer that begins a session.
async fn begun(app: &App, session: Session) -> Result<Response, Refusal> {
    let document = Json(document(&session));
    let text = sessions::begin(app, session).await?;
    let cookie = [(header::SET_COOKIE, sessions::cookie(app, &text))];
    Ok((StatusCode::CREATED, cookie, document).into_response())
}

fn document(session: &Session) -> SignedIn {
    SignedIn {
        operator: session.operator.clone(),
        id: session.id.clone(),
        name: session.name.clone(),
        role: session.role.clone(),
        party: session.party.clone(),
        ends_at: show_time(session.ends_at()),
    }
}

/// Whose session it is.
#[utoipa::path(get, path = "/v1/session", responses((status = 200, body = SignedIn),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn session(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
) -> Result<Json<SignedIn>, Refusal> {
    sessions::asker(&app, &axum::http::Method::GET, &headers, from)?;
    let found = sessions::shown(&app, &headers);
    let (_, session) = found.ok_or_else(|| Refusal::of(&code::UNAUTHENTICATED, ""))?;
    Ok(Json(document(&session)))
}

/// Sign out: the session has ended.
#[utoipa::path(delete, path = "/v1/session", responses((status = 204),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    let found = sessions::shown(&app, &headers);
    let (text, session) = found.ok_or_else(|| Refusal::of(&code::UNAUTHENTICATED, ""))?;
    sessions::same_origin(&app, &headers)?;
    // It ends whether or not that can be recorded.
    app.sessions.end(text);
    if let Some(tenant) = app.tenant(&session.operator) {
        tenant.audit(Tried::SignedOut, session.author(), session.how()).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, sessions::cookie(&app, ""))]))
}
