//! Short records of keys and references, and the search among them for everything that is not
//! plain: sorted by key, nearly all prove to be one content that refers to nothing, or to
//! something plain that came before.

use super::hash::Seeded;
use super::origin::Origins;
use crate::port::Position;
use std::collections::{HashMap, HashSet};

/// Positions must fit the record.
pub(super) const POSITION_MAX: Position = 1 << (64 - TAG_BITS);
/// Numbers of sorts must fit the record.
pub(super) const SORT_MAX: u32 = 1 << (TAG_BITS - SORT_SHIFT);

const TAG_BITS: u32 = 24;
const SORT_SHIFT: u32 = 3;
const REFERS: u64 = 1;
const EXACT: u64 = 2;
const FIX: u64 = 4;
const BUCKET_BITS: u32 = 9;

/// Hashes keys and contents. A collision of keys is found by comparing what is stored, and one of
/// whole contents would show as a difference of the roads.
#[derive(Clone, Copy)]
pub(super) struct Hashes {
    keys: Seeded,
    contents: Seeded,
}

impl Hashes {
    /// Hashes event ids of one source.
    pub fn source(source: &[u8]) -> Self {
        Self { keys: Seeded::new(1).under(source), contents: Seeded::new(3) }
    }

    /// The key of an event id.
    pub fn id(&self, id: &[u8]) -> u64 {
        self.keys.hash(id)
    }

    /// The key of an unreadable row.
    pub fn unreadable(raw_hash: &[u8; 32]) -> u64 {
        Seeded::new(2).hash(raw_hash)
    }

    /// The hash of a content.
    pub fn content(&self, bytes: &[u8]) -> u64 {
        self.contents.hash(bytes)
    }
}

/// What a scan writes down of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyRecord {
    /// Hash of source and id.
    pub key: u64,
    /// Position, sort, and flags.
    place: u64,
    /// Hash of its bytes.
    content: u64,
}

/// What a record is, besides its sort.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    /// It refers to another event.
    pub refers: bool,
    /// It must be lived through whatever else is found.
    pub exact: bool,
    /// It is the corrected event of a command.
    pub fix: bool,
}

impl KeyRecord {
    pub fn new(key: u64, content: u64, position: Position, sort: u32, flags: Flags) -> Self {
        let flag = |set: bool, bit: u64| if set { bit } else { 0 };
        let flags = flag(flags.refers, REFERS) | flag(flags.exact, EXACT) | flag(flags.fix, FIX);
        let place = position << TAG_BITS | u64::from(sort) << SORT_SHIFT | flags;
        Self { key, place, content }
    }

    pub fn position(&self) -> Position {
        self.place >> TAG_BITS
    }

    /// The number of its sort.
    #[allow(clippy::cast_possible_truncation)] // 21 bits remain
    pub fn sort(&self) -> u32 {
        ((self.place & ((1 << TAG_BITS) - 1)) >> SORT_SHIFT) as u32
    }

    pub fn is_exact(&self) -> bool {
        self.place & EXACT != 0
    }

    pub fn is_fix(&self) -> bool {
        self.place & FIX != 0
    }

    fn refers(&self) -> bool {
        self.place & REFERS != 0
    }

    /// What the record says of the reference to `target`.
    pub fn reference(&self, target: u64) -> Reference {
        Reference { target, key: self.key, place: self.place }
    }
}

/// That a record refers to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    target: u64,
    key: u64,
    place: u64,
}

impl Reference {
    /// The record that refers, without its content.
    fn record(&self) -> KeyRecord {
        KeyRecord { key: self.key, place: self.place, content: 0 }
    }
}

/// What is put into a bucket by its hash.
pub(super) trait Hashed: Copy + Ord + Send {
    fn hash(&self) -> u64;
}

impl Hashed for KeyRecord {
    fn hash(&self) -> u64 {
        self.key
    }
}

impl Hashed for Reference {
    fn hash(&self) -> u64 {
        self.target
    }
}

/// Lists by the highest bits of the hash.
#[derive(Debug)]
pub(super) struct Buckets<T> {
    lists: Vec<Vec<T>>,
}

impl<T> Default for Buckets<T> {
    fn default() -> Self {
        Self { lists: (0..1 << BUCKET_BITS).map(|_| Vec::new()).collect() }
    }
}

