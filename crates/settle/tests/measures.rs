//! Measures: which accounts match, what they add up to, and how they group.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::term;
use ledger::Total;
use ledger::account::push_escaped;
use proptest::prelude::*;
use settle::measure::Matcher;
use settle::{AccountSum, Measure, Selection, Side, Title, measure};
use std::time::Instant;

fn ggr() -> Measure {
    let stakes = term("+", &["play", "{provider}", "{game}", "stakes"]);
    // Wins are debited, so their net is below zero already.
    let wins = term("+", &["play", "{provider}", "{game}", "wins"]);
    Measure { name: "ggr".into(), title: Title::default(), terms: vec![stakes, wins], cut: None }
}

fn account(path: &str, asset: &str, debit: i128, credit: i128, count: u64) -> AccountSum {
    AccountSum { path: path.into(), asset: asset.into(), total: Total { debit, credit, count } }
}

fn sums() -> Vec<AccountSum> {
    vec![
        account("play:a:x:stakes", "EUR", 10, 110, 5),
        account("play:a:x:wins", "EUR", 60, 0, 2),
        account("play:a:y:stakes", "EUR", 0, 7, 1),
        account("play:b:x:stakes", "EUR", 0, 30, 3),
        account("play:b:x:stakes", "KRW", 0, 5000, 4),
        account("play:b%3Ac:x:wins", "EUR", 4, 0, 1),
        account("play:b:x", "EUR", 0, 1_000_000, 9),
        account("play:b:x:bonuses", "EUR", 0, 1_000_000, 9),
        account("play:b:x:stakes:more", "EUR", 0, 1_000_000, 9),
        account("clearing:a", "EUR", 200, 300, 9),
    ]
}

/// Rows as `dim=value,… asset value count`.
fn rows(measured: &Measure, selection: &Selection, by: &[&str]) -> Vec<String> {
    let rows = measure(measured, &sums(), selection, by).unwrap();
    let show = |row: &settle::MeasureRow| {
        let by: Vec<_> = row.by.iter().map(|(dim, value)| format!("{dim}={value}")).collect();
        format!("{} {} {} {}", by.join(","), row.asset, row.value, row.count)
    };
    rows.iter().map(show).collect()
}

fn only(dim: &str, values: &[&str]) -> Selection {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Selection { dims: [(dim.to_owned(), values)].into() }
}

#[test]
fn values_groups_and_selections() {
    let all = Selection::default();
    for (selection, by, wanted) in [
        (&all, &[][..], &[" EUR 73 12", " KRW 5000 4"][..]),
        (
            &all,
            &["provider"],
            &[
                "provider=a EUR 47 8",
                "provider=b EUR 30 3",
                "provider=b KRW 5000 4",
                "provider=b:c EUR -4 1",
            ],
        ),
        (
            &only("provider", &["a"]),
            &["game", "provider"],
            &["game=x,provider=a EUR 40 7", "game=y,provider=a EUR 7 1"],
        ),
        (&only("provider", &["b:c", "nobody"]), &[], &[" EUR -4 1"]),
        (&only("provider", &["b%3Ac"]), &[], &[]),
        (&only("game", &["y"]), &[], &[" EUR 7 1"]),
    ] {
        assert_eq!(rows(&ggr(), selection, by), wanted, "{selection:?} by {by:?}");
    }
}

#[test]
fn sides_signs_and_accounts_that_match_twice() {
    for (sign, side, wanted) in [
        ("+", Side::Net, " EUR 100 9"),
        ("-", Side::Net, " EUR -100 9"),
        ("+", Side::Debit, " EUR 200 9"),
        ("-", Side::Debit, " EUR -200 9"),
        ("+", Side::Credit, " EUR 300 9"),
    ] {
        let mut one = term(sign, &["clearing", "*"]);
        one.side = side;
        let named = |terms| Measure { name: "m".into(), title: Title::default(), terms, cut: None };
        assert_eq!(rows(&named(vec![one.clone()]), &Selection::default(), &[]), [wanted]);
        let mut twice = one.clone();
        twice.template = term("+", &["clearing", "{provider}"]).template;
        let found = measure(&named(vec![one, twice]), &sums(), &Selection::default(), &[]);
        assert_eq!(found.unwrap()[0].count, 9, "counted once");
    }
}

