//! The feed of changes: what each step adds to it, in pages of any size, and the same again from
//! the Log alone.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::Command;
use engine::query::{Change, ChangeFilter, Cursor, Datum, Kinds};
use sim::world::Field;
use support::rig::{Opening, Rig};
use support::shape::{about, bet};

const FEED: &str = "feed-a";

/// An operator to which everything happened that the tests look for.
fn lived() -> Rig {
    let mut rig = Rig::new(Field::Gaming);
    let win = about("3", "win", "1.00", 0, "2");
    rig.lines(FEED, &[&bet("1", "5.00", 0), &win]);
    rig.lines(FEED, &[&bet("2", "4.00", 0), &bet("1", "5.00", 0), &bet("1", "6.00", 0)]);
    let reason = "their invoice".to_owned();
    rig.command(Command::Resolve { later: 5, keep_later: true, reason }).unwrap();
    rig.lines(FEED, &["{"]);
    let command = rig.fix(7, &bet("9", "1.00", 0));
    rig.command(command).unwrap();
    let (source, code) = (FEED.to_owned(), "E3101".to_owned());
    rig.command(Command::Refused { source, code, count: 2 }).unwrap();
    rig.command(Command::Verified { position: 10, clean: true }).unwrap();
    rig
}

fn shown(change: &Change) -> String {
    let detail = |name: &str| match change.data.get(name) {
        Some(Datum::Text(text)) => format!(" {text}"),
        Some(Datum::Number(number)) => format!(" {number}"),
        _ => String::new(),
    };
    let details = ["code", "winner", "amount", "fixed", "by"].map(detail).concat();
    format!("{} {} {}{details}", change.cursor, change.kind.name(), change.subject)
}

/// Everything that a filter gives, in pages of `limit`.
fn all(rig: &Rig, filter: &ChangeFilter, limit: usize) -> Vec<Change> {
    let (mut found, mut after) = (Vec::new(), Cursor::default());
    loop {
        let page = rig.engine.changes(after, filter, limit).unwrap();
        assert!(page.changes.len() <= limit);
        assert!(page.reached > after || !page.more, "a page that does not go on: {after}");
        found.extend(page.changes);
        after = page.reached;
        if !page.more {
            assert_eq!(after, Cursor::before(rig.engine.store().position()));
            return found;
        }
    }
}

#[test]
fn everything_that_changes_is_told_once_and_in_order() {
    let rig = lived();
    let found = all(&rig, &ChangeFilter::default(), 1000);
    let lines: Vec<String> = found.iter().map(shown).collect();
    let expected = [
        "0.1 book.applied book",
        "1.1 event.posted events/feed-a/1 5.00",
        "2.1 event.waiting events/feed-a/3 1.00",
        "3.1 event.posted events/feed-a/2 4.00",
        "5.1 event.quarantined events/feed-a/1 E2501 6.00",
        "5.2 contest.opened events/feed-a/1 E2501 6.00",
        "5.3 event.released events/feed-a/3 1.00 5",
        "6.1 contest.resolved events/feed-a/1 later 6.00",
        "6.3 event.quarantined events/feed-a/1 E2501 5.00 6",
        "6.4 event.posted events/feed-a/1 6.00 6",
        "7.1 event.quarantined rows/feed-a/7 E2101",
        "8.1 quarantine.fixed events/feed-a/9 1.00 7",
        "8.3 event.posted events/feed-a/9 1.00 8",
        "9.1 event.refused sources/feed-a E3101",
        "10.1 ledger.verified ledger",
    ];
    assert_eq!(lines, expected);
    for limit in 1..20 {
        assert_eq!(all(&rig, &ChangeFilter::default(), limit), found, "pages of {limit}");
    }
    let wiped = Opening { wipe_store: true, ..Opening::default() };
    let again = Rig::open_with(&rig.disk.clone(), &wiped).unwrap();
    assert_eq!(all(&again, &ChangeFilter::default(), 3), found, "from the Log alone");
}

#[test]
fn a_filter_gives_what_it_names_and_nothing_else() {
    let rig = lived();
    let found = all(&rig, &ChangeFilter::default(), 1000);
    for names in [
        vec!["event.posted"],
        vec!["event.released", "book.applied"],
        vec!["contest.*"],
        vec!["contest.opened"],
        vec!["event.quarantined", "ledger.verified"],
        vec!["line.held"],
    ] {
        let kinds = Kinds::named(names.iter().copied()).unwrap();
        let filter = ChangeFilter { kinds, party: None };
        let expected: Vec<&Change> = found.iter().filter(|change| kinds.has(change.kind)).collect();
        for limit in [1, 2, 1000] {
            let given = all(&rig, &filter, limit);
            assert_eq!(given.iter().collect::<Vec<_>>(), expected, "{names:?} by {limit}");
        }
    }
    // The gaming book's feeds are the operator's own: no counterparty sees them.
    let filter = ChangeFilter { kinds: Kinds::default(), party: Some("studio-0".to_owned()) };
    assert_eq!(all(&rig, &filter, 10), Vec::new());
}
