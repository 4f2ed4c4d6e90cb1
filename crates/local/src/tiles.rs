//! Full tree tiles: one append-only file for each stream and level, tile N at slot N, so that ten
//! million leaves need a handful of files and flushes.
//!
//! A slot is 8196 bytes: the tile, then the CRC32C u32 (little-endian) of the tile and its number
//! u64. Whatever is not a full tile in its turn is not taken: it is kept as a document.

mod name;

#[cfg(test)]
mod tests;

use crate::store::file::{File, sync_dir};
use crate::store::manifest::FileMeta;
use engine::port::{Disk, OpenMode, PortError};
use name::Name;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where tile files are.
pub const DIR: &str = "tiles";
/// Bytes of a full tile: 256 hashes of 32 bytes.
pub const TILE_BYTES: usize = 8192;
const SLOT_BYTES: usize = TILE_BYTES + 4;

struct TileFile {
    file: File,
    tiles: u64,
    /// Slots taken but not written yet.
    pending: Vec<u8>,
    dirty: bool,
}

/// The full tiles of one shard.
pub struct Tiles {
    disk: Arc<dyn Disk>,
    /// By path.
    files: BTreeMap<String, TileFile>,
    new_names: bool,
}

fn checksum_of(tile: &[u8], number: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(tile), &number.to_le_bytes())
}

impl Tiles {
    /// Opens the files of a manifest and cuts what is behind them.
    pub fn open(disk: Arc<dyn Disk>, metas: Vec<FileMeta>) -> Result<Self, PortError> {
        let mut files = BTreeMap::new();
        for meta in metas {
            let file = File::open(&*disk, &meta.path, OpenMode::Write, meta.length)?;
            file.cut_tail(meta.length)?;
            let (tiles, pending) = (meta.count, Vec::new());
            files.insert(meta.path, TileFile { file, tiles, pending, dirty: false });
        }
        Ok(Self { disk, files, new_names: false })
    }

    /// Takes a tile when it is full and in its turn; false otherwise. To be followed by
    /// [`Tiles::write`] before anything is read.
    pub fn take(&mut self, path: &str, tile: &[u8]) -> Result<bool, PortError> {
        let Some(name) = Name::parse(path).filter(|_| tile.len() == TILE_BYTES) else {
            return Ok(false);
        };
        let known = self.files.get(&name.file).map_or(0, |file| file.tiles);
        if name.number > known {
            return Ok(false);
        }
        if name.number < known {
            return self.must_equal(path, tile);
        }
        if !self.files.contains_key(&name.file) {
            let file = File::create(&*self.disk, &name.file)?;
            let new = TileFile { file, tiles: 0, pending: Vec::new(), dirty: true };
            self.files.insert(name.file.clone(), new);
            self.new_names = true;
        }
        if let Some(file) = self.files.get_mut(&name.file) {
            file.pending.extend_from_slice(tile);
            file.pending.extend_from_slice(&checksum_of(tile, name.number).to_le_bytes());
            file.tiles += 1;
            file.dirty = true;
        }
        Ok(true)
    }

    fn must_equal(&mut self, path: &str, tile: &[u8]) -> Result<bool, PortError> {
        self.write()?;
        match self.read(path)? {
            Some(stored) if stored == tile => Ok(true),
            _ => Err(PortError::corrupt(format!("tile {path} is stored with other bytes"))),
        }
    }

    /// Writes what was taken.
    pub fn write(&mut self) -> Result<(), PortError> {
        for file in self.files.values_mut().filter(|file| !file.pending.is_empty()) {
            let end = file.tiles * SLOT_BYTES as u64;
            file.file.write(&file.pending, end - file.pending.len() as u64)?;
            file.pending.clear();
        }
        Ok(())
    }

    /// Makes what was written durable.
    pub fn flush(&mut self) -> Result<(), PortError> {
        for file in self.files.values_mut().filter(|file| file.dirty) {
            file.file.sync()?;
            file.dirty = false;
        }
        if std::mem::take(&mut self.new_names) {
            sync_dir(&*self.disk, DIR)?;
        }
        Ok(())
    }

    /// The tile at `path`, when it is one that was taken.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        let Some(name) = Name::parse(path) else { return Ok(None) };
        let Some(file) = self.files.get(&name.file).filter(|file| name.number < file.tiles) else {
            return Ok(None);
        };
        let mut slot = vec![0; SLOT_BYTES];
        file.file.read(&mut slot, name.number * SLOT_BYTES as u64)?;
        let checksum = slot.split_off(TILE_BYTES);
        if checksum_of(&slot, name.number).to_le_bytes() != *checksum {
            return Err(PortError::corrupt(format!("{} tile {}", name.file, name.number)));
        }
        Ok(Some(slot))
    }

    /// What the manifest must say.
    pub fn metas(&self) -> impl Iterator<Item = FileMeta> {
        self.files.iter().map(|(path, file)| {
            let length = file.tiles * SLOT_BYTES as u64;
            FileMeta { path: path.clone(), length, count: file.tiles, checksum: 0 }
        })
    }
}
