//! Short records of keys and references, and the search among them for everything that is not
//! plain: sorted by key, nearly all prove to be one content that refers to nothing, or to
//! something plain that came before.

use super::origin::Origins;
use crate::port::Position;
use siphasher::sip::SipHasher13;
use std::collections::{HashMap, HashSet};
use std::hash::Hasher;

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

/// Hashes keys and contents. The key of the hash is no secret: a collision of keys is found by
/// comparing what is stored, and one of whole contents would show as a difference of the roads.
#[derive(Clone, Copy)]
pub(super) struct Hashes {
    seeded: SipHasher13,
}

impl Hashes {
    const fn words(space: u64) -> (u64, u64) {
        (0x5361_6c64_6f20_6261 ^ space, 0x7463_6820_726f_6164 ^ space)
    }

    /// Hashes event ids of one source.
    pub fn source(source: &str) -> Self {
        let (a, b) = Self::words(1);
        let mut seeded = SipHasher13::new_with_keys(a, b);
        seeded.write(source.as_bytes());
        seeded.write(&[0xff]);
        Self { seeded }
    }

    /// The key of an event id.
    pub fn id(&self, id: &str) -> u64 {
        let mut hasher = self.seeded;
        hasher.write(id.as_bytes());
        hasher.finish()
    }

    /// The key of an unreadable row.
    pub fn unreadable(raw_hash: &[u8; 32]) -> u64 {
        let (a, b) = Self::words(2);
        SipHasher13::new_with_keys(a, b).hash(raw_hash)
    }

    /// The hash of a content.
    pub fn content(bytes: &[u8]) -> u64 {
        let (a, b) = Self::words(3);
        SipHasher13::new_with_keys(a, b).hash(bytes)
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
        Reference { target, record: *self }
    }
}

/// That a record refers to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    target: u64,
    record: KeyRecord,
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
    named: &HashSet<Position>,
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
    named: &HashSet<Position>,
) -> Exceptions {
    let (allowed, found) = (HashMap::new(), Exceptions::default());
    let mut search = Search { origins, valid, named, allowed, found };
    for share in shares {
        share.keys = gathered(std::mem::take(&mut share.more_keys));
        let references = gathered(std::mem::take(&mut share.references));
        search.keys(&share.keys);
        search.references(&share.keys, &references);
    }
    search.found
}

fn gathered<T: Hashed>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut lists = lists.into_iter();
    let mut all = lists.next().unwrap_or_default();
    lists.for_each(|mut list| all.append(&mut list));
    all.sort_unstable();
    all
}

struct Search<'a> {
    origins: &'a Origins<'a>,
    /// By number of sort: whether it stands for valid events.
    valid: &'a [bool],
    named: &'a HashSet<Position>,
    allowed: HashMap<(u32, u32), bool>,
    found: Exceptions,
}

impl Search<'_> {
    /// Lists the keys that are not plain, and the repeats of those that are.
    fn keys(&mut self, keys: &[KeyRecord]) {
        for group in keys.chunk_by(|a, b| a.key == b.key) {
            if group.len() == 1 && !group[0].is_exact() && self.named.is_empty() {
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
            record.is_exact() || differs(record) || self.named.contains(&record.position())
        })
    }

    /// Lists the keys whose reference does not lead to something plain that came before.
    fn references(&mut self, keys: &[KeyRecord], references: &[Reference]) {
        let mut rest = keys;
        for Reference { target, record } in references {
            let before = rest.iter().position(|key| key.key >= *target);
            rest = before.map_or(&[][..], |before| &rest[before..]);
            let end = rest.iter().position(|key| key.key != *target).unwrap_or(rest.len());
            if !record.is_exact() && !self.leads_to(record, &rest[..end]) {
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
        let origins = self.origins;
        *self.allowed.entry((own, other)).or_insert_with(|| origins.may_refer(own, other))
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
