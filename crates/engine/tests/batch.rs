//! The batch road on small histories: each line of a history is one record of the Log, and each
//! case is recomputed with several numbers of threads and of keys held at once.

mod batch_log;

use batch_log::{History, OPERATOR, books};
use engine::batch::{BatchSum, CutView, Recomputed, Task, recompute};
use ledger::time::{BUCKET_NANOS, Span};
use std::fmt::Write;

fn run(history: &History, cuts: &[CutView], threads: usize, keys_max: u64) -> Recomputed {
    let task = Task {
        log: history,
        operator: OPERATOR,
        books: &books,
        up_to: history.len(),
        cuts,
        fine: &[],
        threads,
        keys_max,
        progress: &|_| {},
    };
    recompute(&task).expect("the history is well formed")
}

fn shown(recomputed: &Recomputed) -> String {
    let mut text = String::new();
    for BatchSum { account, bucket, debit, credit, count } in &recomputed.sums {
        let (path, _) = &recomputed.accounts[*account as usize];
        if path == "clearing" {
            continue;
        }
        write!(text, " {path}@{} {debit}/{credit}/{count}", bucket.0).expect("memory");
    }
    text.trim_start().to_owned()
}

/// `counts`: received, posted, duplicate, waiting, quarantined, refused.
fn check(name: &str, history: &str, counts: [u64; 6], sums: &str) {
    let history = History::new(history);
    let first = run(&history, &[], 1, 1_000_000);
    let mut found = [0; 6];
    for c in first.counts.values() {
        let parts = [c.received, c.posted, c.duplicate, c.waiting, c.quarantined, c.refused];
        found.iter_mut().zip(parts).for_each(|(all, part)| *all += part);
    }
    assert_eq!(found, counts, "{name}: counts");
    assert_eq!(shown(&first), sums, "{name}: sums");
    let net: i128 = first.sums.iter().map(|sum| sum.debit - sum.credit).sum();
    assert_eq!(net, 0, "{name}: balance");
    for (threads, keys_max) in [(2, 1_000_000), (3, 2), (1, 1)] {
        let other = run(&history, &[], threads, keys_max);
        assert_eq!(other, first, "{name}: {threads} threads, {keys_max} keys");
    }
}

