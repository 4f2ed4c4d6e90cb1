//! `cap`: bounds the running amount from above.

use crate::agreement::Figure;

/// Lowers the running amount to at most `limit`; the line states what is forgone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The most that is owed.
    pub limit: Figure,
}
