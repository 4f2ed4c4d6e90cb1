//! The account sums of a statement: a count u32, then the rows as their tree's leaf data (see
//! [`crate::sums`]), ascending by path and asset, each once.

use ledger::Total;
use settle::AccountSum;
use thiserror::Error;

use crate::bytes::{Reader, push_count};
use crate::sums::{ROW_VERSION, key, push_row};

/// Bytes that are not account sums (`E6008`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("these bytes are not a list of account sums of a known version")]
pub struct RowsError;

impl RowsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6008"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// The bytes of rows, in the order given.
pub fn encode(rows: &[AccountSum]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 96 + 4);
    push_count(&mut out, rows.len());
    for row in rows {
        push_row(&mut out, row);
    }
    out
}

/// Reads exactly what [`encode`] writes of sorted rows.
pub fn decode(bytes: &[u8]) -> Result<Vec<AccountSum>, RowsError> {
    let mut reader = Reader::new(bytes);
    let rows = reader.list(read).ok_or(RowsError)?;
    let sound = reader.is_empty() && rows.is_sorted_by(|a, b| key(a) < key(b));
    if sound { Ok(rows) } else { Err(RowsError) }
}

fn read(reader: &mut Reader<'_>) -> Option<AccountSum> {
    if reader.u8()? != ROW_VERSION {
        return None;
    }
    let (path, asset) = (reader.text()?, reader.text()?);
    let debit = i128::from_le_bytes(reader.array()?);
    let credit = i128::from_le_bytes(reader.array()?);
    let total = Total { debit, credit, count: reader.u64()? };
    Some(AccountSum { path, asset, total })
}
