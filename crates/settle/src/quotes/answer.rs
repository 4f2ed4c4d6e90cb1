//! Answering a rating's questions for rates, and making these questions from terms.

use super::find::Asked;
use super::rule::Take;
use super::{Exchange, FxDates, FxTerms, Leg, Quotes};
use crate::error::SettleError;
use crate::limits::QUOTE_AGE_DAYS_MAX;
use crate::outside::{Outside, QuoteAsk, QuoteUsed};
use jiff::civil::Date;
use std::fmt::Write as _;

impl FxTerms {
    /// The question for the rate of `from` in `to`: its dates are resolved here, once.
    ///
    /// # Errors
    /// What [`FxTerms::check`] finds; [`SettleError::QuoteDate`].
    pub fn ask(&self, from: &str, to: &str, dates: &FxDates) -> Result<QuoteAsk, SettleError> {
        self.check()?;
        let on = match self.rule.take(dates)? {
            Take::On(day) if self.age_days_max == 0 => day.to_string(),
            Take::On(day) => format!("{day}~{}", self.age_days_max),
            Take::Mean(first, end) => format!("{first}..{end}"),
            Take::Last(first, end) => format!("last:{first}..{end}"),
        };
        Ok(QuoteAsk {
            source: self.source.clone(),
            base: from.to_owned(),
            quote: to.to_owned(),
            on,
            through: self.pivot.clone().unwrap_or_default(),
        })
    }
}

/// Answers from the sources of a book; plug-ins as `plugins` does.
pub struct FromQuotes<'a> {
    /// The sources of the book.
    pub sources: &'a [Quotes],
    /// Who runs plug-ins.
    pub plugins: &'a dyn Outside,
}

impl Outside for FromQuotes<'_> {
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        answer(self.sources, ask)
    }

    fn plugin(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, SettleError> {
        self.plugins.plugin(hash, input)
    }
}

/// The rate that a question asks for. Its `on` is one of
///
/// - `2026-03-31`: the quote of that day;
/// - `2026-03-31~5`: of that day, or the latest of the 5 days before;
/// - `2026-03-01..2026-04-01`: the mean of the quotes of these days, without the last;
/// - `last:2026-03-01..2026-04-01`: the last of them.
///
/// # Errors
/// [`SettleError::QuoteNotRecorded`] when there is no such source; [`SettleError::QuoteDate`] for
/// another `on`; as [`Quotes::exchange`].
pub fn answer(sources: &[Quotes], ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
    let source = sources.iter().find(|source| source.name == ask.source);
    let source = source.ok_or_else(|| {
        let QuoteAsk { source, base, quote, on, .. } = ask.clone();
        SettleError::QuoteNotRecorded { source, base, quote, on }
    })?;
    let unknown = || SettleError::QuoteDate { rule: ask.on.chars().take(64).collect() };
    let (take, age_days_max) = take(&ask.on).ok_or_else(unknown)?;
    let pivot = Some(ask.through.as_str()).filter(|through| !through.is_empty());
    let asked = Asked { from: &ask.base, to: &ask.quote, take, age_days_max, pivot };
    let found = source.find(&asked)?;
    Ok(QuoteUsed { ask: ask.clone(), rate: found.rate()?, from: found.told() })
}

fn take(on: &str) -> Option<(Take, u32)> {
    if let Some(span) = on.strip_prefix("last:") {
        let (first, end) = span.split_once("..")?;
        return Some((Take::Last(day(first)?, day(end)?), 0));
    }
    if let Some((first, end)) = on.split_once("..") {
        return Some((Take::Mean(day(first)?, day(end)?), 0));
    }
    let (at, age) = on.split_once('~').unwrap_or((on, "0"));
    let age = age.parse().ok().filter(|age| *age <= QUOTE_AGE_DAYS_MAX)?;
    Some((Take::On(day(at)?), age))
}

/// A day in its one form, so that a question has one as well.
fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| day.to_string() == text)
}

impl Exchange {
    /// The quotes used, for people: `EUR/USD 1.0832 (2026-03-02, inverse), EUR/KRW 1492.6 (mean
    /// of 3, 2026-03-02 to 2026-03-31)`.
    pub fn told(&self) -> String {
        let legs: Vec<String> = self.legs.iter().map(Leg::told).collect();
        legs.join(", ")
    }
}

impl Leg {
    fn told(&self) -> String {
        let Self { pair, inverse, rate, first, last, count } = self;
        let mut text = format!("{pair} {rate} (");
        // Writing to a string does not fail.
        let _ = match count {
            1 => write!(text, "{first}"),
            _ => write!(text, "mean of {count}, {first} to {last}"),
        };
        text.push_str(if *inverse { ", inverse)" } else { ")" });
        text
    }
}
