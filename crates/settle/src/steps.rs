//! The typed steps of an agreement, each in a file of its own: its parameters, what it does to the
//! running amount, and the lines it prints.

mod cap;
mod deduct;
mod minimum;
mod round;
mod select;
mod share;
mod sum;
mod tier;

pub use cap::Cap;
pub use deduct::{Deduct, Deduction};
pub use minimum::Minimum;
pub use round::Round;
pub use select::Select;
pub use share::Share;
pub use sum::Sum;
pub use tier::{Band, Bound, Method, Tier};

/// One step of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `[a-z][a-z0-9_-]*`; unique in the agreement, names of deductions included.
    pub name: String,
    /// What it does.
    pub rule: Rule,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Narrows the accounts that following steps read.
    Select(Select),
    /// Reads a measure.
    Sum(Sum),
    /// Takes named deductions from the running amount.
    Deduct(Deduct),
    /// Takes a share whose rate depends on the size of a figure.
    Tier(Tier),
    /// Takes a share at one rate.
    Share(Share),
    /// Tops the running amount up.
    Minimum(Minimum),
    /// Bounds the running amount from above.
    Cap(Cap),
    /// Rounds the running amount.
    Round(Round),
}
