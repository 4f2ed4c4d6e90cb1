//! What delivers to one endpoint: reads the feed, sends what may go, tries again what failed.

pub mod deliver;

use crate::post::{Client, Failure, Idle};
use crate::schedule::{Circuit, Pace};
use crate::target::Target;
use crate::window::Window;
use bytes::Bytes;
use deliver::{Delivered, deliver};
use engine::query::Cursor;
use engine::trace::TraceId;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

/// How long to wait after the feed could not be read.
const FEED_AGAIN: Duration = Duration::from_secs(1);

/// Something to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it is in the feed.
    pub cursor: Cursor,
    /// Its id: the same at every try.
    pub id: String,
    /// Name of what changed.
    pub kind: &'static str,
    /// What it is about: those of one subject arrive in order.
    pub subject: String,
    /// What it follows from: each try is a part of that trace.
    pub trace: Option<TraceId>,
    /// Whether that trace is recorded.
    pub sampled: bool,
    /// The document.
    pub body: Bytes,
}

/// What was read of the feed.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// Everything up to here was looked at.
    pub reached: Cursor,
    /// Whether there is more now.
    pub more: bool,
}

/// What there is to deliver to one endpoint.
pub trait Feed: Send + Sync + 'static {
    /// What follows a place, at most so many messages. It may block.
    ///
    /// # Errors
    /// Why it cannot be read now; it is tried again.
    fn after(&self, place: Cursor, most: usize) -> Result<Batch, String>;
}

/// Who is told how far an endpoint came. None of it may block.
pub trait Progress: Send + Sync + 'static {
    /// A try ended.
    fn tried(&self, _attempt: &Attempt) {}
    /// Everything up to here arrived.
    fn arrived(&self, place: Cursor);
    /// The endpoint says that it is gone: nothing more is sent.
    fn gone(&self);
}

/// An endpoint as it is called.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where.
    pub target: Target,
    /// What signs, the newest first, each with the first nanosecond UTC at which it does not.
    pub secrets: Vec<(Vec<u8>, i64)>,
    /// After this place of the feed it begins.
    pub after: Cursor,
    /// What lies before this place may have been sent already: it is marked as sent again.
    pub again_before: Cursor,
}

/// Bounds of one endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Deliveries at the same time.
    pub at_once: usize,
    /// Messages in memory that have not arrived.
    pub open_max: usize,
    /// Messages that may arrive although an earlier one has not; they come again after a restart.
    pub early_max: usize,
    /// Tries that are remembered.
    pub attempts_max: usize,
    /// Positions after which progress is told though nothing was delivered.
    pub quiet_positions: u64,
    /// How tries are spread.
    pub pace: Pace,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: 8,
            open_max: 256,
            // Those that fail two or three times must not keep the rest.
            early_max: 8192,
            attempts_max: 200,
            quiet_positions: 100_000,
            pace: Pace::default(),
        }
    }
}

/// One try to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: SystemTime,
    /// The message's id.
    pub id: String,
    /// Where the message is in the feed.
    pub cursor: Cursor,
    /// Name of what changed.
    pub kind: &'static str,
    /// Its subject.
    pub subject: String,
    /// The trace that it is a part of.
    pub trace: Option<TraceId>,
    /// Its id in that trace.
    pub span: u64,
    /// As the header said: 1 for what was surely not sent before.
    pub number: u32,
    /// The status that was answered, or why there was no answer.
    pub outcome: Result<u16, Failure>,
    /// How long it took.
    pub took: Duration,
}

impl Attempt {
    /// Whether it arrived: 2xx and nothing else.
    pub fn arrived(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|status| (200..300).contains(status))
    }
}

/// Where an endpoint stands.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Everything up to here arrived.
    pub arrived: Cursor,
    /// Up to here the feed was read: what lies before may have been sent.
    pub reached: Cursor,
    /// Failures in a row.
    pub failures: u32,
    /// When it is tried again, where it is left alone.
    pub probe_at: Option<Instant>,
    /// The last tries, oldest first.
    pub attempts: VecDeque<Attempt>,
}

/// What delivers to one endpoint; dropping it ends it.
pub struct Handle {
    status: Arc<Mutex<Status>>,
    task: JoinHandle<()>,
}

