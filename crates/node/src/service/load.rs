//! How much a service has to do, how often it was commanded, and who is told what is done.

use super::{Service, Shared};
use crate::observe::{Done, Observer, Step};
use engine::Prepared;
use engine::port::Position;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// How much a service has to do, and has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Bytes of rows that wait to be built.
    pub queue_bytes: u64,
    /// The position after the last record whose effects can be read.
    pub position: u64,
    /// The position that the last checkpoint of the Store made durable.
    pub checkpoint: u64,
    /// Frames of events appended since the start.
    pub frames: u64,
    /// Records in them.
    pub frame_records: u64,
    /// Bytes of these records.
    pub frame_bytes: u64,
}

/// What is counted since the start.
#[derive(Default)]
pub(crate) struct Count {
    /// Commands that were begun.
    commanded: AtomicU64,
    frames: AtomicU64,
    records: AtomicU64,
    bytes: AtomicU64,
    observer: OnceLock<Arc<dyn Observer>>,
}

impl Count {
    /// Notes that a command begins: before anything of it can be seen.
    pub(crate) fn command(&self) {
        self.commanded.fetch_add(1, Ordering::SeqCst);
    }

    /// Tells what was done with a frame since a moment.
    pub(crate) fn tell(&self, step: Step, frame: &Prepared, first: Position, since: Instant) {
        if let Some(observer) = self.observer.get() {
            observer.done(Done { step, frame, first, took: since.elapsed() });
        }
    }

    /// Notes a frame that was appended.
    pub(crate) fn frame(&self, records: usize, bytes: usize) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.records.fetch_add(records as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Service {
    /// How often a command was begun, and the position reached. Whoever reads after asking for it
    /// sees what it says or something newer; while it stays, what commands change stays.
    pub fn version(&self) -> (u64, Position) {
        let commanded = self.shared.count.commanded.load(Ordering::SeqCst);
        (commanded, self.position())
    }

    /// Has everything that is done told to an observer from now on; the first one stays.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.shared.count.observer.get_or_init(|| observer);
    }

    /// The position after the last record in the Log, seen or not.
    pub fn log_end(&self) -> Position {
        self.read(|session| session.operator.engine.log().end())
    }

    /// How much there is to do, and was done.
    pub fn load(&self) -> Load {
        let Shared { count, queue, .. } = &*self.shared;
        Load {
            queue_bytes: queue.bytes() as u64,
            position: self.position(),
            checkpoint: self.read(|s| s.operator.engine.store().checkpoint_position()),
            frames: count.frames.load(Ordering::Relaxed),
            frame_records: count.records.load(Ordering::Relaxed),
            frame_bytes: count.bytes.load(Ordering::Relaxed),
        }
    }
}
