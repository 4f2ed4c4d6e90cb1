//! Rows brought in together, and what became of them.

use super::receipt::Receipts;
use crate::NodeError;
use crate::code;
use engine::Prepared;
use engine::engine::Applied;
use engine::port::Position;
use engine::trace::TraceId;
use parking_lot::Mutex;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

/// What a delivery's answer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// That every row is durable in the Log.
    Accepted,
    /// That every row's effects can be read.
    Applied,
}

/// Called once with what became of a delivery.
pub type Done = Box<dyn FnOnce(Result<Taken, NodeError>) + Send>;

/// Rows of one source in the native event shape.
pub struct Delivery {
    /// The source.
    pub source: String,
    /// The bytes that the rows are in.
    pub body: Vec<u8>,
    /// Where each row is in `body`: one JSON object.
    pub rows: Vec<Range<usize>>,
    /// What the answer waits for.
    pub wait: Wait,
    /// The request that brings them.
    pub trace: Option<TraceId>,
    /// Told what became of it.
    pub done: Done,
}

/// What became of a delivery: its rows in order, in one part for each frame they came into.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// In the order of the rows.
    pub parts: Vec<Part>,
}

/// Rows of a delivery that came into one frame.
#[derive(Clone, Debug)]
pub struct Part {
    /// The frame.
    pub frame: Arc<Prepared>,
    /// Position of the frame's first record.
    pub first: Position,
    /// Which of the frame's records are the delivery's.
    pub records: Range<usize>,
    /// What became of the frame's records, where the delivery waited for it.
    pub applied: Option<Arc<Applied>>,
    /// The receipts of the frame.
    pub receipts: Arc<Receipts>,
    /// Which of the frame's deliveries this is.
    pub delivery: usize,
}

/// A delivery on its way. Dropped without an answer, it answers that the service stops.
pub(crate) struct Open {
    pub(crate) source: String,
    pub(crate) body: Vec<u8>,
    pub(crate) rows: Vec<Range<usize>>,
    pub(crate) wait: Wait,
    pub(crate) trace: Option<TraceId>,
    state: Mutex<State>,
}

struct State {
    /// Rows whose part is not there yet.
    missing: usize,
    parts: Vec<(usize, Part)>,
    done: Option<Done>,
}

impl Open {
    pub(crate) fn new(delivery: Delivery) -> Arc<Self> {
        let Delivery { source, body, rows, wait, trace, done } = delivery;
        let state = State { missing: rows.len(), parts: Vec::new(), done: Some(done) };
        Arc::new(Self { source, body, rows, wait, trace, state: Mutex::new(state) })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes that it holds in the queue.
    pub(crate) fn bytes(&self) -> usize {
        self.body.len() + self.rows.len() * size_of::<Range<usize>>()
    }

    pub(crate) fn finish_empty(&self) {
        if let Some(done) = self.state.lock().done.take() {
            done(Ok(Taken::default()));
        }
    }

    /// Adds the part that begins with row `row`; the answer is given with the last one.
    pub(crate) fn add(&self, row: usize, part: Part) {
        let mut state = self.state.lock();
        state.missing = state.missing.saturating_sub(part.records.len());
        state.parts.push((row, part));
        if state.missing > 0 {
            return;
        }
        let Some(done) = state.done.take() else { return };
        let mut parts = std::mem::take(&mut state.parts);
        drop(state);
        parts.sort_by_key(|(row, _)| *row);
        done(Ok(Taken { parts: parts.into_iter().map(|(_, part)| part).collect() }));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(done) = self.state.get_mut().done.take() {
            done(Err(NodeError::said(code::STOPPING, "")));
        }
    }
}

/// Rows of a delivery within a frame that is being built.
pub(crate) struct Slice {
    pub(crate) open: Arc<Open>,
    /// The first row.
    pub(crate) row: usize,
    /// Which records of the frame they are.
    pub(crate) records: Range<usize>,
    /// Which of the frame's deliveries they are of.
    pub(crate) delivery: usize,
}

/// A frame that was appended, with what its answers need.
#[derive(Clone)]
pub(crate) struct Appended {
    pub(crate) first: Position,
    pub(crate) frame: Arc<Prepared>,
    pub(crate) receipts: Arc<Receipts>,
    pub(crate) since: Instant,
}

impl Appended {
    /// The part of a slice of it.
    pub(crate) fn part(&self, slice: &Slice, applied: Option<Arc<Applied>>) -> Part {
        let Self { first, frame, receipts, .. } = self.clone();
        let (records, delivery) = (slice.records.clone(), slice.delivery);
        Part { frame, first, records, applied, receipts, delivery }
    }
}
