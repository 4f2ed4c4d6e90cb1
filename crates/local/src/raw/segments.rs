//! The segments of a raw store and where its blocks are.

use super::block::{BlockHeader, Feed};
use crate::disk::ahead::Ahead;
use crate::disk::bytes::{doing, flushing};
use crate::limits::{SEGMENT_GROWTH, SEGMENT_HEADER_BYTES};
use engine::port::{DiskFile, PortError, RawBlockId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a block is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Index in [`Segments::segments`].
    pub(super) segment: usize,
    pub(super) offset: u64,
    pub(super) header: BlockHeader,
}

/// A file of blocks of one feed.
pub(super) struct Segment {
    pub(super) feed: Feed,
    pub(super) number: u32,
    pub(super) path: String,
    /// Bytes of the file while it is written to.
    pub(super) length: u64,
    /// Offset after the last block.
    pub(super) end: u64,
    /// Offset up to which it is durable.
    pub(super) durable: u64,
    /// Open while it is written to.
    pub(super) file: Option<Arc<dyn DiskFile>>,
}

impl Segment {
    pub(super) fn new(feed: Feed, number: u32, path: String) -> Self {
        let end = SEGMENT_HEADER_BYTES;
        Self { feed, number, path, length: end, end, durable: end, file: None }
    }

    /// Ends the writing to it: its blocks are durable, and what was zeroed ahead is given back.
    fn seal(&mut self) -> Result<(), PortError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        file.sync().map_err(flushing(&self.path))?;
        self.durable = self.end;
        // Not flushed: a longer file is as good, and is only checked more closely when opened.
        file.set_len(self.end).map_err(doing("shortening", &self.path))
    }
}

/// All segments and blocks.
#[derive(Default)]
pub(super) struct Segments {
    pub(super) segments: Vec<Segment>,
    pub(super) places: BTreeMap<RawBlockId, Place>,
}

impl Segments {
    pub(super) fn next_index(&self) -> usize {
        self.segments.len()
    }

    /// The segment that a block of `bytes` of `feed` goes to; a new one when there is no room.
    pub(super) fn room(
        &mut self,
        ahead: &Ahead,
        dir: &str,
        feed: &Feed,
        bytes: u64,
        limits: (u64, u64),
    ) -> Result<usize, PortError> {
        let of_feed = |segment: &Segment| segment.feed == *feed;
        let last = self.segments.iter().rposition(of_feed);
        // A file that is exactly full would look like one that is still written to.
        let fits =
            |segment: &Segment| segment.file.is_some() && segment.end + bytes < segment.length;
        if let Some(last) = last.filter(|&last| fits(&self.segments[last])) {
            return Ok(last);
        }
        let same_source = |segment: &&mut Segment| segment.feed.source == feed.source;
        for segment in self.segments.iter_mut().filter(same_source) {
            segment.seal()?;
        }
        let (first, most) = limits;
        let grown = last.map_or(first, |last| self.segments[last].length * SEGMENT_GROWTH);
        let length = grown.min(most).max(SEGMENT_HEADER_BYTES + bytes + 1);
        let number = last.map_or(0, |last| self.segments[last].number + 1);
        let path = format!("{dir}/{}", feed.file_name(number));
        let (file, length) = ahead.take(&path, length, &|length| feed.header(length))?;
        ahead.prepare((length * SEGMENT_GROWTH).min(most));
        let mut segment = Segment::new(feed.clone(), number, path);
        (segment.length, segment.file) = (length, Some(file));
        self.segments.push(segment);
        Ok(self.segments.len() - 1)
    }

    /// Takes note of a block that was written at the end of its segment.
    pub(super) fn note(&mut self, index: usize, header: BlockHeader) {
        let segment = &mut self.segments[index];
        let place = Place { segment: index, offset: segment.end, header };
        segment.end += header.block_bytes();
        self.places.insert(header.id, place);
    }

    /// The blocks of a segment in the order of their offsets.
    pub(super) fn blocks_of(&self, index: usize) -> Vec<Place> {
        let here = self.places.values().filter(|place| place.segment == index);
        let mut places: Vec<_> = here.copied().collect();
        places.sort_unstable_by_key(|place| place.offset);
        places
    }
}
