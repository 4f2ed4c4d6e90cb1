//! Journal blocks: opaque bytes appended to segment files, each with the span of positions that
//! it covers, found through a directory in memory.
//!
//! A block's head is 32 bytes: length u32, CRC32C of the block u32, first position u64, position
//! after the last u64, CRC32C of these 24 bytes u32, zero u32; the block follows. All
//! little-endian. The manifest has, by segment, length, number of blocks and the CRC32C of all
//! heads.

#[cfg(test)]
mod tests;

use crate::store::file::{Fields, File, limit, sync_dir};
use crate::store::limits::{BLOCK_BYTES_MAX, SEGMENT_BYTES};
use crate::store::manifest::FileMeta;
use engine::port::{Disk, OpenMode, PortError, Position};
use std::sync::Arc;

/// Where segments are.
pub const DIR: &str = "blocks";
const HEAD_BYTES: usize = 32;
const HEAD_CHECKED: usize = 24;

struct Segment {
    file: File,
    meta: FileMeta,
    dirty: bool,
}

struct Place {
    segment: usize,
    offset: u64,
    length: u32,
    checksum: u32,
    first: Position,
    end: Position,
}

/// The journal blocks of one shard.
pub struct Blocks {
    disk: Arc<dyn Disk>,
    segments: Vec<Segment>,
    directory: Vec<Place>,
    segment_bytes: u64,
    new_names: bool,
}

impl Blocks {
    /// Opens the segments of a manifest, in order, and cuts what is behind the last.
    pub fn open(disk: Arc<dyn Disk>, metas: Vec<FileMeta>) -> Result<Self, PortError> {
        let mut blocks = Self {
            disk,
            segments: Vec::new(),
            directory: Vec::new(),
            segment_bytes: SEGMENT_BYTES,
            new_names: false,
        };
        for meta in metas {
            let file = File::open(&*blocks.disk, &meta.path, OpenMode::Write, meta.length)?;
            file.cut_tail(meta.length)?;
            blocks.load(&file, &meta)?;
            blocks.segments.push(Segment { file, meta, dirty: false });
        }
        Ok(blocks)
    }

    fn load(&mut self, file: &File, meta: &FileMeta) -> Result<(), PortError> {
        let (mut offset, mut chain) = (0, 0);
        for _ in 0..meta.count {
            let mut head = [0; HEAD_BYTES];
            file.read(&mut head, offset)?;
            let place = place_of(&head, self.segments.len(), offset)
                .ok_or_else(|| PortError::corrupt(format!("{} head at {offset}", meta.path)))?;
            chain = crc32c::crc32c_append(chain, &head);
            offset += HEAD_BYTES as u64 + u64::from(place.length);
            self.directory.push(place);
        }
        if chain != meta.checksum || offset != meta.length {
            return Err(PortError::corrupt(format!("{} as a whole", meta.path)));
        }
        Ok(())
    }

    /// Appends the block of the positions `first <= position < end`.
    pub fn append(
        &mut self,
        first: Position,
        end: Position,
        block: &[u8],
    ) -> Result<(), PortError> {
        if block.len() > BLOCK_BYTES_MAX {
            return Err(limit(format!("block of {} bytes: {BLOCK_BYTES_MAX}", block.len())));
        }
        let full = |segment: &Segment| segment.meta.length >= self.segment_bytes;
        if self.segments.last().is_none_or(full) {
            let path = format!("{DIR}/{:06}.seg", self.segments.len());
            let file = File::create(&*self.disk, &path)?;
            let meta = FileMeta { path, length: 0, count: 0, checksum: 0 };
            self.segments.push(Segment { file, meta, dirty: true });
            self.new_names = true;
        }
        let number = self.segments.len() - 1;
        let Some(segment) = self.segments.last_mut() else { return Ok(()) };
        let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
        let checksum = crc32c::crc32c(block);
        let offset = segment.meta.length;
        let place = Place { segment: number, offset, length, checksum, first, end };
        let mut bytes = Vec::with_capacity(HEAD_BYTES + block.len());
        bytes.extend_from_slice(&head_of(&place));
        segment.meta.checksum = crc32c::crc32c_append(segment.meta.checksum, &bytes);
        bytes.extend_from_slice(block);
        segment.file.write(&bytes, offset)?;
        segment.meta.length += bytes.len() as u64;
        segment.meta.count += 1;
        segment.dirty = true;
        self.directory.push(place);
        Ok(())
    }

    /// Makes everything appended durable.
    pub fn flush(&mut self) -> Result<(), PortError> {
        for segment in self.segments.iter_mut().filter(|segment| segment.dirty) {
            segment.file.sync()?;
            segment.dirty = false;
        }
        if std::mem::take(&mut self.new_names) {
            sync_dir(&*self.disk, DIR)?;
        }
        Ok(())
    }

    /// As `Store::blocks`.
    pub fn visit(
        &self,
        from: Position,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), PortError> {
        let start = self.directory.partition_point(|place| place.end <= from);
        let mut bytes = Vec::new();
        for place in &self.directory[start..] {
            let file = &self.segments[place.segment].file;
            bytes.resize(place.length as usize, 0);
            file.read(&mut bytes, place.offset + HEAD_BYTES as u64)?;
            if crc32c::crc32c(&bytes) != place.checksum {
                let what = format!("{} block at {}", file.path(), place.offset);
                return Err(PortError::corrupt(what));
            }
            if !visit(&bytes) {
                break;
            }
        }
        Ok(())
    }

    /// What the manifest must say.
    pub fn metas(&self) -> impl Iterator<Item = &FileMeta> {
        self.segments.iter().map(|segment| &segment.meta)
    }

    #[cfg(test)]
    fn set_segment_bytes(&mut self, bytes: u64) {
        self.segment_bytes = bytes;
    }
}

fn head_of(place: &Place) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..4].copy_from_slice(&place.length.to_le_bytes());
    head[4..8].copy_from_slice(&place.checksum.to_le_bytes());
    head[8..16].copy_from_slice(&place.first.to_le_bytes());
    head[16..24].copy_from_slice(&place.end.to_le_bytes());
    let checksum = crc32c::crc32c(&head[..HEAD_CHECKED]);
    head[24..28].copy_from_slice(&checksum.to_le_bytes());
    head
}

fn place_of(head: &[u8], segment: usize, offset: u64) -> Option<Place> {
    let mut fields = Fields(head);
    let (length, checksum) = (fields.u32()?, fields.u32()?);
    let (first, end) = (fields.u64()?, fields.u64()?);
    let right = fields.u32()? == crc32c::crc32c(&head[..HEAD_CHECKED]);
    right.then_some(Place { segment, offset, length, checksum, first, end })
}
