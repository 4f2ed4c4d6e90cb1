//! Splits into parts, fixed amounts, amounts for each.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{check, dec, given, line, months, rated, share, step, sum};
use ledger::{Decimal, Rounding, Total};
use proptest::prelude::*;
use settle::steps::{Count, Fixed, Item, Part, Split};
use settle::{AccountSum, Effect, RoundTo, Rule, Step};

fn split(name: &str, parts: &[(&str, &str)], keep: Option<&str>) -> Step {
    let part =
        |(name, gets): &(&str, &str)| Part { name: (*name).into(), gets: gets.parse().unwrap() };
    let of = "running".parse().unwrap();
    let parts = parts.iter().map(part).collect();
    step(name, Rule::Split(Split { of, parts, keep: keep.map(str::to_owned) }))
}

fn fixed(amount: &str, days: (&str, &str), prorate: Option<(i8, Rounding)>) -> Step {
    let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    let (first, last) = (day(days.0), day(days.1));
    let prorate = prorate.map(|(scale, mode)| RoundTo { scale, mode });
    let amount = dec(amount);
    step("x", Rule::Fixed(Fixed { amount, first, last, prorate, effect: Effect::Add }))
}

fn item(measure: &str, count: Count, each: &str) -> Step {
    let (each, effect) = (dec(each), Effect::Set);
    step("x", Rule::Item(Item { measure: measure.into(), count, each, round: None, effect }))
}

#[test]
fn parts_add_up_to_the_whole() {
    let sale = &[("user", "rate:0.98"), ("platform", "rate:0.02")][..];
    let thirds = &[("a", "weight:1"), ("b", "weight:1"), ("c", "weight:1")][..];
    let fees = &[("fee", "fixed:0.30"), ("platform", "rate:0.025"), ("seller", "weight:1")][..];
    for (what, m, scale, parts, keep, wanted) in [
        ("G27", "150", 2, sale, Some("user"), &["s/user 147.00", "s/platform 3.00", "147.00"][..]),
        (
            "G28",
            "100",
            2,
            thirds,
            None,
            &["s/a 33.34", "s/b 33.33", "s/c 33.33", "s 100.00", "100.00"],
        ),
        ("a debt", "-100", 2, thirds, Some("a"), &["s/a -33.34", "s/b -33.33", "-33.34"]),
        (
            "two of three",
            "200",
            2,
            thirds,
            None,
            &["s/a 66.67", "s/b 66.67", "s/c 66.66", "200.00"],
        ),
        ("nothing", "0", 2, thirds, None, &["s/a 0.00", "s 0.00", "0.00"]),
        (
            "a fee, a rate and the rest",
            "10",
            2,
            fees,
            Some("seller"),
            &["s/fee 0.30", "s/platform 0.25", "s/seller 9.45", "9.45"],
        ),
        ("less than the fee", "0.20", 2, fees, Some("seller"), &["s/seller -0.11", "-0.11"]),
        (
            // What a fee takes of nothing is owed by the others, the earlier a cent less.
            "nothing but a fee",
            "0",
            2,
            &[("fee", "fixed:0.05"), ("a", "weight:1"), ("b", "weight:1")],
            None,
            &["s/fee 0.05", "s/a -0.02", "s/b -0.03", "0.00"],
        ),
        ("whole won", "10", 0, sale, None, &["s/user 10", "s/platform 0", "10"]),
        (
            "weights of any size",
            "1",
            2,
            &[("a", "weight:0.7"), ("b", "weight:0"), ("c", "weight:1.4")],
            None,
            &["s/a 0.33", "s/b 0.00", "s/c 0.67", "1.00"],
        ),
    ] {
        check(what, scale, &[("m", m)], vec![sum("m"), split("s", parts, keep)], wanted);
    }
}

#[test]
fn splits_that_cannot_be() {
    let half = share("half", "running", "0.5", Effect::Set);
    let one = &[("a", "weight:1")][..];
    check(
        "a half cent",
        2,
        &[("m", "0.01")],
        vec![sum("m"), half, split("s", one, None)],
        &["E7402"],
    );
    for (what, parts, keep) in [
        ("no parts", &[][..], None),
        ("rates that leave something", &[("a", "rate:0.5")], None),
        ("rates and an amount", &[("a", "rate:1"), ("b", "fixed:1")], None),
        ("more than the whole", &[("a", "rate:1.1"), ("b", "weight:1")], None),
        ("no weight", &[("a", "weight:0")], None),
        ("a weight below zero", &[("a", "weight:-1"), ("b", "weight:2")], None),
        ("a finer amount", &[("a", "fixed:0.001"), ("b", "weight:1")], None),
        ("one name twice", &[("a", "weight:1"), ("a", "weight:1")], None),
        ("not a name", &[("A", "weight:1")], None),
        ("keeps nobody", one, Some("b")),
    ] {
        check(what, 2, &[("m", "1")], vec![sum("m"), split("s", parts, keep)], &["E7302"]);
    }
}

