//! The data keys: one per source and day (and a new generation after each rewrite), wrapped by the
//! operator's master key, in a file of rows. A key that is gone from it is gone for good.
//!
//! Row: kind u8 (1 key, 2 expiry), length of the source's name u8, name (64), day i32, generation
//! u32, next block id u64, nonce (12), wrapped key (32) and its tag (16). An expiry row says that
//! all rows before its day are gone, and which id comes next.

use super::block::{Feed, NONCE_BYTES, TAG_BYTES};
use crate::disk::bytes::{take, u32_at, u64_at};
use crate::disk::rows::{RowFile, RowKind};
use crate::limits::SOURCE_BYTES_MAX;
use crate::random::{self, Random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use engine::port::{Disk, PortError, PortFault, RawBlockId};
use std::collections::BTreeMap;
use std::sync::Arc;

const KEY: u8 = 1;
const EXPIRY: u8 = 2;
const DAY_AT: usize = 2 + SOURCE_BYTES_MAX;
const GENERATION_AT: usize = DAY_AT + 4;
const NEXT_AT: usize = GENERATION_AT + 4;
const NONCE_AT: usize = NEXT_AT + 8;
const WRAPPED_AT: usize = NONCE_AT + NONCE_BYTES;
const ROW_BYTES: usize = WRAPPED_AT + 32 + TAG_BYTES;

/// A key that encrypts the blocks of one feed.
pub(super) type DataKey = Arc<LessSafeKey>;

/// Makes a key from its bytes.
pub(super) fn key_of(bytes: &[u8; 32]) -> Result<LessSafeKey, PortError> {
    let unbound = UnboundKey::new(&AES_256_GCM, bytes);
    let unbound = unbound.map_err(|_| PortError::new(PortFault::Io, "making a key"))?;
    Ok(LessSafeKey::new(unbound))
}

struct Entry {
    key: DataKey,
    row: Vec<u8>,
}

/// All keys of one raw store.
pub(super) struct Keys {
    rows: RowFile,
    master: LessSafeKey,
    entries: BTreeMap<(Feed, u32), Entry>,
    expired_before: i32,
    next_id: RawBlockId,
}

impl Keys {
    /// Opens the key file, or makes it.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        path: &str,
        master: &[u8; 32],
    ) -> Result<Self, PortError> {
        let master = key_of(master)?;
        let mut entries = BTreeMap::new();
        let (mut expired_before, mut next_id) = (i32::MIN, 0);
        let rows =
            RowFile::open(disk, path, RowKind::RawKeys, ROW_BYTES, &mut |row| match parse(row) {
                Some(Row::Expiry { day, next }) => {
                    (expired_before, next_id) = (expired_before.max(day), next_id.max(next));
                    Ok(())
                }
                Some(Row::Key { feed, generation }) => {
                    let key = unwrap(&master, row, path)?;
                    entries.insert((feed, generation), Entry { key, row: row.to_vec() });
                    Ok(())
                }
                None => {
                    let what = format!("{path}: a row of a kind that is not known");
                    Err(PortError::new(PortFault::UnknownFormat, what))
                }
            })?;
        Ok(Self { rows, master, entries, expired_before, next_id })
    }

    /// The id that came next when rows last expired.
    pub(super) fn next_id(&self) -> RawBlockId {
        self.next_id
    }

    /// Whether rows of that day are gone by intent: those whose feed has no key.
    pub(super) fn is_expired(&self, day: i32) -> bool {
        day < self.expired_before
    }

    /// The key of a block.
    pub(super) fn get(&self, feed: &Feed, generation: u32) -> Option<DataKey> {
        let entry = self.entries.get(&(feed.clone(), generation))?;
        Some(Arc::clone(&entry.key))
    }

    /// The newest key of a feed with its generation.
    pub(super) fn newest(&self, feed: &Feed) -> Option<(DataKey, u32)> {
        let all = (feed.clone(), 0)..=(feed.clone(), u32::MAX);
        let ((_, generation), entry) = self.entries.range(all).next_back()?;
        Some((Arc::clone(&entry.key), *generation))
    }

    /// Makes the next key of a feed, durable on return: no block is ever written before its key.
    pub(super) fn make(
        &mut self,
        feed: &Feed,
        random: &Random,
    ) -> Result<(DataKey, u32), PortError> {
        let generation = self.newest(feed).map_or(0, |(_, generation)| generation + 1);
        let bytes: [u8; 32] = random::array(random)?;
        let nonce: [u8; NONCE_BYTES] = random::array(random)?;
        let key = Arc::new(key_of(&bytes)?);
        let mut row = key_row(feed, generation);
        let bound = row[..NONCE_AT].to_vec();
        let mut wrapped = bytes;
        let nonce_value = Nonce::assume_unique_for_key(nonce);
        let tag =
            self.master.seal_in_place_separate_tag(nonce_value, Aad::from(bound), &mut wrapped);
        let tag = tag.map_err(|_| PortError::new(PortFault::Io, "wrapping a key"))?;
        row.extend(nonce);
        row.extend(wrapped);
        row.extend(tag.as_ref());
        self.rows.append(&row)?;
        if let Some(flush) = self.rows.to_flush() {
            flush.order(self.rows.path())?;
            self.rows.flushed(&flush);
        }
        let entry = Entry { key: Arc::clone(&key), row };
        self.entries.insert((feed.clone(), generation), entry);
        Ok((key, generation))
    }

    /// Forgets, for good, every key that `keep` does not want.
    pub(super) fn retain(&mut self, keep: &dyn Fn(&Feed, u32) -> bool) -> Result<(), PortError> {
        let before = self.entries.len();
        self.entries.retain(|(feed, generation), _| keep(feed, *generation));
        if self.entries.len() == before { Ok(()) } else { self.rewrite() }
    }

    /// Forgets the keys of those feeds that are old, all from before `day`.
    pub(super) fn expire(
        &mut self,
        day: i32,
        next_id: RawBlockId,
        is_old: &dyn Fn(&Feed) -> bool,
    ) -> Result<(), PortError> {
        self.entries.retain(|(feed, _), _| !is_old(feed));
        self.expired_before = self.expired_before.max(day);
        self.next_id = next_id;
        self.rewrite()
    }

    fn rewrite(&mut self) -> Result<(), PortError> {
        let mut rows = Vec::new();
        if self.expired_before > i32::MIN {
            rows.extend([EXPIRY, 0]);
            rows.resize(DAY_AT, 0);
            rows.extend(self.expired_before.to_le_bytes());
            rows.extend([0; 4]);
            rows.extend(self.next_id.to_le_bytes());
            rows.resize(ROW_BYTES, 0);
        }
        for entry in self.entries.values() {
            rows.extend_from_slice(&entry.row);
        }
        self.rows.rewrite(&rows)
    }
}

