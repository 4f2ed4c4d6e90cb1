//! Periods of a calendar: `2016-11`, `2016-W47`, `2016-P03`; their text, their order and, in a
//! zone, their span of time.

mod custom;
mod cycle;
mod date;
mod span;

pub use custom::{CustomCalendar, CustomYear};
pub use cycle::Cycle;
pub(crate) use span::{is_zone, local_day};

use crate::error::SettleError;
use crate::limits::{YEAR_MAX, YEAR_MIN};
use std::fmt;
use std::str::FromStr;

/// How long the periods of a calendar are. Numbers are stored: never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PeriodKind {
    /// One local day: `2016-11-03`.
    Day = 1,
    /// An ISO 8601 week, Monday to Sunday: `2016-W47`.
    Week = 2,
    /// The 1st to the 15th, or the 16th to the end of a month: `2016-11-H1`, `2016-11-H2`.
    HalfMonth = 3,
    /// `2016-11`.
    Month = 4,
    /// `2016-Q4`.
    Quarter = 5,
    /// `2016-H1`, `2016-H2`.
    HalfYear = 6,
    /// `2016`.
    Year = 7,
    /// The part of a year that a declared list gives: `2016-P03`; see [`CustomCalendar`].
    Custom = 8,
}

impl PeriodKind {
    /// Every kind, shortest first, and those of declared length.
    pub const ALL: [Self; 8] = [
        Self::Day,
        Self::Week,
        Self::HalfMonth,
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
        Self::Custom,
    ];

    /// The word used in books and encoded agreements.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::HalfMonth => "half-month",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half-year",
            Self::Year => "year",
            Self::Custom => "custom",
        }
    }

    /// The kind with this [`PeriodKind::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One period, always a valid one: made by [`str::parse`] or [`Period::containing`]. Periods of
/// one kind are ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    kind: PeriodKind,
    /// Calendar year; for a week the ISO year.
    year: i16,
    /// Month, ISO week, quarter, half, or number in a declared year; 0 for a year.
    part: i8,
    /// Day of the month, or half of the month; 0 otherwise.
    day: i8,
}

impl Period {
    /// How long it is.
    pub fn kind(self) -> PeriodKind {
        self.kind
    }

    /// Whether the calendar has such a period; of a custom one only its list can tell.
    fn exists(self) -> bool {
        match self.kind {
            PeriodKind::Custom => self.part > 0,
            _ => self.first_day().is_some(),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, year, part, day } = *self;
        match kind {
            PeriodKind::Day => write!(f, "{year:04}-{part:02}-{day:02}"),
            PeriodKind::Week => write!(f, "{year:04}-W{part:02}"),
            PeriodKind::HalfMonth => write!(f, "{year:04}-{part:02}-H{day}"),
            PeriodKind::Month => write!(f, "{year:04}-{part:02}"),
            PeriodKind::Quarter => write!(f, "{year:04}-Q{part}"),
            PeriodKind::HalfYear => write!(f, "{year:04}-H{part}"),
            PeriodKind::Year => write!(f, "{year:04}"),
            PeriodKind::Custom => write!(f, "{year:04}-P{part:02}"),
        }
    }
}

impl FromStr for Period {
    type Err = SettleError;

    /// Reads exactly what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, SettleError> {
        read(text.as_bytes())
            .filter(|p| (YEAR_MIN..=YEAR_MAX).contains(&p.year) && p.exists())
            .ok_or_else(|| SettleError::PeriodSyntax { text: text.chars().take(40).collect() })
    }
}

/// Reads the form only; whether the date exists is for the calendar to say.
fn read(text: &[u8]) -> Option<Period> {
    let (year, rest) = text.split_at_checked(4)?;
    let year = number(year)?;
    let two = |digits: &[u8]| number(digits).and_then(|n| i8::try_from(n).ok());
    let (kind, part, day) = match *rest {
        [] => (PeriodKind::Year, 0, 0),
        [b'-', b'H', half @ b'1'..=b'2'] => (PeriodKind::HalfYear, two(&[half])?, 0),
        [b'-', b'Q', quarter @ b'1'..=b'4'] => (PeriodKind::Quarter, two(&[quarter])?, 0),
        [b'-', b'W', a, b] => (PeriodKind::Week, two(&[a, b])?, 0),
        [b'-', b'P', a, b] => (PeriodKind::Custom, two(&[a, b])?, 0),
        [b'-', a, b] => (PeriodKind::Month, two(&[a, b])?, 0),
        [b'-', a, b, b'-', b'H', half @ b'1'..=b'2'] => {
            (PeriodKind::HalfMonth, two(&[a, b])?, two(&[half])?)
        }
        [b'-', a, b, b'-', c, d] => (PeriodKind::Day, two(&[a, b])?, two(&[c, d])?),
        _ => return None,
    };
    Some(Period { kind, year, part, day })
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0, |value: i16, digit| {
        digit.is_ascii_digit().then(|| value * 10 + i16::from(digit - b'0'))
    })
}
