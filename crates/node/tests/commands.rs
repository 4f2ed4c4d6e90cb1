//! References, contests and commands through the engine: counters, sums, and `verify` clean after
//! each step, and the same again from the Log alone.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::{Command, EngineError};
use sim::world::Field;
use support::input::Batch;
use support::rig::{Opening, Rig};
use support::shape::{about, bet, line};

const FEED: &str = "feed-a";

/// One step of a case.
enum Step {
    /// A line of `feed-a`, in a frame of its own.
    Line(String),
    /// Lines of `feed-a` in one frame.
    Lines(Vec<String>),
    /// A line of `feed-b`.
    Other(String),
    /// A command that fits.
    Do(Command),
    /// A command that does not fit: it is refused and leaves nothing behind.
    Refused(Command),
}
use Step::{Do, Line, Lines, Other, Refused};

fn resolve(later: u64, keep_later: bool) -> Step {
    Do(Command::Resolve { later, keep_later, reason: String::new() })
}

fn replay(position: u64) -> Step {
    Do(Command::Replay { position })
}

/// Sums of `feed-a`'s game by account: `stakes 500/0`, debit and credit in cents.
fn sums(rig: &Rig) -> String {
    let mut sums = std::collections::BTreeMap::<String, (i128, i128)>::new();
    for ((path, _, _), total) in rig.totals() {
        if let Some(name) = path.strip_prefix("play:studio-0:crash:") {
            let sum = sums.entry(name.to_owned()).or_default();
            *sum = (sum.0 + total.debit, sum.1 + total.credit);
        }
    }
    let shown = sums.iter().map(|(name, (debit, credit))| format!("{name} {debit}/{credit}"));
    shown.collect::<Vec<_>>().join(", ")
}

/// `counts`: received, posted, duplicate, waiting, quarantined. The book is at position 0.
fn check(name: &str, steps: Vec<Step>, counts: [u64; 5], expected: &str) {
    let mut rig = Rig::new(Field::Gaming);
    for (at, step) in steps.into_iter().enumerate() {
        let batch = |source: &str, lines: Vec<String>| Batch {
            source: source.to_owned(),
            lines: lines.into_iter().map(String::into_bytes).collect(),
        };
        match step {
            Line(line) => rig.ingest(&batch(FEED, vec![line])).unwrap(),
            Lines(lines) => rig.ingest(&batch(FEED, lines)).unwrap(),
            Other(line) => rig.ingest(&batch("feed-b", vec![line])).unwrap(),
            Do(command) => {
                rig.command(command).unwrap();
            }
            Refused(command) => {
                let end = rig.engine.log().end();
                let error = rig.command(command).unwrap_err();
                let fits = matches!(error, EngineError::Unknown(_) | EngineError::Conflict(_));
                assert!(fits, "{name}: {error}");
                assert_eq!(rig.engine.log().end(), end, "{name}: it is in the Log");
            }
        }
        rig.must_verify(&format!("{name}, step {at}"));
    }
    finish(name, &rig, counts, expected);
}

fn finish(name: &str, rig: &Rig, counts: [u64; 5], expected: &str) {
    assert_eq!(rig.counters()[..5], counts, "{name}");
    assert_eq!(sums(rig), expected, "{name}");
    let before = rig.result();
    let wiped = Opening { wipe_store: true, ..Opening::default() };
    let again = Rig::open_with(&rig.disk.clone(), &wiped).unwrap();
    assert_eq!(again.result(), before, "{name}: replayed");
    again.must_verify(&format!("{name}: replayed"));
}

#[test]
fn contests() {
    let five = || Line(bet("1", "5.00", 0));
    let six = || Line(bet("1", "6.00", 20));
    let seven = || Line(bet("1", "7.00", 40));
    check("open", vec![five(), six(), six(), five()], [4, 1, 2, 0, 1], "stakes 0/500");
    check(
        "first kept",
        vec![five(), six(), resolve(2, false), six()],
        [3, 1, 1, 0, 1],
        "stakes 0/500",
    );
    check(
        "later kept",
        vec![five(), six(), resolve(2, true), six(), five()],
        [4, 1, 2, 0, 1],
        "stakes 500/1100",
    );
    check(
        "the last kept",
        vec![five(), six(), seven(), resolve(2, true), resolve(3, true)],
        [3, 1, 0, 0, 2],
        "stakes 1100/1800",
    );
    check(
        "kept and back",
        vec![
            five(),
            six(),
            resolve(2, true),
            Refused(Command::Resolve { later: 2, keep_later: true, reason: String::new() }),
        ],
        [2, 1, 0, 0, 1],
        "stakes 500/1100",
    );
    let win = |amount, minute| Line(about("2", "win", amount, minute, "1"));
    check(
        "a contest about what waits",
        vec![win("1.00", 0), win("2.00", 0), resolve(2, true), five()],
        [3, 2, 0, 0, 1],
        "stakes 0/500, wins 200/0",
    );
    check(
        "the winner releases",
        vec![
            Line(about("3", "win", "1.00", 0, "2")),
            Line(about("2", "bonus", "1.00", 0, "9")),
            Line(bet("2", "4.00", 0)),
            resolve(3, true),
        ],
        [3, 2, 0, 0, 1],
        "stakes 0/400, wins 100/0",
    );
}