#[test]
fn refusals() {
    let huge = vec![account("play:a:x:stakes", "EUR", 0, i128::MAX, 1); 2];
    let forged = vec![account("play:a:x:stakes", "EUR", 0, -1, 1)];
    let many = vec![account("play:a:x:stakes", "EUR", 0, 1, u64::MAX); 2];
    for (what, sums, selection, by, code) in [
        ("too large", &huge, Selection::default(), &[][..], "E7203"),
        ("too many", &many, Selection::default(), &[], "E7203"),
        ("below zero", &forged, Selection::default(), &[], "E7204"),
        ("selected", &forged, only("player", &["p"]), &[], "E7202"),
        ("grouped", &forged, Selection::default(), &["player"], "E7202"),
    ] {
        let error = measure(&ggr(), sums, &selection, by).unwrap_err();
        assert_eq!(error.code(), code, "{what}: {error}");
    }
}

#[test]
fn shapes_of_measures() {
    let with = |name: &str, templates: &[&[&str]]| {
        let terms = templates.iter().map(|template| term("+", template)).collect();
        Measure { name: name.into(), title: Title::default(), terms, cut: None }
            .check()
            .map_err(|e| e.code())
    };
    for (what, name, templates, wanted) in [
        ("good", "m", &[&["a", "{x}", "*"][..]][..], Ok(())),
        ("name", "M", &[&["a"]], Err("E7205")),
        ("no terms", "m", &[], Err("E7205")),
        ("dimension twice", "m", &[&["{x}", "{x}"]], Err("E7205")),
        ("empty template", "m", &[&[]], Err("E7205")),
        ("colon", "m", &[&["a:b"]], Err("E7205")),
        ("dimension's name", "m", &[&["{X}"]], Err("E7205")),
    ] {
        assert_eq!(with(name, templates), wanted, "{what}");
    }
}

#[test]
fn terms_name_the_dimensions_of_a_path() {
    let term = term("+", &["play", "{provider}", "*", "{kind}"]);
    assert_eq!(term.to_string(), "play:{provider}:*:{kind}");
    let dims = term.dims("play:b%3Ac:x:wins").unwrap();
    assert_eq!(dims, [("provider", "b:c".to_owned()), ("kind", "wins".to_owned())]);
    for path in ["play:b:x", "play:b:x:y:z", "pay:b:x:y", ""] {
        assert_eq!(term.dims(path), None, "{path}");
    }
}

#[test]
fn only_whole_paths_match() {
    let selected = only("game", &["x", "a:b"]);
    for (template, path, plain, under) in [
        (&["play", "{game}"][..], "play:x", true, true),
        (&["play", "{game}"], "play:y", true, false),
        (&["play", "{game}"], "play:x:y", false, false),
        (&["play", "{game}"], "play", false, false),
        (&["play", "{game}", "in"], "play:x:in", true, true),
        (&["play", "{game}", "in"], "play:a%3Ab:in", true, true),
        (&["play", "{game}", "in"], "play:a:b:in", false, false),
        (&["play", "{game}", "in"], "play:xin", false, false),
        (&["play", "{game}", "in"], "play:x:xin", false, false),
        (&["play", "{game}", "in"], "playing:x:in", false, false),
        (&["{game}", "*"], "x:", true, true),
        (&["{game}", "*"], "x", false, false),
        (&["{game}"], "", true, false),
    ] {
        let term = term("+", template);
        let matches = |by: &Selection| Matcher::new(&term, "m", by).unwrap().matches(path);
        let found = (matches(&Selection::default()), matches(&selected), term.matches(path));
        assert_eq!(found, (plain, under, plain), "{term} on {path}");
    }
    let fixed = term("+", &["play", "in"]);
    let matcher = Matcher::new(&fixed, "m", &Selection::default()).unwrap();
    for (path, wanted) in [("play:in", true), ("play:in:play:in", false), ("play:in:in", false)] {
        assert_eq!(matcher.matches(path), wanted, "{path}");
    }
}

