//! Totals that are asked for while events come: read once from the Store, then kept up by every
//! commit, so that a look costs what it shows and not what was ever posted.

use crate::error::EngineError;
use crate::port::{AccountId, NewAccount, Store, TotalRow};
use crate::sums;
use ledger::Total;
use ledger::account::Pattern;
use ledger::time::Bucket;
use settle::AccountSum;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Most spans that are kept up: each costs a look at every total that a commit touches.
const SPANS_MAX: usize = 16;
/// Most bytes of totals that are kept; one span is kept whatever it takes.
const BYTES_MAX: usize = 256 << 20;

/// Which accounts, of those that have postings in a span of time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The accounts; none for all.
    pub pattern: Option<&'a Pattern>,
    /// Accounts after this path and asset alone.
    pub after: Option<(&'a str, &'a str)>,
    /// At most so many; none for all.
    pub limit: Option<usize>,
}

/// The totals of spans that were asked for.
#[derive(Debug, Default)]
pub struct Live {
    /// By path and asset; empty until something is asked.
    names: BTreeMap<(String, String), AccountId>,
    /// The one that was asked for last is the last.
    spans: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    span: (Bucket, Bucket),
    /// By account number.
    totals: Vec<Total>,
}

impl Live {
    /// Takes in what a commit adds; its new accounts have the numbers from `first` on.
    pub fn note(&mut self, first: AccountId, accounts: &[NewAccount], rows: &[TotalRow]) {
        if self.spans.is_empty() {
            return;
        }
        for (new, id) in accounts.iter().zip(first..) {
            self.names.insert((new.path.clone(), new.asset.clone()), id);
        }
        // What cannot be kept up is read again when it is asked for again.
        self.spans.retain_mut(|kept| kept.add(rows));
    }

    /// The sums of accounts over the buckets `from <= bucket < to` in order of path and asset.
    /// Accounts without postings are left out.
    ///
    /// # Errors
    /// When the Store cannot be read or a sum leaves 128 bits.
    pub fn sums(
        &mut self,
        store: &dyn Store,
        span: (Bucket, Bucket),
        asked: &Asked<'_>,
    ) -> Result<Vec<AccountSum>, EngineError> {
        self.keep(store, span)?;
        let Some(kept) = self.spans.last() else { return Ok(Vec::new()) };
        let begin = asked.pattern.map(Pattern::begin).unwrap_or_default();
        let owned = |(path, asset): (&str, &str)| (path.to_owned(), asset.to_owned());
        let from = match asked.after {
            Some(after) if after.0 >= begin.as_str() => Bound::Excluded(owned(after)),
            _ => Bound::Included(owned((&begin, ""))),
        };
        let named = self.names.range((from, Bound::Unbounded));
        let named = named.take_while(|((path, _), _)| path.starts_with(&begin));
        let sums = named.filter_map(|((path, asset), account)| {
            let total = *kept.totals.get(*account as usize)?;
            let matches = asked.pattern.is_none_or(|pattern| pattern.matches(path));
            let (path, asset) = (path.clone(), asset.clone());
            (total.count > 0 && matches).then_some(AccountSum { path, asset, total })
        });
        Ok(sums.take(asked.limit.unwrap_or(usize::MAX)).collect())
    }

    /// Has the span at hand, as the last one.
    fn keep(&mut self, store: &dyn Store, span: (Bucket, Bucket)) -> Result<(), EngineError> {
        if let Some(at) = self.spans.iter().position(|kept| kept.span == span) {
            let kept = self.spans.remove(at);
            self.spans.push(kept);
            return Ok(());
        }
        let count = store.account_count() as usize;
        if self.spans.is_empty() {
            self.names.clear();
            store.accounts(&mut |id, path, asset| {
                self.names.insert((path.to_owned(), asset.to_owned()), id);
            })?;
        }
        let totals = sums::totals_by_account(store, span, count)?;
        let fit = BYTES_MAX / (count.max(1) * size_of::<Total>());
        let most = fit.clamp(1, SPANS_MAX);
        self.spans.drain(..(self.spans.len() + 1).saturating_sub(most));
        self.spans.push(Kept { span, totals });
        Ok(())
    }
}

impl Kept {
    /// Adds what was posted in the span; whether that went well.
    fn add(&mut self, rows: &[TotalRow]) -> bool {
        let (from, to) = self.span;
        rows.iter().filter(|row| from <= row.bucket && row.bucket < to).all(|row| {
            let place = row.account as usize;
            if place >= self.totals.len() {
                self.totals.resize(place + 1, Total::default());
            }
            self.totals[place].add(row.total).is_ok()
        })
    }
}
