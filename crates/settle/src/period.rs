//! Periods of a calendar: `2016-11`, `2016-W47`, `2016-H1`; their text, their order and, in a
//! zone, their span of time.

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
}

/// One period, always a valid one: made by [`str::parse`] or [`Period::containing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    kind: PeriodKind,
    /// Calendar year; for a week the ISO year.
    year: i16,
    /// Month, ISO week, quarter or half; 0 for a year.
    part: u8,
    /// Day of the month, or half of the month; 0 otherwise.
    day: u8,
}
