//! Fast hashing, and the small tables that are found by it. Every table compares whole keys, so
//! a collision costs time and nothing else; seeds differ from process to process, so that nobody
//! can prepare collisions.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// No number: tables number from 0.
pub(super) const NONE: u32 = u32::MAX;

static SEEDS: LazyLock<[u64; 4]> = LazyLock::new(|| {
    let state = RandomState::new();
    [0u64, 1, 2, 3].map(|number| state.hash_one(number) | 1)
});

/// A seeded hash of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeded {
    seeds: [u64; 4],
}

impl Seeded {
    /// Hashes of one purpose.
    pub fn new(purpose: u64) -> Self {
        let mut seeds = *SEEDS;
        seeds[0] ^= purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { seeds }
    }

    /// The same, for keys that stand under `prefix`.
    pub fn under(mut self, prefix: &[u8]) -> Self {
        self.seeds[0] = self.hash(prefix);
        self
    }

    /// The hash of `bytes`.
    pub fn hash(&self, bytes: &[u8]) -> u64 {
        let [start, low, high, end] = self.seeds;
        let (chunks, rest) = bytes.as_chunks::<16>();
        let mut state = start;
        for chunk in chunks {
            let (a, b) = chunk.split_at(8);
            state = fold(word(a) ^ low, word(b) ^ state);
        }
        let (a, b) = last(rest);
        state = fold(a ^ high, b ^ state);
        fold(state ^ end, bytes.len() as u64 ^ low)
    }
}

/// Multiplies to 128 bits and folds the halves together.
#[allow(clippy::cast_possible_truncation)] // both halves are taken
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    wide as u64 ^ (wide >> 64) as u64
}

fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// Two words that hold every byte of fewer than 16.
fn last(bytes: &[u8]) -> (u64, u64) {
    let count = bytes.len();
    if count >= 8 {
        return (word(bytes), word(&bytes[count - 8..]));
    }
    if let (Some(a), Some(b)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return (u32::from_le_bytes(*a).into(), u32::from_le_bytes(*b).into());
    }
    match *bytes {
        [a, .., b] => (u64::from(a) << 8 | u64::from(bytes[count / 2]), b.into()),
        [a] => (a.into(), 0),
        [] => (0, 0),
    }
}

/// Whether two texts are the same: most are short, and a call costs more than comparing.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if a.len() < 16 {
        return last(a) == last(b);
    }
    a == b
}

/// Numbers texts in the order in which they come.
#[derive(Debug)]
pub(super) struct Interner {
    seeded: Seeded,
    slots: Vec<Slot>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

/// What tells a text: the whole of a short one, so that nothing else need be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    low: u64,
    high: u64,
    /// Its length, or [`LONG`] for one of which only the hash is here.
    length: u32,
}

/// A text of 16 bytes and more.
const LONG: u32 = u32::MAX;

/// A text, and the number after its own; 0 where nothing is.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    mark: Mark,
    after: u32,
}

impl Default for Interner {
    fn default() -> Self {
        Self { seeded: Seeded::new(9), slots: Vec::new(), ends: Vec::new(), bytes: Vec::new() }
    }
}

impl Interner {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number.
    pub fn get(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }

