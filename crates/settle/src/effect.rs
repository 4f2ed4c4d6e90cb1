//! The ledger effect of a statement: the movements that make what it states balances.
//!
//! Every line that changes the running amount moves as much between the running account of the
//! agreement (`settlement:{agreement}:payable`, or `receivable`) and the account of what the line
//! is: `earned`, `deductions`, `tax`, `reserve`, `carry` and so on. Amounts of lines are exact and
//! balances are minor units: each account moves by the difference of its rounded balances, so that
//! after any number of statements it is the rounded balance, and the running account is exactly
//! what is payable.

mod part;

pub use part::{PARTS, Part};

use crate::agreement::Agreement;
use crate::error::SettleError;
use crate::limits::MOVEMENT_MINOR_MAX;
use crate::statement::{Effect, Line, LineKind, Statement};
use crate::steps::{Netted, Rule, Step};
use ledger::{Asset, Decimal, Rounding};
use std::collections::BTreeMap;

/// First segment of the accounts that statements move; no event posts there.
pub const ROOT: &str = "settlement";

/// Whether statements and not events post on the account: `settlement:games-a:payable`.
pub fn is_settlement(account: &str) -> bool {
    account.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with(':'))
}

/// What the running amount of an agreement is to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owed {
    /// The operator pays when it is above zero, or neither party is the operator: a credit.
    Payable,
    /// The operator is paid then: a debit.
    Receivable,
}

impl Owed {
    /// The account's last segment.
    pub fn word(self) -> &'static str {
        match self {
            Self::Payable => "payable",
            Self::Receivable => "receivable",
        }
    }

    /// The running account of an agreement.
    pub fn account(self, agreement: &str) -> String {
        format!("{ROOT}:{agreement}:{}", self.word())
    }
}

/// An amount moved from one account to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Movement {
    /// Rule path of the line that moves it; empty for what the statement begins with.
    pub line: String,
    /// Path of the account debited.
    pub debit: String,
    /// Path of the account credited.
    pub credit: String,
    /// Code of the asset.
    pub asset: String,
    /// Minor units of the asset; above zero.
    pub minor: i128,
}

/// The movements of a statement, which `agreement` was rated to, in the order of its lines.
///
/// # Errors
/// [`SettleError::Overflow`] for an amount above [`MOVEMENT_MINOR_MAX`].
pub fn effect(
    agreement: &Agreement,
    statement: &Statement,
    owed: Owed,
) -> Result<Vec<Movement>, SettleError> {
    let mut mover = Mover {
        agreement,
        owed,
        asset: agreement.asset.clone(),
        running: Decimal::ZERO,
        kept: BTreeMap::new(),
        movements: Vec::new(),
    };
    mover.open(statement)?;
    for line in &statement.lines {
        mover.line(line)?;
    }
    Ok(mover.movements)
}

/// What holding a line back takes from the running account, minor units of the agreement's asset:
/// what the line moved there. Zero for one that moved nothing, and for one that is not there.
pub fn moved_by(movements: &[Movement], line: &str, statement: &Statement, owed: Owed) -> i128 {
    let running = owed.account(&statement.agreement);
    let of = movements.iter().filter(|m| m.line == line && m.asset == statement.asset.code);
    let gains = of.map(|movement| {
        let side = |path: &str| if path == running { movement.minor } else { 0 };
        side(&movement.credit) - side(&movement.debit)
    });
    match owed {
        Owed::Payable => gains.sum(),
        Owed::Receivable => -gains.sum::<i128>(),
    }
}

/// The movement that takes `minor` from what is payable to what is held out of payment.
pub fn hold(statement: &Statement, line: &str, minor: i128, owed: Owed) -> Option<Movement> {
    let agreement = &statement.agreement;
    let (held, running) = (Part::Held.account(agreement), owed.account(agreement));
    movement(owed, (line, &statement.asset.code), (&held, &running), minor)
}

struct Mover<'a> {
    agreement: &'a Agreement,
    owed: Owed,
    /// What the running amount is in.
    asset: Asset,
    /// As the last line left it.
    running: Decimal,
    /// Balances kept from statement to statement, exactly, as they are owed to whom is paid.
    kept: BTreeMap<Part, Decimal>,
    movements: Vec<Movement>,
}

