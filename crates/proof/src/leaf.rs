//! Leaf data: the bytes whose RFC 6962 hash is a leaf of a stream's tree.
//!
//! An event, version 1:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | `01` |
//! | 32 | content hash |
//! | 1 | count of pseudonyms |
//! | 16 each | pseudonyms of the personal dimensions, in the book's order |
//! | 16 | blind |
//!
//! Any other record that counts (malformed row, command, statement), version 2:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | `02` |
//! | 1 | kind, as the Log numbers it |
//! | 32 | SHA-256 of the record's bytes |
//! | 16 | blind |

use thiserror::Error;

use crate::Hash;
use crate::bytes::Reader;

/// An event has fewer personal dimensions than this byte can count.
pub const PSEUDONYMS_MAX: usize = u8::MAX as usize;

const EVENT_VERSION: u8 = 1;
const RECORD_VERSION: u8 = 2;

/// An event's leaf data.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct LeafData<'a> {
    /// [`crate::digest::content_hash`] of the canonical event.
    pub content_hash: Hash,
    /// One for each personal dimension, in the book's order.
    pub pseudonyms: &'a [[u8; 16]],
    /// [`crate::digest::BlindKey::blind`] of the event's id.
    pub blind: [u8; 16],
}

impl LeafData<'_> {
    /// Appends the bytes of version 1.
    ///
    /// # Panics
    /// With more than [`PSEUDONYMS_MAX`] pseudonyms, which no book can declare.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let count = u8::try_from(self.pseudonyms.len())
            .expect("a book declares at most 255 personal dimensions");
        out.reserve(50 + self.pseudonyms.len() * 16);
        out.push(EVENT_VERSION);
        out.extend_from_slice(&self.content_hash.0);
        out.push(count);
        out.extend_from_slice(self.pseudonyms.as_flattened());
        out.extend_from_slice(&self.blind);
    }
}

/// The leaf data of a record that is not an event.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct RecordLeafData {
    /// The record's kind, as the Log numbers it.
    pub kind: u8,
    /// SHA-256 of the record's bytes.
    pub record_hash: Hash,
    /// Keyed hash of what names the record in its stream.
    pub blind: [u8; 16],
}

impl RecordLeafData {
    /// Appends the bytes of version 2.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[RECORD_VERSION, self.kind]);
        out.extend_from_slice(&self.record_hash.0);
        out.extend_from_slice(&self.blind);
    }
}

/// Leaf data as it was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Leaf {
    /// Version 1.
    Event {
        /// The event's content hash.
        content_hash: Hash,
        /// Pseudonyms in the book's order.
        pseudonyms: Vec<[u8; 16]>,
        /// The blind.
        blind: [u8; 16],
    },
    /// Version 2.
    Record(RecordLeafData),
}

/// Bytes that are not leaf data (`E6002`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("these bytes are not leaf data of a known version")]
pub struct LeafError;

impl LeafError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6002"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl Leaf {
    /// Reads exactly one leaf's data.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut reader = Reader::new(bytes);
        let leaf = Self::read(&mut reader).ok_or(LeafError)?;
        if reader.is_empty() { Ok(leaf) } else { Err(LeafError) }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.u8()? {
            EVENT_VERSION => {
                let content_hash = reader.hash()?;
                let count = usize::from(reader.u8()?);
                let pseudonyms = (0..count).map(|_| reader.array()).collect::<Option<_>>()?;
                Some(Self::Event { content_hash, pseudonyms, blind: reader.array()? })
            }
            RECORD_VERSION => Some(Self::Record(RecordLeafData {
                kind: reader.u8()?,
                record_hash: reader.hash()?,
                blind: reader.array()?,
            })),
            _ => None,
        }
    }
}
