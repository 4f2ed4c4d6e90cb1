//! `item`: so much for each.

use super::Apply;
use crate::agreement::RoundTo;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Takes so much for each posting of a measure, or for each unit of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Name of the measure.
    pub measure: String,
    /// What is counted.
    pub count: Count,
    /// For each, in the agreement's asset; below zero for a credit.
    pub each: Decimal,
    /// How the product is rounded; `None` keeps every digit.
    pub round: Option<RoundTo>,
    /// What becomes of the running amount; [`Effect::Add`] by default.
    pub effect: Effect,
}

/// What of a measure is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Count {
    /// Its postings; one that takes another back counts as one more.
    Postings,
    /// Its value, in whole units of the asset.
    Value,
}

impl Apply for Item {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let reading = run.reading_over(&self.measure, run.window())?;
        let quantity = match self.count {
            Count::Postings => Decimal::from_minor(reading.count.into(), 0),
            Count::Value => reading.value.canonical(),
        };
        let product = run.fit(quantity.checked_mul(self.each))?;
        let amount = self.round.map_or(Ok(product), |to| run.fit(to.apply(product)))?;
        let (base, readings) = (Some(self.each), vec![reading]);
        let taken = Taken { base, rate: None, amount, readings };
        let mut entry = Entry::of(LineKind::Item, taken, self.effect).rounded(self.round);
        entry.quantity = Some(quantity);
        run.print(entry)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.measure(&self.measure);
        checker.number(self.each);
        if let Some(to) = self.round {
            checker.round(to);
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("count".into(), text(self.count.word())),
            ("each".into(), text(self.each.canonical())),
            ("effect".into(), text(self.effect.word())),
            ("measure".into(), text(&self.measure)),
        ]);
        if let Some(to) = self.round {
            map.insert("round".into(), text(to));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            measure: fields.text("measure")?,
            count: fields.word("count", Count::from_word)?,
            each: fields.parse("each")?,
            round: fields.optional("round")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}
