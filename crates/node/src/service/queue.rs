//! What waits to be built: deliveries by source. Sources take turns, so that a large delivery of
//! one does not keep the others waiting.
//!
//! While a frame of a source is on its way to the disk, what little comes meanwhile gathers and
//! shares the next one: every frame costs flushes and a signature, however few rows it has.

use super::delivery::Open;
use crate::NodeError;
use crate::code;
use crate::intake::{FRAME_RAW_BYTES_MAX, FRAME_RECORDS_MAX};
use engine::trace::FRAME_TRACES_MAX;
use parking_lot::{Condvar, Mutex};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// What gathers no longer, though a frame of its source is under way: some hundred events, whose
/// building takes as long as a flush.
const GATHER_BYTES: usize = 128 << 10;

/// Deliveries that wait.
#[derive(Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    ready: Condvar,
}

#[derive(Default)]
struct Inner {
    waiting: HashMap<String, Waiting>,
    /// Whose turn it is.
    turns: VecDeque<String>,
    /// Frames that are not durable yet, by source.
    under_way: HashMap<String, usize>,
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
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut inner = self.queue.inner.lock();
        if let Some(frames) = inner.under_way.get_mut(&self.source) {
            *frames -= 1;
            if *frames == 0 {
                inner.under_way.remove(&self.source);
            }
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
        if !inner.waiting.contains_key(&source) {
            inner.turns.push_back(source.clone());
        }
        let waiting = inner.waiting.entry(source.clone()).or_default();
        waiting.deliveries.push_back((open, 0));
        waiting.bytes += bytes;
        let may_go = inner.may_go(&source);
        drop(inner);
        if may_go {
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
            let next = inner.turns.iter().position(|source| inner.may_go(source));
            if let Some(source) = next.and_then(|next| inner.turns.remove(next)) {
                break source;
            }
            if inner.closed {
                return None;
            }
            self.ready.wait(&mut inner);
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
            self.ready.notify_one();
        }
        *inner.under_way.entry(source.clone()).or_default() += 1;
        drop(inner);
        Some(Batch { under_way: UnderWay { queue: Arc::clone(self), source }, pieces })
    }

    /// Takes nothing more; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.ready.notify_all();
    }
}

impl Inner {
    /// Whether what waits of a source should be built now.
    fn may_go(&self, source: &str) -> bool {
        let enough = |waiting: &Waiting| waiting.bytes >= GATHER_BYTES;
        self.closed
            || !self.under_way.contains_key(source)
            || self.waiting.get(source).is_some_and(enough)
    }
}

impl Batch {
    /// Whose rows they are.
    pub(crate) fn source(&self) -> &str {
        &self.under_way.source
    }
}
