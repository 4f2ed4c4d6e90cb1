//! `share`: a figure, usually a rate of the running amount.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};

/// Takes a share at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// How much: `of × rate`.
    pub amount: Figure,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

impl Apply for Share {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let taken = run.figure(&self.amount)?;
        run.print(Entry::of(LineKind::Share, taken, self.effect).rounded(self.amount.round))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.figure(&self.amount);
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([
            ("amount".into(), self.amount.value()),
            ("effect".into(), text(self.effect.word())),
        ])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let effect = fields.word("effect", Effect::from_word)?;
        Ok(Self { amount: Figure::read(fields.map("amount")?)?, effect })
    }
}
