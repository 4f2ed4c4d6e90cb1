//! `tier`: a share whose rate depends on the size of a figure in the period.

use super::Apply;
use crate::agreement::{Operand, RoundTo};
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use ledger::Decimal;
use std::fmt;

/// Takes a share by bands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// What the rates are taken of.
    pub of: Operand,
    /// Slab only: the figure that chooses the band, where it is not `of`.
    pub by: Option<Operand>,
    /// Slab or marginal.
    pub method: Method,
    /// Ascending by bound, bounds above zero; the last and only the last has none. The first one
    /// also holds for figures below zero.
    pub bands: Vec<Band>,
    /// How the result is rounded (in a marginal tier each band's part); `None` keeps every digit.
    pub round: Option<RoundTo>,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

/// How the bands apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// The rate of the band that the figure falls in is taken of the whole.
    Slab,
    /// Each band's rate is taken of the part of the figure that falls in the band.
    Marginal,
}

/// One band of a tier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Band {
    /// Where it ends; `None` for the last.
    pub upto: Option<Bound>,
    /// A fraction: `0.25` for 25 %.
    pub rate: Decimal,
}

/// The end of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The figure at the end, in the agreement's asset.
    pub at: Decimal,
    /// Whether a figure equal to `at` still falls in the band (`<= 5000`) or not (`< 5000`).
    pub inclusive: bool,
}

impl Apply for Tier {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (base, readings) = run.operand(&self.of, run.running())?;
        match self.method {
            Method::Slab => self.slab(base, readings, run),
            Method::Marginal => self.marginal(base, readings, run),
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.operand(&self.of);
        if let Some(by) = &self.by {
            checker.operand(by);
            let slab = self.method == Method::Slab;
            checker.ensure(slab, "only a slab tier can be chosen by another figure");
        }
        checker.count(self.bands.len());
        let (mut last, mut ends) = (Decimal::ZERO, 0);
        for band in &self.bands {
            checker.number(band.rate);
            let Some(bound) = band.upto else {
                ends += 1;
                continue;
            };
            checker.number(bound.at);
            checker.ensure(bound.at > last, "bounds of bands must rise, from above zero");
            last = bound.at;
        }
        let open = self.bands.last().is_some_and(|band| band.upto.is_none());
        checker.ensure(open && ends == 1, "the last band, and only it, has no bound");
        if let Some(to) = self.round {
            checker.round(to);
        }
        if self.method == Method::Marginal {
            (1..=self.bands.len()).for_each(|band| checker.prints_part(band));
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("bands".into(), list(self.bands.iter().map(Band::value))),
            ("effect".into(), text(self.effect.word())),
            ("method".into(), text(self.method.word())),
            ("of".into(), text(&self.of)),
        ]);
        if let Some(by) = &self.by {
            map.insert("by".into(), text(by));
        }
        if let Some(to) = self.round {
            map.insert("round".into(), text(to));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            of: fields.parse("of")?,
            by: fields.optional("by")?,
            method: fields.word("method", Method::from_word)?,
            bands: fields.maps("bands", Band::read)?,
            round: fields.optional("round")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

impl Tier {
    fn slab(
        &self,
        base: Decimal,
        mut readings: Vec<Reading>,
        run: &mut Run<'_>,
    ) -> Result<(), SettleError> {
        let mut chosen_by = base;
        if let Some(by) = &self.by {
            let (figure, more) = run.operand(by, run.running())?;
            chosen_by = figure;
            readings.extend(more);
        }
        let holds = |band: &Band| band.upto.is_none_or(|bound| bound.holds(chosen_by));
        let Some((at, band)) = self.bands.iter().enumerate().find(|(_, band)| holds(band)) else {
            return Ok(());
        };
        let amount = self.part(base, band, run)?;
        let taken = Taken { base: Some(base), rate: Some(band.rate), amount, readings };
        let mut entry = Entry::of(LineKind::Tier, taken, self.effect).note("band", at + 1);
        if let Some(bound) = band.upto {
            entry = entry.note("upto", bound);
        }
        if self.by.is_some() {
            entry = entry.note("by", chosen_by.canonical());
        }
        run.print(entry.rounded(self.round))
    }

    fn marginal(
        &self,
        base: Decimal,
        readings: Vec<Reading>,
        run: &mut Run<'_>,
    ) -> Result<(), SettleError> {
        let (mut sum, mut rest) = (Decimal::ZERO, base);
        let mut below = Decimal::ZERO;
        for (at, band) in self.bands.iter().enumerate() {
            // What is left of the figure, at most as wide as the band; below zero only in the
            // first band, after which nothing is left.
            let mut width = rest;
            if let Some(bound) = band.upto {
                width = rest.min(run.fit(bound.at.checked_sub(below))?);
                below = bound.at;
            }
            rest = run.fit(rest.checked_sub(width))?;
            let amount = self.part(width, band, run)?;
            sum = run.fit(sum.checked_add(amount))?;
            let (base, rate, readings) = (Some(width), Some(band.rate), Vec::new());
            let taken = Taken { base, rate, amount, readings };
            let mut entry = Entry::of(LineKind::Band, taken, Effect::Keep).part(at + 1);
            if let Some(bound) = band.upto {
                entry = entry.note("upto", bound);
            }
            run.print(entry.rounded(self.round))?;
        }
        let taken = Taken { base: Some(base), rate: None, amount: sum, readings };
        run.print(Entry::of(LineKind::Tier, taken, self.effect))
    }

    fn part(&self, base: Decimal, band: &Band, run: &Run<'_>) -> Result<Decimal, SettleError> {
        let amount = run.fit(base.checked_mul(band.rate))?;
        self.round.map_or(Ok(amount), |to| run.fit(to.apply(amount)))
    }
}

impl Bound {
    /// Whether the figure falls below the end of the band.
    fn holds(self, figure: Decimal) -> bool {
        figure < self.at || (self.inclusive && figure == self.at)
    }
}

impl fmt::Display for Bound {
    /// `<= 5000`, `< 50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.inclusive { "<=" } else { "<" };
        write!(f, "{sign} {}", self.at.canonical())
    }
}

impl std::str::FromStr for Bound {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (sign, at) = text.split_once(' ').ok_or(())?;
        let inclusive = match sign {
            "<=" => true,
            "<" => false,
            _ => return Err(()),
        };
        Ok(Self { at: at.parse().map_err(|_| ())?, inclusive })
    }
}

impl Band {
    fn value(&self) -> Value {
        let mut map = Map::from([("rate".to_owned(), text(self.rate.canonical()))]);
        if let Some(bound) = self.upto {
            map.insert("upto".into(), text(bound));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self { upto: fields.optional("upto")?, rate: fields.parse("rate")? })
    }
}
