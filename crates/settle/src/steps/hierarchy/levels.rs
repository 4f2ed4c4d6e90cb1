//! Which rates are in force on the way from a leaf up, what each level keeps, and what is wrong.

use super::{Hierarchy, LevelRate};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use jiff::civil::Date;
use ledger::{Decimal, DecimalError};
use std::collections::{BTreeMap, BTreeSet};

/// What a commission is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Turnover,
    NetLoss,
}

/// A party on the way, its rate and the one below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level<'a> {
    pub(super) party: &'a str,
    rate: Decimal,
    /// The party below that has a rate, and that rate; nobody and zero at the bottom.
    below: (&'a str, Decimal),
    /// Place among the step's rates.
    place: usize,
}

/// Of a line, by the party below and the two rates: what they are taken of.
type Terms = BTreeMap<(String, Decimal, Decimal), Decimal>;

/// What every level keeps, so far.
#[derive(Default)]
pub(super) struct Shares {
    lines: BTreeMap<(String, String, Kind), Terms>,
    /// Turnover on whose way nobody has a rate.
    pub(super) unrated: Decimal,
}

/// What one level keeps of one product.
pub(super) struct Line<'a> {
    pub(super) party: &'a str,
    pub(super) product: &'a str,
    pub(super) kind: Kind,
    terms: &'a Terms,
}

impl LevelRate {
    fn of(&self, kind: Kind) -> Option<Decimal> {
        match kind {
            Kind::Turnover => self.turnover,
            Kind::NetLoss => self.net_loss,
        }
    }
}

impl Hierarchy {
    /// Whether turnover is read by days, because rates begin on one.
    pub(super) fn is_dated(&self) -> bool {
        self.rates.iter().any(|rate| rate.from.is_some() && rate.turnover.is_some())
    }

    /// The rate of a party in force: of those for the product, otherwise of those for all, the
    /// one that began last.
    fn rate(&self, party: &str, product: &str, day: Date, kind: Kind) -> Option<(usize, Decimal)> {
        let found = |own: bool| {
            let rates = self.rates.iter().enumerate().filter(|(_, rate)| {
                let is_own = rate.product.as_deref() == Some(product);
                let fits = if own { is_own } else { rate.product.is_none() };
                rate.party == party && fits && rate.from.is_none_or(|from| from <= day)
            });
            let rates = rates.filter_map(|(at, rate)| Some((rate.from, at, rate.of(kind)?)));
            rates.max_by_key(|(from, at, _)| (*from, *at)).map(|(_, at, rate)| (at, rate))
        };
        found(true).or_else(|| found(false))
    }