/// A sum belongs to one grain alone: its dimensions in their order, and its window.
#[test]
fn sums_of_a_grain() {
    let grain = |by: &[&str], window| {
        let by = by.iter().map(|dim| (*dim).to_owned()).collect();
        settle::Grain { by, window }
    };
    let plain = grain(&[], None);
    assert!(plain.is_plain());
    let player = grain(&["player"], None);
    let both = grain(&["player", "round"], Some((0, 900)));
    let window = grain(&[], Some((0, 900)));
    assert!(!player.is_plain() && !window.is_plain() && !both.is_plain());
    let term = term("+", &["play", "{game}"]);
    for (grain, path, wanted) in [
        (&plain, "play:x", true),
        (&plain, "play:x*player=p", false),
        (&player, "play:x*player=p", true),
        (&player, "play:x", false),
        (&player, "play:x*players=p", false),
        (&player, "play:x*round=p", false),
        (&player, "play:x*player=p*round=r", false),
        (&player, "play:x*player=p*@0..900", false),
        (&window, "play:x*@0..900", true),
        (&window, "play:x*@0..901", false),
        (&window, "play:x*@1..900", false),
        (&window, "play:x", false),
        (&both, "play:x*player=p*round=r*@0..900", true),
        (&both, "play:x*player=p*round=r", false),
        (&both, "play:x*round=r*player=p*@0..900", false),
    ] {
        let matcher = Matcher::at(&term, "m", &Selection::default(), grain).unwrap();
        assert_eq!(matcher.matches(path), wanted, "{path} of {grain:?}");
    }
    let mut path = "play:x".to_owned();
    both.push(&mut path, &["p:7", "r*1"]);
    assert_eq!(path, "play:x*player=p%3A7*round=r%2A1*@0..900");
    let dims = settle::measure::dims_of(&path);
    assert_eq!(dims, [("player", "p:7".to_owned()), ("round", "r*1".to_owned())]);
    assert_eq!(settle::measure::dims_of("play:x"), []);
}

/// What accounts do not tell is asked of the events.
#[test]
fn selections_finer_than_accounts() {
    let term = term("+", &["play", "{game}"]);
    let grain = settle::Grain { by: vec!["player".into()], window: None };
    let at = |selection: &Selection| Matcher::at(&term, "m", selection, &grain).unwrap();
    let coarse = at(&only("game", &["x"]));
    assert!(!coarse.is_selective() && coarse.selects(|_| unreachable!("nothing is asked")));
    let fine = at(&only("player", &["p:7", "q"]));
    assert!(fine.is_selective());
    for (player, wanted) in [("p:7", true), ("q", true), ("p", false), ("", false)] {
        assert_eq!(fine.selects(|_| player.to_owned()), wanted, "{player}");
        let mut path = "play:x".to_owned();
        grain.push(&mut path, &[player]);
        assert_eq!(fine.matches(&path), wanted, "{path}");
    }
}

/// Terms meet the accounts of statements only where they say so, and are compared by accounts.
#[test]
fn accounts_of_statements_and_of_other_matchers() {
    for (template, path, wanted) in [
        (&["settlement", "*", "payable"][..], "settlement:a:payable", true),
        (&["*", "*", "payable"], "settlement:a:payable", false),
        (&["*", "*", "payable"], "play:a:payable", true),
        (&["{side}", "a"], "settlement:a", false),
        (&["play", "a"], "play:a", true),
    ] {
        assert_eq!(term("+", template).matches(path), wanted, "{template:?} {path}");
    }
    let terms = [term("+", &["play", "{game}"]), term("+", &["play", "*"])];
    let grain = |by: &[&str]| settle::Grain {
        by: by.iter().map(|dim| (*dim).to_owned()).collect(),
        window: None,
    };
    let (whole, fine) = (grain(&[]), grain(&["player"]));
    let at = |term: usize, games: &[&str], grain: &settle::Grain| {
        Matcher::at(&terms[term], "m", &only("game", games), grain)
    };
    let x = at(0, &["x"], &whole).unwrap();
    assert!(x.matches_same_accounts(&at(0, &["x"], &fine).unwrap()));
    assert!(!x.matches_same_accounts(&at(0, &["y"], &whole).unwrap()));
    let finer = at(1, &["x", "a:b"], &grain(&["game"])).unwrap();
    let values = ["a%3Ab".to_owned(), "x".to_owned()].into();
    assert_eq!(finer.finer().collect::<Vec<_>>(), [("game", &values)]);
    assert_eq!(x.finer().count(), 0);
}

