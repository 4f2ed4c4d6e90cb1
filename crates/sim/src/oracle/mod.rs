//! The oracle: knows the right counts and totals of a series of events.
//!
//! It computes on a path of its own, as simple as it can be: facts in ordered maps, sums in `i128`.
//! It knows no other crate and no bytes; who makes the facts says what they mean.

mod expected;
mod fact;

use std::collections::{BTreeMap, BTreeSet};

pub use self::expected::{BUCKET_NS, Expected, Key, Sum, decimal};
pub use self::fact::{Fact, Identity, Name, Role, Truth};

/// Takes truths in the order of their arrival and says what must come of them.
#[derive(Debug, Default)]
pub struct Oracle {
    /// Every content seen under a name, in order of arrival.
    contents: BTreeMap<Name, Vec<Identity>>,
    /// The lines that nobody can post, to know their repeats.
    broken: BTreeSet<Vec<u8>>,
    posted: BTreeMap<Name, Fact>,
    /// What waits, under the name that it waits for, in order of arrival.
    waiting: BTreeMap<Name, Vec<Fact>>,
    /// The originals that a cancel speaks of, whether they have come or not.
    cancelled: BTreeSet<Name>,
    expected: Expected,
}

impl Oracle {
    /// An oracle that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next arrival.
    pub fn accept(&mut self, truth: Truth) {
        self.expected.received += 1;
        match truth {
            Truth::Event(fact) => self.accept_fact(fact),
            Truth::Broken { raw } => {
                if self.broken.insert(raw) {
                    self.expected.quarantined += 1;
                } else {
                    self.expected.duplicate += 1;
                }
            }
        }
    }

    /// What must be true now, after everything accepted so far.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The facts that count, by name.
    pub fn posted(&self) -> impl Iterator<Item = &Fact> {
        self.posted.values()
    }

    fn accept_fact(&mut self, fact: Fact) {
        let contents = self.contents.entry(fact.name()).or_default();
        let identity = fact.identity();
        if contents.contains(&identity) {
            self.expected.duplicate += 1;
            return;
        }
        contents.push(identity);
        let is_contest = contents.len() > 1;
        if is_contest || self.cancels_again(&fact) {
            self.expected.quarantined += 1;
            return;
        }
        match fact.reference.clone() {
            Some(original) if !self.posted.contains_key(&original) => {
                self.expected.waiting += 1;
                self.waiting.entry(original).or_default().push(fact);
            }
            _ => self.post_with_those_waiting(fact),
        }
    }

    /// Whether `fact` cancels what another event cancelled before; remembers the first one.
    fn cancels_again(&mut self, fact: &Fact) -> bool {
        match (fact.role, &fact.reference) {
            (Role::Cancels, Some(original)) => !self.cancelled.insert(original.clone()),
            _ => false,
        }
    }

    fn post_with_those_waiting(&mut self, fact: Fact) {
        let mut ready = vec![fact];
        while let Some(fact) = ready.pop() {
            let released = self.waiting.remove(&fact.name()).unwrap_or_default();
            self.expected.waiting -= released.len() as u64;
            self.post(fact);
            ready.extend(released);
        }
    }

    fn post(&mut self, fact: Fact) {
        let original = fact.reference.as_ref().and_then(|name| self.posted.get(name));
        // A cancel takes back what was posted, whatever amount it names itself.
        let (key, amount) = match (fact.role, original) {
            (Role::Cancels, Some(original)) => {
                (Key::of_cancel(&fact, original), original.amount_minor)
            }
            _ => (Key::of(&fact), fact.amount_minor),
        };
        self.expected.posted += 1;
        self.expected.sums.entry(key).or_default().add(amount);
        self.posted.insert(fact.name(), fact);
    }
}

impl Extend<Truth> for Oracle {
    fn extend<T: IntoIterator<Item = Truth>>(&mut self, truths: T) {
        for truth in truths {
            self.accept(truth);
        }
    }
}
