//! The steps of agreements as files spell them, each in a file of its own.

mod advance;
mod cap;
mod carry;
mod credit;
mod deduct;
mod exchange;
mod figure;
mod fixed;
mod free_rounds;
mod hierarchy;
mod item;
mod jackpot;
mod minimum;
mod net;
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

pub use advance::{AdvanceSpec, GrantSpec, PaidWord};
pub use cap::CapSpec;
pub use carry::{CarrySpec, CarryWord};
pub use credit::CreditSpec;
pub use deduct::{DeductSpec, DeductionSpec, ExcessWord};
pub use exchange::{DateWord, ExchangeSpec, LevelWord, QuotesSpec};
pub use figure::{EffectWord, FigureParts, FigureSpec, OperandSpec, RoundSpec, RoundingWord};
pub use fixed::FixedSpec;
pub use free_rounds::FreeRoundsSpec;
pub use hierarchy::{FloorWord, HierarchySpec, LevelRateSpec, NetLossSpec};
pub use item::{CountWord, ItemSpec};
pub use jackpot::JackpotSpec;
pub use minimum::MinimumSpec;
pub use net::NetSpec;
pub use plugin::{PluginReadSpec, PluginSpec};
pub use quarantine::QuarantineSpec;
pub use reserve::{ReserveSpec, RollingSpec};
pub use round::RoundStepSpec;
pub use select::SelectSpec;
pub use share::ShareSpec;
pub use split::{PartSpec, SplitSpec};
pub use sum::SumSpec;
pub use tax::{TaxItemSpec, TaxSpec, TaxWord};
pub use threshold::ThresholdSpec;
pub use tier::{BandSpec, MethodWord, TierSpec, WindowWord};
pub use total::TotalSpec;

use super::Title;
use super::agreement::StepsOf;
use crate::diagnostic::{Place, Placed};
use settle::Rule;

/// What is written on the lines of a step: `step_record!` gives it.
pub trait Headed {
    /// Name, title and label.
    fn head(&self) -> Head<'_>;
}

/// What every kind of step gives: a new kind is a file with this and a line in `steps!`.
pub trait Spell: Headed {
    /// Settlement's own form of it; mistakes are reported. `place` is that of its name.
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule;
}

/// What every step may say of its lines.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// The name, where one is given.
    pub name: Option<&'a Placed<String>>,
    /// What people read.
    pub title: Option<&'a Title>,
    /// How the lines are classed.
    pub label: Option<&'a LabelSpec>,
}

crate::record! {
    /// How lines are classed, for those who sort statements by it.
    pub struct LabelSpec {
        /// The class: `Order`.
        pub class as "type": String,
        /// The class within it: `Commission`.
        pub subclass as "subtype": String = default,
    }
}

/// Defines the record of a step: its own keys, and those that every step has.
#[macro_export]
macro_rules! step_record {
    ($(#[$meta:meta])* pub struct $record:ident { $($body:tt)* }) => {
        $crate::record! {
            $(#[$meta])*
            pub struct $record {
                /// Name of the line; the step's own word where nothing is said.
                pub name: Option<$crate::diagnostic::Placed<String>> = default,
                /// What people read on the line.
                pub title: Option<$crate::file::Title> = default,
                /// How the line is classed.
                pub label: Option<$crate::file::steps::LabelSpec> = default,
                $($body)*
            }
        }

        impl $crate::file::steps::Headed for $record {
            fn head(&self) -> $crate::file::steps::Head<'_> {
                $crate::file::steps::Head {
                    name: self.name.as_ref(),
                    title: self.title.as_ref(),
                    label: self.label.as_ref(),
                }
            }
        }
    };
}

macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident($spec:ty) = $word:literal,)*) => {
        crate::tagged! {
            /// One step of an agreement. Steps run in order, each on the running amount that the
            /// one before it left.
            pub enum StepSpec { $($(#[$doc])* $step($spec) = $word,)* }
        }

        impl StepSpec {
            /// The step's word, and what it spells.
            pub fn spell(&self) -> (&'static str, &dyn Spell) {
                match self { $(Self::$step(spec) => ($word, spec),)* }
            }
        }
    };
}

steps! {
    /// Narrows what following steps read.
    Select(SelectSpec) = "select",
    /// Reads a measure.
    Sum(SumSpec) = "sum",
    /// Takes named deductions, in order.
    Deduct(DeductSpec) = "deduct",
    /// Takes a share whose rate depends on the size of a figure.
    Tier(TierSpec) = "tier",
    /// Takes a share at one rate.
    Share(ShareSpec) = "share",
    /// Tops the running amount up to a guaranteed one.
    Minimum(MinimumSpec) = "minimum",
    /// Bounds the running amount from above.
    Cap(CapSpec) = "cap",
    /// Rounds the running amount.
    Round(RoundStepSpec) = "round",
    /// Adds earlier lines up.
    Total(TotalSpec) = "total",
    /// Takes a fixed amount for each period.
    Fixed(FixedSpec) = "fixed",
    /// Takes so much for each.
    Item(ItemSpec) = "item",
    /// Splits a figure into named parts.
    Split(SplitSpec) = "split",
    /// Leaves no running amount below zero.
    Carry(CarrySpec) = "carry",
    /// Works off what was paid in advance.
    Advance(AdvanceSpec) = "advance",
    /// Holds back what is too small to pay.
    Threshold(ThresholdSpec) = "threshold",
    /// Turns amounts into another asset.
    Exchange(ExchangeSpec) = "exchange",
    /// Takes taxes, added, included or held back.
    Tax(TaxSpec) = "tax",
    /// Holds back a part, and releases it later.
    Reserve(ReserveSpec) = "reserve",
    /// Pays commissions down the tree of parties.
    Hierarchy(HierarchySpec) = "hierarchy",
    /// Sets large losses of single players apart.
    Quarantine(QuarantineSpec) = "quarantine",
    /// Sells credit and draws from it.
    Credit(CreditSpec) = "credit",
    /// Takes contributions to a jackpot, and repays its wins.
    Jackpot(JackpotSpec) = "jackpot",
    /// Takes what free rounds cost, by who funds them.
    FreeRounds(FreeRoundsSpec) = "free-rounds",
    /// Puts what several agreements of the same parties come to into one payment.
    Net(NetSpec) = "net",
    /// Hands figures to a sandboxed program.
    Plugin(PluginSpec) = "plugin",
}
