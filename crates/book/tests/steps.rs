//! One mistake a step: each is found, with its code, line and column.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

mod common;

use book::Compiled;
use common::sound_with;

const HEAD: &str = "agreement: share
from: house
to: evolution
asset: KRW
period: month
terms:
  - version: 1
    steps:
      - sum: { measure: ggr }
";
const TAIL: &str = "      - round: { mode: half-up }\n";

const MORE: &[(&str, &str)] = &[
    ("parties.yaml", TREE),
    ("quotes/ecb.csv", "date,base,quote,rate\n2026-03-02,EUR,KRW,1487.35\n"),
];

fn program() -> Vec<u8> {
    let text = r#"(module (memory (export "memory") 1)
        (func (export "alloc") (param i32) (result i32) (i32.const 0))
        (func (export "run") (param i32 i32) (result i64) (i64.const 0)))"#;
    wat::parse_str(text).unwrap()
}

fn compile(step: &str) -> (Option<Compiled>, Vec<book::Diagnostic>) {
    let mut files = sound_with(MORE);
    files.insert("plugins/x.wasm".to_owned(), program());
    let agreement = format!("{HEAD}{step}\n{TAIL}");
    files.insert("agreements/share.yaml".to_owned(), agreement.into_bytes());
    book::compile(&files, 1)
}

/// Parties with a tree: the studio is below the house.
const TREE: &str = "parties:
  house: { role: operator }
  evolution: { role: provider, parent: house, aliases: [Evolution Gaming] }
  netent: { role: provider, parent: evolution }
";

/// The step stands on line 10; the columns are those of its text. A sound step must also be one
/// that settlement takes.
#[track_caller]
fn check(step: &str, expected: &[(&str, u32, u32)]) {
    let (compiled, found) = compile(step);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    let places: Vec<_> = found.iter().map(|d| (d.code, d.line, d.column)).collect();
    assert_eq!(places, expected, "\n{step}\n{}", shown.join("\n"));
    let Some(compiled) = compiled else { return assert!(!expected.is_empty(), "{step}") };
    let agreement = &compiled.agreements[0];
    assert_eq!(settle::Agreement::decode(&agreement.encode()).as_ref(), Ok(agreement), "{step}");
}

/// The same, the place given by the text that stands there.
#[track_caller]
fn check_at(word: &str, text: &str, expected: &[(&str, &str)]) {
    let step = format!("      - {word}: {{ {text} }}");
    let column = |needle: &str| u32::try_from(step.find(needle).unwrap() + 1).unwrap();
    let expected: Vec<_> =
        expected.iter().map(|(code, needle)| (*code, 10, column(needle))).collect();
    check(&step, &expected);
}

#[test]
fn exchange() {
    let eur = "      - select: { asset: EUR }\n";
    let check = |text: &str, expected: &[(&str, u32, u32)]| {
        check(&format!("{eur}      - exchange: {{ {text} }}"), expected);
    };
    check("rate: \"1487.35\"", &[]);
    check("to: KRW, rate: \"1487.35\", round: { scale: -1, mode: down }", &[]);
    check("measure: ggr, by: [event], rounding: each, rate: \"1487.35\"", &[]);
    check("measure: ggr, quotes: { source: ecb, date: transaction, within_days: 7 }", &[]);
    check("quotes: { source: ecb, date: month-close, month: 2026-03, through: EUR }", &[]);
    check("to: USD, rate: \"1\"", &[("E1203", 11, 25)]);
    check("round: { scale: 0, mode: up }", &[("E1102", 11, 9)]);
    check("rate: \"0\"", &[("E1407", 11, 27)]);
    check("rate: 1487.35", &[("E1104", 11, 27)]);
    check("rate: \"1\", quotes: { source: ecb, date: close }", &[("E1406", 11, 40)]);
    check("rate: \"1\", by: [game]", &[("E1102", 11, 37)]);
    check("rate: \"1\", measure: ggr, by: [gane]", &[("E1203", 11, 51)]);
    check("rate: \"1\", rounding: each", &[("E1102", 11, 42)]);
    check("quotes: { source: ecb, date: transaction }", &[("E1102", 11, 50)]);
    check("quotes: { source: ecb, date: month-close }", &[("E1102", 11, 50)]);
    check("quotes: { source: ecb, date: close, month: 2026-03 }", &[("E1406", 11, 64)]);
    check("quotes: { source: ecb, date: month-close, month: 2026-13 }", &[("E1109", 11, 70)]);
    check("quotes: { source: ecb, date: close, within_days: 93 }", &[("E1407", 11, 70)]);
    check("quotes: { source: ECB, date: close }", &[("E1203", 11, 39)]);
}

