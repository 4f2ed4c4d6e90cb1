//! Finding the quotes that a rule asks for: by one road, chosen by which pairs the source prices.

use super::rule::Take;
use super::{Exchange, FxDates, FxTerms, Leg, Pair, Quotes, RATE_DIGITS};
use crate::error::SettleError;
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::{Decimal, Rounding};
use std::collections::BTreeMap;

/// What is looked for.
pub(super) struct Asked<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) take: Take,
    pub(super) age_days_max: u32,
    pub(super) pivot: Option<&'a str>,
}

impl Quotes {
    /// What one unit of `from` is worth in `to`.
    ///
    /// The road is chosen by which pairs the source has at all, never by which days: the pair
    /// itself, otherwise its inverse, otherwise the two legs over the pivot of the terms (each
    /// again itself or inverse). So a day without a quote is an error, not another rate.
    ///
    /// A mean is that of the quotes as published, half-even to [`RATE_DIGITS`] significant
    /// digits; an inverse is that of the mean, and legs are each averaged before they are joined.
    ///
    /// # Errors
    /// What [`FxTerms::check`] finds; [`SettleError::QuotePair`], [`SettleError::QuoteMissing`],
    /// [`SettleError::QuoteSpan`], [`SettleError::QuoteDate`], [`SettleError::QuoteRange`].
    pub fn exchange(
        &self,
        from: &str,
        to: &str,
        terms: &FxTerms,
        dates: &FxDates,
    ) -> Result<Exchange, SettleError> {
        terms.check()?;
        let take = terms.rule.take(dates)?;
        let (age_days_max, pivot) = (terms.age_days_max, terms.pivot.as_deref());
        self.find(&Asked { from, to, take, age_days_max, pivot })
    }

    pub(super) fn find(&self, asked: &Asked<'_>) -> Result<Exchange, SettleError> {
        let Asked { from, to, .. } = *asked;
        let legs = match (self.road(from, to), asked.pivot) {
            _ if from == to => Vec::new(),
            (Some(road), _) => vec![self.leg(road, asked)?],
            (None, Some(pivot)) => {
                let legs = self.road(from, pivot).zip(self.road(pivot, to));
                let (first, second) = legs.ok_or_else(|| self.no_pair(from, to))?;
                vec![self.leg(first, asked)?, self.leg(second, asked)?]
            }
            (None, None) => return Err(self.no_pair(from, to)),
        };
        let source = self.name.clone();
        Ok(Exchange { source, from: from.to_owned(), to: to.to_owned(), legs })
    }

    fn no_pair(&self, from: &str, to: &str) -> SettleError {
        let (from, to) = (from.to_owned(), to.to_owned());
        SettleError::QuotePair { source: self.name.clone(), from, to }
    }

    /// The pair, and whether it stands the other way round.
    fn road(&self, from: &str, to: &str) -> Option<(&Pair, bool)> {
        let pair = |base: &str, quote: &str| {
            let pair = Pair { base: base.to_owned(), quote: quote.to_owned() };
            self.pairs.get_key_value(&pair).map(|(pair, _)| pair)
        };
        let inverse = || pair(to, from).map(|pair| (pair, true));
        pair(from, to).map(|pair| (pair, false)).or_else(inverse)
    }

    fn leg(&self, (pair, inverse): (&Pair, bool), asked: &Asked<'_>) -> Result<Leg, SettleError> {
        let empty = BTreeMap::new();
        let days = self.pairs.get(pair).unwrap_or(&empty);
        let one = |(date, rate): (&Date, &Decimal)| (*rate, *date, *date, 1);
        let (rate, first, last, count) = match asked.take {
            Take::On(date) => {
                let age = i64::from(asked.age_days_max).days();
                let oldest = date.checked_sub(age).unwrap_or(Date::MIN);
                let latest = days.range(oldest..=date).next_back();
                latest.map(one).ok_or_else(|| self.missing(pair, date, asked))?
            }
            Take::Last(first, end) => {
                let last = days.range(first..end.max(first)).next_back();
                last.map(one).ok_or_else(|| self.no_quote(pair, first, end))?
            }
            Take::Mean(first, end) => {
                let mut found = days.range(first..end.max(first));
                let (from, start) = found.next().ok_or_else(|| self.no_quote(pair, first, end))?;
                let range = || range_of(&pair.base, &pair.quote);
                let (mut sum, mut last, mut count) = (*start, *from, 1u32);
                for (date, rate) in found {
                    sum = sum.checked_add(*rate).map_err(|_| range())?;
                    (last, count) = (*date, count + 1);
                }
                let parts = Decimal::new(count.into(), 0).map_err(|_| range())?;
                let mean = sum.checked_div_significant(parts, RATE_DIGITS, Rounding::HalfEven);
                (mean.map_err(|_| range())?, *from, last, count)
            }
        };
        Ok(Leg { pair: pair.clone(), inverse, rate: rate.canonical(), first, last, count })
    }

    fn missing(&self, pair: &Pair, date: Date, asked: &Asked<'_>) -> SettleError {
        SettleError::QuoteMissing {
            source: self.name.clone(),
            pair: pair.to_string(),
            date: date.to_string(),
            days: asked.age_days_max.to_string(),
        }
    }

    fn no_quote(&self, pair: &Pair, first: Date, end: Date) -> SettleError {
        SettleError::QuoteSpan {
            source: self.name.clone(),
            pair: pair.to_string(),
            first: first.to_string(),
            end: end.to_string(),
        }
    }
}

pub(super) fn range_of(from: &str, to: &str) -> SettleError {
    SettleError::QuoteRange { from: from.to_owned(), to: to.to_owned() }
}