impl Mover<'_> {
    /// Moves what the balances are more at the beginning than the ledger has them: all of them
    /// for the first statement, and what corrections of the statement before changed.
    fn open(&mut self, statement: &Statement) -> Result<(), SettleError> {
        for (name, amount) in &statement.opening {
            self.keep(name, *amount)?;
        }
        let (mut before, from) = match &statement.previous {
            None => (BTreeMap::new(), Part::Opening),
            Some(_) => (self.kept.clone(), Part::Corrections),
        };
        for (name, more) in corrected(statement) {
            let Some((part, counts)) = self.keeper(name) else { continue };
            let more = signed(counts, more).map_err(|_| overflow(name))?;
            let balance = before.entry(part).or_insert(Decimal::ZERO);
            *balance = balance.checked_sub(more).map_err(|_| overflow(name))?;
            self.kept.entry(part).or_insert(Decimal::ZERO);
        }
        for (part, now) in self.kept.clone() {
            let was = before.get(&part).copied().unwrap_or(Decimal::ZERO);
            let moved = self.minor(now, "")? - self.minor(was, "")?;
            self.push("", (&self.account(part), &self.account(from)), moved)?;
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, amount: Decimal) -> Result<(), SettleError> {
        let Some((part, counts)) = self.keeper(name) else { return Ok(()) };
        let amount = signed(counts, amount).map_err(|_| overflow(name))?;
        let balance = self.kept.entry(part).or_insert(Decimal::ZERO);
        *balance = balance.checked_add(amount).map_err(|_| overflow(name))?;
        Ok(())
    }

    /// Which account has a balance, and whether it counts for whom is paid.
    fn keeper(&self, name: &str) -> Option<(Part, bool)> {
        if name.starts_with("pool:") {
            return Some((Part::Carry, true));
        }
        let of = name.split('/').next().unwrap_or_default();
        part::keeper(&self.agreement.steps.iter().find(|step| step.name == of)?.rule)
    }

    fn line(&mut self, line: &Line) -> Result<(), SettleError> {
        let step = self.step_of(line);
        if line.effect == Effect::Keep {
            // An advance paid apart changes what is to be worked off, and nothing that is owed.
            if line.kind == LineKind::Credit && matches!(step, Some(Rule::Advance(_))) {
                let moved = self.change(Part::Advance, line, line.amount)?;
                let (advance, apart) = (self.account(Part::Advance), self.account(Part::Apart));
                self.push(&line.path, (&advance, &apart), moved)?;
            }
            return Ok(());
        }
        let counter = match step {
            Some(Rule::Net(net)) => net.netted(line).map(Netted::account),
            _ => None,
        };
        let part = Part::of(step, line.kind);
        let is_kept = step.is_some_and(|rule| part::keeps(rule, line.kind));
        let counter = counter.unwrap_or_else(|| self.account(part));
        let asset = line.asset.as_ref().unwrap_or(&self.agreement.asset);
        if *asset != self.asset {
            let left = self.minor(self.running, &line.path)?;
            let (running, exchange) = (self.running_account(), self.account(Part::Exchange));
            self.push(&line.path, (&running, &exchange), -left)?;
            (self.asset, self.running) = (asset.clone(), Decimal::ZERO);
        }
        let more = line.running.checked_sub(self.running).map_err(|_| overflow(&line.path))?;
        let was = self.minor(self.running, &line.path)?;
        let moved = self.minor(line.running, &line.path)? - was;
        self.running = line.running;
        self.push(&line.path, (&self.running_account(), &counter), moved)?;
        if is_kept {
            let kept = self.change(part, line, more)?;
            let (account, rounding) = (self.account(part), self.account(Part::Rounding));
            self.push(&line.path, (&account, &rounding), kept + moved)?;
        }
        Ok(())
    }

    /// Takes `amount` from a balance that is kept; gives how many minor units it is more then.
    fn change(&mut self, part: Part, line: &Line, amount: Decimal) -> Result<i128, SettleError> {
        let was = self.kept.get(&part).copied().unwrap_or(Decimal::ZERO);
        let now = was.checked_sub(amount).map_err(|_| overflow(&line.path))?;
        self.kept.insert(part, now);
        Ok(self.minor(now, &line.path)? - self.minor(was, &line.path)?)
    }

    /// The step that printed a line; none printed a correction.
    fn step_of(&self, line: &Line) -> Option<&Rule> {
        let (place, _) = line.path.split_once("0-")?;
        let place: usize = place.parse().ok()?;
        let step: &Step = self.agreement.steps.get(place.checked_sub(1)?)?;
        (line.kind != LineKind::Correction).then_some(&step.rule)
    }

    fn account(&self, part: Part) -> String {
        part.account(&self.agreement.name)
    }

    fn running_account(&self) -> String {
        self.owed.account(&self.agreement.name)
    }

    fn minor(&self, amount: Decimal, line: &str) -> Result<i128, SettleError> {
        let scale = self.asset.scale;
        let rounded = amount.round(scale, Rounding::HalfEven);
        let minor = rounded.and_then(|rounded| rounded.to_minor(scale));
        let minor = minor.map_err(|_| overflow(line))?;
        if minor.abs() > MOVEMENT_MINOR_MAX { Err(overflow(line)) } else { Ok(minor) }
    }

    fn push(&mut self, line: &str, accounts: (&str, &str), minor: i128) -> Result<(), SettleError> {
        if minor.abs() > MOVEMENT_MINOR_MAX {
            return Err(overflow(line));
        }
        self.movements.extend(movement(self.owed, (line, &self.asset.code), accounts, minor));
        Ok(())
    }
}

/// `minor` more on the first account, as it is owed to whom is paid, and less on the second.
fn movement(
    owed: Owed,
    (line, asset): (&str, &str),
    (more, less): (&str, &str),
    minor: i128,
) -> Option<Movement> {
    let credits = (owed == Owed::Payable) == (minor > 0);
    let (credit, debit) = if credits { (more, less) } else { (less, more) };
    (minor != 0).then(|| Movement {
        line: line.to_owned(),
        debit: debit.to_owned(),
        credit: credit.to_owned(),
        asset: asset.to_owned(),
        minor: minor.abs(),
    })
}

/// The balances of the statement before that late facts changed, with what they are more.
fn corrected(statement: &Statement) -> Vec<(&str, Decimal)> {
    let Some(previous) = &statement.previous else { return Vec::new() };
    let of = statement.lines.iter().filter(|line| line.kind == LineKind::Correction);
    let balances = of.filter_map(|line| {
        let rest = line.notes.get("corrects")?.strip_prefix(&previous.id)?;
        Some((rest.strip_prefix("/balance.")?, line.amount))
    });
    balances.collect()
}

fn signed(counts: bool, amount: Decimal) -> Result<Decimal, ledger::DecimalError> {
    if counts { Ok(amount) } else { amount.checked_neg() }
}

fn overflow(line: &str) -> SettleError {
    SettleError::Overflow { step: line.to_owned() }
}
