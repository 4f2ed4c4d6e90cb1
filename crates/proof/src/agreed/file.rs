//! The file in which an operator offers a version of an agreement, and which the counterparty
//! signs: the note, and the terms that its hash is of.
//!
//! ```json
//! {
//!   "saldo-proof": 1,
//!   "type": "agreement",
//!   "note": "saldo.countersign.v1\noperator: casino\n…",
//!   "agreement": "<base64 of its canonical bytes>",
//!   "measures": ["<base64 of each measure that it reads, ascending>"]
//! }
//! ```

use serde::{Deserialize, Serialize};

use super::{AgreedError, AgreedVersion};
use crate::file::{self, Blob, FileError, malformed};
use crate::note::{SignedNote, SigningKey};

const TYPE: &str = "agreement";

/// A version of an agreement, offered and maybe signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgreementFile {
    /// The signed note.
    pub note: String,
    /// Canonical bytes of the agreement.
    pub agreement: Vec<u8>,
    /// Canonical bytes of each measure that it reads, ascending.
    pub measures: Vec<Vec<u8>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "saldo-proof")]
    version: u32,
    #[serde(rename = "type")]
    kind: String,
    note: String,
    agreement: Blob,
    measures: Vec<Blob>,
}

impl AgreementFile {
    /// The offer of an operator: the terms, and its signature under them.
    ///
    /// # Errors
    /// [`AgreedError`]: terms that cannot be read, or names that cannot be signed.
    pub fn offer(
        operator: &str,
        agreement: Vec<u8>,
        mut measures: Vec<Vec<u8>>,
        key: &SigningKey,
    ) -> Result<Self, AgreedError> {
        measures.sort_unstable();
        let version = AgreedVersion::of(operator, &agreement, &measures)?;
        let note = version.sign(&[key])?.to_string();
        Ok(Self { note, agreement, measures })
    }

    /// What the note says, once its text is found to be that of the terms in the file. Says
    /// nothing of the signatures.
    ///
    /// # Errors
    /// [`AgreedError`].
    pub fn open(&self) -> Result<(AgreedVersion, SignedNote), AgreedError> {
        let note = SignedNote::parse(self.note.as_bytes())?;
        let stated: AgreedVersion = note.text().parse()?;
        let given = AgreedVersion::of(&stated.operator, &self.agreement, &self.measures)?;
        given.open(&self.note)?;
        Ok((stated, note))
    }

    /// Signs once more, for the party that the key is named after; a key that signed already
    /// changes nothing.
    ///
    /// # Errors
    /// [`AgreedError::Stranger`] for a key of nobody concerned, and as [`AgreementFile::open`].
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), AgreedError> {
        let (version, mut note) = self.open()?;
        let name = key.verifier().name();
        if !version.concerns(name) {
            return Err(AgreedError::Stranger { key: name.to_owned() });
        }
        let known = std::slice::from_ref(key.verifier());
        if note.verify(known).is_err() {
            note.add_signature(key)?;
        }
        self.note = note.to_string();
        Ok(())
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        file::write(&Wire {
            version: file::VERSION,
            kind: TYPE.to_owned(),
            note: self.note.clone(),
            agreement: Blob(self.agreement.clone()),
            measures: self.measures.iter().cloned().map(Blob).collect(),
        })
    }

    /// Reads exactly what [`AgreementFile::encode`] writes; says nothing yet about its truth.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let wire: Wire = file::read(bytes, TYPE)?;
        if !wire.measures.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(malformed("its measures are not in order"));
        }
        Ok(Self {
            note: wire.note,
            agreement: wire.agreement.0,
            measures: wire.measures.into_iter().map(|blob| blob.0).collect(),
        })
    }
}
