//! `reserve`: what is held is released, used or still held, and nothing else.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{dec, figure, round, step, sum};
use crate::grouped::{Case, left_by};
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::steps::{Reserve, Rolling};
use settle::{Left, RoundTo, Rule, Statement, Step};

fn rolling(rate: &str, days: u32) -> Rolling {
    let mut amount = figure("running", rate);
    amount.round = Some(RoundTo { scale: 2, mode: Rounding::HalfUp });
    Rolling { amount, days }
}

fn reserve(rolling: Option<Rolling>, target: &str, chargebacks: &str) -> Step {
    let target = (!target.is_empty()).then(|| figure(target, ""));
    let chargebacks = (!chargebacks.is_empty()).then(|| chargebacks.to_owned());
    step("reserve", Rule::Reserve(Reserve { rolling, target, chargebacks }))
}

fn steps(reserve: Step) -> Vec<Step> {
    vec![sum("gross"), reserve]
}

#[test]
fn held_for_ninety_days() {
    let rows = [("gross", "", "12345.67")];
    let case = Case { period: "2026-01-31", rows: &rows, ..Case::default() };
    let mut agreement = case.agreement(steps(reserve(Some(rolling("0.15", 90)), "", "")));
    let daily = |agreement: &mut settle::Agreement| agreement.period = settle::PeriodKind::Day;
    daily(&mut agreement);
    let made = case.rated(&agreement, &Left::default()).unwrap();
    let line = made.lines.iter().find(|line| line.name == "reserve/held/2026-05-01").unwrap();
    assert_eq!(line.amount, dec("1851.85"), "G18");
    assert_eq!(made.payable, dec("10493.82"), "G18");
    assert_eq!(made.closing, crate::grouped::balances(&[("reserve/2026-05-01", "1851.85")]));
    // The day before it is still held; on the day it is released, and only once.
    let none = Case { period: "2026-04-30", ..Case::default() };
    let kept = none.rated(&agreement, &left_by(&made)).unwrap();
    assert_eq!((kept.payable, &kept.closing), (dec("0.00"), &made.closing));
    let due = Case { period: "2026-05-01", ..Case::default() };
    let released = due.rated(&agreement, &left_by(&kept)).unwrap();
    assert_eq!(released.payable, dec("1851.85"));
    assert_eq!(released.closing, crate::grouped::balances(&[]));
    let after = Case { period: "2026-05-02", ..Case::default() };
    assert_eq!(after.rated(&agreement, &left_by(&released)).unwrap().payable, dec("0.00"));
}

#[test]
fn held_in_the_month() {
    let rows = [("gross", "", "12345.67")];
    let case = Case { period: "2026-01", rows: &rows, ..Case::default() };
    let wanted = ["reserve/held/2026-05-01 1851.85", "=reserve/2026-05-01 1851.85", "10493.82"];
    let made = case.check("month", steps(reserve(Some(rolling("0.15", 90)), "", "")), &wanted);
    let may = Case { period: "2026-05", ..Case::default() };
    let wanted = ["reserve/opening 1851.85", "reserve/released/2026-05-01 1851.85", "1851.85"];
    let again = steps(reserve(Some(rolling("0.15", 90)), "", ""));
    may.check_after("May", again, &left_by(&made.unwrap()), &wanted);
    let loss = [("gross", "", "-10")];
    let case = Case { rows: &loss, ..Case::default() };
    let wanted = ["reserve 0", "-10.00"];
    case.check("of a loss", steps(reserve(Some(rolling("0.15", 90)), "", "")), &wanted);
}

#[test]
fn kept_to_a_target() {
    let check = |what, gross, opening, target, wanted: &[&str]| {
        let (rows, opening) = ([("gross", "", gross)], [("reserve", opening)]);
        let case = Case { rows: &rows, opening: &opening, ..Case::default() };
        case.check(what, steps(reserve(None, target, "")), wanted);
    };
    let wanted = ["reserve/previous 50", "reserve/current 80", "=reserve 80", "120.80"];
    check("G25", "150.80", "50", "fixed:80", &wanted);
    check("less than the target", "10", "50", "fixed:80", &["reserve/current 60", "0.00"]);
    check("of a loss", "-70", "50", "fixed:80", &["reserve/current 0", "=reserve 0", "-20.00"]);
    check("down to the target", "10", "50", "fixed:20", &["reserve/current 20", "40.00"]);
    check("at the target", "10", "80", "fixed:80", &["10.00"]);
}

