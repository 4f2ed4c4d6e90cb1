//! The oracle against cases worked by hand, and its independence of the order of arrival.

use sim::oracle::{BUCKET_NS, Dims, Expected, Fact, Oracle, Role, Truth, decimal};
use sim::rng::Rng;
use sim::world::{Field, World, WorldOptions, stormy};

/// `bet a 100`, `win b 30 >a` (about a), `rollback c 100 >a`, `bad TEXT`; bets are on game g.
fn truth(line: &str) -> Truth {
    let words: Vec<&str> = line.split(' ').collect();
    if words[0] == "bad" {
        return Truth::Broken { raw: line.as_bytes().to_vec() };
    }
    Truth::Event(Fact {
        source: "s".to_owned(),
        id: words[1].to_owned(),
        kind: words[0].to_owned(),
        role: if words[0] == "rollback" { Role::Cancels } else { Role::Counts },
        occurred_at_ns: 0,
        amount_minor: words[2].parse().expect("an amount"),
        asset: "EUR".to_owned(),
        dims: Dims::from_iter([("game".to_owned(), "g".to_owned())]),
        person: None,
        reference: words.get(3).map(|name| ("s".to_owned(), name.replace('>', ""))),
    })
}

fn run(truths: impl IntoIterator<Item = Truth>) -> Expected {
    let mut oracle = Oracle::new();
    oracle.extend(truths);
    oracle.expected().clone()
}

/// `counts` are received, posted, duplicate, waiting, quarantined; `sums` are the sums by kind and,
/// behind the slash, bets less rollbacks.
fn check(lines: &[&str], counts: [u64; 5], sums: &str) {
    let expected = run(lines.iter().map(|line| truth(line)));
    let Expected { received, posted, duplicate, waiting, quarantined, .. } = expected;
    assert_eq!([received, posted, duplicate, waiting, quarantined], counts, "{lines:?}");
    assert!(expected.adds_up(), "{lines:?}");
    let by_kind = expected.by_kind().into_iter();
    let by_kind: Vec<String> =
        by_kind.map(|((kind, _), sum)| format!("{kind} {}x{}", sum.count, sum.amount)).collect();
    let net = expected.net("bet").remove("EUR").unwrap_or_default();
    let found = format!("{} / {}x{}", by_kind.join(", "), net.count, net.amount);
    assert_eq!(found, sums, "{lines:?}");
}

#[test]
fn plain_events_count_once() {
    check(&[], [0, 0, 0, 0, 0], " / 0x0");
    check(&["bet a 100"], [1, 1, 0, 0, 0], "bet 1x100 / 1x100");
    check(&["bet a 100", "bet b 5", "win w 30 >a"], [3, 3, 0, 0, 0], "bet 2x105, win 1x30 / 2x105");
    check(&["bet a 100", "bet a 100", "bet a 100"], [3, 1, 2, 0, 0], "bet 1x100 / 1x100");
}

#[test]
fn the_first_content_stays_in_a_contest() {
    check(&["bet a 100", "bet a 101"], [2, 1, 0, 0, 1], "bet 1x100 / 1x100");
    check(&["bet a 101", "bet a 100", "bet a 100"], [3, 1, 1, 0, 1], "bet 1x101 / 1x101");
    check(&["bet a 1", "bet a 2", "bet a 3", "bet a 1"], [4, 1, 1, 0, 2], "bet 1x1 / 1x1");
    check(&["win w 9 >a", "win w 8 >a", "bet a 1"], [3, 2, 0, 0, 1], "bet 1x1, win 1x9 / 1x1");
}

#[test]
fn what_lacks_its_original_waits() {
    check(&["win w 30 >a"], [1, 0, 0, 1, 0], " / 0x0");
    check(&["win w 30 >a", "win w 30 >a"], [2, 0, 1, 1, 0], " / 0x0");
    check(&["win w 3 >a", "bet a 1"], [2, 2, 0, 0, 0], "bet 1x1, win 1x3 / 1x1");
    check(&["win v 3 >w", "win w 2 >a"], [2, 0, 0, 2, 0], " / 0x0");
    check(&["win v 3 >w", "win w 2 >a", "bet a 1"], [3, 3, 0, 0, 0], "bet 1x1, win 2x5 / 1x1");
}

