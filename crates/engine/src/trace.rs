//! Correlation: which request, or which run over a file, brought a record. The id is the trace id
//! of W3C Trace Context. It is provenance: in no canonical form, no leaf and no hash.
//!
//! Records of several requests share a frame, so that its header says from which record on which
//! id holds: one range for a file or a bulk, however many records it has. Bytes of one range: u32
//! place of its first record, 16 bytes id (all zero: none). The header of a frame with a command
//! is nothing, or u16 1 and the 16 bytes of its id.

use crate::wire::{BadBytes, Reader, Writer};
use std::fmt;
use std::str::FromStr;

/// Ranges of one frame, so that they fit in its header.
pub const FRAME_TRACES_MAX: usize = 3000;
/// Bytes of one range.
const RANGE_BYTES: usize = 20;
/// Version of the header of a frame with a command.
const COMMAND_VERSION: u16 = 1;

const _: () = assert!(
    FRAME_TRACES_MAX * RANGE_BYTES + 2048 < crate::port::frame::FRAME_HEADER_BYTES_MAX,
    "the ranges fit in a header beside its names"
);

/// Names a request from its receipt to the statement. Never all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id of these bytes; zeros are none.
    pub fn new(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// Its bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The header of a frame with a command; nothing without an id.
    pub fn command_header(id: Option<Self>) -> Vec<u8> {
        let Some(id) = id else { return Vec::new() };
        let mut writer = Writer::default();
        writer.u16(COMMAND_VERSION).fixed(&id.0);
        writer.bytes
    }

    /// The id that the header of a frame with a command names.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn of_command(header: &[u8]) -> Result<Option<Self>, BadBytes> {
        if header.is_empty() {
            return Ok(None);
        }
        let mut reader = Reader::new(header);
        if reader.u16()? != COMMAND_VERSION {
            return Err(BadBytes);
        }
        let id = Self::new(reader.fixed()?).ok_or(BadBytes)?;
        reader.end()?;
        Ok(Some(id))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)]);
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for TraceId {
    type Err = ();

    /// Reads 32 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(()),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 16 || !rest.is_empty() {
            return Err(());
        }
        let mut bytes = [0; 16];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Self::new(bytes).ok_or(())
    }
}

/// The ids of the records of one frame, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces(Vec<u8>);

impl Traces {
    /// One id for all records of a frame.
    pub fn whole(id: Option<TraceId>) -> Self {
        let mut traces = Self::default();
        traces.begin(0, id);
        traces
    }

    /// From the record `at` on this id holds; places ascend.
    pub fn begin(&mut self, at: u32, id: Option<TraceId>) {
        let id = id.map_or([0; 16], TraceId::bytes);
        let last = self.0.len().checked_sub(16).map_or([0; 16].as_slice(), |at| &self.0[at..]);
        if *last != id {
            self.0.extend_from_slice(&at.to_le_bytes());
            self.0.extend_from_slice(&id);
        }
    }

    /// Whether no record has one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id of the record at a place.
    pub fn of(&self, at: u32) -> Option<TraceId> {
        let ranges = self.ranges();
        let after = ranges.partition_point(|range| place(range) <= at);
        id(ranges.get(after.checked_sub(1)?)?)
    }

    /// Every id, once for each range that has it.
    pub fn ids(&self) -> impl Iterator<Item = TraceId> + '_ {
        self.ranges().iter().filter_map(id)
    }

    fn ranges(&self) -> &[[u8; RANGE_BYTES]] {
        self.0.as_chunks().0
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.blob(&self.0);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        let traces = Self(reader.blob()?.to_vec());
        let whole = !traces.0.is_empty() && traces.0.len().is_multiple_of(RANGE_BYTES);
        let ascending = traces.ranges().is_sorted_by(|one, next| place(one) < place(next));
        if whole && ascending { Ok(traces) } else { Err(BadBytes) }
    }
}

fn place(range: &[u8; RANGE_BYTES]) -> u32 {
    let (place, _) = range.split_first_chunk().unwrap_or((&[0; 4], &[]));
    u32::from_le_bytes(*place)
}

fn id(range: &[u8; RANGE_BYTES]) -> Option<TraceId> {
    TraceId::new(*range.last_chunk()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let good = "0af7651916cd43dd8448eb211c80319c";
        for (text, is_id) in [
            (good.to_owned(), true),
            (good.to_uppercase(), false),
            ("0".repeat(32), false),
            (good[1..].to_owned(), false),
            (format!("{good}0"), false),
            (good.replace('a', "g"), false),
        ] {
            let read = text.parse::<TraceId>();
            assert_eq!(read.map(|id| id.to_string()), is_id.then_some(text).ok_or(()));
        }
    }

    #[test]
    fn a_record_has_the_id_of_its_range() {
        let id = |byte| TraceId::new([byte; 16]);
        let mut traces = Traces::default();
        for (at, byte) in [(0, 0), (2, 1), (3, 1), (9, 2), (12, 0), (13, 2)] {
            traces.begin(at, id(byte));
        }
        for (at, byte) in [(0, 0), (1, 0), (2, 1), (8, 1), (9, 2), (11, 2), (12, 0), (99, 2)] {
            assert_eq!(traces.of(at), id(byte), "{at}");
        }
        assert_eq!(traces.ids().collect::<Vec<_>>(), [1, 2, 2].map(|byte| id(byte).unwrap()));
        let mut writer = Writer::default();
        traces.write(&mut writer);
        assert_eq!(writer.bytes.len(), 4 + 4 * RANGE_BYTES, "what is alike is one range");
        assert_eq!(Traces::read(&mut Reader::new(&writer.bytes)), Ok(traces));
        assert!(Traces::whole(None).is_empty());
    }

    #[test]
    fn a_header_of_a_command_is_nothing_or_an_id() {
        let id = TraceId::new([7; 16]);
        for id in [None, id] {
            assert_eq!(TraceId::of_command(&TraceId::command_header(id)), Ok(id));
        }
        let header = TraceId::command_header(id);
        for bad in [&header[..17], &[header.as_slice(), &[0]].concat(), &[2, 0], &[1; 18]] {
            assert_eq!(TraceId::of_command(bad), Err(BadBytes), "{bad:?}");
        }
        assert_eq!(TraceId::of_command(&[&[1, 0][..], &[0; 16]].concat()), Err(BadBytes));
    }
}
