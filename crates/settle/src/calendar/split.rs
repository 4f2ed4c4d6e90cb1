//! Splitting a whole number by shares so that the parts add up to it exactly.

use ledger::{Decimal, DecimalError, Rounding};
use std::cmp::Reverse;

/// Splits `total` by `shares`, which add up to 1 and are not below zero: each part is its share
/// cut to a whole number toward zero, and what is left goes, one by one, to the parts with the
/// largest remainders, of equal ones to the earlier. `None` when the shares are not such.
///
/// # Errors
/// [`DecimalError::Overflow`] when a share of the total needs more than 38 digits.
pub fn split(total: i128, shares: &[Decimal]) -> Result<Option<Vec<i128>>, DecimalError> {
    let sum = shares.iter().try_fold(Decimal::ZERO, |sum, share| sum.checked_add(*share))?;
    if sum != Decimal::ONE || shares.iter().any(|share| share.is_negative()) {
        return Ok(None);
    }
    // Cutting and giving out work on magnitudes, so that a debt splits like a claim.
    let sign = total.signum();
    let magnitude = total.checked_abs().ok_or(DecimalError::Overflow)?;
    let whole = Decimal::new(magnitude, 0)?;
    let mut parts = Vec::with_capacity(shares.len());
    let mut remainders = Vec::with_capacity(shares.len());
    let mut left = magnitude;
    for share in shares {
        let exact = whole.checked_mul(*share)?;
        let cut = exact.round(0, Rounding::Down)?;
        remainders.push(exact.checked_sub(cut)?);
        left -= cut.coefficient();
        parts.push(cut.coefficient());
    }
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| Reverse(remainders[*at]));
    for at in order {
        if left == 0 {
            break;
        }
        parts[at] += 1;
        left -= 1;
    }
    Ok(Some(parts.into_iter().map(|part| sign * part).collect()))
}
