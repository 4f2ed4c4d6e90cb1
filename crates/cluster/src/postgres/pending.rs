//! What was committed since the last checkpoint: readable here, durable with the next one.

use crate::limits::VALUE_BYTES_MAX;
use engine::port::{
    Commit, DocumentChange, NewAccount, PortError, PortFault, Position, Table, TotalRow,
};
use ledger::Total;
use ledger::time::Bucket;
use std::collections::BTreeMap;

/// A key of a document: table, then bytes.
pub(super) type DocumentKey = (Table, Vec<u8>);

/// A journal block, by the position after its last record.
pub(super) struct Block {
    pub(super) after: Position,
    pub(super) bytes: Vec<u8>,
}

/// Everything since the last checkpoint but keys.
#[derive(Default)]
pub(super) struct Pending {
    /// Accounts that are in no checkpoint; the last ones of all.
    pub(super) accounts: Vec<NewAccount>,
    /// What is to be added to the stored totals, by bucket and account.
    pub(super) totals: BTreeMap<(i32, u32), Total>,
    pub(super) blocks: Vec<Block>,
    pub(super) tiles: BTreeMap<String, Vec<u8>>,
    /// Documents put, or removed.
    pub(super) documents: BTreeMap<DocumentKey, Option<Vec<u8>>>,
    /// Bytes of blocks, tiles and documents.
    pub(super) bytes: u64,
}

fn limit(what: String) -> PortError {
    PortError::new(PortFault::Limit, what)
}

fn check_length(what: &str, bytes: &[u8]) -> Result<u64, PortError> {
    if bytes.len() > VALUE_BYTES_MAX {
        return Err(limit(format!("a {what} of over {VALUE_BYTES_MAX} bytes")));
    }
    Ok(bytes.len() as u64)
}

impl Pending {
    /// Takes a batch, but for its keys.
    pub(super) fn take(&mut self, commit: Commit) -> Result<(), PortError> {
        self.accounts.extend(commit.accounts);
        for row in commit.totals {
            let sum = self.totals.entry((row.bucket.0, row.account)).or_default();
            let added = sum.add(row.total);
            added.map_err(|error| limit(format!("account {}: {error}", row.account)))?;
        }
        if !commit.block.is_empty() {
            self.bytes += check_length("block", &commit.block)?;
            self.blocks.push(Block { after: commit.position, bytes: commit.block });
        }
        for (path, tile) in commit.tiles {
            self.bytes += check_length("tile", &tile)?;
            self.tiles.insert(path, tile);
        }
        for DocumentChange { table, key, value } in commit.documents {
            self.bytes += check_length("document", value.as_deref().unwrap_or_default())?;
            self.documents.insert((table, key), value);
        }
        Ok(())
    }

    /// Rows of totals of the buckets `from <= bucket < to`.
    pub(super) fn totals(&self, from: Bucket, to: Bucket) -> impl Iterator<Item = TotalRow> {
        let range = (from.0, 0)..(to.0.max(from.0), 0);
        self.totals.range(range).map(|(&(bucket, account), &total)| TotalRow {
            bucket: Bucket(bucket),
            account,
            total,
        })
    }

    /// Changed documents of a table from `from` on.
    pub(super) fn documents(
        &self,
        table: Table,
        from: &[u8],
    ) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let changed = self.documents.range((table, from.to_vec())..);
        changed
            .take_while(move |((other, _), _)| *other == table)
            .map(|((_, key), value)| (key.as_slice(), value.as_deref()))
    }
}
