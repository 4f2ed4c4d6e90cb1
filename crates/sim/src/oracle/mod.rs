//! The oracle: knows the right counts and totals of a series of events.
//!
//! It computes on a path of its own, as simple as it can be: facts in ordered maps, sums in `i128`.
//! It knows no other crate and no bytes; who makes the facts says what they mean.

mod expected;
mod fact;

use std::collections::{BTreeMap, BTreeSet};

pub use self::expected::{BUCKET_NS, Expected, Key, Sum, decimal};
pub use self::fact::{Dims, Fact, Name, Role, Truth};

/// Takes truths in the order of their arrival and says what must come of them.
#[derive(Debug, Default)]
pub struct Oracle {
    reports: BTreeMap<Name, Report>,
    /// The lines that nobody can post, to know their repeats.
    broken: BTreeSet<Vec<u8>>,
    /// Who waits, under the name waited for, in order of arrival.
    waiting: BTreeMap<Name, Vec<Name>>,
    /// The originals that a cancel speaks of, whether they have come or not.
    cancelled: BTreeSet<Name>,
    expected: Expected,
}

/// What was reported under one name.
#[derive(Debug)]
struct Report {
    first: Fact,
    /// Other contents of the same name.
    contests: Vec<Fact>,
    is_posted: bool,
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
        self.reports.values().filter(|report| report.is_posted).map(|report| &report.first)
    }

    fn accept_fact(&mut self, fact: Fact) {
        let name = fact.name();
        if let Some(report) = self.reports.get_mut(&name) {
            let mut known = std::iter::once(&report.first).chain(&report.contests);
            if known.any(|known| known.says_the_same(&fact)) {
                self.expected.duplicate += 1;
            } else {
                self.expected.quarantined += 1;
                report.contests.push(fact);
            }
            return;
        }
        let original = fact.reference.clone();
        let is_second_cancel = self.cancels_again(&fact);
        let report = Report { first: fact, contests: Vec::new(), is_posted: false };
        self.reports.insert(name.clone(), report);
        match original {
            _ if is_second_cancel => self.expected.quarantined += 1,
            Some(original) if self.posted_fact(&original).is_none() => {
                self.expected.waiting += 1;
                self.waiting.entry(original).or_default().push(name);
            }
            _ => self.post_with_those_waiting(name),
        }
    }

    /// Whether `fact` cancels what another event cancelled before; remembers the first one.
    fn cancels_again(&mut self, fact: &Fact) -> bool {
        match (fact.role, &fact.reference) {
            (Role::Cancels, Some(original)) => !self.cancelled.insert(original.clone()),
            _ => false,
        }
    }

    fn posted_fact(&self, name: &Name) -> Option<&Fact> {
        self.reports.get(name).filter(|report| report.is_posted).map(|report| &report.first)
    }

    fn post_with_those_waiting(&mut self, name: Name) {
        let mut ready = vec![name];
        while let Some(name) = ready.pop() {
            self.post(&name);
            let released = self.waiting.remove(&name).unwrap_or_default();
            self.expected.waiting -= released.len() as u64;
            ready.extend(released);
        }
    }

    fn post(&mut self, name: &Name) {
        let Some(report) = self.reports.get_mut(name) else { return };
        report.is_posted = true;
        let fact = &self.reports[name].first;
        let original = fact.reference.as_ref().and_then(|name| self.posted_fact(name));
        // A cancel takes back what was posted, whatever amount it names itself.
        let (key, amount) = match (fact.role, original) {
            (Role::Cancels, Some(original)) => {
                (Key::of_cancel(fact, original), original.amount_minor)
            }
            _ => (Key::of(fact), fact.amount_minor),
        };
        self.expected.posted += 1;
        self.expected.sums.entry(key).or_default().add(amount);
    }
}

impl Extend<Truth> for Oracle {
    fn extend<T: IntoIterator<Item = Truth>>(&mut self, truths: T) {
        for truth in truths {
            self.accept(truth);
        }
    }
}
