//! `net`: puts what several agreements of the same two parties come to into one payment.

use super::Apply;
use crate::agreement::Window;
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::effect::Owed;
use crate::error::SettleError;
use crate::limits::ITEMS_MAX;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, Line, LineKind};
use ledger::{Decimal, name};

/// Adds what the statements of other agreements came to whose periods end in this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    /// Which, in the order of the lines.
    pub agreements: Vec<Netted>,
}

/// An agreement that is netted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Netted {
    /// Its name.
    pub agreement: String,
    /// The account that its statements leave what is owed on.
    pub owed: Owed,
    /// Whether it pays the other way round, so that it is taken away.
    pub reversed: bool,
}

impl Netted {
    /// Name of the measure of what its statements came to.
    pub fn measure(&self) -> String {
        measure_name(&self.agreement)
    }

    /// The account that its statements leave what is owed on.
    pub(crate) fn account(&self) -> String {
        self.owed.account(&self.agreement)
    }
}

/// Name of the measure of what the statements of an agreement came to.
pub fn measure_name(agreement: &str) -> String {
    format!("settled-{agreement}")
}

impl Net {
    /// The agreement that a line of the step nets.
    pub(crate) fn netted(&self, line: &Line) -> Option<&Netted> {
        self.agreements.iter().find(|netted| {
            let agreement = line.path.rsplit_once('/').map(|(_, part)| part);
            line.kind == LineKind::Net && agreement == Some(&netted.agreement)
        })
    }
}

impl Apply for Net {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let mut sum = Decimal::ZERO;
        for netted in &self.agreements {
            let reading = run.reading_over(&netted.measure(), run.window())?;
            let value = reading.value;
            let amount = if netted.reversed { run.fit(value.checked_neg())? } else { value };
            sum = run.fit(sum.checked_add(amount))?;
            let taken = Taken { base: None, rate: None, amount, readings: vec![reading] };
            let entry = Entry::of(LineKind::Net, taken, Effect::Add).part(&netted.agreement);
            run.print(entry.note("account", netted.account()))?;
        }
        run.print(Entry::stating(LineKind::Total, sum, Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.count(self.agreements.len());
        let mut names: Vec<&str> = Vec::with_capacity(self.agreements.len().min(ITEMS_MAX));
        for netted in &self.agreements {
            let is_name = name::is_word(netted.agreement.as_bytes());
            checker.ensure(is_name, "the name of an agreement is not a lower-case word");
            let once = !names.contains(&netted.agreement.as_str());
            checker.ensure(once, "it nets an agreement twice");
            names.push(&netted.agreement);
            checker.measure(&netted.measure());
            checker.prints_part(&netted.agreement);
        }
        let settled = checker.settled_in().code == checker.asset().code;
        checker.ensure(settled, "only what is owed in the agreement's asset can be netted");
        let whole = checker.selection().dims.is_empty() && checker.window() == Window::Period;
        checker.ensure(whole, "it stands after a selection, which statements do not follow");
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([("agreements".into(), list(self.agreements.iter().map(Netted::value)))])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { agreements: fields.maps("agreements", Netted::read)? })
    }
}

impl Netted {
    fn value(&self) -> Value {
        let mut map = Map::from([
            ("agreement".into(), text(&self.agreement)),
            ("owed".into(), text(self.owed.word())),
        ]);
        if self.reversed {
            map.insert("direction".into(), text("reversed"));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let owed = |word: &str| {
            [Owed::Payable, Owed::Receivable].into_iter().find(|owed| owed.word() == word)
        };
        let reversed = fields.has("direction");
        if reversed {
            fields.word("direction", |word| (word == "reversed").then_some(()))?;
        }
        Ok(Self {
            agreement: fields.text("agreement")?,
            owed: fields.word("owed", owed)?,
            reversed,
        })
    }
}
