//! The log thread: appends frames as they are built, flushes as many as are there as one, and
//! lets a command in between when nothing is under way.

use super::Shared;
use super::build::Frame;
use super::delivery::{Appended, Slice, Wait};
use super::queue::UnderWay;
use super::receipt::Receipts;
use crate::observe::Step;
use crate::session::Session;
use crossbeam_channel::{Receiver, Sender, bounded};
use engine::port::{Log, PortError};
use std::sync::Arc;
use std::time::Instant;

/// Something done alone. What it returns tells who asked, once whatever follows from it is in
/// force.
pub(crate) type Alone = Box<dyn FnOnce(&mut Session) -> Tell + Send>;
/// Tells who asked.
pub(crate) type Tell = Box<dyn FnOnce() + Send>;

/// What the log thread is given.
pub(crate) enum Job {
    /// A frame to append.
    Frame(Frame),
    /// Something to do alone.
    Alone(Alone),
}

/// What the apply thread is given.
pub(crate) enum Durable {
    /// A frame that is durable, and who waits for its effects.
    Frame(Appended, Vec<Slice>),
    /// Something to do alone; then it says so.
    Alone(Alone, Sender<()>),
}

/// A frame that is appended and not durable yet.
type Flushing = (Appended, Vec<Slice>, UnderWay);

/// Writes the Log.
pub(crate) struct LogWriter {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) durable: Sender<Durable>,
}

impl LogWriter {
    /// To the end of the jobs, or the first failure.
    pub(crate) fn run(&self, jobs: &Receiver<Job>) {
        let mut appended = Vec::new();
        while let Ok(job) = jobs.recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                let done = match job {
                    Job::Frame(frame) => self.append(frame, &mut appended),
                    Job::Alone(alone) => self.flush(&mut appended).map(|()| self.alone(alone)),
                };
                if let Err(error) = done {
                    return self.shared.fail(&error.to_string());
                }
                next = jobs.try_recv().ok();
            }
            if let Err(error) = self.flush(&mut appended) {
                return self.shared.fail(&error.to_string());
            }
        }
    }

    fn append(&self, frame: Frame, appended: &mut Vec<Flushing>) -> Result<(), PortError> {
        let Frame { built, slices, under_way } = frame;
        if built.prepared.rows.is_empty() {
            return Ok(());
        }
        let since = Instant::now();
        let first = self.log.append(std::slice::from_ref(built.prepared.frame.as_ref()));
        // Before the slices are dropped: their deliveries are answered with it.
        let first = first.inspect_err(|error| self.shared.fail(&error.to_string()))?;
        let deliveries = slices.iter().map(|slice| slice.records.clone()).collect();
        let receipts = Receipts::new(deliveries, self.shared.signing());
        let (frame, receipts) = (built.prepared, Arc::new(receipts));
        let (count, size) = (frame.frame.ends.len(), frame.frame.records.len());
        self.shared.count.frame(count, size);
        appended.push((Appended { first, frame, receipts, since }, slices, under_way));
        Ok(())
    }

    /// Makes durable what was appended, and tells those who wait for that.
    fn flush(&self, appended: &mut Vec<Flushing>) -> Result<(), PortError> {
        if appended.is_empty() {
            return Ok(());
        }
        self.log.flush()?;
        for (frame, mut slices, under_way) in appended.drain(..) {
            // The next frame of the source is built while those who wait for this one are told.
            drop(under_way);
            self.shared.count.tell(Step::Durable, &frame.frame, frame.first, frame.since);
            slices.retain(|slice| {
                if slice.open.wait == Wait::Accepted {
                    slice.open.add(slice.row, frame.part(slice, None));
                }
                slice.open.wait == Wait::Applied
            });
            // Nobody listens only after a failure, which is told already.
            let _ = self.durable.send(Durable::Frame(frame, slices));
        }
        Ok(())
    }

    /// Lets something run with everything before it consumed, and nothing appended meanwhile.
    fn alone(&self, alone: Alone) {
        let (done, wait) = bounded(1);
        if self.durable.send(Durable::Alone(alone, done)).is_ok() {
            let _ = wait.recv();
        }
    }
}
