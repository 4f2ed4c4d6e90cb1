//! The records of the Log, versioned. A frame of events carries what its records share in its
//! header; each record is an event or a row that could not be read as one.
//!
//! Events header v1: `u16 1`, text operator, text source, i64 received at, u32 book revision,
//! text mapping, u64 raw block, 32 bytes file identity, u64 rows done, u8 last. Version 2 has a
//! blob of ranges behind these ([`crate::trace`]); without any version 1 is written. Event record:
//! `u8 1`, u16 canonical length, canonical bytes, u8 number of pseudonyms, each `u8 name length,
//! name, 16 bytes`, u32 raw offset, u32 raw length. Unreadable row: `u8 2`, u16 reject, 32 bytes
//! keyed hash of the raw bytes, text reason, u32 raw offset, u32 raw length.

use crate::port::{Pseudonym, RawBlockId};
use crate::trace::Traces;
use crate::wire::{BadBytes, Reader, Writer};
use ledger::Reject;
use std::ops::Range;

const HEADER_VERSION: u16 = 1;
const HEADER_VERSION_WITH_TRACES: u16 = 2;
const EVENT: u8 = 1;
const UNREADABLE: u8 = 2;

/// No raw block: the rows are not kept.
pub const NO_RAW: RawBlockId = u64::MAX;

/// What the records of an events frame share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventsHeader {
    /// The operator whose records they are.
    pub operator: String,
    /// The source they came by; also the stream.
    pub source: String,
    /// When they were received, nanoseconds UTC.
    pub received_at: i64,
    /// The book revision they were taken in under.
    pub revision: u32,
    /// The mapping that made them, or empty.
    pub mapping: String,
    /// Where the raw rows are, or [`NO_RAW`].
    pub raw_block: RawBlockId,
    /// The file they came from.
    pub file: [u8; 32],
    /// Rows of the file that are in the Log up to and including this frame.
    pub rows_done: u64,
    /// Whether this is the file's last frame.
    pub last: bool,
    /// What brought the records.
    pub traces: Traces,
}

impl EventsHeader {
    /// Bytes of version 1, or of version 2 where it is known what brought the records.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let known = !self.traces.is_empty();
        let version = if known { HEADER_VERSION_WITH_TRACES } else { HEADER_VERSION };
        writer.u16(version).text(&self.operator).text(&self.source);
        writer.i64(self.received_at).u32(self.revision).text(&self.mapping);
        writer.u64(self.raw_block).fixed(&self.file).u64(self.rows_done).u8(self.last.into());
        if known {
            self.traces.write(&mut writer);
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        let version = reader.u16()?;
        if !(HEADER_VERSION..=HEADER_VERSION_WITH_TRACES).contains(&version) {
            return Err(BadBytes);
        }
        let mut header = Self {
            operator: reader.text()?.to_owned(),
            source: reader.text()?.to_owned(),
            received_at: reader.i64()?,
            revision: reader.u32()?,
            mapping: reader.text()?.to_owned(),
            raw_block: reader.u64()?,
            file: reader.fixed()?,
            rows_done: reader.u64()?,
            last: reader.u8()? == 1,
            traces: Traces::default(),
        };
        if version == HEADER_VERSION_WITH_TRACES {
            header.traces = Traces::read(&mut reader)?;
        }
        reader.end()?;
        Ok(header)
    }
}

/// A record of an events frame, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// An event.
    Event(EventRecord<'a>),
    /// A row that could not be read as one.
    Unreadable(UnreadableRecord<'a>),
}

/// An event with its pseudonyms and the place of its raw row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRecord<'a> {
    /// Canonical bytes.
    pub canonical: &'a [u8],
    /// Pseudonyms of personal dimensions, as stored; see [`EventRecord::pseudonyms`].
    people: &'a [u8],
    /// Offset in the raw block, bytes.
    pub raw_offset: u32,
    /// Length in the raw block, bytes.
    pub raw_length: u32,
}

