//! Raw rows in files of encrypted blocks, one key per source and day.
//!
//! Blocks are AES-256-GCM under a data key that the operator's master key wraps. Files are zeroed
//! ahead and recovered as the Log's segments are. Erasing a person writes the files of the day
//! anew under a new key; the end of a day's retention forgets its key.

mod block;
mod keys;
mod open;
mod pack;
mod rewrite;
mod segments;

use crate::disk::ahead::Ahead;
use crate::disk::bytes::{doing, flushing, make_dir, narrow, read_exact};
use crate::limits::{FIRST_SEGMENT_BYTES, RAW_BLOCK_BYTES_MAX, RAW_SEGMENT_BYTES};
use crate::random::{self, Random};
use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use block::{BLOCK_HEADER_BYTES, BlockHeader, Feed};
use engine::port::{Disk, OpenMode, PortError, PortFault, RawBlockId, RawPlace, RawStore};
use keys::{DataKey, Keys};
use segments::{Place, Segments};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// How a raw store is opened.
#[derive(Clone)]
pub struct RawOptions {
    /// Bytes of a segment, once a day has grown.
    pub segment_bytes: u64,
    /// Bytes of the first segment of a day.
    pub first_segment_bytes: u64,
    /// Whether a thread zeroes the next segment ahead.
    pub background: bool,
    /// Gives keys and nonces.
    pub random: Random,
}

impl Default for RawOptions {
    fn default() -> Self {
        Self {
            segment_bytes: RAW_SEGMENT_BYTES,
            first_segment_bytes: FIRST_SEGMENT_BYTES,
            background: true,
            random: random::system_random(),
        }
    }
}

/// The raw rows of one operator.
pub struct FileRaw {
    disk: Arc<dyn Disk>,
    dir: String,
    random: Random,
    /// Bytes of a first and of a large segment.
    segment_bytes: (u64, u64),
    next: AtomicU64,
    inner: Mutex<Inner>,
    /// Buffers to encrypt in, used again.
    spare: Mutex<Vec<Sealed>>,
    poison: OnceLock<(PortFault, String)>,
    ahead: Ahead,
}

struct Inner {
    keys: Keys,
    segments: Segments,
}

/// A block as it is written: header, encrypted rows, tag.
#[derive(Default)]
struct Sealed {
    bytes: Vec<u8>,
}

