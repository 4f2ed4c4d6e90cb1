//! The proof file of a statement: everything that a counterparty needs to check, offline and
//! without trusting the operator, that the statement follows.
//!
//! ```text
//! signed checkpoint of <operator>/control
//!   └ inclusion: the commitment
//!       ├ agreement hash: agreement, measures ┐
//!       ├ sums root: rows ────────────────────┴ rated again = body ─ body hash
//!       ├ rules hash: posting rules ┐
//! signed manifest                   ├ posted again = rows
//!   └ events root: list of events ──┴ compared with one's own events
//! ```
//! The rows are exactly those that the agreement reads (see [`settle::Scope`]), so the sums root is
//! recomputed from all of them. The manifest is a signed note with the text
//!
//! ```text
//! saldo.manifest.v1
//! <operator>
//! <agreement>
//! <period>
//! <base64 of SHA-256 of the commitment's bytes>
//! <base64 of the events root>
//! ```
//! A file that says what both parties signed, or what touched the period, is of version 2, and a
//! list of notices, empty or not, is bound by a manifest `saldo.manifest.v2` with one more line,
//! the base64 of [`notices_hash`]. [`crate::agreed`] says what is signed of the terms.
//!
//! The file is JSON in one spelling, binary parts in base64; `rows`, `rules` and `events` have
//! their own formats inside: [`rows`], [`crate::rules_bytes`], [`crate::events`].

mod agreed;
mod check;
mod compare;
mod given;
mod manifest;
mod notices;
mod posting;
pub mod report;
pub mod rows;

pub use given::MyEvent;
pub use manifest::manifest_text;
pub use notices::{Moved, Notice, Told, notices_hash};
pub use report::{AgreedFacts, Compared, Finding, Report, Severity, StatementFacts};

use notices::NoticeWire;
use serde::{Deserialize, Serialize};
use settle::AccountSum;

use crate::events::EventList;
use crate::file::{self, Blob, FileError, malformed};
use crate::note::{NoteError, SigningKey, VerifierKey};
use crate::placement::{Placement, PlacementWire};

const TYPE: &str = "statement";

/// A statement with its evidence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatementProof {
    /// Bytes of the [`crate::commitment::StatementCommitment`].
    pub commitment: Vec<u8>,
    /// Where it stands in the stream `<operator>/control`.
    pub placement: Placement,
    /// Canonical bytes of the agreement.
    pub agreement: Vec<u8>,
    /// Canonical bytes of each measure that the agreement reads, ascending.
    pub measures: Vec<Vec<u8>>,
    /// The statement's body.
    pub body: Vec<u8>,
    /// The account sums that the agreement reads, ascending by path and asset.
    pub rows: Vec<AccountSum>,
    /// Bytes of the posting rules.
    pub rules: Vec<u8>,
    /// The events that the statement stands on.
    pub events: EventList,
    /// The signed manifest; see [`StatementProof::sign_manifest`].
    pub manifest: String,
    /// The signed note of the version of the agreement; `None` where it is not countersigned.
    pub countersigned: Option<String>,
    /// Every command that moved what the agreement reads in the period; `None` in a file of
    /// version 1, which does not say.
    pub notices: Option<Vec<Notice>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "saldo-proof")]
    version: u32,
    #[serde(rename = "type")]
    kind: String,
    commitment: Blob,
    placement: PlacementWire,
    agreement: Blob,
    measures: Vec<Blob>,
    body: Blob,
    rows: Blob,
    rules: Blob,
    events: Blob,
    manifest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    countersigned: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notices: Option<Vec<NoticeWire>>,
}

impl StatementProof {
    /// Puts rows and measures in their order and signs the manifest: the last thing to do before
    /// [`StatementProof::encode`].
    ///
    /// # Errors
    /// [`NoteError::Text`] when the commitment cannot be read or has names that cannot be signed.
    pub fn sign_manifest(&mut self, keys: &[&SigningKey]) -> Result<(), NoteError> {
        self.rows.sort_by(|a, b| crate::sums::key(a).cmp(&crate::sums::key(b)));
        self.measures.sort_unstable();
        let notices = self.notices.as_deref().map(notices_hash);
        self.manifest = manifest::sign(&self.commitment, &self.events, notices.as_ref(), keys)?;
        Ok(())
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        file::write(&Wire {
            version: self.version(),
            kind: TYPE.to_owned(),
            commitment: Blob(self.commitment.clone()),
            placement: self.placement.to_wire(),
            agreement: Blob(self.agreement.clone()),
            measures: self.measures.iter().cloned().map(Blob).collect(),
            body: Blob(self.body.clone()),
            rows: Blob(rows::encode(&self.rows)),
            rules: Blob(self.rules.clone()),
            events: Blob(self.events.encode()),
            manifest: self.manifest.clone(),
            countersigned: self.countersigned.clone(),
            notices: self.notices.as_deref().map(notices::to_wire),
        })
    }

    fn version(&self) -> u32 {
        if self.countersigned.is_none() && self.notices.is_none() { file::VERSION } else { 2 }
    }

    /// Reads exactly what [`StatementProof::encode`] writes; says nothing yet about its truth.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let wire: Wire = file::read_up_to(bytes, TYPE, 2)?;
        let version = wire.version;
        if !wire.measures.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(malformed("its measures are not in order"));
        }
        let found = Self {
            commitment: wire.commitment.0,
            placement: wire.placement.into_placement()?,
            agreement: wire.agreement.0,
            measures: wire.measures.into_iter().map(|blob| blob.0).collect(),
            body: wire.body.0,
            rows: rows::decode(&wire.rows.0).map_err(malformed)?,
            rules: wire.rules.0,
            events: EventList::decode(&wire.events.0).map_err(malformed)?,
            manifest: wire.manifest,
            countersigned: wire.countersigned,
            notices: wire.notices.map(notices::of_wire).transpose()?,
        };
        if found.version() == version { Ok(found) } else { Err(malformed("another version")) }
    }

    /// Checks everything that can be checked; see [`Report::is_clean`].
    ///
    /// `keys` are the public keys of the operator, had by another way than this file; those named
    /// `<operator>` or `<operator>/…` count for what it signs alone; those named after a party to
    /// the agreement must have signed its version. `mine` are one's own events of the sources that
    /// one knows in full, in any order, events outside the period too: each is compared with the
    /// list, and where they cover every listed source, the account sums are posted again from
    /// them. They are held in memory.
    pub fn check(
        &self,
        keys: &[VerifierKey],
        mine: Option<&mut dyn Iterator<Item = MyEvent>>,
    ) -> Report {
        check::check(self, keys, mine)
    }
}
