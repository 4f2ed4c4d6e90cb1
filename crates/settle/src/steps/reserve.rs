//! `reserve`: holds back a part of what is paid, and releases it later.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map, Value, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::limits::LAG_DAYS_MAX;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::Decimal;

/// Holds back: a part of every period for some days, or up to a target, or both.
///
/// In order: chargebacks are taken from the running amount and paid back from what is held, the
/// oldest hold first and the fixed part last; holds whose date has come are released; the new
/// hold is taken; the fixed part is released whole and taken anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Kept as a balance `<step>/<release date>`.
    pub rolling: Option<Rolling>,
    /// How much the fixed part should be, kept as the balance of the step; no more than the
    /// running amount allows.
    pub target: Option<Figure>,
    /// The measure of what was charged back in the period.
    pub chargebacks: Option<String>,
}

/// A hold that is released by date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rolling {
    /// How much of every period; `Running` is the running amount as the step finds it. Nothing
    /// where that is below zero.
    pub amount: Figure,
    /// Days from the period's last day to the release.
    pub days: u32,
}

impl Apply for Reserve {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let hold = self.rolling.as_ref().map(|rolling| run.figure(&rolling.amount)).transpose()?;
        let opening = held(run)?;
        let entry = Entry::stating(LineKind::BroughtForward, opening, Effect::Keep);
        run.print(entry.part("opening"))?;
        if let Some(measure) = &self.chargebacks {
            charge_back(measure, run)?;
        }
        let last_day = run.agreement().cycle().last_day(run.period())?;
        release(last_day, run)?;
        if let (Some(rolling), Some(hold)) = (&self.rolling, hold) {
            rolling.hold(hold, last_day, run)?;
        }
        if let Some(target) = &self.target {
            keep_to(target, run)?;
        }
        let closing = held(run)?;
        run.print(Entry::stating(LineKind::CarriedForward, closing, Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let any = self.rolling.is_some() || self.target.is_some();
        checker.ensure(any, "it holds nothing: neither rolling nor up to a target");
        checker.prints_part("opening");
        if let Some(measure) = &self.chargebacks {
            checker.measure(measure);
            checker.prints_part("chargebacks");
        }
        if let Some(rolling) = &self.rolling {
            checker.figure(&rolling.amount);
            let days = (1..=LAG_DAYS_MAX).contains(&rolling.days);
            checker.ensure(days, "it holds for no day, or for more than ten years");
        }
        if let Some(target) = &self.target {
            checker.figure(target);
            checker.prints_part("previous");
            checker.prints_part("current");
        }
        let settled = checker.settled_in().code == checker.asset().code;
        checker.ensure(settled, "balances are kept in the agreement's asset alone");
        checker.keeps();
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::new();
        if let Some(rolling) = &self.rolling {
            let amount = ("amount".to_owned(), rolling.amount.value());
            let days = ("days".to_owned(), text(rolling.days));
            map.insert("rolling".into(), Value::Map(Map::from([amount, days])));
        }
        if let Some(target) = &self.target {
            map.insert("target".into(), target.value());
        }
        if let Some(measure) = &self.chargebacks {
            map.insert("chargebacks".into(), text(measure));
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let rolling = |mut fields: Fields| {
            let amount = Figure::read(fields.map("amount")?)?;
            Ok(Rolling { amount, days: fields.parse("days")? })
        };
        Ok(Self {
            rolling: fields.optional_map("rolling", rolling)?,
            target: fields.optional_map("target", Figure::read)?,
            chargebacks: fields.optional("chargebacks")?,
        })
    }
}

/// All that is held.
fn held(run: &Run<'_>) -> Result<Decimal, SettleError> {
    let holds = run.balances().into_iter().map(|(_, amount)| amount);
    holds
        .chain([run.balance("")])
        .try_fold(Decimal::ZERO, |sum, amount| run.fit(sum.checked_add(amount)))
}

/// Takes chargebacks, and pays them back from what is held, the oldest first.
fn charge_back(measure: &str, run: &mut Run<'_>) -> Result<(), SettleError> {
    let reading = run.reading_over(measure, run.window())?;
    let amount = reading.value;
    let taken = Taken { base: None, rate: None, amount, readings: vec![reading] };
    run.print(Entry::of(LineKind::Deduct, taken, Effect::Subtract).part("chargebacks"))?;
    let mut left = amount;
    let holds = run.balances().into_iter();
    for (part, hold) in holds.chain([(String::new(), run.balance(""))]) {
        let used = hold.min(left);
        if used <= Decimal::ZERO {
            continue;
        }
        left = run.fit(left.checked_sub(used))?;
        let rest = run.fit(hold.checked_sub(used))?;
        run.set_balance(&part, rest);
        let name = if part.is_empty() { "fixed" } else { &part };
        let entry = Entry::stating(LineKind::Release, used, Effect::Add);
        run.print(entry.part(format!("used/{name}")).note("held", hold.canonical()))?;
    }
    Ok(())
}

/// Releases the holds whose date is not after `last_day`.
fn release(last_day: Date, run: &mut Run<'_>) -> Result<(), SettleError> {
    for (part, hold) in run.balances() {
        let due = part.parse::<Date>().is_ok_and(|date| date <= last_day);
        if due && !hold.is_zero() {
            run.set_balance(&part, Decimal::ZERO);
            let entry = Entry::stating(LineKind::Release, hold, Effect::Add);
            run.print(entry.part(format!("released/{part}")).note("release", &part))?;
        }
    }
    Ok(())
}

impl Rolling {
    fn hold(&self, mut hold: Taken, last_day: Date, run: &mut Run<'_>) -> Result<(), SettleError> {
        let range = |_| SettleError::DateRange { date: last_day.to_string() };
        let date = last_day.checked_add(i64::from(self.days).days()).map_err(range)?;
        let date = date.to_string();
        hold.amount = hold.amount.max(Decimal::ZERO);
        let sum = run.fit(run.balance(&date).checked_add(hold.amount))?;
        run.set_balance(&date, sum);
        let entry = Entry::of(LineKind::Hold, hold, Effect::Subtract).part(format!("held/{date}"));
        run.print(entry.rounded(self.amount.round).note("release", date))
    }
}

/// Releases the fixed part, and holds it anew.
fn keep_to(target: &Figure, run: &mut Run<'_>) -> Result<(), SettleError> {
    let mut wanted = run.figure(target)?;
    let previous = run.balance("");
    let entry = Entry::stating(LineKind::Release, previous, Effect::Add);
    run.print(entry.part("previous"))?;
    let limit = run.running().max(Decimal::ZERO);
    wanted.amount = wanted.amount.max(Decimal::ZERO).min(limit);
    run.set_balance("", wanted.amount);
    let entry = Entry::of(LineKind::Hold, wanted, Effect::Subtract).part("current");
    run.print(entry.rounded(target.round).note("limit", limit.canonical()))
}
