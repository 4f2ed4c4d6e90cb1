//! `fixed`: an amount that does not depend on what happened.

use super::Apply;
use crate::agreement::RoundTo;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::period::local_day;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};
use jiff::civil::Date;
use ledger::Decimal;

/// Takes a fixed amount for each period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// For a whole period; below zero for a credit.
    pub amount: Decimal,
    /// The first day on which it is due, in the agreement's zone; no bound where nothing is said.
    pub first: Option<Date>,
    /// The last such day.
    pub last: Option<Date>,
    /// Where it is due only for the days of the period that count, how their part is rounded. A
    /// period of which any day counts owes the whole otherwise.
    pub prorate: Option<RoundTo>,
    /// What becomes of the running amount; [`Effect::Add`] by default.
    pub effect: Effect,
}

impl Apply for Fixed {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (days, of) = self.days(run)?;
        let (count, whole) = (Decimal::from_minor(days.into(), 0), self.amount);
        let amount = match self.prorate {
            Some(to) => {
                let times = run.fit(whole.checked_mul(count))?;
                run.fit(to.quotient(times, Decimal::from_minor(of.into(), 0)))?
            }
            None if days == 0 => Decimal::ZERO,
            None => whole,
        };
        let taken = Taken { base: Some(whole), rate: None, amount, readings: Vec::new() };
        let entry = Entry::of(LineKind::Fixed, taken, self.effect);
        run.print(entry.note("days", days).note("of", of).rounded(self.prorate))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.number(self.amount);
        let ordered = match (self.first, self.last) {
            (Some(first), Some(last)) => first <= last,
            _ => true,
        };
        checker.ensure(ordered, "its days do not go from a first one to a last one");
        if let Some(to) = self.prorate {
            checker.round(to);
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("amount".into(), text(self.amount.canonical())),
            ("effect".into(), text(self.effect.word())),
        ]);
        let days = [("first", self.first), ("last", self.last)];
        map.extend(days.into_iter().filter_map(|(name, day)| Some((name.to_owned(), text(day?)))));
        if let Some(to) = self.prorate {
            map.insert("prorate".into(), text(to));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            amount: fields.parse("amount")?,
            first: fields.optional("first")?,
            last: fields.optional("last")?,
            prorate: fields.optional("prorate")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

impl Fixed {
    /// How many of the period's days count, and how many it has.
    fn days(&self, run: &Run<'_>) -> Result<(i32, i32), SettleError> {
        let (zone, span) = (&run.agreement().zone, run.span());
        let (start, last) = (local_day(span.start, zone)?, local_day(span.end - 1, zone)?);
        let length = |from: Date, to: Date| (to - from).get_days() + 1;
        let from = self.first.map_or(start, |first| first.max(start));
        let to = self.last.map_or(last, |day| day.min(last));
        Ok((length(from, to).max(0), length(start, last)))
    }
}
