//! Spans for OpenTelemetry, exported by OTLP over HTTP where an endpoint is named; nothing is done
//! and nothing is kept otherwise.
//!
//! A span is made when its work is over, by whoever did it: requests, their waits, frames, webhook
//! deliveries. What is not taken off the queue in time is dropped and counted, never waited for.
//! The protocol is a few fields of protobuf, and is written here: the libraries for it want the
//! work to run inside of their spans, and bring an HTTP client beside the one there is.

pub mod proto;
pub mod settings;
pub mod span;

use crate::limits::{SPANS_AT_ONCE_MAX, SPANS_OPEN_MAX, SPANS_WAITING_MAX};
use node::connect::post::{Client, Idle};
use node::engine::trace::TraceId;
use node::observe::{Done, Observer, Step};
use settings::Settings;
use span::Span;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long spans wait for others, so that they are sent together.
const TOGETHER: Duration = Duration::from_secs(1);
/// How often a request is tried, and how long it is waited before the second time.
const TRIES: u32 = 3;
const AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How long the end of the service waits for the last spans.
const LAST_WITHIN: Duration = Duration::from_secs(3);

enum Job {
    Span(Box<Span>),
    Flush(oneshot::Sender<()>),
}

/// Where spans are put.
pub struct Spans {
    queue: mpsc::Sender<Job>,
    sampler: settings::Sampler,
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
    /// When no client can be made.
    pub fn start(settings: Settings) -> Result<Arc<Self>, node::NodeError> {
        let client = Client::new(true, Vec::new())
            .map_err(|error| node::NodeError::said(node::code::SYSTEM, error))?;
        let client = client.within(Duration::from_secs(3), Duration::from_secs(10));
        let (queue, jobs) = mpsc::channel(SPANS_WAITING_MAX);
        let (sampler, lost) = (settings.sampler, Arc::<AtomicU64>::default());
        let sender = Sender { client, settings, idle: Idle::default(), lost: Arc::clone(&lost) };
        tokio::spawn(sender.run(jobs));
        Ok(Arc::new(Self { queue, sampler, open: Mutex::default(), lost }))
    }

    /// Whether a trace is exported, of which the caller said whether it records it.
    pub fn takes(&self, trace: TraceId, said: Option<bool>) -> bool {
        self.sampler.takes(trace, said)
    }

    /// Exports a span; it is lost where too many wait.
    pub fn put(&self, span: Span) {
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
        for (trace, parent) in found {
            let id = (new_id(), name.to_owned());
            let span = Span::ended((trace, Some(parent)), id, done.took)
                .with("saldo.operator", done.frame.header.operator.clone())
                .with("saldo.source", done.frame.header.source.clone())
                .with("saldo.position", done.first)
                .with("saldo.records", done.frame.rows.len() as u64);
            self.put(span);
        }
    }
}

/// The id of a new span; never zero.
pub fn new_id() -> u64 {
    let bytes = node::keys::nonce();
    u64::from_le_bytes(*bytes.first_chunk().unwrap_or(&[1; 8])).max(1)
}

/// Sends what is put.
struct Sender {
    client: Client,
    settings: Settings,
    idle: Idle,
    lost: Arc<AtomicU64>,
}

impl Sender {
    async fn run(self, mut jobs: mpsc::Receiver<Job>) {
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
            if !spans.is_empty() {
                self.send(&spans).await;
            }
            for done in flushed {
                let _ = done.send(());
            }
            let lost = self.lost.load(Ordering::Relaxed);
            if lost > told {
                told = lost;
                let what = "spans were lost";
                tracing::warn!(target: "saldo::otel", { saldo.spans.lost = lost }, "{what}");
            }
        }
    }

    /// Sends these; lost where the collector does not take them.
    async fn send(&self, spans: &[Span]) {
        let body = proto::request(&self.settings.service, spans).into();
        let mut headers = vec![(hyper::header::CONTENT_TYPE, "application/x-protobuf".to_owned())];
        for (name, value) in &self.settings.headers {
            if let Ok(name) = name.parse() {
                headers.push((name, value.clone()));
            }
        }
        let mut wait = AGAIN_AFTER;
        for again in 0..TRIES {
            if again > 0 {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            let sent = self.client.post(&self.settings.target, &self.idle, &headers, &body).await;
            match sent.map(|answer| answer.status.as_u16()) {
                Ok(200..=299) => return,
                // What the protocol says may be tried again.
                Ok(429 | 502..=504) | Err(_) => {}
                Ok(_) => break,
            }
        }
        self.lost.fetch_add(spans.len() as u64, Ordering::Relaxed);
    }
}
