//! Building a list of events.

use std::collections::BTreeMap;

use ledger::time::Bucket;

use super::{BucketDigest, ENTRIES_MAX, Entry, EventList};
use crate::Hash;
use crate::digest::sha256;

/// Takes events in any order; keeps at most 44 bytes for each.
#[derive(Clone, Debug)]
pub struct EventListBuilder {
    entries_max: usize,
    count: usize,
    /// By source; let go of once there are too many to be named.
    entries: BTreeMap<String, Vec<Entry>>,
    hashes: BTreeMap<String, Vec<(Bucket, Hash)>>,
}

impl Default for EventListBuilder {
    fn default() -> Self {
        Self::with_entries_max(ENTRIES_MAX)
    }
}

impl EventListBuilder {
    /// A list that names up to [`ENTRIES_MAX`] events.
    pub fn new() -> Self {
        Self::default()
    }

    /// A list that names up to `entries_max` events one by one, and has digests beyond.
    pub fn with_entries_max(entries_max: usize) -> Self {
        Self { entries_max, count: 0, entries: BTreeMap::new(), hashes: BTreeMap::new() }
    }

    /// Adds an event that the statement stands on: its own time, not that of what it refers to.
    pub fn push(&mut self, source: &str, id: &str, occurred_at: i64, content_hash: &Hash) {
        self.count += 1;
        if self.count > self.entries_max {
            self.entries.clear();
        } else {
            list(&mut self.entries, source).push(Entry::new(source, id, content_hash));
        }
        list(&mut self.hashes, source).push((Bucket::of(occurred_at), *content_hash));
    }

    /// The list.
    pub fn build(self) -> EventList {
        if self.count <= self.entries_max {
            let mut entries = self.entries;
            for list in entries.values_mut() {
                list.sort_unstable();
            }
            return EventList::Entries(entries);
        }
        let digests = |(source, hashes)| (source, digests(hashes));
        EventList::Buckets(self.hashes.into_iter().map(digests).collect())
    }
}

/// The digests of one source's events.
pub(crate) fn digests(mut hashes: Vec<(Bucket, Hash)>) -> Vec<BucketDigest> {
    hashes.sort_unstable();
    let buckets = hashes.chunk_by(|a, b| a.0 == b.0);
    let digest = |events: &[(Bucket, Hash)]| {
        let bytes: Vec<u8> = events.iter().flat_map(|(_, hash)| hash.0).collect();
        let (bucket, count) = (events[0].0.0, events.len() as u64);
        BucketDigest { bucket, count, digest: sha256(&bytes) }
    };
    buckets.map(digest).collect()
}

fn list<'m, T>(lists: &'m mut BTreeMap<String, Vec<T>>, source: &str) -> &'m mut Vec<T> {
    lists.entry(source.to_owned()).or_default()
}
