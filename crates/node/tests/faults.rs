//! One operator on a disk that fails: an ingest of a file with checkpoints and a close at the end,
//! with a fault at each call in turn. What was acknowledged is there, the same input goes on
//! where it stopped, and the end is that of a run without a fault.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::document::Feed;
use engine::port::{FrameKind, Table};
use engine::record::{EventsHeader, Record};
use sim::disk::{Calls, Crash, Fault, FaultDisk};
use sim::rng::Rng;
use sim::world::{Field, WorldOptions, small};
use std::sync::OnceLock;
use support::input::{self, Arrival, Batch};
use support::long;
use support::rig::{NOW, Opening, Rig};

const FEED: &str = "feed-a";
const FILE: [u8; 32] = [9; 32];
const LINES: usize = 6;
const FRAMES_PER_CHECKPOINT: usize = 7;

fn arrivals() -> &'static [Arrival] {
    static ARRIVALS: OnceLock<Vec<Arrival>> = OnceLock::new();
    ARRIVALS.get_or_init(|| {
        let sources = vec![FEED.to_owned()];
        input::arrivals(&WorldOptions { sources, events: 360, ..small(Field::Gaming, 3) })
    })
}

fn batches() -> Vec<Batch> {
    input::in_order(arrivals(), LINES)
}

/// What was acknowledged: rows of the file, and the statement.
#[derive(Clone, Debug, Default)]
struct Acknowledged {
    rows: u64,
    statement: bool,
}

type Failed = String;

fn open(disk: &FaultDisk) -> Result<Rig, Failed> {
    Rig::open_with(disk, &Opening::default()).map_err(|error| error.to_string())
}

/// Rows of the file that an operator says it has.
fn rows_of(rig: &Rig) -> Result<u64, Failed> {
    let feed = rig.engine.store().document(Table::Feed, &FILE).map_err(|e| e.to_string())?;
    Ok(feed.map_or(0, |bytes| Feed::decode(&bytes).unwrap().rows_done))
}

/// Runs to the end from wherever the operator stands.
fn work(disk: &FaultDisk, done: &mut Acknowledged) -> Result<Rig, Failed> {
    let mut rig = open(disk)?;
    let said = |error: engine::EngineError| error.to_string();
    if rig.engine.state().books.current().is_none() {
        rig.book(Field::Gaming).map_err(said)?;
    }
    let (batches, mut rows) = (batches(), 0);
    let skip = rows_of(&rig)?;
    for (at, batch) in batches.iter().enumerate() {
        rows += batch.lines.len() as u64;
        if rows <= skip {
            continue;
        }
        rig.ingest_part(batch, FILE, rows, at + 1 == batches.len()).map_err(said)?;
        done.rows = rows;
        if at % FRAMES_PER_CHECKPOINT == 0 {
            rig.engine.checkpoint().map_err(said)?;
        }
    }
    rig.engine.close("studio-0-share", "2026-03", NOW, "test").map_err(said)?;
    done.statement = true;
    rig.engine.checkpoint().map_err(said)?;
    Ok(rig)
}

macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

/// The totals, counters and statements of a run without a fault.
fn undisturbed() -> &'static support::rig::Outcome {
    static OUTCOME: OnceLock<support::rig::Outcome> = OnceLock::new();
    OUTCOME.get_or_init(|| {
        let rig = work(&FaultDisk::new(1), &mut Acknowledged::default()).unwrap();
        rig.must_verify("undisturbed");
        must_have_everything(&rig).unwrap();
        rig.result()
    })
}

fn must_be_the_same(rig: &Rig) -> Result<(), Failed> {
    let (found, expected) = (rig.result(), undisturbed());
    ensure!(found.counters == expected.counters, "counters {:?}", found.counters);
    ensure!(found.totals == expected.totals, "other totals");
    ensure!(found.statements == expected.statements, "another statement");
    // Pseudonyms are random, and with them the roots.
    let sizes = |roots: &[(String, u64, proof::Hash)]| -> Vec<u64> {
        roots.iter().map(|(_, size, _)| *size).collect()
    };
    ensure!(sizes(&found.roots) == sizes(&expected.roots), "other trees");
    let verified = rig.engine.verify(1, &|_, _| {}).map_err(|error| error.to_string())?;
    ensure!(verified.is_clean(), "verify: {:?}", verified.differences);
    Ok(())
}

