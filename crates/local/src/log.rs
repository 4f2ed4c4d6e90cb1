//! The Log as segment files: checksummed frames, zeroed ahead, one flush for all who wait.
//!
//! Recovery at opening cuts only the torn rest of what was never flushed; a frame that is wrong
//! anywhere else is refused with file and offset. With a trusted [`Hint`] it reads only what
//! comes after. After an error nothing more is written until the Log is opened again.

mod fetch;
mod frame;
mod reader;
mod recover;
mod segment;
mod walk;

use crate::disk::ahead::Ahead;
use crate::disk::bytes::{flushing, make_dir, wide};
use crate::limits::{
    FIRST_SEGMENT_BYTES, LOG_SEGMENT_BYTES, OPEN_SEGMENTS_MAX, SEGMENT_GROWTH,
    SEGMENT_HEADER_BYTES, WRITE_BYTES,
};
use crate::random::{self, Random};
use engine::port::{
    Disk, DiskFile, Fetched, Frame, Log, LogReader, PortError, PortFault, Position,
};
use segment::{Segment, SegmentHeader};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

/// A place in the Log that is known to be durable: what a checkpoint records, so that opening need
/// not scan what comes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    /// First position of the segment.
    pub segment: Position,
    /// Offset in its file, in bytes.
    pub offset: u64,
    /// Position of the first record from there on.
    pub position: Position,
}

/// How a Log is opened.
#[derive(Clone)]
pub struct LogOptions {
    /// Bytes of a segment, once the Log has grown.
    pub segment_bytes: u64,
    /// Bytes of the first segment.
    pub first_segment_bytes: u64,
    /// Whether a thread zeroes the next segment ahead.
    pub background: bool,
    /// From where to scan; without one, from the beginning.
    pub hint: Option<Hint>,
    /// Gives the Log its identity when it is made.
    pub random: Random,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            segment_bytes: LOG_SEGMENT_BYTES,
            first_segment_bytes: FIRST_SEGMENT_BYTES,
            background: true,
            hint: None,
            random: random::system_random(),
        }
    }
}

/// The Log of one shard on one disk.
pub struct SegmentLog {
    shared: Arc<Shared>,
}

/// What readers hold too.
struct Shared {
    disk: Arc<dyn Disk>,
    dir: String,
    identity: [u8; 16],
    segment_bytes: u64,
    segments: RwLock<Vec<Arc<Segment>>>,
    /// Segments whose files are open, oldest first.
    open: Mutex<VecDeque<Arc<Segment>>>,
    writer: Mutex<Writer>,
    end: AtomicU64,
    flush: Mutex<FlushState>,
    flushed: Condvar,
    /// Why nothing more is written.
    poison: OnceLock<(PortFault, String)>,
    ahead: Ahead,
}

/// Where the next frame goes.
struct Writer {
    segment: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    offset: u64,
    position: Position,
    /// What was durable when the last mark was written.
    marked: Hint,
    buffer: Vec<u8>,
}

