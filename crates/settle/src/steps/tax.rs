//! `tax`: taxes added to an amount, included in it, or held back from it.

use super::Apply;
use super::parts::part_name;
use crate::agreement::{Operand, RoundTo};
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use ledger::Decimal;

/// Takes taxes of a figure, each rounded by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tax {
    /// How the taxes lie to the figure.
    pub method: TaxMethod,
    /// What is taxed.
    pub of: Operand,
    /// Of a measure: the dimensions by whose groups it is taxed one by one (a payee, an item).
    pub by: Vec<String>,
    /// In order. An included tax stands alone.
    pub items: Vec<TaxItem>,
    /// What becomes of the running amount for each tax.
    pub effect: Effect,
}

/// How a tax lies to the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaxMethod {
    /// The figure is without the tax.
    Added,
    /// The figure is with the tax: what is supplied is `figure / (1 + rate)`, rounded, and the
    /// tax is the rest.
    Included,
    /// The tax is held back; of a figure below zero nothing is.
    Withheld,
}

/// One tax.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaxItem {
    /// `[a-z][a-z0-9_-]*`; the line's name.
    pub name: String,
    /// A fraction of what is taxed.
    pub rate: Decimal,
    /// The earlier tax of the step that it is taken of, as rounded: a surtax; `None` for the
    /// figure itself.
    pub on: Option<String>,
    /// How the tax is rounded; of an included one what is supplied.
    pub round: RoundTo,
}

