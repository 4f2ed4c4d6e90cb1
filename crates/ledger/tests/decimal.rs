//! Decimals against tables and against plain integer arithmetic.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use ledger::{Asset, Decimal, DecimalError, Rounding};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

const MODES: [Rounding; 7] = [
    Rounding::HalfUp,
    Rounding::HalfEven,
    Rounding::HalfDown,
    Rounding::Down,
    Rounding::Up,
    Rounding::Floor,
    Rounding::Ceiling,
];
const MAX: &str = "170141183460469231731687303715884105727";

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Evaluates `a op b`, and compares the text or the error.
fn check(a: &str, op: &str, b: &str, wanted: &str) {
    let result = match op {
        "+" => dec(a).checked_add(dec(b)),
        "-" => dec(a).checked_sub(dec(b)),
        "*" => dec(a).checked_mul(dec(b)),
        "/" => dec(a).checked_div(dec(b), 6, Rounding::HalfUp),
        "rescale" => dec(a).rescale(b.parse().unwrap()),
        "read" => a.parse(),
        _ => panic!("{op}"),
    };
    let found = match result {
        Ok(number) => number.to_string(),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(found, wanted, "{a} {op} {b}");
}

#[test]
fn operations() {
    let tiny = format!("0.{}1", "0".repeat(37));
    let third = format!("0.{}", "3".repeat(38));
    for (a, op, b, wanted) in [
        ("1.50", "+", "2.5", "4.00"),
        ("-1.50", "+", "1.5", "0.00"),
        (MAX, "+", "1", "Overflow"),
        (MAX, "+", "-1", "170141183460469231731687303715884105726"),
        (
            "10000000000000000000000000000000000000",
            "+",
            "1.00",
            "10000000000000000000000000000000000001",
        ),
        ("1", "-", "1.001", "-0.001"),
        ("1.5", "*", "-0.2", "-0.30"),
        (MAX, "*", "2", "Overflow"),
        ("10000000000000000000", "*", "0.0000000000000000001", "1.0000000000000000000"),
        (MAX, "*", "1.000000", MAX),
        (&tiny, "*", &tiny, "Overflow"),
        // 10^60: nothing to shorten before the point, however many zeros there are.
        ("1000000000000000000000000000000", "*", "1000000000000000000000000000000", "Overflow"),
        // 2^100 of 20 decimals by 5^27 of 7: 49 digits, of which 27 are zeros after the point.
        (
            "12676506002.28229401496703205376",
            "*",
            "745058059692.3828125",
            "9444732965739290427392.0000000000000000",
        ),
        (
            "-12676506002.28229401496703205376",
            "*",
            "745058059692.3828125",
            "-9444732965739290427392.0000000000000000",
        ),
        // 2.5 × 10^38 fits 128 bits without a sign only: one zero fewer is right.
        (
            "655360000000000000.00262144",
            "*",
            "381.4697265625",
            "250000000000000000001.00000000000000000",
        ),
        (MAX, "*", "0.5", "Overflow"),
        ("1", "/", "3", "0.333333"),
        ("-2", "/", "3", "-0.666667"),
        ("1", "/", "0", "DivisionByZero"),
        (MAX, "/", "0.1", "Overflow"),
        ("1", "/", &third, "3.000000"),
        ("0.0000005", "/", "1", "0.000001"),
        (&tiny, "/", MAX, "0.000000"),
        ("1.500", "rescale", "1", "1.5"),
        ("1.501", "rescale", "1", "Inexact"),
        ("1.5", "rescale", "3", "1.500"),
        ("1", "rescale", "39", "Overflow"),
        (MAX, "rescale", "1", "Overflow"),
    ] {
        check(a, op, b, wanted);
    }
}

#[test]
fn texts() {
    let long = format!("{MAX}0");
    let fine = format!("0.{}1", "0".repeat(38));
    for (text, wanted) in [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("-12.340", "-12.340"),
        ("0.000000000000000000000000000000000001", "0.000000000000000000000000000000000001"),
        (MAX, MAX),
        (&long, "Overflow"),
        (&fine, "Overflow"),
        ("", "Syntax"),
        ("-", "Syntax"),
        (".", "Syntax"),
        (".5", "Syntax"),
        ("5.", "Syntax"),
        ("1.2.3", "Syntax"),
        ("+1", "Syntax"),
        ("--1", "Syntax"),
        ("1e5", "Syntax"),
        (" 1", "Syntax"),
        ("1,5", "Syntax"),
        ("NaN", "Syntax"),
        ("１", "Syntax"),
        ("0x10", "Syntax"),
        ("-.00000000000000000001", "Syntax"),
        ("00000000000000000000000000001.", "Syntax"),
    ] {
        check(text, "read", "", wanted);
    }
}

/// What 1.5, 2.5 and so on round to, mode by mode in the order of `MODES`.
#[test]
fn roundings() {
    for (number, wanted) in [
        ("2.5", ["3", "2", "2", "2", "3", "2", "3"]),
        ("3.5", ["4", "4", "3", "3", "4", "3", "4"]),
        ("-2.5", ["-3", "-2", "-2", "-2", "-3", "-3", "-2"]),
        ("2.4", ["2", "2", "2", "2", "3", "2", "3"]),
        ("-2.6", ["-3", "-3", "-3", "-2", "-3", "-3", "-2"]),
        ("2.0", ["2", "2", "2", "2", "2", "2", "2"]),
        ("0.00000000000000000000000000000000000001", ["0", "0", "0", "0", "1", "0", "1"]),
    ] {
        let found = MODES.map(|mode| dec(number).round(0, mode).unwrap().to_string());
        assert_eq!(found, wanted, "{number}");
    }
}

/// A quotient beyond all digits is still more than nothing.
#[test]
fn what_is_below_every_digit_is_rounded_by_its_mode() {
    let tiny = format!("0.{}1", "0".repeat(37));
    for (number, mode, wanted) in [
        (tiny.as_str(), Rounding::Up, "0.01"),
        (&tiny, Rounding::Ceiling, "0.01"),
        (&tiny, Rounding::Floor, "0.00"),
        (&tiny, Rounding::HalfUp, "0.00"),
        ("0.00000000000000000000000000000000000000", Rounding::Up, "0.00"),
    ] {
        let found = dec(number).checked_div(dec(MAX), 2, mode).unwrap();
        assert_eq!(found.to_string(), wanted, "{number} by {mode:?}");
    }
}

#[test]
fn signs_and_hashes() {
    for (number, negative, zero) in
        [("1.5", false, false), ("0.00", false, true), ("-0", false, true), ("-0.01", true, false)]
    {
        assert_eq!(
            (dec(number).is_negative(), dec(number).is_zero()),
            (negative, zero),
            "{number}"
        );
    }
    let set: HashSet<_> = ["1.5", "1.50", "2.5", "15", "-1.5"].map(|text| digest(dec(text))).into();
    assert_eq!(set.len(), 4, "equal numbers alone share a hash");
}

fn digest(number: Decimal) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn errors_say_what_is_wrong() {
    for (error, wanted) in [
        (DecimalError::Syntax, "not a decimal number"),
        (DecimalError::Overflow, "the number has more than 38 digits"),
        (DecimalError::Inexact, "the number has more decimals than allowed"),
        (DecimalError::DivisionByZero, "division by zero"),
    ] {
        assert_eq!(error.to_string(), wanted);
    }
}

#[test]
fn minor_units_of_an_asset() {
    let asset = |scale| Asset { code: "X".into(), scale };
    for (amount, scale, wanted) in [
        ("12.34", 2, Ok(1234)),
        ("12.340", 2, Ok(1234)),
        ("12.341", 2, Err(DecimalError::Inexact)),
        ("12", 0, Ok(12)),
        ("-0.5", 8, Ok(-50_000_000)),
        (MAX, 2, Err(DecimalError::Overflow)),
    ] {
        assert_eq!(asset(scale).minor(dec(amount)), wanted, "{amount} at {scale}");
        if let Ok(minor) = wanted {
            assert_eq!(asset(scale).decimal(minor), dec(amount));
        }
    }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let coefficient = prop_oneof![any::<i128>(), any::<i64>().prop_map(i128::from), -99..99i128];
    (coefficient, 0u8..=38).prop_map(|(c, scale)| Decimal::new(c, scale).unwrap())
}

fn small_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i32>(), 0u8..=6).prop_map(|(c, scale)| Decimal::new(c.into(), scale).unwrap())
}

