//! The memory half of the index: open-addressing tables of 8-byte entries, each a fingerprint and
//! a position.
//!
//! A hash gives a shard (top 10 bits), then a fingerprint (next 28). The home of an entry grows
//! with its fingerprint and entries are kept sorted, so a shard is a sorted array with gaps:
//! looking up stops at the first greater entry, growing copies in one pass, and no hash is needed
//! again. Shards grow one at a time by a third, which bounds both pause and memory.

use crate::store::limits::POSITION_BITS;
use engine::port::Position;

const SHARD_BITS: u32 = 10;
/// Shards of a table.
pub const SHARDS: usize = 1 << SHARD_BITS;
const PRINT_BITS: u32 = 64 - POSITION_BITS;
const POSITION_MASK: u64 = (1 << POSITION_BITS) - 1;
const EMPTY: u64 = u64::MAX;
const HOMES_MIN: usize = 16;
/// Keys whose first places are read before any is compared: enough to overlap cache misses.
const GROUP: usize = 32;

struct Shard {
    /// Sorted but for empty places between; the last one is always empty.
    slots: Vec<u64>,
    /// Number of home places: what is behind them holds entries that were pushed on.
    homes: usize,
    used: usize,
}

/// Fingerprints and positions of every resident key.
pub struct Table {
    shards: Vec<Shard>,
    slots: usize,
    /// Entries below this position are of runs that are asked on disk: they count as absent.
    floor: Position,
    /// Shards from here on may still hold entries below the floor.
    purge_from: usize,
}

#[allow(clippy::cast_possible_truncation)] // at most 10 bits
fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

fn print_of(hash: u64) -> u64 {
    (hash >> (64 - SHARD_BITS - PRINT_BITS)) & ((1 << PRINT_BITS) - 1)
}

#[allow(clippy::cast_possible_truncation)] // below `homes`
fn home_of(print: u64, homes: usize) -> usize {
    ((print * homes as u64) >> PRINT_BITS) as usize
}

impl Shard {
    fn new() -> Self {
        Self { slots: vec![EMPTY; HOMES_MIN + 1], homes: HOMES_MIN, used: 0 }
    }

    /// Inserts in order, pushing greater entries on to the next empty place.
    fn insert(&mut self, entry: u64) {
        let mut at = home_of(entry >> POSITION_BITS, self.homes);
        while self.slots[at] < entry {
            at += 1;
        }
        let mut pushed = entry;
        while pushed != EMPTY {
            std::mem::swap(&mut self.slots[at], &mut pushed);
            at += 1;
            if at == self.slots.len() {
                self.slots.push(EMPTY);
            }
        }
        self.used += 1;
    }

    /// Copies what is at or above `floor` to a new array of `homes` home places.
    fn rebuild(&mut self, homes: usize, floor: Position) {
        let mut slots = Vec::with_capacity(homes + homes / 64 + 8);
        let mut used = 0;
        for &entry in &self.slots {
            if entry == EMPTY || entry & POSITION_MASK < floor {
                continue;
            }
            let home = home_of(entry >> POSITION_BITS, homes);
            if slots.len() < home {
                slots.resize(home, EMPTY);
            }
            slots.push(entry);
            used += 1;
        }
        slots.resize(slots.len().max(homes) + 1, EMPTY);
        *self = Self { slots, homes, used };
    }

    fn is_full(&self) -> bool {
        self.used * 4 >= self.homes * 3
    }

    fn grow(&mut self, floor: Position) {
        let live = self.slots.iter().filter(|&&e| e != EMPTY && e & POSITION_MASK >= floor).count();
        self.rebuild(homes_for(live, self.homes), floor);
    }
}

/// Home places for `live` entries: a third more than now when they fill it, never more than
/// twice as many as entries.
fn homes_for(live: usize, now: usize) -> usize {
    if live * 4 >= now * 3 { now + now / 3 + 1 } else { (live * 2).max(HOMES_MIN).min(now) }
}

