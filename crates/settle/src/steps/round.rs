//! `round`: the only step that drops digits.

use super::Apply;
use crate::agreement::RoundTo;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Rounds the running amount; the line states the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// How.
    pub to: RoundTo,
    /// Whether what rounding drops is kept, and added before the next statement rounds.
    pub keep_residue: bool,
}

impl Apply for Round {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        if self.keep_residue {
            let kept = Entry::stating(LineKind::BroughtForward, run.balance(""), Effect::Add);
            run.print(kept.part("brought"))?;
        }
        let rounded = run.fit(self.to.apply(run.running()))?;
        let difference = run.fit(rounded.checked_sub(run.running()))?;
        let entry = Entry::stating(LineKind::Round, difference, Effect::Add);
        run.print(entry.rounded(Some(self.to)))?;
        if !self.keep_residue {
            return Ok(());
        }
        let residue = run.fit(Decimal::ZERO.checked_sub(difference))?;
        run.set_balance("", residue);
        run.print(Entry::stating(LineKind::CarriedForward, residue, Effect::Keep).part("residue"))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.round(self.to);
        if self.keep_residue {
            checker.keeps_running();
            checker.prints_part("brought");
            checker.prints_part("residue");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([("to".into(), text(self.to))]);
        if self.keep_residue {
            map.insert("residue".into(), text("kept"));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let keep_residue = fields.has("residue");
        if keep_residue {
            fields.word("residue", |word| (word == "kept").then_some(()))?;
        }
        Ok(Self { to: fields.parse("to")?, keep_residue })
    }
}
