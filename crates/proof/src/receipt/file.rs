//! The receipt as JSON: alone in a file, or inside an answer.
//!
//! ```json
//! {"saldo-proof": 1, "type": "receipt",
//!  "entry": {"id": "t-81", "content_hash": "<base64>"},
//!  "range": {"count": 3, "root": "<base64>"}, "member": {"at": 0, "path": ["<base64>"]},
//!  "index": 0, "path": ["<base64>"], "note": "saldo.receipts.v1\n…"}
//! ```
//! `entry` of a row that is no event is `{"record_hash": "<base64>"}`. It travels inside other
//! JSON, so that any spelling is read; unknown fields are refused all the same.

use serde::{Deserialize, Serialize};

use super::{Entry, Member, Range, Receipt, ReceiptError};
use crate::Hash;
use crate::file::{self, Blob, FileError, blobs, hashes, malformed};

const TYPE: &str = "receipt";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "saldo-proof")]
    version: u32,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry: Option<EntryWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<RangeWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<MemberWire>,
    index: u64,
    path: Vec<Blob>,
    note: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EntryWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_hash: Option<Blob>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record_hash: Option<Blob>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RangeWire {
    count: u64,
    root: Blob,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct MemberWire {
    at: u64,
    path: Vec<Blob>,
}

fn blob(hash: Hash) -> Blob {
    Blob(hash.0.to_vec())
}

impl EntryWire {
    fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Event { id, content_hash } => Self {
                id: Some(id.clone()),
                content_hash: Some(blob(*content_hash)),
                record_hash: None,
            },
            Entry::Row { record_hash } => {
                Self { id: None, content_hash: None, record_hash: Some(blob(*record_hash)) }
            }
        }
    }

    fn entry(self) -> Result<Entry, FileError> {
        match (self.id, self.content_hash, self.record_hash) {
            (Some(id), Some(hash), None) => {
                Ok(Entry::Event { id, content_hash: Hash(hash.fixed()?) })
            }
            (None, None, Some(hash)) => Ok(Entry::Row { record_hash: Hash(hash.fixed()?) }),
            _ => Err(malformed("its entry is neither an event nor a row")),
        }
    }
}

impl Receipt {
    fn wire(&self) -> Wire {
        let range = |range: &Range| RangeWire { count: range.count, root: blob(range.root) };
        let member = |member: &Member| MemberWire { at: member.at, path: blobs(&member.path) };
        Wire {
            version: file::VERSION,
            kind: TYPE.to_owned(),
            entry: self.entry.as_ref().map(EntryWire::of),
            range: self.range.as_ref().map(range),
            member: self.member.as_ref().map(member),
            index: self.index,
            path: blobs(&self.path),
            note: self.note.clone(),
        }
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        file::write(&self.wire())
    }

    /// Reads a receipt in any spelling; says nothing yet about its truth.
    ///
    /// # Errors
    /// [`ReceiptError::File`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let wire: Wire = file::read_any_spelling(bytes, TYPE)?;
        let range = |wire: RangeWire| {
            Ok::<_, FileError>(Range { count: wire.count, root: Hash(wire.root.fixed()?) })
        };
        let member = |wire: MemberWire| {
            Ok::<_, FileError>(Member { at: wire.at, path: hashes(&wire.path)? })
        };
        Ok(Self {
            entry: wire.entry.map(EntryWire::entry).transpose()?,
            range: wire.range.map(range).transpose()?,
            member: wire.member.map(member).transpose()?,
            index: wire.index,
            path: hashes(&wire.path)?,
            note: wire.note,
        })
    }
}
