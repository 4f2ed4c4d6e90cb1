//! Notices: the operator's commands that moved what a statement's agreement reads in its period,
//! a correction of an event, a replay from quarantine, the end of a contest.
//!
//! Each carries the command's record as it stands in the operator's control stream, with its
//! place there. So that somebody gave this command at this time for this reason is shown; that no
//! other one is left out, and what each moved, is what the operator signs in the manifest.

use serde::{Deserialize, Serialize};

use super::{Report, StatementProof};
use crate::Hash;
use crate::bytes::Reader;
use crate::commitment::{CONTROL_SOURCE, StatementCommitment};
use crate::digest::sha256;
use crate::file::{Blob, FileError};
use crate::leaf::RecordLeafData;
use crate::note::VerifierKey;
use crate::placement::{Placement, PlacementWire};
use crate::statement_file::report::chain;

/// Parts the hash of notices from every other use of SHA-256.
const PREFIX: &[u8] = b"saldo.notices.v1\0";
const RECORD_VERSION: u16 = 1;

/// One command, in the operator's words, and its record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// What the operator says of it.
    pub told: Told,
    /// The command's record in the Log.
    pub record: Vec<u8>,
    /// Where it stands in the stream `<operator>/control`.
    pub placement: Placement,
}

/// What the operator says of a command.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// `fix`, `replay` or `resolve`.
    pub command: String,
    /// When it was given, nanoseconds UTC, in decimal.
    pub at: String,
    /// Who gave it.
    pub author: String,
    /// Why; empty where nobody said.
    pub reason: String,
    /// Source of the event that it is about.
    pub source: String,
    /// Id of that event.
    pub id: String,
    /// Amount and asset that counted before; empty where none did.
    pub before: String,
    /// Amount and asset that count since; empty where none does.
    pub after: String,
    /// What it moved of what the agreement reads.
    pub moved: Vec<Moved>,
    /// The line of a later statement that states the difference, where the period was closed
    /// before; empty until there is one.
    pub correction: String,
}

/// What a command moved on an account.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Its path.
    pub account: String,
    /// Code of the asset.
    pub asset: String,
    /// Credits less debits, as a decimal.
    pub amount: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeWire {
    told: Told,
    record: Blob,
    placement: PlacementWire,
}

pub(super) fn to_wire(notices: &[Notice]) -> Vec<NoticeWire> {
    let wire = notices.iter().map(|notice| NoticeWire {
        told: notice.told.clone(),
        record: Blob(notice.record.clone()),
        placement: notice.placement.to_wire(),
    });
    wire.collect()
}

pub(super) fn of_wire(wire: Vec<NoticeWire>) -> Result<Vec<Notice>, FileError> {
    let read = |wire: NoticeWire| {
        let placement = wire.placement.into_placement()?;
        Ok(Notice { told: wire.told, record: wire.record.0, placement })
    };
    wire.into_iter().map(read).collect()
}

/// What the manifest signs of the notices: SHA-256 of `saldo.notices.v1`, a zero byte, and for
/// each what is told (as JSON without spaces) and SHA-256 of its record.
pub fn notices_hash(notices: &[Notice]) -> Hash {
    let mut out = PREFIX.to_vec();
    for notice in notices {
        let told = serde_json::to_vec(&notice.told).unwrap_or_default();
        out.extend_from_slice(&sha256(&told).0);
        out.extend_from_slice(&sha256(&notice.record).0);
    }
    sha256(&out)
}

/// Finds notices that are not of the command they name, or whose command is not in the stream.
pub(super) fn check(
    file: &StatementProof,
    commitment: &StatementCommitment,
    keys: &[VerifierKey],
    report: &mut Report,
) {
    for (at, notice) in file.notices.iter().flatten().enumerate() {
        let number = at + 1;
        let Some(record) = RecordHeader::read(&notice.record) else {
            report.error("E6095", format!("notice {number} has no record of a command"));
            continue;
        };
        let Told { command, at, author, reason, .. } = &notice.told;
        let told = (command.as_str(), at.as_str(), author.as_str(), reason.as_str());
        let given = record.at.to_string();
        if told != (record.word(), given.as_str(), &record.author, &record.reason) {
            let text = format!("notice {number} tells another command than its record");
            report.error("E6095", text);
        }
        let hash = sha256(&notice.record);
        let (kind, blind) = (record.kind, notice.placement.blind);
        let mut leaf = Vec::new();
        RecordLeafData { kind, record_hash: hash, blind }.encode_into(&mut leaf);
        let place = (commitment.operator.as_str(), CONTROL_SOURCE);
        if let Err(error) = notice.placement.verify(&leaf, place, keys) {
            report.error(error.code(), format!("notice {number}: {}", chain(&error)));
        }
    }
}

/// What a control record begins with, as `docs/formats.md` has it.
struct RecordHeader {
    kind: u8,
    at: i64,
    author: String,
    reason: String,
}

impl RecordHeader {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.u16()?;
        let (kind, at, author) = (reader.u8()?, reader.i64()?, reader.text()?);
        let has_reason = matches!(kind, 15 | 16);
        let reason = if has_reason { reader.text()? } else { String::new() };
        (version == RECORD_VERSION).then_some(Self { kind, at, author, reason })
    }

    fn word(&self) -> &'static str {
        match self.kind {
            4 | 16 => "resolve",
            5 => "replay",
            6 | 15 => "fix",
            _ => "",
        }
    }
}
