//! Tokens for clients, and the documents by which others check them.

use crate::app::{App, Tenant};
use crate::policy::{self, Action};
use crate::refusal::Refusal;
use crate::token::{Claims, refused};
use crate::{body, extract::Whole, guard};
use api::access::{Jwks, Metadata, Token, TokenRefused};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use node::access::read_secret;
use node::access::token_key::TOKEN_SECONDS;
use node::engine::access::{Credential, CredentialKind, Tried};
use serde::Deserialize;
use std::sync::Arc;

const FORM: &str = "application/x-www-form-urlencoded";

/// What a client sends: a form.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub struct Form {
    /// `client_credentials`.
    #[serde(default)]
    grant_type: String,
    /// The client, where no `Authorization: Basic` says it.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
    /// Actions that the token is for, with blanks between; absent for all.
    scope: Option<String>,
}

/// Give a client a token for its secret (OAuth 2, `client_credentials`).
#[utoipa::path(post, path = "/oauth2/token",
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = Token),
        (status = 400, body = TokenRefused), (status = 401, body = TokenRefused),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn token(
    State(app): State<App>,
    from: guard::From,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Response {
    let answer = match grant(&app, from, &headers, &body) {
        Ok(token) => Json(token).into_response(),
        Err(Refused::Rate(refusal)) => return refusal.into_response(),
        Err(Refused::Said(error, what)) => {
            let (status, document) = refused(error, what);
            let mut response = (status, Json(document)).into_response();
            if status == StatusCode::UNAUTHORIZED {
                let basic = HeaderValue::from_static("Basic realm=\"saldo\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
            }
            response
        }
    };
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}

enum Refused {
    Rate(Refusal),
    Said(&'static str, &'static str),
}

fn grant(app: &App, from: guard::From, headers: &HeaderMap, body: &[u8]) -> Result<Token, Refused> {
    let form = form(headers, body)?;
    let (id, secret) = shown(headers, &form)?;
    let now = node::clock::now_nanos();
    let found = client(app, &id, &secret, now).filter(|(_, found)| from.within(&found.networks));
    let Some((tenant, credential)) = found else {
        failed(app, &id, from);
        from.failed(app).map_err(Refused::Rate)?;
        // One answer for whatever is wrong: it must not tell which part was right.
        return Err(Refused::Said("invalid_client", "the client is not known, or has ended"));
    };
    match form.grant_type.as_str() {
        "client_credentials" => {}
        "" => return Err(Refused::Said("invalid_request", "grant_type is missing")),
        _ => {
            let what = "grant_type is client_credentials";
            return Err(Refused::Said("unsupported_grant_type", what));
        }
    }
    let scope = scope(&credential, form.scope.as_deref())?;
    let iat = now.div_euclid(1_000_000_000);
    let claims = Claims {
        iss: app.issuer.to_string(),
        aud: app.issuer.to_string(),
        sub: id.clone(),
        client_id: id,
        iat,
        exp: iat + TOKEN_SECONDS,
        jti: node::access::random_id().map_err(|error| Refused::Rate(error.into()))?,
        operator: tenant.service.operator().to_owned(),
        role: credential.role,
        party: Some(credential.party).filter(|party| !party.is_empty()),
        scope: scope.clone(),
    };
    let access_token = tenant.token_keys().sign(&claims).map_err(Refused::Rate)?;
    let expires_in = TOKEN_SECONDS;
    Ok(Token { access_token, token_type: "Bearer".to_owned(), expires_in, scope })
}

/// Reads the form; a parameter that stands twice is refused, as the RFC demands.
fn form(headers: &HeaderMap, body: &[u8]) -> Result<Form, Refused> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.map(|text| text.split(';').next().unwrap_or(text).trim());
    if !media.is_some_and(|media| media.eq_ignore_ascii_case(FORM)) {
        return Err(Refused::Said("invalid_request", "the body is a form"));
    }
    body::form(body).ok_or(Refused::Said("invalid_request", "the form cannot be read"))
}

/// Client and secret, shown in one way and not in two.
fn shown(headers: &HeaderMap, form: &Form) -> Result<(String, String), Refused> {
    let basic = headers.get(header::AUTHORIZATION);
    match (basic, &form.client_id, &form.client_secret) {
        (None, Some(id), Some(secret)) => Ok((id.clone(), secret.clone())),
        (Some(basic), id, None) => {
            let (own, secret) = read_basic(basic)
                .ok_or(Refused::Said("invalid_client", "the Authorization is not Basic"))?;
            match id {
                Some(id) if *id != own => {
                    Err(Refused::Said("invalid_request", "two clients are named"))
                }
                _ => Ok((own, secret)),
            }
        }
        (Some(_), _, Some(_)) => {
            Err(Refused::Said("invalid_request", "the secret is shown in two ways"))
        }
        (None, ..) => Err(Refused::Said("invalid_client", "no client is shown")),
    }
}

fn read_basic(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Both are form-encoded before they are put together; ours have nothing to encode.
    Some((id.to_owned(), secret.to_owned()))
}

/// The client whose secret this is, when it holds.
fn client(app: &App, id: &str, secret: &str, now: i64) -> Option<(Arc<Tenant>, Credential)> {
    let (operator, short) = id.split_once('.')?;
    let hash = read_secret(secret)?;
    let tenant = app.tenant(operator)?;
    let credential = tenant.credential(short)?;
    let own = credential.kind == CredentialKind::Client && credential.has_secret(&hash, now);
    (own && credential.holds_at(now)).then(|| (Arc::clone(tenant), credential))
}

/// Counts a client that is not known, or whose secret is not right.
fn failed(app: &App, id: &str, from: guard::From) {
    let Some((operator, short)) = id.split_once('.') else { return };
    let Some(tenant) = app.tenant(operator) else { return };
    let client = |known: &Credential| known.kind == CredentialKind::Client;
    let known = tenant.credential(short).filter(client);
    let who = known.map(|known| format!("client:{}", known.id)).unwrap_or_default();
    tenant.tried(Tried::Failed, (&who, from), "client", api::code::INVALID_CLIENT.code);
}

/// The actions that the token is for: those asked for, which must be among the client's.
fn scope(credential: &Credential, asked: Option<&str>) -> Result<Option<String>, Refused> {
    let own = &credential.scopes;
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else {
        return Ok((!own.is_empty()).then(|| own.join(" ")));
    };
    let known = |scope: &str| Action::named(scope).is_some();
    let granted = |scope: &str| own.is_empty() || own.iter().any(|own| own == scope);
    match asked.split(' ').find(|scope| !known(scope) || !granted(scope)) {
        Some(_) => Err(Refused::Said("invalid_scope", "not an action, or not of this client")),
        None => Ok(Some(asked.to_owned())),
    }
}

/// The keys that tokens are signed with, for those who check them themselves.
#[utoipa::path(get, path = "/.well-known/jwks.json", responses((status = 200, body = Jwks)))]
pub async fn jwks(State(app): State<App>) -> impl IntoResponse {
    let now = node::clock::now_nanos();
    let all = app.tenants.values().map(|tenant| tenant.token_keys());
    let keys = all.flat_map(|keys| keys.jwks(now).collect::<Vec<_>>()).collect();
    // Shorter than a rotation's overlap: a new key is known before the old one's tokens end.
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(Jwks { keys }))
}

/// Where tokens are given, and in which ways (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server",
    responses((status = 200, body = Metadata)))]
pub async fn metadata(State(app): State<App>) -> Json<Metadata> {
    let issuer = app.issuer.to_string();
    let list = |of: &[&str]| of.iter().map(|text| (*text).to_owned()).collect();
    Json(Metadata {
        token_endpoint: format!("{issuer}/oauth2/token"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        issuer,
        grant_types_supported: list(&["client_credentials"]),
        response_types_supported: list(&[]),
        token_endpoint_auth_methods_supported: list(&["client_secret_basic", "client_secret_post"]),
        scopes_supported: policy::actions().into_iter().map(Action::name).collect(),
    })
}
