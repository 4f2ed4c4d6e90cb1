//! Corrections: what late facts changed in a closed period, as linked lines of an open one.
//!
//! A closed period is rated again from what is known now, with the balances that it began with;
//! the difference to what was last stated for it is what the open period's statement corrects. A
//! statement is never edited.

use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind, Statement};
use ledger::{Decimal, DecimalError};
use std::collections::{BTreeMap, BTreeSet};

/// What changed in one closed period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Id of the statement corrected: `agreement:period:version`.
    pub statement: String,
    /// The period, as people write it.
    pub period: String,
    /// What was payable as last stated, and what is now.
    pub payable: Change,
    /// The lines whose amount changed, by rule path, in the order of the statement.
    pub lines: Vec<(String, Change)>,
    /// The closing balances that changed, by name.
    pub balances: Vec<(String, Change)>,
}

/// An amount as last stated and as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// As last stated.
    pub was: Decimal,
    /// As rated from what is known now.
    pub now: Decimal,
}

impl Change {
    /// What there is more now.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn difference(self) -> Result<Decimal, DecimalError> {
        self.now.checked_sub(self.was)
    }
}

/// What is different between a closed period as last stated and as rated now; `None` when
/// nothing is.
pub fn correction(stated: &Statement, now: &Statement) -> Option<Correction> {
    let mut lines = changes(&amounts(stated), &amounts(now));
    let order: BTreeMap<&str, usize> =
        now.lines.iter().enumerate().map(|(at, line)| (line.path.as_str(), at)).collect();
    lines.sort_by_key(|(path, _)| order.get(path.as_str()).copied().unwrap_or(usize::MAX));
    let balances = changes(&stated.closing, &now.closing);
    let payable = Change { was: stated.payable, now: now.payable };
    let same = payable.was == payable.now && lines.is_empty() && balances.is_empty();
    (!same).then(|| Correction {
        statement: stated.id(),
        period: stated.period.to_string(),
        payable,
        lines,
        balances,
    })
}

fn amounts(statement: &Statement) -> BTreeMap<String, Decimal> {
    statement.lines.iter().map(|line| (line.path.clone(), line.amount)).collect()
}

fn changes(
    was: &BTreeMap<String, Decimal>,
    now: &BTreeMap<String, Decimal>,
) -> Vec<(String, Change)> {
    let names: BTreeSet<String> = was.keys().chain(now.keys()).cloned().collect();
    let change = |name: String| {
        let of = |map: &BTreeMap<String, Decimal>| map.get(&name).copied().unwrap_or(Decimal::ZERO);
        let change = Change { was: of(was), now: of(now) };
        (change.was != change.now).then_some((name, change))
    };
    names.into_iter().filter_map(change).collect()
}

/// The corrections that a statement states, read back from its lines.
pub fn stated(statement: &Statement) -> Vec<Correction> {
    let (mut found, mut lines, mut balances) = (Vec::new(), Vec::new(), Vec::new());
    for line in statement.lines.iter().filter(|line| line.kind == LineKind::Correction) {
        let note = |name: &str| line.notes.get(name).cloned().unwrap_or_default();
        let amount = |name: &str| note(name).parse().unwrap_or(Decimal::ZERO);
        let change = Change { was: amount("was"), now: amount("now") };
        let corrects = note("corrects");
        let period = corrects.split(':').nth(1).unwrap_or_default().to_owned();
        match corrects.split_once('/').map(|(_, path)| path) {
            Some(path) => match path.strip_prefix("balance.") {
                Some(name) => balances.push((name.to_owned(), change)),
                None => lines.push((path.to_owned(), change)),
            },
            None => found.push(Correction {
                statement: corrects,
                period,
                payable: change,
                lines: std::mem::take(&mut lines),
                balances: std::mem::take(&mut balances),
            }),
        }
    }
    found
}

/// Prints the corrections after the last step: what changed line by line, and then the difference
/// of what is payable.
pub(crate) fn print(corrections: &[Correction], run: &mut Run<'_>) -> Result<(), SettleError> {
    for correction in corrections {
        run.begin_named("correction");
        let parts = correction.lines.iter().map(|(path, change)| (path.clone(), change));
        let balances = correction.balances.iter();
        let balances = balances.map(|(name, change)| (format!("balance.{name}"), change));
        for (path, change) in parts.chain(balances) {
            let found = entry(*change, Effect::Keep, run)?;
            let corrects = format!("{}/{path}", correction.statement);
            let part = format!("{}/{path}", correction.period);
            run.print(found.part(part).note("corrects", corrects))?;
        }
        let whole = entry(correction.payable, Effect::Add, run)?.part(&correction.period);
        run.print(whole.note("corrects", &correction.statement))?;
    }
    Ok(())
}

fn entry(change: Change, effect: Effect, run: &Run<'_>) -> Result<Entry, SettleError> {
    let difference = run.fit(change.difference())?;
    let entry = Entry::stating(LineKind::Correction, difference, effect);
    Ok(entry.note("was", change.was.canonical()).note("now", change.now.canonical()))
}
