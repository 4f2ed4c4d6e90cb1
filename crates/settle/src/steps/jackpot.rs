//! `jackpot`: contributions taken from a base and passed on later, and wins repaid.

use super::Apply;
use crate::agreement::{Figure, Operand};
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};

/// Takes a contribution from the running amount, before a share of it is taken; or, after that,
/// adds what an earlier such step took and takes away the wins that were paid for the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jackpot {
    /// What is taken for the pool.
    pub contribution: Option<Figure>,
    /// The line of an earlier contribution that is passed on.
    pub pool: Option<String>,
    /// Wins of the pool that the payer has paid, and is repaid.
    pub repaid: Option<Figure>,
}

impl Apply for Jackpot {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        if let Some(figure) = &self.contribution {
            let taken = run.figure(figure)?;
            let entry = Entry::of(LineKind::Contribution, taken, Effect::Subtract);
            return run.print(entry.rounded(figure.round));
        }
        if let Some(pool) = &self.pool {
            let amount = run.line(pool)?;
            let taken = Taken { base: None, rate: None, amount, readings: Vec::new() };
            let entry = Entry::of(LineKind::Contribution, taken, Effect::Add);
            run.print(entry.part("contribution").note("of", pool))?;
        }
        if let Some(figure) = &self.repaid {
            let taken = run.figure(figure)?;
            let entry = Entry::of(LineKind::Repaid, taken, Effect::Subtract).part("repaid");
            run.print(entry.rounded(figure.round))?;
        }
        run.print(Entry::stating(LineKind::Result, run.running(), Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let passes_on = self.pool.is_some() || self.repaid.is_some();
        let one = self.contribution.is_some() != passes_on;
        checker.ensure(one, "it either takes a contribution, or passes one on and repays wins");
        for figure in [&self.contribution, &self.repaid].into_iter().flatten() {
            checker.figure(figure);
        }
        if let Some(pool) = &self.pool {
            checker.operand(&Operand::Line(pool.clone()));
            checker.prints_part("contribution");
        }
        if self.repaid.is_some() {
            checker.prints_part("repaid");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::new();
        if let Some(figure) = &self.contribution {
            map.insert("contribution".into(), figure.value());
        }
        if let Some(pool) = &self.pool {
            map.insert("pool".into(), text(pool));
        }
        if let Some(figure) = &self.repaid {
            map.insert("repaid".into(), figure.value());
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            contribution: fields.optional_map("contribution", Figure::read)?,
            pool: fields.optional("pool")?,
            repaid: fields.optional_map("repaid", Figure::read)?,
        })
    }
}
