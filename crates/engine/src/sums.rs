//! Account sums over a span of time, from the Store's totals: what measures and statements are
//! made from. It costs per account and bucket, never per event.

use crate::error::EngineError;
use crate::port::{AccountId, Position, Store, TotalRow};
use ledger::Total;
use ledger::time::{Bucket, Span};
use settle::AccountSum;
use std::sync::Arc;

/// The whole of time, in buckets.
pub const ALWAYS: (Bucket, Bucket) = (Bucket(i32::MIN), Bucket(i32::MAX));

/// Spans whose totals are kept: those of the periods and windows of agreements closed together.
const SPANS_KEPT_MAX: usize = 8;

/// The totals of every account over the spans asked for last, and finer sums, kept until
/// something is posted: closing several agreements for one period reads the Store once.
#[derive(Debug, Default)]
pub struct Kept {
    totals: Vec<KeptTotals>,
    pub(crate) fine: crate::gather::KeptFine,
    pub(crate) late: crate::close::KeptLate,
}

/// The totals over the buckets of one span, by account number.
type KeptTotals = ((Bucket, Bucket), Arc<Vec<Total>>);

impl Kept {
    /// Forgets them.
    pub fn forget(&mut self) {
        self.totals.clear();
        self.fine.forget();
        self.late.forget();
    }

    /// Takes in what was posted on accounts of settlement alone, by the command at `by`: no finer
    /// sum has them.
    pub fn settled(&mut self, rows: &[TotalRow], by: Position) {
        for ((from, to), totals) in &mut self.totals {
            let totals = Arc::make_mut(totals);
            for row in rows.iter().filter(|row| *from <= row.bucket && row.bucket < *to) {
                let place = row.account as usize;
                totals.resize(totals.len().max(place + 1), Total::default());
                if totals[place].add(row.total).is_err() {
                    return self.forget();
                }
            }
        }
        self.late.note(rows, by);
    }

    /// One total per account number over the buckets of `span`, kept or read.
    ///
    /// # Errors
    /// When the Store cannot be read or a sum leaves 128 bits.
    pub fn totals(
        &mut self,
        store: &dyn Store,
        span: (Bucket, Bucket),
    ) -> Result<Arc<Vec<Total>>, EngineError> {
        if let Some((_, totals)) = self.totals.iter().find(|(kept, _)| *kept == span) {
            return Ok(Arc::clone(totals));
        }
        let totals = Arc::new(totals_by_account(store, span, store.account_count() as usize)?);
        if self.totals.len() == SPANS_KEPT_MAX {
            self.totals.remove(0);
        }
        self.totals.push((span, Arc::clone(&totals)));
        Ok(totals)
    }
}

/// Sums per account over the buckets `from <= bucket < to`, for the accounts that `wanted`
/// accepts (path, asset), in order of account number. Accounts without postings are left out.
///
/// # Errors
/// When the Store cannot be read or a sum leaves 128 bits.
pub fn account_sums(
    store: &dyn Store,
    span: (Bucket, Bucket),
    wanted: &mut dyn FnMut(&str, &str) -> bool,
) -> Result<Vec<AccountSum>, EngineError> {
    let totals = totals_by_account(store, span, store.account_count() as usize)?;
    named_sums(store, &totals, wanted)
}

/// [`account_sums`] of totals that are at hand.
///
/// # Errors
/// When the accounts cannot be read.
pub fn named_sums(
    store: &dyn Store,
    totals: &[Total],
    wanted: &mut dyn FnMut(&str, &str) -> bool,
) -> Result<Vec<AccountSum>, EngineError> {
    let mut sums = Vec::new();
    store.accounts(&mut |id, path, asset| {
        let total = totals.get(id as usize).copied().unwrap_or_default();
        if total.count > 0 && wanted(path, asset) {
            sums.push(AccountSum { path: path.to_owned(), asset: asset.to_owned(), total });
        }
    })?;
    Ok(sums)
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
