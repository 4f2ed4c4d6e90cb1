//! Leaf hashes of a frame, many records at a time.

use super::Mark;
use crate::port::Frame;
use crate::record::Record;
use crate::wire::BadBytes;
use proof::Hash;
use proof::digest::{self, BlindKey};
use proof::leaf::{LeafData, RecordLeafData};

/// Records that are hashed together: enough to keep two lanes busy, few enough that what is
/// written between the passes stays in the nearest cache.
const CHUNK: usize = 128;

/// What the hashes of a chunk are made from and made to.
#[derive(Default)]
struct Chunk<'f> {
    canonicals: Vec<&'f [u8]>,
    ids: Vec<&'f [u8]>,
    contents: Vec<Hash>,
    blinds: Vec<[u8; 16]>,
    people: Vec<[u8; 16]>,
    data: Vec<u8>,
    ends: Vec<usize>,
}

/// What is hashed of every record.
pub(super) struct Hashes {
    /// Leaf hashes.
    pub(super) leaves: Vec<Hash>,
    /// Content hashes of events, hashes of the records of other rows.
    pub(super) contents: Vec<Hash>,
}

impl Hashes {
    /// Adds those of every record of `frame`.
    pub(super) fn add(
        &mut self,
        frame: &Frame,
        marks: &[Mark],
        key: &BlindKey,
    ) -> Result<(), BadBytes> {
        let mut chunk = Chunk::default();
        let mut start = 0;
        self.leaves.reserve(marks.len());
        self.contents.reserve(marks.len());
        for (marks, ends) in marks.chunks(CHUNK).zip(frame.ends.chunks(CHUNK)) {
            chunk.hash(&frame.records, (marks, ends), start, key, self)?;
            start = ends.last().map_or(start, |end| *end as usize);
        }
        Ok(())
    }
}

impl<'f> Chunk<'f> {
    fn hash(
        &mut self,
        records: &'f [u8],
        (marks, ends): (&[Mark], &[u32]),
        mut start: usize,
        key: &BlindKey,
        out: &mut Hashes,
    ) -> Result<(), BadBytes> {
        self.canonicals.clear();
        self.ids.clear();
        self.contents.clear();
        self.blinds.clear();
        self.data.clear();
        self.ends.clear();
        for mark in marks.iter().filter(|mark| mark.is_event()) {
            self.canonicals.push(mark.canonical(records));
            self.ids.push(mark.id(records));
        }
        digest::content_hashes(&self.canonicals, &mut self.contents);
        key.blinds(&self.ids, &mut self.blinds);
        let mut events = 0;
        for (mark, end) in marks.iter().zip(ends) {
            let record = &records[start..*end as usize];
            start = *end as usize;
            if mark.is_event() {
                self.event(record, events)?;
                out.contents.push(self.contents[events]);
                events += 1;
            } else {
                out.contents.push(unreadable(record, &mut self.data)?);
            }
            self.ends.push(self.data.len());
        }
        let mut from = 0;
        let mut datas = [&self.data[..0]; CHUNK];
        for (data, end) in datas.iter_mut().zip(&self.ends) {
            *data = &self.data[from..*end];
            from = *end;
        }
        digest::leaf_hashes(&datas[..marks.len()], &mut out.leaves);
        Ok(())
    }

    fn event(&mut self, record: &[u8], number: usize) -> Result<(), BadBytes> {
        let Record::Event(event) = Record::decode(record)? else { return Err(BadBytes) };
        self.people.clear();
        self.people.extend(event.pseudonyms().map(|(_, pseudonym)| pseudonym));
        let (content_hash, blind) = (self.contents[number], self.blinds[number]);
        LeafData { content_hash, pseudonyms: &self.people, blind }.encode_into(&mut self.data);
        Ok(())
    }
}

fn unreadable(record: &[u8], data: &mut Vec<u8>) -> Result<Hash, BadBytes> {
    let Record::Unreadable(row) = Record::decode(record)? else { return Err(BadBytes) };
    let mut blind = [0; 16];
    blind.copy_from_slice(&row.raw_hash[..16]);
    // Without the place of its raw row, so that the tree does not depend on the frame's size.
    let stated = &record[..record.len().saturating_sub(8)];
    let record_hash = digest::sha256(stated);
    RecordLeafData { kind: 2, record_hash, blind }.encode_into(data);
    Ok(record_hash)
}