#[test]
fn tax() {
    let check = |text: &str, expected: &[(&str, u32, u32)]| {
        check(&format!("      - tax: {{ {text} }}"), expected);
    };
    let round = "round: { scale: -1, mode: floor }";
    let income = format!("income: {{ rate: \"3%\", {round} }}");
    check(&format!("method: withheld, items: {{ {income} }}"), &[]);
    let local = format!("local: {{ rate: \"10%\", on: income, {round} }}");
    let both = format!("items: {{ {income}, {local} }}");
    check(&format!("method: withheld, {both}"), &[]);
    check(&format!("method: withheld, of: {{ measure: ggr }}, by: [provider], {both}"), &[]);
    check(&format!("method: included, items: {{ {income} }}, effect: subtract"), &[]);
    check(&format!("method: included, {both}"), &[("E1111", 10, 41)]);
    check(&format!("method: kept, {both}"), &[("E1106", 10, 24)]);
    check(&format!("method: added, by: [provider], {both}"), &[("E1102", 10, 36)]);
    check("method: added, items: {}", &[("E1111", 10, 38)]);
    check(&format!("method: added, items: {{ {local} }}"), &[("E1203", 10, 66)]);
    check("method: added, items: { vat: { rate: \"10%\" } }", &[("E1102", 10, 45)]);
    check(
        &format!("method: added, items: {{ vat: {{ rate: \"110%\", {round} }} }}"),
        &[("E1407", 10, 53)],
    );
}

#[test]
fn reserve() {
    let check = |text: &str, expected: &[(&str, u32, u32)]| {
        check(&format!("      - reserve: {{ {text} }}"), expected);
    };
    check("rolling: { rate: \"15%\", days: 90, round: { scale: 0, mode: half-up } }", &[]);
    check("target: { amount: \"80\" }, chargebacks: ggr", &[]);
    check("rolling: { measure: ggr, rate: \"15%\", days: 90 }, target: { amount: \"1\" }", &[]);
    check("chargebacks: ggr", &[("E1102", 10, 9)]);
    check("target: { amount: \"80\" }, chargebacks: back", &[("E1203", 10, 59)]);
    check("target: { rate: \"10%\" }", &[("E1102", 10, 28)]);
    check("rolling: { rate: \"15%\" }", &[("E1102", 10, 29)]);
    check("rolling: { rate: \"15%\", days: 0 }", &[("E1407", 10, 50)]);
    check("rolling: { rate: \"150%\", days: 9 }", &[("E1407", 10, 37)]);
}

