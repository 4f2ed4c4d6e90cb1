//! What waits to be built: deliveries by source. Sources take turns, so that a large delivery of
//! one does not keep the others waiting.
//!
//! While a frame of a source is on its way to the disk, what little comes meanwhile gathers and
//! shares the next one: every frame costs a flush and a signature, however few rows it has. Where
//! an operator brings several times as much as another of the process, its sources rest after a
//! frame that several deliveries shared: who brings much leaves processor and disk to the others.
//! Who brings little, one at a time, or is alone never waits.

mod lately;

use super::delivery::Open;
use crate::NodeError;
use crate::code;
use crate::intake::{FRAME_RAW_BYTES_MAX, FRAME_RECORDS_MAX};
use engine::trace::FRAME_TRACES_MAX;
use parking_lot::{Condvar, Mutex};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What gathers no longer, though a frame of its source is under way: some hundred events, whose
/// building takes as long as a flush.
const GATHER_BYTES: usize = 128 << 10;

/// A source rests so many times as long as its frame took.
const REST_TIMES: u32 = 3;
/// How long a source rests at most: on a slow disk most of a frame's time is waiting for it, which
/// keeps nobody from anything.
const REST_MAX: Duration = Duration::from_millis(3);

/// Deliveries that wait.
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    ready: Condvar,
    /// Takes note of deliveries; whether the operator brings several times as much as another.
    note: fn(usize, u32, Instant) -> bool,
}

impl Default for Queue {
    fn default() -> Self {
        Self { inner: Mutex::default(), ready: Condvar::new(), note: lately::note }
    }
}

#[derive(Default)]
struct Inner {
    waiting: HashMap<String, Waiting>,
    /// Whose turn it is.
    turns: VecDeque<String>,
    /// Frames that are not durable yet, by source.
    under_way: HashMap<String, usize>,
    /// Until when sources rest.
    rests: HashMap<String, Instant>,
    bytes: usize,
    closed: bool,
}

/// What waits of one source.
#[derive(Default)]
struct Waiting {
    /// Each with the first row that no frame has.
    deliveries: VecDeque<(Arc<Open>, usize)>,
    /// Of the deliveries.
    bytes: usize,
}

/// A frame that is not durable yet: until this is dropped.
pub(crate) struct UnderWay {
    queue: Arc<Queue>,
    source: String,
    since: Instant,
    deliveries: u32,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let now = Instant::now();
        let brings_more = (self.queue.note)(Arc::as_ptr(&self.queue).addr(), self.deliveries, now);
        let mut inner = self.queue.inner.lock();
        if let Some(frames) = inner.under_way.get_mut(&self.source) {
            *frames -= 1;
            if *frames == 0 {
                inner.under_way.remove(&self.source);
            }
        }
        if self.deliveries > 1 && brings_more {
            let rest = now.duration_since(self.since) * REST_TIMES;
            inner.rests.insert(self.source.clone(), now + rest.min(REST_MAX));
        } else {
            inner.rests.remove(&self.source);
        }
        let gathered = inner.waiting.contains_key(&self.source);
        drop(inner);
        if gathered {
            self.queue.ready.notify_one();
        }
    }
}

/// Rows of one source for one frame.
pub(crate) struct Batch {
    pub(crate) under_way: UnderWay,
    pub(crate) pieces: Vec<(Arc<Open>, Range<usize>)>,
}

impl Queue {
    /// Adds a delivery that has rows.
    pub(crate) fn put(&self, open: Arc<Open>, bytes_max: usize) -> Result<(), NodeError> {
        let mut inner = self.inner.lock();
        if inner.closed {
            return Err(NodeError::said(code::STOPPING, ""));
        }
        if inner.bytes > 0 && inner.bytes + open.bytes() > bytes_max {
            let what = format!("{} bytes wait already", inner.bytes);
            return Err(NodeError::said(code::BUSY, what));
        }
        inner.bytes += open.bytes();
        let (source, bytes) = (open.source.clone(), open.bytes());
        let first = !inner.waiting.contains_key(&source);
        if first {
            inner.turns.push_back(source.clone());
        }
        let waiting = inner.waiting.entry(source.clone()).or_default();
        waiting.deliveries.push_back((open, 0));
        waiting.bytes += bytes;
        // Whoever is told and finds that it is too soon waits until it is not.
        let tell = (first && !inner.under_way.contains_key(&source)) || inner.is_enough(&source);
        drop(inner);
        if tell {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Bytes of rows that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.inner.lock().bytes
    }

    /// Rows for the next frame; nothing when it is closed and empty.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Batch> {
        let mut inner = self.inner.lock();
        let source = loop {
            let now = Instant::now();
            let next = inner.turns.iter().position(|source| inner.may_go(source, now));
            if let Some(source) = next.and_then(|next| inner.turns.remove(next)) {
                break source;
            }
            if inner.closed {
                return None;
            }
            match inner.next_due() {
                Some(due) => {
                    self.ready.wait_until(&mut inner, due);
                }
                None => self.ready.wait(&mut inner),
            }
        };
        let Waiting { deliveries: mut waiting, bytes: waited } =
            inner.waiting.remove(&source).unwrap_or_default();
        let (mut pieces, mut records, mut bytes, mut freed) = (Vec::new(), 0, 0, 0);
        while let Some((open, from)) = waiting.pop_front() {
            let room = FRAME_RECORDS_MAX - records;
            let mut to = from;
            while to < open.rows.len() && to - from < room && bytes < FRAME_RAW_BYTES_MAX {
                bytes += open.rows[to].len();
                to += 1;
            }
            records += to - from;
            let rest = to < open.rows.len();
            if rest {
                waiting.push_front((Arc::clone(&open), to));
            } else {
                freed += open.bytes();
            }
            if to > from {
                pieces.push((open, from..to));
            }
            let full = records == FRAME_RECORDS_MAX || pieces.len() == FRAME_TRACES_MAX;
            if rest || full || bytes >= FRAME_RAW_BYTES_MAX {
                break;
            }
        }
        inner.bytes = inner.bytes.saturating_sub(freed);
        if !waiting.is_empty() {
            let rest = Waiting { deliveries: waiting, bytes: waited.saturating_sub(freed) };
            inner.waiting.insert(source.clone(), rest);
            inner.turns.push_back(source.clone());
        }
        if !inner.turns.is_empty() {
            // Somebody else sees to what still waits, or waits until it is due.
            self.ready.notify_one();
        }
        *inner.under_way.entry(source.clone()).or_default() += 1;
        drop(inner);
        let (queue, since) = (Arc::clone(self), Instant::now());
        let deliveries = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        Some(Batch { under_way: UnderWay { queue, source, since, deliveries }, pieces })
    }