struct FlushState {
    durable: Hint,
    running: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SegmentLog {
    /// Opens the Log in `dir`, or makes an empty one.
    ///
    /// # Errors
    /// [`PortFault::Corrupt`] naming file and offset when stored bytes changed,
    /// [`PortFault::UnknownFormat`], [`PortFault::Missing`] when a segment is gone, or as the
    /// disk reports.
    pub fn open(disk: Arc<dyn Disk>, dir: &str, options: &LogOptions) -> Result<Self, PortError> {
        make_dir(&*disk, dir)?;
        // Also what a killed process had made or renamed is durable from here on.
        disk.sync_dir(dir).map_err(flushing(dir))?;
        let ahead = Ahead::new(Arc::clone(&disk), format!("{dir}/next"), options.background);
        let mut firsts = recover::names(&*disk, dir)?;
        if firsts.is_empty() && options.hint.is_none() {
            let identity = random::array(&options.random)?;
            let bytes = options.first_segment_bytes;
            let path = format!("{dir}/{}", segment::file_name(0));
            ahead.take(&path, bytes, &recover::new_header(0, identity))?;
            firsts.push(0);
        }
        let found = recover::recover(&*disk, dir, &firsts, options.hint)?;
        let missing = || PortError::new(PortFault::Missing, format!("segments in {dir}"));
        let last = Arc::clone(found.segments.last().ok_or_else(missing)?);
        let (file, _) = last.file(&*disk)?;
        let end = found.end;
        let writer = Writer {
            file,
            offset: end.offset,
            position: end.position,
            marked: Hint { segment: 0, offset: 0, position: 0 },
            buffer: Vec::new(),
            segment: Arc::clone(&last),
        };
        let shared = Shared {
            disk,
            dir: dir.to_owned(),
            identity: last.header.identity,
            segment_bytes: options.segment_bytes,
            segments: RwLock::new(found.segments),
            open: Mutex::new(VecDeque::new()),
            writer: Mutex::new(writer),
            end: AtomicU64::new(end.position),
            flush: Mutex::new(FlushState { durable: end, running: false }),
            flushed: Condvar::new(),
            poison: OnceLock::new(),
            ahead,
        };
        shared.ahead.prepare(shared.next_bytes(&last.header));
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Where the durable part ends: the hint to open with after a checkpoint.
    pub fn durable_hint(&self) -> Hint {
        lock(&self.shared.flush).durable
    }

    /// Bytes of all segment files.
    pub fn disk_bytes(&self) -> u64 {
        let segments = self.shared.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.iter().map(|segment| segment.header.length).sum()
    }
}

impl Shared {
    fn end_position(&self) -> Position {
        self.end.load(Ordering::Acquire)
    }

    /// The segment that holds `position`, or the last one.
    fn segment_of(&self, position: Position) -> Arc<Segment> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let after = segments.partition_point(|segment| segment.header.first <= position);
        Arc::clone(&segments[after.saturating_sub(1)])
    }

    /// The open file of a segment; the one opened first is closed when there are too many.
    fn file_of(&self, segment: &Arc<Segment>) -> Result<Arc<dyn DiskFile>, PortError> {
        let (file, opened) = segment.file(&*self.disk)?;
        if opened {
            let mut open = lock(&self.open);
            open.push_back(Arc::clone(segment));
            if open.len() > OPEN_SEGMENTS_MAX {
                open.pop_front().iter().for_each(|oldest| oldest.close());
            }
        }
        Ok(file)
    }

    fn next_bytes(&self, last: &SegmentHeader) -> u64 {
        (last.length.saturating_mul(SEGMENT_GROWTH)).min(self.segment_bytes.max(last.length))
    }

    fn check_poison(&self) -> Result<(), PortError> {
        self.poison.get().map_or(Ok(()), |(fault, why)| {
            Err(PortError::new(*fault, format!("the log stopped at an earlier error: {why}")))
        })
    }

    fn poisoned(&self, error: PortError) -> PortError {
        // The first error is the one to tell.
        let _ = self.poison.set((error.fault, error.what.clone()));
        error
    }

    fn write(&self, frames: &[Frame]) -> Result<Position, PortError> {
        let writer = &mut *lock(&self.writer);
        self.check_poison()?;
        let first = writer.position;
        let mut position = first;
        let mut rest = frames;
        while !rest.is_empty() {
            let bytes = frame::MARK_BYTES + frame::bytes_of(&rest[0]);
            if writer.offset + wide(bytes) > writer.segment.header.length {
                self.roll(writer, wide(bytes)).map_err(|error| self.poisoned(error))?;
            }
            let count = self.gather(writer, rest);
            let (taken, left) = rest.split_at(count);
            writer.file.stage_at(&writer.buffer, writer.offset).map_err(|error| {
                self.poisoned(PortError::io(format!("writing {}", writer.segment.path), error))
            })?;
            Self::note(writer);
            position += taken.iter().map(|frame| wide(frame.ends.len())).sum::<u64>();
            self.end.store(position, Ordering::Release);
            rest = left;
        }
        Ok(first)
    }

    /// Encodes as many frames as one write takes; at least the first, which fits.
    fn gather(&self, writer: &mut Writer, frames: &[Frame]) -> usize {
        let room = writer.segment.header.length - writer.offset;
        writer.buffer.clear();
        let durable = lock(&self.flush).durable;
        if durable > writer.marked {
            let here = durable.segment == writer.segment.header.first;
            let offset = if here { durable.offset } else { SEGMENT_HEADER_BYTES };
            frame::encode_mark(&mut writer.buffer, writer.position, self.identity, offset);
            writer.marked = durable;
        }
        let mut position = writer.position;
        let mut count = 0;
        for frame in frames {
            let bytes = writer.buffer.len() + frame::bytes_of(frame);
            if count > 0 && (bytes > WRITE_BYTES || wide(bytes) > room) {
                break;
            }
            frame::encode(&mut writer.buffer, position, frame);
            position += wide(frame.ends.len());
            count += 1;
        }
        count
    }

    /// Makes the frames that were just written readable.
    fn note(writer: &mut Writer) {
        let mut at = 0;
        while let Some(head) = frame::Head::parse(&writer.buffer[at..]) {
            writer.segment.note(&head, writer.offset);
            writer.offset += head.bytes;
            writer.position += u64::from(head.count);
            at += crate::disk::bytes::narrow(head.bytes);
        }
    }

    /// Goes on in a new segment. The old one is flushed before the new one exists: only the last
    /// segment may end in something torn.
    fn roll(&self, writer: &mut Writer, bytes: u64) -> Result<(), PortError> {
        let old = &writer.segment;
        writer.file.sync().map_err(flushing(&old.path))?;
        let first = writer.position;
        let length = self.next_bytes(&old.header).max(SEGMENT_HEADER_BYTES + bytes);
        let path = format!("{}/{}", self.dir, segment::file_name(first));
        let header = recover::new_header(first, self.identity);
        let (file, length) = self.ahead.take(&path, length, &header)?;
        let header = SegmentHeader { length, first, identity: self.identity };
        let segment = Arc::new(Segment::known(path, header, Arc::clone(&file)));
        lock(&self.open).push_back(Arc::clone(old));
        let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        // A first frame that does not fit in an empty segment: the new file has replaced the old.
        segments.pop_if(|last| last.header.first == first);
        segments.push(Arc::clone(&segment));
        drop(segments);
        self.ahead.prepare(self.next_bytes(&header));
        (writer.segment, writer.file, writer.offset) = (segment, file, SEGMENT_HEADER_BYTES);
        Ok(())
    }

    /// Flushes everything appended so far, or waits for one who does.
    fn flush_all(&self) -> Result<Position, PortError> {
        let wanted = self.end_position();
        let mut state = lock(&self.flush);
        loop {
            self.check_poison()?;
            if state.durable.position >= wanted {
                return Ok(state.durable.position);
            }
            if !state.running {
                break;
            }
            state = self.flushed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.running = true;
        drop(state);
        let outcome = self.sync_once();
        let mut state = lock(&self.flush);
        state.running = false;
        if let Ok(durable) = outcome {
            state.durable = state.durable.max(durable);
        }
        self.flushed.notify_all();
        let durable = state.durable.position;
        drop(state);
        outcome.map(|_| durable).map_err(|error| self.poisoned(error))
    }

    fn sync_once(&self) -> Result<Hint, PortError> {
        let writer = lock(&self.writer);
        self.check_poison()?;
        let (file, segment) = (Arc::clone(&writer.file), Arc::clone(&writer.segment));
        let (offset, position) = (writer.offset, writer.position);
        drop(writer);
        file.sync().map_err(flushing(&segment.path))?;
        Ok(Hint { segment: segment.header.first, offset, position })
    }
}

impl Log for SegmentLog {
    fn append(&self, frames: &[Frame]) -> Result<Position, PortError> {
        frames.iter().try_for_each(frame::check)?;
        self.shared.write(frames)
    }

    fn flush(&self) -> Result<Position, PortError> {
        self.shared.flush_all()
    }

    fn end(&self) -> Position {
        self.shared.end_position()
    }

    fn durable_end(&self) -> Position {
        self.durable_hint().position
    }

    fn reader(&self, from: Position) -> Result<Box<dyn LogReader>, PortError> {
        if from > self.shared.end_position() {
            let what = format!("position {from} is beyond the end of the log");
            return Err(PortError::new(PortFault::Missing, what));
        }
        Ok(Box::new(reader::Reader::new(Arc::clone(&self.shared), from)?))
    }

    fn fetch(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        self.shared.fetch_record(position, header, record)
    }
}
