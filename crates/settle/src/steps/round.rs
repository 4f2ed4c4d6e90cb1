//! `round`: the only step that drops digits.

use crate::agreement::RoundTo;

/// Rounds the running amount; the line states the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// How.
    pub to: RoundTo,
}
