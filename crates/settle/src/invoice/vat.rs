//! The tax on a supply, and the supply within a total.

use crate::error::SettleError;
use ledger::{Decimal, Rounding};

/// A rate of value-added tax and how its amounts become whole won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vat {
    /// A fraction: `0.1`.
    pub rate: Decimal,
    /// How the rounded one of the two amounts is rounded.
    pub round: Rounding,
}

impl Vat {
    /// Ten percent, fractions of a won dropped toward zero, so that taking back a supply takes
    /// back the tax that was charged on it.
    pub fn korean() -> Self {
        Self { rate: Decimal::from_minor(1, 1), round: Rounding::Down }
    }

    /// The tax added to a supply.
    ///
    /// # Errors
    /// [`SettleError::InvoiceRange`].
    pub fn on(self, supply: i128) -> Result<i128, SettleError> {
        let tax = Decimal::new(supply, 0).and_then(|supply| supply.checked_mul(self.rate));
        let tax = tax.and_then(|tax| tax.round(0, self.round));
        tax.map(Decimal::coefficient).map_err(|_| out_of_range(supply))
    }

    /// Supply and tax within a total that includes the tax: the supply is rounded, the tax is the
    /// rest, so that both add up to the total.
    ///
    /// # Errors
    /// [`SettleError::InvoiceRange`], also for a rate of -1.
    pub fn within(self, total: i128) -> Result<(i128, i128), SettleError> {
        let whole = Decimal::ONE.checked_add(self.rate);
        let supply = whole.and_then(|whole| {
            Decimal::new(total, 0)?.checked_div(whole, 0, self.round).map(Decimal::coefficient)
        });
        let supply = supply.map_err(|_| out_of_range(total))?;
        let tax = total.checked_sub(supply).ok_or_else(|| out_of_range(total))?;
        Ok((supply, tax))
    }
}

pub(super) fn out_of_range(amount: i128) -> SettleError {
    SettleError::InvoiceRange { amount: amount.to_string() }
}
