//! `free-rounds`: what free rounds cost, by who funds them.

use super::Apply;
use super::parts::part_name;
use crate::canon::{Fields, Map, Value, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use ledger::Decimal;
use std::collections::BTreeMap;

/// Takes from the running amount the part of free rounds that its receiver funds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeRounds {
    /// The measure of what free rounds cost.
    pub measure: String,
    /// The dimension that says who funds them.
    pub by: String,
    /// The fraction that is taken, by value: 1 for rounds that the receiver funds, 0 for those
    /// that the payer funds, between them for shared ones.
    pub taken: BTreeMap<String, Decimal>,
    /// The fraction for every other value.
    pub otherwise: Decimal,
}

impl Apply for FreeRounds {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let mut sum = Decimal::ZERO;
        let measure = self.measure.clone();
        let mut whole = Reading { measure, value: Decimal::ZERO, count: 0 };
        for row in run.rows(&self.measure, std::slice::from_ref(&self.by), run.window())? {
            let funder = row.by.first().map_or("", |(_, value)| value.as_str());
            let rate = self.taken.get(funder).copied().unwrap_or(self.otherwise);
            let base = run.asset().decimal(row.value);
            let amount = run.fit(base.checked_mul(rate))?;
            sum = run.fit(sum.checked_add(amount))?;
            whole.value = run.fit(whole.value.checked_add(base))?;
            whole.count = whole.count.saturating_add(row.count);
            let (base, rate) = (Some(base), Some(rate));
            let taken = Taken { base, rate, amount, readings: Vec::new() };
            let entry = Entry::of(LineKind::FreeRounds, taken, Effect::Subtract);
            run.print(entry.part(part_name([funder])).note("funded-by", funder))?;
        }
        let (base, rate, readings) = (Some(whole.value), None, vec![whole]);
        let taken = Taken { base, rate, amount: sum, readings };
        run.print(Entry::of(LineKind::FreeRounds, taken, Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.measure_by(&self.measure, std::slice::from_ref(&self.by), checker.window());
        checker.ensure(!self.by.is_empty(), "it names no dimension");
        let whole = Decimal::ZERO..=Decimal::ONE;
        for rate in self.taken.values().chain([&self.otherwise]) {
            checker.number(*rate);
            checker.ensure(whole.contains(rate), "a fraction is not between 0 and 1");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let taken = self.taken.iter().map(|(value, rate)| (value.clone(), text(rate.canonical())));
        Map::from([
            ("by".into(), text(&self.by)),
            ("measure".into(), text(&self.measure)),
            ("otherwise".into(), text(self.otherwise.canonical())),
            ("taken".into(), Value::Map(taken.collect())),
        ])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let mut given = fields.map("taken")?;
        let names = given.names().into_iter();
        let taken = names.map(|name| Ok((name.clone(), given.parse(&name)?)));
        Ok(Self {
            measure: fields.text("measure")?,
            by: fields.text("by")?,
            taken: taken.collect::<Result<_, SettleError>>()?,
            otherwise: fields.parse("otherwise")?,
        })
    }
}
