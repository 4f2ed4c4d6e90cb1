//! Sums finer than accounts, while they are added up and afterwards.

use super::merge::Merger;
use super::only::Only;
use super::selected::Selected;
use super::values::split_values;
use crate::error::EngineError;
use ledger::Total;
use ledger::time::{Bucket, Span};
use settle::measure::DAY;
use settle::{AccountSum, Grain, Scope};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Which sums are made together: by which dimensions, over which time, by the days of which zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grouping {
    pub by: Vec<String>,
    /// Empty where no day counts.
    pub zone: String,
    pub span: Span,
}

impl Grouping {
    pub fn of(grain: &Grain, span: Span, zone: &str) -> Self {
        let dated = grain.by.iter().any(|dim| dim == DAY);
        let zone = if dated { zone.to_owned() } else { String::new() };
        Self { by: grain.by.clone(), zone, span }
    }

    /// Whether totals alone tell the sums.
    pub fn is_by_day_alone(&self) -> bool {
        self.by == [DAY]
    }

    pub fn holds(&self, bucket: Bucket) -> bool {
        self.span.contains(bucket.start_nanos())
    }
}

/// The sums of one grouping, of the accounts and values that were asked for.
#[derive(Debug)]
pub(crate) struct Fine {
    wanted: Vec<bool>,
    only: Only,
    /// Values of the dimensions, as [`super::values`] joins them.
    values: Vec<Box<[u8]>>,
    /// Account, place of the values, and sum; ascending by account.
    groups: Vec<(u32, u32, Total)>,
    /// By account: where its sums begin; beyond the last account there are none.
    starts: Vec<usize>,
}

impl Fine {
    /// Number of sums.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    fn of(&self, account: u32) -> &[(u32, u32, Total)] {
        let at = |account: usize| self.starts.get(account).copied().unwrap_or(self.groups.len());
        let account = account as usize;
        &self.groups[at(account)..at(account + 1)]
    }
}

/// Makes what was read the sums of one ask.
pub(super) struct Emitter<'n> {
    names: &'n [(String, String)],
    sums: Vec<AccountSum>,
}

impl<'n> Emitter<'n> {
    pub fn new(names: &'n [(String, String)]) -> Self {
        Self { names, sums: Vec::new() }
    }

    /// What was appended.
    pub fn finish(self) -> Vec<AccountSum> {
        self.sums
    }

    /// Appends the sum of an account of a grain without finer dimensions.
    pub fn plain(&mut self, grain: &Grain, account: u32, total: Total) {
        self.push((grain, &[]), account, total);
    }

    fn push(&mut self, (grain, values): (&Grain, &[&str]), account: u32, total: Total) {
        let (path, asset) = &self.names[account as usize];
        let room: usize = grain.by.iter().map(|dim| dim.len() + 2).sum();
        let room = room + values.iter().map(|value| value.len()).sum::<usize>();
        let mut named = String::with_capacity(path.len() + room);
        named.push_str(path);
        grain.push(&mut named, values);
        self.sums.push(AccountSum { path: named, asset: asset.clone(), total });
    }

    /// Appends the sums of `accounts` that a scope reads.
    pub fn fine(
        &mut self,
        (fine, grain): (&Fine, &Grain),
        accounts: &[u32],
        scope: &Scope<'_>,
        merger: Option<&mut Merger<'_>>,
    ) -> Result<(), EngineError> {
        let mut selected = Selected::of(scope, grain);
        let Some(merger) = merger else {
            for account in accounts {
                let (path, asset) = &self.names[*account as usize];
                let mask = selected.of_account(path, asset);
                for (_, place, total) in fine.of(*account) {
                    let values = split_values(&fine.values[*place as usize]);
                    if mask & selected.of_values(*place, grain, || values.clone()) != 0 {
                        self.push((grain, &values), *account, *total);
                    }
                }
            }
            return Ok(());
        };
        let mut merged = Adder::default();
        for account in accounts {
            let (path, asset) = &self.names[*account as usize];
            let (mask, one) = (selected.of_account(path, asset), merger.one_for(*account));
            for (_, place, total) in fine.of(*account) {
                let values = || split_values(&fine.values[*place as usize]);
                if mask & selected.of_values(*place, grain, values) != 0 {
                    merged.add(one, *place, *total)?;
                }
            }
        }
        let mut sums: Vec<(u64, Total)> = merged.sums.into_iter().collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        for (key, total) in sums {
            let (account, place) = split(key);
            let values = split_values(&fine.values[place as usize]);
            self.push((grain, &values), account, total);
        }
        Ok(())
    }
}

