//! What a redo file holds when it is found: writes that may not be in their own files yet.

use super::area::Area;
use super::record::{self, Head, Identity, Slot, half_offset};
use crate::disk::bytes::{doing, flushing, narrow, read_exact};
use crate::limits::{REDO_BLOCK_BYTES, REDO_HALF_BYTES_MAX};
use engine::port::{Disk, OpenMode, PortError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What both halves hold.
#[derive(Default)]
struct Scanned {
    /// The writes of records that are not settled, by number.
    records: BTreeMap<u64, Vec<u8>>,
    /// What follows the last of them in each half: where the next may have been cut off.
    rests: Vec<Vec<u8>>,
    /// Whether no byte of a record is there.
    is_blank: bool,
}

/// Opens the redo file at `path`, when there is one, and writes what is not settled to the files
/// that it is about, durable on return; then nothing is left in it.
pub(super) fn recover(disk: &dyn Disk, path: &str) -> Result<Option<Area>, PortError> {
    if !disk.exists(path) {
        return Ok(None);
    }
    let file = disk.open(path, OpenMode::Write).map_err(doing("opening", path))?;
    let failed = doing("reading", path);
    let mut slots = vec![0; narrow(2 * REDO_BLOCK_BYTES)];
    read_exact(&*file, &mut slots, 0).map_err(failed)?;
    let (slot, newest) = newest(path, &slots)?;
    let corrupt = |what: &str| PortError::corrupt(format!("{path}: {what}"));
    let length = file.len().map_err(failed)?;
    if slot.half_bytes > REDO_HALF_BYTES_MAX || length < half_offset(2, slot.half_bytes) {
        return Err(corrupt("it ends too soon"));
    }
    let mut found = Scanned { is_blank: true, ..Scanned::default() };
    for half in 0..2 {
        let mut bytes = vec![0; narrow(slot.half_bytes)];
        read_exact(&*file, &mut bytes, half_offset(half, slot.half_bytes)).map_err(failed)?;
        found.scan(&slot, bytes);
    }
    let last = found.records.last_key_value().map_or(slot.settled, |(number, _)| *number);
    let is_wrong = |number: &u64| match found.records.get(number) {
        Some(_) => false,
        None if *number <= last => true,
        None => found.rests.iter().any(|rest| record::was_whole(&slot.identity, last + 1, rest)),
    };
    if let Some(number) = (slot.settled + 1..=last + 1).find(is_wrong) {
        return Err(corrupt(&format!("record {number} is not what was written")));
    }
    let area = Area::of(file, slot, newest);
    if !found.is_blank {
        write_again(disk, path, found.records.values())?;
        let wiped = area.settled(last).and_then(|()| area.wipe([slot.half_bytes; 2]));
        wiped.map_err(flushing(path))?;
    }
    Ok(Some(area))
}

/// The slot that was written last, and which of the two it is.
fn newest(path: &str, slots: &[u8]) -> Result<(Slot, usize), PortError> {
    let (first, second) = slots.split_at(slots.len() / 2);
    match (Slot::parse(first)?, Slot::parse(second)?) {
        (Some(first), Some(second)) if second.settled > first.settled => Ok((second, 1)),
        (Some(first), _) => Ok((first, 0)),
        (None, Some(second)) => Ok((second, 1)),
        (None, None) => Err(PortError::corrupt(format!("{path}: its header"))),
    }
}

impl Scanned {
    fn scan(&mut self, slot: &Slot, mut bytes: Vec<u8>) {
        self.is_blank &= bytes.iter().all(|byte| *byte == 0);
        let (mut at, mut end) = (0, 0);
        while at < bytes.len() {
            match self.take(&slot.identity, slot.settled, &bytes[at..]) {
                Some(head) => {
                    at += head.record_bytes();
                    end = if head.number > slot.settled { at } else { end };
                }
                None => at += narrow(REDO_BLOCK_BYTES),
            }
        }
        bytes.drain(..end);
        self.rests.push(bytes);
    }

    fn take(&mut self, identity: &Identity, settled: u64, bytes: &[u8]) -> Option<Head> {
        let (head, body) = record::parse(identity, bytes)?;
        if head.number > settled {
            self.records.insert(head.number, body);
        }
        Some(head)
    }
}

/// Does what the records tell, one after another.
fn write_again<'a>(
    disk: &dyn Disk,
    path: &str,
    records: impl Iterator<Item = &'a Vec<u8>>,
) -> Result<(), PortError> {
    let mut files = BTreeMap::new();
    for body in records {
        let what = || PortError::corrupt(format!("{path}: a record does not end as it should"));
        for write in record::writes(body).ok_or_else(what)? {
            let file = match files.get(write.path) {
                Some(file) => Arc::clone(file),
                None => {
                    let opened = disk.open(write.path, OpenMode::Write);
                    let file = opened.map_err(doing("opening", write.path))?;
                    files.insert(write.path.to_owned(), Arc::clone(&file));
                    file
                }
            };
            file.write_at(write.bytes, write.offset).map_err(doing("writing", write.path))?;
        }
    }
    files.iter().try_for_each(|(path, file)| file.sync().map_err(flushing(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::bytes::wide;

    #[test]
    fn the_slot_that_was_written_last_counts() {
        let slot = |settled| Slot { identity: [1; 16], half_bytes: 4096, settled };
        let bytes = |settled: Option<u64>| match settled {
            Some(settled) => slot(settled).encode(),
            None => vec![9; narrow(REDO_BLOCK_BYTES)],
        };
        for (first, second, newest_slot) in [
            (Some(3), Some(4), Some((4, 1))),
            (Some(5), Some(4), Some((5, 0))),
            (None, Some(4), Some((4, 1))),
            (Some(5), None, Some((5, 0))),
            (None, None, None),
        ] {
            let slots = [bytes(first), bytes(second)].concat();
            let found = newest("redo", &slots).ok();
            let found = found.map(|(slot, index)| (slot.settled, index));
            assert_eq!(found, newest_slot, "{first:?} {second:?}");
        }
        assert_eq!(wide(bytes(Some(1)).len()), REDO_BLOCK_BYTES);
    }
}
