//! The right edge of a growing tree: all that appending and the root need.
//!
//! Bytes, version 1: `01`, the size as u64 little-endian, then for each tile level from 0 while
//! `size >> 8·level` is not zero the `(size >> 8·level) mod 256` hashes that wait for their tile.

use thiserror::Error;

use super::empty_root;
use super::span::{fold_left_of, perfect_root};
use super::tile::{Discard, TILE_WIDTH, TileId, TileSink, TileSource, TileUnavailable};
use crate::Hash;
use crate::bytes::Reader;

const VERSION: u8 = 1;
const WIDTH: usize = TILE_WIDTH as usize;

/// A tree of RFC 6962 that grows on the right. At most 64 KiB, whatever its size.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    /// By tile level: the hashes that wait for their tile to fill, fewer than 256.
    pending: Vec<Vec<Hash>>,
}

/// Bytes that are not a frontier (`E6004`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("these bytes are not a tree frontier of a known version")]
pub struct FrontierError;

impl FrontierError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6004"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf hash and lets go of the tiles that it fills: for whoever wants roots alone.
    pub fn append(&mut self, leaf: Hash) {
        self.append_many(&[leaf], &mut Discard);
    }

    /// Appends leaf hashes in order; each tile that fills goes to `sink`, once.
    pub fn append_many(&mut self, leaves: &[Hash], sink: &mut impl TileSink) {
        if leaves.is_empty() {
            return;
        }
        let mut tiles = self.size / u64::from(TILE_WIDTH);
        self.size += leaves.len() as u64;
        let mut level = 0;
        let mut hashes = self.fill(level, tiles, leaves, sink);
        while !hashes.is_empty() {
            level += 1;
            tiles /= u64::from(TILE_WIDTH);
            hashes = self.fill(level, tiles, &hashes, sink);
        }
    }

    /// Appends to one tile level, of which `tiles` are full; answers with the roots of those that
    /// fill now.
    fn fill(
        &mut self,
        level: u8,
        tiles: u64,
        mut hashes: &[Hash],
        sink: &mut impl TileSink,
    ) -> Vec<Hash> {
        if self.pending.len() <= usize::from(level) {
            self.pending.push(Vec::with_capacity(WIDTH));
        }
        let pending = &mut self.pending[usize::from(level)];
        let mut roots = Vec::with_capacity((pending.len() + hashes.len()) / WIDTH);
        while !hashes.is_empty() {
            let (now, later) = hashes.split_at(hashes.len().min(WIDTH - pending.len()));
            pending.extend_from_slice(now);
            hashes = later;
            if pending.len() == WIDTH {
                let index = tiles + roots.len() as u64;
                sink.put_tile(TileId { level, index, width: TILE_WIDTH }, pending);
                roots.push(perfect_root(pending));
                pending.clear();
            }
        }
        roots
    }

    /// The root. Costs up to 255 hashes for each tile level: ask once a batch, not once a leaf.
    pub fn root(&self) -> Hash {
        let edge = self.pending.iter().fold(None, |right, hashes| fold_left_of(hashes, right));
        edge.unwrap_or_else(empty_root)
    }

    /// Gives `sink` the partial tiles of the present size, as a checkpoint publishes them.
    pub fn put_partial_tiles(&self, sink: &mut impl TileSink) {
        for (level, hashes) in (0_u8..).zip(&self.pending) {
            if !hashes.is_empty() {
                sink.put_tile(self.partial(level, hashes), hashes);
            }
        }
    }

    /// A source that answers partial tiles from here and everything else from `full`.
    pub fn over<'a, S: TileSource>(&'a self, full: &'a S) -> Overlay<'a, S> {
        Overlay { frontier: self, full }
    }

    fn partial(&self, level: u8, hashes: &[Hash]) -> TileId {
        let index = self.size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
        TileId { level, index, width: u16::try_from(hashes.len()).unwrap_or(TILE_WIDTH) }
    }

    /// Appends the bytes of version 1.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend(self.pending.iter().flatten().flat_map(|hash| hash.0));
    }

    /// The bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    /// Reads what [`Frontier::encode`] writes, and nothing else.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrontierError> {
        let mut reader = Reader::new(bytes);
        let frontier = Self::read(&mut reader).ok_or(FrontierError)?;
        if reader.is_empty() { Ok(frontier) } else { Err(FrontierError) }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.u8()? != VERSION {
            return None;
        }
        let size = reader.u64()?;
        let mut pending = Vec::new();
        let mut in_level = size;
        while in_level > 0 {
            let mut hashes = Vec::with_capacity(WIDTH);
            for _ in 0..in_level % u64::from(TILE_WIDTH) {
                hashes.push(reader.hash()?);
            }
            pending.push(hashes);
            in_level /= u64::from(TILE_WIDTH);
        }
        Some(Self { size, pending })
    }
}

/// Partial tiles from a [`Frontier`], full ones from where they were written.
#[derive(Copy, Clone, Debug)]
pub struct Overlay<'a, S> {
    frontier: &'a Frontier,
    full: &'a S,
}

impl<S: TileSource> TileSource for Overlay<'_, S> {
    fn read_tile(&self, id: TileId) -> Result<Vec<Hash>, TileUnavailable> {
        if let Some(hashes) = self.frontier.pending.get(usize::from(id.level)) {
            let partial = self.frontier.partial(id.level, hashes);
            if partial.index == id.index && partial.width >= id.width {
                return Ok(hashes.clone());
            }
        }
        self.full.read_tile(id)
    }
}
