//! What an agreement reads, and that nothing else matters to it.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, deduct, measure_of, rated, share, step, sum, term};
use ledger::Total;
use settle::steps::{Select, Tax};
use settle::{
    AccountSum, Agreement, Effect, LineId, Measure, PeriodKind, Rule, Scope, Selection, Window,
};

/// November 2016 in Seoul.
const SPAN: ledger::time::Span =
    ledger::time::Span { start: 1_477_926_000_000_000_000, end: 1_480_518_000_000_000_000 };

fn measures() -> Vec<Measure> {
    let of = |name: &str, leaf: &str| Measure {
        terms: vec![term("+", &["play", "{provider}", leaf])],
        ..measure_of(name)
    };
    vec![of("stakes", "stakes"), of("wins", "wins"), of("unread", "unread")]
}

fn only(name: &str, provider: &str) -> settle::Step {
    let dims = [("provider".to_owned(), [provider.to_owned()].into())].into();
    step(name, Rule::Select(Select { selection: Selection { dims }, ..Select::default() }))
}

/// Stakes of provider a less its wins, and then a share of the stakes of `b:c`.
fn two_providers() -> Agreement {
    let steps = vec![
        only("first", "a"),
        sum("stakes"),
        deduct("ggr", false, &[("won", "measure:wins", "", "", "")]),
        only("second", "b:c"),
        share("more", "measure:stakes", "0.5", Effect::Add),
    ];
    agreement(steps, 2)
}

fn sums() -> Vec<AccountSum> {
    let paths = [
        "play:a:stakes",
        "play:a:wins",
        "play:b%3Ac:stakes",
        "play:b%3Ac:wins",
        "play:d:stakes",
        "play:a:unread",
        "play:a",
        "play",
        "stakes",
        "play:a:x:stakes",
    ];
    let sum = |(at, path): (usize, &str), asset: &str| {
        let total = Total::of_credit(1000 << at);
        AccountSum { path: path.into(), asset: asset.into(), total }
    };
    let pairs = paths.into_iter().enumerate();
    pairs.flat_map(|pair| [sum(pair, "EUR"), sum(pair, "KRW")]).collect()
}

#[test]
fn an_agreement_reads_its_scope_and_nothing_else() {
    let (agreement, measures) = (two_providers(), measures());
    let scope = Scope::new(&agreement, &measures, SPAN).unwrap();
    let read: Vec<_> =
        sums().into_iter().filter(|sum| scope.reads(&sum.path, &sum.asset)).collect();
    let paths: Vec<_> = read.iter().map(|sum| sum.path.as_str()).collect();
    assert_eq!(paths, ["play:a:stakes", "play:a:wins", "play:b%3Ac:stakes"]);
    assert!(read.iter().all(|sum| sum.asset == "EUR"));
    let whole = rated(&agreement, &measures, &sums()).unwrap();
    assert_eq!(rated(&agreement, &measures, &read).unwrap(), whole);
    // 10.00 less 20.00, and half of 40.00.
    assert_eq!(whole.payable.to_string(), "10.00");
    let line = |name: &str| whole.lines.iter().find(|line| line.name == name).unwrap();
    assert_eq!(line("second").notes["dim.provider"], "b:c");
    let reading = &line("more").readings[0];
    assert_eq!((reading.measure.as_str(), reading.count), ("stakes", 1));
    assert_eq!(reading.value.to_string(), "40.00");
}

/// What is gathered: each measure once under each selection, and of each term its accounts.
#[test]
fn needs_and_parts_of_a_scope() {
    let (agreement, measures) = (two_providers(), measures());
    let scope = Scope::new(&agreement, &measures, SPAN).unwrap();
    let needs: Vec<_> = scope.needs().iter().map(|need| need.measure.as_str()).collect();
    assert_eq!(needs, ["stakes", "stakes", "wins"]);
    assert_eq!(scope.needs(), agreement.needs(&measures, SPAN).unwrap());
    let parts: Vec<_> =
        scope.parts().iter().map(|part| (part.need, part.asset.as_str(), part.span)).collect();
    assert_eq!(parts, [(0, "EUR", SPAN), (1, "EUR", SPAN), (2, "EUR", SPAN)]);
    let stakes = &scope.parts()[0];
    for (path, asset, wanted) in [
        ("play:a:stakes", "EUR", true),
        ("play:a:stakes", "KRW", false),
        ("play:a:wins", "EUR", false),
        ("play:a:wins", "KRW", false),
    ] {
        assert_eq!(stakes.reads_account(path, asset), wanted, "{path} in {asset}");
    }
}

/// Of many sums, a need counts those of its own measure, selection and asset.
#[test]
fn what_each_need_counts() {
    let (agreement, measures) = (two_providers(), measures());
    let scope = Scope::new(&agreement, &measures, SPAN).unwrap();
    let all = sums();
    for (place, wanted) in [
        (0, &["play:a:stakes EUR"][..]),
        (1, &["play:b%3Ac:stakes EUR"]),
        (2, &["play:a:wins EUR"]),
        (3, &[]),
    ] {
        let counted = scope.counted(place, &all).unwrap();
        let counted: Vec<_> =
            counted.iter().map(|sum| format!("{} {}", sum.path, sum.asset)).collect();
        assert_eq!(counted, wanted, "need {place}");
    }
}