impl<T: Hashed> Buckets<T> {
    /// With room for so many.
    pub fn with_room(items: usize) -> Self {
        // A little more than the average, so that few lists grow.
        let room =
            if items == 0 { 0 } else { (items >> BUCKET_BITS) + (items >> (BUCKET_BITS + 5)) + 8 };
        Self { lists: (0..1 << BUCKET_BITS).map(|_| Vec::with_capacity(room)).collect() }
    }

    pub fn push(&mut self, item: T) {
        self.lists[bucket_of(item.hash())].push(item);
    }
}

#[allow(clippy::cast_possible_truncation)] // 9 bits remain
fn bucket_of(hash: u64) -> usize {
    (hash >> (64 - BUCKET_BITS)) as usize
}

/// What is not plain.
#[derive(Debug, Default)]
pub(super) struct Exceptions {
    /// Keys that must be lived through.
    pub exact: Vec<u64>,
    /// Records that repeat an earlier one of the same content.
    pub repeats: Vec<KeyRecord>,
}

/// One bucket of every thread's scan.
#[derive(Default)]
struct Share {
    keys: Vec<KeyRecord>,
    more_keys: Vec<Vec<KeyRecord>>,
    references: Vec<Vec<Reference>>,
}

/// Sorts the keys that the threads of a scan found and lists what is not plain.
pub(super) fn examine(
    keys: Vec<Buckets<KeyRecord>>,
    references: Vec<Buckets<Reference>>,
    origins: &Origins<'_>,
    named: &Named,
    threads: usize,
) -> (Buckets<KeyRecord>, Exceptions) {
    let mut shares: Vec<Share> = (0..1 << BUCKET_BITS).map(|_| Share::default()).collect();
    for buckets in keys {
        shares.iter_mut().zip(buckets.lists).for_each(|(share, list)| share.more_keys.push(list));
    }
    for buckets in references {
        shares.iter_mut().zip(buckets.lists).for_each(|(share, list)| share.references.push(list));
    }
    let mut all = Exceptions::default();
    let valid = &origins.valid_sorts()[..];
    std::thread::scope(|scope| {
        let part = shares.len().div_ceil(threads.max(1));
        let workers: Vec<_> = shares
            .chunks_mut(part)
            .map(|shares| scope.spawn(move || examine_shares(shares, origins, valid, named)))
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(Exceptions { exact, repeats }) => {
                    all.exact.extend(exact);
                    all.repeats.extend(repeats);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    (Buckets { lists: shares.into_iter().map(|share| share.keys).collect() }, all)
}

fn examine_shares(
    shares: &mut [Share],
    origins: &Origins<'_>,
    valid: &[bool],
    named: &Named,
) -> Exceptions {
    let (allowed, found) = (HashMap::new(), Exceptions::default());
    let last = (u32::MAX, u32::MAX, false);
    let mut search = Search { origins, valid, named, allowed, last, found };
    for share in shares {
        share.keys = gathered(std::mem::take(&mut share.more_keys));
        let references = gathered(std::mem::take(&mut share.references));
        search.keys(&share.keys);
        search.references(&share.keys, &references);
    }
    search.found
}

/// All items of several lists of one bucket, sorted: spread by the next bits of their hashes, of
/// which nearly every value has a few items only.
fn gathered<T: Hashed>(lists: Vec<Vec<T>>) -> Vec<T> {
    let count: usize = lists.iter().map(Vec::len).sum();
    let Some(first) = lists.iter().find_map(|list| list.first()).copied() else {
        return Vec::new();
    };
    let bits = (count.ilog2()).clamp(1, 16);
    let group = |item: &T| group_of(item.hash(), bits);
    let mut ends = vec![0u32; 1 << bits];
    lists.iter().flatten().for_each(|item| ends[group(item)] += 1);
    let mut start = 0;
    for end in &mut ends {
        (*end, start) = (start, start + *end);
    }
    let mut all = vec![first; count];
    for item in lists.iter().flatten() {
        let end = &mut ends[group(item)];
        all[*end as usize] = *item;
        *end += 1;
    }
    drop(lists);
    let mut start = 0;
    for end in ends {
        let end = end as usize;
        if end - start > 1 {
            all[start..end].sort_unstable();
        }
        start = end;
    }
    all
}

#[allow(clippy::cast_possible_truncation)] // at most 16 bits remain
fn group_of(hash: u64, bits: u32) -> usize {
    (hash << BUCKET_BITS >> (64 - bits)) as usize
}

struct Search<'a> {
    origins: &'a Origins<'a>,
    /// By number of sort: whether it stands for valid events.
    valid: &'a [bool],
    named: &'a Named,
    allowed: HashMap<(u32, u32), bool>,
    /// The last two numbers of sorts compared, and whether the one may refer to the other.
    last: (u32, u32, bool),
    found: Exceptions,
}

impl Search<'_> {
    /// Lists the keys that are not plain, and the repeats of those that are.
    fn keys(&mut self, keys: &[KeyRecord]) {
        for group in keys.chunk_by(|a, b| a.key == b.key) {
            if let [only] = group
                && !only.is_exact()
                && !self.named.contains(only.position())
            {
                continue;
            }
            if self.is_exact(group) {
                self.found.exact.push(group[0].key);
            } else {
                self.found.repeats.extend_from_slice(&group[1..]);
            }
        }
    }

    fn is_exact(&self, group: &[KeyRecord]) -> bool {
        let first = &group[0];
        let is_valid = |record: &KeyRecord| self.valid[record.sort() as usize];
        let differs = |record: &KeyRecord| {
            record.content != first.content || is_valid(record) != is_valid(first)
        };
        group.iter().any(|record| {
            record.is_exact() || differs(record) || self.named.contains(record.position())
        })
    }

    /// Lists the keys whose reference does not lead to something plain that came before.
    fn references(&mut self, keys: &[KeyRecord], references: &[Reference]) {
        let mut rest = keys;
        for reference in references {
            let (target, record) = (&reference.target, reference.record());
            let before = rest.iter().position(|key| key.key >= *target);
            rest = before.map_or(&[][..], |before| &rest[before..]);
            let end = rest.iter().position(|key| key.key != *target).unwrap_or(rest.len());
            if !record.is_exact() && !self.leads_to(&record, &rest[..end]) {
                self.found.exact.push(record.key);
            }
        }
    }

    fn leads_to(&mut self, record: &KeyRecord, target: &[KeyRecord]) -> bool {
        let Some(first) = target.first() else { return false };
        let came_before = first.position() < record.position();
        if !came_before || first.refers() || self.is_exact(target) {
            return false;
        }
        let (own, other) = (record.sort(), first.sort());
        if (self.last.0, self.last.1) != (own, other) {
            let origins = self.origins;
            let may_refer = || origins.may_refer(own, other);
            self.last = (own, other, *self.allowed.entry((own, other)).or_insert_with(may_refer));
        }
        self.last.2
    }
}

/// Every record of the given keys (ascending), in order of position.
pub(super) fn of_keys(buckets: &Buckets<KeyRecord>, keys: &[u64]) -> Vec<KeyRecord> {
    let mut found = Vec::new();
    for key in keys {
        let list = &buckets.lists[bucket_of(*key)];
        let start = list.partition_point(|record| record.key < *key);
        found.extend(list[start..].iter().take_while(|record| record.key == *key));
    }
    found.sort_unstable_by_key(KeyRecord::position);
    found
}

/// Positions of the records that commands change, with a quick way to say that one is not.
#[derive(Default)]
pub(super) struct Named {
    positions: HashSet<Position>,
    /// One bit for each of many remainders of positions.
    bits: Vec<u64>,
}

impl Named {
    pub fn new(positions: HashSet<Position>) -> Self {
        if positions.is_empty() {
            return Self::default();
        }
        let mut bits = vec![0; positions.len().next_power_of_two()];
        for position in &positions {
            let (word, bit) = place_in(&bits, *position);
            bits[word] |= bit;
        }
        Self { positions, bits }
    }

    fn contains(&self, position: Position) -> bool {
        if self.bits.is_empty() {
            return false;
        }
        let (word, bit) = place_in(&self.bits, position);
        self.bits[word] & bit != 0 && self.positions.contains(&position)
    }
}

#[allow(clippy::cast_possible_truncation)] // the remainder is a place in the list
fn place_in(bits: &[u64], position: Position) -> (usize, u64) {
    // A power of two of them.
    let word = (position >> 6) as usize & (bits.len() - 1);
    (word, 1 << (position & 63))
}
