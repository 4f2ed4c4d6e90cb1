//! The proof file of one event: a small file that shows, without the operator's help, that the
//! operator counted exactly this event in its stream.
//!
//! ```json
//! {
//!   "saldo-proof": 1,
//!   "type": "event",
//!   "operator": "casino",
//!   "source": "studio-a",
//!   "id": "t-81",
//!   "event": "<base64 of the canonical event>",
//!   "pseudonyms": ["<base64 of 16 bytes>"],
//!   "placement": {
//!     "sequence": 12,
//!     "blind": "<base64 of 16 bytes>",
//!     "tree_size": 40,
//!     "inclusion": ["<base64 of a hash>"],
//!     "checkpoint": "casino/studio-a\n40\n…"
//!   }
//! }
//! ```

use ledger::{Decimal, EventView};
use serde::{Deserialize, Serialize};

use crate::Hash;
use crate::digest::content_hash;
use crate::file::{self, Blob, FileError, malformed};
use crate::leaf::{LeafData, PSEUDONYMS_MAX};
use crate::note::VerifierKey;
use crate::placement::{CheckError, Placement, PlacementWire};

const TYPE: &str = "event";

/// That one event is in its stream's tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventProof {
    /// The operator.
    pub operator: String,
    /// The feed it came by.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// The event's canonical bytes.
    pub canonical: Vec<u8>,
    /// As in the leaf: one for each personal dimension, in the book's order.
    pub pseudonyms: Vec<[u8; 16]>,
    /// Where it stands in the stream `<operator>/<source>`.
    pub placement: Placement,
}

/// What the file of an event shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventFacts {
    /// The operator.
    pub operator: String,
    /// The feed.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// When, nanoseconds UTC.
    pub occurred_at: i64,
    /// How much.
    pub amount: Option<Decimal>,
    /// Code of the asset.
    pub asset: Option<String>,
    /// Hash of the canonical event.
    pub content_hash: Hash,
    /// Its place in the stream, from 0.
    pub sequence: u64,
    /// Leaves of the signed tree.
    pub tree_size: u64,
    /// The signed root.
    pub root: Hash,
    /// Names of the keys that signed it.
    pub signers: Vec<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "saldo-proof")]
    version: u32,
    #[serde(rename = "type")]
    kind: String,
    operator: String,
    source: String,
    id: String,
    event: Blob,
    pseudonyms: Vec<Blob>,
    placement: PlacementWire,
}

impl EventProof {
    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        file::write(&Wire {
            version: file::VERSION,
            kind: TYPE.to_owned(),
            operator: self.operator.clone(),
            source: self.source.clone(),
            id: self.id.clone(),
            event: Blob(self.canonical.clone()),
            pseudonyms: self.pseudonyms.iter().map(|person| Blob(person.to_vec())).collect(),
            placement: self.placement.to_wire(),
        })
    }

    /// Reads exactly what [`EventProof::encode`] writes; says nothing yet about its truth.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let wire: Wire = file::read(bytes, TYPE)?;
        if wire.pseudonyms.len() > PSEUDONYMS_MAX {
            return Err(malformed("it has too many pseudonyms"));
        }
        Ok(Self {
            operator: wire.operator,
            source: wire.source,
            id: wire.id,
            canonical: wire.event.0,
            pseudonyms: wire.pseudonyms.iter().map(Blob::fixed).collect::<Result<_, _>>()?,
            placement: wire.placement.into_placement()?,
        })
    }

    /// Whether the operator, by one of `keys` named `<operator>` or `<operator>/…`, signed a tree
    /// that has this event.
    pub fn check(&self, keys: &[VerifierKey]) -> Result<EventFacts, CheckError> {
        let event = EventView::decode(&self.canonical).map_err(|_| CheckError::NotAnEvent)?;
        for (field, stated, found) in [
            ("operator", &self.operator, event.operator),
            ("source", &self.source, event.source),
            ("id", &self.id, event.id),
        ] {
            if stated != found {
                return Err(CheckError::OtherEvent { field });
            }
        }
        if self.pseudonyms.len() > PSEUDONYMS_MAX {
            return Err(CheckError::NotAnEvent);
        }
        let content_hash = content_hash(&self.canonical);
        let (pseudonyms, blind) = (self.pseudonyms.as_slice(), self.placement.blind);
        let mut data = Vec::new();
        LeafData { content_hash, pseudonyms, blind }.encode_into(&mut data);
        let placed = self.placement.verify(&data, (event.operator, event.source), keys)?;
        Ok(EventFacts {
            operator: event.operator.to_owned(),
            source: event.source.to_owned(),
            id: event.id.to_owned(),
            kind: event.kind.to_owned(),
            occurred_at: event.occurred_at,
            amount: event.amount,
            asset: event.asset.map(str::to_owned),
            content_hash,
            sequence: self.placement.sequence,
            tree_size: placed.checkpoint.size,
            root: placed.checkpoint.root,
            signers: placed.signers,
        })
    }
}
