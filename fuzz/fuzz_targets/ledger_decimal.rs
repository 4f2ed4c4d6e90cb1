//! Decimals: what is read prints as the same number; arithmetic gives a value or an error.
#![no_main]

use ledger::{Decimal, Rounding};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == b' ');
    let Some(Ok(one)) = parts.next().map(Decimal::parse) else { return };
    assert_eq!(one.to_string().parse(), Ok(one), "{one}");
    let short = one.canonical();
    assert!(short.scale() <= one.scale() && short.is_zero() == one.is_zero());
    for scale in [0, 2, 18, 38, u8::MAX] {
        if let Ok(minor) = one.to_minor(scale) {
            assert_eq!(Decimal::from_minor(minor, scale).canonical(), short);
        }
        let _ = one.round(scale, Rounding::HalfEven);
    }
    let Some(Ok(two)) = parts.next().map(Decimal::parse) else { return };
    if let Ok(sum) = one.checked_add(two) {
        assert_eq!(sum.canonical(), two.checked_add(one).map(Decimal::canonical).unwrap_or(sum));
    }
    let _ = (one.checked_sub(two), one.checked_mul(two));
    let _ = one.checked_div(two, 18, Rounding::HalfEven);
});