/// Every record in the Log has its person in the Vault and its raw row, and nothing is doubled.
fn must_have_everything(rig: &Rig) -> Result<(), Failed> {
    let lines: Vec<&Arrival> = arrivals().iter().collect();
    let said = |error: engine::port::PortError| error.to_string();
    let mut reader = rig.engine.log().reader(0).map_err(said)?;
    let mut row = 0;
    while let Some(view) = reader.next_frame().map_err(said)? {
        if view.kind != FrameKind::Events {
            continue;
        }
        let header = EventsHeader::decode(view.header).unwrap();
        let raw = rig.raw.read(header.raw_block).map_err(said)?;
        let Some(raw) = raw else { return Err(format!("row {row}: no raw rows")) };
        for at in 0..view.len() {
            let arrival = lines.get(row).ok_or("more rows than there are")?;
            row += 1;
            let (start, length) = match Record::decode(view.record(at).unwrap()).unwrap() {
                Record::Event(event) => {
                    let (_, pseudonym) = event.pseudonyms().next().ok_or("nobody")?;
                    let person = person(&arrival.line);
                    let known = rig.vault.find(&person) == Some(pseudonym);
                    ensure!(known, "row {row}: {person} is not in the Vault");
                    (event.raw_offset, event.raw_length)
                }
                Record::Unreadable(record) => (record.raw_offset, record.raw_length),
            };
            let kept = raw.get(start as usize..(start + length) as usize);
            ensure!(kept == Some(&arrival.line), "row {row}: other raw bytes");
        }
    }
    Ok(())
}

