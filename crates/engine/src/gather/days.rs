//! Sums by local day: totals are kept by quarters of an hour, so that they tell days without a
//! scan.

use super::fine::{Adder, Fine, Grouping};
use super::only::Only;
use super::values::{join_values, local_day};
use crate::error::EngineError;
use crate::port::{Store, TotalRow};
use crate::sums::buckets_of;
use std::collections::HashMap;

/// The sums of the accounts that `wanted` marks; days are selected when sums are given out.
pub(super) fn scan(
    store: &dyn Store,
    grouping: &Grouping,
    (wanted, _): (Vec<bool>, Only),
) -> Result<Fine, EngineError> {
    let mut adder = Adder::default();
    let mut days: HashMap<i32, u32> = HashMap::new();
    let mut failed = None;
    let mut add = |row: TotalRow| -> Result<(), EngineError> {
        if !wanted.get(row.account as usize).copied().unwrap_or(false) {
            return Ok(());
        }
        let number = match days.get(&row.bucket.0) {
            Some(number) => *number,
            None => {
                let mut joined = Vec::new();
                join_values(&mut joined, local_day(row.bucket, &grouping.zone)?.as_bytes());
                let number = adder.number(&joined);
                days.insert(row.bucket.0, number);
                number
            }
        };
        adder.add(row.account, number, row.total)
    };
    let (from, to) = buckets_of(grouping.span)?;
    store.totals(from, to, &mut |row| {
        if let (None, Err(error)) = (&failed, add(row)) {
            failed = Some(error);
        }
    })?;
    failed.map_or_else(|| Ok(adder.finish((wanted, Only::default()))), Err)
}