impl Table {
    /// An empty table with room for `keys`.
    pub fn with_room_for(keys: usize) -> Self {
        let homes = (keys / SHARDS * 4 / 3).max(HOMES_MIN);
        let shard = |_| {
            let mut shard = Shard::new();
            shard.rebuild(homes, 0);
            shard
        };
        let shards: Vec<_> = (0..SHARDS).map(shard).collect();
        let slots = shards.iter().map(|shard| shard.slots.capacity()).sum();
        Self { shards, slots, floor: 0, purge_from: SHARDS }
    }

    /// Bytes of all places.
    pub fn bytes(&self) -> usize {
        self.slots * size_of::<u64>()
    }

    /// Entries below this position count as absent.
    pub fn floor(&self) -> Position {
        self.floor
    }

    /// Adds keys; positions must be below `POSITION_END`.
    pub fn insert(&mut self, keys: &[(u64, Position)]) {
        for group in keys.chunks(GROUP) {
            let mut touched = 0;
            for &(hash, _) in group {
                let shard = &self.shards[shard_of(hash)];
                touched ^= shard.slots[home_of(print_of(hash), shard.homes)];
            }
            // Keeps the reads above: they overlap the cache misses of the group.
            std::hint::black_box(touched);
            for &(hash, position) in group {
                let shard = &mut self.shards[shard_of(hash)];
                // Before the insert: entries that stand past the last home make it longer too.
                let before = shard.slots.capacity();
                shard.insert(print_of(hash) << POSITION_BITS | position);
                if shard.is_full() {
                    shard.grow(self.floor);
                }
                self.slots = self.slots + shard.slots.capacity() - before;
            }
        }
    }

    /// Appends (place in `hashes`, position) of every entry with the fingerprint of a hash.
    pub fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) {
        let mut homes = [0; GROUP];
        let mut firsts = [0; GROUP];
        let mut number = 0;
        for group in hashes.chunks(GROUP) {
            for (at, &hash) in group.iter().enumerate() {
                let shard = &self.shards[shard_of(hash)];
                homes[at] = home_of(print_of(hash), shard.homes);
                firsts[at] = shard.slots[homes[at]];
            }
            for (at, &hash) in group.iter().enumerate() {
                let low = print_of(hash) << POSITION_BITS;
                if firsts[at] <= low | POSITION_MASK {
                    self.walk(hash, homes[at], |position| found.push((number, position)));
                }
                number += 1;
            }
        }
    }

    fn walk(&self, hash: u64, home: usize, mut visit: impl FnMut(Position)) {
        let low = print_of(hash) << POSITION_BITS;
        let slots = &self.shards[shard_of(hash)].slots;
        // Entries are greater than `low` from some place on, at the latest the empty last one.
        let above = slots[home..].iter().skip_while(|&&entry| entry < low);
        for &entry in above.take_while(|&&entry| entry <= low | POSITION_MASK && entry != EMPTY) {
            let position = entry & POSITION_MASK;
            if position >= self.floor {
                visit(position);
            }
        }
    }

    /// Forgets every entry below `floor`: at once for who looks, piece by piece in memory.
    pub fn raise_floor(&mut self, floor: Position) {
        if floor > self.floor {
            self.floor = floor;
            self.purge_from = 0;
        }
    }

    /// Frees the memory of forgotten entries in up to `shards` shards.
    pub fn purge(&mut self, shards: usize) {
        let end = (self.purge_from + shards).min(SHARDS);
        for shard in &mut self.shards[self.purge_from..end] {
            let before = shard.slots.capacity();
            shard.grow(self.floor);
            self.slots = self.slots + shard.slots.capacity() - before;
        }
        self.purge_from = end;
    }

    /// Whether forgotten entries still take memory.
    pub fn is_purging(&self) -> bool {
        self.purge_from < SHARDS
    }
}
