//! `sum`: reads a measure.

use crate::statement::Effect;

/// Reads a measure under the selection in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Name of the measure.
    pub measure: String,
    /// What becomes of the running amount; [`Effect::Set`] by default.
    pub effect: Effect,
}
