//! Checking proofs, with nothing but the proof and the roots.

use thiserror::Error;

use crate::Hash;
use crate::digest::node_hash;
use crate::tree::{TileId, TileUnavailable, empty_root};

/// Why a proof could not be made, or does not hold.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum ProofError {
    /// `E6010`
    #[error("leaf {index} is not in a tree of {size} leaves")]
    IndexBeyondSize {
        /// Counted from 0.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// `E6011`
    #[error("a tree of {older} leaves cannot come before one of {newer}")]
    SizesOutOfOrder {
        /// Leaves of the tree that should come first.
        older: u64,
        /// Leaves of the tree that should come later.
        newer: u64,
    },
    /// `E6012`
    #[error("the proof has {found} hashes, which is not what these sizes need")]
    WrongLength {
        /// Hashes in the proof.
        found: usize,
    },
    /// `E6013`
    #[error("the proof leads to another root")]
    RootMismatch,
    /// `E6014`
    #[error("{id} could not be read")]
    TileUnavailable {
        /// Which tile.
        id: TileId,
        /// What its keeper said.
        #[source]
        cause: TileUnavailable,
    },
    /// `E6015`
    #[error("{id} has only {found} hashes")]
    TileTooShort {
        /// Which tile, with the width it should have.
        id: TileId,
        /// Hashes that were there.
        found: usize,
    },
}

impl ProofError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IndexBeyondSize { .. } => "E6010",
            Self::SizesOutOfOrder { .. } => "E6011",
            Self::WrongLength { .. } => "E6012",
            Self::RootMismatch => "E6013",
            Self::TileUnavailable { .. } => "E6014",
            Self::TileTooShort { .. } => "E6015",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// Whether `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: Hash,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondSize { index, size });
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = leaf;
    for step in proof {
        hash = match climb.next_side() {
            Some(Side::Left) => node_hash(*step, hash),
            Some(Side::Right) => node_hash(hash, *step),
            None => return Err(ProofError::WrongLength { found: proof.len() }),
        };
    }
    climb.end(proof, hash == root)
}

/// Whether the tree of `newer` leaves begins with the tree of `older` leaves.
///
/// The tree without leaves begins every tree: its proof is empty and its root is [`empty_root`].
pub fn verify_consistency(
    older: u64,
    newer: u64,
    older_root: Hash,
    newer_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if older > newer {
        return Err(ProofError::SizesOutOfOrder { older, newer });
    }
    if older == 0 || older == newer {
        let empty_holds = |size, root| size > 0 || root == empty_root();
        let holds = (older < newer || older_root == newer_root)
            && empty_holds(older, older_root)
            && empty_holds(newer, newer_root);
        return match (proof.is_empty(), holds) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::RootMismatch),
            (false, _) => Err(ProofError::WrongLength { found: proof.len() }),
        };
    }
    // An older tree that is perfect is itself the first hash, and is left out of the proof.
    let (start, steps) = match proof.split_first() {
        _ if older.is_power_of_two() => (older_root, proof),
        Some((first, steps)) => (*first, steps),
        None => return Err(ProofError::WrongLength { found: 0 }),
    };
    let skip = older.trailing_zeros();
    let mut climb = Climb { node: (older - 1) >> skip, last: (newer - 1) >> skip };
    let (mut older_hash, mut newer_hash) = (start, start);
    for step in steps {
        match climb.next_side() {
            Some(Side::Left) => {
                older_hash = node_hash(*step, older_hash);
                newer_hash = node_hash(*step, newer_hash);
            }
            Some(Side::Right) => newer_hash = node_hash(newer_hash, *step),
            None => return Err(ProofError::WrongLength { found: proof.len() }),
        }
    }
    climb.end(proof, older_hash == older_root && newer_hash == newer_root)
}

/// The way from a node to the root: its place at one height, and that of the right-most node.
struct Climb {
    node: u64,
    last: u64,
}

/// Where the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

impl Climb {
    /// Goes up past one hash of the proof; `None` where the root has already been reached.
    fn next_side(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node % 2 == 1 || self.node == self.last {
            // The right-most node has no sibling at the heights where its place is even.
            let alone = self.node.trailing_zeros();
            self.node >>= alone;
            self.last >>= alone;
            Side::Left
        } else {
            Side::Right
        };
        self.node /= 2;
        self.last /= 2;
        Some(side)
    }

    fn end(&self, proof: &[Hash], roots_agree: bool) -> Result<(), ProofError> {
        match (self.last, roots_agree) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::RootMismatch),
            _ => Err(ProofError::WrongLength { found: proof.len() }),
        }
    }
}
