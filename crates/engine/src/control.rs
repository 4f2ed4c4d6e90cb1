//! The records of the control stream: commands, book revisions, statements. Time and author are
//! in the record; replay takes them from there.
//!
//! Each record is `u16 1`, u8 kind, i64 at (nanoseconds UTC), text author, and the fields of its
//! kind in the order in which they stand below. Version 2 is the same with a key: [`crate::once`].

use crate::effect::Holding;
use crate::once::Once;
use crate::port::Position;
use crate::webhook::{self, Progress};
use crate::wire::{BadBytes, Reader, Writer};
use std::collections::BTreeMap;

const VERSION: u16 = 1;
const VERSION_WITH_KEY: u16 = 2;

/// A record of the control stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// Who gave it.
    pub author: String,
    /// What it demands or states.
    pub command: Command,
}

/// What a control record demands or states. Kind numbers are never reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 1, or 11 where a reason is given: the book is now this one.
    Book {
        /// Its revision, one more than the last.
        revision: u32,
        /// Its files by path.
        files: BTreeMap<String, Vec<u8>>,
        /// Why it was changed; empty for the first one.
        reason: String,
    },
    /// 2, or 28 where a reason is given: freeze the period of an agreement here and rate it.
    Close {
        /// The agreement.
        agreement: String,
        /// The period, as it is written.
        period: String,
        /// First nanosecond of the period, resolved once.
        start: i64,
        /// First nanosecond after it.
        end: i64,
        /// Why it is closed before it is over; empty else.
        reason: String,
    },
    /// 3: the statement that a close produced; it must equal what replay computes.
    Statement {
        /// The agreement.
        agreement: String,
        /// The period.
        period: String,
        /// What counterparties check against: `proof::commitment::StatementCommitment`.
        commitment: Vec<u8>,
    },
    /// 4, or 16 where a reason is given: name the winning content of a contest.
    Resolve {
        /// Position of the later content.
        later: Position,
        /// Whether the later content wins.
        keep_later: bool,
        /// Why; empty where none was given.
        reason: String,
    },
    /// 5: verify a quarantined record again under the book of now.
    Replay {
        /// Its position.
        position: Position,
    },
    /// 6, or 15 where a reason is given: replace a quarantined record by a corrected event (an
    /// event record as in the Log).
    Fix {
        /// Its position.
        position: Position,
        /// The operator.
        operator: String,
        /// The source of the corrected event.
        source: String,
        /// The book revision it was corrected under.
        revision: u32,
        /// The record.
        record: Vec<u8>,
        /// Why; empty where none was given.
        reason: String,
    },
    /// 7: a person was erased: the Vault row and the raw rows are gone.
    Erased {
        /// The pseudonym that now leads to nobody.
        pseudonym: [u8; 16],
        /// Raw blocks that were rewritten.
        raw_blocks: u64,
    },
    /// 8: the batch road was compared with the stream road.
    Verified {
        /// The position up to which both were compared.
        position: Position,
        /// Whether everything agreed.
        clean: bool,
    },
    /// 9: something was turned away at the door.
    Refused {
        /// The source it named.
        source: String,
        /// The stable code.
        code: String,
        /// How many records (a file that cannot be read counts as one).
        count: u64,
    },
    /// 10: a batch's stated total differs from its rows; kept in the verification log.
    ControlTotal {
        /// The source.
        source: String,
        /// Name of the control in the mapping, and the group of rows it is about.
        control: String,
        /// What is stated, as a decimal; empty when it cannot be read.
        stated: String,
        /// What the rows add up to, as a decimal.
        summed: String,
        /// One sentence.
        reason: String,
    },
    /// 12: hold a line of a statement out of payment.
    Hold(Holding),
    /// 13: release a line that is held.
    Release(Holding),
    /// 14: both parties signed a version of an agreement.
    Countersign {
        /// The agreement.
        agreement: String,
        /// Its version.
        version: u32,
        /// The operator's verifier key of then, by which its own signature was checked.
        operator_key: String,
        /// The signed note: [`proof::agreed`].
        note: String,
    },
    /// 17: the tax invoice of a closed period was made.
    Invoice {
        /// The agreement.
        agreement: String,
        /// The period.
        period: String,
        /// The book revision that says how it is invoiced.
        revision: u32,
        /// The document: `settle::invoice::TaxInvoice`.
        document: Vec<u8>,
    },
    /// 18: a tax invoice was amended; it stays as it is.
    Amend {
        /// Id of the original.
        invoice: String,
        /// Number of the reason: `settle::invoice::Reason`.
        reason: u8,
        /// The day on which it came about: `2026-04-17`.
        on: String,
        /// By how much the supply changes, in won; empty where all is taken back.
        supply: String,
        /// The documents that amend it.
        documents: Vec<Vec<u8>>,
    },
    /// 24: requests were turned away at the door of the service since the last of these.
    Door {
        /// Source, stable code and how many, ascending, each pair once.
        refused: Vec<(String, String, u64)>,
    },
    /// 20: a credential is from now on as this says: made, changed or revoked.
    Access {
        /// The credential: `access::Credential`.
        credential: Vec<u8>,
    },
    /// 22: an endpoint of webhooks is from now on as this says: made, changed or removed.
    Webhook {
        /// The endpoint: `webhook::Endpoint`.
        endpoint: Vec<u8>,
    },
    /// 23: endpoints of webhooks were delivered this far.
    Delivered {
        /// How far, by endpoint.
        progress: Vec<Progress>,
    },
    /// 21: requests were denied.
    Denied {
        /// Which and how many: `access::Denied`.
        denied: Vec<u8>,
    },
    /// 26: a new key signs tokens from now on.
    TokenKey {
        /// The key: `access::TokenKey`.
        key: Vec<u8>,
    },
    /// 27: people signed in or out, or credentials were shown that do not hold.
    SignIns {
        /// Which, and how often: several [`access::SignIn`](crate::access::SignIn).
        tried: Vec<u8>,
    },
    /// 29: a legal hold is placed or lifted.
    LegalHold {
        /// Which: `legal_hold::LegalHold`.
        hold: Vec<u8>,
    },
    /// 30: another key signs for the operator.
    OperatorKey {
        /// The note that both signed: [`proof::rotation`].
        note: Vec<u8>,
    },
    /// 40: the registry of schemas changes.
    Schema {
        /// What changes: `schemas::Change`.
        change: Vec<u8>,
    },
}

