//! `select`: which accounts and days the following steps read, and in which asset.

use super::Apply;
use crate::agreement::Window;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::measure::Selection;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::{Asset, Decimal};

/// Replaces the selection in force; the selection at the start is empty and restricts nothing.
/// Kinds of events are selected as the dimension `kind`. A dimension that accounts do not have
/// makes what follows read events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// What counts from here on.
    pub selection: Selection,
    /// The days that count; `None` for the whole period.
    pub days: Option<Window>,
    /// The asset that is read from here on; the agreement's where nothing is said. Where it is
    /// another than before, the running amount begins again at zero.
    pub asset: Option<Asset>,
}

impl Apply for Select {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        run.select(self.selection.clone(), self.days.unwrap_or_default());
        let asset = self.asset.clone().unwrap_or_else(|| run.agreement().asset.clone());
        let mut effect = Effect::Keep;
        if *run.asset() != asset {
            run.turn_to(asset);
            effect = Effect::Set;
        }
        let mut entry = Entry::stating(LineKind::Select, Decimal::ZERO, effect);
        for (dim, values) in &self.selection.dims {
            let values: Vec<_> = values.iter().map(|value| listed(value)).collect();
            entry = entry.note(&format!("dim.{dim}"), values.join(","));
        }
        if let Some(days) = self.days {
            entry = entry.note("days", days);
        }
        run.print(entry)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let filled = self.selection.dims.values().all(|values| !values.is_empty());
        checker.ensure(filled, "a dimension is selected without a value");
        let days = match self.days {
            None => true,
            Some(Window::Days(first, last)) => first <= last,
            Some(_) => false,
        };
        checker.ensure(days, "its days do not go from a first one to a last one");
        checker.select(&self.selection, self.days.unwrap_or_default());
        let asset = self.asset.clone().unwrap_or_else(|| checker.settled_in());
        checker.turn_to(asset);
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([("select".into(), self.selection.value())]);
        if let Some(days) = self.days {
            map.insert("days".into(), text(days));
        }
        if let Some(asset) = &self.asset {
            map.insert("asset".into(), text(&asset.code));
            map.insert("scale".into(), text(asset.scale));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let selection = Selection::read(fields.map("select")?)?;
        let days = fields.optional("days")?;
        let asset = match fields.optional("asset")? {
            Some(code) => Some(Asset { code, scale: fields.parse("scale")? }),
            None => None,
        };
        Ok(Self { selection, days, asset })
    }
}

/// A value in a list: commas inside it are escaped, so that the list reads one way only.
fn listed(value: &str) -> String {
    value.replace('\\', "\\\\").replace(',', "\\,")
}
