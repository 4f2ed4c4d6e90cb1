//! The rows in memory: all of them by keyed hash, and those seen lately by a faster hash.

use crate::limits::VAULT_RECENT_MAX;
use engine::port::Pseudonym;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A keyed hash of a subject.
pub(super) type KeyedHash = [u8; 16];

/// Bytes of a stored row: keyed hash, pseudonym.
pub(super) const ROW_BYTES: usize = 32;

/// The keys are keyed hashes already, so 8 bytes of them are a good hash. (An array writes its
/// length first; the last word written counts.)
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(word) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*word);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = u64::try_from(value >> 64).unwrap_or(0);
    }
}

type Map<K> = HashMap<K, Pseudonym, BuildHasherDefault<Hashed>>;

/// All rows.
#[derive(Default)]
pub(super) struct Table {
    all: Map<KeyedHash>,
    recent: Map<u128>,
}

impl Table {
    /// Takes in a stored row.
    pub(super) fn load(&mut self, row: &[u8]) {
        if let (Some(hash), Some(pseudonym)) = (row.first_chunk(), row.last_chunk()) {
            self.add(*hash, *pseudonym);
        }
    }

    pub(super) fn add(&mut self, hash: KeyedHash, pseudonym: Pseudonym) {
        self.all.insert(hash, pseudonym);
    }

    pub(super) fn find(&self, hash: &KeyedHash) -> Option<Pseudonym> {
        self.all.get(hash).copied()
    }

    pub(super) fn find_recent(&self, recent: u128) -> Option<Pseudonym> {
        self.recent.get(&recent).copied()
    }

    /// Remembers a subject by its fast hash; when there are too many, from the beginning.
    pub(super) fn add_recent(&mut self, recent: u128, pseudonym: Pseudonym) {
        if self.recent.len() >= VAULT_RECENT_MAX {
            self.recent.clear();
        }
        self.recent.insert(recent, pseudonym);
    }

    pub(super) fn remove(&mut self, hash: &KeyedHash, recent: u128) {
        self.all.remove(hash);
        self.recent.remove(&recent);
    }

    /// All rows as they are stored, sorted, so that the file does not depend on the table.
    pub(super) fn rows(&self) -> Vec<u8> {
        let mut rows: Vec<_> = self.all.iter().collect();
        rows.sort_unstable();
        rows.iter().flat_map(|(hash, pseudonym)| [**hash, **pseudonym]).flatten().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Bytes of both tables: 32 and a control byte for each place.
    pub(super) fn memory_bytes(&self) -> usize {
        // A table is filled to seven eighths.
        (self.all.capacity() + self.recent.capacity()) / 7 * 8 * (ROW_BYTES + 1)
    }
}
