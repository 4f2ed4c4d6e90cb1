//! `hierarchy`: commissions down a tree of parties, each level keeping its rate less its child's.

mod encode;
mod levels;

use super::Apply;
use super::apportion::rounded;
use super::parts::part_name;
use crate::agreement::RoundTo;
use crate::canon::{Fields, Map};
use crate::check::Checker;
use crate::error::SettleError;
use crate::measure::{DAY, MeasureRow};
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use jiff::civil::Date;
use ledger::Decimal;
use levels::{Kind, Shares};
use std::collections::{BTreeMap, BTreeSet};

/// Commissions of what happened at the leaves of a tree of parties.
///
/// On the way from a leaf up, each party that has a rate keeps it less the rate below it: so that
/// together they keep the highest rate of the way. Parties without a rate are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    /// The dimension whose values are the parties of the leaves.
    pub party: String,
    /// The dimension by whose values rates may differ.
    pub product: Option<String>,
    /// The measure that turnover commissions are taken of, by the day of the event.
    pub turnover: Option<String>,
    /// Commissions of what players lost.
    pub net_loss: Option<NetLoss>,
    /// The party above each party.
    pub parents: BTreeMap<String, String>,
    /// Rates of the parties.
    pub rates: Vec<LevelRate>,
    /// How lines are rounded: all together, so that they add up; `None` keeps every digit.
    pub round: Option<RoundTo>,
    /// The party whose part the step's own line states; `None` for all of them together.
    pub pays: Option<String>,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

/// Commissions of `max(0, loss − the turnover commissions of the way)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NetLoss {
    /// The measure of what players lost.
    pub measure: String,
    /// Whether each product of a leaf is kept from falling below zero by itself, or the leaf as a
    /// whole.
    pub each: bool,
}

/// The rates of one party from one day on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LevelRate {
    /// The party.
    pub party: String,
    /// The product that they are for, before those for all products; `None` for all.
    pub product: Option<String>,
    /// The first local day; `None` for always.
    pub from: Option<Date>,
    /// A fraction of turnover.
    pub turnover: Option<Decimal>,
    /// A fraction of net losses; it changes at the start of a period only.
    pub net_loss: Option<Decimal>,
}

impl Apply for Hierarchy {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (first, end) = run.agreement().cycle().days(run.period())?;
        self.admit(first, end, run)?;
        let mut shares = Shares::default();
        let mut rolled: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        let mut readings = Vec::new();
        if let Some(measure) = &self.turnover {
            let rows = run.rows(measure, &self.dims(true), run.window())?;
            readings.push(whole(measure, &rows, run)?);
            for row in rows {
                let day = if self.is_dated() { day_of(&row).unwrap_or(first) } else { first };
                let (leaf, product) = self.group(&row);
                let base = run.asset().decimal(row.value);
                let levels = self.levels(&leaf, &product, day, Kind::Turnover);
                let paid = run.fit(shares.add(&levels, (&product, Kind::Turnover), base))?;
                let sum = rolled.entry((leaf, product)).or_default();
                *sum = run.fit(sum.checked_add(paid))?;
            }
        }
        if let Some(net_loss) = &self.net_loss {
            let rows = run.rows(&net_loss.measure, &self.dims(false), run.window())?;
            readings.push(whole(&net_loss.measure, &rows, run)?);
            for ((leaf, product), base) in self.losses(net_loss, &rows, rolled, run)? {
                let levels = self.levels(&leaf, &product, first, Kind::NetLoss);
                run.fit(shares.add(&levels, (&product, Kind::NetLoss), base))?;
            }
        }
        self.state(&shares, readings, run)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let any = self.turnover.is_some() || self.net_loss.is_some();
        checker.ensure(any, "it reads neither turnover nor net losses");
        checker.count(self.rates.len());
        if let Some(measure) = &self.turnover {
            checker.measure_by(measure, &self.dims(true), checker.window());
        }
        if let Some(net_loss) = &self.net_loss {
            checker.measure_by(&net_loss.measure, &self.dims(false), checker.window());
        }
        self.check_rates(checker);
        if let Some(to) = self.round {
            checker.round(to);
        }
        if self.pays.is_some() {
            checker.prints_part("all");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        self.map()
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Self::of_fields(fields)
    }
}

impl Hierarchy {
    /// The dimensions that a measure is read by.
    fn dims(&self, turnover: bool) -> Vec<String> {
        let mut dims = vec![self.party.clone()];
        dims.extend(self.product.clone());
        if turnover && self.is_dated() {
            dims.push(DAY.to_owned());
        }
        dims
    }