#[test]
fn fixed_amounts_and_the_days_they_are_due() {
    let up = Some((2, Rounding::HalfUp));
    for (what, step, wanted) in [
        ("each period", fixed("99.90", ("", ""), None), "99.90"),
        ("a credit", fixed("-5", ("", ""), None), "-5.00"),
        ("from the middle, whole", fixed("90", ("2016-11-16", ""), None), "90.00"),
        ("before it begins", fixed("90", ("2016-12-01", ""), None), "0.00"),
        ("after it ended", fixed("90", ("", "2016-10-31"), up), "0.00"),
        ("from the middle", fixed("90", ("2016-11-16", ""), up), "45.00"),
        ("up to the 10th", fixed("100", ("", "2016-11-10"), up), "33.33"),
        ("one day", fixed("100", ("2016-11-30", "2016-11-30"), up), "3.33"),
        ("all days", fixed("100", ("2016-11-01", "2016-11-30"), up), "100.00"),
        ("to tens", fixed("100", ("2016-11-16", ""), Some((-1, Rounding::Down))), "50.00"),
        ("ends before it begins", fixed("1", ("2016-11-02", "2016-11-01"), None), "E7302"),
    ] {
        check(what, 2, &[], vec![step], &[wanted]);
    }
    let parts = fixed("31", ("2016-11-30", "2017-01-02"), up);
    let all = months((vec![parts], 2), &[], &[&[], &[], &[], &[]]);
    let wanted = ["1.03", "31.00", "2.00", "0.00"];
    assert_eq!(crate::common::column(&all, "x"), wanted);
    assert_eq!((&all[0].lines[0].notes["days"][..], &all[0].lines[0].notes["of"][..]), ("1", "30"));
}

#[test]
fn so_much_for_each() {
    let (measures, mut sums) = given(&[("tickets", "1"), ("sold", "12.5")], 2);
    sums[0].total = Total { debit: 0, credit: 0, count: 48_217 };
    let steps = vec![
        Step { name: "sales".into(), ..item("tickets", Count::Postings, "2.00") },
        share("licence", "running", "0.10", Effect::Set),
        share("marketing", "line:sales", "0.06", Effect::Add),
    ];
    let statement = rated(&crate::common::agreement(steps, 2), &measures, &sums).unwrap();
    assert_eq!(line(&statement, "sales"), "96434.00");
    assert_eq!(statement.lines[0].quantity, Some(dec("48217")));
    assert_eq!(statement.lines[0].base, Some(dec("2")));
    assert_eq!(line(&statement, "licence"), "9643.40");
    assert_eq!(line(&statement, "marketing"), "5786.04");
    let value = vec![item("m", Count::Value, "0.4")];
    check("of a value", 2, &[("m", "12.5")], value, &["x 5.00", "5.00"]);
    let credit = vec![item("m", Count::Postings, "-1.5")];
    check("a credit", 2, &[("m", "12.5")], credit, &["x -1.50", "-1.50"]);
    let fine = vec![item("m", Count::Value, "0.001")];
    check("not rounded", 2, &[("m", "12.5")], fine, &["E7402"]);
    check("of no measure", 2, &[], vec![item("", Count::Value, "1")], &["E7302"]);
}

proptest! {
    /// The parts of any amount by any weights add up to it, and none is off by a cent or more.
    #[test]
    fn splits_conserve(
        minor in -1_000_000_000i64..1_000_000_000,
        weights in prop::collection::vec(0u32..1000, 1..9),
    ) {
        let all: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
        prop_assume!(all > 0);
        let gets: Vec<(String, String)> = weights.iter().enumerate()
            .map(|(at, weight)| (format!("p{at}"), format!("weight:{weight}"))).collect();
        let parts: Vec<(&str, &str)> =
            gets.iter().map(|(name, gets)| (name.as_str(), gets.as_str())).collect();
        let value = Decimal::from_minor(minor.into(), 2).to_string();
        let (measures, sums) = given(&[("m", &value)], 2);
        let agreement = crate::common::agreement(vec![sum("m"), split("s", &parts, None)], 2);
        let statement = rated(&agreement, &measures, &sums).unwrap();
        let minor_of = |name: &String| {
            let line = statement.lines.iter().find(|l| l.name == format!("s/{name}")).unwrap();
            line.amount.to_minor(2).unwrap()
        };
        let found: Vec<i128> = gets.iter().map(|(name, _)| minor_of(name)).collect();
        prop_assert_eq!(found.iter().sum::<i128>(), i128::from(minor));
        for (part, weight) in found.iter().zip(&weights) {
            let exact = i128::from(minor) * i128::from(*weight);
            prop_assert!((part * i128::from(all) - exact).abs() < i128::from(all));
        }
    }

    /// Days that follow each other owe the whole amount between them, but for the rounding of each.
    #[test]
    fn days_add_up(first in 1i8..30, amount in 1i64..1_000_000) {
        let amount_text = Decimal::from_minor(amount.into(), 2).to_string();
        let day = |day: i8| format!("2016-11-{day:02}");
        let (left, right) = (day(first), day(first + 1));
        let to = Some((4, Rounding::Floor));
        let owed = |days: (&str, &str)| {
            let agreement = crate::common::agreement(vec![fixed(&amount_text, days, to)], 4);
            rated(&agreement, &[], &[] as &[AccountSum]).unwrap().payable
        };
        let both = owed(("", &left)).checked_add(owed((&right, ""))).unwrap();
        let missing = dec(&amount_text).checked_sub(both).unwrap();
        prop_assert!(!missing.is_negative() && missing <= dec("0.0002"), "{missing}");
    }
}
