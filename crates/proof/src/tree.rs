//! The append-only tree of RFC 6962, kept as its right edge and as tiles of 256 hashes.
//!
//! A hash of height `h` covers `2^h` leaves. Tile level `L` holds hashes of height `8·L`, 256 to a
//! tile; what lies between is recomputed from them. A full tile is emitted once and never changes;
//! the hashes that do not yet fill one wait in the [`Frontier`] and can be written as partial
//! tiles at a checkpoint.

mod frontier;
mod span;
mod tile;

pub use frontier::{Frontier, FrontierError, Overlay};
pub(crate) use span::{SpanReader, split};
pub use tile::{
    Discard, MemoryTiles, TILE_WIDTH, TileId, TilePathError, TileSink, TileSource, TileUnavailable,
    decode_tile, encode_tile,
};

use crate::Hash;
use crate::digest::sha256;

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}
