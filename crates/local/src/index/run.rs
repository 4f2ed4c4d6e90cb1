//! Immutable runs of the index: keys sorted by hash in checksummed blocks.
//!
//! A block is 4096 bytes: count u16, zero u16, CRC32C u32, then `count` keys of 13 bytes (hash
//! u64, position u40), zeros to the end. The checksum covers count, keys, zeros, and the numbers
//! of the run and the block, so that a block in the wrong place is found too. All little-endian.

use super::filter::Filter;
use crate::store::file::File;
use engine::port::{Disk, OpenMode, PortError, Position};

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 4096;
const HEAD_BYTES: usize = 8;
const KEY_BYTES: usize = 13;
/// Keys of a full block.
const BLOCK_KEYS: usize = (BLOCK_BYTES - HEAD_BYTES) / KEY_BYTES;
/// Blocks read or written at a time.
const BATCH_BLOCKS: usize = 64;

/// Hash and position of a key.
pub type Key = (u64, Position);

/// What the manifest says about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMeta {
    /// Its number, part of its path.
    pub number: u64,
    /// Keys in it.
    pub count: u64,
    /// Its lowest position.
    pub low: Position,
    /// Its highest position.
    pub high: Position,
    /// CRC32C over the checksums of its blocks.
    pub checksum: u32,
}

impl RunMeta {
    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.count.div_ceil(BLOCK_KEYS as u64) * BLOCK_BYTES as u64
    }

    /// Its path.
    pub fn path(&self) -> String {
        path_of(self.number)
    }
}

/// The path of run `number`.
pub fn path_of(number: u64) -> String {
    format!("index/{number:010}.run")
}

/// A run that can be asked.
pub struct Run {
    /// What the manifest says about it.
    pub meta: RunMeta,
    file: File,
    /// First hash of each block.
    fences: Vec<u64>,
    /// Made when the run is no longer in the memory table.
    pub filter: Option<Filter>,
}

impl Run {
    /// Opens a run, reads and verifies all of it, and shows each key to `visit`.
    pub fn load(
        disk: &dyn Disk,
        meta: RunMeta,
        visit: &mut dyn FnMut(&[Key]),
    ) -> Result<Self, PortError> {
        let file = File::open(disk, &meta.path(), OpenMode::Read, meta.length())?;
        let mut fences = Vec::new();
        let mut cursor = Cursor::new(&file, &meta);
        while cursor.next_batch()? {
            let firsts = cursor.keys.iter().step_by(BLOCK_KEYS);
            fences.extend(firsts.map(|&(hash, _)| hash));
            visit(&cursor.keys);
        }
        Ok(Self { meta, file, fences, filter: None })
    }

    /// Appends to `found` the position of every key with this hash.
    pub fn find(&self, hash: u64, found: &mut Vec<Position>) -> Result<(), PortError> {
        let after = self.fences.partition_point(|&first| first < hash);
        let mut bytes = [0; BLOCK_BYTES];
        for (number, &first) in self.fences.iter().enumerate().skip(after.saturating_sub(1)) {
            if first > hash {
                break;
            }
            self.file.read(&mut bytes, number as u64 * BLOCK_BYTES as u64)?;
            let count = checked(&bytes, &self.meta, number as u64)?;
            let keys = &bytes[HEAD_BYTES..HEAD_BYTES + count * KEY_BYTES];
            let same = keys.chunks_exact(KEY_BYTES).map(key_of).filter(|key| key.0 == hash);
            found.extend(same.map(|(_, position)| position));
        }
        Ok(())
    }

    /// The same run with a filter over all of its keys.
    pub fn filtered(&self) -> Result<Self, PortError> {
        let mut filter = Filter::for_keys(self.meta.count);
        let mut cursor = self.cursor();
        while cursor.next_batch()? {
            cursor.keys.iter().for_each(|key| filter.insert(key.0));
        }
        let (meta, file, fences) = (self.meta.clone(), self.file.clone(), self.fences.clone());
        Ok(Self { meta, file, fences, filter: Some(filter) })
    }

    /// A reader of its keys in order.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.file, &self.meta)
    }
}

fn key_of(bytes: &[u8]) -> Key {
    let mut wide = [0; 16];
    wide[..KEY_BYTES].copy_from_slice(bytes);
    let wide = u128::from_le_bytes(wide);
    #[allow(clippy::cast_possible_truncation)] // the low 64 bits are the hash
    (wide as u64, (wide >> 64) as u64)
}

fn checksum_of(block: &[u8], run: u64, number: u64) -> u32 {
    let mut tail = [0; 20];
    tail[..8].copy_from_slice(&run.to_le_bytes());
    tail[8..16].copy_from_slice(&number.to_le_bytes());
    tail[16..].copy_from_slice(&block[..4]);
    crc32c::crc32c_append(crc32c::crc32c(&block[HEAD_BYTES..]), &tail)
}

fn stored_checksum(block: &[u8]) -> u32 {
    u32::from_le_bytes([block[4], block[5], block[6], block[7]])
}

