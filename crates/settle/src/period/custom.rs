//! Custom periods: a declared list of first days, year after year, such as 4-4-5 weeks.

use super::{Period, PeriodKind};
use crate::canon::{Fields, Map, Value, alone, alone_read, list, text};
use crate::error::SettleError;
use crate::limits::{CUSTOM_PERIODS_MAX, CUSTOM_YEARS_MAX, YEAR_MAX, YEAR_MIN};
use jiff::civil::Date;

const FORMAT: &str = "saldo.periods.v1";

/// The periods of consecutive years. Each ends where the next begins, so they leave no gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCalendar {
    /// `[a-z][a-z0-9_-]*`: `weeks-4-4-5`.
    pub name: String,
    /// From 1, rising with every change of the list.
    pub version: u32,
    /// The years, consecutive and ascending.
    pub years: Vec<CustomYear>,
    /// The first day after the last period.
    pub end: Date,
}

/// One year of a custom calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomYear {
    /// The year that its periods are named by; it may begin on a day of the year before.
    pub year: i16,
    /// The first day of each period, ascending: `2016-P01` begins on the first of them.
    pub starts: Vec<Date>,
}

impl CustomCalendar {
    /// The first mistake in the list.
    ///
    /// # Errors
    /// [`SettleError::CustomShape`].
    pub fn check(&self) -> Result<(), SettleError> {
        let counts = self.years.iter().map(|year| year.starts.len());
        let mut bounds = self.starts().map(|(_, start)| start).chain([self.end]);
        let years = YEAR_MIN..=YEAR_MAX;
        // A year's periods may reach a little over its ends, but not into the year beyond.
        let near = |year: i16, day: Date| (i32::from(day.year()) - i32::from(year)).abs() <= 1;
        let rules = [
            (ledger::name::is_word(self.name.as_bytes()), "its name is not a lower-case word"),
            (self.version > 0, "versions begin at 1"),
            (!self.years.is_empty(), "it has no years"),
            (self.years.len() <= CUSTOM_YEARS_MAX, "it has too many years"),
            (counts.clone().all(|count| count > 0), "a year has no periods"),
            (counts.clone().all(|count| count <= CUSTOM_PERIODS_MAX), "a year has over 99 periods"),
            (self.years.iter().all(|year| years.contains(&year.year)), "a year is out of range"),
            (consecutive(&self.years), "its years do not follow each other"),
            (bounds.clone().is_sorted_by(|a, b| a < b), "its first days do not ascend"),
            (self.starts().all(|(period, day)| near(period.year, day)), "a day is in no such year"),
            (bounds.all(|day| years.contains(&day.year())), "a day is out of range"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, reason)) => Err(SettleError::CustomShape {
                calendar: self.name.clone(),
                reason: reason.to_owned(),
            }),
        }
    }

    /// Every period and its first day, ascending.
    pub fn starts(&self) -> impl Iterator<Item = (Period, Date)> + Clone {
        self.years.iter().flat_map(|year| {
            let parts = (1..=i8::MAX).zip(&year.starts);
            parts.map(|(part, start)| {
                (Period { kind: PeriodKind::Custom, year: year.year, part, day: 0 }, *start)
            })
        })
    }

    /// The first day of `period`, and the first day after; `None` when it is not declared.
    pub fn days(&self, period: Period) -> Option<(Date, Date)> {
        let mut from = self.starts().skip_while(|(declared, _)| *declared != period);
        let (_, first) = from.next()?;
        Some((first, from.next().map_or(self.end, |(_, start)| start)))
    }

    /// The period that `day` lies in; `None` when none is declared for it.
    pub fn of_day(&self, day: Date) -> Option<Period> {
        let begun = self.starts().take_while(|(_, start)| *start <= day).last();
        begun.filter(|_| day < self.end).map(|(period, _)| period)
    }

    /// The canonical bytes of the list alone.
    pub fn encode(&self) -> Vec<u8> {
        alone(FORMAT, self.value())
    }

    /// Reads exactly what [`CustomCalendar::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        alone_read(bytes, FORMAT, "custom calendar", Self::read, Self::encode)
    }

    pub(crate) fn value(&self) -> Value {
        let years = self.years.iter().map(|year| {
            Value::Map(Map::from([
                ("starts".into(), list(year.starts.iter().map(text))),
                ("year".into(), text(year.year)),
            ]))
        });
        Value::Map(Map::from([
            ("end".into(), text(self.end)),
            ("name".into(), text(&self.name)),
            ("version".into(), text(self.version)),
            ("years".into(), list(years)),
        ]))
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            name: fields.text("name")?,
            version: fields.parse("version")?,
            years: fields.maps("years", CustomYear::read)?,
            end: fields.parse("end")?,
        })
    }
}

impl CustomYear {
    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let starts = fields.texts("starts")?;
        let starts: Option<Vec<Date>> = starts.iter().map(|day| day.parse().ok()).collect();
        Ok(Self {
            year: fields.parse("year")?,
            starts: starts.ok_or_else(|| fields.wrong("starts"))?,
        })
    }
}

fn consecutive(years: &[CustomYear]) -> bool {
    years.is_sorted_by(|a, b| a.year.checked_add(1) == Some(b.year))
}