impl Apply for Tax {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let groups = self.groups(run)?;
        let mut sums = vec![(Decimal::ZERO, Decimal::ZERO); self.items.len()];
        let mut supply = Decimal::ZERO;
        for (part, base, _) in &groups {
            for (at, (base, amount)) in self.taxes(*base, run)?.into_iter().enumerate() {
                sums[at].0 = run.fit(sums[at].0.checked_add(base))?;
                sums[at].1 = run.fit(sums[at].1.checked_add(amount))?;
                let own = run.fit(base.checked_sub(amount))?;
                supply = run.fit(supply.checked_add(own))?;
                if !self.by.is_empty() {
                    let item = &self.items[at];
                    let part = format!("{part}/{}", item.name);
                    let entry = self.entry(item, (base, amount, Vec::new()), Effect::Keep);
                    run.print(entry.part(part))?;
                }
            }
        }
        if self.method == TaxMethod::Included {
            let entry = Entry::stating(LineKind::Tax, supply, Effect::Keep).part("supply");
            run.print(entry)?;
        }
        let mut all = Decimal::ZERO;
        for (at, (item, (base, amount))) in self.items.iter().zip(sums).enumerate() {
            all = run.fit(all.checked_add(amount))?;
            let readings = groups.iter().filter(|_| at == 0).filter_map(|(_, _, r)| r.clone());
            let taken = (base, amount, readings.collect());
            run.print(self.entry(item, taken, self.effect).named(&item.name))?;
        }
        run.print(Entry::stating(LineKind::Result, all, Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        match &self.of {
            Operand::Measure(name) => checker.measure_by(name, &self.by, checker.window()),
            of => {
                checker.ensure(self.by.is_empty(), "only a measure is taxed group by group");
                checker.operand(of);
            }
        }
        checker.count(self.items.len());
        let alone = self.method != TaxMethod::Included || self.items.len() == 1;
        checker.ensure(alone, "an included tax stands alone");
        if self.method == TaxMethod::Included {
            checker.prints_part("supply");
        }
        for (at, item) in self.items.iter().enumerate() {
            checker.number(item.rate);
            checker.ensure(!item.rate.is_negative(), "a rate is below zero");
            checker.round(item.round);
            let earlier = |on: &String| self.items[..at].iter().any(|other| other.name == *on);
            checker.ensure(item.on.as_ref().is_none_or(earlier), "a surtax is of no earlier tax");
            checker.prints_named(&item.name);
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("effect".into(), text(self.effect.word())),
            ("items".into(), list(self.items.iter().map(TaxItem::value))),
            ("method".into(), text(self.method.word())),
            ("of".into(), text(&self.of)),
        ]);
        if !self.by.is_empty() {
            map.insert("by".into(), list(self.by.iter().map(text)));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            method: fields.word("method", TaxMethod::from_word)?,
            of: fields.parse("of")?,
            by: if fields.has("by") { fields.texts("by")? } else { Vec::new() },
            items: fields.maps("items", TaxItem::read)?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

impl Tax {
    /// What is taxed: the name of each group, its figure, and where that was read.
    #[allow(clippy::type_complexity)] // used here alone
    fn groups(
        &self,
        run: &mut Run<'_>,
    ) -> Result<Vec<(String, Decimal, Option<Reading>)>, SettleError> {
        let (Operand::Measure(measure), false) = (&self.of, self.by.is_empty()) else {
            let (base, readings) = run.operand(&self.of, run.running())?;
            return Ok(vec![(String::new(), base, readings.into_iter().next())]);
        };
        let rows = run.rows(measure, &self.by, run.window())?;
        let group = |row: crate::measure::MeasureRow| {
            let part = part_name(row.by.iter().map(|(_, value)| value.as_str()));
            (part, run.asset().decimal(row.value), row.count)
        };
        let mut groups: Vec<_> = rows.into_iter().map(group).collect();
        let mut whole = Reading { measure: measure.clone(), value: Decimal::ZERO, count: 0 };
        for (_, base, count) in &groups {
            whole.value = run.fit(whole.value.checked_add(*base))?;
            whole.count = whole.count.saturating_add(*count);
        }
        let mut reading = Some(whole);
        Ok(groups.drain(..).map(|(part, base, _)| (part, base, reading.take())).collect())
    }

    /// Of each tax what it is taken of, and the tax.
    fn taxes(
        &self,
        figure: Decimal,
        run: &Run<'_>,
    ) -> Result<Vec<(Decimal, Decimal)>, SettleError> {
        let withheld = self.method == TaxMethod::Withheld;
        let figure = if withheld { figure.max(Decimal::ZERO) } else { figure };
        let mut taxes: Vec<(Decimal, Decimal)> = Vec::new();
        for item in &self.items {
            let earlier = |on: &String| self.items.iter().position(|other| other.name == *on);
            let on = item.on.as_ref().and_then(earlier).and_then(|at| taxes.get(at));
            let base = on.map_or(figure, |(_, amount)| *amount);
            let amount = if self.method == TaxMethod::Included {
                let whole = run.fit(item.rate.checked_add(Decimal::ONE))?;
                let supply = run.fit(item.round.quotient(base, whole))?;
                run.fit(base.checked_sub(supply))?
            } else {
                let exact = run.fit(base.checked_mul(item.rate))?;
                run.fit(item.round.apply(exact))?
            };
            taxes.push((base, amount));
        }
        Ok(taxes)
    }

    fn entry(
        &self,
        item: &TaxItem,
        (base, amount, readings): (Decimal, Decimal, Vec<Reading>),
        effect: Effect,
    ) -> Entry {
        let kind = match self.method {
            TaxMethod::Withheld => LineKind::Withholding,
            TaxMethod::Added | TaxMethod::Included => LineKind::Tax,
        };
        let taken = Taken { base: Some(base), rate: Some(item.rate), amount, readings };
        let entry = Entry::of(kind, taken, effect).rounded(Some(item.round));
        let entry = entry.note("method", self.method.word());
        match &item.on {
            Some(on) => entry.note("on", on),
            None => entry,
        }
    }
}

impl TaxItem {
    fn value(&self) -> Value {
        let mut map = Map::from([
            ("name".to_owned(), text(&self.name)),
            ("rate".to_owned(), text(self.rate.canonical())),
            ("round".to_owned(), text(self.round)),
        ]);
        if let Some(on) = &self.on {
            map.insert("on".into(), text(on));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            name: fields.text("name")?,
            rate: fields.parse("rate")?,
            on: fields.optional("on")?,
            round: fields.parse("round")?,
        })
    }
}
