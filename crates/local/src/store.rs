//! The Store on one disk: index, totals, accounts, blocks and tiles in files of their own,
//! documents and the manifest in `SQLite`.
//!
//! A checkpoint writes and flushes what is new in the files, then commits the manifest that names
//! them: that commit is the one atomic step. Files that the manifest does not name are removed
//! when the Store is opened, longer tails of appended files are cut; what it names and what is
//! not as it says refuses to open, and is rebuilt from the Log after [`FileStore::reset`].

pub(crate) mod accounts;
mod checkpoint;
pub(crate) mod file;
pub mod limits;
pub(crate) mod manifest;
mod merging;
mod open;
mod options;
pub(crate) mod tiers;

pub use options::Options;

use crate::blocks::Blocks;
use crate::documents::{Documents, MAIN, VERIFICATION};
use crate::index::Index;
use crate::tiles::Tiles;
use crate::totals::Totals;
use accounts::Accounts;
use engine::port::{
    AccountId, Commit, Disk, OpenMode, PortError, PortFault, Position, Store, Table, TotalRow,
};
use ledger::time::Bucket;
use limits::{CHECKPOINT_BYTES, CHECKPOINT_RECORDS, CHECKPOINT_TOTALS};
use manifest::Manifest;
use merging::Merging;
use std::sync::Arc;

/// The Store of one shard in the files of one directory.
pub struct FileStore {
    disk: Arc<dyn Disk>,
    options: Options,
    index: Index,
    totals: Totals,
    accounts: Accounts,
    blocks: Blocks,
    tiles: Tiles,
    documents: Documents,
    merging: Merging,
    position: Position,
    /// What the last checkpoint made durable.
    manifest: Manifest,
    /// Bytes of blocks, tiles and documents since the last checkpoint.
    fresh_bytes: u64,
    next_run: u64,
    /// Why nothing more is taken.
    poisoned: Option<(PortFault, String)>,
}

impl FileStore {
    fn guard(&self) -> Result<(), PortError> {
        match &self.poisoned {
            None => Ok(()),
            Some((fault, what)) => Err(PortError::new(*fault, format!("after a failure: {what}"))),
        }
    }

    /// Remembers a failure: what memory and files hold may differ from here on.
    fn poison<T>(&mut self, result: Result<T, PortError>) -> Result<T, PortError> {
        if let Err(error) = &result {
            self.poisoned = Some((error.fault, error.what.clone()));
        }
        result
    }

    fn apply(&mut self, commit: &Commit) -> Result<(), PortError> {
        if commit.position < self.position {
            let what = format!("commit to {} behind {}", commit.position, self.position);
            return Err(PortError::new(PortFault::Fenced, what));
        }
        self.index.insert(&commit.keys)?;
        self.accounts.add(&commit.accounts)?;
        self.totals.add(&commit.totals)?;
        if !commit.block.is_empty() {
            self.blocks.append(self.position, commit.position, &commit.block)?;
            self.fresh_bytes += commit.block.len() as u64;
        }
        for (path, tile) in &commit.tiles {
            if !self.tiles.take(path, tile)? {
                self.documents.put_odd_tile(path, tile)?;
            }
            self.fresh_bytes += tile.len() as u64;
        }
        self.tiles.write()?;
        self.documents.apply(&commit.documents)?;
        let bytes = |value: &Option<Vec<u8>>| value.as_ref().map_or(0, Vec::len) as u64;
        self.fresh_bytes += commit.documents.iter().map(|it| bytes(&it.value)).sum::<u64>();
        self.position = commit.position;
        Ok(())
    }

    /// Bytes of the index table in memory.
    pub fn index_bytes(&self) -> usize {
        self.index.table_bytes()
    }
}

impl Store for FileStore {
    fn position(&self) -> Position {
        self.position
    }

    fn checkpoint_position(&self) -> Position {
        self.manifest.position
    }

    fn checkpoint_state(&self) -> Vec<u8> {
        self.manifest.state.clone()
    }

    fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) -> Result<(), PortError> {
        self.index.probe(hashes, found)
    }

    fn commit(&mut self, commit: Commit) -> Result<(), PortError> {
        self.guard()?;
        let applied = self.apply(&commit);
        self.poison(applied)
    }

    fn checkpoint_due(&self) -> bool {
        self.index.fresh_keys() >= self.options.checkpoint_keys
            || self.totals.fresh_rows() >= CHECKPOINT_TOTALS
            || self.fresh_bytes >= CHECKPOINT_BYTES
            || self.position - self.manifest.position >= CHECKPOINT_RECORDS
    }

    fn checkpoint(&mut self, state: &[u8], partial: &[(String, Vec<u8>)]) -> Result<(), PortError> {
        self.guard()?;
        let done = self.write_checkpoint(state, partial);
        self.poison(done)
    }

    fn account_count(&self) -> u32 {
        self.accounts.count()
    }

    fn accounts(&self, visit: &mut dyn FnMut(AccountId, &str, &str)) -> Result<(), PortError> {
        self.accounts.visit(0, visit);
        Ok(())
    }

    fn totals(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError> {
        self.totals.visit(from, to, visit)
    }

    fn bounds(&self) -> Result<Option<(Bucket, Bucket)>, PortError> {
        Ok(self.totals.bounds())
    }

    fn blocks(
        &self,
        from: Position,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), PortError> {
        self.blocks.visit(from, visit)
    }

    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        match self.tiles.read(path)? {
            Some(tile) => Ok(Some(tile)),
            None => self.documents.tile(path),
        }
    }

    fn document(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, PortError> {
        self.documents.get(table, key)
    }

    fn documents(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        self.documents.scan(table, from, visit)
    }

    fn document_count(&self, table: Table) -> Result<u64, PortError> {
        Ok(self.documents.count(table))
    }

    fn stored_bytes(&self) -> Result<Vec<(&'static str, u64)>, PortError> {
        let length = |path: &str| {
            let file = self.disk.open(path, OpenMode::Read);
            file.and_then(|file| file.len()).unwrap_or(0)
        };
        let accounts: u64 = self.accounts.metas().iter().map(|meta| meta.length).sum();
        let totals: u64 = self.totals.metas().map(|meta| meta.length).sum();
        Ok(vec![
            ("index", self.index.metas().map(crate::index::RunMeta::length).sum()),
            ("totals", totals + accounts),
            ("blocks", self.blocks.metas().map(|meta| meta.length).sum()),
            ("tiles", self.tiles.metas().map(|meta| meta.length).sum()),
            ("documents", length(MAIN) + length(VERIFICATION)),
        ])
    }
}