impl Sealed {
    fn set_header(&mut self, header: &BlockHeader) {
        self.bytes[..BLOCK_HEADER_BYTES].copy_from_slice(&header.encode());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FileRaw {
    /// Opens the raw store in `dir`, or makes an empty one; `master` is the operator's raw key.
    ///
    /// # Errors
    /// [`PortFault::Corrupt`] naming file and offset when stored bytes changed (or the master key
    /// is another one), [`PortFault::UnknownFormat`], [`PortFault::Missing`] when a key is gone,
    /// or as the disk reports.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &str,
        master: &[u8; 32],
        options: &RawOptions,
    ) -> Result<Self, PortError> {
        make_dir(&*disk, dir)?;
        // Opening the keys makes durable what a killed process had made or renamed in `dir`.
        let keys = Keys::open(Arc::clone(&disk), &format!("{dir}/keys"), master)?;
        let segments = open::segments(&*disk, dir, &keys)?;
        let after_last = segments.places.keys().next_back().map_or(0, |last| last + 1);
        let next = AtomicU64::new(after_last.max(keys.next_id()));
        let ahead = Ahead::new(Arc::clone(&disk), format!("{dir}/next"), options.background);
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            random: Arc::clone(&options.random),
            segment_bytes: (options.first_segment_bytes, options.segment_bytes),
            next,
            inner: Mutex::new(Inner { keys, segments }),
            spare: Mutex::new(Vec::new()),
            poison: OnceLock::new(),
            ahead,
        })
    }

    fn next_id(&self) -> RawBlockId {
        self.next.load(Ordering::Acquire)
    }

    fn check_poison(&self) -> Result<(), PortError> {
        self.poison.get().map_or(Ok(()), |(fault, why)| {
            Err(PortError::new(*fault, format!("the raw store stopped at an earlier error: {why}")))
        })
    }

    fn poisoned(&self, error: PortError) -> PortError {
        // The first error is the one to tell.
        let _ = self.poison.set((error.fault, error.what.clone()));
        error
    }

    fn key_for(&self, feed: &Feed) -> Result<(DataKey, u32), PortError> {
        let inner = &mut *lock(&self.inner);
        self.check_poison()?;
        match inner.keys.newest(feed) {
            Some(found) => Ok(found),
            None => inner.keys.make(feed, &self.random).map_err(|error| self.poisoned(error)),
        }
    }

    /// Encrypts into `sealed`, leaving room for the header that is returned.
    fn seal(
        &self,
        sealed: &mut Sealed,
        key: &LessSafeKey,
        generation: u32,
        id: RawBlockId,
        plain: &[u8],
    ) -> Result<BlockHeader, PortError> {
        let nonce = random::array(&self.random)?;
        let bytes = &mut sealed.bytes;
        bytes.clear();
        bytes.reserve(BLOCK_HEADER_BYTES + plain.len() / 2 + block::TAG_BYTES);
        bytes.resize(BLOCK_HEADER_BYTES, 0);
        let packed = pack::pack(plain, bytes);
        if !packed {
            bytes.truncate(BLOCK_HEADER_BYTES);
            bytes.extend_from_slice(plain);
        }
        let length = u32::try_from(bytes.len() - BLOCK_HEADER_BYTES).unwrap_or(u32::MAX);
        let bound = Aad::from(BlockHeader::bound(id, generation, packed));
        let rows = &mut bytes[BLOCK_HEADER_BYTES..];
        let nonce_value = Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce_value, bound, rows);
        let tag = tag.map_err(|_| PortError::new(PortFault::Io, "encrypting raw rows"))?;
        bytes.extend_from_slice(tag.as_ref());
        let sum = crc32c::crc32c(&bytes[BLOCK_HEADER_BYTES..]);
        Ok(BlockHeader { id, generation, length, packed, durable: 0, nonce, sum })
    }

    /// Writes an encrypted block; false when its key has been replaced in the meantime.
    fn write(
        &self,
        feed: &Feed,
        sealed: &mut Sealed,
        mut header: BlockHeader,
    ) -> Result<bool, PortError> {
        let inner = &mut *lock(&self.inner);
        self.check_poison()?;
        let newest = inner.keys.newest(feed).map(|(_, generation)| generation);
        if newest != Some(header.generation) {
            return Ok(false);
        }
        let bytes = header.block_bytes();
        let index = inner.segments.room(&self.ahead, &self.dir, feed, bytes, self.segment_bytes)?;
        let segment = &mut inner.segments.segments[index];
        let Some(file) = &segment.file else { return Ok(false) };
        header.durable = segment.durable;
        sealed.set_header(&header);
        file.stage_at(&sealed.bytes, segment.end).map_err(doing("writing", &segment.path))?;
        inner.segments.note(index, header);
        Ok(true)
    }

    fn append_sealed(
        &self,
        feed: &Feed,
        plain: &[u8],
        sealed: &mut Sealed,
    ) -> Result<RawBlockId, PortError> {
        let mut key = self.key_for(feed)?;
        let id = self.next.fetch_add(1, Ordering::AcqRel);
        loop {
            let header = self.seal(sealed, &key.0, key.1, id, plain)?;
            if self.write(feed, sealed, header).map_err(|error| self.poisoned(error))? {
                return Ok(id);
            }
            key = self.key_for(feed)?;
        }
    }

    fn read_place(&self, inner: &Inner, place: &Place) -> Result<Vec<u8>, PortError> {
        let segment = &inner.segments.segments[place.segment];
        let path = &segment.path;
        let key = inner.keys.get(&segment.feed, place.header.generation);
        let missing = || PortError::new(PortFault::Missing, format!("{path}: the key of a block"));
        let key = key.ok_or_else(missing)?;
        let file = self.disk.open(path, OpenMode::Read).map_err(doing("opening", path))?;
        let mut bytes = vec![0; narrow(place.header.block_bytes())];
        read_exact(&*file, &mut bytes, place.offset).map_err(doing("reading", path))?;
        let wrong = || PortError::corrupt(format!("{path}: offset {}", place.offset));
        if BlockHeader::parse(&bytes) != Some(place.header) {
            return Err(wrong());
        }
        let nonce = Nonce::assume_unique_for_key(place.header.nonce);
        let BlockHeader { id, generation, packed, .. } = place.header;
        let bound = Aad::from(BlockHeader::bound(id, generation, packed));
        let opened = key.open_in_place(nonce, bound, &mut bytes[BLOCK_HEADER_BYTES..]);
        opened.map_err(|_| wrong())?;
        bytes.truncate(BLOCK_HEADER_BYTES + place.header.length as usize);
        bytes.drain(..BLOCK_HEADER_BYTES);
        if packed {
            return pack::unpack(&bytes, RAW_BLOCK_BYTES_MAX).ok_or_else(wrong);
        }
        Ok(bytes)
    }

    fn flush_all(&self) -> Result<(), PortError> {
        let inner = lock(&self.inner);
        self.check_poison()?;
        let all = inner.segments.segments.iter().enumerate();
        let dirty: Vec<_> = all
            .filter(|(_, segment)| segment.durable < segment.end)
            .filter_map(|(index, segment)| {
                Some((index, segment.end, Arc::clone(segment.file.as_ref()?)))
            })
            .collect();
        drop(inner);
        for (index, end, file) in dirty {
            file.order().map_err(flushing(&self.dir))?;
            let segment = &mut lock(&self.inner).segments.segments[index];
            // A segment that was replaced meanwhile says for itself what is durable of it.
            if segment.file.as_ref().is_some_and(|same| Arc::ptr_eq(same, &file)) {
                segment.durable = segment.durable.max(end);
            }
        }
        Ok(())
    }
}

