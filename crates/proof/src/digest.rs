//! Every hash that Saldo's proofs stand on, each with its batch form.
//!
//! | name | what is hashed with SHA-256 |
//! |---|---|
//! | content hash | `saldo.event.v1`, a zero byte, the canonical event |
//! | leaf hash | `00`, the leaf data (RFC 6962) |
//! | node hash | `01`, the left hash, the right hash (RFC 6962) |
//! | blind | HMAC-SHA256 of the id under the stream's key, its first 16 bytes |
//!
//! The batch forms run two messages through the processor at once, allocate nothing per message,
//! and append their results to `out` in the order of the input.

mod blind;
mod lanes;

pub use blind::BlindKey;

use crate::Hash;
use crate::sha_ni::compress_pair;
use lanes::{Message, START, words_to_bytes};

/// Parts the content hash of an event from every other use of SHA-256.
const CONTENT_PREFIX: &[u8] = b"saldo.event.v1\0";
const LEAF_PREFIX: &[u8] = &[0x00];
const NODE_PREFIX: u8 = 0x01;

/// Plain SHA-256.
pub fn sha256(data: &[u8]) -> Hash {
    prefixed(&[], data)
}

/// The hash of an event's canonical bytes, by which two events are the same or a contest.
pub fn content_hash(canonical: &[u8]) -> Hash {
    prefixed(CONTENT_PREFIX, canonical)
}

/// [`content_hash`] of each message, appended to `out` in order.
pub fn content_hashes(canonicals: &[&[u8]], out: &mut Vec<Hash>) {
    prefixed_many(CONTENT_PREFIX, canonicals, out);
}

/// The tree's hash of leaf data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    prefixed(LEAF_PREFIX, data)
}

/// [`leaf_hash`] of each message, appended to `out` in order.
pub fn leaf_hashes(datas: &[&[u8]], out: &mut Vec<Hash>) {
    prefixed_many(LEAF_PREFIX, datas, out);
}

/// The tree's hash of two children.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let mut state = START.words;
    sha2::block_api::compress256(&mut state, &node_blocks(left, right));
    Hash(words_to_bytes(&state))
}

/// [`node_hash`] of each pair, appended to `out` in order.
pub fn node_hashes(pairs: &[(Hash, Hash)], out: &mut Vec<Hash>) {
    let mut twos = pairs.chunks_exact(2);
    out.reserve(pairs.len());
    for two in &mut twos {
        out.extend(two_nodes(two[0], two[1]));
    }
    out.extend(twos.remainder().iter().map(|(left, right)| node_hash(*left, *right)));
}

/// Replaces a level of a tree by the one above it; an odd last hash is dropped.
pub(crate) fn parents(level: &mut Vec<Hash>) {
    let count = level.len() / 2;
    let mut done = 0;
    while done + 1 < count {
        let at = done * 2;
        let two = two_nodes((level[at], level[at + 1]), (level[at + 2], level[at + 3]));
        level[done..done + 2].copy_from_slice(&two);
        done += 2;
    }
    if done < count {
        level[done] = node_hash(level[done * 2], level[done * 2 + 1]);
    }
    level.truncate(count);
}

fn two_nodes(a: (Hash, Hash), b: (Hash, Hash)) -> [Hash; 2] {
    let (mut state_a, mut state_b) = (START.words, START.words);
    let (blocks_a, blocks_b) = (node_blocks(a.0, a.1), node_blocks(b.0, b.1));
    compress_pair(&mut state_a, &blocks_a, &mut state_b, &blocks_b);
    [Hash(words_to_bytes(&state_a)), Hash(words_to_bytes(&state_b))]
}

/// The 65 bytes of an interior node, padded: always two blocks.
fn node_blocks(left: Hash, right: Hash) -> [[u8; 64]; 2] {
    let mut blocks = [[0; 64]; 2];
    blocks[0][0] = NODE_PREFIX;
    blocks[0][1..33].copy_from_slice(&left.0);
    blocks[0][33..].copy_from_slice(&right.0[..31]);
    blocks[1][0] = right.0[31];
    blocks[1][1] = 0x80;
    blocks[1][56..].copy_from_slice(&(65_u64 * 8).to_be_bytes());
    blocks
}

fn prefixed(prefix: &'static [u8], data: &[u8]) -> Hash {
    Hash(words_to_bytes(&lanes::run_one(&START, Message { prefix, data })))
}

fn prefixed_many(prefix: &'static [u8], datas: &[&[u8]], out: &mut Vec<Hash>) {
    let base = out.len();
    out.resize(base + datas.len(), Hash::ZERO);
    let hashes = &mut out[base..];
    let messages = datas.iter().map(|data| Message { prefix, data });
    lanes::run(&START, messages, |index, state| hashes[index] = Hash(words_to_bytes(state)));
}
