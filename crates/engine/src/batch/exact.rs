//! What is not plain, lived through event by event in the order of the Log: repeats, contests,
//! references that come late, cancels, and commands that change records.
//!
//! It holds every record whose key is involved and compares whole bytes and whole names; the
//! hashes that brought the records here mean nothing any more.

mod command;
mod record;

use super::BatchCounts;
use super::facts::{Body, Fact};
use super::origin::Origins;
use super::sums::{Booked, Epochs, How, Sums};
use crate::control::Control;
use crate::error::EngineError;
use crate::port::Position;
use ledger::Reject;
use ledger::rules::Reference;
use record::{Key, Known, State};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

/// The records that are lived through, and what has become of them so far.
pub(super) struct Exact<'a> {
    origins: &'a Origins<'a>,
    epochs: &'a Epochs,
    sums: Sums,
    counts: BTreeMap<String, BatchCounts>,
    records: HashMap<Position, Known>,
    /// Who is posted or lacks its reference under each key.
    holders: HashMap<Key, Position>,
    /// Contents that were ever quarantined.
    contents: HashSet<Body>,
    /// Who lacks which key.
    lacking: HashMap<Key, BTreeSet<Position>>,
    /// The posted cancel of each key.
    cancels: HashMap<Key, Position>,
    /// Open contests, by the later content.
    contests: HashSet<Position>,
    /// What was booked, in order.
    journal: Vec<Lived>,
    /// The book revision in force.
    revision: u32,
}

/// What was booked for a record that was lived through.
#[derive(Debug)]
pub(super) struct Lived {
    /// The record it was booked for.
    position: Position,
    /// The record that it stands for: the one that a cancel cancels, else itself.
    pub of: Position,
    /// The book revision that that one stands under.
    pub revision: u32,
    pub epoch: u32,
    booked: Vec<Booked>,
    /// Whether it takes back what was booked before.
    is_back: bool,
}

impl Lived {
    /// Number of the account, bucket, debit and credit of each side.
    pub fn sides(&self) -> impl Iterator<Item = (u32, i32, i128, i128)> {
        self.booked.iter().map(|side| {
            let (debit, credit) = (side.debit, side.credit);
            let (debit, credit) = if self.is_back { (credit, debit) } else { (debit, credit) };
            (side.account, side.bucket, debit, credit)
        })
    }
}

/// What an event's reference makes of it.
#[derive(Clone, Copy)]
enum Verdict {
    /// Its own legs are posted; it may refer to the record there.
    Post(Option<Position>),
    /// The legs of the record there are posted the other way round.
    Cancel(Position),
    /// What it refers to is not posted.
    Lack,
    /// It cannot stand.
    Refuse,
}

impl<'a> Exact<'a> {
    pub fn new(
        origins: &'a Origins<'a>,
        epochs: &'a Epochs,
        counts: BTreeMap<String, BatchCounts>,
    ) -> Self {
        Self {
            origins,
            epochs,
            sums: Sums::default(),
            counts,
            records: HashMap::new(),
            holders: HashMap::new(),
            contents: HashSet::new(),
            lacking: HashMap::new(),
            cancels: HashMap::new(),
            contests: HashSet::new(),
            journal: Vec::new(),
            revision: 0,
        }
    }

    /// Lives through records and commands, each ascending by position.
    pub fn run(
        &mut self,
        facts: Vec<Fact>,
        commands: Vec<(Position, Control)>,
    ) -> Result<(), EngineError> {
        let mut commands = commands.into_iter().peekable();
        let (fixes, facts): (Vec<_>, Vec<_>) = facts.into_iter().partition(|fact| fact.is_fix);
        for fix in fixes {
            self.records.insert(fix.position, Known::new(fix));
        }
        for fact in facts {
            while let Some((at, control)) =
                commands.next_if(|(position, _)| *position < fact.position)
            {
                self.command(at, control.command)?;
            }
            self.arrive(fact)?;
        }
        commands.try_for_each(|(at, control)| self.command(at, control.command))
    }

    /// Counters by source, and what was booked: in order, and as sums.
    pub fn into_parts(self) -> (BTreeMap<String, BatchCounts>, Vec<Lived>, Sums) {
        (self.counts, self.journal, self.sums)
    }

    /// The record at `position`, which must be one of those lived through.
    fn known(&self, position: Position) -> Result<&Known, EngineError> {
        let missing = || EngineError::Form(format!("nothing is known of position {position}"));
        self.records.get(&position).ok_or_else(missing)
    }

    fn known_mut(&mut self, position: Position) -> Result<&mut Known, EngineError> {
        let missing = || EngineError::Form(format!("nothing is known of position {position}"));
        self.records.get_mut(&position).ok_or_else(missing)
    }

    /// Moves a record to a state and counts it there.
    fn set(&mut self, position: Position, state: State) -> Result<(), EngineError> {
        let known = self.known_mut(position)?;
        let before = known.state.replace(state);
        let counted = known.counted.clone();
        let counts = self.counts.entry(counted).or_default();
        if let Some(count) = before.and_then(|before| before.count(counts)) {
            *count -= 1;
        }
        if let Some(count) = state.count(counts) {
            *count += 1;
        }
        Ok(())
    }

    fn arrive(&mut self, fact: Fact) -> Result<(), EngineError> {
        let position = fact.position;
        self.counts.entry(fact.source.clone()).or_default().received += 1;
        let mut known = Known::new(fact);
        known.verify(self.origins)?;
        let key = known.key.clone();
        let (valid, body) = (known.checked.is_ok(), known.body.clone());
        self.records.insert(position, known);
        let Some(key) = key.filter(|_| valid) else { return self.quarantine(position) };
        let Some(holder) = self.holders.get(&key).copied() else {
            return self.consider(position, &key);
        };
        if self.known(holder)?.body == body || self.contents.contains(&body) {
            return self.set(position, State::Duplicate);
        }
        self.contests.insert(position);
        self.quarantine(position)
    }

