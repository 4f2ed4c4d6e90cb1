//! The batch road: recomputes every sum, every counter and the sums at every cut from nothing but
//! the raw events in the Log, to be compared with what the stream road has in its Store.
//!
//! It shares no posting, deciding or accumulation code with the stream road, so that a fault in
//! either shows as a difference. Common to both are reading and decoding the Log, the check of a
//! single event, and the rules as data.
//!
//! It works the other way round. A scan on all threads (`scan`) writes down a short record of each
//! key, and what to book should nothing be wrong with the event's key or reference (`part`). Keys
//! are sorted, and nearly all prove harmless (`keys`). Repeats are left out; what else is not
//! plain (contests, cancels, absent references, what commands touch) is read from the Log again
//! and lived through event by event (`exact`), while everything plain is booked.

mod exact;
mod facts;
mod fine;
mod finish;
mod hash;
mod keys;
mod known;
mod origin;
mod part;
mod paths;
mod scan;
mod sums;

pub use fine::FineView;

use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::lookup::Lookup;
use crate::port::{Log, Position};
use exact::Exact;
use facts::Fact;
use finish::Finished;
use keys::{Exceptions, KeyRecord, Named};
use ledger::Total;
use ledger::time::{Bucket, Span};
use origin::Origins;
use part::Part;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use sums::{Epochs, Sums};

/// Most keys held at once: 24 bytes each, with 16 of what to book, and 24 for a reference.
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
    /// Finer sums that are wanted.
    pub fine: &'a [FineView<'a>],
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSum {
    /// Place in [`Recomputed::accounts`].
    pub account: u32,
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

/// The sums at one close, ascending by account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutSums {
    /// Its [`CutView::id`].
    pub id: usize,
    /// What was posted for its period before it, by place in [`Recomputed::accounts`].
    pub sums: Vec<(u32, Total)>,
}

/// What follows from the raw events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// Path and asset of every account with a posting, ascending.
    pub accounts: Vec<(String, String)>,
    /// Every sum with a posting, ascending by account and bucket.
    pub sums: Vec<BatchSum>,
    /// Counters by source.
    pub counts: BTreeMap<String, BatchCounts>,
    /// The sums at each close, in the order asked for.
    pub cuts: Vec<CutSums>,
    /// The finer sums, in the order asked for; each ascending by path and asset.
    pub fine: Vec<Vec<settle::AccountSum>>,
    /// Commands that hold lines of statements out of payment, or release them.
    pub holds: Vec<(Position, Control)>,
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
    let epochs = Epochs::new(task.cuts, task.fine)?;
    let mut found = survey(task, &origins, &epochs)?;
    let facts = gather(task, &origins, &epochs, &mut found)?;
    found.kept = None;
    let holds = holds(&found.commands);
    let Survey { exact, mut repeats, mut parts, mut tally, commands, events, .. } = found;
    repeats.retain(|record| !exact.contains(&record.key));
    repeats.iter().for_each(|record| tally.repeat(*record));
    facts.iter().for_each(|(record, _)| tally.forget(*record));
    let not_plain = repeats.iter().chain(facts.iter().map(|(record, _)| record));
    let mut except: Vec<Position> = not_plain.map(KeyRecord::position).collect();
    except.sort_unstable();
    drop(repeats);
    let mut lived = Exact::new(&origins, &epochs, tally.into_counts(&origins));
    let except_fine = if task.fine.is_empty() { Vec::new() } else { except.clone() };
    let lived_parts = if parts.is_empty() {
        lived.run(facts.into_iter().map(|(_, fact)| fact).collect(), commands)?;
        let keep = scan::Keep::Book(except);
        parts = scan::scan(task, &origins, &epochs, &keep)?.parts;
        lived.into_parts()
    } else {
        std::thread::scope(|scope| {
            for part in &mut parts {
                scope.spawn(|| part.book(&epochs, &except));
            }
            lived.run(facts.into_iter().map(|(_, fact)| fact).collect(), commands)?;
            Ok::<_, EngineError>(lived.into_parts())
        })?
    };
    let (counts, lived, lived_sums) = lived_parts;
    let fine = fine::recompute(task, &origins, &epochs, &except_fine, (&lived, &lived_sums))?;
    let parts = parts.into_iter().map(|part| part.sums);
    let all: Vec<Sums> = parts.chain([lived_sums]).collect();
    let Finished { accounts, sums, cuts } = finish::finish(all, task.cuts, &epochs, task.threads)?;
    Ok(Recomputed { accounts, sums, counts, cuts, fine, holds, events })
}

fn holds(commands: &[(Position, Control)]) -> Vec<(Position, Control)> {
    let is_hold = |(_, control): &&(Position, Control)| {
        matches!(control.command, Command::Hold(_) | Command::Release(_))
    };
    commands.iter().filter(is_hold).cloned().collect()
}

/// What the scan found.
struct Survey {
    /// What to book, when one reading was enough for all keys; otherwise none.
    parts: Vec<Part>,
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
        parts: Vec::new(),
        tally: origin::Tally::default(),
        commands: Vec::new(),
        events: 0,
        exact: HashSet::new(),
        repeats: Vec::new(),
        kept: None,
    };
    let mut named = Named::default();
    for round in 0..rounds {
        let keep = scan::Keep::Part { round, rounds };
        let scanned = scan::scan(task, origins, epochs, &keep)?;
        if round == 0 {
            if rounds == 1 {
                survey.parts = scanned.parts;
            }
            survey.tally = scanned.tally;
            survey.events = scanned.events;
            survey.commands = scanned.commands;
            named = Named::new(named_positions(&survey.commands));
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
    let none = Named::default();
    let (sorted, _) = keys::examine(scanned.keys, Vec::new(), origins, &none, task.threads);
    Ok(keys::of_keys(&sorted, keys))
}
