//! The days of a period.

use super::{Period, PeriodKind};
use crate::limits::{YEAR_MAX, YEAR_MIN};
use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

impl Period {
    /// Its first day; `None` when there is no such day (`2016-13`, `2016-W54`, `2015-02-29`), and
    /// for a custom period, whose days its list alone knows.
    pub(super) fn first_day(self) -> Option<Date> {
        let Self { kind, year, part, day } = self;
        match kind {
            PeriodKind::Day => Date::new(year, part, day).ok(),
            PeriodKind::Week => ISOWeekDate::new(year, part, Weekday::Monday).ok().map(Into::into),
            PeriodKind::HalfMonth => Date::new(year, part, 15 * (day - 1) + 1).ok(),
            PeriodKind::Month => Date::new(year, part, 1).ok(),
            PeriodKind::Quarter => Date::new(year, 3 * (part - 1) + 1, 1).ok(),
            PeriodKind::HalfYear => Date::new(year, 6 * (part - 1) + 1, 1).ok(),
            PeriodKind::Year => Date::new(year, 1, 1).ok(),
            PeriodKind::Custom => None,
        }
    }

    /// The first day after it.
    pub(super) fn end_day(self) -> Option<Date> {
        let first = self.first_day()?;
        let length = match self.kind {
            PeriodKind::Day => 1.day(),
            PeriodKind::Week => 7.days(),
            PeriodKind::HalfMonth if self.day == 1 => 15.days(),
            PeriodKind::HalfMonth => return first.last_of_month().tomorrow().ok(),
            PeriodKind::Month => 1.month(),
            PeriodKind::Quarter => 3.months(),
            PeriodKind::HalfYear => 6.months(),
            PeriodKind::Year => 1.year(),
            PeriodKind::Custom => return None,
        };
        first.checked_add(length).ok()
    }

    /// The period of `kind` that `date` lies in; `None` outside the years of periods, and for
    /// custom ones.
    pub(super) fn of_day(kind: PeriodKind, date: Date) -> Option<Self> {
        let (month, day) = (date.month(), date.day());
        let (year, part, day) = match kind {
            PeriodKind::Day => (date.year(), month, day),
            PeriodKind::Week => {
                let week = date.iso_week_date();
                (week.year(), week.week(), 0)
            }
            PeriodKind::HalfMonth => (date.year(), month, if day <= 15 { 1 } else { 2 }),
            PeriodKind::Month => (date.year(), month, 0),
            PeriodKind::Quarter => (date.year(), (month + 2) / 3, 0),
            PeriodKind::HalfYear => (date.year(), (month + 5) / 6, 0),
            PeriodKind::Year => (date.year(), 0, 0),
            PeriodKind::Custom => return None,
        };
        (YEAR_MIN..=YEAR_MAX).contains(&year).then_some(Self { kind, year, part, day })
    }

    /// The period of the same kind right after it; `None` after the last year of periods, and for
    /// a custom one, which [`super::Cycle`] knows.
    pub fn next(self) -> Option<Self> {
        Self::of_day(self.kind, self.end_day()?)
    }

    /// The period of the same kind right before it; `None` before the first year of periods, and
    /// for a custom one.
    pub fn previous(self) -> Option<Self> {
        Self::of_day(self.kind, self.first_day()?.yesterday().ok()?)
    }
}
