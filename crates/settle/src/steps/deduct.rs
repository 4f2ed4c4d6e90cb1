//! `deduct`: an ordered waterfall of named deductions from the running amount.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Takes each deduction in turn from the running amount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deduct {
    /// In order; names are unique in the agreement.
    pub items: Vec<Deduction>,
    /// Whether a deduction takes no more than what is left above zero, the rest being excess, and
    /// a running amount below zero at the end is raised to zero.
    pub floor_at_zero: bool,
}

/// One deduction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// `[a-z][a-z0-9_-]*`; the line's name.
    pub name: String,
    /// How much; an amount below zero is added to the running amount, whatever the limits.
    pub amount: Figure,
    /// At most this much (a figure below zero counts as zero); what is above it is excess. The
    /// operand `Running` is here the running amount before the first deduction of the step.
    pub cap: Option<Figure>,
}

impl Apply for Deduct {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let before = run.running();
        for item in &self.items {
            self.take(item, before, run)?;
        }
        if self.floor_at_zero {
            let below = run.fit(Decimal::ZERO.checked_sub(run.running()))?.max(Decimal::ZERO);
            run.print(Entry::stating(LineKind::Floor, below, Effect::Add).part("floor"))?;
        }
        run.print(Entry::stating(LineKind::Result, run.running(), Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.count(self.items.len());
        for item in &self.items {
            checker.figure(&item.amount);
            if let Some(cap) = &item.cap {
                checker.figure(cap);
            }
            checker.prints_named(&item.name);
            if self.bounds(item) {
                checker.prints_excess(&item.name);
            }
        }
        if self.floor_at_zero {
            checker.prints_part("floor");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([("items".into(), list(self.items.iter().map(Deduction::value)))]);
        if self.floor_at_zero {
            map.insert("floor".into(), text("zero"));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let items = fields.maps("items", Deduction::read)?;
        let floor_at_zero = fields.has("floor");
        if floor_at_zero {
            fields.word("floor", |word| (word == "zero").then_some(()))?;
        }
        Ok(Self { items, floor_at_zero })
    }
}

impl Deduct {
    /// Whether anything can keep the deduction from being taken whole.
    fn bounds(&self, item: &Deduction) -> bool {
        self.floor_at_zero || item.cap.is_some()
    }

    fn take(
        &self,
        item: &Deduction,
        before: Decimal,
        run: &mut Run<'_>,
    ) -> Result<(), SettleError> {
        let mut taken = run.figure(&item.amount)?;
        let (asked, mut limit) = (taken.amount, None);
        if let Some(cap) = &item.cap {
            let most = run.figure_at(cap, before)?;
            limit = Some(most.amount.max(Decimal::ZERO));
            taken.readings.extend(most.readings);
        }
        if self.floor_at_zero {
            let left = run.running().max(Decimal::ZERO);
            limit = Some(limit.map_or(left, |limit| limit.min(left)));
        }
        if let Some(limit) = limit.filter(|_| !asked.is_negative()) {
            taken.amount = asked.min(limit);
        }
        let excess = run.fit(asked.checked_sub(taken.amount))?;
        let mut entry = Entry::of(LineKind::Deduct, taken, Effect::Subtract).named(&item.name);
        if let Some(limit) = limit {
            entry = entry.note("limit", limit.canonical());
        }
        run.print(entry.rounded(item.amount.round))?;
        if self.bounds(item) {
            let name = format!("{}/excess", item.name);
            run.print(Entry::stating(LineKind::Excess, excess, Effect::Keep).named(&name))?;
        }
        Ok(())
    }
}

impl Deduction {
    fn value(&self) -> Value {
        let mut map =
            Map::from([("amount".into(), self.amount.value()), ("name".into(), text(&self.name))]);
        if let Some(cap) = &self.cap {
            map.insert("cap".into(), cap.value());
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let cap = fields.has("cap").then(|| fields.map("cap").and_then(Figure::read));
        Ok(Self {
            name: fields.text("name")?,
            amount: Figure::read(fields.map("amount")?)?,
            cap: cap.transpose()?,
        })
    }
}
