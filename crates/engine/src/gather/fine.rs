//! Sums finer than accounts, while they are added up and afterwards.

use super::values::split_values;
use crate::error::EngineError;
use ledger::Total;
use ledger::time::{Bucket, Span};
use settle::measure::DAY;
use settle::{AccountSum, Grain};
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

/// The sums of one grouping, of the accounts that were asked for.
#[derive(Debug)]
pub(crate) struct Fine {
    wanted: Vec<bool>,
    /// Values of the dimensions, as [`super::values`] joins them.
    values: Vec<Box<[u8]>>,
    /// Account, place of the values, and sum; ascending by account.
    groups: Vec<(u32, u32, Total)>,
}

impl Fine {
    /// Appends the sums of `accounts` (ascending), in no particular order.
    pub fn push(
        &self,
        grain: &Grain,
        accounts: &[u32],
        names: &[(String, String)],
        sums: &mut Vec<AccountSum>,
    ) {
        for account in accounts {
            let start = self.groups.partition_point(|(found, ..)| found < account);
            let mine = self.groups[start..].iter().take_while(|(found, ..)| found == account);
            let (account, asset) = &names[*account as usize];
            for (_, place, total) in mine {
                let values = split_values(&self.values[*place as usize]);
                let mut path = account.clone();
                grain.push(&mut path, &values);
                sums.push(AccountSum { path, asset: asset.clone(), total: *total });
            }
        }
    }
}

/// Finer sums that were gathered since something was posted last.
#[derive(Debug, Default)]
pub(crate) struct KeptFine {
    kept: Vec<(Grouping, Arc<Fine>)>,
}

impl KeptFine {
    /// The sums of a grouping, when they have all accounts that are marked.
    pub fn find(&self, grouping: &Grouping, marks: &[bool]) -> Option<Arc<Fine>> {
        let has = |fine: &Fine| {
            let mut pairs = marks.iter().enumerate();
            pairs.all(|(at, mark)| !mark || fine.wanted.get(at).copied().unwrap_or(false))
        };
        let (_, fine) = self.kept.iter().find(|(kept, fine)| kept == grouping && has(fine))?;
        Some(Arc::clone(fine))
    }

    pub fn keep(&mut self, grouping: Grouping, fine: Arc<Fine>) {
        self.kept.retain(|(kept, _)| *kept != grouping);
        self.kept.push((grouping, fine));
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

    pub fn finish(self, wanted: Vec<bool>) -> Fine {
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
        Fine { wanted, values, groups }
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
