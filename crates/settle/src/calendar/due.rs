//! When what is payable falls due: a day that is counted from, a lag, a roll, and parts.

use super::{Business, Holidays, split};
use crate::error::SettleError;
use crate::limits::{
    DUE_PARTS_MAX, HOLIDAY_SETS_MAX, LAG_DAYS_MAX, LAG_MONTHS_MAX, RATE_SCALE_MAX,
};
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::Decimal;

/// When what an agreement gives is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTerms {
    /// The parts in order; their shares add up to 1. One part of share 1 where all is paid at
    /// once.
    pub parts: Vec<DuePart>,
    /// Business days are the days on which none of these is closed.
    pub holidays: Vec<Holidays>,
}

/// One part of what is payable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuePart {
    /// A fraction above 0 and at most 1: `0.7` for 70 %.
    pub share: Decimal,
    /// When it is due.
    pub rule: DueRule,
}

/// How one date follows from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueRule {
    /// The day that is counted from.
    pub base: Base,
    /// How long after it.
    pub lag: Lag,
    /// What happens when that is no business day.
    pub roll: Roll,
}

/// The day that a lag is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// The last day of the period.
    PeriodEnd,
    /// The day on which the period was closed.
    Close,
    /// The day on which the statement was made out.
    Statement,
}

/// A length of time in days or months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lag {
    /// Calendar days.
    Days(u32),
    /// Business days; 0 stays on the day, which the roll then moves.
    BusinessDays(u32),
    /// A day of the `months`-th month after the base's own; 0 is the base's own month.
    Months {
        /// How many months.
        months: u32,
        /// Which day of it.
        day: DayOfMonth,
    },
}

/// A day of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayOfMonth {
    /// From 1 to 31; where the month is shorter, its last day.
    Day(u8),
    /// The base's own day of the month; where the month is shorter, its last day.
    Same,
    /// The last day.
    End,
}

/// What happens to a date that is no business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Roll {
    /// Nothing.
    None,
    /// The next business day.
    Following,
    /// The business day before.
    Preceding,
    /// The next business day, unless it is in another month: then the one before.
    ModifiedFollowing,
    /// The business day before, unless it is in another month: then the next one.
    ModifiedPreceding,
}

/// The days that lags are counted from, as recorded when the statement was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueBase {
    /// The last day of the period.
    pub period_end: Date,
    /// The day of the close in the agreement's zone.
    pub closed: Option<Date>,
    /// The day of the statement in the agreement's zone.
    pub stated: Option<Date>,
}

/// A part of what is payable, and its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Due {
    /// The day on which it is due.
    pub date: Date,
    /// How much; with the sign and the decimals of the whole.
    pub amount: Decimal,
}

/// When `payable`, in an asset of `scale` decimals, is due: one entry a part, in the order of the
/// terms. The amounts add up to `payable` exactly.
///
/// # Errors
/// What [`DueTerms::check`] finds; what [`DueRule::date`] gives; [`SettleError::DueBase`];
/// [`SettleError::DueAmount`] for an amount finer than the asset or too large to split.
pub fn due(
    terms: &DueTerms,
    base: &DueBase,
    payable: Decimal,
    scale: u8,
) -> Result<Vec<Due>, SettleError> {
    terms.check()?;
    let amount = || SettleError::DueAmount { amount: payable.to_string() };
    let minor = payable.to_minor(scale).map_err(|_| amount())?;
    let shares: Vec<Decimal> = terms.parts.iter().map(|part| part.share).collect();
    let parts = split(minor, &shares).map_err(|_| amount())?.ok_or_else(amount)?;
    let dated = terms.parts.iter().zip(parts).map(|(part, minor)| {
        let date = part.rule.date(base.day(part.rule.base)?, &terms.holidays)?;
        Ok(Due { date, amount: Decimal::from_minor(minor, scale) })
    });
    dated.collect()
}

impl DueTerms {
    /// The first mistake in the terms themselves.
    ///
    /// # Errors
    /// [`SettleError::DueShape`], [`SettleError::HolidaysShape`].
    pub fn check(&self) -> Result<(), SettleError> {
        self.holidays.iter().try_for_each(Holidays::check)?;
        let shares = || self.parts.iter().map(|part| part.share);
        let sum = shares().try_fold(Decimal::ZERO, Decimal::checked_add);
        let fine =
            |share: Decimal| share > Decimal::ZERO && share.canonical().scale() <= RATE_SCALE_MAX;
        let needs_holidays = |part: &DuePart| {
            part.rule.roll != Roll::None || matches!(part.rule.lag, Lag::BusinessDays(_))
        };
        let rules = [
            (!self.parts.is_empty(), "it has no parts"),
            (self.parts.len() <= DUE_PARTS_MAX, "it has too many parts"),
            (shares().all(fine), "a share is not above zero, or has more than 18 decimals"),
            (sum == Ok(Decimal::ONE), "the shares do not add up to 1"),
            (self.parts.iter().all(|part| part.rule.lag.is_bounded()), "a lag is too long"),
            (self.holidays.len() <= HOLIDAY_SETS_MAX, "it has too many holiday sets"),
            (
                !self.holidays.is_empty() || !self.parts.iter().any(needs_holidays),
                "business days are counted, but no holiday set is named",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, reason)) => Err(SettleError::DueShape { reason: reason.to_owned() }),
        }
    }
}

impl DueBase {
    /// The day that `base` names.
    ///
    /// # Errors
    /// [`SettleError::DueBase`] when it is not known.
    pub fn day(&self, base: Base) -> Result<Date, SettleError> {
        let day = match base {
            Base::PeriodEnd => Some(self.period_end),
            Base::Close => self.closed,
            Base::Statement => self.stated,
        };
        day.ok_or_else(|| SettleError::DueBase { base: base.word().to_owned() })
    }
}

impl DueRule {
    /// The date that follows from `from`, the day that the rule's base stands for: the release of
    /// a reserve is such a date too.
    ///
    /// # Errors
    /// [`SettleError::HolidaysEnd`], [`SettleError::NoBusinessDay`], [`SettleError::DateRange`].
    pub fn date(self, from: Date, holidays: &[Holidays]) -> Result<Date, SettleError> {
        let business = Business::of(holidays);
        let range = |_| SettleError::DateRange { date: from.to_string() };
        let date = match self.lag {
            Lag::Days(days) => from.checked_add(i64::from(days).days()).map_err(range)?,
            Lag::BusinessDays(days) => business.after(from, days)?,
            Lag::Months { months, day } => {
                // From the first, so that a short month on the way cuts nothing off.
                let first = from.first_of_month();
                let month = first.checked_add(i64::from(months).months()).map_err(range)?;
                month.with().day(day.within(month, from)).build().map_err(range)?
            }
        };
        business.roll(date, self.roll)
    }
}

impl DayOfMonth {
    fn within(self, month: Date, from: Date) -> i8 {
        let last = month.days_in_month();
        match self {
            Self::Day(day) => i8::try_from(day).map_or(last, |day| day.min(last)),
            Self::Same => from.day().min(last),
            Self::End => last,
        }
    }
}

impl Lag {
    fn is_bounded(self) -> bool {
        match self {
            Self::Days(days) | Self::BusinessDays(days) => days <= LAG_DAYS_MAX,
            Self::Months { months, day } => {
                let is_day = !matches!(day, DayOfMonth::Day(day) if !(1..=31).contains(&day));
                months <= LAG_MONTHS_MAX && is_day
            }
        }
    }
}
