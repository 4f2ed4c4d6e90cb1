//! The Store: keys, accounts, totals, blocks, tiles and documents of one shard, moved from one
//! position of the Log to the next in one atomic commit, and rebuilt from the Log if lost.
//!
//! `commit` makes a batch's effects readable; `checkpoint` makes everything committed durable in
//! one atomic step. After a crash the Store opens at its last checkpoint and the engine replays
//! the Log from there: replay is identical for any batch size.

use super::{PortError, Position};
use ledger::Total;
use ledger::time::Bucket;

/// Dense number of an account (path and asset) in order of first use, from 0.
pub type AccountId = u32;

/// An account used for the first time; its id is the number of accounts before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its path, escaped.
    pub path: String,
    /// Code of its asset.
    pub asset: String,
}

/// What one batch adds to one account in one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalRow {
    /// The 15-minute bucket.
    pub bucket: Bucket,
    /// The account.
    pub account: AccountId,
    /// What is added (or, when read, the sum).
    pub total: Total,
}

/// A table of documents: small things that are asked about. Numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Quarantined records; key: position, big-endian.
    Quarantine = 1,
    /// Waiting records; key: position, big-endian.
    Waiting = 2,
    /// Open contests; key: position of the later content, big-endian.
    Contest = 3,
    /// Statements; key: agreement, 0, period, 0, version.
    Statement = 4,
    /// Progress of files; key: file identity.
    Feed = 5,
    /// Book revisions; key: revision, big-endian.
    Book = 6,
    /// Closed periods; key: agreement, 0, period.
    Period = 7,
    /// Pages of the verification log; kept in a database of its own.
    Verification = 8,
    /// Anything single; key: its name.
    Meta = 9,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 9] = [
        Self::Quarantine,
        Self::Waiting,
        Self::Contest,
        Self::Statement,
        Self::Feed,
        Self::Book,
        Self::Period,
        Self::Verification,
        Self::Meta,
    ];
}

/// A document put (or, with no value, removed).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentChange {
    /// The table.
    pub table: Table,
    /// Keys sort as bytes.
    pub key: Vec<u8>,
    /// The new value; none removes it.
    pub value: Option<Vec<u8>>,
}

/// The effects of a batch.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The position after the last record of the batch.
    pub position: Position,
    /// Hash and position of every key added to the index.
    pub keys: Vec<(u64, Position)>,
    /// Accounts used for the first time, in order of their ids.
    pub accounts: Vec<NewAccount>,
    /// What the batch adds, at most one row per bucket and account, in any order.
    pub totals: Vec<TotalRow>,
    /// Journal block of the batch (encoded by the engine); empty when nothing has a sequence.
    pub block: Vec<u8>,
    /// Full tree tiles: path below the operator's tile directory, bytes.
    pub tiles: Vec<(String, Vec<u8>)>,
    /// Changes of documents, in order.
    pub documents: Vec<DocumentChange>,
}

/// The Store of one shard. One writer.
pub trait Store: Send {
    /// The position after the last committed record.
    fn position(&self) -> Position;
    /// The position that the last checkpoint made durable.
    fn checkpoint_position(&self) -> Position;
    /// The engine state that the last checkpoint recorded; empty for a new Store.
    fn checkpoint_state(&self) -> Vec<u8>;

    /// For each hash, every position that the index holds for it is appended to `found` as (place
    /// in `hashes`, position). Positions of other keys may be among them (the caller compares the
    /// stored key), but none that was added for this hash is left out.
    ///
    /// # Errors
    /// When a run of the index cannot be read.
    fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) -> Result<(), PortError>;

    /// Applies a batch. Readable at once, durable at the next checkpoint.
    ///
    /// # Errors
    /// After an error the Store takes nothing more until it is opened again.
    fn commit(&mut self, commit: Commit) -> Result<(), PortError>;
    /// Whether enough was committed since the last checkpoint that one is due.
    fn checkpoint_due(&self) -> bool;
    /// Makes everything committed durable, together with the engine's `state` and the `partial`
    /// tiles of the trees (path, bytes), in one atomic step. The Log must be durable up to
    /// [`Store::position`] before.
    ///
    /// # Errors
    /// After an error the Store takes nothing more until it is opened again.
    fn checkpoint(&mut self, state: &[u8], partial: &[(String, Vec<u8>)]) -> Result<(), PortError>;

    /// Number of accounts.
    fn account_count(&self) -> u32;
    /// Visits every account in order of ids.
    ///
    /// # Errors
    /// When the accounts cannot be read.
    fn accounts(&self, visit: &mut dyn FnMut(AccountId, &str, &str)) -> Result<(), PortError>;
    /// Visits what is stored for the buckets `from <= bucket < to`; rows of the same bucket and
    /// account may come several times and must be added up.
    ///
    /// # Errors
    /// When a run of totals cannot be read.
    fn totals(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError>;
    /// The first bucket with a total and the last one; none where nothing was posted.
    ///
    /// # Errors
    /// When a run of totals cannot be read.
    fn bounds(&self) -> Result<Option<(Bucket, Bucket)>, PortError> {
        let mut bounds: Option<(Bucket, Bucket)> = None;
        self.totals(Bucket(i32::MIN), Bucket(i32::MAX), &mut |row| {
            let (first, last) = bounds.unwrap_or((row.bucket, row.bucket));
            bounds = Some((first.min(row.bucket), last.max(row.bucket)));
        })?;
        Ok(bounds)
    }
    /// Visits the journal blocks in order, from the one that holds `from` (a position).
    /// `visit` returns whether to go on.
    ///
    /// # Errors
    /// When a block cannot be read or its checksum is wrong.
    fn blocks(&self, from: Position, visit: &mut dyn FnMut(&[u8]) -> bool)
    -> Result<(), PortError>;
    /// The bytes of a tree tile, full or partial, committed or checkpointed.
    ///
    /// # Errors
    /// When it cannot be read.
    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// The document under `key`.
    ///
    /// # Errors
    /// When it cannot be read.
    fn document(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, PortError>;
    /// Visits documents in order of keys, from `from` on; `visit` returns whether to go on.
    ///
    /// # Errors
    /// When they cannot be read.
    fn documents(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError>;
    /// Number of documents in a table.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn document_count(&self, table: Table) -> Result<u64, PortError>;
    /// Bytes that are stored, by purpose (`index`, `totals`, `blocks`, `tiles`, `documents`).
    ///
    /// # Errors
    /// When what stores them does not say.
    fn stored_bytes(&self) -> Result<Vec<(&'static str, u64)>, PortError>;
}
