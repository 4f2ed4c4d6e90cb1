//! Headers that every answer carries, so that a browser does nothing with it but what is meant.

use crate::app::App;
use crate::bodies::Lease;
use crate::limits;
use crate::refusal::Refusal;
use api::code;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::time::timeout;

/// Set where the handler has not said it more strictly.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];
/// Two years, as browsers' lists ask for.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Adds the headers to an answer.
pub async fn harden(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.headers().get_all(header::HOST).iter().nth(1).is_some() {
        return Refusal::of(&code::BAD_PARAMETER, "`Host` stands twice").into_response();
    }
    let most = Duration::from_secs(limits::REQUEST_SECONDS_MAX);
    // A command under way goes on: only its answer is not waited for.
    let mut response = match timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::of(&code::TOO_SLOW, "").into_response(),
    };
    if let Some(lease) = response.extensions_mut().remove::<Lease>() {
        response = lease.hold(response);
    }
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}
