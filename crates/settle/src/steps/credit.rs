//! `credit`: prepaid credit, bought in lots and drawn from the oldest on.

use super::Apply;
use crate::agreement::RoundTo;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::measure::DAY;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use ledger::{Decimal, Rounding};
use std::collections::BTreeMap;

/// Sells credit and draws from it.
///
/// Every day's purchases are a lot, kept as a balance `<step>/<day>`; what was there before is
/// the balance of the step itself, which is the oldest lot, or below zero what is overdrawn and
/// made good by the next purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The measure of credit bought, at face.
    pub bought: String,
    /// The measure that draws from it.
    pub drawn: String,
    /// What one unit of face costs.
    pub price: Decimal,
    /// How the price of what was bought is rounded; `None` keeps every digit.
    pub round: Option<RoundTo>,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

/// What happened to the credit, by day.
struct Days {
    bought: BTreeMap<String, Decimal>,
    drawn: BTreeMap<String, Decimal>,
    readings: [Reading; 2],
}

impl Apply for Credit {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let days = self.days(run)?;
        let opening = all(run)?;
        let [bought, drawn] = days.readings.clone();
        let (face, used) = (bought.value, drawn.value);
        let state = |kind, amount| Entry::stating(kind, amount, Effect::Keep);
        let read = |kind, reading: Reading| {
            let (amount, readings) = (reading.value, vec![reading]);
            Entry::of(kind, Taken { base: None, rate: None, amount, readings }, Effect::Keep)
        };
        run.print(state(LineKind::BroughtForward, opening).part("opening"))?;
        run.print(read(LineKind::Bought, bought).part("bought"))?;
        run.print(read(LineKind::Drawn, drawn).part("drawn"))?;
        let (lowest, day) = days.lowest(opening, run)?;
        buy(&days, run)?;
        draw(used, run)?;
        let closing = all(run)?;
        run.print(state(LineKind::Credit, closing).part("closing"))?;
        run.print(state(LineKind::Credit, lowest).part("lowest").note("day", day))?;
        let below = run.fit(Decimal::ZERO.checked_sub(closing))?.max(Decimal::ZERO);
        run.print(state(LineKind::Credit, below).part("overdrawn"))?;
        lasts(closing, used, run)?;
        let exact = run.fit(face.checked_mul(self.price))?;
        let amount = self.round.map_or(Ok(exact), |to| run.fit(to.apply(exact)))?;
        let (base, rate, readings) = (Some(face), Some(self.price), Vec::new());
        let taken = Taken { base, rate, amount, readings };
        run.print(Entry::of(LineKind::Bought, taken, self.effect).rounded(self.round))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let day = [DAY.to_owned()];
        for measure in [&self.bought, &self.drawn] {
            checker.measure_by(measure, &day, checker.window());
        }
        checker.number(self.price);
        checker.ensure(!self.price.is_negative(), "its price is below zero");
        if let Some(to) = self.round {
            checker.round(to);
        }
        let settled = checker.settled_in().code == checker.asset().code;
        checker.ensure(settled, "balances are kept in the agreement's asset alone");
        checker.keeps();
        for part in ["opening", "bought", "drawn", "closing", "lowest", "overdrawn"] {
            checker.prints_part(part);
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("bought".into(), text(&self.bought)),
            ("drawn".into(), text(&self.drawn)),
            ("effect".into(), text(self.effect.word())),
            ("price".into(), text(self.price.canonical())),
        ]);
        if let Some(to) = self.round {
            map.insert("round".into(), text(to));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            bought: fields.text("bought")?,
            drawn: fields.text("drawn")?,
            price: fields.parse("price")?,
            round: fields.optional("round")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

impl Credit {
    fn days(&self, run: &Run<'_>) -> Result<Days, SettleError> {
        let read = |measure: &String| {
            let mut whole = Reading { measure: measure.clone(), value: Decimal::ZERO, count: 0 };
            let mut days = BTreeMap::new();
            for row in run.rows(measure, &[DAY.to_owned()], run.window())? {
                let value = run.asset().decimal(row.value);
                whole.value = run.fit(whole.value.checked_add(value))?;
                whole.count = whole.count.saturating_add(row.count);
                days.extend(row.by.into_iter().map(|(_, day)| (day, value)));
            }
            Ok::<_, SettleError>((days, whole))
        };
        let ((bought, first), (drawn, second)) = (read(&self.bought)?, read(&self.drawn)?);
        Ok(Days { bought, drawn, readings: [first, second] })
    }
}

impl Days {
    /// The lowest balance, at the start or at the end of a day, and that day.
    fn lowest(&self, opening: Decimal, run: &Run<'_>) -> Result<(Decimal, String), SettleError> {
        let (mut balance, mut lowest) = (opening, (opening, "opening".to_owned()));
        let mut days: Vec<&String> = self.bought.keys().chain(self.drawn.keys()).collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            let of = |map: &BTreeMap<String, Decimal>| map.get(day).copied().unwrap_or_default();
            balance = run.fit(balance.checked_add(of(&self.bought)))?;
            balance = run.fit(balance.checked_sub(of(&self.drawn)))?;
            if balance < lowest.0 {
                lowest = (balance, day.clone());
            }
        }
        Ok(lowest)
    }
}

