//! Statements: the result of one agreement for one period, line by line.

mod body;
mod extra;
mod line_id;

pub use body::money;
pub(crate) use body::statement_id;
pub use line_id::LineId;

use crate::agreement::Title;
use crate::calendar::Due;
use crate::outside::QuoteUsed;
use crate::period::Period;
use ledger::time::Span;
use ledger::{Asset, Decimal};
use std::collections::BTreeMap;

/// The result of one agreement for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Name of the agreement.
    pub agreement: String,
    /// Version of the agreement.
    pub version: u32,
    /// The period.
    pub period: Period,
    /// The period's time, nanoseconds UTC, as resolved when the period was opened.
    pub span: Span,
    /// The party that pays when `payable` is above zero.
    pub from: String,
    /// The party that is paid then.
    pub to: String,
    /// What it is settled in.
    pub asset: Asset,
    /// The statement before, where balances come from it.
    pub previous: Option<Previous>,
    /// Balances at the beginning, by name, in the agreement's asset; none that is zero.
    pub opening: BTreeMap<String, Decimal>,
    /// What each step did, in order, and then what is corrected.
    pub lines: Vec<Line>,
    /// Balances at the end.
    pub closing: BTreeMap<String, Decimal>,
    /// Exchange rates that were used.
    pub quotes: Vec<QuoteUsed>,
    /// When what is payable falls due, in parts; empty where the agreement does not say, or counts
    /// from the day of the close, which a body does not know.
    pub due: Vec<Due>,
    /// The running amount after the last line; never more decimals than the asset has.
    pub payable: Decimal,
}

/// The statement that another one continues.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Previous {
    /// Its id: `agreement:period:version`.
    pub id: String,
    /// SHA-256 of its body, as 64 hexadecimal digits.
    pub body_hash: String,
}

/// How an agreement classes a line, for those who sort statements by it: `Order`, `ItemFees`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The class; empty for none.
    pub kind: String,
    /// The class within it; empty for none.
    pub subkind: String,
}

/// One thing that one step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Statement id and rule path: `provider-share:2016-11:1/20-share`.
    pub id: String,
    /// Rule path: ten times the step's place, its name, and for a part the part's name:
    /// `20-ngr/bonus`. Never the same twice in a statement.
    pub path: String,
    /// What kind of thing.
    pub kind: LineKind,
    /// What later steps refer to the line by: the name of the step (`ngr`), of a deduction
    /// (`bonus`, and `bonus/excess`), or of another part of a step (`ngr/floor`, `share/2`).
    pub name: String,
    /// What people read, where the agreement says it.
    pub title: Title,
    /// How the agreement classes it.
    pub label: Label,
    /// What the amounts are in, where it is not the agreement's asset.
    pub asset: Option<Asset>,
    /// How many the amount is of, where it is so much for each.
    pub quantity: Option<Decimal>,
    /// What the amount was taken of; absent where the amount is a figure as it stands.
    pub base: Option<Decimal>,
    /// The fraction taken of it.
    pub rate: Option<Decimal>,
    /// What the line states; a deduction states what was deducted, as a positive number.
    pub amount: Decimal,
    /// What the amount did to the running amount.
    pub effect: Effect,
    /// The running amount after the line.
    pub running: Decimal,
    /// Every measure that the line read, in the order read.
    pub readings: Vec<Reading>,
    /// What else decided the amount: `limit` (the most or least allowed), `band` and `upto` (of a
    /// tier), `by` (what chose the band), `round` (how it was rounded), `dim.provider` (values
    /// selected). Amounts in notes have no trailing zeros.
    pub notes: BTreeMap<String, String>,
}

/// A measure's value as a line read it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Name of the measure.
    pub measure: String,
    /// Its value under the selection in force.
    pub value: Decimal,
    /// Postings that it stands on.
    pub count: u64,
}

/// What a line's amount did to the running amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The running amount is now the amount.
    Set,
    /// The amount was added.
    Add,
    /// The amount was taken away.
    Subtract,
    /// Nothing: the line states a figure only.
    Keep,
}

/// What kind of thing a line states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// Which accounts the following lines read.
    Select,
    /// A measure.
    Sum,
    /// One deduction of a waterfall.
    Deduct,
    /// What a deduction could not take because of its cap or the floor.
    Excess,
    /// What was added so that the running amount is not below zero.
    Floor,
    /// What remains after all parts of a step.
    Result,
    /// What one band of a marginal tier gives.
    Band,
    /// What a tier gives.
    Tier,
    /// A share.
    Share,
    /// What was added to reach a minimum.
    TopUp,
    /// What was taken away to keep a cap.
    Forgone,
    /// What rounding added (or, below zero, took away).
    Round,
    /// A balance brought forward.
    BroughtForward,
    /// A balance carried forward.
    CarriedForward,
    /// A fixed amount.
    Fixed,
    /// So much for each.
    Item,
    /// What one group gives: a sale, a player, a product.
    Group,
    /// A part of a split.
    Part,
    /// What one level of a hierarchy keeps.
    Level,
    /// Losses of one player set apart.
    Quarantine,
    /// What a reserve holds back.
    Hold,
    /// What a reserve releases.
    Release,
    /// Credit bought.
    Bought,
    /// Credit drawn.
    Drawn,
    /// A fact about a credit: its balance, its low-water mark, the days it lasts.
    Credit,
    /// What an advance took of what was earned.
    Recouped,
    /// What a jackpot or a fund takes in.
    Contribution,
    /// A jackpot win paid back.
    Repaid,
    /// Free rounds, by who funds them.
    FreeRounds,
    /// An exchange into another asset.
    Exchange,
    /// A tax added or included.
    Tax,
    /// A tax held back.
    Withholding,
    /// What is not paid because it is below a threshold.
    HeldBack,
    /// A sum of lines.
    Total,
    /// What a plug-in gives.
    Plugin,
    /// What a late fact changed in a closed period.
    Correction,
    /// What the statements of another agreement came to.
    Net,
}

/// The part of a statement that a line stands in, as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Balances brought forward.
    Opening,
    /// What was earned.
    Earned,
    /// What is taken from it.
    Deductions,
    /// Taxes.
    Tax,
    /// Reserves held and released.
    Reserve,
    /// What is carried to the next period.
    Carry,
    /// Exchange into another asset.
    Exchange,
    /// Corrections of closed periods.
    Corrections,
}

impl LineKind {
    /// Where the line stands.
    pub fn section(self) -> Section {
        match self {
            Self::BroughtForward => Section::Opening,
            Self::Deduct | Self::Excess | Self::Floor | Self::Forgone | Self::Repaid => {
                Section::Deductions
            }
            Self::Tax | Self::Withholding => Section::Tax,
            Self::Hold | Self::Release => Section::Reserve,
            Self::CarriedForward
            | Self::HeldBack
            | Self::Recouped
            | Self::Quarantine
            | Self::Credit => Section::Carry,
            Self::Exchange => Section::Exchange,
            Self::Correction => Section::Corrections,
            _ => Section::Earned,
        }
    }
}