#[test]
fn plain_events_and_repeats() {
    for (name, history, counts, sums) in [
        ("one", "a 1 bet 5.00 0", [1, 1, 0, 0, 0, 0], "play:g1:stakes@0 0/500/1"),
        (
            "two buckets",
            "a 1 bet 5 0\na 2 bet 1 16",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:stakes@1 0/100/1",
        ),
        ("negative", "a 1 adj -5 0", [1, 1, 0, 0, 0, 0], "play:g1:stakes@0 500/0/1"),
        ("zero counts", "a 1 bet 0 0", [1, 1, 0, 0, 0, 0], "play:g1:stakes@0 0/0/1"),
        (
            "two legs",
            "a 1 tip 5 0 partner=p1",
            [1, 1, 0, 0, 0, 0],
            "fees:p1@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
        (
            "alias",
            "a 1 tip 5 0 partner=P-one",
            [1, 1, 0, 0, 0, 0],
            "fees:p1@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
        (
            "repeats",
            "a 1 bet 5 0\na 1 bet 5.0 0\na 2 bet 1 0\na 1 bet 5 0",
            [4, 2, 2, 0, 0, 0],
            "play:g1:stakes@0 0/600/2",
        ),
        (
            "ids of two sources",
            "a 1 bet 5 0\nb 1 bet 5 0",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/1000/2",
        ),
        (
            "escaped",
            "a 1 bet 5 0 game=x:%*y",
            [1, 1, 0, 0, 0, 0],
            "play:x%3A%25%2Ay:stakes@0 0/500/1",
        ),
        ("refused", "refused a 3\na 1 bet 5 0", [4, 1, 0, 0, 0, 3], "play:g1:stakes@0 0/500/1"),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn wrong_records_and_contests() {
    for (name, history, counts, sums) in [
        ("wrong", "a 1 bet -5 0\na 1 bet -5 0\na 2 bet 5.001 0", [3, 0, 1, 0, 2, 0], ""),
        (
            "wrong, then right",
            "a 1 bet -5 0\na 1 bet 5 0",
            [2, 1, 0, 0, 1, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "right, then wrong",
            "a 1 bet 5 0\na 1 bet -5 0\na 1 bet -5 0\na 1 bet 5 0",
            [4, 1, 2, 0, 1, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        ("unreadable", "a bad x\na bad x\nb bad x\na bad y", [4, 0, 2, 0, 2, 0], ""),
        (
            "contest",
            "a 1 bet 5 0\na 1 bet 6 0\na 1 bet 6 0\na 1 bet 5 0\na 1 bet 7 0",
            [5, 1, 2, 0, 2, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "first kept",
            "a 1 bet 5 0\na 1 bet 6 0\nresolve 1 first\na 1 bet 6 0",
            [3, 1, 1, 0, 1, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "later kept",
            "a 1 bet 5 0\na 1 bet 6 16\nresolve 1 later\na 1 bet 6 16\na 1 bet 5 0",
            [4, 1, 2, 0, 1, 0],
            "play:g1:stakes@0 500/500/2 play:g1:stakes@1 0/600/1",
        ),
        (
            "two contests, the last kept",
            "a 1 bet 5 0\na 1 bet 6 0\na 1 bet 7 0\nresolve 1 later\nresolve 2 later",
            [3, 1, 0, 0, 2, 0],
            "play:g1:stakes@0 1100/1800/5",
        ),
        (
            "later kept releases",
            "a 2 win 1 0 ref=a/1\na 1 win 5 0 ref=a/9\na 1 bet 6 0\nresolve 2 later",
            [3, 2, 0, 0, 1, 0],
            "play:g1:stakes@0 0/600/1 play:g1:wins@0 100/0/1",
        ),
        (
            "cancel replaced by another",
            "a 1 bet 5 0\na 2 rollback - 0 ref=a/1\na 2 rollback 5 16 ref=a/1\nresolve 2 later",
            [3, 2, 0, 0, 1, 0],
            "play:g1:stakes@0 500/1000/3 play:g1:stakes@1 500/0/1",
        ),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn references() {
    for (name, history, counts, sums) in [
        (
            "before it",
            "a 1 bet 5 0\na 2 win 3 16 ref=a/1",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:wins@0 300/0/1",
        ),
        (
            "after it",
            "a 2 win 3 16 ref=a/1\na 1 bet 5 0",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:wins@0 300/0/1",
        ),
        ("never", "a 2 win 3 16 ref=a/1\na 2 win 3 16 ref=a/1", [2, 0, 1, 1, 0, 0], ""),
        ("missing", "a 2 win 3 16", [1, 0, 0, 0, 1, 0], ""),
        ("optional without", "a 2 adj 3 16", [1, 1, 0, 0, 0, 0], "play:g1:stakes@1 0/300/1"),
        (
            "optional before it",
            "a 1 bet 5 0\na 2 adj 3 16 ref=a/1\na 2 adj 3 16 ref=a/1",
            [3, 2, 1, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:stakes@1 0/300/1",
        ),
        ("optional never", "a 2 adj 3 16 ref=a/1", [1, 0, 0, 1, 0, 0], ""),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn references_across_sources() {
    for (name, history, counts, sums) in [
        (
            "of the group",
            "b 2 adj 3 16 ref=a/1\na 1 bet 5 0",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:stakes@1 0/300/1",
        ),
        (
            "of another group",
            "c 2 adj 3 16 ref=a/1\na 1 bet 5 0",
            [2, 1, 0, 0, 1, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        ("to itself", "a 2 adj 3 16 ref=a/2", [1, 0, 0, 0, 1, 0], ""),
        (
            "wrong kind",
            "a 1 tip 5 0 partner=p1\na 2 adj 3 0 ref=a/1\na 2 adj 3 0 ref=a/1",
            [3, 1, 1, 0, 1, 0],
            "fees:p1@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
        (
            "wrong kind, late",
            "a 2 adj 3 0 ref=a/1\na 1 tip 5 0 partner=p1\na 2 adj 3 0 ref=a/1",
            [3, 1, 1, 0, 1, 0],
            "fees:p1@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
        ("to what is wrong", "a 1 bet -5 0\na 2 adj 3 0 ref=a/1", [2, 0, 0, 1, 1, 0], ""),
        (
            "a chain, backwards",
            "a 4 rollback - 31 ref=a/3\na 3 win 2 16 ref=a/1\na 1 bet 5 0\na 3 win 2 16 ref=a/1",
            [4, 3, 1, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:wins@0 200/0/1 play:g1:wins@1 0/200/1",
        ),
        (
            "repeated target",
            "a 1 bet 5 0\na 1 bet 5 0\na 2 adj 3 0 ref=a/1\na 1 bet 5 0",
            [4, 2, 2, 0, 0, 0],
            "play:g1:stakes@0 0/800/2",
        ),
        (
            "contested target",
            "a 1 bet 5 0\na 2 adj 3 0 ref=a/1\na 1 bet 6 0",
            [3, 2, 0, 0, 1, 0],
            "play:g1:stakes@0 0/800/2",
        ),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn cancels() {
    for (name, history, counts, sums) in [
        (
            "after",
            "a 1 bet 5 0\na 2 rollback - 16 ref=a/1",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:stakes@1 500/0/1",
        ),
        (
            "before",
            "a 2 rollback - 16 ref=a/1\na 1 bet 5 0",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/500/1 play:g1:stakes@1 500/0/1",
        ),
        ("never", "a 2 rollback - 16 ref=a/1", [1, 0, 0, 1, 0, 0], ""),
        (
            "same amount",
            "a 1 bet 5 0\na 2 rollback 5.00 0 ref=a/1",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 500/500/2",
        ),
        (
            "other amount",
            "a 1 bet 5 0\na 2 rollback 4 0 ref=a/1",
            [2, 1, 0, 0, 1, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "twice",
            "a 1 bet 5 0\na 2 rollback - 0 ref=a/1\na 3 rollback - 16 ref=a/1",
            [3, 2, 0, 0, 1, 0],
            "play:g1:stakes@0 500/500/2",
        ),
        (
            "twice, before",
            "a 3 rollback - 16 ref=a/1\na 2 rollback - 0 ref=a/1\na 1 bet 5 0",
            [3, 2, 0, 0, 1, 0],
            "play:g1:stakes@0 0/500/1 play:g1:stakes@1 500/0/1",
        ),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn cancels_repeated_and_across_sources() {
    for (name, history, counts, sums) in [
        (
            "the same again",
            "a 1 bet 5 0\na 2 rollback - 0 ref=a/1\na 2 rollback - 0 ref=a/1",
            [3, 2, 1, 0, 0, 0],
            "play:g1:stakes@0 500/500/2",
        ),
        (
            "a negative",
            "a 1 adj -5 0\na 2 rollback - 0 ref=a/1",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 500/500/2",
        ),
        (
            "of another source",
            "a 1 bet 5 0\nb 2 rollback - 0 ref=a/1",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 500/500/2",
        ),
        (
            "a repeated one",
            "a 1 bet 5 0\na 1 bet 5 0\na 2 rollback - 0 ref=a/1",
            [3, 2, 1, 0, 0, 0],
            "play:g1:stakes@0 500/500/2",
        ),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn commands() {
    for (name, history, counts, sums) in [
        (
            "replay under a new book",
            "book 1\na 1 tip 5 0 partner=p2\nbook 2\nreplay 1\na 1 tip 5 0 partner=p2",
            [2, 1, 1, 0, 0, 0],
            "fees:p2@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
        ("replay in vain", "book 1\na 1 tip 5 0 partner=p2\nreplay 1", [1, 0, 0, 0, 1, 0], ""),
        (
            "replay of what came otherwise",
            "book 1\na 1 tip 5 0 partner=p2\nbook 2\na 1 tip 5 0 partner=p2\nreplay 1",
            [2, 1, 1, 0, 0, 0],
            "fees:p2@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
        (
            "two revisions",
            "book 1\na 1 tip 5 0 partner=p2\nbook 2\na 2 tip 5 0 partner=p2",
            [2, 1, 0, 0, 1, 0],
            "fees:p2@0 500/0/1 play:g1:stakes@0 0/500/1",
        ),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn fixes() {
    for (name, history, counts, sums) in [
        (
            "fix",
            "a 1 bet -5 0\nfix 0 a 1 bet 5 0\na 1 bet 5 0",
            [2, 1, 1, 0, 0, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "fix of an unreadable row",
            "a bad x\nfix 0 a 1 bet 5 0\na bad x",
            [2, 1, 1, 0, 0, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "fix that is a repeat",
            "a 1 bet 5 0\na bad x\nfix 1 a 1 bet 5 0",
            [2, 1, 1, 0, 0, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "fix that is a contest",
            "a 1 bet 5 0\na bad x\nfix 1 a 1 bet 6 0",
            [2, 1, 0, 0, 1, 0],
            "play:g1:stakes@0 0/500/1",
        ),
        (
            "fix that waits",
            "a bad x\nfix 0 a 2 win 3 0 ref=a/1\na 1 bet 5 16",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@1 0/500/1 play:g1:wins@1 300/0/1",
        ),
        (
            "fix that releases",
            "a 2 adj 3 0 ref=a/1\na bad x\nfix 1 a 1 bet 5 0",
            [2, 2, 0, 0, 0, 0],
            "play:g1:stakes@0 0/800/2",
        ),
        ("fix that is wrong", "a bad x\nfix 0 a 1 bet -5 0", [1, 0, 0, 0, 1, 0], ""),
    ] {
        check(name, history, counts, sums);
    }
}

#[test]
fn sums_at_a_cut() {
    // The win is late: it is posted only where its bet is, after the first cut.
    let history = History::new(
        "a 1 bet 5 0\na 2 win 1 0 ref=a/3\na 4 bet 7 16\nclose\na 3 bet 2 0\na 5 bet 1 0\nclose",
    );
    let cut = |id, position, to| CutView {
        id,
        span: Span { start: 0, end: to * BUCKET_NANOS },
        position,
    };
    let cuts = [cut(7, 3, 1), cut(8, 6, 1), cut(9, 6, 2)];
    for (threads, keys_max) in [(1, 100), (2, 100), (2, 2)] {
        let recomputed = run(&history, &cuts, threads, keys_max);
        let shown: Vec<_> = recomputed
            .cuts
            .iter()
            .map(|cut| {
                let path = |account: u32| recomputed.accounts[account as usize].0.as_str();
                let sums = cut.sums.iter().map(|(account, t)| (path(*account), t.debit, t.credit));
                (cut.id, sums.filter(|(path, ..)| *path != "clearing").collect::<Vec<_>>())
            })
            .collect();
        let (stakes, wins) = ("play:g1:stakes", "play:g1:wins");
        assert_eq!(
            shown,
            [
                (7, vec![(stakes, 0, 500)]),
                (8, vec![(stakes, 0, 800), (wins, 100, 0)]),
                (9, vec![(stakes, 0, 1500), (wins, 100, 0)]),
            ],
            "{threads} threads, {keys_max} keys"
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let history = History::new("a 1 bet 5 0");
    let task = |operator, cuts| Task {
        log: &history,
        operator,
        books: &books,
        up_to: 1,
        cuts,
        fine: &[],
        threads: 1,
        keys_max: 10,
        progress: &|_| {},
    };
    let odd = [CutView { id: 0, span: Span { start: 1, end: 2 }, position: 1 }];
    for (operator, cuts, is_fine) in
        [(OPERATOR, &[][..], true), ("other", &[], false), (OPERATOR, &odd, false)]
    {
        assert_eq!(recompute(&task(operator, cuts)).is_ok(), is_fine, "{operator} {cuts:?}");
    }
    let unknown = Task { books: &|_| None, ..task(OPERATOR, &[]) };
    assert!(recompute(&unknown).is_err(), "no book");
}
