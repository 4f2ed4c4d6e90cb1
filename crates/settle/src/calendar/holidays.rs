//! Holiday sets: days on which a place does no business, as versioned data.

use crate::error::SettleError;
use crate::limits::{HOLIDAYS_MAX, YEAR_MAX, YEAR_MIN};
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// The days of one place or payment system on which no business is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holidays {
    /// `[a-z][a-z0-9_-]*`: `kr-2025-2027`.
    pub name: String,
    /// From 1, rising with every change of the data.
    pub version: u32,
    /// The first year that the data is complete for.
    pub first_year: i16,
    /// The last year that the data is complete for. Nothing is ever said of later days: a due
    /// date there is refused rather than guessed.
    pub last_year: i16,
    /// Days of the week on which no business is done.
    pub weekend: Weekdays,
    /// Holidays; those on a weekend change nothing.
    pub days: BTreeSet<Date>,
}

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day of the week and its word.
    pub const WORDS: [(Weekday, &str); 7] = [
        (Weekday::Monday, "monday"),
        (Weekday::Tuesday, "tuesday"),
        (Weekday::Wednesday, "wednesday"),
        (Weekday::Thursday, "thursday"),
        (Weekday::Friday, "friday"),
        (Weekday::Saturday, "saturday"),
        (Weekday::Sunday, "sunday"),
    ];

    /// The set of `days`.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(days.into_iter().fold(0, |set, day| set | Self::bit(day)))
    }

    /// Saturday and Sunday.
    pub fn saturday_sunday() -> Self {
        Self::of([Weekday::Saturday, Weekday::Sunday])
    }

    /// Whether `day` is in the set.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::bit(day) != 0
    }

    /// The days, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Self::WORDS.into_iter().map(|(day, _)| day).filter(move |day| self.contains(*day))
    }

    /// The day with this word: `saturday`.
    pub fn day_from_word(word: &str) -> Option<Weekday> {
        Self::WORDS.into_iter().find(|(_, known)| *known == word).map(|(day, _)| day)
    }

    fn bit(day: Weekday) -> u8 {
        1 << day.to_monday_zero_offset()
    }
}

impl Holidays {
    /// The first mistake in the data.
    ///
    /// # Errors
    /// [`SettleError::HolidaysShape`].
    pub fn check(&self) -> Result<(), SettleError> {
        let years = YEAR_MIN..=YEAR_MAX;
        let has = |year| years.contains(&year);
        let rules = [
            (ledger::name::is_word(self.name.as_bytes()), "its name is not a lower-case word"),
            (self.version > 0, "versions begin at 1"),
            (has(self.first_year) && has(self.last_year), "its years are outside 1970 to 2260"),
            (self.first_year <= self.last_year, "its last year is before its first"),
            (self.weekend.iter().count() < 7, "every day of the week is a weekend"),
            (self.days.len() <= HOLIDAYS_MAX, "it has too many days"),
            (self.days.iter().all(|day| self.covers(*day)), "a day is outside its years"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, reason)) => Err(SettleError::HolidaysShape {
                holidays: self.name.clone(),
                reason: reason.to_owned(),
            }),
        }
    }

    /// Whether the data is complete for the year of `date`.
    pub fn covers(&self, date: Date) -> bool {
        (self.first_year..=self.last_year).contains(&date.year())
    }

    /// Whether no business is done on `date`.
    pub fn is_closed(&self, date: Date) -> bool {
        self.weekend.contains(date.weekday()) || self.days.contains(&date)
    }
}
