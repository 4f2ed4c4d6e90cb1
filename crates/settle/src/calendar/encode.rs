//! The canonical form of due terms and holiday sets, as parts of an agreement.

use super::{Base, DayOfMonth, DuePart, DueRule, DueTerms, Holidays, Lag, Roll, Weekdays};
use crate::canon::{Fields, Map, Value, alone, alone_read, list, text};
use crate::error::SettleError;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

const DUE: &str = "saldo.due.v1";
const HOLIDAYS: &str = "saldo.holidays.v1";

impl DueTerms {
    /// The canonical bytes of the terms alone.
    pub fn encode(&self) -> Vec<u8> {
        alone(DUE, self.value())
    }

    /// Reads exactly what [`DueTerms::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        alone_read(bytes, DUE, "due terms", Self::read, Self::encode)
    }

    pub(crate) fn value(&self) -> Value {
        Value::Map(Map::from([
            ("holidays".into(), list(self.holidays.iter().map(Holidays::value))),
            ("parts".into(), list(self.parts.iter().map(DuePart::value))),
        ]))
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            holidays: fields.maps("holidays", Holidays::read)?,
            parts: fields.maps("parts", DuePart::read)?,
        })
    }
}

impl DuePart {
    fn value(&self) -> Value {
        let DueRule { base, lag, roll } = self.rule;
        Value::Map(Map::from([
            ("base".into(), text(base.word())),
            ("lag".into(), text(lag)),
            ("roll".into(), text(roll.word())),
            ("share".into(), text(self.share.canonical())),
        ]))
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let rule = DueRule {
            base: fields.word("base", Base::from_word)?,
            lag: fields.parse("lag")?,
            roll: fields.word("roll", Roll::from_word)?,
        };
        Ok(Self { rule, share: fields.parse("share")? })
    }
}

impl Holidays {
    /// The canonical bytes of the set alone.
    pub fn encode(&self) -> Vec<u8> {
        alone(HOLIDAYS, self.value())
    }

    /// Reads exactly what [`Holidays::encode`] writes.
    ///
    /// # Errors
    /// [`SettleError::NotCanonical`], [`SettleError::FormatVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SettleError> {
        alone_read(bytes, HOLIDAYS, "holiday set", Self::read, Self::encode)
    }

    pub(crate) fn value(&self) -> Value {
        let weekend = Weekdays::WORDS.iter().filter(|(day, _)| self.weekend.contains(*day));
        Value::Map(Map::from([
            ("days".into(), list(self.days.iter().map(text))),
            ("first-year".into(), text(self.first_year)),
            ("last-year".into(), text(self.last_year)),
            ("name".into(), text(&self.name)),
            ("version".into(), text(self.version)),
            ("weekend".into(), list(weekend.map(|(_, word)| text(word)))),
        ]))
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let days = fields.texts("days")?;
        let days: Option<BTreeSet<_>> = days.iter().map(|day| day.parse().ok()).collect();
        let days = days.ok_or_else(|| fields.wrong("days"))?;
        let weekend = fields.texts("weekend")?;
        let weekend = weekend.iter().map(|word| Weekdays::day_from_word(word));
        let weekend: Option<Vec<_>> = weekend.collect();
        Ok(Self {
            name: fields.text("name")?,
            version: fields.parse("version")?,
            first_year: fields.parse("first-year")?,
            last_year: fields.parse("last-year")?,
            weekend: Weekdays::of(weekend.ok_or_else(|| fields.wrong("weekend"))?),
            days,
        })
    }
}

impl fmt::Display for Lag {
    /// `days:30`, `business-days:5`, `months:1:10`, `months:2:same`, `months:1:end`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "days:{days}"),
            Self::BusinessDays(days) => write!(f, "business-days:{days}"),
            Self::Months { months, day: DayOfMonth::Day(day) } => {
                write!(f, "months:{months}:{day}")
            }
            Self::Months { months, day: DayOfMonth::Same } => write!(f, "months:{months}:same"),
            Self::Months { months, day: DayOfMonth::End } => write!(f, "months:{months}:end"),
        }
    }
}

impl FromStr for Lag {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse().map_err(|_| ());
        match text.split_once(':').ok_or(())? {
            ("days", days) => Ok(Self::Days(number(days)?)),
            ("business-days", days) => Ok(Self::BusinessDays(number(days)?)),
            ("months", rest) => {
                let (months, day) = rest.split_once(':').ok_or(())?;
                let day = match day {
                    "same" => DayOfMonth::Same,
                    "end" => DayOfMonth::End,
                    day => DayOfMonth::Day(day.parse().map_err(|_| ())?),
                };
                Ok(Self::Months { months: number(months)?, day })
            }
            _ => Err(()),
        }
    }
}