fn person(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line).into_owned();
    let (_, rest) = text.split_once("\"player\":\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// The next start after a fault: nothing acknowledged is lost, and the run ends as it would have.
fn aftermath(disk: &FaultDisk, done: &Acknowledged) -> Result<(), Failed> {
    let rig = open(disk)?;
    let rows = rows_of(&rig)?;
    ensure!(rows >= done.rows, "{rows} rows, {} were acknowledged", done.rows);
    let closed = !rig.statements().is_empty();
    ensure!(closed || !done.statement, "the statement is lost");
    must_have_everything(&rig)?;
    drop(rig);
    let rig = work(disk, &mut Acknowledged::default())?;
    must_have_everything(&rig)?;
    must_be_the_same(&rig)?;
    drop(rig);
    // What was done after the fault is as durable as any.
    let rig = open(&disk.crash(Crash::Lost, 5))?;
    must_have_everything(&rig)?;
    must_be_the_same(&rig)
}

type Setup<'a> = &'a dyn Fn(&FaultDisk);

fn calls(class: Calls) -> u64 {
    let disk = FaultDisk::new(1);
    work(&disk, &mut Acknowledged::default()).unwrap();
    disk.calls(class)
}

/// All of `0..count` in the long form, else a sample that is spread evenly.
fn sample(count: u64, size: u64) -> Vec<u64> {
    if long() {
        return (0..count).collect();
    }
    let mut rng = Rng::from_seed(count);
    (0..size.min(count)).map(|at| (at * count + rng.below(count)) / size.min(count)).collect()
}

/// The power goes off at change `at`.
fn power_cut(at: u64, mode: Crash, setup: Setup<'_>) -> Result<(), Failed> {
    let disk = FaultDisk::new(at);
    setup(&disk);
    disk.fail_at(Calls::Changes, at, Fault::PowerCut);
    let mut done = Acknowledged::default();
    // How far it got is in `done`.
    let _ = work(&disk, &mut done);
    aftermath(&disk.crash(mode, at), &done).map_err(|why| format!("change {at}, {mode:?}: {why}"))
}

#[test]
fn power_cut_at_every_change() {
    let changes = calls(Calls::Changes);
    for (turn, at) in sample(changes + 1, 60).into_iter().enumerate() {
        let modes = if long() { &Crash::ALL[..] } else { &Crash::ALL[turn % 5..=turn % 5] };
        for mode in modes {
            power_cut(at, *mode, &|_| {}).unwrap();
        }
    }
}

/// Call `at` fails; the process starts again on the same disk.
fn failing_call(at: u64, fault: Fault) -> Result<(), Failed> {
    let disk = FaultDisk::new(at);
    disk.fail_at(Calls::All, at, fault);
    let mut done = Acknowledged::default();
    let _ = work(&disk, &mut done);
    let say = |why| format!("{fault:?} at call {at}: {why}");
    let off = disk.crash(Crash::Lost, at);
    aftermath(&off, &done).map_err(say)?;
    aftermath(&disk, &done).map_err(say)
}

#[test]
fn error_at_every_call() {
    let faults = [Fault::Eio, Fault::Enospc, Fault::ShortWrite, Fault::FlushFails];
    let all = calls(Calls::All);
    for (turn, at) in sample(all, 40).into_iter().enumerate() {
        let faults = if long() { &faults[..] } else { &faults[turn % 4..=turn % 4] };
        for fault in faults {
            failing_call(at, *fault).unwrap();
        }
    }
    let syncs = calls(Calls::Syncs);
    for at in sample(syncs, 20) {
        let disk = FaultDisk::new(at);
        disk.fail_at(Calls::Syncs, at, Fault::FlushFails);
        let mut done = Acknowledged::default();
        let _ = work(&disk, &mut done);
        let after = disk.crash(Crash::Lost, at);
        aftermath(&after, &done).unwrap_or_else(|why| panic!("sync {at} fails: {why}"));
    }
}

/// Each flush of the code, by the files that it is about, is missed when it does nothing.
#[test]
fn no_flush_is_for_nothing() {
    let changes = calls(Calls::Changes);
    let classes: [(&str, Setup<'_>); 18] = [
        ("the Log", &|disk| disk.ignore_sync("log/")),
        ("the Vault", &|disk| disk.ignore_sync("vault")),
        ("raw rows", &|disk| disk.ignore_sync("raw/")),
        ("the index", &|disk| disk.ignore_sync("index/")),
        ("totals", &|disk| disk.ignore_sync("totals/")),
        ("accounts", &|disk| disk.ignore_sync("accounts/")),
        ("blocks", &|disk| disk.ignore_sync("blocks/")),
        ("tiles", &|disk| disk.ignore_sync("tiles/")),
        ("documents", &|disk| disk.ignore_sync("documents.db")),
        ("the verification log", &|disk| disk.ignore_sync("verification.db")),
        ("the root's names", &|disk| disk.ignore_sync_dir("")),
        ("names of the Log", &|disk| disk.ignore_sync_dir("log")),
        ("names of raw rows", &|disk| disk.ignore_sync_dir("raw")),
        ("names of the index", &|disk| disk.ignore_sync_dir("index")),
        ("names of totals", &|disk| disk.ignore_sync_dir("totals")),
        ("names of blocks", &|disk| disk.ignore_sync_dir("blocks")),
        ("names of tiles", &|disk| disk.ignore_sync_dir("tiles")),
        ("names of accounts", &|disk| disk.ignore_sync_dir("accounts")),
    ];
    for (name, setup) in classes {
        let modes = [Crash::Lost, Crash::Subset, Crash::Sectors];
        // The last changes first: by then everything has been flushed once.
        let found = (0..=changes)
            .rev()
            .step_by(7)
            .find_map(|at| modes.into_iter().find_map(|mode| power_cut(at, mode, setup).err()));
        println!("{name}: {found:?}");
        assert!(found.is_some(), "nobody misses the flush of {name}");
    }
}
