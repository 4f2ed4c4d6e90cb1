//! The oracle: knows the right counts and totals of a series of events.
//!
//! It computes on a path of its own, as simple as it can be: facts in ordered maps, sums in `i128`.
//! It knows no other crate and no bytes; who makes the facts says what they mean.

mod expected;
mod fact;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
    /// The originals that were taken back.
    cancelled: BTreeSet<Name>,
    expected: Expected,
}

/// What was reported under one name.
#[derive(Debug, Default)]
struct Report {
    /// What is posted or waiting.
    live: Option<Fact>,
    is_posted: bool,
    /// Other contents, which count nowhere.
    quarantined: Vec<Fact>,
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
        self.reports.values().filter_map(Report::posted)
    }

    fn accept_fact(&mut self, fact: Fact) {
        let name = fact.name();
        let report = self.reports.entry(name.clone()).or_default();
        let mut known = report.live.iter().chain(&report.quarantined);
        if known.any(|known| known.says_the_same(&fact)) {
            self.expected.duplicate += 1;
        } else if report.live.is_some() {
            // A contest: who came first stays.
            report.quarantined.push(fact);
            self.expected.quarantined += 1;
        } else {
            let original = fact.reference.clone();
            report.live = Some(fact);
            match original.filter(|original| self.posted_fact(original).is_none()) {
                Some(absent) => {
                    self.expected.waiting += 1;
                    self.waiting.entry(absent).or_default().push(name);
                }
                None => self.conclude_with_those_waiting(name),
            }
        }
    }

    fn posted_fact(&self, name: &Name) -> Option<&Fact> {
        self.reports.get(name).and_then(Report::posted)
    }

    /// Concludes an event that needs nobody any more, then those that needed it, first come first.
    fn conclude_with_those_waiting(&mut self, name: Name) {
        let mut ready = VecDeque::from([name]);
        while let Some(name) = ready.pop_front() {
            self.conclude(&name);
            if self.posted_fact(&name).is_some() {
                let released = self.waiting.remove(&name).unwrap_or_default();
                self.expected.waiting -= released.len() as u64;
                ready.extend(released);
            }
        }
    }

    fn conclude(&mut self, name: &Name) {
        let Some(mut report) = self.reports.remove(name) else { return };
        if let Some(fact) = report.live.take() {
            if self.post(&fact) {
                self.expected.posted += 1;
                report.is_posted = true;
                report.live = Some(fact);
            } else {
                self.expected.quarantined += 1;
                report.quarantined.push(fact);
            }
        }
        self.reports.insert(name.clone(), report);
    }

    /// Adds `fact` to its sum; false if it is a cancel of what is cancelled, or of other money.
    fn post(&mut self, fact: &Fact) -> bool {
        let original = fact.reference.as_ref().and_then(|name| self.posted_fact(name));
        let key = match (fact.role, original) {
            (Role::Cancels, Some(original)) => {
                let key = Key::of_cancel(fact, original);
                let is_same_money =
                    (fact.amount_minor, &fact.asset) == (original.amount_minor, &original.asset);
                if !is_same_money || !self.cancelled.insert(original.name()) {
                    return false;
                }
                key
            }
            _ => Key::of(fact),
        };
        self.expected.sums.entry(key).or_default().add(fact.amount_minor);
        true
    }
}

impl Report {
    fn posted(&self) -> Option<&Fact> {
        self.live.as_ref().filter(|_| self.is_posted)
    }
}

impl Extend<Truth> for Oracle {
    fn extend<T: IntoIterator<Item = Truth>>(&mut self, truths: T) {
        for truth in truths {
            self.accept(truth);
        }
    }
}
