//! The bytes of a frame, the same in every Log: magic `SLDF`, format u16, kind u16, length u32,
//! CRC32C, then first position u64, number of records u32, bytes of the header u32, the records'
//! ends (u32 each), the header, the records. Integers are little-endian. The length is of what
//! follows the first 16 bytes; the checksum is over all but itself.

use super::log::{Frame, FrameKind, FrameView, Position};
use super::{PortError, PortFault};

/// Bytes of the records of one frame. A batch of 8,192 events of 2 KiB fits; a reader needs memory
/// for one frame.
pub const FRAME_RECORDS_BYTES_MAX: usize = 16 << 20;
/// Bytes of a frame's header: a few names and times, which every fetch reads.
pub const FRAME_HEADER_BYTES_MAX: usize = 64 << 10;
/// Records of one frame.
pub const FRAME_RECORDS_MAX: usize = 1 << 20;
/// Bytes of a frame before its table of ends: frame header, first position, two counts.
pub const FRAME_FIXED_BYTES: usize = 32;
/// Bytes of the largest frame.
pub const FRAME_BYTES_MAX: usize =
    FRAME_FIXED_BYTES + 4 * FRAME_RECORDS_MAX + FRAME_HEADER_BYTES_MAX + FRAME_RECORDS_BYTES_MAX;

const _: () = assert!(FRAME_RECORDS_BYTES_MAX <= u32::MAX as usize, "ends fit in u32");

/// The format that is written.
pub const FORMAT: u16 = 1;
const MAGIC: [u8; 4] = *b"SLDF";
/// Bytes before what the length counts.
const HEAD_BYTES: usize = 16;

/// What the first [`FRAME_FIXED_BYTES`] of a frame say.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Its format.
    pub format: u16,
    /// The stored number of its kind.
    pub kind: u16,
    /// Bytes of the whole frame.
    pub bytes: u64,
    /// The checksum it states.
    pub sum: u32,
    /// Position of its first record.
    pub first: Position,
    /// Number of records.
    pub count: u32,
    /// Bytes of its header.
    pub header_bytes: u32,
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    take(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    take(bytes, at).map(u32::from_le_bytes)
}

impl Head {
    /// Reads it; nothing when these bytes do not begin a frame.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let whole = HEAD_BYTES + u32_at(bytes, 8)? as usize;
        if !bytes.starts_with(&MAGIC) || !(FRAME_FIXED_BYTES..=FRAME_BYTES_MAX).contains(&whole) {
            return None;
        }
        Some(Self {
            format: u16_at(bytes, 4)?,
            kind: u16_at(bytes, 6)?,
            bytes: whole as u64,
            sum: u32_at(bytes, 12)?,
            first: take(bytes, 16).map(u64::from_le_bytes)?,
            count: u32_at(bytes, 24)?,
            header_bytes: u32_at(bytes, 28)?,
        })
    }

    /// Where the header begins in the frame.
    pub fn header_at(&self) -> u64 {
        FRAME_FIXED_BYTES as u64 + 4 * u64::from(self.count)
    }

    /// Where the records begin in the frame.
    pub fn records_at(&self) -> u64 {
        self.header_at() + u64::from(self.header_bytes)
    }

    /// Whether the checksum of the whole frame is right.
    pub fn is_intact(&self, frame: &[u8]) -> bool {
        let sum = crc32c::crc32c_append(crc32c::crc32c(&frame[..12]), &frame[HEAD_BYTES..]);
        frame.len() as u64 == self.bytes && sum == self.sum
    }

    /// The kind, when the frame holds records.
    pub fn frame_kind(&self) -> Option<FrameKind> {
        FrameKind::from_number(self.kind)
    }

    /// Where the frame ends by what its payload says, so that a wrong length does not count.
    pub fn implied_bytes(&self, frame: &[u8]) -> u64 {
        let last = usize::try_from(self.header_at()).map_or(usize::MAX, |at| at - 4);
        let records = if self.count == 0 { Some(0) } else { u32_at(frame, last) };
        // What cannot be read is cut off: then the frame's own length is as good.
        records.map_or(self.bytes, |records| self.bytes.min(self.records_at() + u64::from(records)))
    }

    /// The parts of the whole frame; nothing when they do not fit together.
    pub fn view<'a>(&self, frame: &'a [u8]) -> Option<FrameView<'a>> {
        let header_at = usize::try_from(self.header_at()).ok()?;
        let records_at = usize::try_from(self.records_at()).ok()?;
        Some(FrameView {
            first: self.first,
            kind: self.frame_kind()?,
            ends: frame.get(FRAME_FIXED_BYTES..header_at)?,
            header: frame.get(header_at..records_at)?,
            records: frame.get(records_at..)?,
        })
    }
}

/// Whether every Log takes the frame.
///
/// # Errors
/// [`PortFault::Limit`], naming the limit; nothing was done then.
pub fn check(frame: &Frame) -> Result<(), PortError> {
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
pub fn bytes_of(frame: &Frame) -> usize {
    FRAME_FIXED_BYTES + 4 * frame.ends.len() + frame.header.len() + frame.records.len()
}

/// Appends a frame's bytes.
pub fn encode(out: &mut Vec<u8>, first: Position, frame: &Frame) {
    let ends = frame.ends.iter().flat_map(|end| end.to_le_bytes());
    encode_parts(out, frame.kind as u16, first, frame.ends.len(), |out| {
        out.reserve(4 * frame.ends.len());
        out.extend(ends);
        (frame.header.as_slice(), frame.records.as_slice())
    });
}

/// Appends a frame of any kind with `count` records; `parts` appends their ends and gives header
/// and records.
pub fn encode_parts<'a>(
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
