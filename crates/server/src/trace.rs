//! One trace through every request: W3C `traceparent` in and out, an id in every answer and every
//! problem, one line in the log, one count in the metrics.
//!
//! A line never has a query, a header, a body, or what stands in the place of a parameter: its
//! path is the route's.

use crate::app::App;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use node::engine::query::scan::hex;
use node::engine::trace::TraceId;
use std::time::{Duration, Instant};

/// The trace that a request is part of.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The request's id: what problems and the log name it by.
const REQUEST_ID: HeaderName = HeaderName::from_static("saldo-request-id");

tokio::task_local! {
    static CURRENT: Context;
}

/// Where in which trace a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The trace; none where the system gives no random bytes for a new one.
    pub trace: Option<TraceId>,
    /// 16 digits: this request.
    pub span: String,
    /// Whether the caller records the trace.
    pub sampled: bool,
}

/// The operator that an answer is of, for the metrics.
#[derive(Clone, Debug)]
pub struct Of(pub String);

impl Context {
    /// The context of a request: a part of the caller's trace, or a new one.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        let fresh = node::keys::nonce();
        let (new, span) = fresh.split_first_chunk().unwrap_or((&[0; 16], &[]));
        let span = hex(span);
        match given.and_then(parse) {
            Some((trace, sampled)) => Self { trace: Some(trace), span, sampled },
            None => Self { trace: TraceId::new(*new), span, sampled: false },
        }
    }

    fn traceparent(&self) -> String {
        format!("00-{}-{}-0{}", shown(self.trace), self.span, u8::from(self.sampled))
    }
}

/// The trace and its flag in a `traceparent` of a version that begins like version 0.
fn parse(text: &str) -> Option<(TraceId, bool)> {
    let mut parts = text.trim().split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let form = digits(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    let is_parent = digits(parent, 16) && !zero(parent);
    if !form || !is_parent || !digits(flags, 2) {
        return None;
    }
    Some((trace.parse().ok()?, u8::from_str_radix(flags, 16).ok()? & 1 == 1))
}

/// The id of the request that is answered now; empty outside of one.
pub fn request_id() -> String {
    CURRENT.try_with(|context| context.span.clone()).unwrap_or_default()
}

/// The trace that is worked on now; none outside of one.
pub fn current() -> Option<TraceId> {
    CURRENT.try_with(|context| context.trace).ok().flatten()
}

/// An id as documents and the log have it; empty for none.
pub fn shown(trace: Option<TraceId>) -> String {
    trace.map(|trace| trace.to_string()).unwrap_or_default()
}

/// Runs the request inside its trace, and tells what came of it.
pub async fn trace(State(app): State<App>, request: Request, next: Next) -> Response {
    let (context, started) = (Context::of(request.headers()), Instant::now());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = CURRENT.scope(context.clone(), next.run(request)).await;
    let took = started.elapsed();
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(TRACEPARENT, &context.traceparent());
    put(REQUEST_ID, &context.span);
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    let operator = response.extensions().get::<Of>().map_or("", |of| of.0.as_str());
    app.metrics.request((operator, method.as_str(), route), status, took);
    tell(&context, (method.as_str(), route), status, took);
    response
}

/// One line: what went well only where somebody looks, what did not always.
fn tell(context: &Context, (method, route): (&str, &str), status: u16, took: Duration) {
    let trace = shown(context.trace);
    let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "saldo::request",
                {
                trace.id = trace.as_str(),
                span.id = context.span.as_str(),
                http.request.method = method,
                url.path = route,
                http.response.status_code = status,
                event.duration = nanos
                },
                "request"
            )
        };
    }
    match status {
        500.. => line!(error),
        400.. => line!(info),
        _ => line!(debug),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_where_its_parent_is_well_formed() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let parent = "b7ad6b7169203331";
        for (given, found) in [
            (format!("00-{trace}-{parent}-01"), Some(true)),
            (format!("00-{trace}-{parent}-00"), Some(false)),
            (format!("01-{trace}-{parent}-01-more"), Some(true)),
            (format!("00-{trace}-{parent}-01-more"), None),
            (format!("ff-{trace}-{parent}-01"), None),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), None),
            (format!("00-{}-{parent}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{trace}-{parent}"), None),
            (String::new(), None),
        ] {
            let parsed = parse(&given);
            assert_eq!(parsed.map(|(_, sampled)| sampled), found, "{given}");
            assert!(parsed.is_none_or(|(id, _)| id.to_string() == trace));
        }
    }
}