#[test]
fn contests_about_what_was_cancelled() {
    let five = || Line(bet("1", "5.00", 0));
    let six = || Line(bet("1", "6.00", 20));
    let cancel = |amount, minute| Line(about("2", "rollback", amount, minute, "1"));
    // What the first cancel took back were five, whatever its bet says by then.
    check(
        "a cancel, after its bet gave way",
        vec![five(), cancel("-", 5), six(), resolve(3, true), cancel("-", 50), resolve(5, true)],
        [4, 2, 0, 0, 2],
        "stakes 1600/1600",
    );
    check(
        "a bet again, after its cancel gave way",
        vec![five(), cancel("-", 5), cancel("-", 50), resolve(3, true), six(), resolve(5, true)],
        [4, 2, 0, 0, 2],
        "stakes 1500/1600",
    );
}

#[test]
fn cancels() {
    let five = || Line(bet("1", "5.00", 0));
    let cancel = |id, amount, minute| Line(about(id, "rollback", amount, minute, "1"));
    check("after", vec![five(), cancel("2", "5.00", 20)], [2, 2, 0, 0, 0], "stakes 500/500");
    check("without amount", vec![five(), cancel("2", "-", 20)], [2, 2, 0, 0, 0], "stakes 500/500");
    check("before", vec![cancel("2", "-", 20), five()], [2, 2, 0, 0, 0], "stakes 500/500");
    check("other amount", vec![five(), cancel("2", "4.00", 0)], [2, 1, 0, 0, 1], "stakes 0/500");
    check(
        "other amount, before",
        vec![cancel("2", "4.00", 0), five(), cancel("2", "4.00", 0)],
        [3, 1, 1, 0, 1],
        "stakes 0/500",
    );
    check(
        "twice",
        vec![five(), cancel("2", "-", 0), cancel("3", "-", 9)],
        [3, 2, 0, 0, 1],
        "stakes 500/500",
    );
    check(
        "twice, before, in one frame",
        vec![Lines(vec![
            about("3", "rollback", "-", 9, "1"),
            about("2", "rollback", "-", 0, "1"),
            bet("1", "5.00", 0),
            about("2", "rollback", "-", 0, "1"),
        ])],
        [4, 2, 1, 0, 1],
        "stakes 500/500",
    );
    check(
        "of what waits",
        vec![
            Line(about("4", "rollback", "-", 9, "2")),
            Line(about("2", "win", "3.00", 0, "1")),
            five(),
        ],
        [3, 3, 0, 0, 0],
        "stakes 0/500, wins 300/300",
    );
    check(
        "replaced by another cancel",
        vec![five(), cancel("2", "-", 0), cancel("2", "5.00", 20), resolve(3, true)],
        [3, 2, 0, 0, 1],
        "stakes 1000/1000",
    );
    check(
        "of a foreign bet, never there",
        vec![
            Other(line("2", "rollback", "-", 0, ",\"ref\":{\"source\":\"feed-a\",\"id\":\"1\"}")),
            five(),
        ],
        [2, 1, 0, 0, 1],
        "stakes 0/500",
    );
}

#[test]
fn references_within_a_group() {
    let disk = sim::disk::FaultDisk::new(1);
    let mut rig = Rig::open(&disk).unwrap();
    let mut files = support::rig::book_files(Field::Gaming);
    let sources = files.get_mut("sources.yaml").unwrap();
    let text = String::from_utf8(sources.clone()).unwrap();
    *sources = text
        .replace("feed-a: {", "feed-a: { group: studios,")
        .replace("feed-b: {", "feed-b: { group: studios,")
        .into_bytes();
    rig.command(Command::Book { revision: 1, files, reason: String::new() }).unwrap();
    let to = ",\"ref\":{\"source\":\"feed-a\",\"id\":\"1\"}";
    // The ids of the two sources are apart, and so are the cancels of their events.
    rig.lines("feed-b", &[&line("2", "rollback", "-", 0, to), &bet("1", "7.00", 0)]);
    rig.must_verify("waits");
    assert_eq!(rig.counters()[..5], [2, 1, 0, 1, 0]);
    rig.lines(FEED, &[&bet("1", "5.00", 0), &about("9", "rollback", "-", 0, "1")]);
    rig.must_verify("released");
    rig.lines("feed-b", &[&about("3", "rollback", "-", 0, "1")]);
    rig.lines("feed-b", &[&line("4", "win", "1.00", 0, to)]);
    finish("group", &rig, [6, 5, 0, 0, 1], "stakes 1200/1200, wins 100/0");
}

