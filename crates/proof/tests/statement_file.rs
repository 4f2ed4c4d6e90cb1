//! The proof file of a statement: it holds as issued, and nothing in it can be changed; what an
//! operator that signs falsehoods leaves out, adds or alters is named.

mod world;

use proof::Hash;
use proof::commitment::{StatementCommitment, leaf_data};
use proof::events::{BucketDigest, EventList};
use proof::heads::Head;
use proof::note::SigningKey;
use proof::statement_file::{Report, StatementProof};
use proptest::prelude::*;
use world::{END, Fact, Issue, MINUTE, START, agreement, fact, facts, keys, refer};

fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    codes
}

fn compared(file: &StatementProof, mine: &[Fact]) -> Report {
    file.check(&keys(), Some(&mut mine.iter().map(Fact::mine)))
}

fn told(report: &Report) -> String {
    let lines: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_file_comes_back_and_is_clean() {
    let file = Issue::of(&facts()).file();
    assert_eq!(StatementProof::parse(&file.encode()).as_ref(), Ok(&file));
    let report = file.check(&keys(), None);
    assert!(report.is_clean() && report.findings.is_empty(), "{}", told(&report));
    let facts = report.facts.expect("it could be read");
    let (from, to, asset, payable) = facts.payable.expect("a body");
    assert_eq!((from.as_str(), to.as_str(), asset.code.as_str()), ("casino", "alpha", "EUR"));
    // Stakes of 40 bets but the one rolled back, of 10 bets and of one of a cent; less 77 for the
    // rollback of a bet of October, as it happened in November; less 36.00 of wins. Of these
    // 39 775 + 2 500 + 1 - 77 - 3 600 cents 12 %.
    assert_eq!(payable.to_string(), "46.32");
    assert_eq!((facts.rows, facts.events, facts.sequence), (2, 55, 11));
    assert_eq!(facts.signers, ["casino"]);
}

#[test]
fn own_events_agree_and_are_posted_again() {
    let file = Issue::of(&facts()).file();
    let report = compared(&file, &facts());
    assert!(report.findings.is_empty(), "{}", told(&report));
    let counts = report.compared.expect("events were given");
    assert!(counts.sums_posted);
    assert_eq!((counts.given, counts.matched, counts.outside), (58, 55, 3));
    assert_eq!((counts.missing, counts.added, counts.altered, counts.unsure), (0, 0, 0, 0));
    // In another order, with repeats.
    let mut turned = facts();
    turned.reverse();
    turned.extend(facts());
    assert!(compared(&file, &turned).findings.is_empty());
}

#[test]
fn digests_serve_where_there_are_too_many_events() {
    let file = Issue { entries_max: 54, ..Issue::of(&facts()) }.file();
    assert!(file.encode().len() < 20_000);
    let report = compared(&file, &facts());
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert!(report.compared.expect("events were given").sums_posted);
    for (left_out, bucket) in [("a-7", START + 45 * MINUTE), ("w-4", END)] {
        let less: Vec<Fact> = facts().into_iter().filter(|fact| fact.id != left_out).collect();
        let mut issue = Issue { entries_max: 10, ..Issue::of(&facts()) };
        issue.listed.retain(|fact| fact.id != left_out);
        for report in [compared(&issue.file(), &facts()), compared(&file, &less)] {
            assert_eq!(codes(&report), ["E6083"], "{left_out}: {}", told(&report));
            assert!(told(&report).contains(&(bucket / 1_000_000_000).to_string()));
        }
    }
}

/// An operator's falsehood, what it leads to, and what must be named.
type Lie = (&'static str, fn(&mut Issue), &'static [&'static str], &'static str);

/// Sums what is listed, so that the falsehood is consistent.
fn sum_again(issue: &mut Issue) {
    let all = [issue.listed.clone(), facts()].concat();
    issue.rows = world::sums(&issue.listed, &all);
}

const LIES: &[Lie] = &[
    ("the truth", |_| (), &[], ""),
    (
        "an event neither listed nor summed",
        |issue| {
            issue.listed.retain(|fact| fact.id != "a-9");
            sum_again(issue);
        },
        &["E6080", "E6084"],
        "studio-a/a-9 ",
    ),
    (
        "an event listed and not summed",
        |issue| issue.rows[0].total.credit -= 1_009,
        &["E6084"],
        "play:alpha:roulette:stakes",
    ),
    (
        "a win summed that nobody listed",
        |issue| issue.rows[1].total.debit += 1_000_000,
        &["E6084"],
        "play:alpha:roulette:wins",
    ),
    (
        "a row of an account that no event posts to",
        |issue| {
            let mut row = issue.rows[1].clone();
            row.path = "play:alpha:slots:wins".into();
            issue.rows.push(row);
        },
        &["E6084"],
        "play:alpha:slots:wins",
    ),
    (
        "an event invented",
        |issue| {
            let extra = fact("studio-b", "invented", "win", START, 5_000);
            issue.listed.push(extra);
            sum_again(issue);
        },
        &["E6081", "E6084"],
        "studio-b has an event with the key ",
    ),
    (
        "an event altered",
        |issue| {
            let at = issue.listed.iter().position(|fact| fact.id == "a-9").expect("there");
            issue.listed[at].cents = Some(900);
            sum_again(issue);
        },
        &["E6082", "E6084"],
        "studio-a/a-9 ",
    ),
    (
        "an event moved into the month",
        |issue| {
            let moved = fact("studio-a", "after", "bet", END - 1, 78);
            issue.listed.push(moved);
            sum_again(issue);
        },
        &["E6082", "E6084"],
        "studio-a/after ",
    ),
    (
        "a rollback forgotten",
        |issue| {
            issue.listed.retain(|fact| fact.id != "r-5");
            sum_again(issue);
        },
        &["E6080", "E6084"],
        "studio-a/r-5 ",
    ),
    (
        "a body that does not follow",
        |issue| {
            let file = Issue::of(&facts()).file();
            let body = String::from_utf8(file.body).expect("JSON");
            issue.body = Some(body.replace("46.32", "64.32").into_bytes());
        },
        &["E6077"],
        "line 40-round",
    ),
];

#[test]
fn falsehoods_that_the_operator_signed_are_named() {
    for (lie, tell, wanted, named) in LIES {
        let mut issue = Issue::of(&facts());
        tell(&mut issue);
        let report = compared(&issue.file(), &facts());
        assert_eq!(codes(&report), *wanted, "{lie}: {}", told(&report));
        assert!(told(&report).contains(named), "{lie}: {}", told(&report));
        assert_eq!(report.is_clean(), wanted.is_empty(), "{lie}");
    }
}

#[test]
fn what_was_not_given_is_said_and_not_held_against_the_statement() {
    let file = Issue::of(&facts()).file();
    let only_a: Vec<Fact> = facts().into_iter().filter(|fact| fact.source == "studio-a").collect();
    let without = |id: &str| {
        let left: Vec<Fact> = facts().into_iter().filter(|fact| fact.id != id).collect();
        left
    };
    for (mine, named, sums_posted) in [
        (only_a, "11 events of studio-b", false),
        (without("before"), "r-before refers to an event not given", false),
        (Vec::new(), "of which none were given", false),
    ] {
        let report = compared(&file, &mine);
        assert!(report.is_clean(), "{}", told(&report));
        assert_eq!(codes(&report), ["E6085"], "{}", told(&report));
        assert!(told(&report).contains(named), "{}", told(&report));
        let counts = report.compared.expect("events were given");
        assert_eq!(counts.sums_posted, sums_posted);
    }
}

#[test]
fn what_was_not_given_is_tried_both_ways_in_digests() {
    let file = Issue { entries_max: 0, ..Issue::of(&facts()) }.file();
    let without_before: Vec<Fact> = facts().into_iter().filter(|f| f.id != "before").collect();
    // Its rollback is in the digest, and is found there.
    let report = compared(&file, &without_before);
    assert_eq!((codes(&report), report.is_clean()), (vec!["E6085"], true), "{}", told(&report));
    assert_eq!(report.compared.expect("events were given").matched, 55);
    // Another that nobody gave the original of is not in the digest of the same quarter.
    let mut more = without_before;
    more.push(refer("studio-a", "r-nothing", "rollback", START + 91 * MINUTE, "nothing"));
    let report = compared(&file, &more);
    assert!(report.is_clean() && told(&report).contains("2 of your events"), "{}", told(&report));
    assert!(!report.compared.expect("events were given").sums_posted);
}

#[test]
fn forged_lists_and_names_are_answered() {
    let mut file = Issue::of(&facts()).file();
    let digest = |bucket| BucketDigest { bucket, count: u64::MAX, digest: Hash([0; 32]) };
    let buckets = vec![digest(i32::MIN), digest(0), digest(i32::MAX)];
    let sources = ["studio-a", "studio-b", "other", "more\u{1b}[2J"];
    let lists = sources.map(|source| (source.to_owned(), buckets.clone()));
    file.events = EventList::Buckets(lists.into());
    file.sign_manifest(&[&world::key()]).expect("it signs");
    let report = compared(&StatementProof::parse(&file.encode()).expect("a file"), &facts());
    assert!(codes(&report).contains(&"E6083"), "{}", told(&report));
    assert!(!told(&report).contains('\u{1b}') && told(&report).contains("more"));
    assert_eq!(report.compared.expect("events were given").others, u64::MAX);
}

#[test]
fn two_rollbacks_of_one_bet_are_settled_by_the_list() {
    let mut all = facts();
    let file = Issue::of(&all).file();
    all.push(refer("studio-a", "r-5-again", "rollback", START + 70 * MINUTE, "a-5"));
    let report = compared(&file, &all);
    assert!(report.is_clean(), "{}", told(&report));
    assert!(report.compared.expect("events were given").sums_posted);
}

#[test]
fn events_that_cannot_be_compared_are_found() {
    let file = Issue::of(&facts()).file();
    let check = |change: fn(&mut Vec<Vec<u8>>)| {
        let mut mine: Vec<Vec<u8>> = facts().iter().map(Fact::canonical).collect();
        change(&mut mine);
        let mut mine =
            mine.into_iter().map(|canonical| proof::statement_file::MyEvent { canonical });
        codes(&file.check(&keys(), Some(&mut mine)))
    };
    assert_eq!(check(|mine| mine.push(b"nothing".to_vec())), ["E6086"]);
    assert_eq!(
        check(|mine| mine.push(fact("studio-a", "a-1", "bet", START, 1).canonical())),
        ["E6087"]
    );
    assert_eq!(
        check(|mine| {
            let mut other = mine[0].clone();
            other[4] = b'k';
            mine.push(other);
        }),
        ["E6086"]
    );
}

#[test]
fn every_part_is_bound() {
    type Change = fn(&mut StatementProof);
    let cases: [(&str, Change); 16] = [
        ("E6005", |file| file.commitment.truncate(30)),
        ("E6013", |file| *file.commitment.last_mut().expect("bytes") ^= 1),
        ("E6013", |file| file.placement.blind[1] ^= 1),
        ("E6013", |file| file.placement.sequence -= 1),
        ("E6062", |file| file.placement.tree_size += 1),
        ("E6012", |file| file.placement.inclusion.push(file.placement.inclusion[0])),
        ("E6033", |file| file.manifest.clear()),
        ("E6071", |file| file.agreement = agreement("0.10").encode()),
        ("E6071", |file| file.measures.clear()),
        ("E6070", |file| file.body = file.body.replace_first(b"46.32", b"46.33")),
        ("E6073", |file| file.rows[0].total.credit += 1),
        ("E6073", |file| drop(file.rows.remove(0))),
        ("E6072", |file| file.rules[5] ^= 1),
        ("E6072", |file| file.rules.clear()),
        ("E6078", |file| file.events = Issue::of(&facts()[..5]).file().events),
        ("E6041", |file| file.placement.checkpoint = world::event_file().placement.checkpoint),
    ];
    for (number, (wanted, change)) in cases.into_iter().enumerate() {
        let mut file = Issue::of(&facts()).file();
        change(&mut file);
        let report = file.check(&keys(), None);
        assert!(!report.is_clean(), "case {number}");
        assert!(codes(&report).contains(&wanted), "case {number}: {}", told(&report));
    }
}

trait ReplaceFirst {
    fn replace_first(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl ReplaceFirst for Vec<u8> {
    fn replace_first(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = self.windows(from.len()).position(|part| part == from).expect("it is there");
        [&self[..at], to, &self[at + from.len()..]].concat()
    }
}

type Swap = fn(&mut StatementProof, StatementProof);

#[test]
fn parts_of_another_statement_do_not_fit() {
    let (file, other) = (Issue::of(&facts()).file(), Issue::of(&facts()[..20]).file());
    let swaps: [(&str, Swap); 4] = [
        ("E6078", |file, other| file.manifest = other.manifest),
        ("E6013", |file, other| file.placement = other.placement),
        ("E6073", |file, other| file.rows = other.rows),
        ("E6070", |file, other| {
            file.commitment = other.commitment;
            file.placement = other.placement;
        }),
    ];
    for (wanted, swap) in swaps {
        let mut mixed = file.clone();
        swap(&mut mixed, other.clone());
        let report = mixed.check(&keys(), None);
        assert!(!report.is_clean() && codes(&report).contains(&wanted), "{}", told(&report));
    }
}

#[test]
fn another_key_is_not_enough() {
    let stranger = &["E6034", "E6094"][..];
    for (name, seed, wanted) in
        [("casino", 4, &["E6034"][..]), ("casino2", 3, stranger), ("witness", 3, stranger)]
    {
        let key = SigningKey::from_seed(name, [seed; 32]).expect("a good name");
        let report = Issue::of(&facts()).file().check(&[key.verifier().clone()], None);
        assert_eq!(codes(&report), wanted, "{name}: {}", told(&report));
    }
    assert!(!Issue::of(&facts()).file().check(&[], None).is_clean());
}

#[test]
fn rows_that_no_step_reads_are_refused() {
    for path in ["play:beta:roulette:stakes", "clearing:alpha"] {
        let mut issue = Issue::of(&facts());
        let mut row = issue.rows[0].clone();
        row.path = path.into();
        issue.rows.push(row);
        let report = issue.file().check(&keys(), None);
        assert_eq!(codes(&report), ["E6075"], "{path}: {}", told(&report));
        assert!(!report.is_clean(), "{path}");
    }
}

type Recommit = fn(&mut StatementCommitment);

#[test]
fn commitments_must_fit_their_parts() {
    let file = Issue::of(&facts()).file();
    let cases: [Recommit; 5] = [
        |commitment| commitment.agreement = "other".into(),
        |commitment| commitment.version = 2,
        |commitment| commitment.period = "2026-10".into(),
        |commitment| commitment.end += 1,
        |commitment| {
            commitment.cut[0] = Head { origin: "casino/0".into(), ..commitment.cut[0].clone() };
        },
    ];
    for (number, change) in cases.into_iter().enumerate() {
        // The operator commits to and signs all of it.
        let mut commitment = StatementCommitment::decode(&file.commitment).expect("it was encoded");
        change(&mut commitment);
        let mut changed = file.clone();
        changed.commitment = commitment.encode().expect("a good commitment");
        let mut data = Vec::new();
        leaf_data(&changed.commitment, [5; 16]).encode_into(&mut data);
        changed.placement = world::place("control", &data, [5; 16], 11, 13);
        changed.sign_manifest(&[&world::key()]).expect("it signs");
        let report = changed.check(&keys(), None);
        assert!(!report.is_clean(), "case {number}");
        assert!(codes(&report).contains(&"E6074"), "case {number}: {}", told(&report));
    }
}

#[test]
fn no_byte_can_be_changed() {
    let bytes = Issue { entries_max: 0, ..Issue::of(&facts()) }.file().encode();
    let holds = |bytes: &[u8]| {
        StatementProof::parse(bytes).is_ok_and(|file| file.check(&keys(), None).is_clean())
    };
    assert!(holds(&bytes));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= if at % 2 == 0 { 0x01 } else { 0x20 };
        assert!(!holds(&changed), "byte {at}");
    }
    for at in (0..bytes.len()).step_by(97) {
        assert!(!holds(&bytes[..at]), "cut at {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_with_any_part_replaced_are_answered(
        part in 0..5,
        at in 0_usize..4000,
        byte in any::<u8>(),
    ) {
        let mut file = Issue::of(&facts()[..4]).file();
        let mut rows = proof::statement_file::rows::encode(&file.rows);
        let mut events = file.events.encode();
        let bytes = match part {
            0 => &mut file.rules,
            1 => &mut rows,
            2 => &mut events,
            3 => &mut file.agreement,
            _ => &mut file.measures[0],
        };
        let at = at % bytes.len();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(rows) = proof::statement_file::rows::decode(&rows) {
            file.rows = rows;
        }
        if let Ok(events) = EventList::decode(&events) {
            file.events = events;
        }
        let changed = part != 1 && part != 2 || file != Issue::of(&facts()[..4]).file();
        let report = compared(&file, &facts());
        prop_assert!(!changed || !report.is_clean());
        proof::fuzz_statement_file(&file.encode());
    }
}
