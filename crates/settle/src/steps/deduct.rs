//! `deduct`: an ordered waterfall of named deductions from the running amount.

use crate::agreement::Figure;

/// Takes each deduction in turn from the running amount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deduct {
    /// In order; names are unique in the agreement.
    pub items: Vec<Deduction>,
    /// Whether a deduction takes no more than what is left above zero, the rest being excess, and
    /// a running amount below zero at the end is raised to zero.
    pub floor_at_zero: bool,
}

/// One deduction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// `[a-z][a-z0-9_-]*`; the line's name.
    pub name: String,
    /// How much; an amount below zero is added to the running amount, whatever the limits.
    pub amount: Figure,
    /// At most this much (a figure below zero counts as zero); what is above it is excess. The
    /// operand `Running` is here the running amount before the first deduction of the step.
    pub cap: Option<Figure>,
}
