//! Versions of agreements that both parties signed: what is offered, what was countersigned, and
//! what still blocks a close.
//!
//! A signature counts when its key is in the book in force and held when the countersigning was
//! recorded: a key that is taken out of the book takes its signatures with it. The operator's own
//! signature is checked by the key that the record names.

use crate::books::Revision;
use crate::close::{Terms, agreement_of};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::wire::{BadBytes, Reader, Writer};
use ledger::time::Span;
use proof::agreed::file::AgreementFile;
use proof::agreed::{AgreedError, AgreedVersion, PartyKey, signed_by, speaks_for};
use proof::note::{NoteError, SignedNote, SigningKey, VerifierKey};
use settle::{Agreement, Measure};

const VERSION: u8 = 1;

/// A countersigning as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countersigned {
    /// When, nanoseconds UTC.
    pub at: i64,
    /// Who recorded it.
    pub author: String,
    /// Its position in the Log, and its sequence in the control stream.
    pub position: (Position, u64),
    /// The operator's verifier key of then.
    pub operator_key: String,
    /// The signed note.
    pub note: String,
}

impl Countersigned {
    /// The key of its document: the version that was signed, by the hash of its terms too.
    ///
    /// # Errors
    /// [`BadBytes`] for a note that is none.
    pub fn key(&self) -> Result<Vec<u8>, BadBytes> {
        let note = SignedNote::parse(self.note.as_bytes()).map_err(|_| BadBytes)?;
        let version: AgreedVersion = note.text().parse().map_err(|_| BadBytes)?;
        Ok(key_of(&version))
    }

    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(VERSION).i64(self.at).text(&self.author);
        writer.u64(self.position.0).u64(self.position.1);
        writer.text(&self.operator_key).text(&self.note);
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(BadBytes);
        }
        let found = Self {
            at: reader.i64()?,
            author: reader.text()?.to_owned(),
            position: (reader.u64()?, reader.u64()?),
            operator_key: reader.text()?.to_owned(),
            note: reader.text()?.to_owned(),
        };
        reader.end()?;
        Ok(found)
    }
}

fn key_of(version: &AgreedVersion) -> Vec<u8> {
    let (name, number) = (version.agreement.as_bytes(), version.version.to_be_bytes());
    [b"countersigned:".as_slice(), name, &[0], &number, &version.terms.0].concat()
}

/// A version of an agreement, and who signed it.
#[derive(Clone, Debug)]
pub struct VersionStatus {
    /// What is signed.
    pub version: AgreedVersion,
    /// Whether closes wait for the signatures.
    pub required: bool,
    /// Whose signatures there must be: the operator's, and those of its counterparties.
    pub parties: Vec<String>,
    /// The countersigning; none until it is recorded.
    pub recorded: Option<Countersigned>,
    /// The names of the keys of all parties, or why they do not count.
    pub signed: Result<Vec<String>, AgreedError>,
}

impl Engine {
    /// The versions of all agreements of the book in force, or of one, in order of name and
    /// version.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] for an agreement that the book does not have; a failing port.
    pub fn versions(&self, agreement: Option<&str>) -> Result<Vec<VersionStatus>, EngineError> {
        let revision = self.current()?;
        let all = revision.compiled.agreements.iter();
        let wanted: Vec<&Agreement> =
            all.filter(|known| agreement.is_none_or(|name| known.name == name)).collect();
        if let (true, Some(name)) = (wanted.is_empty(), agreement) {
            return Err(EngineError::Unknown(format!("no agreement {name} in the book in force")));
        }
        wanted.into_iter().map(|agreement| self.version_status(revision, agreement)).collect()
    }

    /// One version of an agreement of the book in force; the last one where `version` is none.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; a failing port.
    pub fn version(
        &self,
        agreement: &str,
        version: Option<u32>,
    ) -> Result<VersionStatus, EngineError> {
        let mut found = self.versions(Some(agreement))?;
        found.retain(|known| version.is_none_or(|version| known.version.version == version));
        found.pop().ok_or_else(|| {
            let version = version.unwrap_or_default();
            EngineError::Unknown(format!("no version {version} of {agreement} in the book"))
        })
    }

    /// The file in which a version is offered to the counterparty, signed by the operator.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; [`EngineError::Agreed`].
    pub fn offer(
        &self,
        agreement: &str,
        version: u32,
        key: &SigningKey,
    ) -> Result<AgreementFile, EngineError> {
        let wanted = self.version(agreement, Some(version))?.version;
        let revision = self.current()?;
        let (terms, measures) = encoded(&terms_of(revision, &wanted)?);
        Ok(AgreementFile::offer(&self.operator, terms, measures, key)?)
    }

    /// What was countersigned of the terms that a close committed to, where it is.
    ///
    /// # Errors
    /// A failing port.
    pub fn countersigned_of(
        &self,
        closed: &crate::close::Closed,
        agreement: &str,
    ) -> Result<Option<VersionStatus>, EngineError> {
        let revision = self.state.books.get(closed.revision)?;
        let agreement = agreement_of(&revision.compiled, agreement, closed.span)?;
        let found = self.version_status(revision, agreement)?;
        Ok(Some(found).filter(|found| found.recorded.is_some()))
    }

