//! One trace through every request: W3C `traceparent` in and out, an id in every answer and every
//! problem, one line in the log, one count in the metrics.
//!
//! A line never has a query, a header, a body, or what stands in the place of a parameter: its
//! path is the route's.

use crate::app::{App, Tenant};
use crate::otel::{Spans, new_id, span};
use crate::refusal::Refusal;
use crate::sealed::Told;
use api::code;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use node::engine::query::scan::hex;
use node::engine::trace::TraceId;
use node::{NodeError, Session};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, spawn_blocking};

/// The trace that a request is part of.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The request's id: what problems and the log name it by.
const REQUEST_ID: HeaderName = HeaderName::from_static("saldo-request-id");

tokio::task_local! {
    static CURRENT: Context;
}

/// Where in which trace a request is.
#[derive(Clone)]
pub struct Context {
    /// The trace; none where the system gives no random bytes for a new one.
    pub trace: Option<TraceId>,
    /// 16 digits: this request.
    pub span: String,
    /// Whether the trace is recorded: by the caller, or here.
    pub sampled: bool,
    /// The caller's part of the trace.
    parent: Option<u64>,
    /// Where spans go, if they are of a trace that is exported.
    spans: Option<Arc<Spans>>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.traceparent())
    }
}

/// The operator that an answer is of, for the metrics.
#[derive(Clone, Debug)]
pub struct Of(pub String);

impl Context {
    /// The context of a request: a part of the caller's trace, or a new one.
    fn of(headers: &HeaderMap, spans: Option<&Arc<Spans>>) -> Self {
        let given = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        let fresh = node::keys::nonce();
        let (new, span) = fresh.split_first_chunk().unwrap_or((&[0; 16], &[]));
        let span = hex(span);
        let given = given.and_then(parse);
        let trace = given.as_ref().map(|given| given.trace).or_else(|| TraceId::new(*new));
        let said = given.as_ref().map(|given| given.sampled);
        let takes = |spans: &&Arc<Spans>| trace.is_some_and(|trace| spans.takes(trace, said));
        let spans = spans.filter(takes).cloned();
        let sampled = spans.is_some() || said.unwrap_or(false);
        Self { trace, span, sampled, parent: given.map(|given| given.parent), spans }
    }

    fn id(&self) -> u64 {
        u64::from_str_radix(&self.span, 16).unwrap_or(0)
    }

    /// Exports the request as a span.
    fn export(&self, (method, route): (&str, &str), status: u16, took: Duration, operator: &str) {
        let Some((spans, trace)) = self.spans.as_ref().zip(self.trace) else { return };
        let id = (self.id(), format!("{method} {route}"));
        let mut span = span::ended((trace, self.parent), id, took);
        span.span_kind = SpanKind::Server;
        span.parent_span_is_remote = self.parent.is_some();
        span.attributes = vec![
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ];
        if !operator.is_empty() {
            span.attributes.push(KeyValue::new("saldo.operator", operator.to_owned()));
        }
        if status >= 500 {
            span.status = Status::error("");
        }
        spans.put(span);
    }

    fn traceparent(&self) -> String {
        format!("00-{}-{}-0{}", shown(self.trace), self.span, u8::from(self.sampled))
    }
}

/// What a caller says of its trace.
struct Given {
    trace: TraceId,
    parent: u64,
    sampled: bool,
}

/// What is said in a `traceparent` of a version that begins like version 0.
fn parse(text: &str) -> Option<Given> {
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
    let (trace, parent) = (trace.parse().ok()?, u64::from_str_radix(parent, 16).ok()?);
    Some(Given { trace, parent, sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1 })
}

/// Work that is a part of the request that is answered now.
pub struct Part {
    of: Context,
    name: &'static str,
    since: Instant,
}

/// Begins a part of the request; none where its trace is not exported.
pub fn begin(name: &'static str) -> Option<Part> {
    let exported = |context: &Context| context.spans.is_some().then(|| context.clone());
    let of = CURRENT.try_with(exported).ok()??;
    Some(Part { of, name, since: Instant::now() })
}

impl Part {
    /// Ends it.
    pub fn end(self) {
        let Some((spans, trace)) = self.of.spans.as_ref().zip(self.of.trace) else { return };
        let id = (new_id(), self.name.to_owned());
        spans.put(span::ended((trace, Some(self.of.id())), id, self.since.elapsed()));
    }
}

/// Has the frames that the request brings told as parts of it.
pub fn follow() {
    // Outside of a request there is nothing to follow.
    let _ = CURRENT.try_with(|context| {
        if let Some((spans, trace)) = context.spans.as_ref().zip(context.trace) {
            spans.follow(trace, context.id());
        }
    });
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

/// Does it on a thread that may wait, as a part of the request that is answered now; it is done
/// also where whoever asked is gone.
///
/// # Errors
/// Those of `work`; [`code::INTERNAL`] where it panicked.
pub async fn apart<R: Send + 'static, E: Send + 'static>(
    work: impl FnOnce() -> Result<R, E> + Send + 'static,
) -> Result<R, Refusal>
where
    Refusal: From<E>,
{
    Ok(carried(work).await.map_err(|_| Refusal::of(&code::INTERNAL, ""))??)
}

/// The same for what has errors of its own.
pub fn carried<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    let context = CURRENT.try_with(Context::clone).ok();
    spawn_blocking(move || match context {
        Some(context) => CURRENT.sync_scope(context, work),
        None => work(),
    })
}

/// Does on a thread that may wait what no request asks for, under an id of its own.
pub fn alone<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    let context = Context::of(&HeaderMap::new(), None);
    spawn_blocking(move || CURRENT.sync_scope(context, work))
}

impl Tenant {
    /// Gives commands by the request that is answered now; by an id of their own where there is
    /// none. It blocks.
    ///
    /// # Errors
    /// As [`node::Service::command`].
    pub fn command<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> R + Send + 'static,
    ) -> Result<R, NodeError> {
        let trace = current().or_else(node::keys::trace);
        let done = self.service.command(move |session| session.traced(trace, work));
        done.map_err(|error| self.why(error))
    }
}

/// Runs the request inside its trace, and tells what came of it.
pub async fn trace(State(app): State<App>, request: Request, next: Next) -> Response {
    let context = Context::of(request.headers(), app.spans.as_ref());
    let started = Instant::now();
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
    let code = response.extensions().get::<Told>().map(|told| told.0.as_str());
    tell(&context, (method.as_str(), route), (status, code), took);
    context.export((method.as_str(), route), status, took, operator);
    response
}

/// One line: what went well only where somebody looks, what did not always.
fn tell(
    context: &Context,
    (method, route): (&str, &str),
    (status, code): (u16, Option<&str>),
    took: Duration,
) {
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
                error.code = code,
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
            assert_eq!(parsed.as_ref().map(|given| given.sampled), found, "{given}");
            assert!(parsed.is_none_or(|given| given.trace.to_string() == trace));
        }
    }
}