/// The value in units of 10^-12: exact for every product of two small decimals.
fn units(number: Decimal) -> i128 {
    number.rescale(12).unwrap().coefficient()
}

proptest! {
    #[test]
    fn text_comes_back(number in any_decimal()) {
        let text = number.to_string();
        let read = text.parse::<Decimal>();
        if number.coefficient() == i128::MIN {
            // The one coefficient whose magnitude is not a coefficient itself.
            prop_assert_eq!(read, Err(DecimalError::Overflow));
        } else {
            let read = read.unwrap();
            prop_assert_eq!(read.coefficient(), number.coefficient());
            prop_assert_eq!(read.scale(), number.scale());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(number) = Decimal::parse(&bytes) {
            prop_assert!(bytes.iter().all(|b| b.is_ascii_digit() || b"-.".contains(b)));
            prop_assert_eq!(number.to_string().parse::<Decimal>(), Ok(number));
        }
    }

    #[test]
    fn small_sums_products_and_order_are_those_of_integers(
        a in small_decimal(),
        b in small_decimal(),
    ) {
        let (x, y) = (units(a), units(b));
        prop_assert_eq!(units(a.checked_add(b).unwrap()), x + y);
        prop_assert_eq!(units(a.checked_sub(b).unwrap()), x - y);
        let product = a.checked_mul(b).unwrap();
        prop_assert_eq!(units(product), x / 1_000_000 * (y / 1_000_000));
        prop_assert_eq!(a.cmp(&b), x.cmp(&y));
        prop_assert_eq!(a == b, x == y);
    }

    /// Rounding and division against the definition: the nearest, or the side asked for.
    #[test]
    fn division_is_within_its_mode(
        a in any::<i64>(),
        b in any::<i32>().prop_filter("not zero", |b| *b != 0),
        scale in 0u8..=9,
        mode in prop::sample::select(&MODES[..]),
    ) {
        let (n, d) = (i128::from(a) * 10i128.pow(scale.into()), i128::from(b));
        let whole = Decimal::new(i128::from(a), 0).unwrap();
        let by = Decimal::new(d, 0).unwrap();
        let q = whole.checked_div(by, scale, mode).unwrap().coefficient();
        // The error q - n/d, times d, in units of |d|.
        let error = (q * d - n) * d.signum();
        let positive = (n < 0) == (d < 0) || n == 0;
        prop_assert!(error.abs() < d.abs());
        let twice = (2 * error.abs()).cmp(&d.abs());
        let away = if positive { error > 0 } else { error < 0 };
        let right = match mode {
            Rounding::Down => error == 0 || !away,
            Rounding::Up => error == 0 || away,
            Rounding::Floor => error <= 0,
            Rounding::Ceiling => error >= 0,
            Rounding::HalfUp => twice == Ordering::Less || twice == Ordering::Equal && away,
            Rounding::HalfDown => twice == Ordering::Less || twice == Ordering::Equal && !away,
            Rounding::HalfEven => twice == Ordering::Less || twice == Ordering::Equal && q % 2 == 0,
        };
        prop_assert!(right, "{a} / {b} = {q} at {scale} by {mode:?}");
    }

    #[test]
    fn nothing_overflows_silently(a in any_decimal(), b in any_decimal()) {
        if let Ok(sum) = a.checked_add(b) {
            prop_assert_eq!(sum.cmp(&a), b.cmp(&Decimal::ZERO));
            if let Ok(back) = sum.checked_sub(b) {
                prop_assert_eq!(back, a);
            }
        }
        if let Ok(product) = a.checked_mul(b)
            && !b.is_zero()
            && let Ok(back) = product.checked_div(b, a.scale(), Rounding::Down)
        {
            prop_assert_eq!(back, a);
        }
        prop_assert_eq!(a.checked_mul(b).ok(), b.checked_mul(a).ok());
    }

    #[test]
    fn order_hash_and_equality_agree(a in any_decimal(), b in any_decimal()) {
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a, a.canonical());
        prop_assert_eq!(a.cmp(&a.canonical()), Ordering::Equal);
        prop_assert_eq!(digest(a), digest(a.canonical()));
        let back = a.canonical().rescale(a.scale()).unwrap();
        prop_assert_eq!(back.coefficient(), a.coefficient());
    }

    #[test]
    fn rounding_twice_is_rounding_once(
        a in any_decimal(),
        scale in 0u8..=38,
        mode in prop::sample::select(&MODES[..]),
    ) {
        if let Ok(once) = a.round(scale, mode) {
            prop_assert_eq!(once.round(scale, mode), Ok(once));
            prop_assert_eq!(once.scale(), scale);
        }
    }
}

