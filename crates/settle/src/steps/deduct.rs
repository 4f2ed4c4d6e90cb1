//! `deduct`: an ordered waterfall of named deductions from the running amount.

use super::Apply;
use crate::agreement::{Figure, RoundTo, Title};
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// The lines beside its own of a deduction whose excess is carried.
const CARRIED_PARTS: &[&str] = &["brought", "earlier", "carried"];

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
    /// What people read on the line; empty where the name says enough.
    pub title: Title,
    /// How much; an amount below zero is added to the running amount, whatever the limits.
    pub amount: Figure,
    /// At most this much (a figure below zero counts as zero); what is above it is excess. The
    /// operand `Running` is here the running amount before the first deduction of the step.
    pub cap: Option<Figure>,
    /// Whether what could not be taken is kept, and asked for first in the next statement, under
    /// the same limits; otherwise it is lost.
    pub carried: bool,
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
            if item.carried {
                let bounded = self.bounds(item);
                checker.ensure(bounded, "nothing bounds a deduction whose excess is carried");
                checker.keeps_running();
                CARRIED_PARTS.iter().for_each(|part| checker.prints_below(&item.name, part));
            } else if self.bounds(item) {
                checker.prints_below(&item.name, "excess");
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
        let asked = run.figure(&item.amount)?;
        let mut cap = None;
        if let Some(figure) = &item.cap {
            let mut most = run.figure_at(figure, before)?;
            most.amount = most.amount.max(Decimal::ZERO);
            cap = Some(most);
        }
        let mut left = Decimal::ZERO;
        if item.carried {
            let brought = run.balance(&item.name);
            let entry = Entry::stating(LineKind::BroughtForward, brought, Effect::Keep);
            run.print(entry.named(&format!("{}/brought", item.name)))?;
            let earlier = Taken { base: None, rate: None, amount: brought, readings: Vec::new() };
            let name = format!("{}/earlier", item.name);
            let of = (name.as_str(), &Title::default());
            let (taken, over) = self.ask(of, (earlier, None), cap.as_ref(), run)?;
            left = over;
            if let Some(cap) = &mut cap {
                cap.amount = run.fit(cap.amount.checked_sub(taken.max(Decimal::ZERO)))?;
            }
        }
        let asked = (asked, item.amount.round);
        let of = (item.name.as_str(), &item.title);
        let (_, over) = self.ask(of, asked, cap.as_ref(), run)?;
        let excess = run.fit(left.checked_add(over))?;
        if item.carried {
            run.set_balance(&item.name, excess);
            let entry = Entry::stating(LineKind::CarriedForward, excess, Effect::Keep);
            run.print(entry.named(&format!("{}/carried", item.name)))?;
        } else if self.bounds(item) {
            let name = format!("{}/excess", item.name);
            run.print(Entry::stating(LineKind::Excess, excess, Effect::Keep).named(&name))?;
        }
        Ok(())
    }

    /// Takes what is asked within the limits; gives what was taken, and what was not.
    fn ask(
        &self,
        (name, title): (&str, &Title),
        (mut taken, round): (Taken, Option<RoundTo>),
        cap: Option<&Taken>,
        run: &mut Run<'_>,
    ) -> Result<(Decimal, Decimal), SettleError> {
        let asked = taken.amount;
        let mut limit = cap.map(|cap| cap.amount);
        taken.readings.extend(cap.iter().flat_map(|cap| cap.readings.iter().cloned()));
        if self.floor_at_zero {
            let left = run.running().max(Decimal::ZERO);
            limit = Some(limit.map_or(left, |limit| limit.min(left)));
        }
        if let Some(limit) = limit.filter(|_| !asked.is_negative()) {
            taken.amount = asked.min(limit);
        }
        let amount = taken.amount;
        let mut entry = Entry::of(LineKind::Deduct, taken, Effect::Subtract).named(name);
        entry.title.clone_from(title);
        if let Some(limit) = limit {
            entry = entry.note("limit", limit.canonical());
        }
        run.print(entry.rounded(round))?;
        Ok((amount, run.fit(asked.checked_sub(amount))?))
    }
}

impl Deduction {
    fn value(&self) -> Value {
        let mut map =
            Map::from([("amount".into(), self.amount.value()), ("name".into(), text(&self.name))]);
        if let Some(cap) = &self.cap {
            map.insert("cap".into(), cap.value());
        }
        if self.carried {
            map.insert("excess".into(), text("carried"));
        }
        if self.title != Title::default() {
            map.insert("title".into(), self.title.value());
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let carried = fields.has("excess");
        if carried {
            fields.word("excess", |word| (word == "carried").then_some(()))?;
        }
        Ok(Self {
            name: fields.text("name")?,
            title: fields.optional_map("title", Title::read)?.unwrap_or_default(),
            amount: Figure::read(fields.map("amount")?)?,
            cap: fields.optional_map("cap", Figure::read)?,
            carried,
        })
    }
}
