//! What waits to be built: deliveries by source. Sources take turns, so that a large delivery of
//! one does not keep the others waiting.

use super::delivery::Open;
use crate::NodeError;
use crate::code;
use crate::intake::{FRAME_RAW_BYTES_MAX, FRAME_RECORDS_MAX};
use engine::trace::FRAME_TRACES_MAX;
use parking_lot::{Condvar, Mutex};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// Deliveries that wait.
#[derive(Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    ready: Condvar,
}

#[derive(Default)]
struct Inner {
    /// By source; each with the first row that no frame has.
    waiting: HashMap<String, VecDeque<(Arc<Open>, usize)>>,
    /// Whose turn it is.
    turns: VecDeque<String>,
    bytes: usize,
    closed: bool,
}

/// Rows of one source for one frame.
pub(crate) struct Batch {
    pub(crate) source: String,
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
        let source = open.source.clone();
        if let Some(waiting) = inner.waiting.get_mut(&source) {
            waiting.push_back((open, 0));
        } else {
            inner.waiting.insert(source.clone(), VecDeque::from([(open, 0)]));
            inner.turns.push_back(source);
        }
        drop(inner);
        self.ready.notify_one();
        Ok(())
    }

    /// Bytes of rows that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.inner.lock().bytes
    }

    /// Rows for the next frame; nothing when it is closed and empty.
    pub(crate) fn take(&self) -> Option<Batch> {
        let mut inner = self.inner.lock();
        let source = loop {
            if let Some(source) = inner.turns.pop_front() {
                break source;
            }
            if inner.closed {
                return None;
            }
            self.ready.wait(&mut inner);
        };
        let mut waiting = inner.waiting.remove(&source).unwrap_or_default();
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
            inner.waiting.insert(source.clone(), waiting);
            inner.turns.push_back(source.clone());
            self.ready.notify_one();
        }
        Some(Batch { source, pieces })
    }

    /// Takes nothing more; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.ready.notify_all();
    }
}
