//! `sum`: reads a measure.

use super::Apply;
use crate::agreement::{Figure, Operand};
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};

/// Reads a measure under the selection in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Name of the measure.
    pub measure: String,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

impl Apply for Sum {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let of = Operand::Measure(self.measure.clone());
        let taken = run.figure(&Figure { of, rate: None, round: None })?;
        run.print(Entry::of(LineKind::Sum, taken, self.effect))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.measure(&self.measure);
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([
            ("effect".into(), text(self.effect.word())),
            ("measure".into(), text(&self.measure)),
        ])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let effect = fields.word("effect", Effect::from_word)?;
        Ok(Self { measure: fields.text("measure")?, effect })
    }
}