    /// The leaf and the product of a row.
    fn group(&self, row: &MeasureRow) -> (String, String) {
        let mut values = row.by.iter().map(|(_, value)| value.clone());
        let leaf = values.next().unwrap_or_default();
        let product = values.next().filter(|_| self.product.is_some());
        (leaf, product.unwrap_or_default())
    }

    /// What net-loss commissions are taken of: by leaf and product, or by leaf alone.
    fn losses(
        &self,
        net_loss: &NetLoss,
        rows: &[MeasureRow],
        rolled: BTreeMap<(String, String), Decimal>,
        run: &Run<'_>,
    ) -> Result<BTreeMap<(String, String), Decimal>, SettleError> {
        let mut bases: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        let group = |(leaf, product): (String, String)| {
            (leaf, if net_loss.each { product } else { String::new() })
        };
        for row in rows {
            let base = bases.entry(group(self.group(row))).or_default();
            *base = run.fit(base.checked_add(run.asset().decimal(row.value)))?;
        }
        for (key, paid) in rolled {
            let base = bases.entry(group(key)).or_default();
            *base = run.fit(base.checked_sub(paid))?;
        }
        bases.values_mut().for_each(|base| *base = (*base).max(Decimal::ZERO));
        Ok(bases)
    }

    /// Prints what every level keeps, and then the sum.
    fn state(
        &self,
        shares: &Shares,
        readings: Vec<Reading>,
        run: &mut Run<'_>,
    ) -> Result<(), SettleError> {
        let lines = shares.lines(|party| self.height(party));
        let mut amounts = Vec::new();
        for line in &lines {
            amounts.push(run.fit(line.exact())?);
        }
        if let Some(to) = self.round {
            amounts = rounded(&amounts, to).map_err(|_| run.overflow())?;
        }
        let (mut all, mut own) = (Decimal::ZERO, Decimal::ZERO);
        for (line, amount) in lines.iter().zip(amounts) {
            all = run.fit(all.checked_add(amount))?;
            if self.pays.as_deref() == Some(line.party) {
                own = run.fit(own.checked_add(amount))?;
            }
            let (base, rate) = run.fit(line.base()).map(|base| (base, line.rate()))?;
            let taken = Taken { base: Some(base), rate, amount, readings: Vec::new() };
            let entry = Entry::of(LineKind::Level, taken, Effect::Keep).rounded(self.round);
            run.print(line.noted(entry.part(self.part(line))))?;
        }
        if self.pays.is_some() {
            run.print(Entry::stating(LineKind::Total, all, Effect::Keep).part("all"))?;
        }
        let amount = if self.pays.is_some() { own } else { all };
        let taken = Taken { base: None, rate: None, amount, readings };
        let mut entry = Entry::of(LineKind::Result, taken, self.effect);
        if let Some(party) = &self.pays {
            entry = entry.note("pays", party);
        }
        if !shares.unrated.is_zero() {
            entry = entry.note("unrated", shares.unrated.canonical());
        }
        run.print(entry)
    }

    fn part(&self, line: &levels::Line<'_>) -> String {
        let product = self.product.as_ref().map(|_| line.product).filter(|name| !name.is_empty());
        let suffix = (line.kind == Kind::NetLoss).then_some("loss");
        part_name([Some(line.party), product, suffix].into_iter().flatten())
    }

    fn height(&self, party: &str) -> usize {
        self.way(party).len()
    }

    /// The parties from one up to the top; a cycle ends it.
    fn way<'a>(&'a self, leaf: &'a str) -> Vec<&'a str> {
        let mut seen = BTreeSet::from([leaf]);
        let mut way = vec![leaf];
        while let Some(parent) = way.last().and_then(|party| self.parents.get(*party)) {
            if !seen.insert(parent) {
                break;
            }
            way.push(parent);
        }
        way
    }
}

/// The day of a row that is read by days: its last dimension.
fn day_of(row: &MeasureRow) -> Option<Date> {
    row.by.last().and_then(|(_, day)| day.parse().ok())
}

/// The sum of the rows, as the statement records it.
fn whole(measure: &str, rows: &[MeasureRow], run: &Run<'_>) -> Result<Reading, SettleError> {
    let mut whole = Reading { measure: measure.to_owned(), value: Decimal::ZERO, count: 0 };
    for row in rows {
        let value = run.asset().decimal(row.value);
        whole.value = run.fit(whole.value.checked_add(value))?;
        whole.count = whole.count.saturating_add(row.count);
    }
    Ok(whole)
}
