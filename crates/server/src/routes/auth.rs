//! Signing in by the operator's identity provider.

use crate::app::App;
use crate::extract::Params;
use crate::guard::From;
use crate::oidc::{Begun, LOGIN_SECONDS};
use crate::refusal::Refusal;
use crate::sessions;
use api::Problem;
use api::code;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use node::engine::access::Tried;
use serde::Deserialize;
use utoipa::IntoParams;

/// The cookie that tells the browser that began a sign-in. It must come back from the provider's
/// site, so that it cannot be strict.
const COOKIE: &str = "saldo_login";

/// Whose provider.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whose {
    /// The operator; needed where several have a provider.
    #[serde(default)]
    operator: Option<String>,
}

/// Send the browser to the identity provider.
#[utoipa::path(get, path = "/auth/login", params(Whose), responses(
    (status = 303, description = "to the identity provider"),
    (status = 502, body = Problem, content_type = "application/problem+json"),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn login(
    State(app): State<App>,
    Params(whose): Params<Whose>,
) -> Result<Response, Refusal> {
    let begun = app.providers.begin(whose.operator.as_deref(), &app.issuer).await?;
    let Begun { location, browser } = begun;
    let cookie = login_cookie(&app, &browser, LOGIN_SECONDS);
    let headers = [
        (header::LOCATION, location),
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

fn login_cookie(app: &App, text: &str, age: i64) -> String {
    let secure = if app.is_secure() { "; Secure" } else { "" };
    format!("{COOKIE}={text}; Path=/auth/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

/// What the provider's answer says; what else it has is not looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// Which sign-in it is.
    #[serde(default)]
    state: Option<String>,
    /// What the ID token is had for.
    #[serde(default)]
    code: Option<String>,
}

/// The browser comes back from the identity provider: a session begins.
#[utoipa::path(get, path = "/auth/callback", params(Back), responses(
    (status = 200, description = "a page that leads on", content_type = "text/html"),
    (status = 502, body = Problem, content_type = "application/problem+json"),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn callback(
    State(app): State<App>,
    from: From,
    headers: HeaderMap,
    Params(back): Params<Back>,
) -> Result<Response, Refusal> {
    let ended = || Refusal::of(&code::LOGIN_ENDED, "");
    let (state, given) = back.state.zip(back.code).ok_or_else(ended)?;
    let browser = sessions::named(&headers, COOKIE);
    let failed = |operator: &str, who: &str, code: &str| {
        if let Some(tenant) = app.tenant(operator) {
            tenant.tried(Tried::Failed, (who, from), "provider", code);
        }
    };
    let session = app.providers.finish((&state, &given), browser, &app.issuer, &failed).await?;
    let text = sessions::begin(&app, session).await?;
    // A strict cookie is not sent along a redirect that another site began: a page leads on.
    let page = "<!doctype html><meta charset=\"utf-8\"><title>Saldo</title>\
                <meta http-equiv=\"refresh\" content=\"0;url=/v1/session\">\
                <p><a href=\"/v1/session\">signed in</a></p>";
    let mut response = (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
        page,
    )
        .into_response();
    let cookies = response.headers_mut();
    cookies.append(header::SET_COOKIE, sessions::cookie(&app, &text));
    if let Ok(gone) = login_cookie(&app, "", 0).parse() {
        cookies.append(header::SET_COOKIE, gone);
    }
    Ok(response)
}