/// Far above what it takes, so that only a change of its order of growth fails here.
#[test]
fn a_hundred_thousand_accounts_group_quickly() {
    let path = |at: u32| format!("play:p{}:g{}:stakes", at % 100, at);
    let sums: Vec<_> = (0..100_000).map(|at| account(&path(at), "EUR", 1, 3, 2)).collect();
    let begun = Instant::now();
    let rows = measure(&ggr(), &sums, &Selection::default(), &["provider"]).unwrap();
    let games = measure(&ggr(), &sums, &Selection::default(), &["game"]).unwrap();
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    eprintln!("100,000 accounts twice: {:?}", begun.elapsed());
    assert_eq!((rows.len(), games.len()), (100, 100_000));
    assert!(rows.iter().all(|row| row.value == 2000 && row.count == 2000));
}

fn any_sums() -> impl Strategy<Value = Vec<AccountSum>> {
    let part = prop::sample::select(vec!["a", "b", "c:d"]);
    let leaf = prop::sample::select(vec!["stakes", "wins", "other"]);
    let asset = prop::sample::select(vec!["EUR", "KRW"]);
    let sum = (part, leaf, asset, 0..i128::from(u64::MAX), 0..i128::from(u64::MAX), 0..9u64);
    let sum = sum.prop_map(|(part, leaf, asset, debit, credit, count)| {
        let mut path = "play:".to_owned();
        push_escaped(&mut path, part);
        account(&format!("{path}:x:{leaf}"), asset, debit, credit, count)
    });
    prop::collection::vec(sum, 0..20)
}

proptest! {
    #[test]
    fn neither_order_nor_splitting_matters(
        sums in any_sums(),
        seed in 0usize..1000,
        divisor in 1i128..9,
    ) {
        let by = &["provider"];
        let whole = measure(&ggr(), &sums, &Selection::default(), by).unwrap();
        let mut parts = Vec::new();
        for (at, sum) in sums.iter().enumerate() {
            let some = |n: i128| n / divisor;
            let (debit, credit) = (some(sum.total.debit), some(sum.total.credit));
            let count = sum.total.count / 2;
            let first = Total { debit, credit, count };
            let rest = Total {
                debit: sum.total.debit - debit,
                credit: sum.total.credit - credit,
                count: sum.total.count - count,
            };
            let with = |total| AccountSum { total, ..sum.clone() };
            let middle = (seed + at) % (parts.len() + 1);
            parts.insert(middle, with(first));
            parts.insert(0, with(rest));
        }
        prop_assert_eq!(measure(&ggr(), &parts, &Selection::default(), by).unwrap(), whole);
    }

    #[test]
    fn groups_add_up_to_the_whole(sums in any_sums()) {
        let whole = measure(&ggr(), &sums, &Selection::default(), &[]).unwrap();
        let groups = measure(&ggr(), &sums, &Selection::default(), &["game", "provider"]).unwrap();
        for row in whole {
            let of_asset = groups.iter().filter(|group| group.asset == row.asset);
            let (value, count) = of_asset
                .fold((0, 0), |(value, count), group| (value + group.value, count + group.count));
            prop_assert_eq!((value, count), (row.value, row.count));
        }
    }
}
