//! What two parties sign when they agree on a version of terms, and whether they did.
//!
//! The text is that of a signed note ([`crate::note`]), one line each:
//!
//! ```text
//! saldo.countersign.v1
//! operator: <operator>
//! agreement: <name>
//! version: <version in decimal>
//! from: <party that pays>
//! to: <party that is paid>
//! holds from: <RFC 3339 in UTC, or `always`>
//! holds until: <the first instant after it, or `for good`>
//! terms: <base64 of the agreement hash>
//! ```
//! The hash is [`agreement_hash`] of the agreement and the measures that it reads, the same that a
//! close commits to: who signed the note signed what statements are rated by. A note says nothing
//! of the terms themselves; [`file`] carries them beside it.

pub mod file;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ledger::time::Span;
use settle::{Agreement, SettleError};
use thiserror::Error;

use crate::Hash;
use crate::commitment::agreement_hash;
use crate::note::{NoteError, SignedNote, SigningKey, VerifierKey};

/// Parts these notes from checkpoints, manifests and whatever else a key signs.
const FORMAT: &str = "saldo.countersign.v1";
const ALWAYS: &str = "always";
const FOR_GOOD: &str = "for good";

/// A version of an agreement, as both parties sign it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgreedVersion {
    /// The operator.
    pub operator: String,
    /// Name of the agreement.
    pub agreement: String,
    /// Its version.
    pub version: u32,
    /// The party that pays when the result is above zero.
    pub from: String,
    /// The party that is paid then.
    pub to: String,
    /// When the version holds, nanoseconds UTC; `i64::MIN` and `i64::MAX` for no bound.
    pub holds: Span,
    /// [`agreement_hash`] of the agreement and its measures.
    pub terms: Hash,
}

