//! The last prepared frames, kept so that a reference to something recent needs no read.

use crate::port::Position;
use crate::prepare::{Pool, Prepared};
use std::collections::VecDeque;
use std::sync::Arc;

/// Records kept: references reach back seconds, and each costs its bytes and a row.
pub const RECENT_RECORDS_MAX: usize = 64_000;

/// A bounded list of frames in order of position.
#[derive(Debug, Default)]
pub struct Recent {
    frames: VecDeque<(Position, Arc<Prepared>)>,
    records: usize,
}

impl Recent {
    /// Adds the newest frame; the oldest beyond the bound give their buffers to `pool`.
    pub fn push(&mut self, first: Position, frame: Arc<Prepared>, pool: &Pool) {
        self.records += frame.rows.len();
        self.frames.push_back((first, frame));
        while self.records > RECENT_RECORDS_MAX && self.frames.len() > 1 {
            if let Some((_, old)) = self.frames.pop_front() {
                self.records -= old.rows.len();
                pool.put(old);
            }
        }
    }

    /// The frame and row of `position`, when it is recent.
    pub fn find(&self, position: Position) -> Option<(&Arc<Prepared>, usize)> {
        let after = self.frames.partition_point(|(first, _)| *first <= position);
        let (first, frame) = self.frames.get(after.checked_sub(1)?)?;
        let row = usize::try_from(position - first).ok()?;
        (row < frame.rows.len()).then_some((frame, row))
    }
}
