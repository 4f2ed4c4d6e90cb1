//! Merging runs of the index into one: keys in order of their hashes, none lost, none added.

use super::filter::Filter;
use super::run::{Cursor, Key, Run, Writer};
use engine::port::{Disk, PortError};
use std::sync::Arc;

struct Head<'a> {
    cursor: Cursor<'a>,
    at: usize,
}

impl Head<'_> {
    fn key(&self) -> Option<Key> {
        self.cursor.keys.get(self.at).copied()
    }

    fn advance(&mut self) -> Result<(), PortError> {
        self.at += 1;
        if self.at == self.cursor.keys.len() {
            self.at = 0;
            self.cursor.next_batch()?;
        }
        Ok(())
    }
}

/// Writes run `number` from all keys of `runs`; it has a filter when they have.
pub fn merge(disk: &dyn Disk, number: u64, runs: &[Arc<Run>]) -> Result<Run, PortError> {
    let count: u64 = runs.iter().map(|run| run.meta.count).sum();
    let filtered = runs.iter().any(|run| run.filter.is_some());
    let mut writer = Writer::new(disk, number, filtered.then(|| Filter::for_keys(count)))?;
    let mut heads = Vec::new();
    for run in runs {
        let mut cursor = run.cursor();
        cursor.next_batch()?;
        heads.push(Head { cursor, at: 0 });
    }
    loop {
        let keyed = heads.iter_mut().filter_map(|head| Some((head.key()?, head)));
        let Some((key, head)) = keyed.min_by_key(|(key, _)| *key) else { break };
        writer.push(key)?;
        head.advance()?;
    }
    writer.finish()
}
