//! The pipeline behind the producers: one thread appends frames in their order and flushes the
//! Log, the calling thread lets the engine consume what is durable.

use super::FRAMES_IN_FLIGHT_MAX;
use super::build::Built;
use super::meter::{Meter, Part};
use crossbeam_channel::{Receiver, Sender, bounded};
use engine::port::{Log, Position};
use engine::{Engine, EngineError, Prepared};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// A frame with its place in the file, or why a producer stopped.
pub type Produced = (u64, Result<Built, EngineError>);

/// A frame that is durable in the Log: its position, when it was appended, the frame.
type Durable = (Position, Instant, Arc<Prepared>);

/// Runs producers and the pipeline to the end. `spawn` starts the producers: each sends its
/// frames with ascending places and drops its sender when done. `progress` is told how many
/// records were consumed.
///
/// # Errors
/// The first failure of a producer, the Log or the engine. What was flushed before is kept.
pub fn run<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    engine: &mut Engine,
    meter: &Arc<Meter>,
    spawn: impl FnOnce(&'scope std::thread::Scope<'scope, '_>, Sender<Produced>),
    progress: &mut dyn FnMut(u64),
) -> Result<u64, EngineError> {
    let started = Instant::now();
    let (produced_in, produced) = bounded(FRAMES_IN_FLIGHT_MAX);
    let (durable_in, durable) = bounded(2);
    let (log, metered) = (Arc::clone(engine.log()), Arc::clone(meter));
    scope.spawn(move || {
        let writer = Writer { log: log.as_ref(), meter: &metered };
        if let Err(error) = writer.run(&produced, &durable_in) {
            // Nobody listens only after a failure, which is told already.
            let _ = durable_in.send(Err(error));
        }
    });
    spawn(scope, produced_in);
    let mut consumed = 0;
    for frame in &durable {
        let (first, appended_at, prepared) = frame?;
        let records = prepared.rows.len() as u64;
        meter.time(Part::Apply, || engine.apply(first, prepared))?;
        if engine.checkpoint_due() {
            meter.time(Part::Checkpoint, || engine.checkpoint())?;
        }
        consumed += records;
        meter.commit(appended_at.elapsed());
        meter.milestone(consumed, started.elapsed());
        progress(consumed);
    }
    Ok(consumed)
}

/// What writes the Log.
struct Writer<'a> {
    log: &'a dyn Log,
    meter: &'a Meter,
}

impl Writer<'_> {
    /// Appends frames in the order of their places, and flushes as many as are there as one.
    fn run(
        &self,
        produced: &Receiver<Produced>,
        durable: &Sender<Result<Durable, EngineError>>,
    ) -> Result<(), EngineError> {
        let (mut waiting, mut next) = (BTreeMap::new(), 0);
        let mut appended: Vec<Durable> = Vec::new();
        while let Ok((place, built)) = produced.recv() {
            waiting.insert(place, built?);
            while let Ok((place, built)) = produced.try_recv() {
                waiting.insert(place, built?);
            }
            while let Some(built) = waiting.remove(&next) {
                next += 1;
                appended.extend(self.append(built)?);
            }
            if appended.is_empty() {
                continue;
            }
            self.meter.time(Part::Flush, || self.log.flush())?;
            for frame in appended.drain(..) {
                if durable.send(Ok(frame)).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Appends a frame; nothing for the rows of an earlier, interrupted ingest: there is nothing
    /// to record.
    fn append(&self, built: Built) -> Result<Option<Durable>, EngineError> {
        if built.prepared.rows.is_empty() {
            return Ok(None);
        }
        let frame = std::slice::from_ref(built.prepared.frame.as_ref());
        let first = self.meter.time(Part::Append, || self.log.append(frame))?;
        Ok(Some((first, Instant::now(), built.prepared)))
    }
}