/// Sums that are kept: those of a few large agreements, in half a gigabyte.
const SUMS_KEPT_MAX: usize = 8_000_000;

/// Finer sums that were gathered since something was posted last.
#[derive(Debug, Default)]
pub(crate) struct KeptFine {
    kept: Vec<(Grouping, Arc<Fine>)>,
}

impl KeptFine {
    /// The sums of a grouping, when they have all accounts that are marked and all values.
    pub fn find(
        &self,
        grouping: &Grouping,
        (marks, only): &(Vec<bool>, Only),
    ) -> Option<Arc<Fine>> {
        let has = |fine: &Fine| {
            let mut pairs = marks.iter().enumerate();
            fine.only.holds(only)
                && pairs.all(|(at, mark)| !mark || fine.wanted.get(at).copied().unwrap_or(false))
        };
        let (_, fine) = self.kept.iter().find(|(kept, fine)| kept == grouping && has(fine))?;
        Some(Arc::clone(fine))
    }

    pub fn keep(&mut self, grouping: Grouping, fine: Arc<Fine>) {
        self.kept.push((grouping, fine));
        let mut sums: usize = self.kept.iter().map(|(_, fine)| fine.len()).sum();
        while sums > SUMS_KEPT_MAX && self.kept.len() > 1 {
            sums -= self.kept.remove(0).1.len();
        }
    }

    pub fn forget(&mut self) {
        self.kept.clear();
    }
}

/// Adds sums of one grouping up.
#[derive(Debug, Default)]
pub(super) struct Adder {
    numbers: HashMap<Box<[u8]>, u32>,
    sums: HashMap<u64, Total, BuildHasherDefault<Spread>>,
}

impl Adder {
    /// The number of joined values.
    pub fn number(&mut self, values: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(values) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(values.into(), number);
        number
    }

    pub fn add(&mut self, account: u32, number: u32, total: Total) -> Result<(), EngineError> {
        let key = u64::from(account) << 32 | u64::from(number);
        Ok(self.sums.entry(key).or_default().add(total)?)
    }

    /// Takes in what another one has added up.
    pub fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        if self.sums.is_empty() {
            *self = other;
            return Ok(());
        }
        let mut renumbered = vec![0; other.numbers.len()];
        for (values, number) in other.numbers {
            renumbered[number as usize] = self.number(&values);
        }
        for (key, total) in other.sums {
            let (account, number) = split(key);
            self.add(account, renumbered[number as usize], total)?;
        }
        Ok(())
    }

    pub fn finish(self, (wanted, only): (Vec<bool>, Only)) -> Fine {
        let mut values = vec![Box::default(); self.numbers.len()];
        for (joined, number) in self.numbers {
            values[number as usize] = joined;
        }
        let mut groups: Vec<_> = self
            .sums
            .into_iter()
            .map(|(key, total)| {
                let (account, number) = split(key);
                (account, number, total)
            })
            .collect();
        groups.sort_unstable_by_key(|(account, number, _)| (*account, *number));
        let mut starts = Vec::new();
        for (at, (account, ..)) in groups.iter().enumerate() {
            while starts.len() <= *account as usize {
                starts.push(at);
            }
        }
        Fine { wanted, only, values, groups, starts }
    }
}

#[allow(clippy::cast_possible_truncation)] // the halves of a key
fn split(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// Spreads numbers that we gave ourselves: nobody can choose colliding ones.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