#[test]
fn hierarchy() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        check_at("hierarchy", &format!("party: provider, {text}"), expected);
    };
    let rates = "rates: [{ party: netent, turnover: \"1%\" }, { party: house, turnover: \"2%\" }]";
    check(&format!("turnover: stakes, {rates}"), &[]);
    check(&format!("turnover: stakes, {rates}, pays: netent, effect: add"), &[]);
    check(&format!("net_loss: {{ measure: ggr, floor: each }}, {rates}, product: game"), &[]);
    check(&format!("net_loss: {{ measure: ggr, floor: both }}, {rates}"), &[("E1106", "both")]);
    check(rates, &[("E1102", "hierarchy")]);
    check(&format!("turnover: bets, {rates}"), &[("E1203", "bets")]);
    check(&format!("turnover: stakes, product: gane, {rates}"), &[("E1203", "gane")]);
    check(&format!("turnover: stakes, {rates}, pays: store"), &[("E1203", "store")]);
    check("turnover: stakes, rates: []", &[("E1111", "[]")]);
    let of = |rates: &str| format!("turnover: stakes, rates: [{rates}]");
    check(&of("{ party: evolutoin, turnover: \"1%\" }"), &[("E1203", "evolutoin")]);
    check(&of("{ party: house }"), &[("E1102", "house }")]);
    let slot = "{ party: house, product: slot, turnover: \"1%\" }";
    check(&of(slot), &[("E1102", "slot")]);
    let above = "{ party: netent, turnover: \"2%\" }, { party: house, turnover: \"1%\" }";
    check(&of(above), &[("E1412", "netent")]);
    let later = "{ party: netent, turnover: \"1%\" }, { party: house, turnover: \"2%\" }, \
        { party: netent, from: 2030-01-01, turnover: \"3%\" }";
    check(&of(later), &[("E1412", "netent, from")]);
    let twice = "{ party: netent, turnover: \"1%\" }, { party: netent, turnover: \"2%\" }";
    check(&of(twice), &[("E1202", "netent, turnover: \"2")]);
    let undated = "{ party: netent, from: soon, turnover: \"1%\" }";
    check(&of(undated), &[("E1109", "soon")]);
}

#[test]
fn a_tree_of_parties() {
    let check = |from: &str, to: &str, expected: &[(&str, u32, u32)]| {
        let mut files = sound_with(MORE);
        files.insert("parties.yaml".to_owned(), TREE.replace(from, to).into_bytes());
        let (_, found) = book::compile(&files, 1);
        let places: Vec<_> = found.iter().map(|d| (d.code, d.line, d.column)).collect();
        assert_eq!(places, expected, "{to}");
    };
    check("role: operator", "role: operator", &[]);
    check("role: operator", "role: operator, parent: netent", &[("E1214", 4, 37)]);
    check("role: operator", "role: operator, parent: house", &[("E1214", 2, 36)]);
    check("parent: evolution", "parent: evo", &[("E1203", 4, 37)]);
}

#[test]
fn quarantine() {
    let check = |text: &str, expected: &[(&str, u32, u32)]| {
        check(&format!("      - quarantine: {{ {text} }}"), expected);
    };
    check("measure: ggr, by: player, threshold: \"5000\"", &[]);
    check("measure: ggr, by: playre, threshold: \"5000\"", &[("E1203", 10, 41)]);
    check("measure: grg, by: player, threshold: \"5000\"", &[("E1203", 10, 32)]);
    check("measure: ggr, by: player, threshold: \"0\"", &[("E1407", 10, 60)]);
    check("measure: ggr, by: player, threshold: \"-1\"", &[("E1407", 10, 60)]);
    check("measure: ggr, by: player", &[("E1102", 10, 21)]);
}

#[test]
fn credit() {
    let check = |text: &str, expected: &[(&str, &str)]| check_at("credit", text, expected);
    check("bought: stakes, drawn: ggr, price: \"12.5%\", round: { scale: 0, mode: up }", &[]);
    check("bought: stakes, drawn: ggr, price: \"12.5%\", effect: add", &[]);
    check("bought: lots, drawn: ggr, price: \"12.5%\"", &[("E1203", "lots")]);
    check("bought: stakes, drawn: grg, price: \"12.5%\"", &[("E1203", "grg")]);
    check("bought: stakes, drawn: ggr, price: \"112.5%\"", &[("E1407", "\"112")]);
    check("bought: stakes, drawn: ggr", &[("E1102", "{")]);
}

#[test]
fn jackpot() {
    let check = |text: &str, expected: &[(&str, &str)]| check_at("jackpot", text, expected);
    check("contribution: { measure: stakes, rate: \"1%\" }", &[]);
    check("pool: sum, repaid: { measure: wins }", &[]);
    check("contribution: { measure: stakes }, pool: sum", &[("E1102", "jackpot")]);
    check("name: net", &[("E1102", "net")]);
    check("pool: som", &[("E1203", "som")]);
    check("repaid: { rate: \"1%\" }", &[("E1102", "{ rate")]);
}