impl RawStore for FileRaw {
    fn append(&self, source: &str, day: i32, plain: &[u8]) -> Result<RawBlockId, PortError> {
        let feed = Feed::new(source, day)?;
        if plain.len() > RAW_BLOCK_BYTES_MAX {
            let text = format!("a raw block of more than {RAW_BLOCK_BYTES_MAX} bytes");
            return Err(PortError::new(PortFault::Limit, text));
        }
        let mut sealed = lock(&self.spare).pop().unwrap_or_default();
        let outcome = self.append_sealed(&feed, plain, &mut sealed);
        lock(&self.spare).push(sealed);
        outcome
    }

    fn flush(&self) -> Result<(), PortError> {
        self.flush_all().map_err(|error| self.poisoned(error))
    }

    fn read(&self, block: RawBlockId) -> Result<Option<Vec<u8>>, PortError> {
        let inner = lock(&self.inner);
        match inner.segments.places.get(&block) {
            Some(place) => self.read_place(&inner, place).map(Some),
            None if block < self.next_id() => Ok(None),
            None => Err(PortError::new(PortFault::Missing, format!("raw block {block}"))),
        }
    }

    fn rewrite(
        &self,
        edit: &mut dyn FnMut(RawBlockId, &mut [u8]) -> bool,
    ) -> Result<u64, PortError> {
        let inner = &mut *lock(&self.inner);
        self.check_poison()?;
        self.rewrite_all(inner, edit).map_err(|error| self.poisoned(error))
    }

    fn expire(&self, day: i32, is_held: &dyn Fn(&str, i32) -> bool) -> Result<u64, PortError> {
        let inner = &mut *lock(&self.inner);
        self.check_poison()?;
        let is_old = |feed: &Feed| feed.day < day && !is_held(&feed.source, feed.day);
        self.expire_those(inner, day, &is_old).map_err(|error| self.poisoned(error))
    }

    fn blocks(&self, each: &mut dyn FnMut(RawPlace<'_>)) {
        let inner = lock(&self.inner);
        for (block, place) in &inner.segments.places {
            let Feed { source, day } = &inner.segments.segments[place.segment].feed;
            let bytes = place.header.block_bytes();
            each(RawPlace { block: *block, source, day: *day, bytes });
        }
    }
}
