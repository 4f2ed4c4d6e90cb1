//! The bytes of a frame, little-endian.
//!
//! magic `SLDF`, format u16, kind u16, length of the payload u32, CRC32C over all of these and the
//! payload; payload: first position u64, records u32, header length u32, ends (u32 each), header,
//! records.
//!
//! Kinds from 0x8000 belong to the segment files. A *mark* goes before the first frame after a
//! flush; it has no record, and its header is the Log's identity and the offset (u64) in this
//! segment up to which everything was durable. It tells a frame that a crash cut off from one
//! that changed later. The identity keeps an event from containing a forged mark.

use crate::disk::bytes::{narrow, take, u16_at, u32_at, u64_at, wide};
use crate::limits::{
    FRAME_BYTES_MAX, FRAME_FIXED_BYTES, FRAME_HEADER_BYTES_MAX, FRAME_RECORDS_BYTES_MAX,
    FRAME_RECORDS_MAX,
};
use engine::port::{Frame, FrameKind, PortError, PortFault, Position};

const MAGIC: [u8; 4] = *b"SLDF";
const FORMAT: u16 = 1;
/// Bytes before the payload.
pub(super) const HEAD_BYTES: usize = 16;
/// Kind of a mark.
pub(super) const MARK: u16 = 0x8000;
/// Bytes of a whole mark.
pub(super) const MARK_BYTES: usize = FRAME_FIXED_BYTES + 24;

/// What the first [`FRAME_FIXED_BYTES`] of a frame say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) format: u16,
    pub(super) kind: u16,
    /// Bytes of the whole frame.
    pub(super) bytes: u64,
    pub(super) sum: u32,
    pub(super) first: Position,
    pub(super) count: u32,
    pub(super) header_bytes: u32,
}

impl Head {
    /// Reads it; nothing when these bytes do not begin a frame.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let length = u32_at(bytes, 8)? as usize;
        let whole = HEAD_BYTES + length;
        if !bytes.starts_with(&MAGIC) || !(FRAME_FIXED_BYTES..=FRAME_BYTES_MAX).contains(&whole) {
            return None;
        }
        Some(Self {
            format: u16_at(bytes, 4)?,
            kind: u16_at(bytes, 6)?,
            bytes: wide(whole),
            sum: u32_at(bytes, 12)?,
            first: u64_at(bytes, 16)?,
            count: u32_at(bytes, 24)?,
            header_bytes: u32_at(bytes, 28)?,
        })
    }

    /// Where the header begins in the frame.
    pub(super) fn header_at(&self) -> u64 {
        wide(FRAME_FIXED_BYTES) + 4 * u64::from(self.count)
    }

    /// Where the records begin in the frame.
    pub(super) fn records_at(&self) -> u64 {
        self.header_at() + u64::from(self.header_bytes)
    }

    /// Whether the checksum of the whole frame is right.
    pub(super) fn is_intact(&self, frame: &[u8]) -> bool {
        let sum = crc32c::crc32c_append(crc32c::crc32c(&frame[..12]), &frame[HEAD_BYTES..]);
        wide(frame.len()) == self.bytes && sum == self.sum
    }

    /// Refuses what this version does not know.
    pub(super) fn check_known(&self, path: &str, offset: u64) -> Result<(), PortError> {
        if self.format == FORMAT && (self.kind == MARK || self.frame_kind().is_some()) {
            return Ok(());
        }
        let (format, kind) = (self.format, self.kind);
        let what = format!("{path}: offset {offset}: frame format {format}, kind {kind}");
        Err(PortError::new(PortFault::UnknownFormat, what))
    }

    /// The kind, when the frame holds records.
    pub(super) fn frame_kind(&self) -> Option<FrameKind> {
        FrameKind::from_number(self.kind)
    }

    /// Where the frame ends by what its payload says, so that a wrong length does not count.
    pub(super) fn implied_bytes(&self, frame: &[u8]) -> u64 {
        let last = narrow(self.header_at()) - 4;
        let records = if self.count == 0 { Some(0) } else { u32_at(frame, last) };
        // What cannot be read is cut off: then the frame's own length is as good.
        records.map_or(self.bytes, |records| self.bytes.min(self.records_at() + u64::from(records)))
    }
}

