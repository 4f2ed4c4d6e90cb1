//! What an earlier version stored stays readable: each record and document of version 1, as it
//! was written then, is read to the same value, and is written again to the same bytes.
//!
//! `fixtures/stored-v1.txt` is never written again; `stored-v2.txt` was made by another program
//! from `docs/formats.md`. For a new version add a new file: the ignored
//! test writes one below this crate's directory for temporary files, to be copied there.
#![allow(clippy::unwrap_used)] // a test may panic

use engine::block::{Block, Posted};
use engine::close::Closed;
use engine::document::{Contest, Feed, Quarantined, VerificationPage, WaitingDocument};
use engine::record::{EventsHeader, NO_RAW, Record, push_event, push_unreadable};
use engine::trace::{TraceId, Traces};
use engine::{Command, Control};
use ledger::time::{Bucket, Span};
use ledger::{Dim, Draft, EventRef, Reject, Total};
use settle::AccountSum;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const COMMITTED: &str = include_str!("fixtures/stored-v1.txt");
const COMMITTED_2: &str = include_str!("fixtures/stored-v2.txt");

/// Whether bytes are what they should be.
type Holds = Box<dyn Fn(&[u8]) -> bool>;

/// A stored form: what is written today, and whether bytes read to the value that they were.
struct Case {
    name: &'static str,
    written: Vec<u8>,
    holds: Holds,
}

macro_rules! case {
    ($name:literal, $type:ident, $value:expr) => {{
        let value: $type = $value;
        let written = value.encode();
        let holds = Box::new(move |bytes: &[u8]| $type::decode(bytes) == Ok(value.clone()));
        Case { name: $name, written, holds }
    }};
}

fn cases() -> Vec<Case> {
    let mut cases = documents();
    cases.extend(records());
    cases.extend(commands().into_iter().chain(invoices()).map(|(name, command)| {
        let value = Control { at: 1_772_323_205_000_000_007, author: "kim".into(), command };
        let written = value.encode();
        let holds = Box::new(move |bytes: &[u8]| Control::decode(bytes) == Ok(value.clone()));
        Case { name, written, holds }
    }));
    cases.push(case!("journal block", Block, block()));
    cases
}

fn block() -> Block {
    let posted = |position, minor| Posted {
        position,
        debit: 1,
        credit: 2,
        debit_bucket: Bucket(-7),
        credit_bucket: Bucket(1_969_248),
        minor,
    };
    Block {
        stream: "feed-a".into(),
        first: 100,
        sequence: 90,
        outcomes: vec![4, 0, 1, 4],
        posted: vec![posted(100, 2500), posted(103, i128::MAX)],
        released: vec![posted(3, 0)],
        moved: vec![],
    }
}

/// Canonical bytes of an event with two people in it.
fn canonical(out: &mut Vec<u8>) {
    let dims = [("game", "roulette"), ("player", "p-77"), ("agent", "a-1"), ("provider", "x:y")];
    let mut draft = Draft {
        source: "feed-a",
        id: "t-81",
        kind: "win",
        occurred_at: 1_772_323_205_000_000_007,
        amount: Some("25.00".parse().unwrap()),
        asset: Some("EUR"),
        dims: dims.into_iter().map(|(name, value)| Dim { name, value }).collect(),
        reference: Some(EventRef { source: "feed-b", id: "t-80" }),
    };
    draft.check_envelope().unwrap();
    draft.encode("house", |name| ["agent", "player"].contains(&name), out);
}

