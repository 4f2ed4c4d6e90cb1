//! `minimum`: tops the running amount up to a guaranteed one.

use crate::agreement::Figure;

/// Raises the running amount to at least `amount`; the line states the top-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimum {
    /// What is guaranteed.
    pub amount: Figure,
}
