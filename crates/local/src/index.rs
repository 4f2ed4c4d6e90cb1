//! The exact index: hash → positions. New keys go to a memory table and, at each checkpoint, to
//! an immutable run on disk. When the table outgrows its budget the oldest runs leave it and are
//! asked on disk, each behind a filter. One position, the floor, parts the two: the table answers
//! for every key at or above it, the runs that hold a key below it answer for those.
//!
//! It knows hashes and positions only; that equal hashes may be different keys is the caller's
//! business.

mod filter;
mod merge;
mod run;
mod table;

#[cfg(test)]
mod tests;

pub use run::{Run, RunMeta};

use crate::store::file::limit;
use crate::store::limits::{CHECKPOINT_KEYS, MERGE_FAN, POSITION_END};
use crate::store::tiers;
use engine::port::{Disk, PortError, Position};
use filter::Filter;
use run::Key;
use std::collections::BTreeSet;
use std::sync::Arc;
use table::{SHARDS, Table};

/// Where runs are.
pub const DIR: &str = "index";
/// Shards of the table whose forgotten entries are freed with each batch: under a millisecond.
const PURGE_SHARDS: usize = 16;

/// The index of one shard.
pub struct Index {
    disk: Arc<dyn Disk>,
    table: Table,
    /// Oldest first.
    runs: Vec<Arc<Run>>,
    /// Keys of no run yet.
    fresh: Vec<Key>,
    /// Those of them that are below the floor of the table: there they would count as absent.
    late: BTreeSet<Key>,
    budget_bytes: usize,
}

impl Index {
    /// Opens the runs of a manifest (oldest first); the newest are read into memory.
    pub fn open(
        disk: Arc<dyn Disk>,
        metas: Vec<RunMeta>,
        budget_bytes: usize,
    ) -> Result<Self, PortError> {
        // 12 bytes a key: 8 at two thirds full, where a table of this size will be.
        let room = (budget_bytes / 12) as u64;
        let (mut keys, mut floor) = (0, 0);
        for meta in metas.iter().rev() {
            if keys + meta.count > room {
                floor = floor.max(meta.high + 1);
            } else {
                keys += meta.count;
            }
        }
        let mut table = Table::with_room_for(usize::try_from(keys).unwrap_or(0));
        table.raise_floor(floor);
        let mut runs = Vec::new();
        for meta in metas {
            let mut filter = (meta.low < floor).then(|| Filter::for_keys(meta.count));
            let mut run = Run::load(&*disk, meta, &mut |keys| match &mut filter {
                Some(filter) => {
                    for &(hash, position) in keys {
                        filter.insert(hash);
                        if position >= floor {
                            table.insert(&[(hash, position)]);
                        }
                    }
                }
                None => table.insert(keys),
            })?;
            run.filter = filter;
            runs.push(Arc::new(run));
        }
        let (fresh, late) = (Vec::new(), BTreeSet::new());
        Ok(Self { disk, table, runs, fresh, late, budget_bytes })
    }

    /// Adds the keys of a batch.
    pub fn insert(&mut self, keys: &[(u64, Position)]) -> Result<(), PortError> {
        if let Some((_, position)) = keys.iter().find(|key| key.1 >= POSITION_END) {
            return Err(limit(format!("position {position}: the index holds {POSITION_END}")));
        }
        let floor = self.table.floor();
        self.late.extend(keys.iter().filter(|key| key.1 < floor));
        self.table.insert(keys);
        self.fresh.extend_from_slice(keys);
        if self.table.is_purging() {
            self.table.purge(PURGE_SHARDS);
        }
        Ok(())
    }

    /// As `Store::probe`.
    pub fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) -> Result<(), PortError> {
        self.table.probe(hashes, found);
        let floor = self.table.floor();
        let mut positions = Vec::new();
        for run in &self.runs {
            let Some(filter) = &run.filter else { continue };
            for (number, &hash) in (0..).zip(hashes) {
                if filter.may_hold(hash) {
                    run.find(hash, &mut positions)?;
                    // What is at or above the floor was found in memory.
                    let below = positions.drain(..).filter(|&position| position < floor);
                    found.extend(below.map(|position| (number, position)));
                }
            }
        }
        for (number, &hash) in (0..).zip(hashes).filter(|_| !self.late.is_empty()) {
            let late = self.late.range((hash, 0)..=(hash, Position::MAX));
            found.extend(late.map(|key| (number, key.1)));
        }
        Ok(())
    }

    /// Keys that are in no run yet.
    pub fn fresh_keys(&self) -> usize {
        self.fresh.len()
    }

    /// Writes the new keys as run `number`; nothing when there are none.
    pub fn write_run(&mut self, number: u64) -> Result<bool, PortError> {
        if self.fresh.is_empty() {
            return Ok(false);
        }
        self.fresh.sort_unstable();
        let filter = (!self.late.is_empty()).then(|| Filter::for_keys(self.fresh.len() as u64));
        let mut writer = run::Writer::new(&*self.disk, number, filter)?;
        for &key in &self.fresh {
            writer.push(key)?;
        }
        self.fresh.clear();
        self.late.clear();
        self.runs.push(Arc::new(writer.finish()?));
        Ok(true)
    }

    /// When the table is over its budget, lets the oldest quarter of its keys leave it. Only with
    /// no new keys and no merge under way.
    pub fn spill(&mut self) -> Result<(), PortError> {
        // What left last time is freed by now, unless batches were very few.
        self.table.purge(SHARDS);
        if self.table.bytes() <= self.budget_bytes {
            return Ok(());
        }
        let resident = || self.runs.iter().filter(|run| run.filter.is_none());
        let keys: u64 = resident().map(|run| run.meta.count).sum();
        let (mut leaving, mut floor) = (0, self.table.floor());
        for run in resident() {
            if leaving * 4 >= keys {
                break;
            }
            leaving += run.meta.count;
            floor = floor.max(run.meta.high + 1);
        }
        for run in &mut self.runs {
            if run.filter.is_none() && run.meta.low < floor {
                *run = Arc::new(run.filtered()?);
            }
        }
        self.table.raise_floor(floor);
        Ok(())
    }

    /// The runs that should become one, when there are: places in order of age.
    pub fn to_merge(&self) -> Option<std::ops::Range<usize>> {
        let size = |run: &Arc<Run>| (run.meta.count, run.filter.is_some());
        let sizes: Vec<_> = self.runs.iter().map(size).collect();
        tiers::like(&sizes, CHECKPOINT_KEYS as u64, MERGE_FAN)
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

    /// Bytes of the table in memory.
    pub fn table_bytes(&self) -> usize {
        self.table.bytes()
    }
}

/// Merges runs into run `number`.
pub fn merge_runs(disk: &dyn Disk, number: u64, runs: &[Arc<Run>]) -> Result<Run, PortError> {
    merge::merge(disk, number, runs)
}
