//! Rewriting blocks under a new key, so that nothing of what was edited out stays, and ending the
//! retention of whole days.

use super::block::Feed;
use super::segments::Place;
use super::{FileRaw, Inner, Sealed};
use crate::disk::bytes::{doing, narrow, wide};
use crate::disk::replace;
use crate::limits::SEGMENT_HEADER_BYTES;
use engine::port::{OpenMode, PortError, RawBlockId};
use std::collections::BTreeSet;

/// The rows of a segment's blocks, in order.
type Rows = Vec<(Place, Vec<u8>)>;

impl FileRaw {
    /// Edits every block; a feed with a change is written anew under a new key as a whole, so
    /// that its old key can go.
    pub(super) fn rewrite_all(
        &self,
        inner: &mut Inner,
        edit: &mut dyn FnMut(RawBlockId, &mut [u8]) -> bool,
    ) -> Result<u64, PortError> {
        let feeds: BTreeSet<Feed> =
            inner.segments.segments.iter().map(|segment| segment.feed.clone()).collect();
        let mut changed = 0;
        for feed in feeds {
            changed += self.rewrite_feed(inner, &feed, edit)?;
        }
        let used: BTreeSet<(Feed, u32)> = inner
            .segments
            .places
            .values()
            .map(|place| {
                (inner.segments.segments[place.segment].feed.clone(), place.header.generation)
            })
            .collect();
        inner.keys.retain(&|feed, generation| used.contains(&(feed.clone(), generation)))?;
        Ok(changed)
    }

    fn rewrite_feed(
        &self,
        inner: &mut Inner,
        feed: &Feed,
        edit: &mut dyn FnMut(RawBlockId, &mut [u8]) -> bool,
    ) -> Result<u64, PortError> {
        let all = inner.segments.segments.iter().enumerate();
        let mut untouched: Vec<usize> =
            all.filter(|(_, segment)| segment.feed == *feed).map(|(index, _)| index).collect();
        let mut generation = None;
        let mut changed = 0;
        for index in std::mem::take(&mut untouched) {
            let mut rows = self.load(inner, index)?;
            let mut edited = 0;
            for (place, plain) in &mut rows {
                edited += u64::from(edit(place.header.id, plain));
            }
            if edited == 0 {
                untouched.push(index);
                continue;
            }
            changed += edited;
            let key = match generation {
                Some(_) => inner.keys.newest(feed),
                None => Some(inner.keys.make(feed, &self.random)?),
            };
            generation = key.map(|(_, generation)| generation);
            self.store(inner, index, &rows)?;
        }
        if generation.is_some() {
            for index in untouched {
                let rows = self.load(inner, index)?;
                self.store(inner, index, &rows)?;
            }
        }
        Ok(changed)
    }

    fn load(&self, inner: &Inner, index: usize) -> Result<Rows, PortError> {
        let places = inner.segments.blocks_of(index);
        places.into_iter().map(|place| Ok((place, self.read_place(inner, &place)?))).collect()
    }

    /// Writes a segment anew under the newest key of its feed. Packed rows may take another
    /// length, so that blocks move.
    fn store(&self, inner: &mut Inner, index: usize, rows: &Rows) -> Result<(), PortError> {
        let segment = &inner.segments.segments[index];
        let (feed, path) = (segment.feed.clone(), segment.path.clone());
        let (end, written_to) = (segment.end, segment.file.is_some());
        let Some((key, generation)) = inner.keys.newest(&feed) else { return Ok(()) };
        let mut bytes = feed.header(segment.length);
        bytes.reserve(narrow(end));
        for (place, plain) in rows {
            let mut sealed = Sealed { bytes: Vec::new() };
            let mut header = self.seal(&mut sealed, &key, generation, place.header.id, plain)?;
            header.durable = SEGMENT_HEADER_BYTES;
            sealed.set_header(&header);
            if let Some(place) = inner.segments.places.get_mut(&header.id) {
                (place.header, place.offset) = (header, wide(bytes.len()));
            }
            bytes.extend_from_slice(&sealed.bytes);
        }
        let end = wide(bytes.len());
        // A file as long as it says would look like one that is still written to.
        let length = segment.length.max(end + 1);
        bytes[..narrow(SEGMENT_HEADER_BYTES)].copy_from_slice(&feed.header(length));
        let new = replace::new_path(&path);
        let file = self.disk.open(&new, OpenMode::Create).map_err(doing("making", &new))?;
        let failed = doing("writing", &new);
        file.set_len(0).map_err(failed)?;
        file.write_at(&bytes, 0).map_err(failed)?;
        if written_to {
            file.set_len(length).map_err(failed)?;
        }
        replace::swap(&*self.disk, &path, &*file)?;
        let segment = &mut inner.segments.segments[index];
        segment.file = written_to.then_some(file);
        (segment.length, segment.end, segment.durable) = (length, end, end);
        Ok(())
    }

    /// Forgets the keys of those feeds that are old, all from before `day`, then removes their
    /// files. The keys go first: a file that a crash leaves behind cannot be read, and goes at the
    /// next opening.
    pub(super) fn expire_those(
        &self,
        inner: &mut Inner,
        day: i32,
        is_old_feed: &dyn Fn(&Feed) -> bool,
    ) -> Result<u64, PortError> {
        let is_old = |index: usize| is_old_feed(&inner.segments.segments[index].feed);
        let places = inner.segments.places.iter();
        let gone: Vec<RawBlockId> =
            places.filter(|(_, place)| is_old(place.segment)).map(|(id, _)| *id).collect();
        let files: Vec<usize> =
            (0..inner.segments.segments.len()).filter(|&at| is_old(at)).collect();
        if files.is_empty() {
            return Ok(0);
        }
        inner.keys.expire(day, self.next_id(), is_old_feed)?;
        for id in &gone {
            inner.segments.places.remove(id);
        }
        for index in files {
            let segment = &mut inner.segments.segments[index];
            segment.file = None;
            if self.disk.exists(&segment.path) {
                self.disk.remove(&segment.path).map_err(doing("removing", &segment.path))?;
            }
        }
        Ok(wide(gone.len()))
    }
}
