//! The Store on PostgreSQL: one schema a shard, written in one transaction a checkpoint.
//!
//! What is committed between checkpoints is in memory only and is replayed from the Log after a
//! crash, as the port has it. The shard's row holds epoch and position: who opens raises the
//! epoch, and a checkpoint that finds another one there writes nothing and fails.

mod checkpoint;
mod fault;
mod keys;
mod link;
mod numeric;
mod open;
mod pending;
mod read;
mod steps;

pub use open::PgOptions;

use crate::limits::{CHECKPOINT_BYTES, CHECKPOINT_KEYS, CHECKPOINT_RECORDS, CHECKPOINT_TOTALS};
use engine::port::{
    AccountId, Commit, NewAccount, PortError, PortFault, Position, Store, Table, TotalRow,
};
use keys::Keys;
use ledger::time::Bucket;
use link::Link;
use pending::Pending;

/// The Store of one shard, taken over by this process.
pub struct PgStore {
    link: Link,
    epoch: u64,
    position: Position,
    /// The position of the last checkpoint, and the state it recorded.
    durable: Position,
    state: Vec<u8>,
    /// Every account, those of no checkpoint last.
    accounts: Vec<NewAccount>,
    keys: Keys,
    pending: Pending,
    verification: String,
    /// Why nothing more is taken.
    poisoned: Option<(PortFault, String)>,
}

impl PgStore {
    /// The epoch in which this process writes: the Log is opened with it.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    fn guard(&self) -> Result<(), PortError> {
        match &self.poisoned {
            None => Ok(()),
            Some((fault, what)) => Err(PortError::new(*fault, format!("after a failure: {what}"))),
        }
    }

    /// Remembers a failure: what memory and tables hold may differ from here on.
    fn poison<T>(&mut self, result: Result<T, PortError>) -> Result<T, PortError> {
        if let Err(error) = &result {
            self.poisoned = Some((error.fault, error.what.clone()));
        }
        result
    }

    fn apply(&mut self, commit: Commit) -> Result<(), PortError> {
        let position = commit.position;
        if position < self.position {
            let what = format!("commit to {position} behind {}", self.position);
            return Err(PortError::new(PortFault::Fenced, what));
        }
        self.keys.insert(&commit.keys);
        self.accounts.extend(commit.accounts.iter().cloned());
        self.pending.take(commit)?;
        self.position = position;
        Ok(())
    }
}

impl Store for PgStore {
    fn position(&self) -> Position {
        self.position
    }

    fn checkpoint_position(&self) -> Position {
        self.durable
    }

    fn checkpoint_state(&self) -> Vec<u8> {
        self.state.clone()
    }

    fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) -> Result<(), PortError> {
        self.keys.probe(hashes, found);
        Ok(())
    }

    fn commit(&mut self, commit: Commit) -> Result<(), PortError> {
        self.guard()?;
        let applied = self.apply(commit);
        self.poison(applied)
    }

    fn checkpoint_due(&self) -> bool {
        self.keys.fresh() >= CHECKPOINT_KEYS
            || self.pending.totals.len() >= CHECKPOINT_TOTALS
            || self.pending.bytes >= CHECKPOINT_BYTES
            || self.position - self.durable >= CHECKPOINT_RECORDS
    }

    fn checkpoint(&mut self, state: &[u8], partial: &[(String, Vec<u8>)]) -> Result<(), PortError> {
        self.guard()?;
        let done = self.write_checkpoint(state, partial);
        self.poison(done)
    }

    fn account_count(&self) -> u32 {
        u32::try_from(self.accounts.len()).unwrap_or(u32::MAX)
    }

    fn accounts(&self, visit: &mut dyn FnMut(AccountId, &str, &str)) -> Result<(), PortError> {
        for (id, account) in (0..).zip(&self.accounts) {
            visit(id, &account.path, &account.asset);
        }
        Ok(())
    }

    fn totals(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError> {
        self.read_totals(from, to, visit)?;
        self.pending.totals(from, to).for_each(visit);
        Ok(())
    }

    fn blocks(
        &self,
        from: Position,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), PortError> {
        self.read_blocks(from, visit)
    }

    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        match self.pending.tiles.get(path) {
            Some(tile) => Ok(Some(tile.clone())),
            None => self.read_tile(path),
        }
    }

    fn document(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, PortError> {
        match self.pending.documents.get(&(table, key.to_vec())) {
            Some(value) => Ok(value.clone()),
            None => self.read_document(table, key),
        }
    }

    fn documents(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        self.read_documents(table, from, visit)
    }

    fn document_count(&self, table: Table) -> Result<u64, PortError> {
        self.count_documents(table)
    }

    fn stored_bytes(&self) -> Result<Vec<(&'static str, u64)>, PortError> {
        self.read_stored_bytes()
    }
}
