//! The bytes of raw segments and blocks, little-endian.
//!
//! Segment header (one sector): magic `SLDW`, format u16, length of the source's name u16, length
//! of the file u64, day i32, name, CRC32C. Block: magic `SLDB`, format u16, reserved u16, id u64,
//! generation of the key u32, length of the rows u32, offset up to which the file was durable when
//! it was written u64, nonce (12), CRC32C of what follows the header, CRC32C of the header; then
//! the rows, encrypted, and their tag (16). In a block of format 2 the rows are packed.

use crate::disk::bytes::{narrow, take, u16_at, u32_at, u64_at, wide};
use crate::limits::{RAW_BLOCK_BYTES_MAX, SEGMENT_HEADER_BYTES, SOURCE_BYTES_MAX};
use engine::port::{PortError, PortFault, RawBlockId};

const SEGMENT_MAGIC: [u8; 4] = *b"SLDW";
const BLOCK_MAGIC: [u8; 4] = *b"SLDB";
const FORMAT: u16 = 1;
/// The format of a block whose rows are packed.
const FORMAT_PACKED: u16 = 2;
/// Bytes of a block before its rows.
pub(super) const BLOCK_HEADER_BYTES: usize = 52;
/// Bytes of the tag after the rows.
pub(super) const TAG_BYTES: usize = 16;
/// Bytes of a nonce.
pub(super) const NONCE_BYTES: usize = 12;
const NAME_AT: usize = 20;

/// Which rows a segment holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Feed {
    pub(super) source: String,
    /// Days since 1970.
    pub(super) day: i32,
}

impl Feed {
    /// A feed, when its source has the shape of one.
    pub(super) fn new(source: &str, day: i32) -> Result<Self, PortError> {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if (1..=SOURCE_BYTES_MAX).contains(&source.len()) && source.bytes().all(plain) {
            return Ok(Self { source: source.to_owned(), day });
        }
        Err(PortError::new(PortFault::Limit, "a source is 1 to 64 of a-z, 0-9 and -"))
    }

    /// The file name of its segment with that number.
    pub(super) fn file_name(&self, number: u32) -> String {
        format!("{}.{}.{number:08}.raw", self.source, self.day)
    }

    /// Feed and number of a file name.
    pub(super) fn parse_name(name: &str) -> Option<(Self, u32)> {
        let mut parts = name.strip_suffix(".raw")?.split('.');
        let (source, day, number) = (parts.next()?, parts.next()?, parts.next()?);
        let feed = Self::new(source, day.parse().ok()?).ok()?;
        parts.next().is_none().then_some((feed, number.parse().ok()?))
    }

    /// The header of a segment of `length` bytes.
    pub(super) fn header(&self, length: u64) -> Vec<u8> {
        let mut bytes = SEGMENT_MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(u16::try_from(self.source.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.day.to_le_bytes());
        bytes.extend(self.source.as_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes.resize(narrow(SEGMENT_HEADER_BYTES), 0);
        bytes
    }

    /// The length that a header of this feed states.
    pub(super) fn stated_length(&self, header: &[u8], path: &str) -> Result<u64, PortError> {
        let corrupt = || PortError::corrupt(format!("{path}: offset 0: its header"));
        let length = u64_at(header, 8).ok_or_else(corrupt)?;
        if header == self.header(length) {
            return Ok(length);
        }
        let sum_at = NAME_AT + self.source.len();
        let sum = u32_at(header, sum_at).ok_or_else(corrupt)?;
        let format = u16_at(header, 4).ok_or_else(corrupt)?;
        if sum == crc32c::crc32c(&header[..sum_at]) && format != FORMAT {
            let what = format!("{path}: raw segment format {format}");
            return Err(PortError::new(PortFault::UnknownFormat, what));
        }
        Err(corrupt())
    }
}

/// What stands before a block's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockHeader {
    pub(super) id: RawBlockId,
    pub(super) generation: u32,
    /// Bytes of the rows as they are encrypted.
    pub(super) length: u32,
    /// Whether they are packed.
    pub(super) packed: bool,
    pub(super) durable: u64,
    pub(super) nonce: [u8; NONCE_BYTES],
    /// CRC32C of the encrypted rows and the tag.
    pub(super) sum: u32,
}

impl BlockHeader {
    /// Bytes of the whole block.
    pub(super) fn block_bytes(&self) -> u64 {
        wide(BLOCK_HEADER_BYTES + self.length as usize + TAG_BYTES)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = BLOCK_MAGIC.to_vec();
        let format = if self.packed { FORMAT_PACKED } else { FORMAT };
        bytes.extend(format.to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(self.id.to_le_bytes());
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.length.to_le_bytes());
        bytes.extend(self.durable.to_le_bytes());
        bytes.extend(self.nonce);
        bytes.extend(self.sum.to_le_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }

    /// Reads it; nothing when these bytes do not begin a block.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let sum_at = BLOCK_HEADER_BYTES - 4;
        let format = u16_at(bytes, 4)?;
        let known = bytes.starts_with(&BLOCK_MAGIC)
            && (format == FORMAT || format == FORMAT_PACKED)
            && u32_at(bytes, sum_at)? == crc32c::crc32c(bytes.get(..sum_at)?);
        let header = Self {
            id: u64_at(bytes, 8)?,
            generation: u32_at(bytes, 16)?,
            length: u32_at(bytes, 20)?,
            packed: format == FORMAT_PACKED,
            durable: u64_at(bytes, 24)?,
            nonce: take(bytes, 32)?,
            sum: u32_at(bytes, 44)?,
        };
        (known && header.length as usize <= RAW_BLOCK_BYTES_MAX).then_some(header)
    }

    /// What the encryption is bound to beside the key.
    pub(super) fn bound(id: RawBlockId, generation: u32, packed: bool) -> Vec<u8> {
        let mut bytes = id.to_le_bytes().to_vec();
        bytes.extend(generation.to_le_bytes());
        if packed {
            bytes.extend(FORMAT_PACKED.to_le_bytes());
        }
        bytes
    }
}

/// The most that a good block header among `bytes` says to have been durable.
pub(super) fn greatest_durable(bytes: &[u8]) -> u64 {
    let header_at = |at: usize| BlockHeader::parse(&bytes[at..at + BLOCK_HEADER_BYTES]);
    let starts = 0..bytes.len().saturating_sub(BLOCK_HEADER_BYTES - 1);
    starts.filter_map(header_at).map(|header| header.durable).max().unwrap_or(0)
}