/// All that is left, below zero where it is overdrawn.
fn all(run: &Run<'_>) -> Result<Decimal, SettleError> {
    let lots = run.balances().into_iter().map(|(_, amount)| amount);
    lots.chain([run.balance("")])
        .try_fold(Decimal::ZERO, |sum, amount| run.fit(sum.checked_add(amount)))
}

/// Adds the lots; a purchase makes good what is overdrawn first.
fn buy(days: &Days, run: &mut Run<'_>) -> Result<(), SettleError> {
    for (day, face) in &days.bought {
        let debt = run.fit(Decimal::ZERO.checked_sub(run.balance("")))?.max(Decimal::ZERO);
        let made_good = debt.min((*face).max(Decimal::ZERO));
        let own = run.fit(run.balance("").checked_add(made_good))?;
        run.set_balance("", own);
        let lot = run.fit(run.balance(day).checked_add(*face))?;
        let lot = run.fit(lot.checked_sub(made_good))?;
        run.set_balance(day, lot);
    }
    Ok(())
}

/// Draws from the lots, the oldest first; what no lot has is overdrawn. What is drawn below zero,
/// a cancel, comes back as credit of no lot.
fn draw(drawn: Decimal, run: &mut Run<'_>) -> Result<(), SettleError> {
    let mut left = drawn;
    let lots = run.balances().into_iter();
    for (part, lot) in [(String::new(), run.balance(""))].into_iter().chain(lots) {
        let used = lot.min(left);
        // Nothing is left to draw, or the lot has nothing.
        if used <= Decimal::ZERO {
            continue;
        }
        left = run.fit(left.checked_sub(used))?;
        let rest = run.fit(lot.checked_sub(used))?;
        run.set_balance(&part, rest);
        let name = if part.is_empty() { "before" } else { &part };
        let entry = Entry::stating(LineKind::Drawn, used, Effect::Keep);
        run.print(entry.part(format!("lot/{name}")).note("limit", lot.canonical()))?;
    }
    let own = run.fit(run.balance("").checked_sub(left))?;
    run.set_balance("", own);
    Ok(())
}

/// How many days the credit lasts when as much is drawn a day as in the period; nothing is said
/// where nothing was drawn.
fn lasts(closing: Decimal, drawn: Decimal, run: &mut Run<'_>) -> Result<(), SettleError> {
    if drawn <= Decimal::ZERO {
        return Ok(());
    }
    let (first, end) = run.agreement().cycle().days(run.period())?;
    let range = |_| SettleError::DateRange { date: first.to_string() };
    let days = first.until(end).map_err(range)?.get_days();
    let length = Decimal::from_minor(days.into(), 0);
    let figure = run.fit(closing.max(Decimal::ZERO).checked_mul(length))?;
    let left = run.fit(figure.checked_div(drawn, 0, Rounding::Floor))?;
    let entry = Entry::stating(LineKind::Credit, left, Effect::Keep).part("days-left");
    run.print(entry.note("days", days).note("drawn", drawn.canonical()))
}
