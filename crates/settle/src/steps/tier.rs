//! `tier`: a share whose rate depends on the size of a figure in the period.

use crate::agreement::{Operand, RoundTo};
use crate::statement::Effect;
use ledger::Decimal;

/// Takes a share by bands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// What the rates are taken of.
    pub of: Operand,
    /// Slab only: the figure that chooses the band, where it is not `of`.
    pub by: Option<Operand>,
    /// Slab or marginal.
    pub method: Method,
    /// Ascending by bound, bounds above zero; the last and only the last has none. The first one
    /// also holds for figures below zero.
    pub bands: Vec<Band>,
    /// How the result is rounded (in a marginal tier each band's part); `None` keeps every digit.
    pub round: Option<RoundTo>,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}

/// How the bands apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// The rate of the band that the figure falls in is taken of the whole.
    Slab,
    /// Each band's rate is taken of the part of the figure that falls in the band.
    Marginal,
}

/// One band of a tier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Band {
    /// Where it ends; `None` for the last.
    pub upto: Option<Bound>,
    /// A fraction: `0.25` for 25 %.
    pub rate: Decimal,
}

/// The end of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The figure at the end, in the agreement's asset.
    pub at: Decimal,
    /// Whether a figure equal to `at` still falls in the band (`<= 5000`) or not (`< 5000`).
    pub inclusive: bool,
}
