//! Two lanes through SHA-256: messages of any length, padded on the stack, a lane that runs dry
//! takes the next message while the other goes on.

use std::ops::Range;

use crate::sha_ni::compress_pair;

/// Blocks that a lane prepares at a time; an event of usual size fits at once.
const BLOCKS: usize = 8;
const BLOCK_BYTES: usize = 64;
const LENGTH_BYTES: usize = 8;

/// A SHA-256 state, and how many bytes led to it.
pub(super) struct Midstate {
    pub(super) words: [u32; 8],
    pub(super) bytes: u64,
}

/// Where every SHA-256 begins.
pub(super) const START: Midstate = Midstate {
    words: [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ],
    bytes: 0,
};

/// What one hash covers: a short prefix, then the data.
#[derive(Copy, Clone)]
pub(super) struct Message<'a> {
    pub(super) prefix: &'static [u8],
    pub(super) data: &'a [u8],
}

/// How far a lane has prepared its message.
#[derive(Copy, Clone, Eq, PartialEq)]
enum Phase {
    Data,
    Length,
    Ended,
}

struct Lane<'a> {
    index: usize,
    state: [u32; 8],
    blocks: [[u8; BLOCK_BYTES]; BLOCKS],
    ready: Range<usize>,
    rest: &'a [u8],
    total_bits: u64,
    phase: Phase,
}

impl<'a> Lane<'a> {
    fn idle() -> Self {
        Self {
            index: 0,
            state: START.words,
            blocks: [[0; BLOCK_BYTES]; BLOCKS],
            ready: 0..0,
            rest: &[],
            total_bits: 0,
            phase: Phase::Ended,
        }
    }

    fn start(&mut self, index: usize, from: &Midstate, message: Message<'a>) {
        let bytes = from.bytes + message.prefix.len() as u64 + message.data.len() as u64;
        self.index = index;
        self.state = from.words;
        self.rest = message.data;
        self.total_bits = bytes * 8;
        self.phase = Phase::Data;
        self.prepare(message.prefix);
    }

    /// Fills the blocks with what comes next: prefix, data, then the padding of SHA-256.
    fn prepare(&mut self, prefix: &[u8]) {
        let bytes = self.blocks.as_flattened_mut();
        let mut at = prefix.len();
        bytes[..at].copy_from_slice(prefix);
        if self.phase == Phase::Data {
            let (now, later) = self.rest.split_at(self.rest.len().min(bytes.len() - at));
            bytes[at..at + now.len()].copy_from_slice(now);
            at += now.len();
            self.rest = later;
            if at < bytes.len() {
                bytes[at] = 0x80;
                at += 1;
                self.phase = Phase::Length;
            }
        }
        if self.phase == Phase::Length && at + LENGTH_BYTES <= bytes.len() {
            let end = (at + LENGTH_BYTES).next_multiple_of(BLOCK_BYTES);
            bytes[at..end - LENGTH_BYTES].fill(0);
            bytes[end - LENGTH_BYTES..end].copy_from_slice(&self.total_bits.to_be_bytes());
            at = end;
            self.phase = Phase::Ended;
        } else {
            bytes[at..].fill(0);
            at = bytes.len();
        }
        self.ready = 0..at / BLOCK_BYTES;
    }

    /// Marks `count` blocks as done; true when the message is finished.
    fn advance(&mut self, count: usize) -> bool {
        self.ready.start += count;
        if !self.ready.is_empty() {
            return false;
        }
        if self.phase == Phase::Ended {
            return true;
        }
        self.prepare(&[]);
        false
    }

    fn finish_alone(&mut self) {
        loop {
            let count = self.ready.len();
            sha2::block_api::compress256(&mut self.state, &self.blocks[self.ready.clone()]);
            if self.advance(count) {
                return;
            }
        }
    }
}

/// One message through the library's compression.
pub(super) fn run_one(from: &Midstate, message: Message<'_>) -> [u32; 8] {
    let mut lane = Lane::idle();
    lane.start(0, from, message);
    lane.finish_alone();
    lane.state
}

/// Every message, two at a time. `done` receives the place of a message and its final state, not
/// always in the order of the messages.
pub(super) fn run<'a>(
    from: &Midstate,
    messages: impl Iterator<Item = Message<'a>>,
    mut done: impl FnMut(usize, &[u32; 8]),
) {
    let mut messages = messages.enumerate();
    let (mut a, mut b) = (Lane::idle(), Lane::idle());
    let mut fill = |lane: &mut Lane<'a>| match messages.next() {
        Some((index, message)) => {
            lane.start(index, from, message);
            true
        }
        None => false,
    };
    let (mut a_runs, mut b_runs) = (fill(&mut a), fill(&mut b));
    while a_runs && b_runs {
        let count = a.ready.len().min(b.ready.len());
        compress_pair(
            &mut a.state,
            &a.blocks[a.ready.start..][..count],
            &mut b.state,
            &b.blocks[b.ready.start..][..count],
        );
        if a.advance(count) {
            done(a.index, &a.state);
            a_runs = fill(&mut a);
        }
        if b.advance(count) {
            done(b.index, &b.state);
            b_runs = fill(&mut b);
        }
    }
    for (lane, runs) in [(&mut a, a_runs), (&mut b, b_runs)] {
        if runs {
            lane.finish_alone();
            done(lane.index, &lane.state);
        }
    }
}

/// A final state as the 32 bytes of the hash.
pub(super) fn words_to_bytes(words: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (four, word) in bytes.chunks_exact_mut(4).zip(words) {
        four.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}
