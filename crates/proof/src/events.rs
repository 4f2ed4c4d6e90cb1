//! The list of the events that a statement stands on: enough to find one's own, without telling
//! anybody else's.
//!
//! Bytes, version 1 (integers little-endian, texts as u32 length and UTF-8): `01`, mode u8, count
//! of sources u32, and for each source, ascending: its name, a count u32, and as many of
//!
//! | mode | item | order |
//! |---|---|---|
//! | 1 | key (8 bytes), content (16 bytes) | ascending |
//! | 2 | bucket i32, count u64, digest (32 bytes) | ascending by bucket |
//!
//! ```text
//! key     = first 8 bytes of SHA-256("saldo.key.v1" 00 source 00 id)
//! content = first 16 bytes of the content hash
//! bucket  = quarters of an hour since 1970 of the event's own time, rounded down
//! digest  = SHA-256 of the content hashes of the bucket, ascending
//! root    = SHA-256 of the list's bytes
//! ```

mod build;

pub use build::EventListBuilder;
pub(crate) use build::digests;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::Hash;
use crate::bytes::{Reader, push_count, push_text};
use crate::digest::sha256;

const VERSION: u8 = 1;
const ENTRIES: u8 = 1;
const BUCKETS: u8 = 2;

/// Most events that a list names one by one; a list of more has digests. 24 bytes each.
pub const ENTRIES_MAX: usize = 200_000;

/// The events behind a statement, by source.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EventList {
    /// One entry for each event, ascending.
    Entries(BTreeMap<String, Vec<Entry>>),
    /// One digest for each source and quarter of an hour, ascending.
    Buckets(BTreeMap<String, Vec<BucketDigest>>),
}

/// One event, told to nobody who does not know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Entry {
    /// [`entry_key`] of the event.
    pub key: [u8; 8],
    /// The first half of its content hash.
    pub content: [u8; 16],
}

/// The events of one source within one quarter of an hour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BucketDigest {
    /// Number of the quarter of an hour since 1970.
    pub bucket: i32,
    /// How many events.
    pub count: u64,
    /// SHA-256 of their content hashes, ascending.
    pub digest: Hash,
}

/// Bytes that are not a list of events (`E6009`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("these bytes are not a list of events of a known version")]
pub struct EventListError;

impl EventListError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6009"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// The whole hash whose first 8 bytes are an event's key in lists.
pub(crate) fn key_hash(source: &str, id: &str) -> Hash {
    sha256(&[b"saldo.key.v1\0", source.as_bytes(), b"\0", id.as_bytes()].concat())
}

/// The key of an event in lists.
pub fn entry_key(source: &str, id: &str) -> [u8; 8] {
    first(&key_hash(source, id))
}

/// The first bytes of a hash.
pub(crate) fn first<const N: usize>(hash: &Hash) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&hash.0[..N]);
    out
}

impl Entry {
    /// The entry of an event.
    pub fn new(source: &str, id: &str, content_hash: &Hash) -> Self {
        Self { key: entry_key(source, id), content: first(content_hash) }
    }
}

impl EventList {
    /// Names of the sources, ascending.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let (entries, buckets) = match self {
            Self::Entries(sources) => (Some(sources.keys()), None),
            Self::Buckets(sources) => (None, Some(sources.keys())),
        };
        entries.into_iter().flatten().chain(buckets.into_iter().flatten()).map(String::as_str)
    }

    /// How many events of a source it stands for.
    pub fn count_of(&self, source: &str) -> u64 {
        match self {
            Self::Entries(sources) => sources.get(source).map_or(0, |list| list.len() as u64),
            Self::Buckets(sources) => sources.get(source).map_or(0, |list| {
                list.iter().fold(0, |sum: u64, bucket| sum.saturating_add(bucket.count))
            }),
        }
    }

    /// How many events it stands for.
    pub fn count(&self) -> u64 {
        self.sources().fold(0, |sum, source| sum.saturating_add(self.count_of(source)))
    }

    /// The bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        match self {
            Self::Entries(sources) => {
                out.push(ENTRIES);
                push_sources(&mut out, sources, |out, entry| {
                    out.extend_from_slice(&entry.key);
                    out.extend_from_slice(&entry.content);
                });
            }
            Self::Buckets(sources) => {
                out.push(BUCKETS);
                push_sources(&mut out, sources, |out, bucket| {
                    out.extend_from_slice(&bucket.bucket.to_le_bytes());
                    out.extend_from_slice(&bucket.count.to_le_bytes());
                    out.extend_from_slice(&bucket.digest.0);
                });
            }
        }
        out
    }

    /// SHA-256 of [`EventList::encode`].
    pub fn root(&self) -> Hash {
        sha256(&self.encode())
    }

    /// Reads exactly what [`EventList::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, EventListError> {
        let mut reader = Reader::new(bytes);
        let list = Self::read(&mut reader).ok_or(EventListError)?;
        if reader.is_empty() { Ok(list) } else { Err(EventListError) }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.u8()? != VERSION {
            return None;
        }
        match reader.u8()? {
            ENTRIES => {
                let entry =
                    |r: &mut Reader<'_>| Some(Entry { key: r.array()?, content: r.array()? });
                let sources = read_sources(reader, entry)?;
                let sorted = sources.values().all(|list| list.is_sorted());
                sorted.then_some(Self::Entries(sources))
            }
            BUCKETS => {
                let sources = read_sources(reader, |r| {
                    let bucket = i32::from_le_bytes(r.array()?);
                    Some(BucketDigest { bucket, count: r.u64()?, digest: r.hash()? })
                })?;
                let ascending = |list: &Vec<BucketDigest>| {
                    list.is_sorted_by(|a, b| a.bucket < b.bucket)
                        && list.iter().all(|bucket| bucket.count > 0)
                };
                sources.values().all(ascending).then_some(Self::Buckets(sources))
            }
            _ => None,
        }
    }
}

fn push_sources<T>(
    out: &mut Vec<u8>,
    sources: &BTreeMap<String, Vec<T>>,
    push: impl Fn(&mut Vec<u8>, &T),
) {
    push_count(out, sources.len());
    for (source, list) in sources {
        push_text(out, source);
        push_count(out, list.len());
        for item in list {
            push(out, item);
        }
    }
}

fn read_sources<T>(
    reader: &mut Reader<'_>,
    item: impl Fn(&mut Reader<'_>) -> Option<T>,
) -> Option<BTreeMap<String, Vec<T>>> {
    let listed = reader.list(|r| Some((r.text()?, r.list(&item)?)))?;
    let good = listed.is_sorted_by(|a, b| a.0 < b.0) && listed.iter().all(|(_, l)| !l.is_empty());
    good.then(|| listed.into_iter().collect())
}
