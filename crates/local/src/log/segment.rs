//! A segment file: its header, its name, and the sparse directory of its frames.
//!
//! Header (one sector): magic `SLDS`, format u16, reserved u16, length of the file u64, first
//! position u64, identity of the Log (16 random bytes), CRC32C of these.

use super::frame::Head;
use super::walk::Walk;
use crate::disk::bytes::{doing, narrow, read_exact, take, u16_at, u32_at, u64_at, wide};
use crate::limits::{DIRECTORY_STEP_BYTES, SEGMENT_HEADER_BYTES};
use engine::port::{Disk, DiskFile, OpenMode, PortError, PortFault, Position};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

const MAGIC: [u8; 4] = *b"SLDS";
const FORMAT: u16 = 1;
const BODY_BYTES: usize = 40;
/// Bytes read at once where only the heads of frames are wanted.
const HEADS_BYTES: usize = 4096;

/// What a segment's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) length: u64,
    pub(super) first: Position,
    pub(super) identity: [u8; 16],
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(self.length.to_le_bytes());
        bytes.extend(self.first.to_le_bytes());
        bytes.extend(self.identity);
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes.resize(narrow(SEGMENT_HEADER_BYTES), 0);
        bytes
    }

    fn parse(bytes: &[u8], path: &str) -> Result<Self, PortError> {
        let corrupt = || PortError::corrupt(format!("{path}: offset 0: its header"));
        let body = bytes.get(..BODY_BYTES).ok_or_else(corrupt)?;
        let padding = &bytes[BODY_BYTES + 4..];
        let sum = u32_at(bytes, BODY_BYTES).ok_or_else(corrupt)?;
        let intact = sum == crc32c::crc32c(body) && padding.iter().all(|&byte| byte == 0);
        if !intact || !body.starts_with(&MAGIC) {
            return Err(corrupt());
        }
        let format = u16_at(body, 4).ok_or_else(corrupt)?;
        if format != FORMAT {
            let what = format!("{path}: segment format {format}");
            return Err(PortError::new(PortFault::UnknownFormat, what));
        }
        let parsed = || Some((u64_at(body, 8)?, u64_at(body, 16)?, take(body, 24)?));
        let (length, first, identity) = parsed().ok_or_else(corrupt)?;
        Ok(Self { length, first, identity })
    }
}

/// The file name of the segment that begins at `first`.
pub(super) fn file_name(first: Position) -> String {
    format!("{first:020}.seg")
}

/// The first position in a file name, when it is a segment's.
pub(super) fn parse_name(name: &str) -> Option<Position> {
    let digits = name.strip_suffix(".seg").filter(|digits| digits.len() == 20)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Where a frame is, within its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Records of the segment before it.
    pub(super) before: u32,
    pub(super) offset: u32,
    pub(super) count: u32,
    pub(super) header_bytes: u32,
}

/// Every so many bytes, where a frame is.
#[derive(Default)]
struct Directory {
    places: Vec<Place>,
    /// Whether all frames up to the end of the segment are covered.
    complete: bool,
}

/// A segment of the Log.
pub(super) struct Segment {
    pub(super) path: String,
    pub(super) header: SegmentHeader,
    /// Offset after the last frame that may be read.
    end: AtomicU64,
    directory: RwLock<Directory>,
    file: Mutex<Option<Arc<dyn DiskFile>>>,
}

impl Segment {
    /// A segment that was just made or scanned: every frame will be given to [`Segment::note`].
    pub(super) fn known(path: String, header: SegmentHeader, file: Arc<dyn DiskFile>) -> Self {
        Self::with(path, header, Some(file), SEGMENT_HEADER_BYTES, true)
    }

    /// A segment whose frames nobody has looked at.
    pub(super) fn unscanned(path: String, header: SegmentHeader) -> Self {
        Self::with(path, header, None, header.length, false)
    }

