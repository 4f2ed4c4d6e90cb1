//! Splitting a whole number by shares so that the parts add up to it exactly.

use ledger::{Decimal, DecimalError};
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
    let (units, whole) = units(shares)?;
    let times = |units: &i128| units.checked_mul(total).ok_or(DecimalError::Overflow);
    let exact = units.iter().map(times).collect::<Result<Vec<i128>, _>>()?;
    apportion(&exact, whole, total).map(Some)
}

/// Figures as whole numbers of the finest unit of any of them, and how many such units are one.
pub(crate) fn units(figures: &[Decimal]) -> Result<(Vec<i128>, i128), DecimalError> {
    let finest = figures.iter().map(|figure| figure.canonical().scale()).max().unwrap_or(0);
    let units = figures.iter().map(|figure| figure.to_minor(finest)).collect::<Result<_, _>>()?;
    Ok((units, Decimal::ONE.to_minor(finest)?))
}

/// Whole parts of a whole `total` from exact ones, which are `exact / under` and add up to it:
/// each is cut downward, and what is left goes, one by one, to the parts with the largest
/// remainders, of equal ones to the earlier. A debt splits like a claim, with the signs turned.
///
/// # Errors
/// [`DecimalError::Overflow`] for the lowest number of all.
pub(crate) fn apportion(
    exact: &[i128],
    under: i128,
    total: i128,
) -> Result<Vec<i128>, DecimalError> {
    let sign = if total < 0 { -1 } else { 1 };
    let mut left = total.checked_mul(sign).ok_or(DecimalError::Overflow)?;
    let mut parts = Vec::with_capacity(exact.len());
    let mut remainders = Vec::with_capacity(exact.len());
    for part in exact {
        let part = part.checked_mul(sign).ok_or(DecimalError::Overflow)?;
        let whole = part.div_euclid(under);
        left = left.checked_sub(whole).ok_or(DecimalError::Overflow)?;
        parts.push(whole);
        remainders.push(part.rem_euclid(under));
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
    Ok(parts.into_iter().map(|part| sign * part).collect())
}
