//! `carry`: what becomes of a running amount below zero.

use super::Apply;
use crate::canon::{Fields, Map, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use ledger::{Decimal, name};

/// Leaves no running amount below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carry {
    /// Where what is below zero goes.
    pub to: CarryTo,
}

/// Where a running amount below zero goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CarryTo {
    /// Into the step's own balance, which the next statement begins with.
    Forward,
    /// Nowhere: it is forgotten, and the line says so.
    Reset,
    /// Into a balance that several steps share, known by this word: what one product lost is made
    /// good by another, in the order of the steps.
    Shared(String),
}

impl Apply for Carry {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        if self.to == CarryTo::Reset {
            let below = run.fit(Decimal::ZERO.checked_sub(run.running()))?.max(Decimal::ZERO);
            return run.print(Entry::stating(LineKind::Floor, below, Effect::Add));
        }
        let brought = match &self.to {
            CarryTo::Shared(pool) => run.pool(pool),
            _ => run.balance(""),
        };
        let entry = Entry::stating(LineKind::BroughtForward, brought, Effect::Add);
        run.print(self.pooled(entry.part("brought")))?;
        let carried = run.running().min(Decimal::ZERO);
        match &self.to {
            CarryTo::Shared(pool) => run.set_pool(pool, carried),
            _ => run.set_balance("", carried),
        }
        let entry = Entry::stating(LineKind::CarriedForward, carried, Effect::Subtract);
        run.print(self.pooled(entry))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        match &self.to {
            CarryTo::Forward => checker.keeps(),
            CarryTo::Shared(pool) => checker.keeps_pool(pool),
            CarryTo::Reset => {}
        }
        if let CarryTo::Shared(pool) = &self.to {
            let word = name::is_word(pool.as_bytes());
            checker.ensure(word, "the name of its pool is not a lower-case word");
        }
        if self.to != CarryTo::Reset {
            checker.keeps_asset();
            checker.prints_part("brought");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        match &self.to {
            CarryTo::Forward => Map::from([("to".into(), text("forward"))]),
            CarryTo::Reset => Map::from([("to".into(), text("reset"))]),
            CarryTo::Shared(pool) => {
                Map::from([("pool".into(), text(pool)), ("to".into(), text("shared"))])
            }
        }
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let word = fields.text("to")?;
        let to = match word.as_str() {
            "forward" => CarryTo::Forward,
            "reset" => CarryTo::Reset,
            "shared" => CarryTo::Shared(fields.text("pool")?),
            _ => return Err(fields.wrong("to")),
        };
        Ok(Self { to })
    }
}

impl Carry {
    fn pooled(&self, entry: Entry) -> Entry {
        match &self.to {
            CarryTo::Shared(pool) => entry.note("pool", pool),
            _ => entry,
        }
    }
}
