//! `cap`: bounds the running amount from above.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Lowers the running amount to at most `limit`; the line states what is forgone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The most that is owed.
    pub limit: Figure,
}

impl Apply for Cap {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let most = run.figure(&self.limit)?;
        let above = run.fit(run.running().checked_sub(most.amount))?.max(Decimal::ZERO);
        let entry = Entry::stating(LineKind::Forgone, above, Effect::Subtract).limited(&most);
        run.print(entry.rounded(self.limit.round))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.figure(&self.limit);
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([("limit".into(), self.limit.value())])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { limit: Figure::read(fields.map("limit")?)? })
    }
}