/// Divides to significant digits, half to even.
fn check_significant(a: &str, b: &str, digits: u8, wanted: &str) {
    let found = match dec(a).checked_div_significant(dec(b), digits, Rounding::HalfEven) {
        Ok(number) => number.to_string(),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(found, wanted, "{a} / {b} to {digits}");
}

#[test]
fn divisions_to_significant_digits() {
    for (a, b, digits, wanted) in [
        ("1", "3", 5, "0.33333"),
        ("2", "3", 5, "0.66667"),
        ("1", "1487.35", 18, "0.000672336706222476216"),
        ("1487.35", "1", 18, "1487.35"),
        ("1", "8", 18, "0.125"),
        ("10", "3", 3, "3.33"),
        ("100", "3", 3, "33.3"),
        ("-100", "3", 3, "-33.3"),
        ("99.5", "1", 3, "99.5"),
        ("99.95", "1", 3, "100"),
        ("9.995", "1", 3, "10"),
        ("0.9995", "1", 3, "1"),
        ("1", "0.0009995", 3, "1001"),
        ("123456", "1", 3, "123456"),
        ("123456.5", "1", 3, "123456"),
        ("1234575", "10", 3, "123458"),
        ("0", "7", 18, "0"),
        (
            "0.0000000000000000000000000000000012345",
            "1",
            3,
            "0.00000000000000000000000000000000123",
        ),
        ("1", "81000000000000000000000000000000000", 5, "0.00000000000000000000000000000000001235"),
        ("1", "0", 18, "DivisionByZero"),
        (MAX, "0.1", 18, "Overflow"),
    ] {
        check_significant(a, b, digits, wanted);
    }
}

proptest! {
    #[test]
    fn significant_digits_are_kept(a in 1i64.., b in 1i64.., sa in 0u8..9, sb in 0u8..9) {
        let (a, b) = (Decimal::new(a.into(), sa).unwrap(), Decimal::new(b.into(), sb).unwrap());
        let quotient = a.checked_div_significant(b, 18, Rounding::HalfEven).unwrap();
        // The error is at most half of the eighteenth digit: 5 in 10^18 of the quotient, and at
        // most 0.5 where it is the whole digits that are kept.
        let product = b.checked_mul(quotient).unwrap();
        let error = product.checked_sub(a).unwrap().coefficient().unsigned_abs();
        let scale = product.checked_sub(a).unwrap().scale();
        let error = Decimal::new(i128::try_from(error).unwrap(), scale).unwrap();
        let allowed = a.checked_mul("0.000000000000000005".parse().unwrap()).unwrap();
        let half = b.checked_mul("0.5".parse().unwrap()).unwrap();
        prop_assert!(error <= allowed || quotient.scale() == 0 && error <= half);
        let digits = quotient.coefficient().unsigned_abs().to_string().len();
        prop_assert!(digits <= 18 || quotient.scale() == 0, "{quotient}");
    }
}
