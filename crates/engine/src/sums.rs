//! Account sums over a span of time, from the Store's totals: what measures and statements are
//! made from. It costs per account and bucket, never per event.

use crate::error::EngineError;
use crate::port::{AccountId, Store};
use ledger::Total;
use ledger::time::{Bucket, Span};
use settle::AccountSum;

/// The whole of time, in buckets.
pub const ALWAYS: (Bucket, Bucket) = (Bucket(i32::MIN), Bucket(i32::MAX));

/// Sums per account over the buckets `from <= bucket < to`, for the accounts that `wanted`
/// accepts (path, asset), in order of account number. Accounts without postings are left out.
///
/// # Errors
/// When the Store cannot be read or a sum leaves 128 bits.
pub fn account_sums(
    store: &dyn Store,
    (from, to): (Bucket, Bucket),
    wanted: &mut dyn FnMut(&str, &str) -> bool,
) -> Result<Vec<AccountSum>, EngineError> {
    let count = store.account_count() as usize;
    let mut names: Vec<Option<(String, String)>> = Vec::with_capacity(count);
    store.accounts(&mut |_, path, asset| {
        names.push(wanted(path, asset).then(|| (path.to_owned(), asset.to_owned())));
    })?;
    let totals = totals_by_account(store, (from, to), count)?;
    Ok(names
        .into_iter()
        .zip(totals)
        .filter_map(|(name, total)| {
            let (path, asset) = name?;
            (total.count > 0).then_some(AccountSum { path, asset, total })
        })
        .collect())
}

/// One total per account number, over the buckets `from <= bucket < to`.
///
/// # Errors
/// When the Store cannot be read or a sum leaves 128 bits.
pub fn totals_by_account(
    store: &dyn Store,
    (from, to): (Bucket, Bucket),
    count: usize,
) -> Result<Vec<Total>, EngineError> {
    let mut totals = vec![Total::default(); count];
    let mut failed = None;
    store.totals(from, to, &mut |row| match slot(&mut totals, row.account) {
        Some(total) => {
            if let Err(error) = total.add(row.total) {
                failed = Some(EngineError::from(error));
            }
        }
        None => {
            failed = Some(EngineError::Form(format!("totals of unknown account {}", row.account)));
        }
    })?;
    failed.map_or(Ok(totals), Err)
}

fn slot(totals: &mut [Total], account: AccountId) -> Option<&mut Total> {
    totals.get_mut(account as usize)
}

/// The buckets of a span.
///
/// # Errors
/// [`EngineError::Unknown`] when its bounds are not on quarters of an hour UTC.
pub fn buckets_of(span: Span) -> Result<(Bucket, Bucket), EngineError> {
    span.buckets().ok_or_else(|| {
        EngineError::Unknown("a span that begins and ends on a quarter of an hour UTC".into())
    })
}
