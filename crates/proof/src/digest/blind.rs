//! The blind of a leaf: a keyed hash of the event's id, so that a leaf hash cannot be guessed
//! from an event that somebody supposes.

use super::lanes::{Message, Midstate, START, run, run_one, words_to_bytes};
use crate::sha_ni::compress_pair;

/// Ids whose inner states are held on the stack before the outer pass.
const CHUNK: usize = 32;
const BLIND_BYTES: usize = 16;

/// HMAC-SHA256 under one stream's key, with the key's two blocks already compressed.
pub struct BlindKey {
    inner: Midstate,
    outer: Midstate,
}

impl BlindKey {
    /// Prepares the key of one stream.
    pub fn new(stream_key: &[u8; 32]) -> Self {
        Self { inner: keyed(stream_key, 0x36), outer: keyed(stream_key, 0x5c) }
    }

    /// The first 16 bytes of HMAC-SHA256(stream key, id).
    pub fn blind(&self, id: &[u8]) -> [u8; 16] {
        let inner = run_one(&self.inner, Message { prefix: &[], data: id });
        let mut state = self.outer.words;
        sha2::block_api::compress256(&mut state, &[self.outer_block(&inner)]);
        shorten(&state)
    }

    /// [`BlindKey::blind`] of each id, appended to `out` in order, two at a time.
    pub fn blinds(&self, ids: &[&[u8]], out: &mut Vec<[u8; 16]>) {
        out.reserve(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut inner = [[0_u32; 8]; CHUNK];
            let messages = chunk.iter().map(|id| Message { prefix: &[], data: id });
            run(&self.inner, messages, |index, state| inner[index] = *state);
            let mut twos = inner[..chunk.len()].chunks_exact(2);
            for two in &mut twos {
                let (mut a, mut b) = (self.outer.words, self.outer.words);
                let (block_a, block_b) = (self.outer_block(&two[0]), self.outer_block(&two[1]));
                compress_pair(&mut a, &[block_a], &mut b, &[block_b]);
                out.extend([shorten(&a), shorten(&b)]);
            }
            for last in twos.remainder() {
                let mut state = self.outer.words;
                sha2::block_api::compress256(&mut state, &[self.outer_block(last)]);
                out.push(shorten(&state));
            }
        }
    }

    /// The inner hash, padded: the one block that the outer pass compresses.
    fn outer_block(&self, inner: &[u32; 8]) -> [u8; 64] {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&words_to_bytes(inner));
        block[32] = 0x80;
        block[56..].copy_from_slice(&((self.outer.bytes + 32) * 8).to_be_bytes());
        block
    }
}

fn keyed(stream_key: &[u8; 32], pad: u8) -> Midstate {
    let mut block = [pad; 64];
    for (byte, key) in block.iter_mut().zip(stream_key) {
        *byte ^= key;
    }
    let mut words = START.words;
    sha2::block_api::compress256(&mut words, &[block]);
    Midstate { words, bytes: 64 }
}

fn shorten(state: &[u32; 8]) -> [u8; 16] {
    let mut blind = [0; BLIND_BYTES];
    blind.copy_from_slice(&words_to_bytes(state)[..BLIND_BYTES]);
    blind
}
