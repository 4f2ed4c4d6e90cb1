//! Journal blocks: what became of each record of a frame and what was posted, in columns. A block
//! describes itself: readers find columns by name and skip those they do not know.
//!
//! `SBLK`, u16 version 1, text stream, u64 first position, u64 first sequence, i32 lowest and
//! highest bucket, u16 number of columns, each `text name, u8 bytes a value, u32 rows, values`.
//! Columns: `outcome` (1 byte a record, 0 for a repeat); for what was posted for the frame's own
//! records `at` (4, record within the frame), `debit`, `credit` (4, accounts), `debit_bucket`,
//! `credit_bucket` (4), `minor` (16); for records of earlier frames that were released, the same
//! with `late_` before the name, and `late_at` (8) a position. Where records of earlier frames came
//! into another state: `moved_at` (8) a position, `moved_from` and `moved_to` (1) outcomes.

use crate::port::{AccountId, Position};
use crate::wire::{BadBytes, Reader, Writer};
use ledger::time::Bucket;

const MAGIC: [u8; 4] = *b"SBLK";
const VERSION: u16 = 1;

/// One posting of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Position of the event it was posted for.
    pub position: Position,
    /// Account debited.
    pub debit: AccountId,
    /// Account credited.
    pub credit: AccountId,
    /// Bucket on the debited account.
    pub debit_bucket: Bucket,
    /// Bucket on the credited account; another one only where the time bases differ.
    pub credit_bucket: Bucket,
    /// Amount, minor units, never negative.
    pub minor: i128,
}

/// A record of an earlier frame that came into another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its position.
    pub position: Position,
    /// Number of the outcome that it had.
    pub from: u8,
    /// Number of the outcome that it has since.
    pub to: u8,
}

/// A block being written or read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The stream of the frame.
    pub stream: String,
    /// Position of the frame's first record.
    pub first: Position,
    /// Sequence that the frame's first distinct record got.
    pub sequence: u64,
    /// Outcome number of each record; 0 for a repeat.
    pub outcomes: Vec<u8>,
    /// Postings of the frame's own records, in order.
    pub posted: Vec<Posted>,
    /// Postings of earlier records, released by this frame.
    pub released: Vec<Posted>,
    /// Records of earlier frames that came into another state, in order.
    pub moved: Vec<Moved>,
}

impl Block {
    /// The sequence of the record at `position`, when it is in this block and distinct.
    pub fn sequence_of(&self, position: Position) -> Option<u64> {
        let at = usize::try_from(position.checked_sub(self.first)?).ok()?;
        if *self.outcomes.get(at)? == 0 {
            return None;
        }
        let before = self.outcomes[..at].iter().filter(|outcome| **outcome != 0).count();
        Some(self.sequence + before as u64)
    }