    /// Takes nothing more; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.ready.notify_all();
    }
}

impl Inner {
    /// Whether what waits of a source should be built now.
    fn may_go(&self, source: &str, now: Instant) -> bool {
        let is_rested = || self.rests.get(source).is_none_or(|until| *until <= now);
        self.closed
            || (!self.under_way.contains_key(source) && is_rested())
            || self.is_enough(source)
    }

    /// Whether so much waits of a source that it gathers no longer.
    fn is_enough(&self, source: &str) -> bool {
        self.waiting.get(source).is_some_and(|waiting| waiting.bytes >= GATHER_BYTES)
    }

    /// When the first of those that only rest may be built.
    fn next_due(&self) -> Option<Instant> {
        let idle = self.turns.iter().filter(|source| !self.under_way.contains_key(*source));
        idle.filter_map(|source| self.rests.get(source)).min().copied()
    }
}

impl Batch {
    /// Whose rows they are.
    pub(crate) fn source(&self) -> &str {
        &self.under_way.source
    }
}

#[cfg(test)]
mod tests {
    use super::super::delivery::{Delivery, Wait};
    use super::*;

    fn put(queue: &Queue, source: &str) {
        let delivery = Delivery {
            source: source.to_owned(),
            body: b"{}".to_vec(),
            rows: vec![0..2, 0..2],
            wait: Wait::Accepted,
            trace: None,
            done: Box::new(drop),
        };
        assert!(queue.put(Open::new(delivery), usize::MAX).is_ok());
    }

    /// Deliveries and source of the next frame.
    fn take(queue: &Arc<Queue>) -> (Batch, usize) {
        let batch = queue.take().expect("it is not closed");
        let deliveries = batch.pieces.len();
        (batch, deliveries)
    }

    #[test]
    fn what_comes_alone_never_waits_and_what_comes_in_numbers_gathers() {
        let queue = Arc::new(Queue { note: |_, _, _| true, ..Queue::default() });
        for _ in 0..3 {
            put(&queue, "a");
            let now = Instant::now();
            assert!(queue.inner.lock().may_go("a", now));
            assert_eq!(take(&queue).1, 1);
        }
        put(&queue, "a");
        let (alone, _) = take(&queue);
        put(&queue, "a");
        put(&queue, "a");
        assert!(!queue.inner.lock().may_go("a", Instant::now() + REST_MAX), "under way");
        assert_eq!(queue.inner.lock().next_due(), None);
        drop(alone);
        let (shared, deliveries) = take(&queue);
        assert_eq!(deliveries, 2);
        std::thread::sleep(REST_MAX);
        let over = Instant::now();
        drop(shared);
        put(&queue, "a");
        let due = queue.inner.lock().next_due();
        assert!(due.is_some_and(|due| due >= over + REST_MAX));
        put(&queue, "b");
        let first = take(&queue).0;
        assert!(first.source() == "b" || Some(Instant::now()) >= due, "it rests meanwhile");
        let _second = take(&queue);
        assert!(over.elapsed() >= REST_MAX, "it has rested");
    }

    #[test]
    fn a_queue_that_closes_hands_out_at_once_what_waits() {
        let queue = Arc::new(Queue::default());
        put(&queue, "a");
        put(&queue, "a");
        drop(take(&queue));
        put(&queue, "a");
        queue.close();
        assert_eq!(take(&queue).1, 1);
        assert!(queue.take().is_none());
    }
}
