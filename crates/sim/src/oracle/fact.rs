//! What really happened, as the oracle is told it.

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
    pub dims: Dims,
    /// The person concerned; no part of the identity.
    pub person: Option<String>,
    /// The event that it refers to.
    pub reference: Option<Name>,
}

impl Fact {
    /// Source and id.
    pub fn name(&self) -> Name {
        (self.source.clone(), self.id.clone())
    }

    /// Whether `other`, of the same name, reports the same: all but the person is equal.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.occurred_at_ns == other.occurred_at_ns
            && self.amount_minor == other.amount_minor
            && self.asset == other.asset
            && self.dims == other.dims
            && self.reference == other.reference
    }
}

/// Dimensions by name, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dims(Vec<(String, String)>);

impl Dims {
    /// The value of a dimension; `None` when it is not there.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Dims {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_unstable();
        Self(pairs)
    }
}
