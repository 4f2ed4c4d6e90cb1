//! What a batch adds to totals: a small table that is emptied with every batch.

use crate::port::{AccountId, TotalRow};
use ledger::Total;
use ledger::time::Bucket;
use ledger::totals::TotalOverflow;

/// Sums per bucket and account, found by open addressing.
#[derive(Debug, Default)]
pub struct Deltas {
    rows: Vec<TotalRow>,
    slots: Vec<u32>,
}

impl Deltas {
    /// Adds `total` to an account's bucket.
    ///
    /// # Errors
    /// [`TotalOverflow`].
    pub fn add(
        &mut self,
        account: AccountId,
        bucket: Bucket,
        total: Total,
    ) -> Result<(), TotalOverflow> {
        if self.slots.len() < self.rows.len() * 2 + 2 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = spread(account, bucket) & mask;
        loop {
            match self.slots[slot] {
                0 => {
                    self.rows.push(TotalRow { bucket, account, total });
                    self.slots[slot] = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
                    return Ok(());
                }
                number => {
                    let row = &mut self.rows[number as usize - 1];
                    if row.account == account && row.bucket == bucket {
                        return row.total.add(total);
                    }
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The rows, in order of first use; the table is empty afterwards.
    pub fn take(&mut self) -> Vec<TotalRow> {
        self.slots.fill(0);
        // The next batch will add about as many.
        let room = self.rows.len() + self.rows.len() / 8;
        std::mem::replace(&mut self.rows, Vec::with_capacity(room))
    }

    /// The rows so far.
    pub fn rows(&self) -> &[TotalRow] {
        &self.rows
    }

    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(4096);
        self.slots = vec![0; slots];
        for (at, row) in self.rows.iter().enumerate() {
            let mut slot = spread(row.account, row.bucket) & (slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = u32::try_from(at + 1).unwrap_or(u32::MAX);
        }
    }
}

/// Account numbers are dense and buckets near each other: a multiplication spreads both.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn spread(account: AccountId, bucket: Bucket) -> usize {
    let both = (u64::from(account) << 32) | u64::from(bucket.0 as u32);
    (both.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24) as usize
}
