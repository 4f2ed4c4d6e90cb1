//! What keeps events as they were sent: a digest of the content and the time of sending on every
//! request that brings them, by whatever it is authenticated; both on every answer.

pub mod digest;
mod fields;

use crate::app::App;
use crate::guard::Asker;
use crate::limits;
use crate::policy::{Action, action};
use crate::refusal::Refusal;
use api::code;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use digest::CONTENT_DIGEST;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// When a request or an answer was sent, unix seconds.
pub const SALDO_TIMESTAMP: HeaderName = HeaderName::from_static("saldo-timestamp");
/// Seconds that a timestamp may differ from the clock here, in either direction.
const WINDOW_SECONDS: i64 = 300;

/// Looks at what brings events, behind the guard and before anything is unpacked.
pub async fn open(State(_app): State<App>, request: Request, next: Next) -> Response {
    if !brings_events(&request) || request.extensions().get::<Asker>().is_none() {
        return next.run(request).await;
    }
    match opened(request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn brings_events(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>();
    let action = path.and_then(|path| action(request.method(), path.as_str()));
    action == Some(Action::BringEvents)
}

async fn opened(request: Request) -> Result<Request, Refusal> {
    fresh(timestamp(request.headers())?)?;
    let digests = digest::stated(request.headers())?;
    let (parts, body) = request.into_parts();
    let content = whole(body).await?;
    digests.check(&content)?;
    Ok(Request::from_parts(parts, Body::from(content)))
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

/// The whole content as it was sent.
async fn whole(body: Body) -> Result<Bytes, Refusal> {
    let read = Limited::new(body, limits::BODY_BYTES_MAX).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            let what = format!("at most {} bytes are taken", limits::BODY_BYTES_MAX);
            return Refusal::of(&code::BODY_TOO_LARGE, what);
        }
        Refusal::of(&code::BAD_BODY, "it ends too early")
    })
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
