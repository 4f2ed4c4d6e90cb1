//! `share`: a figure, usually a rate of the running amount.

use crate::agreement::Figure;
use crate::statement::Effect;

/// Takes a share at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// How much: `of × rate`.
    pub amount: Figure,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}