    /// Every posting.
    pub fn postings(&self) -> impl Iterator<Item = &Posted> {
        self.posted.iter().chain(&self.released)
    }

    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let rows = self.posted.len() + self.released.len();
        let mut writer =
            Writer { bytes: Vec::with_capacity(512 + self.outcomes.len() + rows * 40) };
        let (low, high) = self.bounds();
        writer.fixed(&MAGIC).u16(VERSION).text(&self.stream).u64(self.first).u64(self.sequence);
        let columns = if self.moved.is_empty() { 13 } else { 16 };
        writer.fixed(&low.to_le_bytes()).fixed(&high.to_le_bytes()).u16(columns);
        writer.text("outcome").u8(1).u32(count(&self.outcomes)).fixed(&self.outcomes);
        let first = self.first;
        column(&mut writer, "at", &self.posted, |row| {
            u32::try_from(row.position - first).unwrap_or(u32::MAX).to_le_bytes()
        });
        shared_columns(&mut writer, "", &self.posted);
        column(&mut writer, "late_at", &self.released, |row| row.position.to_le_bytes());
        shared_columns(&mut writer, "late_", &self.released);
        if !self.moved.is_empty() {
            column(&mut writer, "moved_at", &self.moved, |row| row.position.to_le_bytes());
            column(&mut writer, "moved_from", &self.moved, |row| [row.from]);
            column(&mut writer, "moved_to", &self.moved, |row| [row.to]);
        }
        writer.bytes
    }

    fn bounds(&self) -> (i32, i32) {
        let buckets = self.postings().flat_map(|row| [row.debit_bucket.0, row.credit_bucket.0]);
        let (mut low, mut high) = (i32::MAX, i32::MIN);
        for bucket in buckets {
            (low, high) = (low.min(bucket), high.max(bucket));
        }
        (low, high)
    }

    /// The lowest and the highest bucket of an encoded block; the lowest is above the highest
    /// where nothing was posted.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn bounds_of(bytes: &[u8]) -> Result<(Bucket, Bucket), BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.fixed()? != MAGIC || reader.u16()? != VERSION {
            return Err(BadBytes);
        }
        reader.text()?;
        reader.take(16)?;
        let low = i32::from_le_bytes(reader.fixed()?);
        Ok((Bucket(low), Bucket(i32::from_le_bytes(reader.fixed()?))))
    }

    /// The stream of an encoded block.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn stream_of(bytes: &[u8]) -> Result<&str, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.fixed()? != MAGIC || reader.u16()? != VERSION {
            return Err(BadBytes);
        }
        reader.text()
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let (block, columns) = Self::read(bytes)?;
        let first = block.first;
        let at = |bytes: &[u8]| {
            let offset = u32::from_le_bytes(four(bytes)?);
            first.checked_add(u64::from(offset)).ok_or(BadBytes)
        };
        let posted = columns.rows("", "at", 4, at)?;
        let late_at = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).map_err(|_| BadBytes);
        let released = columns.rows("late_", "late_at", 8, late_at)?;
        Ok(Self { posted, released, ..block })
    }

    /// The same without the postings, which are most of it.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode_without_postings(bytes: &[u8]) -> Result<Self, BadBytes> {
        Ok(Self::read(bytes)?.0)
    }

    fn read(bytes: &[u8]) -> Result<(Self, Columns<'_>), BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.fixed()? != MAGIC || reader.u16()? != VERSION {
            return Err(BadBytes);
        }
        let stream = reader.text()?.to_owned();
        let (first, sequence) = (reader.u64()?, reader.u64()?);
        reader.take(8)?;
        let mut columns = std::collections::HashMap::new();
        for _ in 0..reader.u16()? {
            let (name, width, rows) = (reader.text()?, reader.u8()?, reader.u32()?);
            let length = (rows as usize).checked_mul(usize::from(width)).ok_or(BadBytes)?;
            columns.insert(name, (width, reader.take(length)?));
        }
        reader.end()?;
        let columns = Columns { columns };
        let outcomes = columns.get("outcome", 1)?.to_vec();
        let moved = columns.moved()?;
        let block = Self { stream, first, sequence, outcomes, moved, ..Self::default() };
        Ok((block, columns))
    }
}

fn count<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

fn column<T, const N: usize>(
    writer: &mut Writer,
    name: &str,
    rows: &[T],
    value: impl Fn(&T) -> [u8; N],
) {
    writer.text(name).u8(u8::try_from(N).unwrap_or(0)).u32(count(rows));
    let start = writer.bytes.len();
    writer.bytes.resize(start + rows.len() * N, 0);
    let (places, _) = writer.bytes[start..].as_chunks_mut::<N>();
    for (place, row) in places.iter_mut().zip(rows) {
        *place = value(row);
    }
}

fn shared_columns(writer: &mut Writer, prefix: &str, rows: &[Posted]) {
    column(writer, &format!("{prefix}debit"), rows, |row| row.debit.to_le_bytes());
    column(writer, &format!("{prefix}credit"), rows, |row| row.credit.to_le_bytes());
    column(writer, &format!("{prefix}debit_bucket"), rows, |row| row.debit_bucket.0.to_le_bytes());
    column(writer, &format!("{prefix}credit_bucket"), rows, |row| {
        row.credit_bucket.0.to_le_bytes()
    });
    column(writer, &format!("{prefix}minor"), rows, |row| row.minor.to_le_bytes());
}

fn four(bytes: &[u8]) -> Result<[u8; 4], BadBytes> {
    bytes.try_into().map_err(|_| BadBytes)
}

fn bucket(bytes: &[u8]) -> Result<Bucket, BadBytes> {
    four(bytes).map(i32::from_le_bytes).map(Bucket)
}

