//! `select`: which accounts the following steps read.

use super::Apply;
use crate::canon::{Fields, Map};
use crate::check::Checker;
use crate::error::SettleError;
use crate::measure::Selection;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Replaces the selection in force; the selection at the start is empty and restricts nothing.
/// Kinds of events are selected as the dimension `kind`, where account paths have one. A measure
/// without a selected dimension in each of its terms is refused when it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// What counts from here on.
    pub selection: Selection,
}

impl Apply for Select {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        run.select(self.selection.clone());
        let mut entry = Entry::stating(LineKind::Select, Decimal::ZERO, Effect::Keep);
        for (dim, values) in &self.selection.dims {
            let values: Vec<_> = values.iter().map(|value| listed(value)).collect();
            entry = entry.note(&format!("dim.{dim}"), values.join(","));
        }
        run.print(entry)
    }

    fn check(&self, checker: &mut Checker) {
        let filled = self.selection.dims.values().all(|values| !values.is_empty());
        checker.ensure(filled, "a dimension is selected without a value");
        checker.select(&self.selection);
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([("select".into(), self.selection.value())])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self { selection: Selection::read(fields.map("select")?)? })
    }
}

/// A value in a list: commas inside it are escaped, so that the list reads one way only.
fn listed(value: &str) -> String {
    value.replace('\\', "\\\\").replace(',', "\\,")
}
