//! Account sums over a span of time, from the Store's totals: what measures and statements are
//! made from. It costs per account and bucket, never per event.

use crate::error::EngineError;
use crate::port::{AccountId, Position, Store, TotalRow};
use ledger::Total;
use ledger::time::{Bucket, Span};
use settle::AccountSum;

/// The whole of time, in buckets.
pub const ALWAYS: (Bucket, Bucket) = (Bucket(i32::MIN), Bucket(i32::MAX));

/// Bytes of totals that are added up in one reading of them: more spans than fit are read for in
/// several.
const TOTALS_BYTES_MAX: usize = 512 << 20;

/// The totals of every account over the spans asked for last, and finer sums, kept until
/// something is posted: closing several agreements for one period reads the Store once.
#[derive(Debug, Default)]
pub struct Kept {
    totals: KeptTotals,
    pub(crate) fine: crate::gather::KeptFine,
    pub(crate) late: crate::close::KeptLate,
}

/// The totals by account number between each two cuts of time: every span that begins and ends
/// at a cut is the sum of what lies between.
#[derive(Debug, Default)]
struct KeptTotals {
    /// Ascending.
    cuts: Vec<Bucket>,
    between: Vec<Vec<Total>>,
}

impl Kept {
    /// Forgets them.
    pub fn forget(&mut self) {
        self.totals = KeptTotals::default();
        self.fine.forget();
        self.late.forget();
    }

    /// Takes in what was posted on accounts of settlement alone, by the command at `by`: no finer
    /// sum has them.
    pub fn settled(&mut self, rows: &[TotalRow], by: Position) {
        let KeptTotals { cuts, between } = &mut self.totals;
        for row in rows {
            let after = cuts.partition_point(|cut| *cut <= row.bucket);
            let part = after.checked_sub(1).and_then(|at| between.get_mut(at));
            let Some(part) = part else { continue };
            let place = row.account as usize;
            part.resize(part.len().max(place + 1), Total::default());
            if part[place].add(row.total).is_err() {
                return self.forget();
            }
        }
        self.late.note(rows, by);
    }

    /// Reads what [`Kept::total`] tells of these spans, unless it is at hand.
    ///
    /// # Errors
    /// When the Store cannot be read or a sum leaves 128 bits.
    pub fn read_totals(
        &mut self,
        store: &dyn Store,
        spans: &[(Bucket, Bucket)],
    ) -> Result<(), EngineError> {
        let mut cuts: Vec<Bucket> = spans.iter().flat_map(|(from, to)| [*from, *to]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        if !cuts.iter().all(|cut| self.totals.cuts.binary_search(cut).is_ok()) {
            self.totals = KeptTotals::read(store, cuts)?;
        }
        Ok(())
    }

    /// The total of an account over a span that was read.
    ///
    /// # Errors
    /// When it leaves 128 bits.
    pub fn total(&self, span: (Bucket, Bucket), account: u32) -> Result<Total, EngineError> {
        let KeptTotals { cuts, between } = &self.totals;
        let place = |cut: Bucket| cuts.partition_point(|known| *known < cut);
        let mut total = Total::default();
        for part in between.get(place(span.0)..place(span.1)).unwrap_or_default() {
            if let Some(more) = part.get(account as usize) {
                total.add(*more)?;
            }
        }
        Ok(total)
    }
}

impl KeptTotals {
    fn read(store: &dyn Store, cuts: Vec<Bucket>) -> Result<Self, EngineError> {
        let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else {
            return Ok(Self::default());
        };
        let accounts = store.account_count() as usize;
        let mut between = vec![vec![Total::default(); accounts]; cuts.len() - 1];
        let (mut failed, mut at) = (None, 0);
        store.totals(*first, *last, &mut |row| {
            // Rows come mostly in order of time.
            if row.bucket < cuts[at] || cuts[at + 1] <= row.bucket {
                at = cuts.partition_point(|cut| *cut <= row.bucket) - 1;
            }
            match slot(&mut between[at], row.account).map(|total| total.add(row.total)) {
                Some(Ok(())) => {}
                Some(Err(error)) => failed = Some(EngineError::from(error)),
                None => failed = Some(unknown(row.account)),
            }
        })?;
        failed.map_or(Ok(Self { cuts, between }), Err)
    }
}

/// Spans in groups whose totals fit in memory together, so that one reading is enough for each
/// group.
pub(crate) fn grouped(
    mut spans: Vec<(Bucket, Bucket)>,
    accounts: usize,
) -> Vec<Vec<(Bucket, Bucket)>> {
    spans.sort_unstable();
    spans.dedup();
    let bytes = accounts.max(1) * size_of::<Total>();
    // A span has two cuts, each of which begins one stretch more.
    let most = (TOTALS_BYTES_MAX / bytes / 2).max(1);
    spans.chunks(most).map(<[_]>::to_vec).collect()
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
        None => failed = Some(unknown(row.account)),
    })?;
    failed.map_or(Ok(totals), Err)
}

fn unknown(account: AccountId) -> EngineError {
    EngineError::Form(format!("totals of unknown account {account}"))
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
