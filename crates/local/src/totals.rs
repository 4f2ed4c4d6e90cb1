//! Totals by bucket and account: what came since the last checkpoint in memory, what came before
//! in immutable runs on disk. Reading visits all of them; merging adds up.

mod code;
mod memory;
mod merge;
mod run;

#[cfg(test)]
mod tests;

pub use run::{Run, RunMeta};

use crate::store::file::limit;
use crate::store::limits::{CHECKPOINT_TOTALS, MERGE_FAN};
use crate::store::tiers;
use engine::port::{Disk, PortError, TotalRow};
use ledger::time::Bucket;
use memory::Memory;
use std::sync::Arc;

/// Where runs are.
pub const DIR: &str = "totals";
/// The totals of one shard.
pub struct Totals {
    disk: Arc<dyn Disk>,
    memory: Memory,
    /// Oldest first.
    runs: Vec<Arc<Run>>,
}

impl Totals {
    /// Opens the runs of a manifest, oldest first.
    pub fn open(disk: Arc<dyn Disk>, metas: Vec<RunMeta>) -> Result<Self, PortError> {
        let open = |meta| Run::open(&*disk, meta).map(Arc::new);
        let runs = metas.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { disk, memory: Memory::default(), runs })
    }

    /// Adds what a batch adds.
    pub fn add(&mut self, rows: &[TotalRow]) -> Result<(), PortError> {
        self.memory.add_all(rows).map_err(|error| limit(error.to_string()))
    }

    /// As `Store::totals`.
    pub fn visit(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError> {
        for run in &self.runs {
            run.visit(from, to, visit)?;
        }
        let inside = |row: &TotalRow| from <= row.bucket && row.bucket < to;
        self.memory.rows().filter(inside).for_each(visit);
        Ok(())
    }

    /// As `Store::bounds`.
    pub fn bounds(&self) -> Option<(Bucket, Bucket)> {
        let runs = self.runs.iter().filter_map(|run| run.bounds());
        let fresh = self.memory.rows().map(|row| (row.bucket, row.bucket));
        runs.chain(fresh).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Rows that are in no run yet.
    pub fn fresh_rows(&self) -> usize {
        self.memory.len()
    }

    /// Writes the new rows as run `number`; false when there are none.
    pub fn write_run(&mut self, number: u64) -> Result<bool, PortError> {
        if self.memory.len() == 0 {
            return Ok(false);
        }
        self.memory.sort();
        let mut writer = run::Writer::new(&*self.disk, number)?;
        for row in self.memory.rows() {
            writer.push(&row)?;
        }
        self.runs.push(Arc::new(writer.finish()?));
        self.memory.clear();
        Ok(true)
    }

    /// The runs that should become one, when there are: places in order of age.
    pub fn to_merge(&self) -> Option<std::ops::Range<usize>> {
        let sizes: Vec<_> = self.runs.iter().map(|run| (run.meta.rows, false)).collect();
        tiers::like(&sizes, CHECKPOINT_TOTALS as u64 / 4, MERGE_FAN)
    }

    /// The runs at these places.
    pub fn runs(&self, places: std::ops::Range<usize>) -> Vec<Arc<Run>> {
        self.runs[places].to_vec()
    }

    /// Puts `merged` in the place of the runs it was made from.
    pub fn replace(&mut self, old: &[Arc<Run>], merged: Run) {
        let same = |run: &Arc<Run>| run.meta.number == old[0].meta.number;
        if let Some(first) = self.runs.iter().position(same) {
            self.runs.splice(first..first + old.len(), [Arc::new(merged)]);
        }
    }

    /// What the manifest must say, oldest first.
    pub fn metas(&self) -> impl Iterator<Item = &RunMeta> {
        self.runs.iter().map(|run| &run.meta)
    }
}

/// Merges runs into run `number`.
pub fn merge_runs(disk: &dyn Disk, number: u64, runs: &[Arc<Run>]) -> Result<Run, PortError> {
    merge::merge(disk, number, runs)
}