    /// The number of a text that came before.
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let (mut slot, mark) = self.place(text);
        loop {
            let found = self.slots[slot];
            if found.after == 0 {
                return None;
            }
            if found.mark == mark && (mark.length != LONG || self.get(found.after - 1) == text) {
                return Some(found.after - 1);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// The number of a text, which may be new.
    pub fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(number) = self.find(text) {
            return number;
        }
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        let after = u32::try_from(self.ends.len()).unwrap_or(NONE);
        if self.slots.len() < self.ends.len() * 2 {
            self.slots = vec![Slot::default(); (self.slots.len() * 2).max(16)];
            (1..=after).for_each(|after| self.put(after));
        } else {
            self.put(after);
        }
        after - 1
    }

    fn put(&mut self, after: u32) {
        let (mut slot, mark) = self.place(self.get(after - 1));
        while self.slots[slot].after != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = Slot { mark, after };
    }

    #[allow(clippy::cast_possible_truncation)] // bits are taken out of the hash
    fn place(&self, text: &[u8]) -> (usize, Mark) {
        let hash = self.seeded.hash(text);
        let mark = if text.len() < 16 {
            let (low, high) = last(text);
            Mark { low, high, length: text.len() as u32 }
        } else {
            Mark { low: hash, high: 0, length: LONG }
        };
        (hash as usize & (self.slots.len() - 1), mark)
    }
}

/// Values by pairs of numbers.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Both numbers and the value; [`NONE`] for the first where nothing is.
    slots: Vec<[u32; 3]>,
    used: usize,
}

impl Pairs {
    /// The value of a pair.
    pub fn find(&self, a: u32, b: u32) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut slot = self.place(a, b);
        loop {
            match self.slots[slot] {
                [x, y, value] if x == a && y == b => return Some(value),
                [NONE, ..] => return None,
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// Adds a pair that is not there.
    pub fn insert(&mut self, a: u32, b: u32, value: u32) {
        self.used += 1;
        if self.slots.len() < self.used * 2 {
            let larger = vec![[NONE; 3]; (self.slots.len() * 2).max(64)];
            let old = std::mem::replace(&mut self.slots, larger);
            old.into_iter().filter(|[a, ..]| *a != NONE).for_each(|[a, b, value]| {
                self.put(a, b, value);
            });
        }
        self.put(a, b, value);
    }

    fn put(&mut self, a: u32, b: u32, value: u32) {
        let mut slot = self.place(a, b);
        while self.slots[slot][0] != NONE {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = [a, b, value];
    }

    #[allow(clippy::cast_possible_truncation)] // bits are taken out of the product
    fn place(&self, a: u32, b: u32) -> usize {
        let both = u64::from(a) << 32 | u64::from(b);
        fold(both ^ 0x5bd1_e995_9d1b_4a2d, 0x9e37_79b9_7f4a_7c15) as usize & (self.slots.len() - 1)
    }
}

/// Values of one cache line: neighbouring second numbers stand together.
const BLOCK: u32 = 16;

/// Values by pairs of numbers, of which the second ones are dense and low ones are frequent.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    places: Pairs,
    blocks: Vec<[u32; BLOCK as usize]>,
}

impl Blocks {
    /// The value of a pair.
    pub fn find(&self, a: u32, b: u32) -> Option<u32> {
        let block = self.places.find(a, b / BLOCK)?;
        let value = self.blocks[block as usize][(b % BLOCK) as usize];
        (value != NONE).then_some(value)
    }

    /// The values of some pairs, [`NONE`] where there is none. They are looked up together, so that
    /// the waits for memory overlap.
    pub fn find_all(&self, pairs: &[(u32, u32)], values: &mut Vec<u32>) {
        values.clear();
        values.extend(pairs.iter().map(|(a, b)| self.places.find(*a, *b / BLOCK).unwrap_or(NONE)));
        for (value, (_, b)) in values.iter_mut().zip(pairs) {
            let block = self.blocks.get(*value as usize);
            *value = block.map_or(NONE, |block| block[(*b % BLOCK) as usize]);
        }
    }

    /// Adds a pair that is not there; its value is not [`NONE`].
    pub fn insert(&mut self, a: u32, b: u32, value: u32) {
        let block = self.places.find(a, b / BLOCK).unwrap_or_else(|| {
            let fresh = u32::try_from(self.blocks.len()).unwrap_or(NONE);
            self.blocks.push([NONE; BLOCK as usize]);
            self.places.insert(a, b / BLOCK, fresh);
            fresh
        });
        self.blocks[block as usize][(b % BLOCK) as usize] = value;
    }
}
