//! How the redo file is stored: two slots that say what is settled, then records in sectors.
//!
//! Slot (a block of its own): magic `SLDO`, format u16, kind u16 (1), identity, bytes of a half
//! u64, number of the last settled record u64, CRC32C. A record is a stream cut into sectors of
//! 508 bytes and a stamp of 4, which follows from the identity and the record's number: it tells
//! a record that a crash cut off (some sectors are older) from one that changed later. The
//! stream: magic, format u16, kind u16 (2), identity, number u64, bytes of the writes u32, their
//! CRC32C, CRC32C of all this; then each write as bytes of its path u16, path, offset u64, bytes
//! u32, bytes. Integers are little-endian.

use crate::disk::bytes::{take, u16_at, u32_at, u64_at, wide};
use crate::limits::{REDO_BLOCK_BYTES, SECTOR_BYTES};
use engine::port::{PortError, PortFault};

const MAGIC: [u8; 4] = *b"SLDO";
const FORMAT: u16 = 1;
const SLOT: u16 = 1;
const RECORD: u16 = 2;

const SLOT_BYTES: usize = 44;
const HEADER_BYTES: usize = 44;
const STAMP_BYTES: usize = 4;
const SECTOR: usize = narrow_const(SECTOR_BYTES);
const BLOCK: usize = narrow_const(REDO_BLOCK_BYTES);
const STREAM_BYTES: usize = SECTOR - STAMP_BYTES;
/// Bits in which a stamp may differ and still be that stamp, changed: others differ in many more.
const STAMP_BITS: u32 = 2;

#[allow(clippy::cast_possible_truncation)] // both are small, and constants
const fn narrow_const(bytes: u64) -> usize {
    bytes as usize
}

/// What tells the records of one redo file from any other bytes.
pub(super) type Identity = [u8; 16];

/// What of the redo file is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) identity: Identity,
    pub(super) half_bytes: u64,
    /// Every record up to this number is in the files that it is about.
    pub(super) settled: u64,
}

impl Slot {
    /// A block of the file.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = begin(SLOT, &self.identity);
        bytes.extend(self.half_bytes.to_le_bytes());
        bytes.extend(self.settled.to_le_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes.resize(BLOCK, 0);
        bytes
    }

    /// The slot in a block; nothing when it is not whole.
    ///
    /// # Errors
    /// [`PortFault::UnknownFormat`] when it is whole and of another format.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, PortError> {
        let sum = u32_at(bytes, SLOT_BYTES - 4);
        if !bytes.starts_with(&MAGIC) || sum != Some(crc32c::crc32c(&bytes[..SLOT_BYTES - 4])) {
            return Ok(None);
        }
        let (format, kind) = (u16_at(bytes, 4), u16_at(bytes, 6));
        if (format, kind) != (Some(FORMAT), Some(SLOT)) {
            let what = format!("redo: format {format:?}, kind {kind:?}");
            return Err(PortError::new(PortFault::UnknownFormat, what));
        }
        let parts = (take(bytes, 8), u64_at(bytes, 24), u64_at(bytes, 32));
        let (Some(identity), Some(half_bytes), Some(settled)) = parts else { return Ok(None) };
        Ok(Some(Self { identity, half_bytes, settled }))
    }
}

fn begin(kind: u16, identity: &Identity) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(kind.to_le_bytes());
    bytes.extend_from_slice(identity);
    bytes
}

/// A write to a file, as a record holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Write<'a> {
    pub(super) path: &'a str,
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
}

/// Bytes of a write in a record.
pub(super) fn write_bytes(path: &str, bytes: &[u8]) -> usize {
    2 + path.len() + 8 + 4 + bytes.len()
}