/// A window is told apart from the period where it begins earlier, or is a part of it.
#[test]
fn spans_of_windows() {
    let mut one = two_providers();
    let at = |text: &str| {
        let period: settle::Period = text.parse().unwrap();
        period.span(&one.zone).unwrap()
    };
    let days =
        |first: &str, last: &str| Window::Days(first.parse().unwrap(), last.parse().unwrap());
    let november = at("2016-11");
    for (window, wanted) in [
        (Window::Period, None),
        (Window::Within(PeriodKind::Month), None),
        (Window::Within(PeriodKind::Quarter), Some((at("2016-10").start, november.end))),
        (Window::Within(PeriodKind::Year), Some((at("2016-01").start, november.end))),
        (days("2016-11-02", "2016-11-03"), Some((at("2016-11-02").start, at("2016-11-03").end))),
        (days("2016-10-30", "2016-11-01"), Some((november.start, at("2016-11-01").end))),
        (days("2016-12-30", "2016-12-31"), Some((november.end, november.end))),
    ] {
        assert_eq!(one.window(window, november).unwrap(), wanted, "{window}");
    }
    for (since, wanted) in
        [("2016-11", None), ("2016-09", Some((at("2016-09").start, november.end)))]
    {
        one.effective.start = at(since).start;
        assert_eq!(one.window(Window::Agreement, november).unwrap(), wanted, "since {since}");
    }
    // Totals are kept by quarters of an hour: so is a window that has no beginning.
    one.effective.start = i64::MIN;
    let (start, end) = one.window(Window::Agreement, november).unwrap().unwrap();
    assert!(start % 900_000_000_000 == 0 && start.checked_sub(900_000_000_000).is_none());
    assert_eq!(end, november.end);
}

/// Days that are selected hold for what is read in groups as well.
#[test]
fn days_hold_for_groups() {
    let window = Window::Days("2016-11-01".parse().unwrap(), "2016-11-02".parse().unwrap());
    let select = Select { days: Some(window), ..Select::default() };
    let tax = Tax {
        method: settle::steps::TaxMethod::Added,
        of: "measure:m".parse().unwrap(),
        by: vec!["seller".into()],
        items: vec![settle::steps::TaxItem {
            name: "vat".into(),
            rate: crate::common::dec("0.1"),
            on: None,
            round: settle::RoundTo { scale: 2, mode: ledger::Rounding::Down },
        }],
        effect: Effect::Add,
    };
    let steps = vec![step("days", Rule::Select(select)), step("tax", Rule::Tax(tax))];
    let one = agreement(steps, 2);
    let measures = [measure_of("m")];
    let need = one.needs(&measures, SPAN).unwrap().remove(0);
    let sum = |grain: &settle::Grain, minor: i128| {
        let mut path = "test:m".to_owned();
        grain.push(&mut path, &["shop"]);
        AccountSum { path, asset: "EUR".into(), total: Total::of_credit(minor) }
    };
    let whole = settle::Grain { window: None, ..need.grain.clone() };
    let statement = rated(&one, &measures, &[sum(&whole, 90_000), sum(&need.grain, 1_000)]);
    assert_eq!(statement.unwrap().payable.to_string(), "1.00", "a tenth of the two days' 10.00");
}

#[test]
fn a_scope_needs_every_measure() {
    let (agreement, measures) = (two_providers(), measures());
    let error = Scope::new(&agreement, &measures[1..], SPAN).unwrap_err();
    assert_eq!(error.code(), "E7201");
    let mut plain = measures;
    plain[0] = measure_of("stakes");
    // The accounts of this one name no provider: the sums are finer then.
    let scope = Scope::new(&agreement, &plain, SPAN).unwrap();
    let reads = |path: &str| scope.reads(path, "EUR");
    assert!(reads("test:stakes*provider=a") && reads("test:stakes*provider=b%3Ac"));
    assert!(!reads("test:stakes") && !reads("test:stakes*provider=c"));
}

#[test]
fn ids_of_lines_are_read_back() {
    for (text, wanted) in [
        ("share:2016-11:1", Some(("share", 1, None))),
        ("share:2016-11:1/20-ngr/bonus", Some(("share", 1, Some("20-ngr/bonus")))),
        ("share:2016-11:12/x", Some(("share", 12, Some("x")))),
        ("share:2016-13:1", None),
        ("share:2016-11:+1", None),
        ("share:2016-11:", None),
        ("share:2016-11", None),
        ("share:2016-11:1:2", None),
        (":2016-11:1", None),
        ("share:2016-11:1/", None),
        ("", None),
    ] {
        let read = LineId::parse(text);
        let found = read.map(|id| (id.agreement, id.version, id.path));
        assert_eq!(found, wanted, "{text}");
        assert!(read.is_none_or(|id| id.period.to_string() == "2016-11"));
    }
    let statement = rated(&two_providers(), &measures(), &sums()).unwrap();
    for line in &statement.lines {
        let id = LineId::parse(&line.id).unwrap();
        assert_eq!(statement.line(id.path.unwrap()), Some(line));
    }
}

/// A ten-fold place never runs into the name: the tenth step is `100-…`.
#[test]
fn the_selection_of_a_line() {
    let mut agreement = two_providers();
    for at in 6..=12 {
        agreement.steps.push(share(&format!("s0-{at}"), "running", "", Effect::Keep));
    }
    let provider = |path: &str| {
        let selection = agreement.selection_at(path)?;
        Some(selection.dims["provider"].iter().next().unwrap().clone())
    };
    for (path, wanted) in [
        ("10-first", Some("a")),
        ("20-stakes", Some("a")),
        ("30-ggr/won", Some("a")),
        ("50-more", Some("b:c")),
        ("100-s0-10", Some("b:c")),
        ("120-s0-12", Some("b:c")),
        ("20-more", None),
        ("130-more", None),
        ("00-first", None),
        ("first", None),
        ("", None),
    ] {
        assert_eq!(provider(path).as_deref(), wanted, "{path}");
    }
    let plain = crate::common::agreement(vec![sum("stakes")], 2);
    assert_eq!(plain.selection_at("10-stakes"), Some(Selection::default()));
}