fn records() -> Vec<Case> {
    let header = EventsHeader {
        operator: "house".into(),
        source: "feed-a".into(),
        received_at: 1_772_323_205_000_000_007,
        revision: 3,
        mapping: "rounds".into(),
        raw_block: 9,
        file: [0xab; 32],
        rows_done: 8192,
        last: true,
        traces: Traces::default(),
    };
    let native = EventsHeader {
        mapping: String::new(),
        raw_block: NO_RAW,
        file: [0; 32],
        rows_done: 0,
        last: false,
        ..header.clone()
    };
    let (mut event, mut holes) = (Vec::new(), Vec::new());
    let pushed = push_event(&mut event, canonical, &["agent", "player"], (17, 240), &mut holes);
    assert!(pushed.is_some());
    for (hole, byte) in holes.into_iter().zip([0x11, 0x22]) {
        event[hole..hole + 16].fill(byte);
    }
    let mut unreadable = Vec::new();
    let reason = "line 7 is no JSON object";
    push_unreadable(&mut unreadable, Reject::Unreadable, [0xcd; 32], reason, (257, 40));
    vec![
        case!("events header", EventsHeader, header),
        case!("events header, native, nothing kept", EventsHeader, native),
        Case { name: "event", written: event, holds: Box::new(is_event) },
        Case {
            name: "unreadable row",
            written: unreadable,
            holds: Box::new(move |bytes| match Record::decode(bytes) {
                Ok(Record::Unreadable(row)) => {
                    (row.reject, row.raw_hash, row.reason)
                        == (Reject::Unreadable, [0xcd; 32], reason)
                        && (row.raw_offset, row.raw_length) == (257, 40)
                }
                _ => false,
            }),
        },
    ]
}

/// Headers that name what brought the records.
fn headers() -> Vec<Case> {
    let mut traces = Traces::default();
    for (at, byte) in [(0, 0x1a), (3, 0), (5, 0x2b)] {
        traces.begin(at, TraceId::new([byte; 16]));
    }
    let traced = EventsHeader {
        operator: "house".into(),
        source: "feed-a".into(),
        received_at: 1_772_323_205_000_000_007,
        revision: 3,
        mapping: String::new(),
        raw_block: 9,
        file: [0; 32],
        rows_done: 0,
        last: false,
        traces,
    };
    let id = TraceId::new([0x1a; 16]);
    vec![
        case!("events header, version 2", EventsHeader, traced),
        Case {
            name: "header of a command",
            written: TraceId::command_header(id),
            holds: Box::new(move |bytes| TraceId::of_command(bytes) == Ok(id)),
        },
    ]
}

fn is_event(bytes: &[u8]) -> bool {
    let Ok(Record::Event(record)) = Record::decode(bytes) else { return false };
    let mut expected = Vec::new();
    canonical(&mut expected);
    let people: Vec<_> = record.pseudonyms().collect();
    record.canonical == expected
        && people == [("agent", [0x11; 16]), ("player", [0x22; 16])]
        && (record.raw_offset, record.raw_length) == (17, 240)
}

fn commands() -> Vec<(&'static str, Command)> {
    let text = |text: &str| text.to_owned();
    let files = [("assets.yaml", "assets: {}\n"), ("kinds.yaml", "kinds: {}\n")];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let (start, end) = (1_772_323_200_000_000_000, 1_775_001_600_000_000_000);
    let (agreement, period) = (text("studio-0-share"), text("2026-03"));
    vec![
        (
            "control 1, book",
            Command::Book { revision: 2, files: BTreeMap::from(files), reason: String::new() },
        ),
        (
            "control 2, close",
            Command::Close {
                agreement: agreement.clone(),
                period: period.clone(),
                start,
                end,
                reason: String::new(),
            },
        ),
        ("control 3, statement", Command::Statement { agreement, period, commitment: vec![1; 9] }),
        (
            "control 4, resolve",
            Command::Resolve { later: 77, keep_later: true, reason: String::new() },
        ),
        ("control 5, replay", Command::Replay { position: 78 }),
        (
            "control 6, fix",
            Command::Fix {
                position: 79,
                operator: text("house"),
                source: text("feed-a"),
                revision: 2,
                record: vec![1, 0, 0],
                reason: String::new(),
            },
        ),
        ("control 7, erased", Command::Erased { pseudonym: [0x33; 16], raw_blocks: 4 }),
        ("control 8, verified", Command::Verified { position: 80, clean: false }),
        (
            "control 9, refused",
            Command::Refused { source: text("feed-a"), code: text("E3001"), count: 5 },
        ),
        (
            "control 10, control total",
            Command::ControlTotal {
                source: text("rounds"),
                control: text("total_win h-17"),
                stated: text("120.50"),
                summed: text("120.00"),
                reason: text("the rows add up to another sum"),
            },
        ),
    ]
}

