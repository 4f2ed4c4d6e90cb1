//! The pipeline behind the producers: append frames in their order, flush on a thread of its
//! own, consume what is durable.

use super::FRAMES_IN_FLIGHT_MAX;
use super::build::Built;
use super::meter::{Meter, Part};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use engine::port::{Log, PortError, Position};
use engine::{Engine, EngineError, Prepared};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// A frame with its place in the file, or why a producer stopped.
pub type Produced = (u64, Result<Built, EngineError>);

/// Takes frames from producers until they are done.
pub struct Pipeline<'a> {
    engine: &'a mut Engine,
    meter: &'a Meter,
    started: Instant,
    waiting: BTreeMap<u64, Built>,
    next: u64,
    appended: VecDeque<(Position, Instant, Arc<Prepared>)>,
    flush: Sender<()>,
    durable: Receiver<Result<Position, PortError>>,
    consumed: u64,
}

/// Runs producers and the pipeline to the end. `spawn` starts the producers: each sends its
/// frames with ascending places and drops its sender when done. `progress` is told how many
/// records were consumed.
///
/// # Errors
/// The first failure of a producer, the Log or the engine. What was flushed before is kept.
pub fn run<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    engine: &mut Engine,
    meter: &Meter,
    spawn: impl FnOnce(&'scope std::thread::Scope<'scope, '_>, Sender<Produced>),
    progress: &mut dyn FnMut(u64),
) -> Result<u64, EngineError> {
    let (produced_in, produced) = bounded(FRAMES_IN_FLIGHT_MAX);
    let (flush, flush_out) = unbounded();
    let (durable_in, durable) = unbounded();
    let log = Arc::clone(engine.log());
    scope.spawn(move || flusher(log.as_ref(), &flush_out, &durable_in));
    spawn(scope, produced_in);
    let mut pipeline = Pipeline {
        engine,
        meter,
        started: Instant::now(),
        waiting: BTreeMap::new(),
        next: 0,
        appended: VecDeque::new(),
        flush,
        durable,
        consumed: 0,
    };
    for (place, built) in &produced {
        pipeline.take(place, built?)?;
        pipeline.consume_durable(false)?;
        progress(pipeline.consumed);
    }
    while !pipeline.appended.is_empty() {
        pipeline.consume_durable(true)?;
        progress(pipeline.consumed);
    }
    Ok(pipeline.consumed)
}

/// Flushes the Log as often as asked, taking all requests that are there as one.
fn flusher(log: &dyn Log, asked: &Receiver<()>, durable: &Sender<Result<Position, PortError>>) {
    while asked.recv().is_ok() {
        while asked.try_recv().is_ok() {}
        let flushed = log.flush();
        let failed = flushed.is_err();
        if durable.send(flushed).is_err() || failed {
            return;
        }
    }
}

impl Pipeline<'_> {
    /// Appends a frame when all before it are appended.
    fn take(&mut self, place: u64, built: Built) -> Result<(), EngineError> {
        self.waiting.insert(place, built);
        while let Some(built) = self.waiting.remove(&self.next) {
            self.next += 1;
            // The rows of an earlier, interrupted ingest: there is nothing to record.
            if built.prepared.rows.is_empty() {
                continue;
            }
            while self.appended.len() >= FRAMES_IN_FLIGHT_MAX {
                self.consume_durable(true)?;
            }
            let frame = std::slice::from_ref(built.prepared.frame.as_ref());
            let log = self.engine.log();
            let first = self.meter.time(Part::Append, || log.append(frame))?;
            self.appended.push_back((first, Instant::now(), built.prepared));
            // The receiver lives as long as the flusher, whose failure is read below.
            let _ = self.flush.send(());
        }
        Ok(())
    }

    /// Consumes what is durable; waits for the next flush when `wait` is set.
    fn consume_durable(&mut self, wait: bool) -> Result<(), EngineError> {
        let gone = || EngineError::Form("the flushing thread ended".into());
        let flushed = if wait {
            Some(self.durable.recv().map_err(|_| gone())?)
        } else {
            self.durable.try_recv().ok()
        };
        let Some(end) = flushed.transpose()? else { return Ok(()) };
        while let Some((first, _, prepared)) = self.appended.front() {
            let after = first + prepared.rows.len() as u64;
            if after > end {
                break;
            }
            let Some((first, appended_at, prepared)) = self.appended.pop_front() else { break };
            let records = prepared.rows.len() as u64;
            let engine = &mut *self.engine;
            self.meter.time(Part::Apply, || engine.apply(first, prepared))?;
            if engine.checkpoint_due() {
                self.meter.time(Part::Checkpoint, || engine.checkpoint())?;
            }
            self.consumed += records;
            self.meter.commit(appended_at.elapsed());
            self.meter.milestone(self.consumed, self.started.elapsed());
        }
        Ok(())
    }
}
