//! Tiles in the layout of C2SP tlog-tiles: names, bytes, and the two ports through which the pure
//! tree meets whatever keeps them.
//!
//! The bytes of a tile are its hashes, 32 bytes each, one after the other; a full tile is 8,192
//! bytes. Its path is `tile/<level>/<index>`, the index in groups of three digits, all but the
//! last marked `x` (1,234,067 is `x001/x234/067`); a partial tile ends in `.p/<width>`.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;

use crate::Hash;

/// Hashes in a full tile.
pub const TILE_WIDTH: u16 = 256;

/// Eight levels of 256 hold 2^64 leaves.
const LEVEL_MAX: u8 = 7;

/// Which tile: its level, its place in the level, and how many hashes it has.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct TileId {
    /// 0 holds leaf hashes, 1 hashes over 256 leaves, and so on to 7.
    pub level: u8,
    /// Counted from 0 within the level.
    pub index: u64,
    /// 1 to 256; fewer than 256 is a partial tile.
    pub width: u16,
}

/// A path that names no tile (`E6003`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("this path names no tile")]
pub struct TilePathError;

impl TilePathError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6003"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl TileId {
    /// Whether every hash is there, so that the tile never changes again.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The path of C2SP tlog-tiles, relative to the log's prefix.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// Reads what [`TileId::path`] writes, and nothing else.
    pub fn from_path(path: &str) -> Result<Self, TilePathError> {
        Self::parse(path).filter(|id| id.path() == path).ok_or(TilePathError)
    }

    /// Lenient: [`TileId::from_path`] refuses every spelling but the one that is written.
    fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = level.parse().ok().filter(|level| *level <= LEVEL_MAX)?;
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => (groups, width.parse().ok()?),
            None => (rest, TILE_WIDTH),
        };
        let valid =
            rest.contains(".p/") == (width != TILE_WIDTH) && (1..=TILE_WIDTH).contains(&width);
        let mut index = 0_u64;
        for group in groups.split('/') {
            let group: u16 = group.trim_start_matches('x').parse().ok().filter(|n| *n < 1_000)?;
            index = index.checked_mul(1_000)?.checked_add(group.into())?;
        }
        valid.then_some(Self { level, index, width })
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        let groups = (1..7).rev().map(|power| 1_000_u64.pow(power));
        for unit in groups.skip_while(|unit| self.index < *unit) {
            write!(f, "x{:03}/", self.index / unit % 1_000)?;
        }
        write!(f, "{:03}", self.index % 1_000)?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// Appends a tile's bytes.
pub fn encode_tile(hashes: &[Hash], out: &mut Vec<u8>) {
    out.reserve(hashes.len() * 32);
    out.extend(hashes.iter().flat_map(|hash| hash.0));
}

/// A tile's hashes; `None` unless the bytes are exactly `width` of them.
pub fn decode_tile(bytes: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    let fits = rest.is_empty() && hashes.len() == usize::from(width);
    fits.then(|| hashes.iter().map(|bytes| Hash(*bytes)).collect())
}

/// Takes tiles as they fill. It cannot fail: who writes them holds them until the commit.
pub trait TileSink {
    /// A full tile arrives once; a partial one whenever a checkpoint writes it.
    fn put_tile(&mut self, id: TileId, hashes: &[Hash]);
}

/// Answers with tiles that were written.
pub trait TileSource {
    /// At least `id.width` hashes: where a partial tile has since grown, the wider one serves.
    fn read_tile(&self, id: TileId) -> Result<Vec<Hash>, TileUnavailable>;
}

/// Why a source could not answer, in its own words.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
#[error("{reason}")]
pub struct TileUnavailable {
    /// One sentence.
    pub reason: String,
}

/// A sink for whoever wants the root alone.
#[derive(Copy, Clone, Debug, Default)]
pub struct Discard;

impl TileSink for Discard {
    fn put_tile(&mut self, _: TileId, _: &[Hash]) {}
}

/// Tiles in memory: for small trees and for tests. Holds the widest form of each tile.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MemoryTiles(BTreeMap<(u8, u64), Vec<Hash>>);

impl MemoryTiles {
    /// Every tile that it holds, by level and index.
    pub fn iter(&self) -> impl Iterator<Item = (TileId, &[Hash])> {
        self.0.iter().map(|((level, index), hashes)| {
            let width = u16::try_from(hashes.len()).unwrap_or(TILE_WIDTH);
            (TileId { level: *level, index: *index, width }, hashes.as_slice())
        })
    }
}

impl TileSink for MemoryTiles {
    fn put_tile(&mut self, id: TileId, hashes: &[Hash]) {
        let kept = self.0.entry((id.level, id.index)).or_default();
        if kept.len() < hashes.len() {
            *kept = hashes.to_vec();
        }
    }
}

impl TileSource for MemoryTiles {
    fn read_tile(&self, id: TileId) -> Result<Vec<Hash>, TileUnavailable> {
        let found = self.0.get(&(id.level, id.index));
        found.cloned().ok_or_else(|| TileUnavailable { reason: "it was never put here".into() })
    }
}
