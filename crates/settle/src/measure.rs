//! Measures: named, signed combinations of account totals (`ggr = stakes - wins`).

mod cut;
mod encode;
mod grain;
mod group;
mod matcher;

pub use cut::Cut;
pub(crate) use cut::counted;
pub use grain::{DAY, EVENT, Grain, OWN_DIMS, account_of, dims_of};
pub use group::{Need, measure, measure_at, measure_of};
pub use matcher::Matcher;

use ledger::Total;
use std::collections::{BTreeMap, BTreeSet};

/// A named figure made from account totals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measure {
    /// `[a-z][a-z0-9_-]*`, unique in a book.
    pub name: String,
    /// What people read.
    pub title: crate::Title,
    /// What is added and taken away; a measure made of others is given flattened.
    pub terms: Vec<Term>,
    /// When what it counts counts, where not at its own time.
    pub cut: Option<Cut>,
}

/// Accounts whose totals a measure adds or takes away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// Added or taken away.
    pub sign: Sign,
    /// Which accounts: one element per segment of the path, and as many segments.
    pub template: Vec<Seg>,
    /// What of an account's total.
    pub side: Side,
}

/// Whether a term is added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Added.
    Plus,
    /// Taken away.
    Minus,
}

/// What of an account's total counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The debits.
    Debit,
    /// The credits.
    Credit,
    /// Credits less debits, so that a cancel takes back what it cancels.
    Net,
}

/// One segment of an account path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seg {
    /// This text, as it stands in paths.
    Literal(String),
    /// Any value, known by this dimension's name: `provider`. A template's `{kind}` and
    /// `{source}` are the dimensions `kind` and `source`.
    Dim(String),
    /// Any value without a name.
    Any,
}

/// Which accounts count: for each dimension named here, only those with one of its values.
/// Dimensions not named are not restricted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selection {
    /// Allowed values (as in events, not escaped) by dimension. No value allowed matches nothing.
    pub dims: BTreeMap<String, BTreeSet<String>>,
}

/// The total of one account in one asset, over some span of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountSum {
    /// Account path; finer sums, and sums over other spans, have a longer one (see [`Grain`]).
    pub path: String,
    /// Asset code.
    pub asset: String,
    /// What was posted.
    pub total: Total,
}

/// One row of a measure: its value in one asset and one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeasureRow {
    /// The dimensions asked for and their values, in the order asked for.
    pub by: Vec<(String, String)>,
    /// Asset code.
    pub asset: String,
    /// Minor units of the asset.
    pub value: i128,
    /// Postings on the accounts that matched; an account that several terms match counts once.
    pub count: u64,
}
