//! From the rows of every thread to sums by account and bucket: accounts are put in order of
//! their names, rows are put to their accounts, and threads share the accounts.

use super::hash::{Interner, NONE};
use super::paths::split_name;
use super::sums::{Epochs, Row, Sums, WideRow};
use super::{BatchSum, CutSums, CutView};
use crate::error::EngineError;
use ledger::Total;
use ledger::time::Bucket;
use std::ops::Range;

/// Accounts by number, their sums, and the sums at each cut.
#[derive(Default)]
pub(super) struct Finished {
    pub accounts: Vec<(String, String)>,
    pub sums: Vec<BatchSum>,
    pub cuts: Vec<CutSums>,
}

/// Adds up all sums.
pub(super) fn finish(
    all: Vec<Sums>,
    cuts: &[CutView],
    epochs: &Epochs,
    threads: usize,
) -> Result<Finished, EngineError> {
    let mut names = Interner::default();
    let (mut rows, mut wide) = (Vec::new(), Vec::new());
    for sums in all {
        let (paths, mut more, mut more_wide) = sums.into_parts();
        let count = u32::try_from(paths.len()).unwrap_or(NONE);
        let numbers: Vec<u32> = (0..count).map(|own| names.number(paths.name(own))).collect();
        more.iter_mut().for_each(|row| row.account = numbers[row.account as usize]);
        more_wide.iter_mut().for_each(|row| row.account = numbers[row.account as usize]);
        join(&mut rows, more);
        join(&mut wide, more_wide);
    }
    let by_account = ByAccount::new(&names, rows, wide, threads)?;
    let cuts: Vec<Cut> = cuts.iter().map(|cut| Cut::new(cut, epochs)).collect();
    let (by_account, cuts) = (&by_account, &cuts[..]);
    let parts = std::thread::scope(|scope| {
        let shares = by_account.shares(threads);
        let work = shares
            .into_iter()
            .map(|accounts| scope.spawn(move || by_account.add_up(accounts, cuts)));
        let started: Vec<_> = work.collect();
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, EngineError>>()
    })?;
    let accounts = by_account.order.iter().map(|number| split_name(names.get(*number)));
    let ids = cuts.iter().map(|cut| CutSums { id: cut.id, sums: Vec::new() });
    let mut finished =
        Finished { accounts: accounts.collect(), cuts: ids.collect(), ..Finished::default() };
    for part in parts {
        join(&mut finished.sums, part.sums);
        for (cut, sums) in finished.cuts.iter_mut().zip(part.cuts) {
            join(&mut cut.sums, sums);
        }
    }
    Ok(finished)
}

/// Appends, without copying the first.
fn join<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.append(&mut more);
    }
}

/// Rows with a way to those of each account.
struct ByAccount {
    /// Numbers of the accounts with rows, ascending by name.
    order: Vec<u32>,
    /// Where the rows of each of them begin in `places`, and one end more.
    starts: Vec<u32>,
    /// Places of rows.
    places: Vec<u32>,
    rows: Vec<Row>,
    /// Ascending by account, as its place in `order`.
    wide: Vec<WideRow>,
}

impl ByAccount {
    fn new(
        names: &Interner,
        mut rows: Vec<Row>,
        mut wide: Vec<WideRow>,
        threads: usize,
    ) -> Result<Self, EngineError> {
        let many = || EngineError::Form("the Log has more sums than can be verified".into());
        let total = u32::try_from(rows.len()).map_err(|_| many())?;
        let mut counts = vec![0u32; names.len()];
        let mut is_used = vec![false; names.len()];
        for row in &rows {
            counts[row.account as usize] += 1;
            is_used[row.account as usize] = true;
        }
        wide.iter().for_each(|row| is_used[row.account as usize] = true);
        let order = sorted(names, &is_used, threads);
        let mut ranks = vec![NONE; names.len()];
        let (mut starts, mut start) = (Vec::with_capacity(order.len() + 1), 0);
        for (rank, number) in (0u32..).zip(&order) {
            ranks[*number as usize] = rank;
            starts.push(start);
            start += counts[*number as usize];
        }
        starts.push(start);
        let mut next = starts.clone();
        let mut places = vec![0u32; rows.len()];
        for (place, row) in (0..total).zip(&mut rows) {
            row.account = ranks[row.account as usize];
            let at = &mut next[row.account as usize];
            places[*at as usize] = place;
            *at += 1;
        }
        wide.iter_mut().for_each(|row| row.account = ranks[row.account as usize]);
        wide.sort_unstable_by_key(|row| row.account);
        Ok(Self { order, starts, places, rows, wide })
    }

