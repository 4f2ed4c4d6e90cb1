//! `quarantine`: large losses are set apart, and worked off by those alone who made them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{dec, round, step, sum};
use crate::grouped::{Case, left_by};
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::steps::Quarantine;
use settle::{Left, Rule, Step};

fn steps(threshold: &str) -> Vec<Step> {
    let (measure, by) = ("ggr".to_owned(), "player".to_owned());
    let quarantine = Quarantine { measure, by, threshold: dec(threshold) };
    vec![
        sum("ggr"),
        step("large", Rule::Quarantine(quarantine)),
        round("cents", Rounding::HalfUp, 2),
    ]
}

/// What players brought in, in order: `a`, `b`, `c`; and the sum of it.
fn rows<'a>(total: &'a str, players: &[&'a str]) -> Vec<(&'a str, &'a str, &'a str)> {
    let names = ["*player=a", "*player=b", "*player=c"];
    let each = names.into_iter().zip(players).map(|(name, amount)| ("ggr", name, *amount));
    [("ggr", "", total)].into_iter().chain(each).collect()
}

#[test]
fn who_is_large_and_what_is_set_apart() {
    let check = |what, total, players: &[&str], wanted: &[&str]| {
        let rows = rows(total, players);
        Case { rows: &rows, ..Case::default() }.check(what, steps("5000"), wanted);
    };
    let wanted = ["ggr -5000", "large/apart/a 5000", "large 5000", "=large/a 5000", "0.00"];
    check("G09a", "-5000", &["-8000", "3000"], &wanted);
    check("at the threshold", "-4900", &["-5000", "100"], &["=large/a 4900", "0.00"]);
    check("under it", "-4899.99", &["-4999.99", "100"], &["large 0", "-4899.99"]);
    check("the sum is above zero", "1000", &["-8000", "9000"], &["large 0", "1000.00"]);
    check("no more than its loss", "-9000", &["-6000", "-3000"], &["=large/a 6000", "-3000.00"]);
    let wanted = ["=large/a 3333.33", "=large/b 6666.67", "0.00"];
    check("shared", "-10000", &["-6000", "-12000", "8000"], &wanted);
    check("nobody", "0", &[], &["large/opening 0", "large 0", "0.00"]);
}

#[test]
fn worked_off_by_the_same_player_alone() {
    let check = |what, total, players: &[&str], wanted: &[&str]| {
        let rows = rows(total, players);
        let opening = [("large/a", "5000")];
        let case = Case { rows: &rows, opening: &opening, ..Case::default() };
        case.check(what, steps("5000"), wanted);
    };
    let wanted = ["large/opening 5000", "large/worked-off/a 1200", "=large/a 3800", "300.00"];
    check("in part", "1500", &["1200", "300"], &wanted);
    check(
        "wholly",
        "6000",
        &["5500", "500"],
        &["large/worked-off/a 5000", "=large/a 0", "1000.00"],
    );
    check("others earn", "300", &["-100", "400"], &["=large/a 5000", "300.00"]);
    let wanted = ["large/worked-off/a 1000", "=large/a 4000", "=large/b 6500", "0.00"];
    check("and another is large", "-5500", &["1000", "-6500"], &wanted);
    check("more is added", "-5500", &["-6000", "500"], &["=large/a 10500", "0.00"]);
}

#[test]
fn over_two_periods() {
    let first = rows("-5000", &["-8000", "3000"]);
    let first = Case { rows: &first, ..Case::default() };
    let made = first.check("first", steps("5000"), &["0.00"]).unwrap();
    let second = rows("6000", &["4000", "2000"]);
    let second = Case { period: "2016-12", rows: &second, ..Case::default() };
    let wanted = ["large/opening 5000", "=large/a 1000", "2000.00"];
    second.check_after("second", steps("5000"), &left_by(&made), &wanted);
}

#[test]
fn what_is_refused() {
    let rows = rows("100", &["100"]);
    Case { rows: &rows, ..Case::default() }.check("zero", steps("0"), &["E7302"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is paid and what is set apart is what players brought in; nobody has less than
    /// nothing set apart.
    #[test]
    fn nothing_is_lost(months in prop::collection::vec(
        prop::collection::vec(-900_000i64..600_000, 3), 1..6,
    )) {
        let (mut left, mut paid, mut due) = (Left::default(), 0i128, 0i128);
        for (at, players) in months.iter().enumerate() {
            let total: i64 = players.iter().sum();
            due += i128::from(total);
            let text = |cents: i64| Decimal::from_minor(cents.into(), 2).to_string();
            let (total, players) = (text(total), players.iter().map(|p| text(*p)));
            let players: Vec<String> = players.collect();
            let players: Vec<&str> = players.iter().map(String::as_str).collect();
            let rows = rows(&total, &players);
            let period = format!("2016-{:02}", at + 1);
            let case = Case { period: &period, rows: &rows, ..Case::default() };
            let made = case.rated(&case.agreement(steps("5000")), &left).unwrap();
            paid += made.payable.to_minor(2).unwrap();
            left = left_by(&made);
        }
        let apart: i128 = left.balances.values().map(|a| a.to_minor(2).unwrap()).sum();
        prop_assert!(left.balances.values().all(|amount| !amount.is_negative()));
        prop_assert_eq!(paid - apart, due);
    }
}
