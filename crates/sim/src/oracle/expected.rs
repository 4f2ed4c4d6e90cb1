//! The counts and sums that must come out, and ways to add them up.

use std::collections::BTreeMap;

use super::fact::{Dims, Fact};

/// The length of a time bucket: 15 minutes, in nanoseconds.
pub const BUCKET_NS: i64 = 900_000_000_000;

/// What must be true of everything received so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Arrivals, good and bad.
    pub received: u64,
    /// Events that count, cancels and what they cancelled included.
    pub posted: u64,
    /// Repeats of what is posted, waiting or quarantined.
    pub duplicate: u64,
    /// Events whose original has not come.
    pub waiting: u64,
    /// Contests, cancels of what is cancelled or of other money, lines wrong or unreadable.
    pub quarantined: u64,
    /// Refusals at the door; a file has no door, so the oracle counts none.
    pub refused: u64,
    /// Every sum that is not empty.
    pub sums: BTreeMap<Key, Sum>,
}

/// What a sum is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The feed.
    pub source: String,
    /// The kind of the events summed.
    pub kind: String,
    /// For cancels, the kind that they take back.
    pub cancels: Option<String>,
    /// The asset.
    pub asset: String,
    /// Start of the 15-minute bucket of the events' own time, in nanoseconds since 1970 UTC.
    pub bucket_ns: i64,
    /// Dimensions that are not personal; for cancels, those of the original.
    pub dims: Dims,
}

/// An amount in minor units, never negative by itself, and the number of events in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Minor units of the asset.
    pub amount: i128,
    /// Events.
    pub count: u64,
}

impl Sum {
    /// Counts one more event.
    pub fn add(&mut self, amount: i128) {
        self.merge(Sum { amount, count: 1 });
    }

    /// Takes another sum in.
    pub fn merge(&mut self, other: Sum) {
        self.amount += other.amount;
        self.count += other.count;
    }
}

impl Key {
    /// The sum that `fact` adds to.
    pub fn of(fact: &Fact) -> Self {
        Self {
            source: fact.source.clone(),
            kind: fact.kind.clone(),
            cancels: None,
            asset: fact.asset.clone(),
            bucket_ns: fact.occurred_at_ns.div_euclid(BUCKET_NS) * BUCKET_NS,
            dims: fact.dims.clone(),
        }
    }

    /// The sum that `cancel` adds to when it takes `original` back.
    pub fn of_cancel(cancel: &Fact, original: &Fact) -> Self {
        Self {
            cancels: Some(original.kind.clone()),
            asset: original.asset.clone(),
            dims: original.dims.clone(),
            ..Self::of(cancel)
        }
    }

    /// A dimension's value; empty when the events do not have it.
    pub fn dim(&self, name: &str) -> &str {
        self.dims.get(name).unwrap_or("")
    }
}

impl Expected {
    /// Whether every arrival is in exactly one state.
    pub fn adds_up(&self) -> bool {
        let states = self.posted + self.duplicate + self.waiting + self.quarantined + self.refused;
        self.received == states
    }

    /// Adds up by whatever `group` makes of a key; what it makes nothing of is left out.
    pub fn group<G: Ord>(&self, group: impl Fn(&Key) -> Option<G>) -> BTreeMap<G, Sum> {
        let mut groups = BTreeMap::<G, Sum>::new();
        for (key, &sum) in &self.sums {
            if let Some(name) = group(key) {
                groups.entry(name).or_default().merge(sum);
            }
        }
        groups
    }

    /// By kind and asset.
    pub fn by_kind(&self) -> BTreeMap<(String, String), Sum> {
        self.group(|key| Some((key.kind.clone(), key.asset.clone())))
    }

    /// One kind by the value of a dimension and asset.
    pub fn by_dimension(&self, kind: &str, dim: &str) -> BTreeMap<(String, String), Sum> {
        self.group(|key| (key.kind == kind).then(|| (key.dim(dim).to_owned(), key.asset.clone())))
    }

    /// One kind and asset in the buckets that start at or after `from_ns` and before `to_ns`.
    pub fn between(&self, kind: &str, asset: &str, from_ns: i64, to_ns: i64) -> Sum {
        let inside = |key: &Key| {
            let is_meant = key.kind == kind && key.asset == asset;
            (is_meant && (from_ns..to_ns).contains(&key.bucket_ns)).then_some(())
        };
        self.group(inside).remove(&()).unwrap_or_default()
    }

    /// By asset: the amounts of a kind less what was cancelled of it; the count is of events that
    /// stand uncancelled.
    pub fn net(&self, kind: &str) -> BTreeMap<String, Sum> {
        let mut net = self.group(|key| (key.kind == kind).then(|| key.asset.clone()));
        let cancelled =
            self.group(|key| (key.cancels.as_deref() == Some(kind)).then(|| key.asset.clone()));
        for (asset, taken) in cancelled {
            let sum = net.entry(asset).or_default();
            sum.amount -= taken.amount;
            sum.count -= taken.count;
        }
        net
    }
}

/// An amount as a decimal string with exactly `scale` digits after the point.
pub fn decimal(minor: i128, scale: u32) -> String {
    let digits = scale as usize;
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    let sign = if minor < 0 { "-" } else { "" };
    let point = if digits == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{part}")
}
