//! Opening: what is there, what of it is good, and cutting what a crash left unfinished.

use super::Hint;
use super::frame::{MARK_BYTES, check_known, greatest_mark};
use super::segment::{self, Segment, SegmentHeader};
use super::walk::{Step, Walk};
use crate::disk::bytes::{doing, flushing, narrow, read_exact};
use crate::disk::tail;
use crate::limits::SEGMENT_HEADER_BYTES;
use engine::port::{Disk, DiskFile, PortError, PortFault, Position};
use std::sync::Arc;

/// What was found: the segments in order, and where the last one goes on.
pub(super) struct Found {
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) end: Hint,
}

/// The first positions of the segments in `dir`, in order.
pub(super) fn names(disk: &dyn Disk, dir: &str) -> Result<Vec<Position>, PortError> {
    let names = disk.list(dir).map_err(doing("listing", dir))?;
    let mut firsts: Vec<_> = names.iter().filter_map(|name| segment::parse_name(name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// Opens the segments that begin at `firsts` (at least one), scanning from `hint` on.
pub(super) fn recover(
    disk: &dyn Disk,
    dir: &str,
    firsts: &[Position],
    hint: Option<Hint>,
) -> Result<Found, PortError> {
    let missing = |what: String| PortError::new(PortFault::Missing, what);
    if firsts.first() != Some(&0) {
        return Err(missing(format!("{dir}/{}", segment::file_name(0))));
    }
    let start = hint.unwrap_or(Hint { segment: 0, offset: SEGMENT_HEADER_BYTES, position: 0 });
    let begin = firsts.iter().position(|&first| first == start.segment);
    let begin =
        begin.ok_or_else(|| missing(format!("{dir}/{}", segment::file_name(start.segment))))?;
    let mut segments: Vec<Arc<Segment>> = Vec::new();
    let mut end = start;
    for (index, &first) in firsts.iter().enumerate() {
        let path = format!("{dir}/{}", segment::file_name(first));
        let (file, header) = segment::open(disk, &path)?;
        let identity = segments.first().map_or(header.identity, |first| first.header.identity);
        if header.first != first || header.identity != identity {
            return Err(PortError::corrupt(format!("{path}: offset 0: it is of another place")));
        }
        let segment = if index < begin {
            Segment::unscanned(path, header)
        } else {
            if index > begin {
                let offset = SEGMENT_HEADER_BYTES;
                end = Hint { segment: first, offset, position: first };
            }
            let segment = Segment::known(path, header, Arc::clone(&file));
            if end.offset > SEGMENT_HEADER_BYTES {
                segment.forget_directory();
            }
            let scan = Scan { segment: &segment, file: &file, hint: end.offset };
            end = scan.run(end, firsts.get(index + 1).copied())?;
            segment
        };
        if index + 1 < firsts.len() {
            segment.close();
        }
        segments.push(Arc::new(segment));
    }
    Ok(Found { segments, end })
}

struct Scan<'a> {
    segment: &'a Segment,
    file: &'a Arc<dyn DiskFile>,
    /// Everything before this offset is known to be durable.
    hint: u64,
}

impl Scan<'_> {
    fn corrupt(&self, offset: u64) -> PortError {
        PortError::corrupt(format!("{}: offset {offset}", self.segment.path))
    }

    /// Scans from `at`; a segment that another one follows must end exactly where that begins.
    fn run(&self, at: Hint, next: Option<Position>) -> Result<Hint, PortError> {
        let (path, identity) = (&self.segment.path, self.segment.header.identity);
        let length = self.file.len().map_err(doing("measuring", path))?;
        let mut walk = Walk::new(Arc::clone(self.file));
        let (mut at, mut durable) = (at, at.offset);
        self.segment.set_end(at.offset);
        loop {
            let claimed_end = match walk.step(at.offset, length).map_err(doing("reading", path))? {
                Step::Frame(head) if head.first == at.position => {
                    check_known(&head, path, at.offset)?;
                    let frame = walk.frame(at.offset, &head);
                    let mark =
                        greatest_mark(&frame[..narrow(head.bytes).min(MARK_BYTES)], identity);
                    durable = durable.max(mark.unwrap_or(0).min(at.offset));
                    self.segment.note(&head, at.offset);
                    at.offset += head.bytes;
                    at.position += u64::from(head.count);
                    continue;
                }
                Step::Frame(head) => at.offset + head.bytes,
                Step::Nothing => at.offset,
                Step::Bad(claimed_end) => claimed_end,
            };
            match next {
                Some(next) if next == at.position && claimed_end == at.offset => {}
                Some(_) => return Err(self.corrupt(at.offset)),
                None => self.cut(at, claimed_end, durable)?,
            }
            return Ok(at);
        }
    }

    /// Clears what follows the last good frame when it is the torn rest of something that was
    /// never flushed, and refuses it when not. Everything that stays is durable on return, also
    /// what a killed process had not flushed.
    fn cut(&self, at: Hint, claimed_end: u64, durable: u64) -> Result<(), PortError> {
        let path = &self.segment.path;
        let failed = doing("reading", path);
        let tail = tail::judge(&**self.file, at.offset, claimed_end).map_err(failed)?;
        if tail.dirty_end > at.offset {
            let mut rest = vec![0; narrow(tail.dirty_end - at.offset)];
            read_exact(&**self.file, &mut rest, at.offset).map_err(failed)?;
            let mark = greatest_mark(&rest, self.segment.header.identity).unwrap_or(0);
            if mark.max(self.hint) > at.offset || !tail.torn {
                return Err(self.corrupt(at.offset));
            }
            tail::clear(&**self.file, at.offset, tail.dirty_end).map_err(doing("cutting", path))?;
        }
        tail::write_again(&**self.file, durable, at.offset).map_err(doing("writing", path))?;
        self.file.sync().map_err(flushing(path))
    }
}

/// The header of a new segment.
pub(super) fn new_header(first: Position, identity: [u8; 16]) -> impl Fn(u64) -> Vec<u8> {
    move |length| SegmentHeader { length, first, identity }.encode()
}
