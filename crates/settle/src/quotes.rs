//! Foreign-exchange quotes as data, and the rate that follows from them for a date rule.

mod answer;
mod encode;
mod exchange;
mod find;
mod rule;

pub use answer::{FromQuotes, answer};
pub use exchange::{Exchange, Leg, RATE_DIGITS};
pub use rule::{DateRule, FxDates, FxTerms};

use crate::error::SettleError;
use crate::limits::{QUOTE_SCALE_MAX, QUOTES_MAX};
use jiff::civil::Date;
use ledger::{Decimal, name};
use std::collections::BTreeMap;
use std::fmt;

/// The quotes of one source, such as a central bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotes {
    /// `[a-z][a-z0-9_-]*`: `ecb`.
    pub name: String,
    /// Of each pair its quotes by the day for which they were published.
    pub pairs: BTreeMap<Pair, BTreeMap<Date, Decimal>>,
}

/// Two assets of which one is priced in the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// What one unit of is priced: `EUR`.
    pub base: String,
    /// What the price is in: `KRW`, for EUR/KRW 1487.35.
    pub quote: String,
}

impl fmt::Display for Pair {
    /// `EUR/KRW`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.quote)
    }
}

impl Quotes {
    /// The first mistake in the data.
    ///
    /// # Errors
    /// [`SettleError::QuotesShape`].
    pub fn check(&self) -> Result<(), SettleError> {
        let is_asset = |code: &str| name::is_asset_code(code.as_bytes());
        let rates = || self.pairs.values().flat_map(BTreeMap::values);
        let rules = [
            (name::is_word(self.name.as_bytes()), "its name is not a lower-case word"),
            (rates().count() <= QUOTES_MAX, "it has too many quotes"),
            (
                self.pairs.keys().all(|pair| is_asset(&pair.base) && is_asset(&pair.quote)),
                "an asset of a pair is not an asset code",
            ),
            (self.pairs.keys().all(|pair| pair.base != pair.quote), "an asset is priced in itself"),
            (self.pairs.values().all(|days| !days.is_empty()), "a pair has no quotes"),
            (rates().all(|rate| *rate > Decimal::ZERO), "a rate is not above zero"),
            (
                rates().all(|rate| rate.canonical().scale() <= QUOTE_SCALE_MAX),
                "a rate has more than 18 decimals",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, reason)) => Err(SettleError::QuotesShape {
                source: self.name.clone(),
                reason: reason.to_owned(),
            }),
        }
    }
}