impl Handle {
    /// Where it stands.
    pub fn status(&self) -> Status {
        self.status.lock().clone()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Begins to deliver, in the runtime that this is called in. `moved` tells that the feed grew.
pub fn start(
    endpoint: Endpoint,
    feed: Arc<dyn Feed>,
    progress: Arc<dyn Progress>,
    moved: watch::Receiver<u64>,
    client: Client,
    limits: Limits,
) -> Handle {
    let status = Arc::new(Mutex::new(Status {
        arrived: endpoint.after,
        reached: endpoint.after,
        ..Status::default()
    }));
    let sender = Sender {
        window: Window::new(endpoint.after, limits.open_max, limits.early_max),
        endpoint: Arc::new(endpoint),
        feed,
        progress,
        moved,
        client,
        limits,
        idle: Idle::default(),
        circuit: Circuit::default(),
        status: Arc::clone(&status),
        told: Cursor::default(),
        feed_again: None,
    };
    Handle { status, task: tokio::spawn(sender.run()) }
}

struct Sender {
    endpoint: Arc<Endpoint>,
    feed: Arc<dyn Feed>,
    progress: Arc<dyn Progress>,
    moved: watch::Receiver<u64>,
    client: Client,
    limits: Limits,
    window: Window,
    idle: Idle,
    circuit: Circuit,
    status: Arc<Mutex<Status>>,
    /// What progress was told last.
    told: Cursor,
    /// When the feed is read again after a failure.
    feed_again: Option<Instant>,
}

impl Sender {
    async fn run(mut self) {
        let mut under_way: JoinSet<Delivered> = JoinSet::new();
        // The first look is due whether or not anything moves.
        let mut more = true;
        loop {
            if more && self.window.room() && self.feed_again.is_none_or(|at| at <= Instant::now()) {
                self.moved.borrow_and_update();
                more = self.read().await;
            }
            self.send(&mut under_way);
            let wake = self.wake(more, under_way.len());
            let room = self.window.room();
            tokio::select! {
                Some(done) = under_way.join_next() => {
                    if let Ok(done) = done && self.done(done) {
                        return self.progress.gone();
                    }
                }
                changed = self.moved.changed(), if !more && room => {
                    if changed.is_err() {
                        return; // whoever owns the feed is gone
                    }
                    more = true;
                }
                () = until(wake) => {}
            }
        }
    }

    /// Reads more of the feed; whether there is more still.
    async fn read(&mut self) -> bool {
        let (feed, after) = (Arc::clone(&self.feed), self.window.reached());
        let most = self.limits.open_max;
        let read = spawn_blocking(move || feed.after(after, most)).await;
        let Ok(Ok(batch)) = read else {
            self.feed_again = Some(Instant::now() + FEED_AGAIN);
            return true;
        };
        self.feed_again = None;
        self.window.add(batch.messages, batch.reached, Instant::now());
        self.status.lock().reached = self.window.reached();
        self.tell(false);
        batch.more
    }

    /// Sends what may go.
    fn send(&mut self, under_way: &mut JoinSet<Delivered>) {
        let now = Instant::now();
        while under_way.len() < self.limits.at_once && self.circuit.may_send(now, under_way.len()) {
            let Some((message, failures)) = self.window.next(now) else { return };
            let again = u32::from(message.cursor < self.endpoint.again_before);
            let number = failures.saturating_add(1).saturating_add(again);
            let (endpoint, client) = (Arc::clone(&self.endpoint), self.client.clone());
            let idle = self.idle.clone();
            under_way.spawn(deliver(endpoint, client, idle, message, number));
        }
    }

    /// Notes how a delivery ended; whether the endpoint is gone.
    fn done(&mut self, done: Delivered) -> bool {
        let Delivered { message, attempt, retry_after } = done;
        let now = Instant::now();
        let arrived = attempt.arrived();
        let is_gone = attempt.outcome == Ok(410);
        let failures = attempt.number;
        self.progress.tried(&attempt);
        self.note(attempt);
        if arrived {
            self.circuit.succeeded();
            self.window.done(&message);
        } else {
            let wait = self.limits.pace.wait(failures, random());
            let wait = wait.max(retry_after.unwrap_or_default().min(self.limits.pace.most));
            let is_first = self.window.failed(&message, now + wait);
            self.circuit.failed(now, &self.limits.pace, is_first, random());
        }
        let mut status = self.status.lock();
        status.failures = self.circuit.failures();
        status.probe_at = self.circuit.probe_at();
        drop(status);
        self.tell(arrived);
        is_gone
    }

    fn note(&self, attempt: Attempt) {
        let mut status = self.status.lock();
        if status.attempts.len() >= self.limits.attempts_max {
            status.attempts.pop_front();
        }
        status.attempts.push_back(attempt);
    }

    /// Tells how far it came: after a delivery, or when much was passed over.
    fn tell(&mut self, delivered: bool) {
        let arrived = self.window.arrived();
        self.status.lock().arrived = arrived;
        let passed = arrived.position.saturating_sub(self.told.position);
        let much = passed >= self.limits.quiet_positions;
        if arrived != self.told && (delivered || much) {
            self.told = arrived;
            self.progress.arrived(arrived);
        }
    }

    /// When there is something to do though nothing happens.
    fn wake(&self, more: bool, under_way: usize) -> Option<Instant> {
        let now = Instant::now();
        let feed = (more && self.window.room()).then(|| self.feed_again.unwrap_or(now));
        let due = self.window.due().filter(|_| under_way < self.limits.at_once);
        let send = match (due, self.circuit.probe_at()) {
            // A probe under way decides first.
            (Some(_), Some(_)) if under_way > 0 => None,
            (Some(due), Some(probe)) => Some(due.max(probe)),
            (due, _) => due,
        };
        [feed, send].into_iter().flatten().min()
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// A random number; where the system gives none, the middle of everything.
fn random() -> u64 {
    let mut bytes = [0x7f; 8];
    // Jitter may fail to be random: then waits are merely all alike.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
