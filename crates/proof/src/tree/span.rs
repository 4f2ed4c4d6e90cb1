//! Roots of spans of leaves, out of tiles.

use std::collections::BTreeMap;

use super::tile::{TILE_WIDTH, TileId, TileSource};
use crate::digest::{node_hash, parents};
use crate::{Hash, ProofError};

/// The root over a power of two of hashes of one height.
pub(super) fn perfect_root(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two(), "a perfect tree has a power of two of leaves");
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        parents(&mut level);
    }
    level[0]
}

/// Joins, from the right, the perfect trees that `hashes` fall into to what stands right of them.
pub(super) fn fold_left_of(hashes: &[Hash], mut right: Option<Hash>) -> Option<Hash> {
    let mut rest = hashes;
    while !rest.is_empty() {
        let width = 1 << rest.len().trailing_zeros();
        let (left, last) = rest.split_at(rest.len() - width);
        let peak = perfect_root(last);
        right = Some(right.map_or(peak, |right| node_hash(peak, right)));
        rest = left;
    }
    right
}

/// Where RFC 6962 parts a tree of `width` leaves (two or more): the largest power of two below it.
pub(crate) fn split(width: u64) -> u64 {
    debug_assert!(width > 1, "one leaf is not parted");
    1 << (width - 1).ilog2()
}

/// Reads tiles of a tree of `size` leaves, each once.
pub(crate) struct SpanReader<'a, S> {
    source: &'a S,
    size: u64,
    read: BTreeMap<TileId, Vec<Hash>>,
}

impl<'a, S: TileSource> SpanReader<'a, S> {
    pub(crate) fn new(source: &'a S, size: u64) -> Self {
        Self { source, size, read: BTreeMap::new() }
    }

    /// The root over the leaves `from..to`, as RFC 6962 parts them; `from` is where such a part
    /// begins and `from < to`.
    pub(crate) fn root(&mut self, from: u64, to: u64) -> Result<Hash, ProofError> {
        let width = to - from;
        if width.is_power_of_two() {
            return self.perfect(width.ilog2(), from >> width.ilog2());
        }
        let middle = from + split(width);
        Ok(node_hash(self.root(from, middle)?, self.root(middle, to)?))
    }

    /// The hash of a height, counted from 0 within that height.
    fn perfect(&mut self, height: u32, index: u64) -> Result<Hash, ProofError> {
        let within = height % 8;
        let first = index << within;
        let hashes = self.tile(height / 8, first / u64::from(TILE_WIDTH))?;
        let at = usize::from(u8::try_from(first % u64::from(TILE_WIDTH)).unwrap_or_default());
        Ok(perfect_root(&hashes[at..at + (1 << within)]))
    }

    fn tile(&mut self, level: u32, index: u64) -> Result<&[Hash], ProofError> {
        let in_level = self.size >> (8 * level);
        let there = in_level.saturating_sub(index * u64::from(TILE_WIDTH));
        let width = u16::try_from(there).map_or(TILE_WIDTH, |there| there.min(TILE_WIDTH));
        let id = TileId { level: u8::try_from(level).unwrap_or(u8::MAX), index, width };
        if !self.read.contains_key(&id) {
            let hashes = self
                .source
                .read_tile(id)
                .map_err(|cause| ProofError::TileUnavailable { id, cause })?;
            if hashes.len() < usize::from(width) {
                return Err(ProofError::TileTooShort { id, found: hashes.len() });
            }
            self.read.insert(id, hashes);
        }
        Ok(&self.read[&id])
    }
}
