//! `quarantine`: sets apart the losses of single large players, and lets them alone work them off.

use super::Apply;
use super::apportion::in_proportion;
use super::parts::part_name;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind};
use ledger::Decimal;

/// Keeps what large players won from a running amount of revenue.
///
/// What a player has left set apart is worked off first, by the player's own revenue. If the
/// running amount is below zero then, and players lost the house at least `threshold`, it is set
/// apart: as far as their losses go, in proportion to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// The measure of revenue, below zero where players won.
    pub measure: String,
    /// The dimension that tells players apart.
    pub by: String,
    /// How much revenue below zero makes a player a large one; above zero.
    pub threshold: Decimal,
}

impl Apply for Quarantine {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let opening = apart(run)?;
        let entry = Entry::stating(LineKind::BroughtForward, opening, Effect::Keep);
        run.print(entry.part("opening"))?;
        let mut players = Vec::new();
        for row in run.rows(&self.measure, std::slice::from_ref(&self.by), run.window())? {
            let player = part_name(row.by.iter().map(|(_, value)| value.as_str()));
            players.push((player, run.asset().decimal(row.value)));
        }
        for (player, revenue) in &players {
            work_off(player, *revenue, run)?;
        }
        self.set_apart(&players, run)?;
        let closing = apart(run)?;
        run.print(Entry::stating(LineKind::CarriedForward, closing, Effect::Keep))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.number(self.threshold);
        checker.ensure(self.threshold > Decimal::ZERO, "its threshold is not above zero");
        checker.ensure(!self.by.is_empty(), "it names no dimension");
        checker.measure_by(&self.measure, std::slice::from_ref(&self.by), checker.window());
        let settled = checker.settled_in().code == checker.asset().code;
        checker.ensure(settled, "balances are kept in the agreement's asset alone");
        checker.keeps();
        checker.prints_part("opening");
        checker.prints();
    }

    fn write(&self) -> Map {
        Map::from([
            ("by".into(), text(&self.by)),
            ("measure".into(), text(&self.measure)),
            ("threshold".into(), text(self.threshold.canonical())),
        ])
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        Ok(Self {
            measure: fields.text("measure")?,
            by: fields.text("by")?,
            threshold: fields.parse("threshold")?,
        })
    }
}

impl Quarantine {
    fn set_apart(
        &self,
        players: &[(String, Decimal)],
        run: &mut Run<'_>,
    ) -> Result<(), SettleError> {
        let mut large: Vec<(&str, Decimal)> = Vec::new();
        let (mut losses, mut weights) = (Decimal::ZERO, Vec::new());
        for (player, revenue) in players {
            let loss = run.fit(revenue.checked_neg())?;
            if loss >= self.threshold {
                losses = run.fit(losses.checked_add(loss))?;
                weights.push(loss.to_minor(run.asset().scale).map_err(|_| run.overflow())?);
                large.push((player, loss));
            }
        }
        let below = run.fit(run.running().checked_neg())?;
        let amount = below.min(losses);
        if amount <= Decimal::ZERO {
            return Ok(());
        }
        // The running amount may be finer than the asset: then so are the parts.
        let scale = amount.canonical().scale().max(run.asset().scale);
        let minor = amount.to_minor(scale).map_err(|_| run.overflow())?;
        let parts = in_proportion(minor, &weights).ok_or_else(|| run.overflow())?;
        for ((player, loss), minor) in large.into_iter().zip(parts) {
            let part = Decimal::from_minor(minor, scale).canonical();
            let sum = run.fit(run.balance(player).checked_add(part))?;
            run.set_balance(player, sum);
            let taken = Taken { base: Some(loss), rate: None, amount: part, readings: Vec::new() };
            let entry = Entry::of(LineKind::Quarantine, taken, Effect::Add);
            let entry = entry.part(format!("apart/{player}"));
            run.print(entry.note("limit", amount.canonical()))?;
        }
        Ok(())
    }
}

/// All that is set apart.
fn apart(run: &Run<'_>) -> Result<Decimal, SettleError> {
    run.balances()
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, (_, amount)| run.fit(sum.checked_add(amount)))
}

/// Takes the player's revenue for what the player has set apart.
fn work_off(player: &str, revenue: Decimal, run: &mut Run<'_>) -> Result<(), SettleError> {
    let balance = run.balance(player);
    let amount = balance.min(revenue);
    if amount <= Decimal::ZERO {
        return Ok(());
    }
    let rest = run.fit(balance.checked_sub(amount))?;
    run.set_balance(player, rest);
    let taken = Taken { base: Some(revenue), rate: None, amount, readings: Vec::new() };
    let entry = Entry::of(LineKind::Quarantine, taken, Effect::Subtract);
    run.print(entry.part(format!("worked-off/{player}")).note("limit", balance.canonical()))
}
