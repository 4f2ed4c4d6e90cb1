//! What really happened, as the oracle is told it.

use std::collections::BTreeMap;

/// Source and id: what an event is known by.
pub type Name = (String, String);

/// One arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// A valid event, whether new or a repeat.
    Event(Fact),
    /// A line that cannot be posted: unreadable, or readable but wrong.
    Broken {
        /// The bytes as they came, without the end of line.
        raw: Vec<u8>,
    },
}

/// What an event does to the one that it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Counts by itself. With a reference it waits for the original, and leaves it as it is.
    Counts,
    /// Takes back the original that it refers to.
    Cancels,
}

/// A valid event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The feed that reported it.
    pub source: String,
    /// Its id within the source.
    pub id: String,
    /// Its kind, as in the book.
    pub kind: String,
    /// What it does to its original.
    pub role: Role,
    /// When it happened, in nanoseconds since 1970 UTC.
    pub occurred_at_ns: i64,
    /// Its amount in the asset's minor units.
    pub amount_minor: i128,
    /// The asset of the amount.
    pub asset: String,
    /// Dimensions that are not personal.
    pub dims: BTreeMap<String, String>,
    /// The person concerned; no part of the identity.
    pub person: Option<String>,
    /// The event that it refers to.
    pub reference: Option<Name>,
}

/// What two reports of one name must share to be the same event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    kind: String,
    occurred_at_ns: i64,
    amount_minor: i128,
    asset: String,
    dims: BTreeMap<String, String>,
    reference: Option<Name>,
}

impl Fact {
    /// Source and id.
    pub fn name(&self) -> Name {
        (self.source.clone(), self.id.clone())
    }

    /// Everything but the name and the person.
    pub fn identity(&self) -> Identity {
        Identity {
            kind: self.kind.clone(),
            occurred_at_ns: self.occurred_at_ns,
            amount_minor: self.amount_minor,
            asset: self.asset.clone(),
            dims: self.dims.clone(),
            reference: self.reference.clone(),
        }
    }
}
