//! Rounding parts so that they still add up.

use crate::agreement::RoundTo;
use crate::calendar::apportion;
use ledger::{Decimal, DecimalError, Rounding};
use std::cmp::Reverse;

/// The parts rounded so that they add up to the rounding of their sum: each is cut toward minus
/// infinity, and the units that are missing go to the largest remainders, of equal ones to the
/// earlier.
///
/// # Errors
/// When a figure does not fit.
pub(crate) fn rounded(parts: &[Decimal], to: RoundTo) -> Result<Vec<Decimal>, DecimalError> {
    let cut = RoundTo { mode: Rounding::Floor, ..to };
    let unit = RoundTo { mode: Rounding::Ceiling, ..to }.apply(Decimal::new(1, 18)?)?;
    let (mut whole, mut sum) = (Decimal::ZERO, Decimal::ZERO);
    let (mut out, mut rests) = (Vec::new(), Vec::new());
    for part in parts {
        let low = cut.apply(*part)?;
        rests.push(part.checked_sub(low)?);
        whole = whole.checked_add(*part)?.canonical();
        sum = sum.checked_add(low)?;
        out.push(low.canonical());
    }
    let mut missing = to.apply(whole)?.checked_sub(sum)?;
    let mut order: Vec<usize> = (0..out.len()).collect();
    order.sort_by_key(|at| Reverse(rests[*at]));
    for at in order {
        if missing <= Decimal::ZERO {
            break;
        }
        out[at] = out[at].checked_add(unit)?.canonical();
        missing = missing.checked_sub(unit)?;
    }
    Ok(out)
}

/// `total` in proportion to weights, none of either below zero: cut to whole numbers, what is
/// left goes to the largest remainders, of equal ones to the earlier. `None` when it does not fit
/// or all weights are zero.
pub(crate) fn in_proportion(total: i128, weights: &[i128]) -> Option<Vec<i128>> {
    let sum = weights.iter().try_fold(0i128, |sum, weight| sum.checked_add(*weight))?;
    let product = |weight: &i128| total.checked_mul(*weight);
    let exact: Vec<i128> = weights.iter().map(product).collect::<Option<_>>()?;
    if sum == 0 { None } else { apportion(&exact, sum, total).ok() }
}