    /// The parties with a rate on the way from a leaf up.
    pub(super) fn levels<'a>(
        &'a self,
        leaf: &'a str,
        product: &str,
        day: Date,
        kind: Kind,
    ) -> Vec<Level<'a>> {
        let mut below = ("", Decimal::ZERO);
        let mut levels = Vec::new();
        for party in self.way(leaf) {
            if let Some((place, rate)) = self.rate(party, product, day, kind) {
                levels.push(Level { party, rate, below, place });
                below = (party, rate);
            }
        }
        levels
    }

    /// The rates that lie above the one of the next party up, as places among the rates, each
    /// with that party and the day on which it is so (`None` for before any date).
    pub fn faults(&self) -> BTreeSet<(usize, String, Option<Date>)> {
        let days: BTreeSet<_> = self.rates.iter().map(|rate| rate.from).chain([None]).collect();
        let products: BTreeSet<_> =
            self.rates.iter().filter_map(|rate| rate.product.as_deref()).chain([""]).collect();
        let leaves: BTreeSet<_> = self.rates.iter().map(|rate| rate.party.as_str()).collect();
        let mut faults = BTreeSet::new();
        for day in days {
            for product in &products {
                for leaf in &leaves {
                    for kind in [Kind::Turnover, Kind::NetLoss] {
                        let at = day.unwrap_or(Date::MIN);
                        let levels = self.levels(leaf, product, at, kind);
                        let wrong = levels.windows(2).filter(|pair| pair[0].rate > pair[1].rate);
                        let fault =
                            |pair: &[Level<'_>]| (pair[0].place, pair[1].party.to_owned(), day);
                        faults.extend(wrong.map(fault));
                    }
                }
            }
        }
        faults
    }

    pub(super) fn check_rates(&self, checker: &mut Checker<'_>) {
        let mut seen = BTreeSet::new();
        for rate in &self.rates {
            let given = [rate.turnover, rate.net_loss].into_iter().flatten();
            given.clone().for_each(|rate| checker.number(rate));
            let below = given.clone().any(Decimal::is_negative);
            checker.ensure(!below, "a rate is below zero");
            checker.ensure(given.count() > 0, "a party has neither of the two rates");
            let known = rate.product.is_none() || self.product.is_some();
            checker.ensure(known, "a rate is for a product, and no dimension has products");
            let once = seen.insert((&rate.party, &rate.product, rate.from));
            checker.ensure(once, "a party has two rates from the same day");
            let whole = self.net_loss.as_ref().is_some_and(|net_loss| !net_loss.each);
            let mixed = whole && rate.product.is_some() && rate.net_loss.is_some();
            checker.ensure(!mixed, "net losses over all products have one rate for all of them");
        }
        let cyclic = self.parents.keys().any(|party| {
            let way = self.way(party);
            way.last().is_some_and(|top| self.parents.contains_key(*top))
        });
        checker.ensure(!cyclic, "a party is above itself");
        let faults = self.faults();
        checker.ensure(faults.is_empty(), "a rate lies above that of the party above");
    }

    /// Refuses a period in which a rate of net losses changes.
    pub(super) fn admit(&self, first: Date, end: Date, run: &Run<'_>) -> Result<(), SettleError> {
        let mut rates = self.rates.iter().filter(|rate| rate.net_loss.is_some());
        let inside = |from: Date| first < from && from < end;
        let Some(wrong) = rates.find(|rate| rate.from.is_some_and(inside)) else { return Ok(()) };
        let step = run.step_name().to_owned();
        let reason = format!("the net-loss rate of {} changes inside the period", wrong.party);
        Err(SettleError::StepShape { step, reason })
    }
}

impl Shares {
    /// Adds what the levels keep of `base`, and says how much that is together.
    pub(super) fn add(
        &mut self,
        levels: &[Level<'_>],
        (product, kind): (&str, Kind),
        base: Decimal,
    ) -> Result<Decimal, DecimalError> {
        for level in levels {
            let key = (level.party.to_owned(), product.to_owned(), kind);
            let (below, rate) = level.below;
            let terms = self.lines.entry(key).or_default();
            let term = terms.entry((below.to_owned(), level.rate, rate)).or_default();
            *term = term.checked_add(base)?;
        }
        let Some(top) = levels.last() else {
            self.unrated = self.unrated.checked_add(base)?;
            return Ok(Decimal::ZERO);
        };
        base.checked_mul(top.rate)
    }

    /// The lines, the lowest parties first.
    pub(super) fn lines(&self, height: impl Fn(&str) -> usize) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        for ((party, product, kind), terms) in &self.lines {
            lines.push(Line { party, product, kind: *kind, terms });
        }
        lines.sort_by_key(|line: &Line<'_>| std::cmp::Reverse(height(line.party)));
        lines
    }
}

impl Line<'_> {
    /// What the level keeps, every digit of it.
    pub(super) fn exact(&self) -> Result<Decimal, DecimalError> {
        self.terms.iter().try_fold(Decimal::ZERO, |sum, ((_, rate, below), base)| {
            sum.checked_add(base.checked_mul(rate.checked_sub(*below)?.canonical())?)
        })
    }

    /// What it is taken of.
    pub(super) fn base(&self) -> Result<Decimal, DecimalError> {
        self.terms.values().try_fold(Decimal::ZERO, |sum, base| sum.checked_add(*base))
    }

    /// The rate that is kept, where there is one.
    pub(super) fn rate(&self) -> Option<Decimal> {
        let kept = self.terms.keys().filter_map(|(_, rate, below)| rate.checked_sub(*below).ok());
        super::super::parts::common(kept.map(Decimal::canonical))
    }

    /// Says how the kept rate comes about, for each party below.
    pub(super) fn noted(&self, mut entry: Entry) -> Entry {
        for (at, ((party, rate, below), base)) in self.terms.iter().enumerate() {
            let (rate, base) = (rate.canonical(), base.canonical());
            let of = match party.as_str() {
                "" => format!("{base} x {rate}"),
                party => format!("{base} x ({rate} - {} of {party})", below.canonical()),
            };
            entry = entry.note(&format!("of.{}", at + 1), of);
        }
        entry
    }
}
