//! Where a record stands in a stream's tree, and the signed head that shows it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::digest::leaf_hash;
use crate::file::{Blob, FileError, blobs, hashes};
use crate::note::{SignedNote, VerifierKey};
use crate::{Hash, ProofError, verify_inclusion};

/// The place of one leaf, and the way from it to a signed root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placement {
    /// The leaf's sequence in its stream, from 0.
    pub sequence: u64,
    /// The leaf's blind.
    pub blind: [u8; 16],
    /// Leaves of the tree that the proof is made for: the size in the checkpoint.
    pub tree_size: u64,
    /// From the leaf up to the root.
    pub inclusion: Vec<Hash>,
    /// The stream's checkpoint, as a signed note.
    pub checkpoint: String,
}

/// What a placement shows once it was checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placed {
    /// The signed head.
    pub checkpoint: Checkpoint,
    /// Names of the keys that signed it.
    pub signers: Vec<String>,
}

/// Why a record is not shown to be in its stream.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum CheckError {
    /// `E6060`
    #[error("the bytes are not a canonical event")]
    NotAnEvent,
    /// `E6061`
    #[error("the file's {field} is not that of its event")]
    OtherEvent {
        /// `operator`, `source` or `id`.
        field: &'static str,
    },
    /// `E6062`
    #[error("the file is for a tree of {stated} leaves, its checkpoint for one of {signed}")]
    OtherSize {
        /// In the file.
        stated: u64,
        /// In the checkpoint.
        signed: u64,
    },
    /// `E6040` to `E6042`, or the note's own: `E6030` to `E6036`
    #[error("the checkpoint of {origin:?} cannot be trusted")]
    Checkpoint {
        /// The stream.
        origin: String,
        /// Why.
        #[source]
        cause: CheckpointError,
    },
    /// `E6010` to `E6013`
    #[error("the record is not shown to be in the stream")]
    Inclusion(#[from] ProofError),
}

impl CheckError {
    /// The stable code: that of the cause, where there is one.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnEvent => "E6060",
            Self::OtherEvent { .. } => "E6061",
            Self::OtherSize { .. } => "E6062",
            Self::Checkpoint { cause: CheckpointError::Note(note), .. } => note.code(),
            Self::Checkpoint { cause, .. } => cause.code(),
            Self::Inclusion(cause) => cause.code(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// The keys among `keys` that may speak for an operator: those named `<operator>` or
/// `<operator>/…`. A witness signs in addition, never instead.
pub(crate) fn keys_of(operator: &str, keys: &[VerifierKey]) -> Vec<VerifierKey> {
    let speaks = |key: &&VerifierKey| {
        let rest = key.name().strip_prefix(operator);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    keys.iter().filter(speaks).cloned().collect()
}

impl Placement {
    /// Whether this leaf data stands at its place in the stream `<operator>/<source>`, under a
    /// root that one of the operator's `keys` signed.
    pub fn verify(
        &self,
        leaf_data: &[u8],
        (operator, source): (&str, &str),
        keys: &[VerifierKey],
    ) -> Result<Placed, CheckError> {
        let origin = crate::checkpoint::stream_origin(operator, source);
        let keys = keys_of(operator, keys);
        let note = self.checkpoint.as_bytes();
        let open = || {
            let checkpoint = Checkpoint::open(note, &origin, &keys)?;
            let parsed = SignedNote::parse(note)?;
            let signers = parsed.verify(&keys)?.iter().map(|key| key.name().to_owned()).collect();
            Ok(Placed { checkpoint, signers })
        };
        let placed =
            open().map_err(|cause| CheckError::Checkpoint { origin: origin.clone(), cause })?;
        let signed = placed.checkpoint.size;
        if signed != self.tree_size {
            return Err(CheckError::OtherSize { stated: self.tree_size, signed });
        }
        let (leaf, root) = (leaf_hash(leaf_data), placed.checkpoint.root);
        verify_inclusion(self.sequence, signed, leaf, &self.inclusion, root)?;
        Ok(placed)
    }

    pub(crate) fn to_wire(&self) -> PlacementWire {
        PlacementWire {
            sequence: self.sequence,
            blind: Blob(self.blind.to_vec()),
            tree_size: self.tree_size,
            inclusion: blobs(&self.inclusion),
            checkpoint: self.checkpoint.clone(),
        }
    }
}

/// A placement as files write it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlacementWire {
    sequence: u64,
    blind: Blob,
    tree_size: u64,
    inclusion: Vec<Blob>,
    checkpoint: String,
}

impl PlacementWire {
    pub(crate) fn into_placement(self) -> Result<Placement, FileError> {
        Ok(Placement {
            sequence: self.sequence,
            blind: self.blind.fixed()?,
            tree_size: self.tree_size,
            inclusion: hashes(&self.inclusion)?,
            checkpoint: self.checkpoint,
        })
    }
}
