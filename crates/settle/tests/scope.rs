//! What an agreement reads, and that nothing else matters to it.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

mod common;

use common::{agreement, deduct, measure_of, rated, share, step, sum, term};
use ledger::Total;
use settle::steps::Select;
use settle::{AccountSum, Agreement, Effect, Measure, Rule, Scope, Selection};

fn measures() -> Vec<Measure> {
    let of = |name: &str, leaf: &str| Measure {
        terms: vec![term("+", &["play", "{provider}", leaf])],
        ..measure_of(name)
    };
    vec![of("stakes", "stakes"), of("wins", "wins"), of("unread", "unread")]
}

fn only(name: &str, provider: &str) -> settle::Step {
    let dims = [("provider".to_owned(), [provider.to_owned()].into())].into();
    step(name, Rule::Select(Select { selection: Selection { dims } }))
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
    let scope = Scope::new(&agreement, &measures).unwrap();
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

#[test]
fn a_scope_needs_every_measure() {
    let agreement = two_providers();
    let error = Scope::new(&agreement, &measures()[1..]).unwrap_err();
    assert_eq!(error.code(), "E7201");
    let mut plain = measures();
    plain[0] = measure_of("stakes");
    assert_eq!(Scope::new(&agreement, &plain).unwrap_err().code(), "E7202");
}
