//! A rate as it was found, with the quotes that it stands on.

use super::Pair;
use super::find::range_of;
use crate::agreement::RoundTo;
use crate::error::SettleError;
use jiff::civil::Date;
use ledger::{Decimal, Rounding};

/// Significant digits of every rate that a division gives, rounded half to even: a mean, an
/// inverse, a rate over a pivot.
pub const RATE_DIGITS: u8 = 18;

/// What one unit of an asset is worth in another, and the quotes that say so. Recorded once with
/// the statement; replay reads it and never asks the quotes again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exchange {
    /// Name of the source of quotes.
    pub source: String,
    /// The asset that is converted.
    pub from: String,
    /// What it is converted to.
    pub to: String,
    /// The quotes used, in order from `from` to `to`: none for an asset to itself, one, or two
    /// over a pivot.
    pub legs: Vec<Leg>,
}

/// One quote, or the mean of several, as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    /// As the source prices it.
    pub pair: Pair,
    /// Whether it is gone against its direction: the rate then divides.
    pub inverse: bool,
    /// The quote, or the mean.
    pub rate: Decimal,
    /// The day of the first quote.
    pub first: Date,
    /// The day of the last quote; of a single one the same day.
    pub last: Date,
    /// How many quotes.
    pub count: u32,
}

impl Exchange {
    /// The rate to print: exact where no leg is inverse, otherwise to [`RATE_DIGITS`] significant
    /// digits. Amounts are converted by [`Exchange::convert`], which never rounds a rate.
    ///
    /// # Errors
    /// [`SettleError::QuoteRange`].
    pub fn rate(&self) -> Result<Decimal, SettleError> {
        let (over, under) = self.ratio()?;
        if under == Decimal::ONE {
            return Ok(over.canonical());
        }
        let rate = over.checked_div_significant(under, RATE_DIGITS, Rounding::HalfEven);
        rate.map_err(|_| self.range())
    }

    /// `amount` in the other asset, rounded once: it is multiplied by every rate that multiplies
    /// before it is divided by those that divide.
    ///
    /// # Errors
    /// [`SettleError::QuoteRange`].
    pub fn convert(&self, amount: Decimal, round: RoundTo) -> Result<Decimal, SettleError> {
        let (over, under) = self.ratio()?;
        let product = amount.checked_mul(over).map_err(|_| self.range())?;
        round.quotient(product, under).map_err(|_| self.range())
    }

    /// What multiplies, and what divides.
    fn ratio(&self) -> Result<(Decimal, Decimal), SettleError> {
        let product = |inverse: bool| {
            let mut rates = self.legs.iter().filter(|leg| leg.inverse == inverse);
            rates.try_fold(Decimal::ONE, |all, leg| all.checked_mul(leg.rate))
        };
        let over = product(false).map_err(|_| self.range())?;
        let under = product(true).map_err(|_| self.range())?;
        Ok((over, under))
    }

    fn range(&self) -> SettleError {
        range_of(&self.from, &self.to)
    }
}
