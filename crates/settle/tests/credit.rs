//! `credit`: lots bought and drawn, the oldest first; never below zero without a word.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{dec, step};
use crate::grouped::{Case, left_by};
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::steps::{Credit, Tax, TaxItem, TaxMethod};
use settle::{Effect, Left, Operand, RoundTo, Rule, Step};

fn credit(change: impl FnOnce(&mut Credit)) -> Vec<Step> {
    let mut made = Credit {
        bought: "bought".into(),
        drawn: "ggr".into(),
        price: dec("0.125"),
        round: Some(RoundTo { scale: 0, mode: Rounding::HalfUp }),
        effect: Effect::Set,
    };
    change(&mut made);
    vec![step("credit", Rule::Credit(made))]
}

fn won<'a>(rows: &'a [(&'a str, &'a str, &'a str)], opening: &'a [(&'a str, &'a str)]) -> Case<'a> {
    Case { asset: ("KRW", 0), rows, opening, ..Case::default() }
}

#[test]
fn prepaid_credit_with_tax() {
    let rows = [("bought", "*day=2016-11-03", "100000000"), ("ggr", "*day=2016-11-20", "87654321")];
    let mut steps = credit(|_| ());
    let round = RoundTo { scale: 0, mode: Rounding::Floor };
    let item = TaxItem { name: "vat".into(), rate: dec("0.1"), on: None, round };
    steps.push(step(
        "tax",
        Rule::Tax(Tax {
            method: TaxMethod::Added,
            of: Operand::Running,
            by: Vec::new(),
            items: vec![item],
            effect: Effect::Add,
        }),
    ));
    let wanted = [
        "credit/opening 20000000",
        "credit/bought 100000000",
        "credit/drawn 87654321",
        "credit/lot/before 20000000",
        "credit/lot/2016-11-03 67654321",
        "credit/closing 32345679",
        "credit/lowest 20000000",
        "credit/overdrawn 0",
        "credit/days-left 11",
        "credit 12500000",
        "vat 1250000",
        "=credit/2016-11-03 32345679",
        "13750000",
    ];
    won(&rows, &[("credit", "20000000")]).check("G14a", steps, &wanted);
}

#[test]
fn lots_are_drawn_from_the_oldest_on() {
    let opening = [("credit/2016-09-01", "10"), ("credit/2016-10-01", "20"), ("credit", "5")];
    let check = |what, drawn, wanted: &[&str]| {
        let rows = [("ggr", "*day=2016-11-20", drawn), ("bought", "*day=2016-11-21", "30")];
        won(&rows, &opening).check(what, credit(|_| ()), wanted);
    };
    check("nothing", "0", &["credit/lowest 35", "credit/closing 65", "4"]);
    check("the first", "3", &["credit/lot/before 3", "=credit 2", "4"]);
    let wanted = ["credit/lot/before 5", "credit/lot/2016-09-01 10", "=credit/2016-10-01 18", "4"];
    check("three", "17", &wanted);
    let wanted = ["credit/lowest -5", "credit/closing 25", "=credit/2016-11-21 25", "4"];
    check("before it was bought", "40", &wanted);
    let wanted =
        ["credit/closing -5", "credit/overdrawn 5", "credit/days-left 0", "=credit -5", "4"];
    check("overdrawn", "70", &wanted);
    check("taken back", "-7", &["credit/closing 72", "=credit 12", "4"]);
    // A lot that nothing is drawn of prints no line.
    for (drawn, lots) in
        [("-7", &[][..]), ("0", &[]), ("3", &["before"]), ("15", &["before", "2016-09-01"])]
    {
        let rows = [("ggr", "*day=2016-11-20", drawn)];
        let statement = won(&rows, &opening).check(drawn, credit(|_| ()), &["0"]).unwrap();
        let lot = |line: &settle::Line| line.name.strip_prefix("credit/lot/").map(str::to_owned);
        assert_eq!(statement.lines.iter().filter_map(lot).collect::<Vec<_>>(), lots, "{drawn}");
    }
}

/// The lowest balance is told with the first day that it was reached on.
#[test]
fn the_day_of_the_lowest_balance() {
    let lowest = |rows: &[(&str, &str, &str)], wanted: &str, day: &str| {
        let case = won(rows, &[("credit", "10")]);
        let statement = case.check(day, credit(|_| ()), &[wanted, "0"]).unwrap();
        let line = statement.lines.iter().find(|line| line.name == "credit/lowest").unwrap();
        assert_eq!(line.notes["day"], day);
    };
    lowest(&[], "credit/lowest 10", "opening");
    let twice = [("ggr", "*day=2016-11-05", "4"), ("ggr", "*day=2016-11-09", "0")];
    lowest(&twice, "credit/lowest 6", "2016-11-05");
    lowest(&[("ggr", "*day=2016-11-05", "0")], "credit/lowest 10", "opening");
    let lower = [("ggr", "*day=2016-11-05", "4"), ("ggr", "*day=2016-11-09", "1")];
    lowest(&lower, "credit/lowest 5", "2016-11-09");
}

#[test]
fn a_purchase_makes_good_what_is_overdrawn() {
    let rows = [("bought", "*day=2016-11-21", "30")];
    let wanted =
        ["credit/opening -20", "credit/lowest -20", "=credit 0", "=credit/2016-11-21 10", "4"];
    won(&rows, &[("credit", "-20")]).check("in part", credit(|_| ()), &wanted);
    let wanted = ["credit/overdrawn 10", "=credit -10", "4"];
    won(&rows, &[("credit", "-40")]).check("not wholly", credit(|_| ()), &wanted);
    won(&[], &[]).check("nothing happened", credit(|_| ()), &["credit/closing 0", "0"]);
    let refused = credit(|it| it.price = dec("-1"));
    won(&rows, &[]).check("a price below zero", refused, &["E7302"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Opening, purchases and draws are the closing balance, whatever the lots.
    #[test]
    fn balances_conserve(months in prop::collection::vec((
        0i64..1000, 1i8..29, 0i64..1500, 1i8..29,
    ), 1..7)) {
        let (mut left, mut wanted) = (Left::default(), 0i64);
        for (at, (bought, first, drawn, second)) in months.into_iter().enumerate() {
            wanted += bought - drawn;
            let month = format!("2016-{:02}", at + 1);
            let on = format!("*day={month}-{first:02}");
            let off = format!("*day={month}-{second:02}");
            let (bought, drawn) = (bought.to_string(), drawn.to_string());
            let rows = [("bought", on.as_str(), bought.as_str()), ("ggr", &off, &drawn)];
            let case = Case { period: &month, ..won(&rows, &[]) };
            let made = case.rated(&case.agreement(credit(|_| ())), &left).unwrap();
            let line = |name: &str| made.lines.iter().find(|l| l.name == name).unwrap().amount;
            prop_assert_eq!(line("credit/closing"), Decimal::from_minor(wanted.into(), 0));
            let below: Vec<_> = made.closing.iter().filter(|(_, a)| a.is_negative()).collect();
            prop_assert!(below.iter().all(|(name, _)| *name == "credit"));
            prop_assert_eq!(below.is_empty(), wanted >= 0);
            left = left_by(&made);
        }
    }
}
