//! Every stored total against the batch road's. Stored rows are taken off the recomputed ones as
//! they come, so that neither is held twice; what is left over is a difference.

use super::{DIFFERENCES_LISTED_MAX, VerifyReport};
use crate::batch::{BatchSum, Recomputed};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{AccountId, TotalRow};
use crate::sums::ALWAYS;
use ledger::Total;
use ledger::time::Bucket;
use std::collections::{BTreeMap, BTreeSet};

/// Compares, and leaves of the recomputed sums what the ledger does not have.
pub(super) fn compare(
    engine: &Engine,
    recomputed: &mut Recomputed,
    report: &mut VerifyReport,
) -> Result<(), EngineError> {
    report.checks.push(("totals", recomputed.sums.len() as u64));
    let stored = accounts(engine, recomputed, report)?;
    let rows = Rows::new(recomputed);
    let mut extra: BTreeMap<(AccountId, Bucket), Total> = BTreeMap::new();
    let (sums, mut overflow) = (&mut recomputed.sums, None);
    engine.store().totals(ALWAYS.0, ALWAYS.1, &mut |row| {
        let account = stored.get(row.account as usize).copied().flatten();
        let found = account.and_then(|account| rows.find(sums, account, row.bucket));
        if let Some(at) = found {
            take(&mut sums[at], row.total);
        } else if let Err(error) =
            extra.entry((row.account, row.bucket)).or_default().add(row.total)
        {
            overflow = Some(error);
        }
    })?;
    if let Some(error) = overflow {
        return Err(error.into());
    }
    let wanted: BTreeSet<AccountId> = extra.keys().map(|(account, _)| *account).collect();
    let names = names(engine, &wanted)?;
    for ((account, _), total) in extra {
        let name = names.get(&account).map_or("an account without a name", String::as_str);
        differ(report, name, total, Total::default());
    }
    left_over(engine, recomputed, &stored, report)
}

/// By number in the ledger: the recomputed account of that name.
fn accounts(
    engine: &Engine,
    recomputed: &Recomputed,
    report: &mut VerifyReport,
) -> Result<Vec<Option<u32>>, EngineError> {
    let accounts = &recomputed.accounts;
    let mut is_stored = vec![false; accounts.len()];
    let mut numbers = Vec::new();
    engine.store().accounts(&mut |_, path, asset| {
        let order = |(a, b): &(String, String)| (a.as_str(), b.as_str()).cmp(&(path, asset));
        let at = accounts.binary_search_by(order).ok();
        at.iter().for_each(|at| is_stored[*at] = true);
        numbers.push(at.and_then(|at| u32::try_from(at).ok()));
    })?;
    for ((path, asset), _) in accounts.iter().zip(is_stored).filter(|(_, is_stored)| !is_stored) {
        report.differ(format!(
            "the ledger has no account {path} in {asset}, the raw events post on it"
        ));
    }
    Ok(numbers)
}

/// Where the rows of each recomputed account begin, and one end more.
struct Rows {
    starts: Vec<usize>,
}

impl Rows {
    fn new(recomputed: &Recomputed) -> Self {
        let mut starts = Vec::with_capacity(recomputed.accounts.len() + 1);
        for (at, sum) in recomputed.sums.iter().enumerate() {
            starts.resize((sum.account as usize + 1).max(starts.len()), at);
        }
        starts.resize(recomputed.accounts.len() + 1, recomputed.sums.len());
        Self { starts }
    }

    fn find(&self, sums: &[BatchSum], account: u32, bucket: Bucket) -> Option<usize> {
        let (start, end) = (self.starts[account as usize], self.starts[account as usize + 1]);
        let at = sums[start..end].binary_search_by_key(&bucket, |sum| sum.bucket).ok()?;
        Some(start + at)
    }
}

/// Wrapping: only whether nothing is left matters, and what is left can be put back.
fn take(sum: &mut BatchSum, total: Total) {
    sum.debit = sum.debit.wrapping_sub(total.debit);
    sum.credit = sum.credit.wrapping_sub(total.credit);
    sum.count = sum.count.wrapping_sub(total.count);
}

/// Lists what is left, with what the ledger has there.
fn left_over(
    engine: &Engine,
    recomputed: &Recomputed,
    stored: &[Option<u32>],
    report: &mut VerifyReport,
) -> Result<(), EngineError> {
    let mut is_stored = vec![false; recomputed.accounts.len()];
    stored.iter().flatten().for_each(|account| is_stored[*account as usize] = true);
    let is_left = |sum: &&BatchSum| {
        (sum.debit, sum.credit, sum.count) != (0, 0, 0) && is_stored[sum.account as usize]
    };
    let left: Vec<&BatchSum> = recomputed.sums.iter().filter(is_left).collect();
    if left.is_empty() {
        return Ok(());
    }
    let listed = &left[..left.len().min(DIFFERENCES_LISTED_MAX)];
    let mut there = vec![Total::default(); listed.len()];
    engine.store().totals(ALWAYS.0, ALWAYS.1, &mut |TotalRow { account, bucket, total }| {
        let Some(account) = stored.get(account as usize).copied().flatten() else { return };
        let key = (account, bucket);
        if let Ok(at) = listed.binary_search_by_key(&key, |sum| (sum.account, sum.bucket)) {
            there[at].debit = there[at].debit.wrapping_add(total.debit);
            there[at].credit = there[at].credit.wrapping_add(total.credit);
            there[at].count = there[at].count.wrapping_add(total.count);
        }
    })?;
    for (sum, total) in listed.iter().zip(there) {
        let expected = Total {
            debit: sum.debit.wrapping_add(total.debit),
            credit: sum.credit.wrapping_add(total.credit),
            count: sum.count.wrapping_add(total.count),
        };
        let (path, asset) = &recomputed.accounts[sum.account as usize];
        differ(report, &format!("{path} in {asset}"), total, expected);
    }
    report.differences_count += (left.len() - listed.len()) as u64;
    Ok(())
}

/// Path and asset of the accounts asked for.
fn names(
    engine: &Engine,
    wanted: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, String>, EngineError> {
    let mut names = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(names);
    }
    engine.store().accounts(&mut |account, path, asset| {
        if wanted.contains(&account) {
            names.insert(account, format!("{path} in {asset}"));
        }
    })?;
    Ok(names)
}

fn differ(report: &mut VerifyReport, name: &str, stored: Total, expected: Total) {
    report.differ(format!(
        "{name} in one quarter of an hour: the ledger has debit {} credit {} count {}, the raw \
         events give debit {} credit {} count {} (minor units)",
        stored.debit, stored.credit, stored.count, expected.debit, expected.credit, expected.count
    ));
}