#[test]
fn cancels_converge_in_any_order() {
    let sums = "bet 1x100, rollback 1x100 / 0x0";
    check(&["bet a 100", "rollback c 100 >a"], [2, 2, 0, 0, 0], sums);
    check(&["rollback c 100 >a", "bet a 100"], [2, 2, 0, 0, 0], sums);
    check(&["rollback c 100 >a", "bet a 100", "bet a 100"], [3, 2, 1, 0, 0], sums);
    check(&["rollback c 100 >a"], [1, 0, 0, 1, 0], " / 0x0");
    check(&["bet a 100", "rollback c 100 >a", "rollback d 100 >a"], [3, 2, 0, 0, 1], sums);
    check(&["rollback c 100 >a", "rollback d 100 >a", "bet a 100"], [3, 2, 0, 0, 1], sums);
    check(&["rollback c 9 >a", "rollback d 9 >a"], [2, 0, 0, 2, 0], " / 0x0");
    // A cancel of other money is none, and does not stand in the way of the right one.
    check(&["bet a 100", "rollback c 70 >a"], [2, 1, 0, 0, 1], "bet 1x100 / 1x100");
    check(&["rollback c 7 >a", "bet a 100", "rollback c 100 >a"], [3, 2, 0, 0, 1], sums);
    check(
        &["bet a 100", "rollback c 7 >a", "rollback c 7 >a"],
        [3, 1, 1, 0, 1],
        "bet 1x100 / 1x100",
    );
    check(
        &["bet a 100", "rollback c 100 >a", "win w 5 >a"],
        [3, 3, 0, 0, 0],
        "bet 1x100, rollback 1x100, win 1x5 / 0x0",
    );
}

#[test]
fn broken_lines_are_kept_once() {
    check(&["bad x", "bad x", "bad y"], [3, 0, 1, 0, 2], " / 0x0");
    check(
        &["bet a 1", "bad x", "bet a 1", "bet a 2", "win w 4 >z", "bet b 7", "bad x", "bet b 7"],
        [8, 2, 3, 1, 2],
        "bet 2x8 / 2x8",
    );
}

#[test]
fn sums_are_kept_by_bucket_and_dimension() {
    let at = |id: &str, occurred_at_ns, game: &str| {
        let Truth::Event(fact) = truth(&format!("bet {id} 10")) else { panic!("a bet") };
        let dims = Dims::from_iter([("game".to_owned(), game.to_owned())]);
        Truth::Event(Fact { occurred_at_ns, dims, ..fact })
    };
    let expected = run([
        at("a", -1, "g"),
        at("b", 0, "g"),
        at("c", BUCKET_NS - 1, "h"),
        at("d", BUCKET_NS, "h"),
    ]);
    let buckets: Vec<i64> = expected.group(|key| Some(key.bucket_ns)).into_keys().collect();
    assert_eq!(buckets, [-BUCKET_NS, 0, BUCKET_NS]);
    assert_eq!(expected.between("bet", "EUR", 0, BUCKET_NS).count, 2);
    assert_eq!(expected.between("bet", "EUR", 0, 2 * BUCKET_NS).amount, 30);
    assert_eq!(expected.between("win", "EUR", 0, BUCKET_NS).count, 0);
    let by_game: Vec<(String, u64)> = expected
        .by_dimension("bet", "game")
        .into_iter()
        .map(|((game, _), sum)| (game, sum.count))
        .collect();
    assert_eq!(by_game, [("g".to_owned(), 2), ("h".to_owned(), 2)]);
}

#[test]
fn decimals() {
    let cases =
        [(0, 2, "0.00"), (5, 2, "0.05"), (-1_234, 2, "-12.34"), (7, 0, "7"), (-1, 3, "-0.001")];
    for (minor, scale, text) in cases {
        assert_eq!(decimal(minor, scale), text);
    }
}

/// Without contests and second cancels, which are decided by who comes first.
fn orderless(field: Field) -> Vec<Truth> {
    let options =
        WorldOptions { contests_ppm: 0, double_cancel_ppm: 0, ..stormy(field, 2_000, 11) };
    World::new(options).expect("good options").map(|line| line.truth).collect()
}

#[test]
fn order_and_repetition_change_no_total() {
    for field in Field::ALL {
        let mut truths = orderless(field);
        let expected = run(truths.clone());
        assert!(expected.posted > 1_500 && expected.waiting > 0 && expected.quarantined > 0);
        let mut rng = Rng::from_seed(5);
        for _ in 0..5 {
            rng.shuffle(&mut truths);
            assert!(run(truths.clone()) == expected, "{field}");
        }
        let twice = run(truths.iter().chain(&truths).cloned());
        assert!(twice.sums == expected.sums, "{field}");
        assert_eq!(twice.duplicate, expected.duplicate + expected.received, "{field}");
    }
}

#[test]
fn an_omitted_or_changed_event_changes_the_sums() {
    let options = WorldOptions::calm(Field::Gaming, 300, 12);
    let truths: Vec<Truth> =
        World::new(options).expect("good options").map(|line| line.truth).collect();
    let expected = run(truths.clone());
    for at in 0..truths.len() {
        let mut without = truths.clone();
        without.remove(at);
        assert!(run(without).sums != expected.sums, "{at}");
        let mut changed = truths.clone();
        let Truth::Event(fact) = &mut changed[at] else { panic!("a calm world") };
        fact.amount_minor += 1;
        assert!(run(changed).sums != expected.sums, "{at}");
    }
}
