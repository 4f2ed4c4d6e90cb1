//! The typed steps of an agreement, each in a file of its own: its parameters, what it does to the
//! running amount, and the lines it prints.

mod advance;
mod apportion;
mod cap;
mod carry;
mod credit;
mod deduct;
mod exchange;
mod fixed;
mod free_rounds;
mod hierarchy;
mod item;
mod jackpot;
mod minimum;
mod net;
mod parts;
mod plugin;
mod quarantine;
mod reserve;
mod round;
mod select;
mod share;
mod split;
mod sum;
mod tax;
mod threshold;
mod tier;
mod total;

pub use advance::{Advance, Grant};
pub use cap::Cap;
pub use carry::{Carry, CarryTo};
pub use credit::Credit;
pub use deduct::{Deduct, Deduction};
pub use exchange::{Exchange, RateOf};
pub use fixed::Fixed;
pub use free_rounds::FreeRounds;
pub use hierarchy::{Hierarchy, LevelRate, NetLoss};
pub use item::{Count, Item};
pub use jackpot::Jackpot;
pub use minimum::Minimum;
pub use net::{Net, Netted, measure_name};
pub use plugin::{Plugin, PluginRead};
pub use quarantine::Quarantine;
pub use reserve::{Reserve, Rolling};
pub use round::Round;
pub use select::Select;
pub use share::Share;
pub use split::{Gets, Part, Split};
pub use sum::Sum;
pub use tax::{Tax, TaxItem, TaxMethod};
pub use threshold::Threshold;
pub use tier::{Band, Bound, Method, Tier};
pub use total::Total;

use crate::agreement::Title;
use crate::canon::{Fields, Map, Value, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::run::Run;
use crate::statement::Label;

/// One step of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `[a-z][a-z0-9_-]*`; unique in the agreement, names of deductions included.
    pub name: String,
    /// What people read on its lines; empty where the name says enough.
    pub title: Title,
    /// How its lines are classed.
    pub label: Label,
    /// What it does.
    pub rule: Rule,
}

/// What every kind of step gives; a new kind is a file with this and a line in `rules!`.
pub(crate) trait Apply {
    /// Changes the running amount and prints lines, always the same ones.
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError>;

    /// Tells the checker what is read, which lines are printed, and what is wrong.
    fn check(&self, checker: &mut Checker<'_>);

    /// The parameters as canonical fields.
    fn write(&self) -> Map;

    /// Reads what [`Apply::write`] writes.
    fn read(fields: &mut Fields) -> Result<Self, SettleError>
    where
        Self: Sized;
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What a step does.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Rule { $($(#[$doc])* $name($name),)* }

        impl Rule {
            /// The words of all kinds of steps.
            pub const WORDS: &[&'static str] = &[$($word,)*];

            /// The word used in books and encoded agreements.
            pub fn word(&self) -> &'static str {
                match self { $(Self::$name(_) => $word,)* }
            }

            pub(crate) fn step(&self) -> &dyn Apply {
                match self { $(Self::$name(step) => step,)* }
            }

            fn read(word: &str, fields: &mut Fields) -> Result<Self, SettleError> {
                match word {
                    $($word => $name::read(fields).map(Self::$name),)*
                    _ => Err(fields.wrong("step")),
                }
            }
        }
    };
}

rules! {
    /// Narrows the accounts that following steps read.
    Select = "select",
    /// Reads a measure.
    Sum = "sum",
    /// Takes named deductions from the running amount.
    Deduct = "deduct",
    /// Takes a share whose rate depends on the size of a figure.
    Tier = "tier",
    /// Takes a share at one rate.
    Share = "share",
    /// Tops the running amount up.
    Minimum = "minimum",
    /// Bounds the running amount from above.
    Cap = "cap",
    /// Rounds the running amount.
    Round = "round",
    /// Adds earlier lines up.
    Total = "total",
    /// Turns amounts into another asset.
    Exchange = "exchange",
    /// Takes taxes, added, included or held back.
    Tax = "tax",
    /// Holds back a part, and releases it later.
    Reserve = "reserve",
    /// Takes a fixed amount for each period.
    Fixed = "fixed",
    /// Takes so much for each.
    Item = "item",
    /// Splits a figure into named parts.
    Split = "split",
    /// Leaves no running amount below zero.
    Carry = "carry",
    /// Works off what was paid in advance.
    Advance = "advance",
    /// Holds back what is too small to pay.
    Threshold = "threshold",
    /// Pays commissions down a tree of parties.
    Hierarchy = "hierarchy",
    /// Sets large losses of single players apart.
    Quarantine = "quarantine",
    /// Sells credit and draws from it.
    Credit = "credit",
    /// Takes contributions to a jackpot, and repays its wins.
    Jackpot = "jackpot",
    /// Takes what free rounds cost, by who funds them.
    FreeRounds = "free-rounds",
    /// Puts what several agreements come to into one payment.
    Net = "net",
    /// Hands figures to a sandboxed program.
    Plugin = "plugin",
}

impl Step {
    pub(crate) fn value(&self) -> Value {
        let mut map = self.rule.step().write();
        map.insert("name".into(), text(&self.name));
        map.insert("step".into(), text(self.rule.word()));
        if self.title != Title::default() {
            map.insert("title".into(), self.title.value());
        }
        if self.label != Label::default() {
            map.insert("label".into(), self.label.value());
        }
        Value::Map(map)
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let word = fields.text("step")?;
        Ok(Self {
            name: fields.text("name")?,
            title: Title::read_or_none(&mut fields)?,
            label: Label::read_or_none(&mut fields)?,
            rule: Rule::read(&word, &mut fields)?,
        })
    }
}
