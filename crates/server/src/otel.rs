//! Spans for OpenTelemetry, exported by OTLP over HTTP where an endpoint is named; nothing is done
//! and nothing is kept otherwise.
//!
//! A span is made when its work is over, by whoever did it: requests, their waits, frames, webhook
//! deliveries. What is not taken off the queue in time is dropped and counted, never waited for.
//! The libraries of OpenTelemetry say which traces are taken, encode, send and try again, by the
//! HTTP client that there is. Their own queue has a thread of its own and does not tell how many
//! it dropped, and their tracer wants the work to run inside of its spans: neither is used.

pub mod settings;
pub mod span;

use crate::limits::{SPANS_AT_ONCE_MAX, SPANS_OPEN_MAX, SPANS_WAITING_MAX};
use axum::body::Bytes;
use node::connect::Target;
use node::connect::post::{Client, Idle};
use node::engine::trace::TraceId;
use node::observe::{Done, Observer, Step};
use node::{NodeError, code};
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use settings::{Sampling, Settings};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long spans wait for others, so that they are sent together.
const TOGETHER: Duration = Duration::from_secs(1);
/// How often a request is tried again, and how long it is waited before the first time.
const TRIES_AGAIN: usize = 2;
const AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How long a connection and an answer are waited for.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long spans are tried in all.
const SENT_WITHIN: Duration = Duration::from_secs(40);
/// How long the end of the service waits for the last spans.
const LAST_WITHIN: Duration = Duration::from_secs(3);

enum Job {
    Span(Box<SpanData>),
    Flush(oneshot::Sender<()>),
}

/// Where spans are put.
pub struct Spans {
    queue: mpsc::Sender<Job>,
    sampling: Sampling,
    /// Requests of exported traces whose frames are under way: their span by trace.
    open: Mutex<Open>,
    lost: Arc<AtomicU64>,
}

#[derive(Default)]
struct Open {
    spans: HashMap<TraceId, u64>,
    /// In the order in which they came: what is never applied leaves at last.
    order: VecDeque<TraceId>,
}

impl Spans {
    /// Begins to export, in the runtime that this is called in.
    ///
    /// # Errors
    /// [`code::BAD_SETTINGS`] when the libraries refuse a variable that they read themselves.
    pub fn start(settings: Settings) -> Result<Arc<Self>, NodeError> {
        let exporter = exporter(&settings)?;
        let (queue, jobs) = mpsc::channel(SPANS_WAITING_MAX);
        let (sampling, lost) = (settings.sampling, Arc::<AtomicU64>::default());
        tokio::spawn(send(exporter, jobs, Arc::clone(&lost)));
        Ok(Arc::new(Self { queue, sampling, open: Mutex::default(), lost }))
    }

    /// Whether a trace is exported, of which the caller said whether it records it.
    pub fn takes(&self, trace: TraceId, said: Option<bool>) -> bool {
        self.sampling.takes(trace, said)
    }

