//! The decision table, line by line, and how rules make accounts.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use ledger::decide::{Decision, Own, Post, Target, decide, decide_new};
use ledger::rules::{Dimension, KindId, Party, Reference, Segment, Sign, Template, TimeBasis};
use ledger::rules::{Kind, Rules, Source};
use ledger::{Asset, Dim, Draft, EventView, Outcome, Reject};

const BET: KindId = 0;
const FREE: KindId = 1;
const UNDO: KindId = 2;
const WIN: KindId = 3;

/// Sorted by name: `bet` refers to none, `free` may, `win` must, `undo` cancels bets.
fn rules() -> Rules {
    let kind = |name: &str, reference| Kind {
        name: name.into(),
        sign: Sign::Positive,
        reference,
        dims_required: vec![],
        legs: vec![],
    };
    Rules {
        kinds: vec![
            kind("bet", Reference::None),
            kind("free", Reference::Optional(vec![BET])),
            kind("undo", Reference::Cancels(vec![BET])),
            kind("win", Reference::Required(vec![BET])),
        ],
        ..Rules::default()
    }
}

fn posted(kind: KindId, same_amount: bool, cancelled: bool) -> Target {
    Target::Posted { kind, occurred_at: 7, same_amount, cancelled }
}

fn check(
    what: &str,
    kind: KindId,
    own: Own,
    target: Target,
    wanted: (Outcome, Option<Reject>, Post),
) {
    let (outcome, reject, post) = wanted;
    let decision = decide(&rules(), kind, own, target);
    assert_eq!(decision, Decision { outcome, reject, post }, "{what}");
    if own == Own::Absent {
        assert_eq!(decide_new(&rules(), kind, target), decision, "{what}, once waiting");
    }
}

#[test]
fn what_becomes_of_an_event() {
    let legs = (Outcome::Posted, None, Post::Legs);
    let waiting = (Outcome::Waiting, None, Post::Nothing);
    let duplicate = (Outcome::Duplicate, None, Post::Nothing);
    let wrong = |reject| (Outcome::Quarantined, Some(reject), Post::Nothing);
    let bet = posted(BET, true, false);
    for (what, kind, own, target, wanted) in [
        ("a bet", BET, Own::Absent, Target::None, legs),
        ("a bet that refers", BET, Own::Absent, bet, wrong(Reject::ReferenceNotAllowed)),
        ("even to nothing", BET, Own::Absent, Target::Absent, wrong(Reject::ReferenceNotAllowed)),
        ("again", BET, Own::Same, Target::None, duplicate),
        ("again in quarantine", BET, Own::QuarantinedSame, Target::None, duplicate),
        ("other content", BET, Own::Other, Target::None, wrong(Reject::Contest)),
        ("other content, wrong too", WIN, Own::Other, Target::None, wrong(Reject::Contest)),
        ("again, whatever its target", UNDO, Own::Same, Target::Absent, duplicate),
        ("an option not taken", FREE, Own::Absent, Target::None, legs),
        ("an option taken", FREE, Own::Absent, bet, legs),
        ("an option to come", FREE, Own::Absent, Target::Absent, waiting),
        (
            "an option on a win",
            FREE,
            Own::Absent,
            posted(WIN, true, false),
            wrong(Reject::ReferenceKind),
        ),
        ("a win", WIN, Own::Absent, bet, legs),
        ("a win of another amount", WIN, Own::Absent, posted(BET, false, false), legs),
        ("a win of a cancelled bet", WIN, Own::Absent, posted(BET, true, true), legs),
        ("a win to come", WIN, Own::Absent, Target::Absent, waiting),
        ("a win of nothing", WIN, Own::Absent, Target::None, wrong(Reject::ReferenceMissing)),
        (
            "a win of a win",
            WIN,
            Own::Absent,
            posted(WIN, true, false),
            wrong(Reject::ReferenceKind),
        ),
    ] {
        check(what, kind, own, target, wanted);
    }
}

#[test]
fn what_becomes_of_a_cancel() {
    let reversal = (Outcome::Posted, None, Post::Reversal);
    let waiting = (Outcome::Waiting, None, Post::Nothing);
    let wrong = |reject| (Outcome::Quarantined, Some(reject), Post::Nothing);
    let bet = posted(BET, true, false);
    for (what, kind, own, target, wanted) in [
        ("a cancel", UNDO, Own::Absent, bet, reversal),
        ("a cancel that comes first", UNDO, Own::Absent, Target::Absent, waiting),
        ("a cancel of nothing", UNDO, Own::Absent, Target::None, wrong(Reject::ReferenceMissing)),
        (
            "a cancel of a win",
            UNDO,
            Own::Absent,
            posted(WIN, true, true),
            wrong(Reject::ReferenceKind),
        ),
        (
            "a cancel of a part",
            UNDO,
            Own::Absent,
            posted(BET, false, true),
            wrong(Reject::CancelAmount),
        ),
        (
            "a second cancel",
            UNDO,
            Own::Absent,
            posted(BET, true, true),
            wrong(Reject::CancelledAlready),
        ),
    ] {
        check(what, kind, own, target, wanted);
    }
}

