//! `total`: a sum of earlier lines.

use super::Apply;
use crate::agreement::Operand;
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::measure::Sign;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Adds lines up, some of them with the sign turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Names of lines, each added or taken away.
    pub lines: Vec<(Sign, String)>,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

impl Apply for Total {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let mut sum = Decimal::ZERO;
        for (sign, name) in &self.lines {
            let amount = run.line(name)?;
            sum = run.fit(match sign {
                Sign::Plus => sum.checked_add(amount),
                Sign::Minus => sum.checked_sub(amount),
            })?;
        }
        let terms: Vec<String> =
            self.lines.iter().map(|(sign, name)| format!("{}{name}", sign.word())).collect();
        let entry = Entry::stating(LineKind::Total, sum, self.effect);
        run.print(entry.note("of", terms.join(" ")))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.count(self.lines.len());
        for (_, name) in &self.lines {
            checker.operand(&Operand::Line(name.clone()));
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let line = |(sign, name): &(Sign, String)| {
            Value::Map(Map::from([("line".into(), text(name)), ("sign".into(), text(sign.word()))]))
        };
        Map::from([
            ("effect".into(), text(self.effect.word())),
            ("lines".into(), list(self.lines.iter().map(line))),
        ])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let line =
            |mut fields: Fields| Ok((fields.word("sign", Sign::from_word)?, fields.text("line")?));
        Ok(Self {
            lines: fields.maps("lines", line)?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}
