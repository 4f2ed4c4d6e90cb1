//! The streams of an operator: per source, and one for commands, a dense sequence and the tree
//! over it.

use crate::wire::{BadBytes, Reader, Writer};
use proof::Hash;
use proof::heads::Head;
use proof::tree::{Frontier, TileId, TileSink, encode_tile};
use std::collections::BTreeMap;

/// The stream of commands, book revisions and statements.
pub const CONTROL: &str = "control";

/// Every stream by name.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    streams: BTreeMap<String, Frontier>,
}

impl Streams {
    /// Number of distinct records of a stream: the next sequence.
    pub fn size(&self, name: &str) -> u64 {
        self.streams.get(name).map_or(0, Frontier::size)
    }

    /// The tree of a stream, when it has any record.
    pub fn tree(&self, name: &str) -> Option<&Frontier> {
        self.streams.get(name)
    }

    /// Name and tree of every stream, ascending by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Frontier)> {
        self.streams.iter().map(|(name, tree)| (name.as_str(), tree))
    }

    /// Appends leaves to a stream's tree; full tiles go to `tiles` as (path, bytes).
    pub fn append(&mut self, name: &str, leaves: &[Hash], tiles: &mut Vec<(String, Vec<u8>)>) {
        if !self.streams.contains_key(name) {
            self.streams.insert(name.to_owned(), Frontier::new());
        }
        if let Some(tree) = self.streams.get_mut(name) {
            tree.append_many(leaves, &mut Tiles { stream: name, tiles });
        }
    }

    /// The tiles that are not full, as (path, bytes).
    pub fn partial_tiles(&self) -> Vec<(String, Vec<u8>)> {
        let mut tiles = Vec::new();
        for (stream, tree) in self.iter() {
            tree.put_partial_tiles(&mut Tiles { stream, tiles: &mut tiles });
        }
        tiles
    }

    /// The heads of all streams, for the operator's own tree.
    pub fn heads(&self, operator: &str) -> Vec<Head> {
        self.iter()
            .map(|(name, tree)| Head {
                origin: proof::checkpoint::stream_origin(operator, name),
                size: tree.size(),
                root: tree.root(),
            })
            .collect()
    }

    /// Appends all streams to the engine's state.
    pub fn encode(&self, writer: &mut Writer) {
        writer.u32(u32::try_from(self.streams.len()).unwrap_or(u32::MAX));
        for (name, tree) in self.iter() {
            writer.text(name).blob(&tree.encode());
        }
    }

    /// Reads what [`Streams::encode`] wrote.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        let mut streams = BTreeMap::new();
        for _ in 0..reader.u32()? {
            let name = reader.text()?.to_owned();
            streams.insert(name, Frontier::decode(reader.blob()?).map_err(|_| BadBytes)?);
        }
        Ok(Self { streams })
    }
}

/// The path of a tile below the operator's tile directory.
pub fn tile_path(stream: &str, id: TileId) -> String {
    format!("{stream}/{}", id.path())
}

struct Tiles<'a> {
    stream: &'a str,
    tiles: &'a mut Vec<(String, Vec<u8>)>,
}

impl TileSink for Tiles<'_> {
    fn put_tile(&mut self, id: TileId, hashes: &[Hash]) {
        let mut bytes = Vec::with_capacity(hashes.len() * 32);
        encode_tile(hashes, &mut bytes);
        self.tiles.push((tile_path(self.stream, id), bytes));
    }
}
