//! `calendars/*.yaml`: holiday sets, and lists of custom periods; one calendar a file.

use std::collections::BTreeSet;

use jiff::civil::Date;
use settle::calendar::{Holidays, Weekdays};
use settle::period::CustomYear;
use settle::{CustomCalendar, SettleError};

use super::Title;
use crate::code;
use crate::diagnostic::{Placed, Reporter};
use crate::names::Form;
use crate::read::Named;
use crate::scalar::Day;

crate::record! {
    /// Days on which no business is done, or periods of one's own.
    pub struct CalendarFile {
        /// Its name: agreements refer to it.
        pub calendar: Placed<String>,
        /// From 1, rising with every change of its days.
        pub version: Placed<u32>,
        /// What people read.
        pub title: Title = default,
        /// Days on which no business is done.
        pub holidays: Option<HolidaysSpec> = default,
        /// Periods of one's own, such as 4-4-5 weeks.
        pub periods: Option<PeriodsSpec> = default,
    }
}

crate::record! {
    /// Days on which no business is done.
    pub struct HolidaysSpec {
        /// The first year for which the list is complete.
        pub first_year: Placed<u32>,
        /// The last year for which the list is complete.
        pub last_year: Placed<u32>,
        /// Days of the week on which no business is done; may be empty.
        pub weekend: Vec<WeekdayWord>,
        /// What each holiday is, by its date; substitute holidays stand in the list as well.
        pub days: Named<String>,
    }
}

crate::record! {
    /// Periods of one's own: each ends where the next begins.
    pub struct PeriodsSpec {
        /// The first day of each period, by the year that the periods are named by.
        pub years: Named<Vec<Placed<Day>>>,
        /// The first day after the last period.
        pub until: Placed<Day>,
    }
}

crate::choice! {
    /// A day of the week.
    pub enum WeekdayWord {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

/// Every calendar of a book, each sort ascending by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars {
    /// Holiday sets.
    pub holidays: Vec<Holidays>,
    /// Lists of custom periods.
    pub periods: Vec<CustomCalendar>,
}

impl Calendars {
    /// The holiday set of that name.
    pub fn holidays(&self, name: &str) -> Option<&Holidays> {
        self.holidays.iter().find(|set| set.name == name)
    }

    /// The list of periods of that name.
    pub fn periods(&self, name: &str) -> Option<&CustomCalendar> {
        self.periods.iter().find(|list| list.name == name)
    }

    /// Checks a file and adds what it declares, where that is sound.
    pub fn add(&mut self, file: &CalendarFile, reporter: &mut Reporter<'_>) {
        Form::Word.check("a calendar", &file.calendar, reporter);
        match (&file.holidays, &file.periods) {
            (Some(spec), None) => {
                let set = holidays(file, spec, reporter);
                if is_sound(set.check(), file, reporter) {
                    self.holidays.push(set);
                    self.holidays.sort_by(|a, b| a.name.cmp(&b.name));
                }
            }
            (None, Some(spec)) => {
                if let Some(list) = periods(file, spec, reporter)
                    && is_sound(list.check(), file, reporter)
                {
                    self.periods.push(list);
                    self.periods.sort_by(|a, b| a.name.cmp(&b.name));
                }
            }
            _ => {
                let code = code::CALENDAR_FORM;
                reporter.error(code, file.calendar.place, code.title, code.hint);
            }
        }
    }
}

/// Reports what settlement itself refuses, under the checks that know places.
fn is_sound(
    result: Result<(), SettleError>,
    file: &CalendarFile,
    reporter: &mut Reporter<'_>,
) -> bool {
    let Err(mistake) = result else { return true };
    let message = format!("{mistake} ({})", mistake.code());
    let code = code::CALENDAR_DATA;
    reporter.error(code, file.calendar.place, message, code.hint);
    false
}

fn holidays(file: &CalendarFile, spec: &HolidaysSpec, reporter: &mut Reporter<'_>) -> Holidays {
    let mut days = BTreeSet::new();
    for (name, _) in &spec.days.0 {
        let Some(day) = date(name, reporter) else { continue };
        let years = i64::from(spec.first_year.value)..=i64::from(spec.last_year.value);
        if !years.contains(&i64::from(day.year())) {
            let message = format!("{day} is outside the years of the calendar");
            let hint = "the list is complete for whole years; make them more, or drop the day";
            reporter.error(code::CALENDAR_DATA, name.place, message, hint);
            continue;
        }
        days.insert(day);
    }
    Holidays {
        name: file.calendar.value.clone(),
        version: file.version.value,
        first_year: year(&spec.first_year),
        last_year: year(&spec.last_year),
        weekend: Weekdays::of(spec.weekend.iter().map(|word| weekday(*word))),
        days,
    }
}

fn periods(
    file: &CalendarFile,
    spec: &PeriodsSpec,
    reporter: &mut Reporter<'_>,
) -> Option<CustomCalendar> {
    let mut years = Vec::new();
    let mut last: Option<Date> = None;
    for (name, starts) in spec.years.sound() {
        let Ok(year) = name.value.parse::<i16>() else {
            let message = format!("`{}` is not a year", name.value);
            reporter.error(code::NOT_A_NUMBER, name.place, message, "write it like 2026");
            return None;
        };
        for start in starts {
            if last.is_some_and(|last| last >= start.value.0) {
                let message = "each period begins after the one before";
                reporter.error(code::CALENDAR_DATA, start.place, message, "put them in order");
                return None;
            }
            last = Some(start.value.0);
        }
        let starts = starts.iter().map(|start| start.value.0).collect();
        years.push(CustomYear { year, starts });
    }
    Some(CustomCalendar {
        name: file.calendar.value.clone(),
        version: file.version.value,
        years,
        end: spec.until.value.0,
    })
}

fn date(name: &Placed<String>, reporter: &mut Reporter<'_>) -> Option<Date> {
    let date = Day::of(&name.value);
    if date.is_none() {
        let message = format!("`{}` is not a date", name.value);
        reporter.error(code::NOT_A_TIME, name.place, message, "write it like 2026-03-01");
    }
    date.map(|day| day.0)
}

/// A year out of range stays one: settlement refuses it.
fn year(year: &Placed<u32>) -> i16 {
    i16::try_from(year.value).unwrap_or(i16::MAX)
}

fn weekday(word: WeekdayWord) -> jiff::civil::Weekday {
    use jiff::civil::Weekday;
    match word {
        WeekdayWord::Monday => Weekday::Monday,
        WeekdayWord::Tuesday => Weekday::Tuesday,
        WeekdayWord::Wednesday => Weekday::Wednesday,
        WeekdayWord::Thursday => Weekday::Thursday,
        WeekdayWord::Friday => Weekday::Friday,
        WeekdayWord::Saturday => Weekday::Saturday,
        WeekdayWord::Sunday => Weekday::Sunday,
    }
}
