//! `split`: a figure into named parts that add up to it exactly.

use super::Apply;
use crate::agreement::Operand;
use crate::calendar::{apportion, units};
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};
use ledger::{Decimal, DecimalError};
use std::fmt;

/// Splits a figure, which has no more decimals than the asset, into parts that have none more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// What is split.
    pub of: Operand,
    /// In order; parts of equal remainder are rounded up in this order.
    pub parts: Vec<Part>,
    /// The part that becomes the running amount; `None` leaves it as it is.
    pub keep: Option<String>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// `[a-z][a-z0-9_-]*`; the line is `<step>/<part>`.
    pub name: String,
    /// How much of it.
    pub gets: Gets,
}

/// How much a part gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gets {
    /// A fraction of the whole figure.
    Rate(Decimal),
    /// An amount, whatever the figure.
    Fixed(Decimal),
    /// Of what the other two leave, a part in proportion to this weight.
    Weight(Decimal),
}

impl Apply for Split {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (base, readings) = run.operand(&self.of, run.running())?;
        let scale = run.asset().scale;
        let total = base.to_minor(scale).map_err(|error| match error {
            DecimalError::Inexact => SettleError::Unrounded {
                agreement: run.agreement().name.clone(),
                payable: base.canonical().to_string(),
                asset: run.asset().code.clone(),
            },
            _ => run.overflow(),
        })?;
        let parts = self.parts_of(total, scale).map_err(|_| run.overflow())?;
        let mut kept = base;
        for (part, minor) in self.parts.iter().zip(parts) {
            let amount = Decimal::from_minor(minor, scale).canonical();
            if self.keep.as_ref() == Some(&part.name) {
                kept = amount;
            }
            let rate = part.gets.rate();
            let taken = Taken { base: rate.map(|_| base), rate, amount, readings: Vec::new() };
            let entry = Entry::of(LineKind::Part, taken, Effect::Keep).part(&part.name);
            run.print(entry.note("gets", part.gets))?;
        }
        let (effect, of) = match &self.keep {
            Some(_) => (Effect::Set, Some(base)),
            None => (Effect::Keep, None),
        };
        let taken = Taken { base: of, rate: None, amount: kept, readings };
        let entry = Entry::of(LineKind::Result, taken, effect);
        run.print(match &self.keep {
            Some(part) => entry.note("keep", part),
            None => entry,
        })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.operand(&self.of);
        checker.count(self.parts.len());
        self.check_parts(checker);
        let names = || self.parts.iter().map(|part| &part.name);
        let kept = self.keep.as_ref().is_none_or(|keep| names().any(|name| name == keep));
        checker.ensure(kept, "the part that it keeps is none of its parts");
        let (rates, weights) = self.sums();
        let fixed = self.parts.iter().any(|part| matches!(part.gets, Gets::Fixed(_)));
        let whole = match weights {
            Some(weights) => weights > Decimal::ZERO,
            None => rates == Decimal::ONE && !fixed,
        };
        checker.ensure(whole, "nobody gets what its rates and amounts leave");
        checker.ensure(rates <= Decimal::ONE, "its rates are more than the whole");
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("of".into(), text(&self.of)),
            ("parts".into(), list(self.parts.iter().map(Part::value))),
        ]);
        if let Some(keep) = &self.keep {
            map.insert("keep".into(), text(keep));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            of: fields.parse("of")?,
            parts: fields.maps("parts", Part::read)?,
            keep: fields.optional("keep")?,
        })
    }
}

impl Split {
    fn check_parts(&self, checker: &mut Checker<'_>) {
        let scale = checker.asset().scale;
        for (at, part) in self.parts.iter().enumerate() {
            let (Gets::Rate(number) | Gets::Fixed(number) | Gets::Weight(number)) = part.gets;
            checker.number(number);
            let signed = matches!(part.gets, Gets::Fixed(_));
            checker.ensure(signed || !number.is_negative(), "a rate or weight is below zero");
            let whole = !signed || number.canonical().scale() <= scale;
            checker.ensure(whole, "an amount has more decimals than the asset");
            let once = self.parts[..at].iter().all(|other| other.name != part.name);
            checker.ensure(once, "two of its parts have the same name");
            let word = ledger::name::is_word(part.name.as_bytes());
            checker.ensure(word, "the name of a part is not a lower-case word");
            checker.prints_part(&part.name);
        }
    }