    fn with(
        path: String,
        header: SegmentHeader,
        file: Option<Arc<dyn DiskFile>>,
        end: u64,
        complete: bool,
    ) -> Self {
        let directory = RwLock::new(Directory { places: Vec::new(), complete });
        Self { path, header, end: AtomicU64::new(end), directory, file: Mutex::new(file) }
    }

    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    /// Takes note of a frame at `offset`, the last one so far.
    pub(super) fn note(&self, head: &Head, offset: u64) {
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        directory.note(self.header.first, head, offset);
        self.end.store(offset + head.bytes, Ordering::Release);
    }

    /// Lets frames be read up to `end` although none was noted there.
    pub(super) fn set_end(&self, end: u64) {
        self.end.store(end, Ordering::Release);
    }

    /// Marks the directory of frames as not built yet.
    pub(super) fn forget_directory(&self) {
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        *directory = Directory::default();
    }

    /// The open file, and whether it had to be opened.
    pub(super) fn file(&self, disk: &dyn Disk) -> Result<(Arc<dyn DiskFile>, bool), PortError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*file {
            return Ok((Arc::clone(file), false));
        }
        let (opened, header) = open(disk, &self.path)?;
        if header != self.header {
            return Err(PortError::corrupt(format!("{}: its header has changed", self.path)));
        }
        Ok((Arc::clone(file.insert(opened)), true))
    }

    /// Closes the file until it is asked for again.
    pub(super) fn close(&self) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The last noted frame that begins at or before record `before` of the segment.
    pub(super) fn place(&self, file: &Arc<dyn DiskFile>, before: u32) -> Result<Place, PortError> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        let found = if directory.complete { directory.find(before) } else { None };
        drop(directory);
        match found {
            Some(place) => Ok(place),
            None => self.build(file, before),
        }
    }

    fn build(&self, file: &Arc<dyn DiskFile>, before: u32) -> Result<Place, PortError> {
        let mut directory = Directory { places: Vec::new(), complete: true };
        let mut walk = Walk::with_chunk(Arc::clone(file), HEADS_BYTES);
        let (mut offset, end) = (SEGMENT_HEADER_BYTES, self.end());
        let failed = doing("reading", &self.path);
        while let Some(head) = walk.head(offset, end).map_err(failed)? {
            directory.note(self.header.first, &head, offset);
            offset += head.bytes;
        }
        let missing = || PortError::corrupt(format!("{}: record {before} is missing", self.path));
        let place = directory.find(before).ok_or_else(missing)?;
        let mut known = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        if !known.complete {
            *known = directory;
        }
        Ok(place)
    }
}

impl Directory {
    fn note(&mut self, segment_first: Position, head: &Head, offset: u64) {
        if head.count == 0 || !self.complete {
            return;
        }
        let enough = |last: &Place| offset - u64::from(last.offset) >= DIRECTORY_STEP_BYTES;
        if self.places.last().is_none_or(enough) {
            let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            self.places.push(Place {
                before: short(head.first - segment_first),
                offset: short(offset),
                count: head.count,
                header_bytes: head.header_bytes,
            });
        }
    }

    fn find(&self, before: u32) -> Option<Place> {
        let after = self.places.partition_point(|place| place.before <= before);
        self.places.get(after.checked_sub(1)?).copied()
    }
}

/// Opens a segment file and reads its header.
pub(super) fn open(
    disk: &dyn Disk,
    path: &str,
) -> Result<(Arc<dyn DiskFile>, SegmentHeader), PortError> {
    let file = disk.open(path, OpenMode::Write).map_err(doing("opening", path))?;
    let length = file.len().map_err(doing("measuring", path))?;
    let short = || PortError::corrupt(format!("{path}: offset {length}: the file ends too soon"));
    let mut bytes = vec![0; narrow(SEGMENT_HEADER_BYTES)];
    if length < wide(bytes.len()) {
        return Err(short());
    }
    read_exact(&*file, &mut bytes, 0).map_err(doing("reading", path))?;
    let header = SegmentHeader::parse(&bytes, path)?;
    if length < header.length { Err(short()) } else { Ok((file, header)) }
}
