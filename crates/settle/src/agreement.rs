//! Agreements: effective-dated terms between two parties, as ordered typed steps.

mod encode;

pub(crate) use encode::{balances, read_balances};

use crate::calendar::DueTerms;
use crate::error::SettleError;
use crate::measure::Selection;
use crate::period::{CustomCalendar, Cycle, Period, PeriodKind};
use crate::steps::Step;
use jiff::civil::Date;
use ledger::time::Span;
use ledger::{Asset, Decimal, DecimalError, Rounding};
use std::collections::BTreeMap;

/// What people read instead of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Title {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// One version of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// `[a-z][a-z0-9_-]*`, unique in a book.
    pub name: String,
    /// From 1, rising with every change of terms.
    pub version: u32,
    /// What people read.
    pub title: Title,
    /// Name of the party that pays when the payable amount is above zero.
    pub from: String,
    /// Name of the party that is paid then.
    pub to: String,
    /// What it is settled in; sums in other assets do not take part.
    pub asset: Asset,
    /// IANA name of the zone whose midnights bound the periods: `Asia/Seoul`.
    pub zone: String,
    /// How long its periods are.
    pub period: PeriodKind,
    /// When these terms hold, nanoseconds UTC; `i64::MIN` and `i64::MAX` for no bound. A period
    /// is rated by the version that holds for the whole of it.
    pub effective: Span,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Balances that the first statement begins with, by name, in the agreement's asset: what a
    /// relation brought along from before.
    pub opening: BTreeMap<String, Decimal>,
    /// When what is payable falls due; `None` where the agreement does not say.
    pub due: Option<DueTerms>,
    /// The bounds of its periods, where these are [`PeriodKind::Custom`].
    pub custom: Option<CustomCalendar>,
}

impl Agreement {
    /// How its periods follow each other.
    pub fn cycle(&self) -> Cycle<'_> {
        Cycle { kind: self.period, custom: self.custom.as_ref() }
    }

    /// The time of one of its periods, nanoseconds UTC.
    ///
    /// # Errors
    /// As [`Cycle::span`].
    pub fn span(&self, period: Period) -> Result<Span, SettleError> {
        self.cycle().span(period, &self.zone)
    }
}

/// A measure as a step reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Read {
    /// Name of the measure.
    pub measure: String,
    /// Code of the asset.
    pub asset: String,
    /// The selection in force.
    pub selection: Selection,
    /// The dimensions by which it is grouped.
    pub by: Vec<String>,
    /// Over which time.
    pub window: Window,
}

/// The time over which a measure is read. It always ends with the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// The period.
    #[default]
    Period,
    /// From the start of the period of this kind that the agreement's period begins in.
    Within(PeriodKind),
    /// From the moment at which these terms began to hold.
    Agreement,
    /// The part of the period from the first of these local days to the last.
    Days(Date, Date),
}

/// A figure that a step reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// The running amount as the step finds it.
    Running,
    /// The amount of an earlier line, by the name of its step or of its deduction.
    Line(String),
    /// A measure under the selection in force.
    Measure(String),
    /// A fixed amount, in the agreement's asset.
    Fixed(Decimal),
}

/// An operand, or a part of one: `of × rate`, rounded where `round` says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Figure {
    /// What it is taken of.
    pub of: Operand,
    /// A fraction: `0.12` for 12 %. `None` takes the whole.
    pub rate: Option<Decimal>,
    /// How the product is rounded; `None` keeps every digit.
    pub round: Option<RoundTo>,
}

/// How a figure is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoundTo {
    /// Decimals that stay, at most 18; below zero for tens (-1), hundreds (-2) and so on.
    pub scale: i8,
    /// Which way.
    pub mode: Rounding,
}

impl RoundTo {
    /// The figure, rounded.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn apply(self, figure: Decimal) -> Result<Decimal, DecimalError> {
        let Some((tens, unit)) = self.tens() else {
            return figure.round(self.scale.unsigned_abs(), self.mode);
        };
        let parts = figure.canonical().checked_mul(Decimal::new(1, tens)?)?;
        parts.round(0, self.mode)?.checked_mul(unit)
    }

    /// `over` divided by `under`, rounded once.
    ///
    /// # Errors
    /// When it does not fit, or `under` is zero.
    pub fn quotient(self, over: Decimal, under: Decimal) -> Result<Decimal, DecimalError> {
        let Some((_, unit)) = self.tens() else {
            return over.checked_div(under, self.scale.unsigned_abs(), self.mode);
        };
        over.checked_div(under.checked_mul(unit)?, 0, self.mode)?.checked_mul(unit)
    }

    /// How many tens go, and what they make: 2 and 100; `None` where decimals stay.
    fn tens(self) -> Option<(u8, Decimal)> {
        let tens = u8::try_from(-i16::from(self.scale)).ok()?;
        let unit = (0..tens).fold(1, |unit: i128, _| unit.saturating_mul(10));
        Some((tens, Decimal::from_minor(unit, 0)))
    }
}
