//! Totals: debit, credit and count of the postings on one account in one bucket.

/// What was posted on one side or both. Amounts are minor units of the account's asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Total {
    /// Sum of debits, minor units, never negative.
    pub debit: i128,
    /// Sum of credits, minor units, never negative.
    pub credit: i128,
    /// Number of postings on the account (each side of a posting counts on its own account).
    pub count: u64,
}

/// A sum left the range of 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalOverflow;

impl std::fmt::Display for TotalOverflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a total exceeds 128 bits of minor units")
    }
}

impl std::error::Error for TotalOverflow {}

impl Total {
    /// A single debit.
    pub fn of_debit(minor: i128) -> Self {
        Self { debit: minor, credit: 0, count: 1 }
    }

    /// A single credit.
    pub fn of_credit(minor: i128) -> Self {
        Self { debit: 0, credit: minor, count: 1 }
    }

    /// Adds `other` to this total.
    ///
    /// # Errors
    /// [`TotalOverflow`]; the total is then unchanged.
    pub fn add(&mut self, other: Self) -> Result<(), TotalOverflow> {
        *self = Self {
            debit: self.debit.checked_add(other.debit).ok_or(TotalOverflow)?,
            credit: self.credit.checked_add(other.credit).ok_or(TotalOverflow)?,
            count: self.count.checked_add(other.count).ok_or(TotalOverflow)?,
        };
        Ok(())
    }

    /// Credit less debit: what the account has earned.
    ///
    /// # Errors
    /// [`TotalOverflow`].
    pub fn net(self) -> Result<i128, TotalOverflow> {
        self.credit.checked_sub(self.debit).ok_or(TotalOverflow)
    }
}
