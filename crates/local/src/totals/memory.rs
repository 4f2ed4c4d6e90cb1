//! Totals since the last checkpoint: rows in order of first touch, found through an
//! open-addressing table of their numbers. 52 to 68 bytes a row.

use engine::port::TotalRow;
use ledger::time::Bucket;
use ledger::{Total, totals::TotalOverflow};

const EMPTY: u32 = u32::MAX;
const PLACES_MIN: usize = 1024;
/// Rows whose places are read before any is added.
const GROUP: usize = 32;

#[derive(Clone, Copy)]
struct Row {
    debit: i128,
    credit: i128,
    count: u64,
    key: u64,
}

/// Sums by bucket and account.
#[derive(Default)]
pub struct Memory {
    rows: Vec<Row>,
    /// Numbers of rows; a power of two of places, at most two thirds taken.
    places: Vec<u32>,
}

/// Sorts as (bucket, account).
fn key_of(row: &TotalRow) -> u64 {
    // Flipping the sign bit makes the order of the numbers that of the buckets.
    let bucket = row.bucket.0.cast_unsigned() ^ 1 << 31;
    u64::from(bucket) << 32 | u64::from(row.account)
}

#[allow(clippy::cast_possible_truncation)] // the halves of the key
fn row_of(row: &Row) -> TotalRow {
    let bucket = Bucket(((row.key >> 32) as u32 ^ 1 << 31).cast_signed());
    let total = Total { debit: row.debit, credit: row.credit, count: row.count };
    TotalRow { bucket, account: row.key as u32, total }
}

#[allow(clippy::cast_possible_truncation)] // masked to the table
fn place_of(key: u64, mask: usize) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize & mask
}

impl Memory {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds rows to the sums of their buckets and accounts.
    pub fn add_all(&mut self, rows: &[TotalRow]) -> Result<(), TotalOverflow> {
        for group in rows.chunks(GROUP) {
            if !self.places.is_empty() {
                self.touch(group);
            }
            group.iter().try_for_each(|row| self.add(row))?;
        }
        Ok(())
    }

    /// Reads where the sums of a group will be found, so that the waits for memory overlap.
    fn touch(&self, group: &[TotalRow]) {
        let mask = self.places.len() - 1;
        let mut numbers = [EMPTY; GROUP];
        for (number, row) in numbers.iter_mut().zip(group) {
            *number = self.places[place_of(key_of(row), mask)];
        }
        let mut touched = 0;
        for number in numbers {
            touched ^= self.rows.get(number as usize).map_or(0, |row| row.key);
        }
        std::hint::black_box(touched);
    }

    /// Adds a row to the sum of its bucket and account.
    fn add(&mut self, row: &TotalRow) -> Result<(), TotalOverflow> {
        if self.places.len() * 2 <= self.rows.len() * 3 {
            self.grow();
        }
        let key = key_of(row);
        let mask = self.places.len() - 1;
        let mut place = place_of(key, mask);
        while self.places[place] != EMPTY {
            let sum = &mut self.rows[self.places[place] as usize];
            if sum.key == key {
                let mut total = Total { debit: sum.debit, credit: sum.credit, count: sum.count };
                total.add(row.total)?;
                let Total { debit, credit, count } = total;
                *sum = Row { debit, credit, count, key };
                return Ok(());
            }
            place = (place + 1) & mask;
        }
        self.places[place] = u32::try_from(self.rows.len()).map_err(|_| TotalOverflow)?;
        let Total { debit, credit, count } = row.total;
        self.rows.push(Row { debit, credit, count, key });
        Ok(())
    }

    fn grow(&mut self) {
        let places = (self.places.len() * 2).max(PLACES_MIN);
        self.places.clear();
        self.places.resize(places, EMPTY);
        for (number, row) in (0..).zip(&self.rows) {
            let mut place = place_of(row.key, places - 1);
            while self.places[place] != EMPTY {
                place = (place + 1) & (places - 1);
            }
            self.places[place] = number;
        }
    }

    /// Every row, in no order.
    pub fn rows(&self) -> impl Iterator<Item = TotalRow> {
        self.rows.iter().map(row_of)
    }

    /// Sorts the rows by bucket and account; after this only `rows` and `clear` may be called.
    pub fn sort(&mut self) {
        self.rows.sort_unstable_by_key(|row| row.key);
    }

    /// Forgets every row, keeping its memory for the next ones.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.places.fill(EMPTY);
    }
}
