//! `due` of an agreement's terms: when what is payable falls due, at once or in parts.

use std::borrow::Cow;

use ledger::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use settle::calendar::{Base, DayOfMonth, DuePart, DueRule, DueTerms, Lag, Roll};

use super::calendars::Calendars;
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::read::{Read, wrong_type};
use crate::scalar::Rate;
use crate::yaml::{Node, Value};

crate::record! {
    /// When what is payable falls due. One of `days`, `business_days` and `months` with
    /// `day_of_month` says how long after the base.
    pub struct DueSpec {
        /// The day that is counted from; the last day of the period where nothing is said.
        pub after: Option<BaseWord> = default,
        /// Calendar days after it.
        pub days: Option<u32> = default,
        /// Business days after it.
        pub business_days: Option<u32> = default,
        /// Months after its own; 1 where only the day of the month is said.
        pub months: Option<u32> = default,
        /// The day of that month: 1 to 31, `end`, or `same`, which holds where nothing is said.
        pub day_of_month: Option<MonthDay> = default,
        /// What happens when that is no business day; nothing where nothing is said.
        pub roll: Option<RollWord> = default,
        /// Calendars: a business day is one on which none of them is closed.
        pub holidays: Vec<Placed<String>> = default,
        /// Parts, each with a day of its own; all at once where nothing is said.
        pub parts: Vec<Placed<PartSpec>> = default,
    }
}

crate::record! {
    /// One part of what is payable.
    pub struct PartSpec {
        /// How much of it: "70%".
        pub share: Placed<Rate>,
        /// The day that is counted from; as for the whole where nothing is said.
        pub after: Option<BaseWord> = default,
        /// Calendar days after it.
        pub days: Option<u32> = default,
        /// Business days after it.
        pub business_days: Option<u32> = default,
        /// Months after its own; 1 where only the day of the month is said.
        pub months: Option<u32> = default,
        /// The day of that month: 1 to 31, `end`, or `same`, which holds where nothing is said.
        pub day_of_month: Option<MonthDay> = default,
        /// What happens when that is no business day; as for the whole where nothing is said.
        pub roll: Option<RollWord> = default,
    }
}

crate::choice! {
    /// The day that is counted from.
    pub enum BaseWord {
        /// The last day of the period.
        PeriodEnd = "period-end",
        /// The day on which the period was closed.
        Close = "close",
        /// The day on which the statement was made out.
        Statement = "statement",
    }
}

crate::choice! {
    /// What happens when a day is no business day.
    pub enum RollWord {
        /// Nothing.
        None = "none",
        /// The next business day.
        Following = "following",
        /// The business day before.
        Preceding = "preceding",
        /// The next business day, but the one before where that is in the next month.
        ModifiedFollowing = "modified-following",
        /// The business day before, but the next one where that is in the month before.
        ModifiedPreceding = "modified-preceding",
    }
}

/// A day of a month: 1 to 31, `end`, `same`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthDay(pub DayOfMonth);

impl Read for MonthDay {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let (Value::Plain(text) | Value::Quoted(text)) = &node.value else {
            wrong_type(node, "a day of a month", reporter);
            return None;
        };
        let day = match text.as_str() {
            "end" => Some(DayOfMonth::End),
            "same" => Some(DayOfMonth::Same),
            text => text.parse().ok().filter(|day| (1..=31).contains(day)).map(DayOfMonth::Day),
        };
        if day.is_none() {
            let message = format!("`{text}` is not a day of a month");
            reporter.error(code::NOT_ONE_OF, node.place, message, "write 1 to 31, end, or same");
        }
        day.map(Self)
    }
}

impl JsonSchema for MonthDay {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "MonthDay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "A day of a month: 1 to 31, end, or same",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 31 },
                { "enum": ["end", "same"] },
            ],
        })
    }
}

/// How long after the base, as a file says it.
#[derive(Clone, Copy)]
struct Length {
    days: Option<u32>,
    business_days: Option<u32>,
    months: Option<u32>,
    day_of_month: Option<MonthDay>,
}

impl Length {
    fn is_given(self) -> bool {
        let Self { days, business_days, months, day_of_month } = self;
        days.or(business_days).or(months).is_some() || day_of_month.is_some()
    }

