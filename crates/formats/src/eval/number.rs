//! Numbers as files spell them, to exact decimals.

use book::mapping::Numbers;
use ledger::Decimal;

/// Furthest that an exponent may move the point: nothing beyond has a use as an amount.
const EXPONENT_MAX: i32 = 38;

/// A number in text: an optional sign, digits grouped or not, an optional decimal part.
pub(crate) fn spelled(text: &str, how: Numbers) -> Option<Decimal> {
    let text = text.trim();
    if how.decimal == '.' && how.thousands.is_none() {
        return Decimal::parse(text.strip_prefix('+').unwrap_or(text).as_bytes()).ok();
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = match digits.split_once(how.decimal) {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let whole = ungroup(whole, how.thousands)?;
    let plain = match part {
        Some(part) => format!("{sign}{whole}.{part}"),
        None => format!("{sign}{whole}"),
    };
    Decimal::parse(plain.as_bytes()).ok()
}

/// Groups must be of three digits but for the first: `1,2` is no way to write twelve.
fn ungroup(whole: &str, thousands: Option<char>) -> Option<String> {
    let Some(separator) = thousands.filter(|separator| whole.contains(*separator)) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let good = (1..=3).contains(&first.len()) && groups.clone().all(|group| group.len() == 3);
    good.then(|| groups.fold(first.to_owned(), |all, group| all + group))
}

/// A number of JSON, Parquet or a workbook: perhaps with an exponent.
pub(crate) fn native(text: &str) -> Option<Decimal> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::parse(text.as_bytes()).ok();
    };
    let mantissa = Decimal::parse(mantissa.as_bytes()).ok()?.canonical();
    let exponent: i32 = exponent.parse().ok()?;
    if mantissa.is_zero() {
        return Some(mantissa);
    }
    if exponent.abs() > EXPONENT_MAX {
        return None;
    }
    let scale = i32::from(mantissa.scale()) - exponent;
    if let Ok(scale) = u8::try_from(scale) {
        return Decimal::new(mantissa.coefficient(), scale).ok();
    }
    let factor = 10i128.checked_pow(scale.unsigned_abs())?;
    Decimal::new(mantissa.coefficient().checked_mul(factor)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let plain = Numbers { decimal: '.', thousands: None };
        let german = Numbers { decimal: ',', thousands: Some('.') };
        let swiss = Numbers { decimal: '.', thousands: Some('\'') };
        for (text, how, expected) in [
            ("12.50", plain, Some("12.50")),
            (" +12.50 ", plain, Some("12.50")),
            ("1,234.5", plain, None),
            ("1e3", plain, None),
            (".5", plain, None),
            ("1.234.567,89", german, Some("1234567.89")),
            ("-1.234,5", german, Some("-1234.5")),
            ("12,5", german, Some("12.5")),
            ("1234,5", german, Some("1234.5")),
            ("1.23,5", german, None),
            ("1.2", german, None),
            ("12,5.0", german, None),
            ("1'000", swiss, Some("1000")),
            ("--1", german, None),
            ("", german, None),
        ] {
            let number = spelled(text, how).map(|number| number.to_string());
            assert_eq!(number.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn exponents() {
        for (text, expected) in [
            ("1e3", Some("1000")),
            ("-1.5E-7", Some("-0.00000015")),
            ("2.50e1", Some("25")),
            ("0e999999", Some("0")),
            ("1e39", None),
            ("1e-39", None),
            ("1e99999999999", None),
            ("NaN", None),
            ("inf", None),
        ] {
            let number = native(text).map(|number| number.to_string());
            assert_eq!(number.as_deref(), expected, "{text}");
        }
    }
}