/// Whether a frame may be written.
pub(super) fn check(frame: &Frame) -> Result<(), PortError> {
    let limits = [
        ("bytes of records", frame.records.len(), FRAME_RECORDS_BYTES_MAX),
        ("bytes of a header", frame.header.len(), FRAME_HEADER_BYTES_MAX),
        ("records", frame.ends.len(), FRAME_RECORDS_MAX),
    ];
    for (what, has, most) in limits {
        if has > most {
            let text = format!("a frame has {has} {what}; the limit is {most}");
            return Err(PortError::new(PortFault::Limit, text));
        }
    }
    let ends_well = frame.ends.last().is_some_and(|&end| end as usize == frame.records.len());
    if ends_well && frame.ends.is_sorted() {
        return Ok(());
    }
    Err(PortError::new(PortFault::Limit, "the ends of a frame's records are not its records'"))
}

/// Bytes that the frame takes.
pub(super) fn bytes_of(frame: &Frame) -> usize {
    FRAME_FIXED_BYTES + 4 * frame.ends.len() + frame.header.len() + frame.records.len()
}

/// Appends a frame's bytes.
pub(super) fn encode(out: &mut Vec<u8>, first: Position, frame: &Frame) {
    let ends = frame.ends.iter().flat_map(|end| end.to_le_bytes());
    encode_parts(out, frame.kind as u16, first, frame.ends.len(), |out| {
        out.reserve(4 * frame.ends.len());
        out.extend(ends);
        (frame.header.as_slice(), frame.records.as_slice())
    });
}

/// Appends a mark.
pub(super) fn encode_mark(out: &mut Vec<u8>, position: Position, identity: [u8; 16], durable: u64) {
    let mut header = [0; 24];
    header[..16].copy_from_slice(&identity);
    header[16..].copy_from_slice(&durable.to_le_bytes());
    encode_parts(out, MARK, position, 0, |_| (&header, &[]));
}

fn encode_parts<'a>(
    out: &mut Vec<u8>,
    kind: u16,
    first: Position,
    count: usize,
    parts: impl FnOnce(&mut Vec<u8>) -> (&'a [u8], &'a [u8]),
) {
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend(FORMAT.to_le_bytes());
    out.extend(kind.to_le_bytes());
    out.extend([0; 8]);
    out.extend(first.to_le_bytes());
    out.extend(stored(count));
    let header_length_at = out.len();
    out.extend([0; 4]);
    let (header, records) = parts(out);
    out[header_length_at..header_length_at + 4].copy_from_slice(&stored(header.len()));
    out.extend_from_slice(header);
    out.extend_from_slice(records);
    let length = stored(out.len() - start - HEAD_BYTES);
    out[start + 8..start + 12].copy_from_slice(&length);
    let sum = crc32c::crc32c(&out[start..start + 12]);
    let sum = crc32c::crc32c_append(sum, &out[start + HEAD_BYTES..]);
    out[start + 12..start + HEAD_BYTES].copy_from_slice(&sum.to_le_bytes());
}

/// A length, which [`check`] has bounded.
fn stored(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

/// The offset of the last mark of this Log among `bytes` that says the most to be durable.
pub(super) fn greatest_mark(bytes: &[u8], identity: [u8; 16]) -> Option<u64> {
    let mut greatest = None;
    for at in 0..bytes.len().saturating_sub(MARK_BYTES - 1) {
        let frame = &bytes[at..at + MARK_BYTES];
        let Some(head) = Head::parse(frame).filter(|head| head.kind == MARK) else { continue };
        let header = FRAME_FIXED_BYTES;
        if take(frame, header) == Some(identity) && head.is_intact(frame) {
            greatest = greatest.max(u64_at(frame, header + 16));
        }
    }
    greatest
}
