//! Finding the blocks again when the store is opened.

use super::block::{BLOCK_HEADER_BYTES, BlockHeader, Feed, greatest_durable};
use super::keys::Keys;
use super::segments::{Place, Segment, Segments};
use crate::disk::bytes::{doing, flushing, narrow, read_exact, wide};
use crate::disk::{replace, tail};
use crate::limits::SEGMENT_HEADER_BYTES;
use engine::port::{Disk, DiskFile, OpenMode, PortError, PortFault};
use std::collections::BTreeSet;

/// All segments in `dir` and the places of their blocks.
pub(super) fn segments(disk: &dyn Disk, dir: &str, keys: &Keys) -> Result<Segments, PortError> {
    let listed = disk.list(dir).map_err(doing("listing", dir))?;
    let mut bases = BTreeSet::new();
    for name in &listed {
        let base = name.strip_suffix(".new").or(name.strip_suffix(".old")).unwrap_or(name);
        if let Some((feed, number)) = Feed::parse_name(base) {
            if base != name {
                replace::finish(disk, &format!("{dir}/{base}"))?;
            }
            bases.insert((feed, number));
        }
    }
    let mut found = Segments::default();
    for (feed, number) in bases {
        let path = format!("{dir}/{}", feed.file_name(number));
        if keys.is_expired(feed.day) && keys.newest(&feed).is_none() {
            disk.remove(&path).map_err(doing("removing", &path))?;
        } else if disk.exists(&path) {
            open_one(disk, keys, Segment::new(feed, number, path), &mut found)?;
        }
    }
    Ok(found)
}

fn open_one(
    disk: &dyn Disk,
    keys: &Keys,
    mut segment: Segment,
    found: &mut Segments,
) -> Result<(), PortError> {
    let path = segment.path.clone();
    let file = disk.open(&path, OpenMode::Write).map_err(doing("opening", &path))?;
    let length = file.len().map_err(doing("measuring", &path))?;
    let mut header = vec![0; narrow(SEGMENT_HEADER_BYTES)];
    if length < SEGMENT_HEADER_BYTES {
        return Err(PortError::corrupt(format!("{path}: offset {length}: it ends too soon")));
    }
    read_exact(&*file, &mut header, 0).map_err(doing("reading", &path))?;
    segment.length = segment.feed.stated_length(&header, &path)?;
    let sealed = length < segment.length;
    let number = found.next_index();
    loop {
        match block_at(&*file, segment.end, length, !sealed).map_err(doing("reading", &path))? {
            Ok(block) => {
                if keys.get(&segment.feed, block.generation).is_none() {
                    let what = format!("{path}: offset {}: the key of its block", segment.end);
                    return Err(PortError::new(PortFault::Missing, what));
                }
                let place = Place { segment: number, offset: segment.end, header: block };
                if found.places.insert(block.id, place).is_some() {
                    let what = format!("{path}: offset {}: block {}", segment.end, block.id);
                    return Err(PortError::corrupt(what));
                }
                segment.durable = segment.durable.max(block.durable);
                segment.end += block.block_bytes();
            }
            Err(_) if sealed && segment.end == length => break,
            Err(_) if sealed => {
                return Err(PortError::corrupt(format!("{path}: offset {}", segment.end)));
            }
            Err(claimed_end) => {
                cut(&*file, &segment, claimed_end)?;
                segment.file = Some(file);
                break;
            }
        }
    }
    segment.durable = segment.end;
    found.segments.push(segment);
    Ok(())
}

/// The header of the good block at `offset`, or where what stands there says that it ends. With
/// `whole` its encrypted rows are read and checked too.
fn block_at(
    file: &dyn DiskFile,
    offset: u64,
    length: u64,
    whole: bool,
) -> std::io::Result<Result<BlockHeader, u64>> {
    let mut bytes = [0; BLOCK_HEADER_BYTES];
    let has = file.read_at(&mut bytes, offset)?;
    let Some(header) = BlockHeader::parse(&bytes[..has]) else {
        let nothing = bytes[..has].iter().all(|&byte| byte == 0);
        return Ok(Err(if nothing { offset } else { offset + wide(has) }));
    };
    let end = offset + header.block_bytes();
    if end > length {
        return Ok(Err(end));
    }
    if whole {
        let mut sealed = vec![0; narrow(header.block_bytes()) - BLOCK_HEADER_BYTES];
        read_exact(file, &mut sealed, offset + wide(BLOCK_HEADER_BYTES))?;
        if crc32c::crc32c(&sealed) != header.sum {
            return Ok(Err(end));
        }
    }
    Ok(Ok(header))
}

/// Clears the torn rest of what was never flushed; refuses anything else. What stays is durable on
/// return, also what a killed process had not flushed.
fn cut(file: &dyn DiskFile, segment: &Segment, claimed_end: u64) -> Result<(), PortError> {
    let (path, bad) = (&segment.path, segment.end);
    let failed = doing("reading", path);
    let judged = tail::judge(file, bad, claimed_end).map_err(failed)?;
    if judged.dirty_end > bad {
        let mut rest = vec![0; narrow(judged.dirty_end - bad)];
        read_exact(file, &mut rest, bad).map_err(failed)?;
        if greatest_durable(&rest) > bad || !judged.torn {
            return Err(PortError::corrupt(format!("{path}: offset {bad}")));
        }
        tail::clear(file, bad, judged.dirty_end).map_err(doing("cutting", path))?;
    }
    tail::write_again(file, segment.durable, bad).map_err(doing("writing", path))?;
    file.sync().map_err(flushing(path))
}