#[test]
fn quarantine() {
    let wrong = || Line(bet("1", "-5.00", 0));
    let right = || Line(bet("1", "5.00", 0));
    check("replayed in vain", vec![wrong(), replay(1), replay(1), wrong()], [2, 0, 1, 0, 1], "");
    check(
        "nothing there",
        vec![
            right(),
            Refused(Command::Replay { position: 1 }),
            Refused(Command::Replay { position: 0 }),
            Refused(Command::Replay { position: 77 }),
            Refused(Command::Resolve { later: 1, keep_later: true, reason: String::new() }),
            Refused(Command::Book {
                revision: 9,
                files: std::collections::BTreeMap::default(),
                reason: String::new(),
            }),
            Refused(Command::Book {
                revision: 2,
                files: std::collections::BTreeMap::default(),
                reason: String::new(),
            }),
        ],
        [1, 1, 0, 0, 0],
        "stakes 0/500",
    );
    check("came right later", vec![wrong(), right(), replay(1)], [2, 1, 0, 0, 1], "stakes 0/500");
}

/// Name, lines before, what the row at 1 is corrected to, lines after, counts and sums.
type Fix = (&'static str, Vec<String>, String, Vec<String>, [u64; 5], &'static str);

fn check_fix((name, before, correction, after, counts, expected): Fix) {
    let mut rig = Rig::new(Field::Gaming);
    rig.lines(FEED, &before.iter().map(String::as_str).collect::<Vec<_>>());
    let command = rig.fix(1, &correction);
    rig.command(command).unwrap_or_else(|error| panic!("{name}: {error}"));
    rig.must_verify(name);
    for line in &after {
        rig.lines(FEED, &[line]);
    }
    rig.must_verify(name);
    finish(name, &rig, counts, expected);
}

#[test]
fn fixes() {
    let cases: [Fix; 5] = [
        (
            "fixed",
            vec![bet("1", "-5.00", 0)],
            bet("1", "5.00", 0),
            vec![bet("1", "5.00", 0)],
            [2, 1, 1, 0, 0],
            "stakes 0/500",
        ),
        (
            "an unreadable row",
            vec!["{".to_owned()],
            bet("1", "5.00", 0),
            vec!["{".to_owned()],
            [2, 1, 1, 0, 0],
            "stakes 0/500",
        ),
        (
            "a repeat",
            vec!["{".to_owned(), bet("1", "5.00", 0)],
            bet("1", "5.00", 0),
            vec![],
            [2, 1, 1, 0, 0],
            "stakes 0/500",
        ),
        (
            "a contest",
            vec!["{".to_owned(), bet("1", "5.00", 0)],
            bet("1", "6.00", 0),
            vec![],
            [2, 1, 0, 0, 1],
            "stakes 0/500",
        ),
        ("still wrong", vec!["{".to_owned()], bet("1", "-6.00", 0), vec![], [1, 0, 0, 0, 1], ""),
    ];
    cases.into_iter().for_each(check_fix);
}

#[test]
fn fixes_of_what_refers() {
    let cases: [Fix; 3] = [
        (
            "waits",
            vec!["{".to_owned()],
            about("2", "win", "3.00", 0, "1"),
            vec![bet("1", "5.00", 0)],
            [2, 2, 0, 0, 0],
            "stakes 0/500, wins 300/0",
        ),
        (
            "releases",
            vec!["{".to_owned(), about("2", "win", "3.00", 0, "1")],
            bet("1", "5.00", 0),
            vec![about("2", "win", "3.00", 0, "1")],
            [3, 2, 1, 0, 0],
            "stakes 0/500, wins 300/0",
        ),
        (
            "a cancel",
            vec!["{".to_owned(), bet("1", "5.00", 0)],
            about("2", "rollback", "-", 0, "1"),
            vec![about("3", "rollback", "-", 0, "1")],
            [3, 2, 0, 0, 1],
            "stakes 500/500",
        ),
    ];
    cases.into_iter().for_each(check_fix);
}