    /// The sum of the rates, and that of the weights where there is any.
    fn sums(&self) -> (Decimal, Option<Decimal>) {
        let (mut rates, mut weights) = (Decimal::ZERO, None);
        for part in &self.parts {
            let sum = |sum: Decimal, more| sum.checked_add(more).unwrap_or(Decimal::ZERO);
            match part.gets {
                Gets::Rate(rate) => rates = sum(rates, rate),
                Gets::Weight(weight) => {
                    weights = Some(sum(weights.unwrap_or(Decimal::ZERO), weight));
                }
                Gets::Fixed(_) => {}
            }
        }
        (rates, weights)
    }

    /// The parts of `total` minor units, in minor units: exact figures over one denominator, of
    /// which what cutting leaves is given to the largest remainders.
    fn parts_of(&self, total: i128, scale: u8) -> Result<Vec<i128>, DecimalError> {
        let pick = |of: fn(Gets) -> Option<Decimal>| {
            let figure = |part: &Part| of(part.gets).unwrap_or(Decimal::ZERO);
            units(&self.parts.iter().map(figure).collect::<Vec<_>>())
        };
        let (rates, one) = pick(Gets::rate)?;
        let (weights, _) = pick(|gets| match gets {
            Gets::Weight(weight) => Some(weight),
            _ => None,
        })?;
        let mut exact = Vec::with_capacity(self.parts.len());
        let mut left = mul(total, one)?;
        for (part, rate) in self.parts.iter().zip(rates) {
            let gets = match part.gets {
                Gets::Fixed(amount) => mul(amount.to_minor(scale)?, one)?,
                _ => mul(total, rate)?,
            };
            left = sub(left, gets)?;
            exact.push(gets);
        }
        // Without weights the rates are the whole, and nothing is left.
        let weight = weights.iter().try_fold(0, |sum, weight| add(sum, *weight))?.max(1);
        for (gets, part) in exact.iter_mut().zip(weights) {
            *gets = add(mul(*gets, weight)?, mul(left, part)?)?;
        }
        apportion(&exact, mul(one, weight)?, total)
    }
}

fn mul(one: i128, other: i128) -> Result<i128, DecimalError> {
    one.checked_mul(other).ok_or(DecimalError::Overflow)
}

fn add(one: i128, other: i128) -> Result<i128, DecimalError> {
    one.checked_add(other).ok_or(DecimalError::Overflow)
}

fn sub(one: i128, other: i128) -> Result<i128, DecimalError> {
    one.checked_sub(other).ok_or(DecimalError::Overflow)
}

impl Gets {
    fn rate(self) -> Option<Decimal> {
        match self {
            Self::Rate(rate) => Some(rate),
            Self::Fixed(_) | Self::Weight(_) => None,
        }
    }
}

impl fmt::Display for Gets {
    /// `rate:0.02`, `fixed:0.3`, `weight:1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, number) = match self {
            Self::Rate(rate) => ("rate", rate),
            Self::Fixed(amount) => ("fixed", amount),
            Self::Weight(weight) => ("weight", weight),
        };
        write!(f, "{word}:{}", number.canonical())
    }
}

impl std::str::FromStr for Gets {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (word, number) = text.split_once(':').ok_or(())?;
        let number = number.parse().map_err(|_| ())?;
        match word {
            "rate" => Ok(Self::Rate(number)),
            "fixed" => Ok(Self::Fixed(number)),
            "weight" => Ok(Self::Weight(number)),
            _ => Err(()),
        }
    }
}

impl Part {
    fn value(&self) -> Value {
        Value::Map(Map::from([("gets".into(), text(self.gets)), ("name".into(), text(&self.name))]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self { name: fields.text("name")?, gets: fields.parse("gets")? })
    }
}