/// The number of keys of a block, after its checksum was verified.
fn checked(block: &[u8], meta: &RunMeta, number: u64) -> Result<usize, PortError> {
    let count = usize::from(u16::from_le_bytes([block[0], block[1]]));
    if count <= BLOCK_KEYS && stored_checksum(block) == checksum_of(block, meta.number, number) {
        return Ok(count);
    }
    Err(PortError::corrupt(format!("{} block {number}", meta.path())))
}

/// Reads the keys of a run in order, some blocks at a time.
pub struct Cursor<'a> {
    file: &'a File,
    meta: &'a RunMeta,
    block: u64,
    checksum: u32,
    bytes: Vec<u8>,
    /// The keys of the batch that was read last.
    pub keys: Vec<Key>,
}

impl<'a> Cursor<'a> {
    fn new(file: &'a File, meta: &'a RunMeta) -> Self {
        Self { file, meta, block: 0, checksum: 0, bytes: Vec::new(), keys: Vec::new() }
    }

    /// Reads the next batch; false, with no keys, at the end, after the whole was verified.
    pub fn next_batch(&mut self) -> Result<bool, PortError> {
        self.keys.clear();
        let blocks = self.meta.length() / BLOCK_BYTES as u64;
        let batch = (blocks - self.block).min(BATCH_BLOCKS as u64);
        if batch == 0 {
            if self.checksum != self.meta.checksum {
                return Err(PortError::corrupt(format!("{} as a whole", self.meta.path())));
            }
            return Ok(false);
        }
        #[allow(clippy::cast_possible_truncation)] // at most BATCH_BLOCKS
        self.bytes.resize(batch as usize * BLOCK_BYTES, 0);
        self.file.read(&mut self.bytes, self.block * BLOCK_BYTES as u64)?;
        for block in self.bytes.chunks_exact(BLOCK_BYTES) {
            let count = checked(block, self.meta, self.block)?;
            self.checksum = crc32c::crc32c_append(self.checksum, &block[4..HEAD_BYTES]);
            let keys = &block[HEAD_BYTES..HEAD_BYTES + count * KEY_BYTES];
            self.keys.extend(keys.chunks_exact(KEY_BYTES).map(key_of));
            self.block += 1;
        }
        Ok(true)
    }
}

/// Writes a run.
pub struct Writer {
    file: File,
    meta: RunMeta,
    batch: Vec<u8>,
    in_block: usize,
    offset: u64,
    fences: Vec<u64>,
    filter: Option<Filter>,
}

impl Writer {
    /// Begins run `number`; with a filter when it will not be in memory.
    pub fn new(disk: &dyn Disk, number: u64, filter: Option<Filter>) -> Result<Self, PortError> {
        Ok(Self {
            file: File::create(disk, &path_of(number))?,
            meta: RunMeta { number, count: 0, low: Position::MAX, high: 0, checksum: 0 },
            batch: Vec::with_capacity(BATCH_BLOCKS * BLOCK_BYTES),
            in_block: 0,
            offset: 0,
            fences: Vec::new(),
            filter,
        })
    }

    /// Adds the next key; they come sorted by hash.
    pub fn push(&mut self, (hash, position): Key) -> Result<(), PortError> {
        if self.in_block == 0 {
            self.fences.push(hash);
            self.batch.extend_from_slice(&[0; HEAD_BYTES]);
        }
        let wide = u128::from(hash) | u128::from(position) << 64;
        self.batch.extend_from_slice(&wide.to_le_bytes()[..KEY_BYTES]);
        self.in_block += 1;
        self.meta.count += 1;
        self.meta.low = self.meta.low.min(position);
        self.meta.high = self.meta.high.max(position);
        if let Some(filter) = &mut self.filter {
            filter.insert(hash);
        }
        if self.in_block == BLOCK_KEYS {
            self.end_block()?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), PortError> {
        let length = self.batch.len().next_multiple_of(BLOCK_BYTES);
        self.batch.resize(length, 0);
        let block = &mut self.batch[length - BLOCK_BYTES..];
        let count = u16::try_from(self.in_block).unwrap_or(u16::MAX);
        block[..2].copy_from_slice(&count.to_le_bytes());
        let checksum = checksum_of(block, self.meta.number, self.fences.len() as u64 - 1);
        block[4..HEAD_BYTES].copy_from_slice(&checksum.to_le_bytes());
        self.meta.checksum = crc32c::crc32c_append(self.meta.checksum, &block[4..HEAD_BYTES]);
        self.in_block = 0;
        if length == BATCH_BLOCKS * BLOCK_BYTES { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> Result<(), PortError> {
        self.file.write(&self.batch, self.offset)?;
        self.offset += self.batch.len() as u64;
        self.batch.clear();
        Ok(())
    }

    /// Ends the run and makes its bytes durable; its name needs a flush of the directory.
    pub fn finish(mut self) -> Result<Run, PortError> {
        if self.in_block > 0 {
            self.end_block()?;
        }
        if !self.batch.is_empty() {
            self.write_batch()?;
        }
        self.file.sync()?;
        let Self { meta, file, fences, filter, .. } = self;
        Ok(Run { meta, file, fences, filter })
    }
}