    /// `None` unless exactly one length is given.
    fn lag(self) -> Option<Lag> {
        let month = match (self.months, self.day_of_month) {
            (None, None) => None,
            (months, day) => Some(Lag::Months {
                months: months.unwrap_or(1),
                day: day.map_or(DayOfMonth::Same, |day| day.0),
            }),
        };
        let given = [self.days.map(Lag::Days), self.business_days.map(Lag::BusinessDays), month];
        let mut given = given.into_iter().flatten();
        given.next().filter(|_| given.next().is_none())
    }
}

/// The terms of settlement; what is wrong is reported, and then there are none.
pub fn due_terms(
    spec: &Placed<DueSpec>,
    calendars: &Calendars,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> Option<DueTerms> {
    let holidays: Vec<_> = spec
        .value
        .holidays
        .iter()
        .filter(|name| scope.holidays.check(name, reporter))
        .filter_map(|name| calendars.holidays(&name.value).cloned())
        .collect();
    crate::names::no_repeats(&spec.value.holidays, "calendar", reporter);
    let parts = parts(spec, reporter)?;
    let terms = DueTerms { parts, holidays };
    // Where a calendar is missing or broken, that is reported already.
    if terms.holidays.len() == spec.value.holidays.len()
        && let Err(mistake) = terms.check()
    {
        let message = format!("{mistake} ({})", mistake.code());
        reporter.error(code::DUE_TERMS, spec.place, message, code::DUE_TERMS.hint);
        return None;
    }
    Some(terms)
}

fn parts(spec: &Placed<DueSpec>, reporter: &mut Reporter<'_>) -> Option<Vec<DuePart>> {
    let DueSpec { after, days, business_days, months, day_of_month, roll, .. } = spec.value;
    let whole = Length { days, business_days, months, day_of_month };
    let (base, roll) = (base(after), roll_of(roll));
    if spec.value.parts.is_empty() {
        let lag = lag(whole, spec.place, reporter)?;
        return Some(vec![DuePart { share: Decimal::ONE, rule: DueRule { base, lag, roll } }]);
    }
    let mut sum = Some(Decimal::ZERO);
    let mut parts = Vec::new();
    for part in &spec.value.parts {
        let PartSpec { ref share, after, days, business_days, months, day_of_month, .. } =
            part.value;
        let own = Length { days, business_days, months, day_of_month };
        let lag = lag(if own.is_given() { own } else { whole }, part.place, reporter)?;
        let base = after.map_or(base, |word| self::base(Some(word)));
        let roll = part.value.roll.map_or(roll, |word| roll_of(Some(word)));
        sum = sum.and_then(|sum| sum.checked_add(share.value.0).ok());
        parts.push(DuePart { share: share.value.0, rule: DueRule { base, lag, roll } });
    }
    if sum != Some(Decimal::ONE) {
        let told = sum.map(|sum| sum.canonical().to_string()).unwrap_or_default();
        let message = format!("the shares of the parts add up to {told}, not to the whole");
        reporter.error(code::DUE_TERMS, spec.place, message, "make them 100% together");
        return None;
    }
    Some(parts)
}

fn lag(length: Length, place: Place, reporter: &mut Reporter<'_>) -> Option<Lag> {
    let lag = length.lag();
    if lag.is_none() {
        let message = "exactly one of `days`, `business_days` and `months` says when";
        reporter.error(code::DUE_TERMS, place, message, code::DUE_TERMS.hint);
    }
    lag
}

fn base(word: Option<BaseWord>) -> Base {
    match word {
        None | Some(BaseWord::PeriodEnd) => Base::PeriodEnd,
        Some(BaseWord::Close) => Base::Close,
        Some(BaseWord::Statement) => Base::Statement,
    }
}

fn roll_of(word: Option<RollWord>) -> Roll {
    match word {
        None | Some(RollWord::None) => Roll::None,
        Some(RollWord::Following) => Roll::Following,
        Some(RollWord::Preceding) => Roll::Preceding,
        Some(RollWord::ModifiedFollowing) => Roll::ModifiedFollowing,
        Some(RollWord::ModifiedPreceding) => Roll::ModifiedPreceding,
    }
}
