//! Steps that keep balances or make parts: each mistake is found, with its code, line and column;
//! and where a rounding is missing.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

mod common;

use common::sound_with;

const HEAD: &str = "agreement: share
from: house
to: evolution
asset: EUR
period: month
terms:
  - version: 1
    steps:
      - sum: { measure: ggr }
";

/// Checks the steps after a `sum`: the first one stands on line 10, its word in column 9. What is
/// sound settlement takes too.
#[track_caller]
fn check_all(steps: &[&str], expected: &[(&str, u32, u32)]) {
    let mut files = sound_with(&[]);
    let lines = steps.iter().map(|step| format!("      - {step}\n")).collect::<Vec<_>>().concat();
    files.insert("agreements/share.yaml".to_owned(), format!("{HEAD}{lines}").into_bytes());
    let (compiled, found) = book::compile(&files, 1);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    let places: Vec<_> = found.iter().map(|d| (d.code, d.line, d.column)).collect();
    assert_eq!(places, expected, "\n{lines}\n{}", shown.join("\n"));
    let Some(compiled) = compiled else { return assert!(!expected.is_empty(), "{lines}") };
    let agreement = &compiled.agreements[0];
    assert_eq!(agreement.check(), [], "{lines}");
    assert_eq!(settle::Agreement::decode(&agreement.encode()).as_ref(), Ok(agreement), "{lines}");
}

/// One step, and a rounding.
#[track_caller]
fn check(step: &str, expected: &[(&str, u32, u32)]) {
    check_all(&[step, "round: { mode: half-up }"], expected);
}

#[test]
fn tiers_of_items_and_windows() {
    let tier =
        |text: &str| format!("tier: {{ {text}, method: slab, bands: [{{ rate: \"5%\" }}] }}");
    for (text, expected) in [
        ("of: { measure: ggr }, per: [event]", &[][..]),
        ("of: { measure: ggr }, per: [provider, day]", &[]),
        ("of: { measure: ggr }, window: year", &[]),
        ("of: { measure: ggr }, window: half-month, per: [player]", &[]),
        ("by: { measure: stakes }, window: agreement", &[]),
        ("per: [event]", &[("E1102", 10, 23)]),
        ("of: { line: sum }, per: [event]", &[("E1102", 10, 42)]),
        ("of: { measure: ggr }, per: [evnt]", &[("E1203", 10, 45)]),
        ("of: { measure: ggr }, per: [event, event]", &[("E1202", 10, 52)]),
        ("window: year", &[("E1102", 10, 25)]),
        ("of: { measure: ggr }, by: { line: sum }, window: year", &[("E1102", 10, 66)]),
        ("of: { measure: ggr }, window: decade", &[("E1106", 10, 47)]),
    ] {
        check(&tier(text), expected);
    }
}

#[test]
fn excess_and_residue() {
    let item = |text: &str, more: &str| {
        format!("deduct: {{ items: {{ bonus: {{ amount: \"5\", {text} }} }}{more} }}")
    };
    check(&item("cap: { line: sum, rate: \"20%\" }, excess: carried", ""), &[]);
    check(&item("excess: carried", ", floor_at_zero: true"), &[]);
    check(&item("excess: lost", ""), &[]);
    check(&item("excess: carried", ""), &[("E1406", 10, 58)]);
    check(&item("excess: kept", ""), &[("E1106", 10, 58)]);
    check_all(&["round: { mode: half-up, keep_residue: true }"], &[]);
    check_all(&["round: { mode: half-up, keep_residue: yes }"], &[("E1103", 10, 47)]);
}

#[test]
fn carry() {
    check("carry: { to: forward }", &[]);
    check("carry: { to: reset }", &[]);
    check("carry: { to: shared, pool: all }", &[]);
    check("carry: { to: shared }", &[("E1102", 10, 22)]);
    check("carry: { to: forward, pool: all }", &[("E1406", 10, 37)]);
    check("carry: { to: shared, pool: All }", &[("E1201", 10, 36)]);
    check("carry: { to: nowhere }", &[("E1106", 10, 22)]);
    check("carry: {}", &[("E1102", 10, 16)]);
}

#[test]
fn advance() {
    let grants = |text: &str| format!("advance: {{ grants: [{text}] }}");
    let first = "{ on: 2026-01-01, amount: \"60000\" }";
    check("advance: {}", &[]);
    check("advance: { most: { rate: \"50%\" } }", &[]);
    check(
        &grants(&format!("{first}, {{ on: 2026-07-01, amount: \"1\", paid: by-statement }}")),
        &[],
    );
    check(&grants(&format!("{first}, {first}")), &[("E1404", 10, 72)]);
    check(&grants("{ on: 2026-02-30, amount: \"1\" }"), &[("E1109", 10, 35)]);
    check(&grants("{ on: 2026-02-01, amount: \"0\" }"), &[("E1407", 10, 55)]);
    check(&grants("{ on: 2026-02-01, amount: \"-5\" }"), &[("E1407", 10, 55)]);
    check(&grants("{ on: 2026-02-01, amount: \"1.005\" }"), &[("E1407", 10, 55)]);
    check(&grants("{ amount: \"1\" }"), &[("E1102", 10, 29)]);
    check(&grants("{ on: 2026-02-01, amount: \"1\", paid: twice }"), &[("E1106", 10, 66)]);
}