/// Why a version of an agreement is not shown to be agreed on.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum AgreedError {
    /// `E6090`
    #[error("this is not the note of a version of an agreement")]
    Malformed,
    /// `E6091`
    #[error("the note is of another {field}: it says {found:?}, and the terms give {wanted:?}")]
    Other {
        /// The line that differs.
        field: &'static str,
        /// In the note.
        found: String,
        /// What follows from the terms.
        wanted: String,
    },
    /// `E6092`
    #[error("{party} has not signed this version")]
    Unsigned {
        /// The party.
        party: String,
    },
    /// `E6093`
    #[error("the key {key} did not hold when the note was signed")]
    Expired {
        /// Name of the key.
        key: String,
    },
    /// `E6094`
    #[error("the key {key} is of nobody who is a party to the agreement")]
    Stranger {
        /// Name of the key.
        key: String,
    },
    /// The note's own: `E6030` to `E6036`
    #[error("the note cannot be trusted")]
    Note(#[from] NoteError),
    /// The terms' own: `E7xxx`
    #[error("the terms cannot be read")]
    Terms(#[from] SettleError),
}

impl AgreedError {
    /// The stable code: that of the cause, where there is one.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "E6090",
            Self::Other { .. } => "E6091",
            Self::Unsigned { .. } => "E6092",
            Self::Expired { .. } => "E6093",
            Self::Stranger { .. } => "E6094",
            Self::Note(cause) => cause.code(),
            Self::Terms(cause) => cause.code(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// A key that may speak for a party.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PartyKey {
    /// The party, or the operator.
    pub party: String,
    /// Its public key.
    pub key: VerifierKey,
    /// When a signature by it counts, nanoseconds UTC.
    pub valid: Span,
}

impl PartyKey {
    /// A key without bounds of time.
    pub fn always(party: &str, key: VerifierKey) -> Self {
        Self { party: party.to_owned(), key, valid: Span { start: i64::MIN, end: i64::MAX } }
    }
}

impl AgreedVersion {
    /// What is to be signed for the canonical bytes of an agreement and of its measures.
    ///
    /// # Errors
    /// [`AgreedError::Terms`]; [`AgreedError::Malformed`] for names that no line can hold.
    pub fn of<M: AsRef<[u8]>>(
        operator: &str,
        agreement: &[u8],
        measures: &[M],
    ) -> Result<Self, AgreedError> {
        let read = Agreement::decode(agreement)?;
        let found = Self {
            operator: operator.to_owned(),
            agreement: read.name,
            version: read.version,
            from: read.from,
            to: read.to,
            holds: read.effective,
            terms: agreement_hash(agreement, measures),
        };
        if found.to_string().parse().as_ref() == Ok(&found) {
            Ok(found)
        } else {
            Err(AgreedError::Malformed)
        }
    }

    /// The note, signed by each of the keys.
    ///
    /// # Errors
    /// [`AgreedError::Note`].
    pub fn sign(&self, keys: &[&SigningKey]) -> Result<SignedNote, AgreedError> {
        Ok(SignedNote::sign(&self.to_string(), keys)?)
    }

    /// Reads a note that must say exactly this, whoever signed it.
    ///
    /// # Errors
    /// [`AgreedError::Note`], [`AgreedError::Malformed`], [`AgreedError::Other`].
    pub fn open(&self, note: &str) -> Result<SignedNote, AgreedError> {
        let note = SignedNote::parse(note.as_bytes())?;
        let found: Self = note.text().parse()?;
        for ((field, found), (_, wanted)) in found.lines().into_iter().zip(self.lines()) {
            if found != wanted {
                return Err(AgreedError::Other { field, found, wanted });
            }
        }
        Ok(note)
    }

    /// Whether a key of this name may sign: the operator's, or that of one of the two parties.
    pub fn concerns(&self, name: &str) -> bool {
        [&self.operator, &self.from, &self.to].iter().any(|party| speaks_for(party, name))
    }

    fn lines(&self) -> [(&'static str, String); 8] {
        [
            ("operator", self.operator.clone()),
            ("agreement", self.agreement.clone()),
            ("version", self.version.to_string()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("holds from", instant(self.holds.start, i64::MIN, ALWAYS)),
            ("holds until", instant(self.holds.end, i64::MAX, FOR_GOOD)),
            ("terms", self.terms.to_base64()),
        ]
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next()? != FORMAT {
            return None;
        }
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(": ");
        let found = Self {
            operator: field("operator")?.to_owned(),
            agreement: field("agreement")?.to_owned(),
            version: field("version")?.parse().ok()?,
            from: field("from")?.to_owned(),
            to: field("to")?.to_owned(),
            holds: Span {
                start: nanos(field("holds from")?, i64::MIN, ALWAYS)?,
                end: nanos(field("holds until")?, i64::MAX, FOR_GOOD)?,
            },
            terms: Hash::from_base64(field("terms")?).ok()?,
        };
        // One spelling, and nothing after it.
        (found.to_string() == text).then_some(found)
    }
}

impl fmt::Display for AgreedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT}")?;
        self.lines().iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}

impl FromStr for AgreedVersion {
    type Err = AgreedError;

    fn from_str(text: &str) -> Result<Self, AgreedError> {
        Self::parse(text).ok_or(AgreedError::Malformed)
    }
}

/// Whether a key of this name speaks for the party: `<party>` or `<party>/…`.
pub fn speaks_for(party: &str, name: &str) -> bool {
    let rest = name.strip_prefix(party);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The names of the keys with which each of `parties` signed the note: every one of them must
/// have, with a key that held at `at` (nanoseconds UTC). Keys of others are passed over.
///
/// # Errors
/// [`AgreedError::Unsigned`], [`AgreedError::Expired`]; [`AgreedError::Note`] for a signature in
/// the name of a known key that does not fit.
pub fn signed_by(
    note: &SignedNote,
    parties: &[&str],
    keys: &[PartyKey],
    at: i64,
) -> Result<Vec<String>, AgreedError> {
    let known: Vec<VerifierKey> = keys.iter().map(|known| known.key.clone()).collect();
    let found = match note.verify(&known) {
        Ok(found) => found,
        Err(NoteError::NoKnownKey) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let mut names = Vec::new();
    for party in parties {
        let own = keys.iter().filter(|known| known.party == *party);
        let signed: Vec<&PartyKey> = own.filter(|known| found.contains(&&known.key)).collect();
        let held = signed.iter().find(|known| known.valid.contains(at));
        match (held, signed.first()) {
            (Some(known), _) => names.push(known.key.name().to_owned()),
            (None, Some(known)) => {
                return Err(AgreedError::Expired { key: known.key.name().to_owned() });
            }
            (None, None) => return Err(AgreedError::Unsigned { party: (*party).to_owned() }),
        }
    }
    Ok(names)
}

fn instant(nanos: i64, unbounded: i64, word: &str) -> String {
    if nanos == unbounded {
        return word.to_owned();
    }
    Timestamp::from_nanosecond(nanos.into()).map_or_else(|_| nanos.to_string(), |at| at.to_string())
}

fn nanos(text: &str, unbounded: i64, word: &str) -> Option<i64> {
    if text == word {
        return Some(unbounded);
    }
    let at: Timestamp = text.parse().ok()?;
    i64::try_from(at.as_nanosecond()).ok()
}