enum Row {
    Key { feed: Feed, generation: u32 },
    Expiry { day: i32, next: RawBlockId },
}

fn parse(row: &[u8]) -> Option<Row> {
    let day = i32::from_le_bytes(take(row, DAY_AT)?);
    match *row.first()? {
        EXPIRY => Some(Row::Expiry { day, next: u64_at(row, NEXT_AT)? }),
        KEY => {
            let name = row.get(2..2 + usize::from(*row.get(1)?))?;
            let feed = Feed::new(std::str::from_utf8(name).ok()?, day).ok()?;
            Some(Row::Key { feed, generation: u32_at(row, GENERATION_AT)? })
        }
        _ => None,
    }
}

/// A key's row up to its nonce: what the wrapping is bound to.
fn key_row(feed: &Feed, generation: u32) -> Vec<u8> {
    let mut row = vec![KEY, u8::try_from(feed.source.len()).unwrap_or(u8::MAX)];
    row.extend(feed.source.as_bytes());
    row.resize(DAY_AT, 0);
    row.extend(feed.day.to_le_bytes());
    row.extend(generation.to_le_bytes());
    row.resize(NONCE_AT, 0);
    row
}

fn unwrap(master: &LessSafeKey, row: &[u8], path: &str) -> Result<DataKey, PortError> {
    let wrong = || PortError::corrupt(format!("{path}: a key does not unwrap with the master key"));
    let nonce = Nonce::assume_unique_for_key(take(row, NONCE_AT).ok_or_else(wrong)?);
    let mut wrapped: [u8; 32 + TAG_BYTES] = take(row, WRAPPED_AT).ok_or_else(wrong)?;
    let opened = master.open_in_place(nonce, Aad::from(&row[..NONCE_AT]), &mut wrapped);
    let bytes = opened.ok().and_then(|bytes| bytes.first_chunk().copied()).ok_or_else(wrong)?;
    Ok(Arc::new(key_of(&bytes)?))
}