    /// Decides on a valid record whose key nobody holds.
    fn consider(&mut self, position: Position, key: &Key) -> Result<(), EngineError> {
        match self.verdict(position)? {
            Verdict::Refuse => self.quarantine(position),
            verdict => self.admit(position, key, verdict, position),
        }
    }

    /// A record that cannot stand: a repeat, when its content was quarantined before.
    fn quarantine(&mut self, position: Position) -> Result<(), EngineError> {
        let body = self.known(position)?.body.clone();
        let fresh = self.contents.insert(body);
        self.set(position, if fresh { State::Quarantined } else { State::Duplicate })
    }

    /// What the reference of a valid record makes of it now.
    fn verdict(&self, position: Position) -> Result<Verdict, EngineError> {
        let known = self.known(position)?;
        let (checked, origin) = (known.valid()?, self.origins.get(&known.source, known.revision)?);
        let rules = &origin.lookup.rules;
        let reference = &rules.kinds[usize::from(checked.kind)].reference;
        let event = known.event()?;
        let Some(to) = event.reference else {
            return Ok(match reference {
                Reference::None | Reference::Optional(_) => Verdict::Post(None),
                Reference::Required(_) | Reference::Cancels(_) => Verdict::Refuse,
            });
        };
        let (kinds, cancels) = match reference {
            Reference::None => return Ok(Verdict::Refuse),
            Reference::Optional(kinds) | Reference::Required(kinds) => (kinds, false),
            Reference::Cancels(kinds) => (kinds, true),
        };
        let target = (to.source.to_owned(), to.id.to_owned());
        let Some(holder) = self.holders.get(&target) else { return Ok(Verdict::Lack) };
        let original = self.known(*holder)?;
        if original.state != Some(State::Posted) {
            return Ok(Verdict::Lack);
        }
        let original_event = original.event()?;
        // Kinds are compared by name: the two may stand under different revisions.
        if !rules.kind(original_event.kind).is_some_and(|kind| kinds.contains(&kind)) {
            return Ok(Verdict::Refuse);
        }
        if !cancels {
            return Ok(Verdict::Post(Some(*holder)));
        }
        let stated = checked.minor.is_some();
        let minor = original.valid()?.minor.unwrap_or(0);
        let same = Some(minor) == checked.minor && original_event.asset == event.asset;
        if (stated && !same) || self.cancels.contains_key(&target) {
            return Ok(Verdict::Refuse);
        }
        Ok(Verdict::Cancel(*holder))
    }

    /// Gives a record its key and carries out what was decided, at the position `at`.
    fn admit(
        &mut self,
        position: Position,
        key: &Key,
        verdict: Verdict,
        at: Position,
    ) -> Result<(), EngineError> {
        self.holders.insert(key.clone(), position);
        if matches!(verdict, Verdict::Lack) {
            let target = self.known(position)?.target()?;
            self.lacking.entry(target).or_default().insert(position);
            return self.set(position, State::Lacking);
        }
        self.post(position, verdict, at)?;
        self.release(key.clone(), at)
    }

    fn post(
        &mut self,
        position: Position,
        verdict: Verdict,
        at: Position,
    ) -> Result<(), EngineError> {
        let (source_of_legs, original) = match verdict {
            Verdict::Post(original) => (position, original),
            Verdict::Cancel(original) => (original, Some(original)),
            Verdict::Lack | Verdict::Refuse => return Ok(()),
        };
        let reverse = matches!(verdict, Verdict::Cancel(_));
        let occurred = self.known(position)?.event()?.occurred_at;
        let original = match original {
            Some(original) => self.known(original)?.event()?.occurred_at,
            None => occurred,
        };
        let how = How { occurred, original, epoch: self.epochs.of(at), reverse };
        let legs = self.known(source_of_legs)?;
        let origin = self.origins.get(&legs.source, legs.revision)?;
        let (checked, body) = (*legs.valid()?, legs.body.clone());
        let event = record::event(&body)?;
        let booked = self.sums.book_listed(&origin, &checked, &event, how)?;
        if reverse {
            let target = self.known(position)?.target()?;
            self.cancels.insert(target, position);
        }
        let (of, revision, epoch) = (source_of_legs, origin.lookup.rules.revision, how.epoch);
        let lived = booked.clone();
        self.journal.push(Lived { position, of, revision, epoch, booked: lived, is_back: false });
        self.known_mut(position)?.booked = booked;
        self.set(position, State::Posted)
    }

    /// Decides again on everything that lacked `key`, and on what lacked that.
    fn release(&mut self, key: Key, at: Position) -> Result<(), EngineError> {
        let mut arrived = VecDeque::from([key]);
        while let Some(key) = arrived.pop_front() {
            for position in self.lacking.remove(&key).unwrap_or_default() {
                let verdict = self.verdict(position)?;
                let own = self.known(position)?.own_key()?;
                match verdict {
                    Verdict::Lack => {
                        self.lacking.entry(key.clone()).or_default().insert(position);
                    }
                    Verdict::Refuse => self.give_up(position, &own)?,
                    verdict => {
                        self.post(position, verdict, at)?;
                        arrived.push_back(own);
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes its key from a record and quarantines it.
    fn give_up(&mut self, position: Position, key: &Key) -> Result<(), EngineError> {
        self.holders.remove(key);
        let body = self.known(position)?.body.clone();
        self.contents.insert(body);
        self.set(position, State::Quarantined)
    }
}

/// The reason does not matter here: only that a record does not stand.
pub(super) type Checked = Result<crate::stage::Checked, Reject>;
