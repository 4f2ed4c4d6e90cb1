//! The batch road: recomputes every sum, every counter and the sums at every cut from nothing but
//! the raw events in the Log, to be compared with what the stream road has in its Store.
//!
//! It shares no posting, deciding or accumulation code with the stream road, so that a fault in
//! either shows as a difference. Common to both are reading and decoding the Log, the check of a
//! single event, and the rules as data.
//!
//! It works the other way round. A scan on all threads books every valid event as if nothing
//! could be wrong with its key or its reference (`scan`), and writes down a short record of each
//! key. Those are sorted, and nearly all prove harmless (`keys`). What repeats is taken back
//! (`facts`). What is left (contests, cancels, absent references, what commands touch) is taken
//! out again, read from the Log and lived through event by event (`exact`).

mod exact;
mod facts;
mod keys;
mod origin;
mod paths;
mod scan;
mod sums;

use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::lookup::Lookup;
use crate::port::{Log, Position};
use exact::Exact;
use facts::Fact;
use keys::{Exceptions, KeyRecord};
use ledger::time::{Bucket, Span};
use origin::Origins;
use settle::AccountSum;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use sums::{Epochs, Sums};

/// Most keys held at once: 24 bytes each, and as much again while they are sorted into place.
pub const KEYS_MAX: u64 = 12_000_000;

/// What is to be recomputed.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The Log.
    pub log: &'a dyn Log,
    /// The operator that it must belong to.
    pub operator: &'a str,
    /// The rules of a book revision.
    pub books: &'a (dyn Fn(u32) -> Option<Arc<Lookup>> + Sync),
    /// The position after the last record to take in.
    pub up_to: Position,
    /// Closes whose sums are wanted.
    pub cuts: &'a [CutView],
    /// Threads to use; at least one is.
    pub threads: usize,
    /// Most keys held at once; with more of them the Log is read several times.
    pub keys_max: u64,
    /// Told now and then how many records of the present reading are done; from any thread.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// A close: what was posted before it, with a time inside its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutView {
    /// The caller's name for it.
    pub id: usize,
    /// The period; both ends are bucket boundaries.
    pub span: Span,
    /// Position of the close command.
    pub position: Position,
}

/// What was posted on one account in one bucket. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchSum {
    /// Account path.
    pub path: String,
    /// Asset code.
    pub asset: String,
    /// The 15-minute bucket.
    pub bucket: Bucket,
    /// Sum of debits.
    pub debit: i128,
    /// Sum of credits.
    pub credit: i128,
    /// Number of postings on the account.
    pub count: u64,
}

/// Records of one source by their state at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Everything that came, refused included.
    pub received: u64,
    /// Posted to the ledger.
    pub posted: u64,
    /// Repeats.
    pub duplicate: u64,
    /// Lacking their reference.
    pub waiting: u64,
    /// Kept for a person.
    pub quarantined: u64,
    /// Turned away at the door.
    pub refused: u64,
}

/// The sums at one close, ascending by path and asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutSums {
    /// Its [`CutView::id`].
    pub id: usize,
    /// What was posted for its period before it.
    pub sums: Vec<AccountSum>,
}

/// What follows from the raw events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// Every sum with a posting, ascending by path, asset and bucket.
    pub sums: Vec<BatchSum>,
    /// Counters by source.
    pub counts: BTreeMap<String, BatchCounts>,
    /// The sums at each close, in the order asked for.
    pub cuts: Vec<CutSums>,
    /// Records of sources that were taken in.
    pub events: u64,
}

/// Recomputes everything from the raw events.
///
/// # Errors
/// When the Log cannot be read, a record does not have its form, a book revision is missing, a
/// span does not end on bucket boundaries, or a sum leaves its range.
pub fn recompute(task: &Task<'_>) -> Result<Recomputed, EngineError> {
    if task.up_to > keys::POSITION_MAX {
        return Err(EngineError::Form("the Log has more records than can be verified".into()));
    }
    let origins = Origins::new(task.books);
    let epochs = Epochs::new(task.cuts)?;
    let mut found = survey(task, &origins, &epochs)?;
    let facts = gather(task, &origins, &epochs, &mut found)?;
    take_back_repeats(task, &origins, &epochs, &mut found)?;
    let Survey { mut sums, mut tally, commands, events, .. } = found;
    for (record, fact) in &facts {
        tally.forget(*record);
        facts::unbook(&mut sums, &origins, &epochs, *record, fact)?;
    }
    let mut exact = Exact::new(&origins, &epochs, &mut sums, tally.into_counts(&origins));
    exact.run(facts.into_iter().map(|(_, fact)| fact).collect(), commands)?;
    let counts = exact.into_counts();
    let cuts = sums.at_cuts(task.cuts, &epochs)?;
    Ok(Recomputed { sums: sums.into_rows()?, counts, cuts, events })
}

