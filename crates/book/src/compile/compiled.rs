//! What is asked of a compiled book.

use super::Compiled;
use settle::{Agreement, Owed};
use std::collections::BTreeSet;

impl Compiled {
    /// What the running amount of an agreement is to the operator.
    pub fn owed(&self, agreement: &Agreement) -> Owed {
        owed(&self.own_parties, agreement)
    }
}

/// What the running amount of an agreement is to the operator, who is all of these parties.
pub(crate) fn owed(own: &BTreeSet<String>, agreement: &Agreement) -> Owed {
    let is_paid = own.contains(&agreement.to) && !own.contains(&agreement.from);
    if is_paid { Owed::Receivable } else { Owed::Payable }
}
