//! `threshold`: what is below an amount is not paid but kept for the next period.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Adds what was held back before, and holds back the whole running amount where it is below
/// `at`; a running amount below zero is held back like any other that is too small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The least that is paid.
    pub at: Figure,
}

impl Apply for Threshold {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let brought = Entry::stating(LineKind::BroughtForward, run.balance(""), Effect::Add);
        run.print(brought.part("brought"))?;
        let least = run.figure(&self.at)?;
        let held = if run.running() < least.amount { run.running() } else { Decimal::ZERO };
        run.set_balance("", held);
        let entry = Entry::stating(LineKind::HeldBack, held, Effect::Subtract).limited(&least);
        run.print(entry.rounded(self.at.round))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.figure(&self.at);
        checker.keeps_running();
        checker.prints_part("brought");
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([("at".into(), self.at.value())])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { at: Figure::read(fields.map("at")?)? })
    }
}
