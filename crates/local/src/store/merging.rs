//! Merges of runs beside the commits: inputs and output are immutable files, so a merge may take
//! its time on a thread of its own. Its result is taken over by the next checkpoint.

use crate::{index, totals};
use engine::port::{Disk, PortError, PortFault};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// One merge under way, or done and not yet taken over.
pub struct Job<R> {
    /// What is merged.
    pub inputs: Vec<Arc<R>>,
    handle: Option<JoinHandle<Result<R, PortError>>>,
    done: Option<Result<R, PortError>>,
}

impl<R: Send + Sync + 'static> Job<R> {
    /// Starts `work`, on a thread or here and now.
    pub fn start(
        background: bool,
        inputs: Vec<Arc<R>>,
        work: impl FnOnce(&[Arc<R>]) -> Result<R, PortError> + Send + 'static,
    ) -> Result<Self, PortError> {
        if !background {
            let done = Some(work(&inputs));
            return Ok(Self { inputs, handle: None, done });
        }
        let given = inputs.clone();
        let spawned = Builder::new().name("merge".to_owned()).spawn(move || work(&given));
        let handle = spawned.map_err(|error| PortError::io("start a merge", error))?;
        Ok(Self { inputs, handle: Some(handle), done: None })
    }

    /// Whether the result is there.
    fn is_done(&self) -> bool {
        self.handle.as_ref().is_none_or(JoinHandle::is_finished)
    }

    fn result(&mut self) -> Result<R, PortError> {
        let lost = || PortError::new(PortFault::Io, "a merge ended without a result");
        match (self.handle.take(), self.done.take()) {
            (Some(handle), _) => handle.join().unwrap_or_else(|_| Err(lost())),
            (None, done) => done.unwrap_or_else(|| Err(lost())),
        }
    }
}

impl<R> Drop for Job<R> {
    /// Waits: whoever opens the files next must find nobody writing there.
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            drop(handle.join());
        }
    }
}

/// A finished merge: its inputs and its result.
type Merged<R> = (Vec<Arc<R>>, R);

/// What is finished, when something is.
fn finished<R: Send + Sync + 'static>(
    job: &mut Option<Job<R>>,
) -> Result<Option<Merged<R>>, PortError> {
    match job.take_if(|job| job.is_done()) {
        None => Ok(None),
        Some(mut job) => {
            let merged = job.result()?;
            Ok(Some((std::mem::take(&mut job.inputs), merged)))
        }
    }
}

/// At most one merge of each kind.
#[derive(Default)]
pub struct Merging {
    index: Option<Job<index::Run>>,
    totals: Option<Job<totals::Run>>,
}

impl Merging {
    /// Takes over what is finished; the paths of the files that it replaces.
    pub fn take_over(
        &mut self,
        index: &mut index::Index,
        totals: &mut totals::Totals,
    ) -> Result<Vec<String>, PortError> {
        let mut obsolete = Vec::new();
        if let Some((old, merged)) = finished(&mut self.index)? {
            obsolete.extend(old.iter().map(|run| run.meta.path()));
            index.replace(&old, merged);
        }
        if let Some((old, merged)) = finished(&mut self.totals)? {
            obsolete.extend(old.iter().map(|run| run.meta.path()));
            totals.replace(&old, merged);
        }
        Ok(obsolete)
    }

    /// Whether runs of the index are being merged.
    pub fn index_busy(&self) -> bool {
        self.index.is_some()
    }

    /// Starts the merges that are due; `number` gives each a number of its own.
    pub fn start(
        &mut self,
        background: bool,
        disk: &Arc<dyn Disk>,
        index: &index::Index,
        totals: &totals::Totals,
        number: &mut dyn FnMut() -> u64,
    ) -> Result<(), PortError> {
        if let Some(places) = index.to_merge().filter(|_| self.index.is_none()) {
            let (disk, number) = (Arc::clone(disk), number());
            let work = move |runs: &[_]| index::merge_runs(&*disk, number, runs);
            self.index = Some(Job::start(background, index.runs(places), work)?);
        }
        if let Some(places) = totals.to_merge().filter(|_| self.totals.is_none()) {
            let (disk, number) = (Arc::clone(disk), number());
            let work = move |runs: &[_]| totals::merge_runs(&*disk, number, runs);
            self.totals = Some(Job::start(background, totals.runs(places), work)?);
        }
        Ok(())
    }
}