struct Columns<'a> {
    columns: std::collections::HashMap<&'a str, (u8, &'a [u8])>,
}

impl<'a> Columns<'a> {
    fn get(&self, name: &str, width: u8) -> Result<&'a [u8], BadBytes> {
        let (found, bytes) = self.columns.get(name).ok_or(BadBytes)?;
        if *found == width { Ok(bytes) } else { Err(BadBytes) }
    }

    /// What came into another state; nothing where the columns are not there.
    fn moved(&self) -> Result<Vec<Moved>, BadBytes> {
        if !self.columns.contains_key("moved_at") {
            return Ok(Vec::new());
        }
        let (at, _) = self.get("moved_at", 8)?.as_chunks::<8>();
        let (from, to) = (self.get("moved_from", 1)?, self.get("moved_to", 1)?);
        if from.len() != at.len() || to.len() != at.len() {
            return Err(BadBytes);
        }
        let rows = at.iter().zip(from.iter().zip(to));
        let row = |(at, (from, to)): (&[u8; 8], (&u8, &u8))| Moved {
            position: u64::from_le_bytes(*at),
            from: *from,
            to: *to,
        };
        Ok(rows.map(row).collect())
    }

    fn rows(
        &self,
        prefix: &str,
        at: &str,
        at_width: u8,
        position: impl Fn(&[u8]) -> Result<Position, BadBytes>,
    ) -> Result<Vec<Posted>, BadBytes> {
        let at = self.get(at, at_width)?.chunks_exact(usize::from(at_width));
        let debit = self.get(&format!("{prefix}debit"), 4)?;
        let credit = self.get(&format!("{prefix}credit"), 4)?;
        let debit_bucket = self.get(&format!("{prefix}debit_bucket"), 4)?;
        let credit_bucket = self.get(&format!("{prefix}credit_bucket"), 4)?;
        let minor = self.get(&format!("{prefix}minor"), 16)?;
        let rows = at.len();
        let lengths = [debit, credit, debit_bucket, credit_bucket].map(<[u8]>::len);
        if lengths != [rows * 4; 4] || minor.len() != rows * 16 {
            return Err(BadBytes);
        }
        at.enumerate()
            .map(|(row, at)| {
                let small = row * 4..row * 4 + 4;
                let wide = minor[row * 16..row * 16 + 16].try_into().map_err(|_| BadBytes)?;
                Ok(Posted {
                    position: position(at)?,
                    debit: u32::from_le_bytes(four(&debit[small.clone()])?),
                    credit: u32::from_le_bytes(four(&credit[small.clone()])?),
                    debit_bucket: bucket(&debit_bucket[small.clone()])?,
                    credit_bucket: bucket(&credit_bucket[small])?,
                    minor: i128::from_le_bytes(wide),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Block {
        let posted = |position, minor| Posted {
            position,
            debit: 1,
            credit: 2,
            debit_bucket: Bucket(-7),
            credit_bucket: Bucket(9),
            minor,
        };
        Block {
            stream: "studio-a".into(),
            first: 100,
            sequence: 90,
            outcomes: vec![4, 0, 1, 4],
            posted: vec![posted(100, 5), posted(103, i128::MAX)],
            released: vec![posted(3, 0)],
            moved: vec![],
        }
    }

    #[test]
    fn bytes_come_back_and_no_cut_is_taken_for_a_block() {
        let moved = Moved { position: 3, from: 3, to: 4 };
        for block in [block(), Block { moved: vec![moved], ..block() }] {
            let bytes = block.encode();
            assert_eq!(Block::decode(&bytes).as_ref(), Ok(&block));
            for length in 0..bytes.len() {
                assert_eq!(Block::decode(&bytes[..length]), Err(BadBytes), "{length} bytes");
            }
            let short = Block { posted: vec![], released: vec![], ..block };
            assert_eq!(Block::decode_without_postings(&bytes), Ok(short));
        }
    }

    #[test]
    fn sequences_count_distinct_records_only() {
        for (position, sequence) in [
            (100, Some(90)),
            (101, None),
            (102, Some(91)),
            (103, Some(92)),
            (104, None),
            (99, None),
        ] {
            assert_eq!(block().sequence_of(position), sequence, "{position}");
        }
    }
}
