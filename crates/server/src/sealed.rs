//! What keeps events as they were sent: a digest of the content and the time of sending on every
//! request that brings them, by whatever it is authenticated; both on every answer. Who brings them
//! is known by a key, or by a signature with a secret of the source or a key of its party.

pub mod digest;
mod fields;
mod message;
pub mod refused;
pub mod replay;
mod signed;
pub mod webhook;

use crate::app::{App, Tenant};
use crate::bodies::Lease;
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::code;
use axum::RequestExt;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use digest::CONTENT_DIGEST;
use http_body_util::BodyExt;
use node::book::file::sources::Signed;
use replay::WINDOW_SECONDS;

/// When a request or an answer was sent, unix seconds.
pub const SALDO_TIMESTAMP: HeaderName = HeaderName::from_static("saldo-timestamp");

/// Where events are brought.
const EVENTS: &str = "/v1/sources/{source}/events";

/// How a request that brings events was signed, where it was.
#[derive(Clone, Copy)]
pub struct Brought(Signed);

/// The code that a request was refused with, for whoever counts refusals.
#[derive(Clone)]
pub struct Told(pub String);

/// Finds out who brings events by a signature, before the guard asks.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(source) = source_of(&mut request).await else { return next.run(request).await };
    match signed::identify(&app, &source, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Looks at what brings events, behind the guard and before anything is unpacked; what is refused
/// from here on is counted under its source.
pub async fn open(mut request: Request, next: Next) -> Response {
    let asker = request.extensions().get::<Asker>().cloned();
    let (Some(source), Some(asker)) = (source_of(&mut request).await, asker) else {
        return next.run(request).await;
    };
    let response = match opened(&asker, &source, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    // Of what another asks for, or asks to be told later, nothing came to this source.
    let is_of_it = response.status().is_client_error() && asker.has_source(&source);
    if let Some(Told(code)) = response.extensions().get::<Told>()
        && is_of_it
        && !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::NOT_FOUND)
    {
        refused::count(&asker.tenant, &source, code);
    }
    response
}

/// The source whose events a request brings, by the name that its handler is given: a name can be
/// written in several ways (`%66eed-a`), and all of them are one source.
async fn source_of(request: &mut Request) -> Option<String> {
    let path = request.extensions().get::<MatchedPath>()?;
    if request.method() != Method::POST || path.as_str() != EVENTS {
        return None;
    }
    let params = request.extract_parts::<RawPathParams>().await.ok()?;
    let (_, source) = params.iter().find(|(name, _)| *name == "source")?;
    Some(source.to_owned())
}

async fn opened(asker: &Asker, source: &str, request: Request) -> Result<Request, Refusal> {
    let signed = request.extensions().get::<Brought>().map_or(Signed::None, |by| by.0);
    if rank(signed) < rank(demanded(&asker.tenant, source)) {
        return Err(Refusal::of(&code::TIER, ""));
    }
    if signed == Signed::None {
        fresh(timestamp(request.headers())?)?;
    }
    let digests = digest::stated(request.headers())?;
    let lease = Lease::of(&request)?;
    let (parts, body) = request.into_parts();
    let content = lease.read(body).await?;
    digests.check(&content)?;
    Ok(Request::from_parts(parts, Body::from(content)))
}

/// How requests of a source must be signed, by the book in force.
fn demanded(tenant: &Tenant, source: &str) -> Signed {
    let book = tenant.service.book();
    let demanded = book.and_then(|book| book.compiled.signed.get(source).copied());
    demanded.unwrap_or(Signed::None)
}

/// A key of a party says more than a secret, and a secret more than nothing.
fn rank(signed: Signed) -> u8 {
    match signed {
        Signed::None => 0,
        Signed::Hmac => 1,
        Signed::Message => 2,
    }
}

fn timestamp(headers: &HeaderMap) -> Result<i64, Refusal> {
    let stated =
        headers.get(SALDO_TIMESTAMP).ok_or_else(|| Refusal::of(&code::NO_TIMESTAMP, ""))?;
    let seconds = stated.to_str().ok().and_then(|text| text.parse().ok());
    seconds.ok_or_else(|| Refusal::of(&code::NO_TIMESTAMP, "`Saldo-Timestamp` is unix seconds"))
}

/// The clock, unix seconds.
fn now() -> i64 {
    node::clock::now_nanos().div_euclid(1_000_000_000)
}

/// Refuses a time that is not about now.
fn fresh(stated: i64) -> Result<(), Refusal> {
    let now = now();
    if stated.abs_diff(now) <= WINDOW_SECONDS.unsigned_abs() {
        return Ok(());
    }
    Err(Refusal::of(&code::STALE, format!("it says {stated}, and the clock here {now}")))
}

/// Gives every answer that is whole its digest and the time.
pub async fn seal(request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(SALDO_TIMESTAMP, HeaderValue::from(now()));
    // What streams has no size, and its digest would come too late.
    let size = HttpBody::size_hint(&body).exact();
    let is_whole = size.is_some() && !is_head && !parts.headers.contains_key(CONTENT_DIGEST);
    if !is_whole || parts.status.is_informational() || parts.headers.contains_key(header::UPGRADE) {
        return Response::from_parts(parts, body);
    }
    match body.collect().await {
        Ok(content) => {
            let content = content.to_bytes();
            if !content.is_empty() {
                parts.headers.insert(CONTENT_DIGEST, digest::of(&content));
            }
            Response::from_parts(parts, Body::from(content))
        }
        Err(_) => Refusal::of(&code::INTERNAL, "").into_response(),
    }
}