#[test]
fn chargebacks_use_the_oldest_hold_first() {
    let opening = [
        ("reserve/2016-11-05", "10"),
        ("reserve/2016-12-05", "20"),
        ("reserve/2017-01-05", "30"),
        ("reserve", "5"),
    ];
    let check = |what, chargebacks, wanted: &[&str]| {
        let rows = [("gross", "", "100"), ("back", "", chargebacks)];
        let case = Case { rows: &rows, opening: &opening, ..Case::default() };
        case.check(what, steps(reserve(Some(rolling("0.1", 90)), "fixed:5", "back")), wanted);
    };
    let wanted = [
        "reserve/opening 65",
        "reserve/chargebacks 25",
        "reserve/used/2016-11-05 10",
        "reserve/used/2016-12-05 15",
        "reserve/held/2017-02-28 10",
        "reserve 50",
        "=reserve/2016-12-05 5",
        "=reserve/2017-01-05 30",
        "90.00",
    ];
    check("from two holds", "25", &wanted);
    let wanted = ["reserve/released/2016-11-05 10", "=reserve 5", "100.00"];
    check("none", "0", &wanted);
    // 100 − 70 + 65 from what was held − 10 held anew − 5 of the fixed part
    let wanted = ["reserve/used/2017-01-05 30", "reserve/used/fixed 5", "80.00"];
    check("more than there is", "70", &wanted);
    check("taken back", "-7", &["reserve/chargebacks -7", "107.00"]);
}

#[test]
fn what_is_refused() {
    let rows = [("gross", "", "100")];
    let case = Case { rows: &rows, ..Case::default() };
    case.check("nothing", steps(reserve(None, "", "")), &["E7302"]);
    case.check("no day", steps(reserve(Some(rolling("0.1", 0)), "", "")), &["E7302"]);
    case.check("for ever", steps(reserve(Some(rolling("0.1", 4_000)), "", "")), &["E7302"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Over a year every cent is paid out or held.
    #[test]
    fn nothing_is_lost(months in prop::collection::vec((0i64..100_000, 0i64..20_000), 12)) {
        let (mut left, mut paid, mut due) = (Left::default(), Decimal::ZERO, Decimal::ZERO);
        let mut last: Option<Statement> = None;
        for (at, (gross, back)) in months.into_iter().enumerate() {
            let (gross, back) = (cents(gross), cents(back));
            due = due.checked_add(gross).unwrap().checked_sub(back).unwrap();
            let (gross, back) = (gross.to_string(), back.to_string());
            let rows = [("gross", "", gross.as_str()), ("back", "", back.as_str())];
            let period = format!("2016-{:02}", at + 1);
            let case = Case { period: &period, rows: &rows, ..Case::default() };
            let mut steps = steps(reserve(Some(rolling("0.15", 70)), "fixed:100", "back"));
            steps.push(round("cents", Rounding::HalfUp, 2));
            let made = case.rated(&case.agreement(steps), &left).unwrap();
            paid = paid.checked_add(made.payable).unwrap();
            left = left_by(&made);
            last = Some(made);
        }
        let held = last.unwrap().closing.values().fold(Decimal::ZERO, |sum, amount| {
            prop_assert_not_negative(*amount);
            sum.checked_add(*amount).unwrap()
        });
        prop_assert_eq!(paid.checked_add(held).unwrap().canonical(), due.canonical());
    }
}

fn prop_assert_not_negative(amount: Decimal) {
    assert!(!amount.is_negative(), "a hold of {amount}");
}

fn cents(cents: i64) -> Decimal {
    Decimal::from_minor(cents.into(), 2)
}
