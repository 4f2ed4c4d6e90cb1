//! Figures as people read them: thousands in groups, a true minus sign, no digit lost.

use settle::ledger::{Asset, Decimal};

/// A figure, cut at its decimal point so that columns can align there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figure {
    /// Sign and whole part: `−1,234`.
    pub(crate) whole: String,
    /// The point and what follows: `.50`; empty for a whole number.
    pub(crate) part: String,
}

impl Figure {
    /// The whole figure.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.whole, self.part)
    }
}

/// An amount with at least `scale` decimals, and as many more as it has.
pub(crate) fn amount(amount: Decimal, scale: u8) -> Figure {
    let short = amount.canonical();
    let text = short.rescale(scale).unwrap_or(short).to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = if part.is_empty() { String::new() } else { format!(".{part}") };
    Figure { whole: format!("{sign}{}", grouped(whole)), part }
}

/// How many decimals amounts of the asset are printed with at least: those that people write in
/// the currency, where a book keeps it finer.
pub(crate) fn decimals(asset: &Asset) -> u8 {
    const NONE: &[&str] = &["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"];
    const TWO: &[&str] = &[
        "AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "IDR", "ILS",
        "INR", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SAR", "SEK", "SGD", "THB", "TRY",
        "TWD", "USD", "ZAR",
    ];
    let code = asset.code.as_str();
    let usual = if NONE.contains(&code) {
        0
    } else if TWO.contains(&code) {
        2
    } else {
        asset.scale
    };
    usual.min(asset.scale)
}

/// A plain number, as short as it can be.
pub(crate) fn plain(number: Decimal) -> Figure {
    amount(number, 0)
}

/// A fraction as a percentage: `0.125` is `12.5%`; not cut, since percentages align at their sign.
pub(crate) fn percent(fraction: Decimal) -> Figure {
    match fraction.checked_mul(Decimal::from_minor(100, 0)) {
        Ok(hundredths) => {
            let whole = format!("{}%", plain(hundredths).text());
            Figure { whole, part: String::new() }
        }
        Err(_) => plain(fraction),
    }
}

/// Text with every plain number of a figure's form in groups: what notes of statements hold.
pub(crate) fn noted(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |number: Decimal| plain(number).text())
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_keep_every_digit() {
        for (given, scale, text) in [
            ("0", 2, "0.00"),
            ("1234567.5", 2, "1,234,567.50"),
            ("-1234.567", 2, "\u{2212}1,234.567"),
            ("999", 0, "999"),
            ("-1000", 0, "\u{2212}1,000"),
            ("0.000000000000000001", 2, "0.000000000000000001"),
            ("123456789012345678901234567890.12", 2, "123,456,789,012,345,678,901,234,567,890.12"),
        ] {
            assert_eq!(amount(given.parse().unwrap(), scale).text(), text);
        }
    }

    #[test]
    fn currencies_have_their_usual_decimals() {
        for (code, scale, usual) in
            [("EUR", 4, 2), ("EUR", 0, 0), ("KRW", 2, 0), ("BTC", 8, 8), ("KWD", 3, 3)]
        {
            assert_eq!(decimals(&Asset { code: code.to_owned(), scale }), usual, "{code}");
        }
    }

    #[test]
    fn rates_are_percentages() {
        for (given, text) in
            [("0.12", "12%"), ("0.125", "12.5%"), ("1", "100%"), ("-0.0001", "\u{2212}0.01%")]
        {
            assert_eq!(percent(given.parse().unwrap()).text(), text);
        }
    }

    #[test]
    fn notes_keep_what_is_no_number() {
        for (given, text) in [("10000", "10,000"), ("half-up", "half-up"), ("2016-11", "2016-11")] {
            assert_eq!(noted(given), text);
        }
    }
}