#[test]
fn fixed_and_item() {
    check("fixed: { amount: \"99.90\" }", &[]);
    check("fixed: { amount: \"-5\", effect: keep }", &[]);
    check(
        "fixed: { amount: \"9\", first_day: 2026-03-10, prorate: { scale: 2, mode: down } }",
        &[],
    );
    check("fixed: { amount: \"9.001\" }", &[("E1407", 10, 26)]);
    check("fixed: { amount: 9 }", &[("E1104", 10, 26)]);
    check(
        "fixed: { amount: \"9\", first_day: 2026-03-10, last_day: 2026-03-09 }",
        &[("E1404", 10, 64)],
    );
    check("fixed: { amount: \"9\", first_day: March }", &[("E1109", 10, 42)]);
    check("fixed: {}", &[("E1102", 10, 16)]);
    check("item: { measure: stakes, each: \"0.0125\" }", &[]);
    check("item: { measure: stakes, count: value, each: \"-2\", effect: set }", &[]);
    check("item: { measure: stake, each: \"2\" }", &[("E1203", 10, 26)]);
    check("item: { measure: stakes, count: people, each: \"2\" }", &[("E1106", 10, 41)]);
    check("item: { measure: stakes, each: \"0.1234567890123456789\" }", &[("E1407", 10, 40)]);
}

#[test]
fn split() {
    let parts = |text: &str, more: &str| format!("split: {{ parts: {{ {text} }}{more} }}");
    let sale = "user: { rate: \"98%\" }, platform: { rate: \"2%\" }";
    check(&parts(sale, ""), &[]);
    check(&parts(sale, ", of: { measure: ggr }, keep: user"), &[]);
    check(&parts("fee: { amount: \"0.30\" }, seller: { weight: \"1\" }", ""), &[]);
    check(&parts(sale, ", keep: usr"), &[("E1203", 10, 84)]);
    check(&parts("", ""), &[("E1111", 10, 25)]);
    check(&parts("user: { rate: \"98%\" }", ""), &[("E1406", 10, 25)]);
    check(&parts("a: { rate: \"98%\" }, b: { rate: \"3%\" }", ""), &[("E1407", 10, 25)]);
    check(&parts("a: { rate: \"98%\", weight: \"1\" }", ""), &[("E1406", 10, 30)]);
    check(&parts("a: {}", ""), &[("E1406", 10, 30)]);
    check(&parts("A: { weight: \"1\" }", ""), &[("E1201", 10, 27)]);
    check(&parts("a: { weight: \"-1\" }, b: { weight: \"2\" }", ""), &[("E1407", 10, 40)]);
    check(&parts("a: { amount: \"0.001\" }, b: { weight: \"2\" }", ""), &[("E1407", 10, 40)]);
    let half = "share: { rate: \"50%\" }";
    check_all(&[half, &parts(sale, "")], &[("E1406", 10, 9)]);
}

#[test]
fn threshold_and_markup() {
    check_all(&["threshold: { amount: \"100.00\" }"], &[]);
    check("threshold: { measure: ggr, rate: \"1%\" }", &[]);
    check("threshold: { rate: \"1%\" }", &[("E1102", 10, 9)]);
    check("threshold: { amount: \"-1\" }", &[("E1407", 10, 30)]);
    check("share: { rate: \"120%\", markup: true }", &[]);
    check("share: { rate: \"1001%\", markup: true }", &[("E1407", 10, 24)]);
    check("share: { rate: \"120%\" }", &[("E1407", 10, 24)]);
}

#[test]
fn where_a_rounding_is_missing() {
    let share = "share: { rate: \"50%\" }";
    let cents = "round: { mode: half-up }";
    let rounded = "share: { rate: \"50%\", round: { scale: 2, mode: down } }";
    let carry = "carry: { to: forward }";
    let least = "threshold: { amount: \"100\" }";
    let here = &[("E1406", 10, 9)][..];
    for (steps, expected) in [
        (&[][..], &[][..]),
        (&[carry, least], &[]),
        (&[share], here),
        (&[rounded], &[]),
        (&[share, cents, carry, "cap: { amount: \"9.5\" }", least], &[]),
        (&[share, carry, least], here),
        (&[carry, share, least], &[("E1406", 11, 9)]),
        (&["round: { mode: up, scale: 3 }"], &[]),
        (&[share, "round: { mode: up, scale: 3 }"], here),
        (&["share: { rate: \"50%\", effect: keep }"], &[]),
        (
            &["share: { rate: \"50%\", effect: keep }", "total: { add: [share] }"],
            &[("E1406", 11, 9)],
        ),
        (&["minimum: { measure: ggr, rate: \"1%\" }"], here),
        (&["deduct: { items: { fee: { rate: \"1%\" } } }"], here),
        (&["fixed: { amount: \"9\", prorate: { scale: 2, mode: up } }"], &[]),
        (&["fixed: { amount: \"9\", prorate: { scale: 3, mode: up } }"], here),
        (&["item: { measure: ggr, each: \"0.25\" }"], &[]),
        (&["item: { measure: ggr, each: \"0.025\" }"], here),
        (&["item: { measure: ggr, count: value, each: \"0.2\" }"], here),
        // What one step leaves in a pool comes out of it in another one.
        (
            &[
                "carry: { name: first, to: shared, pool: all }",
                share,
                "carry: { name: second, to: shared, pool: all }",
                "sum: { name: again, measure: ggr }",
            ],
            &[],
        ),
        (
            &[
                share,
                "carry: { name: first, to: shared, pool: all }",
                "sum: { name: again, measure: ggr }",
                "carry: { name: second, to: shared, pool: all }",
            ],
            &[("E1406", 13, 9)],
        ),
    ] {
        check_all(steps, expected);
    }
}
