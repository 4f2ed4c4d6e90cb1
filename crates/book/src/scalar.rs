//! Scalars of books: exact decimals, rates, moments and lengths of time, each read from text.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ledger::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::code;
use crate::diagnostic::Reporter;
use crate::read::{Read, wrong_type};
use crate::yaml::{Node, Value, looks_numeric};

/// An exact decimal in quotes: `"5000.00"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(pub Decimal);

/// A fraction in quotes, as a decimal or in percent: `"0.025"` or `"2.5%"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub Decimal);

/// A date: `2026-03-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

/// A day, which begins at midnight in the zone that applies, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `2026-03-01`.
    Day(Date),
    /// `2026-03-01T00:00:00Z`.
    Instant(Timestamp),
}

/// A length of time: `90s`, `15m`, `24h`, `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Nanoseconds, not negative.
    pub nanos: i64,
}

impl Day {
    /// The date of a text like `2026-03-01`.
    pub fn of(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| text.parse().ok().map(Self)).flatten()
    }
}

impl Read for Day {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let (Value::Plain(text) | Value::Quoted(text)) = &node.value else {
            wrong_type(node, "a date", reporter);
            return None;
        };
        let day = Self::of(text);
        if day.is_none() {
            let message = format!("`{text}` is not a date");
            reporter.error(code::NOT_A_TIME, node.place, message, "write it like 2026-03-01");
        }
        day
    }
}

impl Moment {
    /// Nanoseconds UTC since 1970; `None` before 1677 and after 2262.
    pub fn nanos(self, zone: &TimeZone) -> Option<i64> {
        let instant = match self {
            Self::Day(date) => date.to_zoned(zone.clone()).ok()?.timestamp(),
            Self::Instant(instant) => instant,
        };
        i64::try_from(instant.as_nanosecond()).ok()
    }
}

/// The text of a quoted figure; an unquoted number is reported as such.
fn quoted<'n>(node: &'n Node, expected: &str, reporter: &mut Reporter<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Plain(text) if looks_numeric(text) => {
            let message = format!("{expected} must be in quotes, but `{text}` is not");
            reporter.error(code::UNQUOTED_NUMBER, node.place, message, format!("write \"{text}\""));
            None
        }
        Value::Plain(text) | Value::Quoted(text) => Some(text),
        _ => {
            wrong_type(node, expected, reporter);
            None
        }
    }
}

fn not_a_decimal(node: &Node, text: &str, hint: &str, reporter: &mut Reporter<'_>) {
    let message = format!("`{text}` is not an exact decimal");
    reporter.error(code::NOT_A_DECIMAL, node.place, message, hint);
}

impl Read for Exact {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let text = quoted(node, "an amount", reporter)?;
        let amount = Decimal::parse(text.as_bytes()).ok();
        if amount.is_none() {
            not_a_decimal(node, text, "write it like \"5000.00\"", reporter);
        }
        amount.map(Self)
    }
}

impl Read for Rate {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let text = quoted(node, "a rate", reporter)?;
        let rate = match text.strip_suffix('%') {
            Some(percent) => Decimal::parse(percent.as_bytes()).ok().and_then(of_a_hundred),
            None => Decimal::parse(text.as_bytes()).ok(),
        };
        if rate.is_none() {
            not_a_decimal(node, text, "write it like \"2.5%\" or \"0.025\"", reporter);
        }
        rate.map(Self)
    }
}

fn of_a_hundred(percent: Decimal) -> Option<Decimal> {
    Decimal::new(percent.coefficient(), percent.scale().checked_add(2)?).ok()
}

impl Read for Moment {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        const EXPECTED: &str = "a date or a time";
        let (Value::Plain(text) | Value::Quoted(text)) = &node.value else {
            wrong_type(node, EXPECTED, reporter);
            return None;
        };
        let day = || (text.len() == 10).then(|| text.parse().ok().map(Self::Day)).flatten();
        let moment = day().or_else(|| text.parse().ok().map(Self::Instant));
        if moment.is_none() {
            let message = format!("`{text}` is not a date or a time");
            reporter.error(code::NOT_A_TIME, node.place, message, code::NOT_A_TIME.cause);
        }
        moment
    }
}

impl Read for Length {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let (Value::Plain(text) | Value::Quoted(text)) = &node.value else {
            wrong_type(node, "a length of time", reporter);
            return None;
        };
        let length = length(text);
        if length.is_none() {
            let message = format!("`{text}` is not a length of time");
            reporter.error(
                code::NOT_A_TIME,
                node.place,
                message,
                "write it like 90s, 15m, 24h, 7d",
            );
        }
        length
    }
}

fn length(text: &str) -> Option<Length> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| number.parse::<i64>().ok()).flatten()?;
    let nanos = number.checked_mul(seconds)?.checked_mul(1_000_000_000)?;
    Some(Length { nanos })
}

macro_rules! text_schema {
    ($type:ident, $pattern:literal, $title:literal) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "title": $title, "pattern": $pattern })
            }
        }
    };
}

text_schema!(Exact, r"^-?[0-9]+(\.[0-9]+)?$", "An amount in quotes: \"5000.00\"");
text_schema!(Rate, r"^-?[0-9]+(\.[0-9]+)?%?$", "A rate in quotes: \"2.5%\" or \"0.025\"");
text_schema!(Day, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A date: 2026-03-01");
text_schema!(Moment, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}", "A date 2026-03-01, or a time with zone");
text_schema!(Length, r"^[0-9]+[smhd]$", "A length of time: 90s, 15m, 24h, 7d");
