//! Assets: a code and the number of decimals that a minor unit stands for.

use crate::{Decimal, DecimalError};

/// What an amount is counted in. Minor units of one asset never mix with another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset {
    /// `[A-Z0-9]{1,16}`, beginning with a letter.
    pub code: String,
    /// Decimals of one minor unit: KRW 0, EUR 2, BTC 8, at most 18.
    pub scale: u8,
}

impl Asset {
    /// The minor units of `amount`, exactly.
    ///
    /// # Errors
    /// [`DecimalError::Inexact`] when `amount` has more decimals than the asset,
    /// [`DecimalError::Overflow`] when it does not fit.
    pub fn minor(&self, amount: Decimal) -> Result<i128, DecimalError> {
        amount.to_minor(self.scale)
    }

    /// `minor` units as a decimal with the asset's own number of decimals.
    pub fn decimal(&self, minor: i128) -> Decimal {
        Decimal::from_minor(minor, self.scale)
    }
}