    /// Exports a span; it is lost where too many wait.
    pub fn put(&self, span: SpanData) {
        if self.queue.try_send(Job::Span(Box::new(span))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Spans that were lost since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Has the frames of a trace told as parts of a request's span.
    pub(crate) fn follow(&self, trace: TraceId, span: u64) {
        let mut open = self.open();
        if open.spans.insert(trace, span).is_some() {
            return;
        }
        open.order.push_back(trace);
        if open.order.len() > SPANS_OPEN_MAX
            && let Some(oldest) = open.order.pop_front()
        {
            open.spans.remove(&oldest);
        }
    }

    /// Waits until what was put is sent, a little.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        let flushed = async {
            if self.queue.send(Job::Flush(done)).await.is_ok() {
                let _ = wait.await;
            }
        };
        // Who collects may be away: the end does not wait for it.
        let _ = tokio::time::timeout(LAST_WITHIN, flushed).await;
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Spans {
    fn done(&self, done: Done<'_>) {
        let open = self.open();
        if open.spans.is_empty() {
            return;
        }
        let ids = done.frame.header.traces.ids();
        let known = ids.filter_map(|trace| Some((trace, *open.spans.get(&trace)?)));
        let mut found: Vec<(TraceId, u64)> = known.collect();
        drop(open);
        found.sort_unstable();
        found.dedup();
        let name = match done.step {
            Step::Durable => "frame durable",
            Step::Applied => "frame applied",
        };
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        for (trace, parent) in found {
            let mut span = span::ended((trace, Some(parent)), (new_id(), name.into()), done.took);
            span.attributes = vec![
                KeyValue::new("saldo.operator", done.frame.header.operator.clone()),
                KeyValue::new("saldo.source", done.frame.header.source.clone()),
                KeyValue::new("saldo.position", number(done.first)),
                KeyValue::new("saldo.records", number(done.frame.rows.len() as u64)),
            ];
            self.put(span);
        }
    }
}

/// The id of a new span; never zero.
pub fn new_id() -> u64 {
    let bytes = node::keys::nonce();
    u64::from_le_bytes(*bytes.first_chunk().unwrap_or(&[1; 8])).max(1)
}

/// What encodes spans and sends them.
fn exporter(settings: &Settings) -> Result<SpanExporter, NodeError> {
    let client = Client::new(true, Vec::new())
        .map_err(|error| NodeError::said(code::SYSTEM, error))?
        .within(CONNECT_WITHIN, ANSWER_WITHIN);
    let again =
        RetryPolicy::recommended().with_max_retries(TRIES_AGAIN).with_initial_delay(AGAIN_AFTER);
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Post { client, idle: Idle::default() })
        .with_endpoint(&settings.url)
        .with_protocol(Protocol::HttpBinary)
        .with_headers(settings.headers.clone())
        .with_timeout(SENT_WITHIN)
        .with_retry_policy(again)
        .build()
        .map_err(|error| NodeError::said(code::BAD_SETTINGS, error.to_string()))?;
    let resource = Resource::builder()
        .with_service_name(settings.service.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    exporter.set_resource(&resource);
    Ok(exporter)
}

/// How the exporter reaches the collector.
#[derive(Debug)]
struct Post {
    client: Client,
    idle: Idle,
}

#[async_trait::async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // The collector is the operator's own: it may be on this machine.
        let target = Target::parse(&request.uri().to_string(), true)?;
        let texts = request.headers().iter();
        let texts = texts.filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
        let headers: Vec<_> = texts.map(|(name, text)| (name.clone(), text.to_owned())).collect();
        let answer = self.client.post(&target, &self.idle, &headers, request.body()).await;
        let answer = answer.map_err(|failure| failure.to_string())?;
        let mut response = Response::builder().status(answer.status);
        if let Some(after) = answer.retry_after {
            response = response.header("retry-after", after.as_secs());
        }
        Ok(response.body(Bytes::new())?)
    }
}

/// Sends what is put, until nobody is there to put more; counts what the collector does not take.
async fn send(exporter: SpanExporter, mut jobs: mpsc::Receiver<Job>, lost: Arc<AtomicU64>) {
    let (mut next, mut told) = (Vec::new(), 0);
    while jobs.recv_many(&mut next, SPANS_AT_ONCE_MAX).await > 0 {
        let is_flush = |job: &Job| matches!(job, Job::Flush(_));
        if next.len() < SPANS_AT_ONCE_MAX && !next.iter().any(is_flush) {
            tokio::time::sleep(TOGETHER).await;
            while next.len() < SPANS_AT_ONCE_MAX
                && let Ok(job) = jobs.try_recv()
            {
                next.push(job);
            }
        }
        let (mut spans, mut flushed) = (Vec::new(), Vec::new());
        for job in next.drain(..) {
            match job {
                Job::Span(span) => spans.push(*span),
                Job::Flush(done) => flushed.push(done),
            }
        }
        let count = spans.len() as u64;
        let sent = if spans.is_empty() { Ok(()) } else { exporter.export(spans).await };
        if sent.is_err() {
            lost.fetch_add(count, Ordering::Relaxed);
        }
        for done in flushed {
            let _ = done.send(());
        }
        let lost = lost.load(Ordering::Relaxed);
        if lost > told {
            told = lost;
            let why = sent.err().map(|error| error.to_string());
            let what = "spans were lost";
            tracing::warn!(
                target: "saldo::otel",
                { saldo.spans.lost = lost, error.message = why },
                "{what}"
            );
        }
    }
}
