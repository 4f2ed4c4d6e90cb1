//! `round`: the only step that drops digits.

use super::Apply;
use crate::agreement::RoundTo;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};

/// Rounds the running amount; the line states the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// How.
    pub to: RoundTo,
}

impl Apply for Round {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let rounded = run.fit(self.to.apply(run.running()))?;
        let difference = run.fit(rounded.checked_sub(run.running()))?;
        let entry = Entry::stating(LineKind::Round, difference, Effect::Add);
        run.print(entry.rounded(Some(self.to)))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.round(self.to);
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([("to".into(), text(self.to))])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { to: fields.parse("to")? })
    }
}
