//! Where records come from: each (source, book revision) with its rules, and a small number for
//! each of its kinds, so that a short record of a key can say what its event is.

use super::BatchCounts;
use super::keys::KeyRecord;
use crate::error::EngineError;
use crate::lookup::Lookup;
use ledger::rules::{KindId, Reference, SourceId, TimeBasis};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What an event of an origin is: its kind, or that it was rejected, or that it is unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// It passed every stage.
    Valid(KindId),
    /// It did not, or could not be read.
    Rejected,
}

/// One source under one book revision.
#[derive(Debug)]
pub(super) struct Origin {
    pub source: String,
    pub source_id: Option<SourceId>,
    pub lookup: Arc<Lookup>,
    /// Number of its first kind; the number after its last kind stands for what was rejected.
    pub base: u32,
    /// Kinds whose events cannot be booked before what they refer to is known.
    late: Vec<bool>,
}

impl Origin {
    fn new(source: &str, lookup: Arc<Lookup>, base: u32) -> Self {
        let rules = &lookup.rules;
        let late = rules.kinds.iter().map(|kind| {
            let sides = kind.legs.iter().flat_map(|leg| [leg.debit, leg.credit]);
            let mut bases = sides.map(|side| rules.templates[usize::from(side)].basis);
            matches!(kind.reference, Reference::Cancels(_))
                || bases.any(|basis| basis == TimeBasis::Original)
        });
        let late = late.collect();
        let source_id = rules.source(source);
        Self { source: source.to_owned(), source_id, lookup, base, late }
    }

    fn after(&self) -> u32 {
        self.rejected() + 1
    }

    /// The number of what was rejected.
    pub fn rejected(&self) -> u32 {
        self.base + u32::try_from(self.late.len()).unwrap_or(u32::MAX)
    }

    /// Whether an event of `kind` that refers to another must be lived through.
    pub fn is_late(&self, kind: KindId) -> bool {
        self.late[usize::from(kind)]
    }
}

/// Every origin met so far.
pub(super) struct Origins<'a> {
    books: &'a (dyn Fn(u32) -> Option<Arc<Lookup>> + Sync),
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    list: Vec<Arc<Origin>>,
    by_name: HashMap<(String, u32), Arc<Origin>>,
}

impl<'a> Origins<'a> {
    pub fn new(books: &'a (dyn Fn(u32) -> Option<Arc<Lookup>> + Sync)) -> Self {
        Self { books, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The origin of a source under a revision.
    pub fn get(&self, source: &str, revision: u32) -> Result<Arc<Origin>, EngineError> {
        let mut known = self.known();
        let name = (source.to_owned(), revision);
        if let Some(origin) = known.by_name.get(&name) {
            return Ok(Arc::clone(origin));
        }
        let missing = || EngineError::Form(format!("book revision {revision} was never recorded"));
        let lookup = (self.books)(revision).ok_or_else(missing)?;
        let base = known.list.last().map_or(0, |last| last.after());
        let origin = Arc::new(Origin::new(source, lookup, base));
        if origin.after() > super::keys::SORT_MAX {
            return Err(EngineError::Form("too many sources, kinds and revisions".into()));
        }
        known.list.push(Arc::clone(&origin));
        known.by_name.insert(name, Arc::clone(&origin));
        Ok(origin)
    }

    /// The origin and sort that a number stands for.
    pub fn sort(&self, number: u32) -> (Arc<Origin>, Sort) {
        let known = self.known();
        let after = known.list.partition_point(|origin| origin.base <= number);
        let origin = Arc::clone(&known.list[after - 1]);
        let sort = match KindId::try_from(number - origin.base) {
            Ok(kind) if number < origin.rejected() => Sort::Valid(kind),
            _ => Sort::Rejected,
        };
        (origin, sort)
    }

    /// By number: whether it stands for valid events.
    pub fn valid_sorts(&self) -> Vec<bool> {
        let mut valid = Vec::new();
        for origin in &self.known().list {
            valid.resize(origin.rejected() as usize, true);
            valid.push(false);
        }
        valid
    }

    /// Whether an event numbered `referrer` may refer to one numbered `target`.
    pub fn may_refer(&self, referrer: u32, target: u32) -> bool {
        let ((own, own_sort), (other, other_sort)) = (self.sort(referrer), self.sort(target));
        let (Sort::Valid(own_kind), Sort::Valid(other_kind)) = (own_sort, other_sort) else {
            return false;
        };
        let name = &other.lookup.rules.kinds[usize::from(other_kind)].name;
        let Some(kind) = own.lookup.rules.kind(name) else { return false };
        match &own.lookup.rules.kinds[usize::from(own_kind)].reference {
            Reference::Optional(kinds) | Reference::Required(kinds) => kinds.contains(&kind),
            Reference::None | Reference::Cancels(_) => false,
        }
    }
}

/// How many records of each sort there are, each taken to be new.
#[derive(Debug, Default)]
pub(super) struct Tally {
    received: Vec<u64>,
    repeats: Vec<u64>,
}

impl Tally {
    pub fn receive(&mut self, sort: u32) {
        count(&mut self.received, sort);
    }

    pub fn merge(&mut self, other: &Self) {
        if self.received.len() < other.received.len() {
            self.received.resize(other.received.len(), 0);
        }
        for (mine, theirs) in self.received.iter_mut().zip(&other.received) {
            *mine += theirs;
        }
    }

    /// The record repeats an earlier one.
    pub fn repeat(&mut self, record: KeyRecord) {
        self.received[record.sort() as usize] -= 1;
        count(&mut self.repeats, record.sort());
    }

    /// The record will be counted elsewhere. Corrections were never counted.
    pub fn forget(&mut self, record: KeyRecord) {
        if !record.is_fix() {
            self.received[record.sort() as usize] -= 1;
        }
    }

    /// Counters by source.
    pub fn into_counts(self, origins: &Origins<'_>) -> BTreeMap<String, BatchCounts> {
        let mut counts: BTreeMap<String, BatchCounts> = BTreeMap::new();
        for (number, received) in self.received.iter().enumerate().filter(|(_, n)| **n > 0) {
            let (origin, sort) = origins.sort(u32::try_from(number).unwrap_or(u32::MAX));
            let source = counts.entry(origin.source.clone()).or_default();
            source.received += received;
            match sort {
                Sort::Valid(_) => source.posted += received,
                Sort::Rejected => source.quarantined += received,
            }
        }
        for (number, repeats) in self.repeats.iter().enumerate().filter(|(_, n)| **n > 0) {
            let (origin, _) = origins.sort(u32::try_from(number).unwrap_or(u32::MAX));
            let source = counts.entry(origin.source.clone()).or_default();
            source.received += repeats;
            source.duplicate += repeats;
        }
        counts
    }
}

fn count(counts: &mut Vec<u64>, sort: u32) {
    let at = sort as usize;
    if counts.len() <= at {
        counts.resize(at + 1, 0);
    }
    counts[at] += 1;
}