    /// Why a period cannot be closed for the lack of a signature.
    pub(crate) fn unsigned(
        &self,
        agreement: &str,
        span: Span,
    ) -> Result<Option<String>, EngineError> {
        let revision = self.current()?;
        if !revision.compiled.signing.required.contains(agreement) {
            return Ok(None);
        }
        let terms = agreement_of(&revision.compiled, agreement, span)?;
        let status = self.version_status(revision, terms)?;
        let Err(error) = status.signed else { return Ok(None) };
        let version = terms.version;
        Ok(Some(format!(
            "version {version} of {agreement} is not signed by both: {error} (`saldo agreement \
             offer {agreement} --version {version} --out FILE`, the counterparty's `saldo \
             agreement sign FILE`, then `saldo agreement countersign FILE`)"
        )))
    }

    /// Refuses a countersigning that is not of this version, or not by both.
    pub(crate) fn check_countersigned(
        &self,
        (agreement, version): (&str, u32),
        (operator_key, note): (&str, &str),
        at: i64,
    ) -> Result<(), EngineError> {
        let status = self.version(agreement, Some(version))?;
        let note = status.version.open(note)?;
        let parties: Vec<&str> = status.parties.iter().map(String::as_str).collect();
        let keys = self.keys_of(self.current()?, &parties, operator_key)?;
        signed_by(&note, &parties, &keys, at)?;
        Ok(())
    }

    fn current(&self) -> Result<&Revision, EngineError> {
        let revision = self.state.books.current();
        revision
            .map(AsRef::as_ref)
            .ok_or_else(|| EngineError::Unknown("no book has been recorded yet".into()))
    }

    fn version_status(
        &self,
        revision: &Revision,
        agreement: &Agreement,
    ) -> Result<VersionStatus, EngineError> {
        let compiled = &revision.compiled;
        let (terms, measures) = encoded(&Terms::with(compiled, agreement));
        let version = AgreedVersion::of(&self.operator, &terms, &measures)?;
        let mut parties = vec![self.operator.clone()];
        let others = compiled.signing.counterparties(agreement);
        parties.extend(others.into_iter().map(str::to_owned));
        let document = self.store.document(Table::Meta, &key_of(&version))?;
        let recorded = document.map(|bytes| Countersigned::decode(&bytes)).transpose()?;
        let signed = match &recorded {
            Some(recorded) => self.signers(&version, &parties, recorded)?,
            None => {
                Err(AgreedError::Unsigned { party: parties.last().cloned().unwrap_or_default() })
            }
        };
        let required = compiled.signing.required.contains(&agreement.name);
        Ok(VersionStatus { version, required, parties, recorded, signed })
    }

    /// Whose signatures count now, by the keys of the book in force.
    fn signers(
        &self,
        version: &AgreedVersion,
        parties: &[String],
        recorded: &Countersigned,
    ) -> Result<Result<Vec<String>, AgreedError>, EngineError> {
        let parties: Vec<&str> = parties.iter().map(String::as_str).collect();
        let keys = self.keys_of(self.current()?, &parties, &recorded.operator_key)?;
        let note = version.open(&recorded.note)?;
        Ok(signed_by(&note, &parties, &keys, recorded.at))
    }

    fn keys_of(
        &self,
        revision: &Revision,
        parties: &[&str],
        operator_key: &str,
    ) -> Result<Vec<PartyKey>, EngineError> {
        let key: VerifierKey = operator_key.parse().map_err(AgreedError::Note)?;
        if !speaks_for(&self.operator, key.name()) {
            return Err(AgreedError::Stranger { key: key.name().to_owned() }.into());
        }
        let mut keys = vec![PartyKey::always(&self.operator, key)];
        for party in parties {
            for known in revision.compiled.signing.keys.get(*party).into_iter().flatten() {
                let key: Result<VerifierKey, NoteError> = known.key.parse();
                let key = key.map_err(AgreedError::Note)?;
                keys.push(PartyKey { party: (*party).to_owned(), key, valid: known.valid });
            }
        }
        Ok(keys)
    }
}

/// The terms of a version that the book has.
fn terms_of<'b>(revision: &'b Revision, wanted: &AgreedVersion) -> Result<Terms<'b>, EngineError> {
    let is_it =
        |known: &&Agreement| (&known.name, known.version) == (&wanted.agreement, wanted.version);
    let found = revision.compiled.agreements.iter().find(is_it);
    found
        .map(|agreement| Terms::with(&revision.compiled, agreement))
        .ok_or_else(|| EngineError::Unknown(format!("no agreement {}", wanted.agreement)))
}

/// The canonical bytes that an agreement hash is of.
fn encoded(terms: &Terms<'_>) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut measures: Vec<Vec<u8>> = terms.measures.iter().map(Measure::encode).collect();
    measures.sort_unstable();
    (terms.agreement.encode(), measures)
}