/// A row that could not be read as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableRecord<'a> {
    /// Why.
    pub reject: Reject,
    /// Keyed hash of the raw bytes: the identity of the row.
    pub raw_hash: [u8; 32],
    /// One sentence without personal values.
    pub reason: &'a str,
    /// Offset in the raw block, bytes.
    pub raw_offset: u32,
    /// Length in the raw block, bytes.
    pub raw_length: u32,
}

impl<'a> Record<'a> {
    /// Reads a record.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        let record = match reader.u8()? {
            EVENT => {
                let length = usize::from(reader.u16()?);
                let canonical = reader.take(length)?;
                let people = people(&mut reader)?;
                let (raw_offset, raw_length) = (reader.u32()?, reader.u32()?);
                Self::Event(EventRecord { canonical, people, raw_offset, raw_length })
            }
            UNREADABLE => {
                let reject = Reject::from_number(reader.u16()?).ok_or(BadBytes)?;
                let (raw_hash, reason) = (reader.fixed()?, reader.text()?);
                let (raw_offset, raw_length) = (reader.u32()?, reader.u32()?);
                Self::Unreadable(UnreadableRecord {
                    reject,
                    raw_hash,
                    reason,
                    raw_offset,
                    raw_length,
                })
            }
            _ => return Err(BadBytes),
        };
        reader.end()?;
        Ok(record)
    }
}

fn people<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], BadBytes> {
    let mut probe = *reader;
    let (count, mut length) = (probe.u8()?, 1);
    for _ in 0..count {
        let name = usize::from(probe.u8()?);
        probe.take(name + 16)?;
        length += 1 + name + 16;
    }
    reader.take(length)
}

impl<'a> EventRecord<'a> {
    /// Name and pseudonym of each personal dimension, ascending by name.
    pub fn pseudonyms(&self) -> impl Iterator<Item = (&'a str, Pseudonym)> + use<'a> {
        let mut reader = Reader::new(&self.people[1..]);
        std::iter::from_fn(move || {
            let length = usize::from(reader.u8().ok()?);
            let name = std::str::from_utf8(reader.take(length).ok()?).ok()?;
            Some((name, reader.fixed().ok()?))
        })
    }
}

/// Appends an event record whose canonical bytes `canonical` writes. `people` are the names of
/// its personal dimensions; for each one the place where its pseudonym belongs is pushed to
/// `holes`. Returns where the canonical bytes are; writes nothing when they are too many.
pub fn push_event(
    out: &mut Vec<u8>,
    canonical: impl FnOnce(&mut Vec<u8>),
    people: &[&str],
    raw: (u32, u32),
    holes: &mut Vec<usize>,
) -> Option<Range<usize>> {
    let start = out.len();
    out.extend_from_slice(&[EVENT, 0, 0]);
    canonical(out);
    let Some(length) = u16::try_from(out.len() - start - 3)
        .ok()
        .filter(|length| usize::from(*length) <= ledger::limits::CANONICAL_BYTES_MAX)
    else {
        out.truncate(start);
        return None;
    };
    let whole = start + 3..out.len();
    out[start + 1..start + 3].copy_from_slice(&length.to_le_bytes());
    out.push(u8::try_from(people.len()).unwrap_or(u8::MAX));
    for name in people {
        out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(name.as_bytes());
        holes.push(out.len());
        out.extend_from_slice(&[0; 16]);
    }
    out.extend_from_slice(&raw.0.to_le_bytes());
    out.extend_from_slice(&raw.1.to_le_bytes());
    Some(whole)
}

/// Appends the record of a row that could not be read.
pub fn push_unreadable(
    out: &mut Vec<u8>,
    reject: Reject,
    raw_hash: [u8; 32],
    reason: &str,
    raw: (u32, u32),
) {
    let mut writer = Writer { bytes: std::mem::take(out) };
    writer.u8(UNREADABLE).u16(reject as u16).fixed(&raw_hash).text(reason);
    writer.u32(raw.0).u32(raw.1);
    *out = writer.bytes;
}
