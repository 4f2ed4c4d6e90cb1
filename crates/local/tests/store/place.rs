//! Stores on fault disks, and lives of them that end early.

use crate::vfs;
use engine::port::{Commit, PortError, Store};
use local::{FileStore, Options};
use sim::conformance::store::{Model, Step, script};
use sim::disk::{Calls, FaultDisk};
use sim::rng::Rng;
use std::sync::Arc;

/// Small, so that a short script spills and merges runs.
pub fn options(root: &str) -> Options {
    let mut options = Options::at(root);
    options.vfs = Some(vfs::NAME.to_owned());
    options.index_bytes = 1500;
    options.background = false;
    options
}

/// A Store on a fault disk.
pub struct Place {
    pub disk: FaultDisk,
    root: String,
}

impl Place {
    pub fn new(disk: FaultDisk) -> Self {
        let root = vfs::root_of(&disk);
        Self { disk, root }
    }

    pub fn open(&self) -> Result<FileStore, PortError> {
        FileStore::open(Arc::new(self.disk.clone()), options(&self.root))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        vfs::forget(&self.root);
    }
}

/// A script with every kind of file in it, merges and spills: it ends with a checkpoint.
pub fn steps() -> Vec<Step> {
    let mut steps = script(&mut Rng::from_seed(5), 26);
    steps.push(Step::Checkpoint { state: b"end".to_vec(), partial: Vec::new() });
    steps
}

/// How a life ended.
pub struct Life {
    /// What the last checkpoint that succeeded made durable.
    pub durable: Model,
    /// What the checkpoint would have made durable that was under way at the end.
    pub in_flight: Option<Model>,
    /// The failure that ended it.
    pub error: Option<PortError>,
    /// The step that failed, or their number.
    pub step: usize,
    /// Syncs until the Store was let go, when no step failed.
    pub syncs: u64,
}

impl Life {
    /// Opens a Store and lives `steps` in it until one fails; what it fails at must poison it.
    pub fn live(place: &Place, steps: &[Step]) -> Self {
        let empty = Model::default();
        let (mut model, mut durable) = (empty.clone(), empty);
        let mut store = match place.open() {
            Ok(store) => store,
            Err(error) => {
                return Self { durable, in_flight: None, error: Some(error), step: 0, syncs: 0 };
            }
        };
        for (at, step) in steps.iter().enumerate() {
            let (result, in_flight) = match step {
                Step::Commit(commit) => {
                    model.commit(commit);
                    (store.commit(commit.clone()), None)
                }
                Step::Checkpoint { state, partial } => {
                    model.checkpoint(state, partial);
                    (store.checkpoint(state, partial), Some(model.clone()))
                }
            };
            if let Err(error) = result {
                assert!(store.commit(Commit::default()).is_err(), "{error}: takes commits on");
                assert!(store.checkpoint(&[], &[]).is_err(), "{error}: takes checkpoints on");
                return Self { durable, in_flight, error: Some(error), step: at, syncs: 0 };
            }
            durable = in_flight.unwrap_or(durable);
        }
        let syncs = place.disk.calls(Calls::Syncs);
        Self { durable, in_flight: None, error: None, step: steps.len(), syncs }
    }

    /// What is wrong with the Store at `place` after this life, if anything.
    pub fn difference(&self, place: &Place) -> Option<String> {
        match place.open() {
            Err(error) => Some(format!("does not open: {error}")),
            Ok(store) => self.difference_of(&store),
        }
    }

    /// As `difference`, of an open Store.
    pub fn difference_of(&self, store: &FileStore) -> Option<String> {
        let different = self.durable.difference(store)?;
        let Some(in_flight) = &self.in_flight else { return Some(different) };
        in_flight.difference(store).map(|other| format!("{different}; and {other}"))
    }
}
