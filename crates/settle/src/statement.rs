//! Statements: the result of one agreement for one period, line by line.

mod body;
mod line_id;

pub use body::money;
pub(crate) use body::statement_id;
pub use line_id::LineId;

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
    /// What each step did, in order. Which lines there are follows from the agreement alone.
    pub lines: Vec<Line>,
    /// The running amount after the last line; never more decimals than the asset has.
    pub payable: Decimal,
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
}
