//! 256-bit intermediate results: a product of two 128-bit numbers, and its division.

/// An unsigned 256-bit number as two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wide {
    pub(crate) high: u128,
    pub(crate) low: u128,
}

const HALF: u128 = (1 << 64) - 1;

/// The full product of `a` and `b`.
pub(crate) fn product(a: u128, b: u128) -> Wide {
    let (a1, a0) = (a >> 64, a & HALF);
    let (b1, b0) = (b >> 64, b & HALF);
    let (low, mid_a, mid_b, high) = (a0 * b0, a1 * b0, a0 * b1, a1 * b1);
    let mid = (low >> 64) + (mid_a & HALF) + (mid_b & HALF);
    Wide {
        high: high + (mid_a >> 64) + (mid_b >> 64) + (mid >> 64),
        low: (mid << 64) | (low & HALF),
    }
}

/// Quotient and remainder of `n / d`; `None` when the quotient exceeds 128 bits or `d` is 0.
pub(crate) fn divide(n: Wide, d: u128) -> Option<(u128, u128)> {
    if d == 0 || n.high >= d {
        return None;
    }
    if n.high == 0 {
        return Some((n.low / d, n.low % d));
    }
    let (mut rest, mut quotient) = (n.high, 0u128);
    for bit in (0..128).rev() {
        let carry = rest >> 127;
        rest = (rest << 1) | ((n.low >> bit) & 1);
        quotient <<= 1;
        if carry == 1 || rest >= d {
            rest = rest.wrapping_sub(d);
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_products() {
        assert_eq!(product(u128::MAX, u128::MAX), Wide { high: u128::MAX - 1, low: 1 });
        assert_eq!(product(1 << 127, 2), Wide { high: 1, low: 0 });
        assert_eq!(divide(Wide { high: 1, low: 0 }, 2), Some((1 << 127, 0)));
        assert_eq!(divide(Wide { high: 2, low: 0 }, 2), None);
        assert_eq!(divide(Wide { high: 0, low: 9 }, 0), None);
    }

    proptest! {
        #[test]
        fn division_undoes_the_product(a: u128, b in 1u128.., r: u128) {
            let rest = r % b;
            let n = product(a, b);
            let (low, carry) = n.low.overflowing_add(rest);
            if let Some(high) = n.high.checked_add(u128::from(carry)) {
                prop_assert_eq!(divide(Wide { high, low }, b), Some((a, rest)));
            }
        }
    }
}
