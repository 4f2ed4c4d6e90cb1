//! What an operator commits to when a period is closed: a leaf of its control stream.
//!
//! Bytes, version 1 (integers little-endian; a text is its length as u32 and UTF-8):
//!
//! | what | form |
//! |---|---|
//! | version | `01` |
//! | operator, agreement, period | texts |
//! | start, end of the period | i64 each, nanoseconds UTC |
//! | version of the agreement | u32 |
//! | body hash | SHA-256 of the statement's body |
//! | sums root | [`crate::sums::sums_root`] of the rows that the agreement reads |
//! | cut | count u32, then heads as [`crate::heads`] writes them, ascending by origin |
//! | rules hash | SHA-256 of [`crate::rules_bytes`] |
//! | agreement hash | [`agreement_hash`]: the agreement and the measures it reads |

use thiserror::Error;

use crate::Hash;
use crate::bytes::{Reader, push_count, push_text};
use crate::digest::sha256;
use crate::heads::{Head, HeadsError};
use crate::leaf::RecordLeafData;

const VERSION: u8 = 1;
/// Parts the agreement hash from every other use of SHA-256.
const AGREEMENT_PREFIX: &[u8] = b"saldo.terms.v1\0";

/// The kind of a commitment's leaf: that of statements on the control stream.
pub const RECORD_KIND: u8 = 3;

/// The source name of an operator's control stream.
pub const CONTROL_SOURCE: &str = "control";

/// What stands behind one statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatementCommitment {
    /// The operator.
    pub operator: String,
    /// Name of the agreement.
    pub agreement: String,
    /// The period, as it is written: `2026-11`.
    pub period: String,
    /// First nanosecond of the period, UTC.
    pub start: i64,
    /// First nanosecond after it.
    pub end: i64,
    /// Version of the agreement.
    pub version: u32,
    /// SHA-256 of the statement's body.
    pub body_hash: Hash,
    /// Root over the account sums that the agreement reads.
    pub sums_root: Hash,
    /// Where each participating stream was cut.
    pub cut: Vec<Head>,
    /// SHA-256 of the posting rules' bytes.
    pub rules_hash: Hash,
    /// [`agreement_hash`] of the agreement and its measures.
    pub agreement_hash: Hash,
}

/// Why a commitment cannot be written or read.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum CommitmentError {
    /// `E6005`
    #[error("these bytes are not the commitment of a statement of a known version")]
    Malformed,
    /// `E6006`
    #[error("the heads of the cut cannot be written")]
    Cut(#[from] HeadsError),
}

impl CommitmentError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "E6005",
            Self::Cut(_) => "E6006",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl StatementCommitment {
    /// The bytes of version 1; the cut is written in order of origin, whatever its order here.
    pub fn encode(&self) -> Result<Vec<u8>, CommitmentError> {
        let mut cut: Vec<&Head> = self.cut.iter().collect();
        cut.sort_by(|a, b| a.origin.as_bytes().cmp(b.origin.as_bytes()));
        if let Some(two) = cut.windows(2).find(|two| two[0].origin == two[1].origin) {
            return Err(HeadsError::TwoHeads(two[0].origin.clone()).into());
        }
        let mut out = vec![VERSION];
        for text in [&self.operator, &self.agreement, &self.period] {
            push_text(&mut out, text);
        }
        out.extend_from_slice(&self.start.to_le_bytes());
        out.extend_from_slice(&self.end.to_le_bytes());
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&self.body_hash.0);
        out.extend_from_slice(&self.sums_root.0);
        push_count(&mut out, cut.len());
        for head in cut {
            head.encode_into(&mut out)?;
        }
        out.extend_from_slice(&self.rules_hash.0);
        out.extend_from_slice(&self.agreement_hash.0);
        Ok(out)
    }

    /// Reads exactly what [`StatementCommitment::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CommitmentError> {
        let mut reader = Reader::new(bytes);
        let found = Self::read(&mut reader).ok_or(CommitmentError::Malformed)?;
        let ascending = found.cut.is_sorted_by(|a, b| a.origin.as_bytes() < b.origin.as_bytes());
        if reader.is_empty() && ascending { Ok(found) } else { Err(CommitmentError::Malformed) }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.u8()? != VERSION {
            return None;
        }
        Some(Self {
            operator: reader.text()?,
            agreement: reader.text()?,
            period: reader.text()?,
            start: reader.i64()?,
            end: reader.i64()?,
            version: reader.u32()?,
            body_hash: reader.hash()?,
            sums_root: reader.hash()?,
            cut: reader.list(Head::read)?,
            rules_hash: reader.hash()?,
            agreement_hash: reader.hash()?,
        })
    }
}

/// The leaf data under which commitment bytes stand in the control stream's tree.
pub fn leaf_data(commitment: &[u8], blind: [u8; 16]) -> RecordLeafData {
    RecordLeafData { kind: RECORD_KIND, record_hash: sha256(commitment), blind }
}

/// SHA-256 of `saldo.terms.v1`, a zero byte, the count of documents, and each with its length
/// (u32): the agreement's canonical bytes, then those of the measures it reads, ascending.
pub fn agreement_hash<M: AsRef<[u8]>>(agreement: &[u8], measures: &[M]) -> Hash {
    let mut measures: Vec<&[u8]> = measures.iter().map(AsRef::as_ref).collect();
    measures.sort_unstable();
    let mut out = AGREEMENT_PREFIX.to_vec();
    push_count(&mut out, 1 + measures.len());
    for document in std::iter::once(agreement).chain(measures) {
        push_count(&mut out, document.len());
        out.extend_from_slice(document);
    }
    sha256(&out)
}