/// The sectors of a record, whole blocks.
pub(super) fn encode<'a>(
    identity: &Identity,
    number: u64,
    writes: impl Iterator<Item = Write<'a>>,
) -> Vec<u8> {
    let mut stream = vec![0; HEADER_BYTES];
    for write in writes {
        stream.extend(u16::try_from(write.path.len()).unwrap_or(u16::MAX).to_le_bytes());
        stream.extend_from_slice(write.path.as_bytes());
        stream.extend(write.offset.to_le_bytes());
        stream.extend(u32::try_from(write.bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        stream.extend_from_slice(write.bytes);
    }
    let body = &stream[HEADER_BYTES..];
    let mut header = begin(RECORD, identity);
    header.extend(number.to_le_bytes());
    header.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    header.extend(crc32c::crc32c(body).to_le_bytes());
    header.extend(crc32c::crc32c(&header).to_le_bytes());
    stream[..HEADER_BYTES].copy_from_slice(&header);
    let stamp = stamp(identity, number);
    let length = record_bytes(stream.len());
    stream.resize(length / SECTOR * STREAM_BYTES, 0);
    let mut bytes = Vec::with_capacity(length);
    for part in stream.chunks_exact(STREAM_BYTES) {
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(&stamp);
    }
    bytes
}

/// Bytes of a record in the file, by the bytes of its stream.
fn record_bytes(stream: usize) -> usize {
    (stream.div_ceil(STREAM_BYTES) * SECTOR).next_multiple_of(BLOCK)
}

fn stamp(identity: &Identity, number: u64) -> [u8; STAMP_BYTES] {
    crc32c::crc32c_append(crc32c::crc32c(identity), &number.to_le_bytes()).to_le_bytes()
}

fn is_stamped(sector: &[u8], stamp: [u8; STAMP_BYTES]) -> bool {
    let differs = |(has, wanted): (&u8, u8)| (has ^ wanted).count_ones();
    sector[STREAM_BYTES..].iter().zip(stamp).map(differs).sum::<u32>() <= STAMP_BITS
}

/// The head of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) number: u64,
    body_bytes: usize,
    body_sum: u32,
}

impl Head {
    fn parse(identity: &Identity, sector: &[u8]) -> Option<Self> {
        let wanted = begin(RECORD, identity);
        let whole = u32_at(sector, HEADER_BYTES - 4)?
            == crc32c::crc32c(sector.get(..HEADER_BYTES - 4)?)
            && sector.starts_with(&wanted);
        let (number, body_sum) = (u64_at(sector, 24)?, u32_at(sector, 36)?);
        let body_bytes = u32_at(sector, 32)? as usize;
        whole.then_some(Self { number, body_bytes, body_sum })
    }

    /// Bytes of the record in the file.
    pub(super) fn record_bytes(&self) -> usize {
        record_bytes(HEADER_BYTES + self.body_bytes)
    }
}

/// The good record at the beginning of `bytes`: its head, and its writes as they were encoded.
pub(super) fn parse(identity: &Identity, bytes: &[u8]) -> Option<(Head, Vec<u8>)> {
    let head = Head::parse(identity, bytes)?;
    let sectors = bytes.get(..head.record_bytes())?;
    let streamed = sectors.chunks_exact(SECTOR).map(|sector| &sector[..STREAM_BYTES]);
    let mut body: Vec<u8> = streamed.flatten().copied().collect();
    body.drain(..HEADER_BYTES);
    body.truncate(head.body_bytes);
    (crc32c::crc32c(&body) == head.body_sum).then_some((head, body))
}

/// Whether what stands where record `number` would begin, and is not good, was once written
/// whole: then it has changed since.
pub(super) fn was_whole(identity: &Identity, number: u64, bytes: &[u8]) -> bool {
    let stamp = stamp(identity, number);
    let Some(first) = bytes.first_chunk::<SECTOR>() else { return false };
    if !is_stamped(first, stamp) {
        return false;
    }
    let Some(head) = Head::parse(identity, first) else { return true };
    let sectors = bytes.get(..head.record_bytes());
    sectors.is_some_and(|sectors| sectors.chunks_exact(SECTOR).all(|one| is_stamped(one, stamp)))
}

/// The writes of a record; nothing where they do not end as they should.
pub(super) fn writes(mut body: &[u8]) -> Option<Vec<Write<'_>>> {
    let mut writes = Vec::new();
    while !body.is_empty() {
        let (path_bytes, rest) = body.split_first_chunk::<2>()?;
        let (path, rest) = rest.split_at_checked(u16::from_le_bytes(*path_bytes).into())?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let path = std::str::from_utf8(path).ok()?;
        writes.push(Write { path, offset: u64::from_le_bytes(*offset), bytes });
        body = rest;
    }
    Some(writes)
}

/// Where the records of a half begin.
pub(super) fn half_offset(half: usize, half_bytes: u64) -> u64 {
    2 * REDO_BLOCK_BYTES + wide(half) * half_bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Identity = [7; 16];

    fn record(number: u64, bytes: &[u8]) -> Vec<u8> {
        let writes = [
            Write { path: "log/a", offset: 512, bytes },
            Write { path: "raw/b", offset: u64::MAX, bytes: b"" },
        ];
        let record = encode(&ID, number, writes.into_iter());
        let (head, body) = parse(&ID, &record).expect("it is good");
        assert_eq!((head.number, head.record_bytes()), (number, record.len()));
        assert_eq!(super::writes(&body).as_deref(), Some(&writes[..]));
        record
    }

    #[test]
    fn a_record_fills_whole_blocks() {
        for (bytes, blocks) in [(0, 1), (4000 - 40, 1), (4064, 2), (60_000, 15)] {
            assert_eq!(record(3, &vec![b'x'; bytes]).len(), blocks * BLOCK, "{bytes} bytes");
        }
        assert_eq!(parse(&[8; 16], &record(3, b"x")).map(|found| found.0.number), None);
    }

    #[test]
    fn what_changed_is_told_from_what_was_cut_off() {
        let good = record(9, &[b'y'; 9000]);
        assert!(was_whole(&ID, 9, &good));
        for bit in 0..good.len() * 8 {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(was_whole(&ID, 9, &flipped), "bit {bit}");
        }
        for sector in 0..good.len() / SECTOR {
            for before in [vec![0; SECTOR], record(8, &[b'z'; 9000])[..SECTOR].to_vec()] {
                let mut torn = good.clone();
                torn[sector * SECTOR..][..SECTOR].copy_from_slice(&before);
                assert!(!was_whole(&ID, 9, &torn), "sector {sector}");
            }
        }
        assert!(!was_whole(&ID, 10, &good));
        assert!(!was_whole(&ID, 9, &good[..100]));
    }

    #[test]
    fn a_slot_is_whole_or_nothing() {
        let slot = Slot { identity: ID, half_bytes: 1 << 20, settled: 77 };
        let bytes = slot.encode();
        assert_eq!(Slot::parse(&bytes).ok(), Some(Some(slot)));
        for bit in 0..SLOT_BYTES * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Slot::parse(&flipped).ok(), Some(None), "bit {bit}");
        }
    }

    #[test]
    fn writes_that_do_not_end_as_they_should_are_refused() {
        let (_, body) = parse(&ID, &record(1, b"abc")).expect("it is good");
        for length in 1..body.len() {
            let cut = writes(&body[..length]);
            assert!(cut.is_none_or(|cut| cut.len() == 1), "{length} bytes");
        }
    }
}
