//! `minimum`: tops the running amount up to a guaranteed one.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Raises the running amount to at least `amount`; the line states the top-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimum {
    /// What is guaranteed.
    pub amount: Figure,
}

impl Apply for Minimum {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let least = run.figure(&self.amount)?;
        let missing = run.fit(least.amount.checked_sub(run.running()))?.max(Decimal::ZERO);
        let entry = Entry::stating(LineKind::TopUp, missing, Effect::Add).limited(&least);
        run.print(entry.rounded(self.amount.round))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.figure(&self.amount);
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([("amount".into(), self.amount.value())])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { amount: Figure::read(fields.map("amount")?)? })
    }
}