    /// Stretches of accounts with about as many rows each.
    fn shares(&self, threads: usize) -> Vec<Range<usize>> {
        let threads = threads.max(1);
        let mut shares = Vec::with_capacity(threads);
        let mut start = 0;
        for part in 1..=threads {
            let until = self.rows.len() * part / threads;
            let end = self.starts.partition_point(|begin| (*begin as usize) < until);
            let end = if part == threads { self.order.len() } else { end.min(self.order.len()) };
            shares.push(start..end.max(start));
            start = end.max(start);
        }
        shares
    }

    fn add_up(&self, accounts: Range<usize>, cuts: &[Cut]) -> Result<Share, EngineError> {
        let at_most = self.starts[accounts.end] - self.starts[accounts.start];
        let mut share = Share {
            sums: Vec::with_capacity(at_most as usize),
            cuts: vec![Vec::new(); cuts.len()],
        };
        let mut posted: Vec<Posted> = Vec::new();
        let mut wide = &self.wide[..];
        for rank in accounts {
            let account = u32::try_from(rank).unwrap_or(NONE);
            posted.clear();
            let places = self.starts[rank] as usize..self.starts[rank + 1] as usize;
            posted
                .extend(self.places[places].iter().map(|at| Posted::of(&self.rows[*at as usize])));
            wide = &wide[wide.partition_point(|row| row.account < account)..];
            let mine = wide.partition_point(|row| row.account == account);
            posted.extend(wide[..mine].iter().map(Posted::of_wide));
            if !posted.is_sorted_by_key(Posted::place) {
                posted.sort_unstable_by_key(Posted::place);
            }
            for (cut, sums) in cuts.iter().zip(&mut share.cuts) {
                if let Some(total) = cut.total(&posted)? {
                    sums.push((account, total));
                }
            }
            for group in posted.chunk_by(|a, b| a.bucket == b.bucket) {
                let Total { debit, credit, count } = total(group)?;
                let bucket = Bucket(group[0].bucket);
                share.sums.push(BatchSum { account, bucket, debit, credit, count });
            }
        }
        Ok(share)
    }
}

/// What one thread has added up.
struct Share {
    sums: Vec<BatchSum>,
    cuts: Vec<Vec<(u32, Total)>>,
}

/// Numbers of the accounts in use, ascending by name.
fn sorted(names: &Interner, is_used: &[bool], threads: usize) -> Vec<u32> {
    let mut order: Vec<u32> =
        (0u32..).zip(is_used).filter(|(_, used)| **used).map(|(number, _)| number).collect();
    let part = order.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        for part in order.chunks_mut(part) {
            scope.spawn(move || part.sort_unstable_by(|a, b| names.get(*a).cmp(names.get(*b))));
        }
    });
    // Stable sorting merges what is sorted in parts already.
    order.sort_by(|a, b| names.get(*a).cmp(names.get(*b)));
    order
}

/// A row of one account.
#[derive(Clone, Copy)]
struct Posted {
    bucket: i32,
    epoch: u32,
    total: Total,
}

impl Posted {
    fn of(row: &Row) -> Self {
        let Row { bucket, epoch, count, debit, credit, .. } = *row;
        let (debit, credit, count) = (debit.into(), credit.into(), count.into());
        Self { bucket, epoch, total: Total { debit, credit, count } }
    }

    fn of_wide(row: &WideRow) -> Self {
        let WideRow { bucket, epoch, debit, credit, .. } = *row;
        Self { bucket, epoch, total: Total { debit, credit, count: 1 } }
    }

    fn place(&self) -> (i32, u32) {
        (self.bucket, self.epoch)
    }
}

fn total(rows: &[Posted]) -> Result<Total, EngineError> {
    let mut all = Total::default();
    for Posted { total, .. } in rows {
        let sum = |a: i128, b: i128| a.checked_add(b).ok_or(EngineError::Overflow);
        all.debit = sum(all.debit, total.debit)?;
        all.credit = sum(all.credit, total.credit)?;
        all.count += total.count;
    }
    Ok(all)
}

/// A cut in buckets and epochs.
struct Cut {
    id: usize,
    from: i32,
    to: i32,
    before: u32,
}

impl Cut {
    fn new(cut: &CutView, epochs: &Epochs) -> Self {
        let (from, to) = cut.span.buckets().unwrap_or_default();
        Self { id: cut.id, from: from.0, to: to.0, before: epochs.of(cut.position) }
    }

    /// What an account has at the cut, unless nothing was posted.
    fn total(&self, posted: &[Posted]) -> Result<Option<Total>, EngineError> {
        let start = posted.partition_point(|row| row.bucket < self.from);
        let end = posted.partition_point(|row| row.bucket < self.to).max(start);
        let mut all = Total::default();
        for row in posted[start..end].iter().filter(|row| row.epoch < self.before) {
            all = total(&[Posted { total: all, ..*row }, *row])?;
        }
        Ok((all.count > 0).then_some(all))
    }
}
