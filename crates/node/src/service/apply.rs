//! The apply thread: the engine consumes what is durable, and those who wait are told.

use super::delivery::{Appended, Slice};
use super::log::Durable;
use super::{Rules, Shared};
use crate::NodeError;
use crate::observe::Step;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use parking_lot::MutexGuard;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After so long without work the Store is made durable, so that a start finds little to replay.
const IDLE_BEFORE_CHECKPOINT: Duration = Duration::from_secs(5);

/// Lets the engine consume.
pub(crate) struct Applier {
    pub(crate) shared: Arc<Shared>,
}

impl Applier {
    /// To the end of what is durable, then makes the Store durable too.
    pub(crate) fn run(&self, durable: &Receiver<Durable>) {
        let mut unsaved = false;
        loop {
            match durable.recv_timeout(IDLE_BEFORE_CHECKPOINT) {
                Ok(next) => {
                    unsaved = true;
                    let done = match next {
                        Durable::Frame(frame, slices) => {
                            // Before the slices are dropped: they are answered with it.
                            let failed = |error: &NodeError| self.shared.fail(&error.to_string());
                            self.frame(&frame, &slices).inspect_err(failed)
                        }
                        Durable::Alone(alone, done) => {
                            self.alone(alone);
                            // The log thread waits for it, unless it failed.
                            let _ = done.send(());
                            Ok(())
                        }
                    };
                    if let Err(error) = done {
                        return self.shared.fail(&error.to_string());
                    }
                }
                Err(RecvTimeoutError::Timeout) if unsaved => {
                    unsaved = false;
                    self.checkpoint();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.checkpoint();
    }

    fn frame(&self, appended: &Appended, slices: &[Slice]) -> Result<(), NodeError> {
        let mut session = self.shared.session.lock();
        let since = Instant::now();
        let engine = &mut session.operator.engine;
        engine.apply(appended.first, Arc::clone(&appended.frame))?;
        let applied = (!slices.is_empty()).then(|| Arc::new(engine.applied().clone()));
        if engine.checkpoint_due() {
            engine.checkpoint()?;
            self.shared.note_heads(engine);
        }
        let position = engine.store().position();
        // Whoever waits to read goes first: this thread would take the lock again at once.
        MutexGuard::unlock_fair(session);
        self.shared.publish(position);
        self.shared.count.tell(Step::Applied, &appended.frame, appended.first, since);
        for slice in slices {
            slice.open.add(slice.row, appended.part(slice, applied.clone()));
        }
        Ok(())
    }

    fn alone(&self, alone: super::log::Alone) {
        let mut session = self.shared.session.lock();
        let tell = alone(&mut session);
        let engine = &session.operator.engine;
        let position = engine.store().position();
        self.shared.note_heads(engine);
        let mut rules = self.shared.rules.lock();
        if !rules.is_of(engine.state()) {
            *rules = Rules::of(engine.state(), &rules.catalog);
        }
        drop(rules);
        MutexGuard::unlock_fair(session);
        self.shared.publish(position);
        tell();
    }

    fn checkpoint(&self) {
        let mut session = self.shared.session.lock();
        match session.checkpoint() {
            Ok(()) => self.shared.note_heads(&session.operator.engine),
            Err(error) => self.shared.fail(&error.to_string()),
        }
    }
}