#[test]
fn free_rounds() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        check_at("free-rounds", &format!("measure: wins, {text}"), expected);
    };
    check("by: game, taken: { slots: \"100%\", dice: \"50%\" }, otherwise: \"0%\"", &[]);
    check("by: provider, taken: { Evolution Gaming: \"100%\" }", &[]);
    check("by: provider, taken: { Evo: \"100%\" }", &[("E1203", "Evo")]);
    check("by: gane, taken: {}", &[("E1203", "gane")]);
    check("by: game, taken: { slots: \"101%\" }", &[("E1407", "\"101")]);
    check("by: game", &[("E1102", "{ measure")]);
}

#[test]
fn plugin() {
    let check = |text: &str, expected: &[(&str, &str)]| check_at("plugin", text, expected);
    let hash = book::plugin::sha256(&program());
    let file = "file: plugins/x.wasm";
    check(&format!("{file}, sha256: {hash}"), &[]);
    let reads = "reads: { revenue: { measure: ggr, by: [player, day] } }, parameters: { a: b }";
    check(&format!("{file}, sha256: {hash}, {reads}"), &[]);
    let other = "0".repeat(64);
    check(&format!("{file}, sha256: \"{other}\""), &[("E1413", &format!("\"{other}"))]);
    check(&format!("file: plugins/y.wasm, sha256: {hash}"), &[("E1413", "plugins/y")]);
    check(&format!("file: assets.yaml, sha256: {hash}"), &[("E1413", "assets")]);
    let reads = "reads: { revenue: { measure: grg } }";
    check(&format!("{file}, sha256: {hash}, {reads}"), &[("E1203", "grg")]);
    check(file, &[("E1102", "{ file")]);
}

/// An agreement of the book beside the one with the step.
fn beside(name: &str, from: &str, to: &str, asset: &str, step: &str) -> (String, Vec<u8>) {
    let text = format!(
        "agreement: {name}\nfrom: {from}\nto: {to}\nasset: {asset}\nperiod: month\nterms:\n  \
         - version: 1\n    steps:\n      - {step}\n{TAIL}"
    );
    (format!("agreements/{name}.yaml"), text.into_bytes())
}

#[test]
fn net() {
    let sum = "sum: { measure: ggr }";
    let others = [
        beside("fee", "house", "evolution", "KRW", sum),
        beside("rent", "evolution", "house", "KRW", sum),
        beside("theirs", "house", "netent", "KRW", sum),
        beside("nets", "house", "evolution", "KRW", "net: { agreements: [taken] }"),
        beside("taken", "house", "evolution", "KRW", sum),
    ];
    let compile = |named: &str| {
        let mut files = sound_with(MORE);
        files.extend(others.iter().cloned());
        let step = format!("net: {{ agreements: [{named}] }}");
        files.extend([beside("share", "house", "evolution", "KRW", &step)]);
        book::compile(&files, 1)
    };
    for (named, expected) in [
        ("fee", &[][..]),
        ("", &["E1110"]),
        ("fee, fee", &["E1202"]),
        ("fea", &["E1203"]),
        ("share", &["E1414"]),
        ("nets", &["E1414"]),
        ("theirs", &["E1414"]),
        ("taken", &["E1414"]),
    ] {
        let codes: Vec<_> = compile(named).1.iter().map(|found| found.code).collect();
        assert_eq!(codes, expected, "{named}");
    }
    let (Some(compiled), _) = compile("fee, rent") else { panic!("the book is sound") };
    let share = compiled.agreements.iter().find(|one| one.name == "share").unwrap();
    let settle::Rule::Net(net) = &share.steps[0].rule else { panic!("it nets") };
    let ways: Vec<_> = net.agreements.iter().map(|one| (one.owed.word(), one.reversed)).collect();
    assert_eq!(ways, [("payable", false), ("receivable", true)]);
    let measures: Vec<_> = compiled.measures.iter().map(|one| one.name.as_str()).collect();
    assert!(measures.is_sorted() && measures.contains(&"settled-rent"), "{measures:?}");
}