fn invoices() -> Vec<(&'static str, Command)> {
    let text = str::to_owned;
    vec![
        (
            "control 17, tax invoice",
            Command::Invoice {
                agreement: text("supply"),
                period: text("2026-03"),
                revision: 2,
                document: b"{}".to_vec(),
            },
        ),
        (
            "control 18, amended tax invoice",
            Command::Amend {
                invoice: text("supply-2026-03"),
                reason: 2,
                on: text("2026-04-17"),
                supply: text("-120000"),
                documents: vec![b"{}".to_vec(), b"[]".to_vec()],
            },
        ),
    ]
}

fn documents() -> Vec<Case> {
    let source = || "feed-a".to_owned();
    let total = Total { debit: -1, credit: i128::MAX, count: 3 };
    let sum = |path: &str| AccountSum { path: path.into(), asset: "EUR".into(), total };
    let closed = |sequence| Closed {
        position: 11,
        statement_position: 12,
        closed_at: 1_775_001_700_000_000_000,
        sequence,
        span: Span { start: 1_772_323_200_000_000_000, end: 1_775_001_600_000_000_000 },
        revision: 2,
        body: b"{\"format\":\"saldo.statement.v1\"}".to_vec(),
        sums: vec![sum("play:studio-0:g:stakes"), sum("play:studio-0:g:wins")],
        commitment: vec![7; 11],
        restated: Vec::new(),
    };
    let page = VerificationPage {
        source: source(),
        received_at: 5,
        raw_block: 6,
        records: 8192,
        failures: vec![(0, Reject::Unreadable), (8191, Reject::Contest)],
    };
    vec![
        case!(
            "quarantined",
            Quarantined,
            Quarantined { source: source(), reject: Reject::Contest, void: true }
        ),
        case!(
            "waiting",
            WaitingDocument,
            WaitingDocument { source: source(), reference: u64::MAX - 1, occurred_at: -5 }
        ),
        case!("contest", Contest, Contest { source: source(), first: 1, from: -2, to: 3 }),
        case!(
            "feed",
            Feed,
            Feed { source: source(), mapping: "rounds".into(), rows_done: 9, complete: true }
        ),
        case!("verification page", VerificationPage, page),
        case!("closed, statement recorded", Closed, closed(Some(4))),
        case!("closed, no statement yet", Closed, closed(None)),
    ]
}

/// Names and bytes of a fixture: a name, then lines of hexadecimal digits that begin with blanks.
fn read(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("  ") {
            None => found.push((line.to_owned(), Vec::new())),
            Some(digits) => {
                let pairs =
                    digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
                let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap());
                found.last_mut().unwrap().1.extend(bytes);
            }
        }
    }
    found
}

fn write(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        writeln!(text, "{}", case.name).unwrap();
        for bytes in case.written.chunks(48) {
            let digits = engine::query::scan::hex(bytes);
            writeln!(text, "  {digits}").unwrap();
        }
    }
    text
}

#[test]
fn version_1_is_read_and_written_as_it_was() {
    is_as_it_was(&cases(), COMMITTED);
}

#[test]
fn version_2_is_read_and_written_as_it_was() {
    is_as_it_was(&headers(), COMMITTED_2);
}

fn is_as_it_was(cases: &[Case], committed: &str) {
    let committed = read(committed);
    let names: Vec<_> = committed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, cases.iter().map(|case| case.name).collect::<Vec<_>>());
    for (Case { name, written, holds }, (_, bytes)) in cases.iter().zip(&committed) {
        assert!(holds(bytes), "{name}: it is not read to what it was");
        assert_eq!(written, bytes, "{name}: it is written otherwise");
        let cut = &bytes[..bytes.len() - 1];
        assert!(!holds(cut), "{name}: a part of it is taken for the whole");
    }
}

#[test]
#[ignore = "writes the fixture of a new version"]
fn write_fixture() {
    for (name, cases) in [("stored-v1.txt", cases()), ("stored-v2.txt", headers())] {
        let to = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&to, write(&cases)).unwrap();
        eprintln!("written: {}", to.display());
    }
}
