//! On which day, or over which days, a rate is taken.

use crate::error::SettleError;
use crate::limits::{QUOTE_AGE_DAYS_MAX, YEAR_MAX, YEAR_MIN};
use crate::period::{Period, PeriodKind};
use jiff::civil::Date;
use ledger::name;

/// How an agreement turns one asset into another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FxTerms {
    /// Name of the source of quotes.
    pub source: String,
    /// Which quotes count.
    pub rule: DateRule,
    /// How many days old a quote for a single day may be: 0 for that day's own alone.
    pub age_days_max: u32,
    /// The asset that both others are priced against, where they are not priced against each
    /// other.
    pub pivot: Option<String>,
}

/// Which quotes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateRule {
    /// The quote of the day of the event.
    Transaction,
    /// The quote of the day of the payment.
    Payment,
    /// The mean of the quotes of the period.
    Average,
    /// The last quote of the period.
    Close,
    /// The mean of the quotes of one month, whatever the period.
    MonthAverage(Period),
    /// The last quote of one month, whatever the period.
    MonthClose(Period),
}

/// The days that a rule may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FxDates {
    /// The period's first day, and the first day after it.
    pub period: (Date, Date),
    /// The day of the event, where one event is converted.
    pub transaction: Option<Date>,
    /// The day of the payment, once it is known.
    pub payment: Option<Date>,
}

/// What a rule comes to for given dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// The latest quote of a day or before it.
    On(Date),
    /// The mean from a day up to the day before another.
    Mean(Date, Date),
    /// The last from a day up to the day before another.
    Last(Date, Date),
}

impl FxTerms {
    /// The first mistake in the terms themselves.
    ///
    /// # Errors
    /// [`SettleError::QuotesShape`].
    pub fn check(&self) -> Result<(), SettleError> {
        let pivot = self.pivot.as_ref();
        let is_month = match self.rule {
            DateRule::MonthAverage(month) | DateRule::MonthClose(month) => {
                month.kind() == PeriodKind::Month
            }
            _ => true,
        };
        let rules = [
            (name::is_word(self.source.as_bytes()), "the source's name is not a lower-case word"),
            (
                pivot.is_none_or(|code| name::is_asset_code(code.as_bytes())),
                "the pivot is no asset",
            ),
            (self.age_days_max <= QUOTE_AGE_DAYS_MAX, "a quote may not be so many days old"),
            (is_month, "the fixed month is not a month"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, reason)) => Err(SettleError::QuotesShape {
                source: self.source.clone(),
                reason: reason.to_owned(),
            }),
        }
    }
}

impl DateRule {
    pub(super) fn take(self, dates: &FxDates) -> Result<Take, SettleError> {
        let unknown = || SettleError::QuoteDate { rule: self.to_string() };
        let on = |date: Option<Date>| date.map(Take::On).ok_or_else(unknown);
        // Quotes of years without periods would be found by nobody who checks them.
        let days = |month: Period| month.days().ok_or_else(unknown);
        let (first, end) = dates.period;
        let take = match self {
            Self::Transaction => on(dates.transaction)?,
            Self::Payment => on(dates.payment)?,
            Self::Average => Take::Mean(first, end),
            Self::Close => Take::Last(first, end),
            Self::MonthAverage(month) => days(month).map(|(first, end)| Take::Mean(first, end))?,
            Self::MonthClose(month) => days(month).map(|(first, end)| Take::Last(first, end))?,
        };
        let years = YEAR_MIN..=YEAR_MAX;
        let (Take::On(day) | Take::Mean(day, _) | Take::Last(day, _)) = take;
        if years.contains(&day.year()) { Ok(take) } else { Err(unknown()) }
    }
}
