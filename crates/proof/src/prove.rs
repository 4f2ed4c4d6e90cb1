//! Making proofs out of tiles.

use crate::tree::{SpanReader, TileSource, split};
use crate::{Hash, ProofError};

/// The hashes that lead from the leaf at `index` to the root of the first `size` leaves, lowest
/// first (RFC 6962 section 2.1.1).
pub fn inclusion_proof(
    index: u64,
    size: u64,
    tiles: &impl TileSource,
) -> Result<Vec<Hash>, ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondSize { index, size });
    }
    let mut reader = SpanReader::new(tiles, size);
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(reader.root(middle, to)?);
            to = middle;
        } else {
            proof.push(reader.root(from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that show the first `older` of `newer` leaves unchanged (RFC 6962 section 2.1.2).
/// Empty where `older` is 0 or equals `newer`.
pub fn consistency_proof(
    older: u64,
    newer: u64,
    tiles: &impl TileSource,
) -> Result<Vec<Hash>, ProofError> {
    if older > newer {
        return Err(ProofError::SizesOutOfOrder { older, newer });
    }
    if older == 0 {
        return Ok(Vec::new());
    }
    let mut reader = SpanReader::new(tiles, newer);
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, newer);
    while older < to {
        let middle = from + split(to - from);
        if older <= middle {
            proof.push(reader.root(middle, to)?);
            to = middle;
        } else {
            proof.push(reader.root(from, middle)?);
            from = middle;
        }
    }
    // What remains ends at the older size; its root is known to the verifier if it begins at 0.
    if from > 0 {
        proof.push(reader.root(from, to)?);
    }
    proof.reverse();
    Ok(proof)
}
