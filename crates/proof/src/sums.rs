//! The tree over the account sums that a statement stands on.
//!
//! The leaves are the rows sorted by the bytes of path and then asset. A row's leaf data,
//! version 1, integers little-endian: `01`, length of the path u32, path, length of the asset u32,
//! asset, debit i128, credit i128 (minor units), count u64.

use settle::AccountSum;

use crate::bytes::push_text;
use crate::digest::{leaf_hash, leaf_hashes};
use crate::tree::{Frontier, MemoryTiles};
use crate::{Hash, ProofError, inclusion_proof, verify_inclusion};

pub(crate) const ROW_VERSION: u8 = 1;

/// The root over rows, whatever their order.
pub fn sums_root(rows: &[AccountSum]) -> Hash {
    let mut frontier = Frontier::new();
    frontier.append_many(&leaves(&sorted(rows)), &mut crate::tree::Discard);
    frontier.root()
}

/// The tree over rows, for proofs of single ones.
#[derive(Clone, Debug)]
pub struct SumsTree<'a> {
    rows: Vec<&'a AccountSum>,
    frontier: Frontier,
    tiles: MemoryTiles,
}

/// That a row is in the tree over `size` rows with a known root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SumProof {
    /// The row's place among the sorted rows.
    pub index: u64,
    /// Rows in the tree.
    pub size: u64,
    /// From the row up to the root.
    pub hashes: Vec<Hash>,
}

impl<'a> SumsTree<'a> {
    /// Sorts the rows, where they are not, and builds their tree.
    pub fn new(rows: &'a [AccountSum]) -> Self {
        let rows = sorted(rows);
        let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::default());
        frontier.append_many(&leaves(&rows), &mut tiles);
        Self { rows, frontier, tiles }
    }

    /// The same as [`sums_root`] of the rows.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The rows in the tree's order.
    pub fn rows(&self) -> &[&'a AccountSum] {
        &self.rows
    }

    /// The row of an account in an asset, and the proof that it is in this tree.
    pub fn prove(&self, path: &str, asset: &str) -> Option<(&AccountSum, SumProof)> {
        let wanted = (path.as_bytes(), asset.as_bytes());
        let place = self.rows.binary_search_by(|row| key(row).cmp(&wanted)).ok()?;
        let (index, size) = (place as u64, self.frontier.size());
        let hashes = inclusion_proof(index, size, &self.frontier.over(&self.tiles)).ok()?;
        Some((self.rows[place], SumProof { index, size, hashes }))
    }
}

impl SumProof {
    /// Whether `row` is in the tree with this root.
    pub fn verify(&self, row: &AccountSum, root: Hash) -> Result<(), ProofError> {
        let mut data = Vec::new();
        push_row(&mut data, row);
        verify_inclusion(self.index, self.size, leaf_hash(&data), &self.hashes, root)
    }
}

/// What rows are sorted by.
pub(crate) fn key(row: &AccountSum) -> (&[u8], &[u8]) {
    (row.path.as_bytes(), row.asset.as_bytes())
}

/// Appends a row's leaf data.
pub(crate) fn push_row(out: &mut Vec<u8>, row: &AccountSum) {
    out.push(ROW_VERSION);
    push_text(out, &row.path);
    push_text(out, &row.asset);
    out.extend_from_slice(&row.total.debit.to_le_bytes());
    out.extend_from_slice(&row.total.credit.to_le_bytes());
    out.extend_from_slice(&row.total.count.to_le_bytes());
}

fn sorted(rows: &[AccountSum]) -> Vec<&AccountSum> {
    let mut rows: Vec<&AccountSum> = rows.iter().collect();
    if !rows.is_sorted_by(|a, b| key(a) < key(b)) {
        // Rows that say the same are the same leaf, so their order among themselves shows nowhere;
        // rows of one account that say different things are ordered by what they say.
        rows.sort_unstable_by(|a, b| key(a).cmp(&key(b)).then_with(|| said(a).cmp(&said(b))));
    }
    rows
}

fn said(row: &AccountSum) -> (i128, i128, u64) {
    (row.total.debit, row.total.credit, row.total.count)
}

fn leaves(rows: &[&AccountSum]) -> Vec<Hash> {
    let (mut data, mut ends) = (Vec::with_capacity(rows.len() * 96), Vec::new());
    for row in rows {
        push_row(&mut data, row);
        ends.push(data.len());
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let datas: Vec<&[u8]> = starts.zip(&ends).map(|(from, to)| &data[from..*to]).collect();
    let mut leaves = Vec::with_capacity(rows.len());
    leaf_hashes(&datas, &mut leaves);
    leaves
}