/// What the scan found.
struct Survey {
    sums: Sums,
    tally: origin::Tally,
    commands: Vec<(Position, Control)>,
    events: u64,
    /// Hashes of keys that must be lived through.
    exact: HashSet<u64>,
    /// Records that repeat an earlier one.
    repeats: Vec<KeyRecord>,
    /// Sorted keys, when one reading was enough for all of them.
    kept: Option<keys::Buckets<KeyRecord>>,
}

/// Reads the Log, as often as the number of keys demands.
fn survey(task: &Task<'_>, origins: &Origins<'_>, epochs: &Epochs) -> Result<Survey, EngineError> {
    let rounds = task.up_to.div_ceil(task.keys_max.max(1)).max(1);
    let mut survey = Survey {
        sums: Sums::default(),
        tally: origin::Tally::default(),
        commands: Vec::new(),
        events: 0,
        exact: HashSet::new(),
        repeats: Vec::new(),
        kept: None,
    };
    let mut named = HashSet::new();
    for round in 0..rounds {
        let keep = scan::Keep::Part { round, rounds };
        let scanned = scan::scan(task, origins, epochs, &keep)?;
        if round == 0 {
            survey.sums = scanned.sums;
            survey.tally = scanned.tally;
            survey.events = scanned.events;
            survey.commands = scanned.commands;
            named = named_positions(&survey.commands);
        }
        let (sorted, Exceptions { exact, repeats }) =
            keys::examine(scanned.keys, scanned.references, origins, &named, task.threads);
        survey.exact.extend(exact);
        survey.repeats.extend(repeats);
        survey.kept = (rounds == 1).then_some(sorted);
    }
    Ok(survey)
}

/// Positions of the records that commands change.
fn named_positions(commands: &[(Position, Control)]) -> HashSet<Position> {
    let named = commands.iter().filter_map(|(_, control)| match control.command {
        Command::Resolve { later, .. } => Some(later),
        Command::Replay { position } | Command::Fix { position, .. } => Some(position),
        _ => None,
    });
    named.collect()
}

/// Reads every record whose key must be lived through, and, from one reference to the next,
/// every record that those refer to. Ascending by position.
fn gather(
    task: &Task<'_>,
    origins: &Origins<'_>,
    epochs: &Epochs,
    found: &mut Survey,
) -> Result<Vec<(KeyRecord, Fact)>, EngineError> {
    let mut all = Vec::new();
    let mut fresh: Vec<u64> = found.exact.iter().copied().collect();
    while !fresh.is_empty() {
        fresh.sort_unstable();
        let records = match &found.kept {
            Some(sorted) => keys::of_keys(sorted, &fresh),
            None => find(task, origins, epochs, &fresh)?,
        };
        let facts = facts::read(task, &records)?;
        fresh.clear();
        for target in facts.iter().filter_map(Fact::target_key) {
            if found.exact.insert(target) {
                fresh.push(target);
            }
        }
        all.extend(records.into_iter().zip(facts));
    }
    all.sort_unstable_by_key(|(record, _)| record.position());
    Ok(all)
}

/// Every record of the given keys (ascending), by reading the Log again.
fn find(
    task: &Task<'_>,
    origins: &Origins<'_>,
    epochs: &Epochs,
    keys: &[u64],
) -> Result<Vec<KeyRecord>, EngineError> {
    let keep = scan::Keep::Keys(keys.iter().copied().collect());
    let scanned = scan::scan(task, origins, epochs, &keep)?;
    let none = HashSet::new();
    let (sorted, _) = keys::examine(scanned.keys, Vec::new(), origins, &none, task.threads);
    Ok(keys::of_keys(&sorted, keys))
}

/// Takes back what the scan booked for mere repeats.
fn take_back_repeats(
    task: &Task<'_>,
    origins: &Origins<'_>,
    epochs: &Epochs,
    found: &mut Survey,
) -> Result<(), EngineError> {
    let exact = &found.exact;
    found.repeats.retain(|record| !exact.contains(&record.key));
    found.repeats.sort_unstable_by_key(KeyRecord::position);
    for record in &found.repeats {
        found.tally.repeat(origins, *record);
    }
    found.repeats.retain(|record| origins.is_booked(*record));
    facts::take_back(task, origins, epochs, &found.repeats, &mut found.sums)
}