#[test]
fn accounts_are_made_from_templates() {
    let dimension = |name: &str, party| Dimension { name: name.into(), personal: false, party };
    let rules = Rules {
        dims: vec![dimension("game", false), dimension("provider", true)],
        parties: vec![
            Party { name: "acme".into(), aliases: vec!["ACME Ltd".into()] },
            Party { name: "x:y".into(), aliases: vec![] },
        ],
        templates: vec![Template {
            segments: vec![
                Segment::Literal("play".into()),
                Segment::Dim(1),
                Segment::Dim(0),
                Segment::Source,
                Segment::Kind,
            ],
            basis: TimeBasis::Occurred,
        }],
        ..Rules::default()
    };
    let path = |provider: &str, game: Option<&str>| {
        let mut dims = vec![Dim { name: "provider", value: provider }];
        dims.extend(game.map(|value| Dim { name: "game", value }));
        let mut draft = Draft { source: "feed", id: "1", kind: "bet", dims, ..Draft::default() };
        draft.check_envelope().unwrap();
        let mut bytes = Vec::new();
        draft.encode("house", |_| false, &mut bytes);
        let mut path = String::new();
        rules.push_path(0, &EventView::decode(&bytes).unwrap(), &mut path).map(|()| path)
    };
    for (provider, game, wanted) in [
        ("acme", Some("dice"), Some("play:acme:dice:feed:bet")),
        ("ACME Ltd", Some("a:b*%"), Some("play:acme:a%3Ab%2A%25:feed:bet")),
        ("x:y", Some(""), Some("play:x%3Ay::feed:bet")),
        ("Acme", Some("dice"), None),
        ("acme", None, None),
    ] {
        assert_eq!(path(provider, game).as_deref(), wanted, "{provider} {game:?}");
    }
}

fn source(name: &str) -> Source {
    let (party, kinds, group) = (None, vec![], String::new());
    Source { name: name.into(), party, kinds, group, earliest: 0, ahead_nanos_max: 0 }
}

/// Lists are sorted by name; a name finds its own place, one that is not there finds none.
#[test]
fn names_are_looked_up() {
    let names = ["a", "b", "c"];
    let rules = Rules {
        assets: names.map(|name| Asset { code: name.into(), scale: 2 }).into(),
        dims: names
            .map(|name| Dimension { name: name.into(), personal: false, party: false })
            .into(),
        kinds: names.map(|name| Kind { name: name.into(), ..rules().kinds.remove(0) }).into(),
        sources: names.map(source).into(),
        ..Rules::default()
    };
    for (name, wanted) in [("a", Some(0)), ("b", Some(1)), ("c", Some(2)), ("bb", None), ("", None)]
    {
        let found = [rules.asset(name), rules.dim(name), rules.kind(name), rules.source(name)];
        assert_eq!(found, [wanted; 4], "{name}");
    }
}

#[test]
fn stored_numbers_come_back() {
    for number in 0..=u8::MAX {
        if let Some(outcome) = Outcome::from_number(number) {
            assert_eq!(outcome as u8, number, "{}", outcome.word());
        }
    }
    for (number, word) in
        [(1, "envelope"), (2, "schema"), (3, "reference"), (4, "meaning"), (5, "control")]
    {
        let stage = ledger::Stage::from_number(number).unwrap();
        assert_eq!((stage as u8, stage.word()), (number, word));
    }
    assert_eq!([0, 6].map(ledger::Stage::from_number), [None, None]);
    let words = [1, 2, 3, 4, 5, 6].map(|n| Outcome::from_number(n).unwrap().word());
    assert_eq!(words, ["quarantined", "duplicate", "waiting", "posted", "refused", "command"]);
}

#[test]
fn escapes_that_are_none_are_kept() {
    for (segment, wanted) in
        [("a%3Ab", "a:b"), ("%+5", "%+5"), ("%4", "%4"), ("%", "%"), ("%zz", "%zz"), ("%FF", "%FF")]
    {
        assert_eq!(ledger::account::unescape(segment), wanted, "{segment}");
    }
}