impl Control {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u16(VERSION).u8(self.command.kind()).i64(self.at).text(&self.author);
        self.command.write(&mut writer);
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        match reader.u16()? {
            VERSION => {}
            VERSION_WITH_KEY => drop(Once::read(&mut reader)?),
            _ => return Err(BadBytes),
        }
        let (kind, at) = (reader.u8()?, reader.i64()?);
        let author = reader.text()?.to_owned();
        let command = Command::decode(kind, &mut reader)?;
        reader.end()?;
        Ok(Self { at, author, command })
    }
}

impl Command {
    /// Appends the fields of its kind.
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Book { revision, files, reason } => {
                let writer = reason_before(writer, reason);
                writer.u32(*revision).u32(u32::try_from(files.len()).unwrap_or(u32::MAX));
                for (path, bytes) in files {
                    writer.text(path).blob(bytes);
                }
            }
            Self::Close { agreement, period, start, end, reason } => {
                let writer = reason_before(writer, reason);
                writer.text(agreement).text(period).i64(*start).i64(*end);
            }
            Self::Statement { agreement, period, commitment } => {
                writer.text(agreement).text(period).blob(commitment);
            }
            Self::Resolve { later, keep_later, reason } => {
                reason_before(writer, reason).u64(*later).u8((*keep_later).into());
            }
            Self::Replay { position } => {
                writer.u64(*position);
            }
            Self::Fix { position, operator, source, revision, record, reason } => {
                let writer = reason_before(writer, reason);
                writer.u64(*position).text(operator).text(source).u32(*revision).blob(record);
            }
            Self::Erased { pseudonym, raw_blocks } => {
                writer.fixed(pseudonym).u64(*raw_blocks);
            }
            Self::Verified { position, clean } => {
                writer.u64(*position).u8((*clean).into());
            }
            Self::Refused { source, code, count } => {
                writer.text(source).text(code).u64(*count);
            }
            Self::ControlTotal { source, control, stated, summed, reason } => {
                writer.text(source).text(control).text(stated).text(summed).text(reason);
            }
            Self::Countersign { agreement, version, operator_key, note } => {
                writer.text(agreement).u32(*version).text(operator_key).text(note);
            }
            Self::Hold(holding) | Self::Release(holding) => {
                let Holding { agreement, period, line, reason } = holding;
                writer.text(agreement).text(period).text(line).text(reason);
            }
            later => later.write_later(writer),
        }
    }

    fn write_later(&self, writer: &mut Writer) {
        match self {
            Self::Invoice { agreement, period, revision, document } => {
                writer.text(agreement).text(period).u32(*revision).blob(document);
            }
            Self::Amend { invoice, reason, on, supply, documents } => {
                writer.text(invoice).u8(*reason).text(on).text(supply);
                documents_after(writer, documents);
            }
            Self::Access { credential: blob }
            | Self::Denied { denied: blob }
            | Self::TokenKey { key: blob }
            | Self::SignIns { tried: blob }
            | Self::LegalHold { hold: blob }
            | Self::OperatorKey { note: blob }
            | Self::Webhook { endpoint: blob }
            | Self::Schema { change: blob } => {
                writer.blob(blob);
            }
            Self::Door { refused } => {
                writer.u32(u32::try_from(refused.len()).unwrap_or(u32::MAX));
                for (source, code, count) in refused {
                    writer.text(source).text(code).u64(*count);
                }
            }
            Self::Delivered { progress } => webhook::push_progress(writer, progress),
            // The others are written before these.
            _ => {}
        }
    }

    /// Its stored number.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Book { reason, .. } => with_reason(reason, 1, 11),
            Self::Close { reason, .. } => with_reason(reason, 2, 28),
            Self::Statement { .. } => 3,
            Self::Resolve { reason, .. } => with_reason(reason, 4, 16),
            Self::Replay { .. } => 5,
            Self::Fix { reason, .. } => with_reason(reason, 6, 15),
            Self::Erased { .. } => 7,
            Self::Verified { .. } => 8,
            Self::Refused { .. } => 9,
            Self::ControlTotal { .. } => 10,
            Self::Countersign { .. } => 14,
            Self::Hold(_) => 12,
            Self::Release(_) => 13,
            Self::Access { .. } => 20,
            Self::Door { .. } => 24,
            Self::Webhook { .. } => 22,
            Self::Delivered { .. } => 23,
            Self::Denied { .. } => 21,
            Self::TokenKey { .. } => 26,
            Self::SignIns { .. } => 27,
            Self::LegalHold { .. } => 29,
            Self::OperatorKey { .. } => 30,
            Self::Schema { .. } => 40,
            Self::Invoice { .. } => 17,
            Self::Amend { .. } => 18,
        }
    }

    fn decode(kind: u8, reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(match kind {
            1 | 11 => {
                let reason = reason_of(reader, kind == 11)?;
                let revision = reader.u32()?;
                let mut files = BTreeMap::new();
                for _ in 0..reader.u32()? {
                    files.insert(reader.text()?.to_owned(), reader.blob()?.to_vec());
                }
                Self::Book { revision, files, reason }
            }
            2 | 28 => Self::Close {
                reason: reason_of(reader, kind == 28)?,
                agreement: reader.text()?.to_owned(),
                period: reader.text()?.to_owned(),
                start: reader.i64()?,
                end: reader.i64()?,
            },
            3 => Self::Statement {
                agreement: reader.text()?.to_owned(),
                period: reader.text()?.to_owned(),
                commitment: reader.blob()?.to_vec(),
            },
            4 | 16 => {
                let reason = reason_of(reader, kind == 16)?;
                Self::Resolve { later: reader.u64()?, keep_later: reader.u8()? == 1, reason }
            }
            5 => Self::Replay { position: reader.u64()? },
            6 | 15 => Self::Fix {
                reason: reason_of(reader, kind == 15)?,
                position: reader.u64()?,
                operator: reader.text()?.to_owned(),
                source: reader.text()?.to_owned(),
                revision: reader.u32()?,
                record: reader.blob()?.to_vec(),
            },
            7 => Self::Erased { pseudonym: reader.fixed()?, raw_blocks: reader.u64()? },
            8 => Self::Verified { position: reader.u64()?, clean: reader.u8()? == 1 },
            9 => Self::Refused {
                source: reader.text()?.to_owned(),
                code: reader.text()?.to_owned(),
                count: reader.u64()?,
            },
            10 => Self::ControlTotal {
                source: reader.text()?.to_owned(),
                control: reader.text()?.to_owned(),
                stated: reader.text()?.to_owned(),
                summed: reader.text()?.to_owned(),
                reason: reader.text()?.to_owned(),
            },
            12 => Self::Hold(holding_of(reader)?),
            13 => Self::Release(holding_of(reader)?),
            _ => return Self::decode_later(kind, reader),
        })
    }

    fn decode_later(kind: u8, reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(match kind {
            14 => Self::Countersign {
                agreement: reader.text()?.to_owned(),
                version: reader.u32()?,
                operator_key: reader.text()?.to_owned(),
                note: reader.text()?.to_owned(),
            },
            17 => Self::Invoice {
                agreement: reader.text()?.to_owned(),
                period: reader.text()?.to_owned(),
                revision: reader.u32()?,
                document: reader.blob()?.to_vec(),
            },
            18 => {
                let (invoice, reason) = (reader.text()?.to_owned(), reader.u8()?);
                let (on, supply) = (reader.text()?.to_owned(), reader.text()?.to_owned());
                let mut documents = Vec::new();
                for _ in 0..reader.u32()? {
                    documents.push(reader.blob()?.to_vec());
                }
                Self::Amend { invoice, reason, on, supply, documents }
            }
            20 => Self::Access { credential: reader.blob()?.to_vec() },
            24 => {
                let mut refused = Vec::new();
                for _ in 0..reader.u32()? {
                    let (source, code) = (reader.text()?.to_owned(), reader.text()?.to_owned());
                    refused.push((source, code, reader.u64()?));
                }
                Self::Door { refused }
            }
            22 => Self::Webhook { endpoint: reader.blob()?.to_vec() },
            23 => Self::Delivered { progress: webhook::read_progress(reader)? },
            21 => Self::Denied { denied: reader.blob()?.to_vec() },
            26 => Self::TokenKey { key: reader.blob()?.to_vec() },
            27 => Self::SignIns { tried: reader.blob()?.to_vec() },
            29 => Self::LegalHold { hold: reader.blob()?.to_vec() },
            30 => Self::OperatorKey { note: reader.blob()?.to_vec() },
            40 => Self::Schema { change: reader.blob()?.to_vec() },
            _ => return Err(BadBytes),
        })
    }
}

fn documents_after(writer: &mut Writer, documents: &[Vec<u8>]) {
    writer.u32(u32::try_from(documents.len()).unwrap_or(u32::MAX));
    for document in documents {
        writer.blob(document);
    }
}

fn holding_of(reader: &mut Reader<'_>) -> Result<Holding, BadBytes> {
    let mut text = || Ok(reader.text()?.to_owned());
    Ok(Holding { agreement: text()?, period: text()?, line: text()?, reason: text()? })
}

/// The number of a kind that has another where a reason is given.
fn with_reason(reason: &str, without: u8, with: u8) -> u8 {
    if reason.is_empty() { without } else { with }
}

fn reason_before<'w>(writer: &'w mut Writer, reason: &str) -> &'w mut Writer {
    if reason.is_empty() { writer } else { writer.text(reason) }
}

fn reason_of(reader: &mut Reader<'_>, is_given: bool) -> Result<String, BadBytes> {
    Ok(if is_given { reader.text()?.to_owned() } else { String::new() })
}

#[cfg(test)]
mod tests;
