//! Buffers of frames, passed back from what consumed them to what makes them.

use super::{Prepared, Row};
use proof::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers of frames that are no longer needed. Giving megabytes back to the system with every
/// frame, and getting them zeroed again, cost a tenth of the whole.
#[derive(Debug, Default)]
pub struct Pool {
    spent: Mutex<Vec<Prepared>>,
}

/// Frames whose buffers are kept: as many as are on their way at once, and some.
const POOL_FRAMES_MAX: usize = 6;

impl Pool {
    /// Keeps the buffers of a frame that nobody else holds.
    pub fn put(&self, frame: Arc<Prepared>) {
        let Ok(prepared) = Arc::try_unwrap(frame) else { return };
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() < POOL_FRAMES_MAX {
            spent.push(prepared);
        }
    }

    /// The emptied buffers of a frame: records and their ends, rows, leaves, keys of plans.
    pub fn take(&self) -> Buffers {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(prepared) = spent.pop() else { return Buffers::default() };
        drop(spent);
        let Prepared { frame, mut rows, mut leaves, mut contents, mut plan_keys, .. } = prepared;
        rows.clear();
        leaves.clear();
        contents.clear();
        plan_keys.clear();
        let (mut records, mut ends) =
            Arc::try_unwrap(frame).map_or_else(|_| Default::default(), |f| (f.records, f.ends));
        records.clear();
        ends.clear();
        Buffers { records, ends, rows, leaves, contents, plan_keys }
    }
}

/// Emptied buffers of a frame.
#[derive(Debug, Default)]
pub struct Buffers {
    /// For records.
    pub records: Vec<u8>,
    /// For where they end.
    pub ends: Vec<u32>,
    pub(super) rows: Vec<Row>,
    pub(super) leaves: Vec<Hash>,
    pub(super) contents: Vec<Hash>,
    pub(super) plan_keys: Vec<u8>,
}
