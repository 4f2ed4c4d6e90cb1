//! `jackpot` and `free-rounds`.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{deduct, figure, round, share, step, sum};
use crate::grouped::Case;
use ledger::Rounding;
use settle::steps::{FreeRounds, Jackpot};
use settle::{Effect, RoundTo, Rule, Step};

fn jackpot(name: &str, contribution: &str, pool: &str, repaid: &str) -> Step {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let to = RoundTo { scale: 2, mode: Rounding::HalfUp };
    let contribution = some(contribution).map(|of| {
        let mut taken = figure(&of, "0.01");
        taken.round = Some(to);
        taken
    });
    let repaid = some(repaid).map(|of| figure(&of, ""));
    step(name, Rule::Jackpot(Jackpot { contribution, pool: some(pool), repaid }))
}

#[test]
fn contribution_in_and_win_repaid() {
    let rows =
        [("stakes", "", "2345678.90"), ("wins", "", "2231004.15"), ("jackpots", "", "150000")];
    let steps = |last: Step| {
        vec![
            sum("stakes"),
            deduct("ggr", false, &[("won", "measure:wins", "", "", "")]),
            jackpot("pool", "measure:stakes", "", ""),
            share("fee", "running", "0.12", Effect::Set),
            round("cents", Rounding::HalfUp, 2),
            last,
        ]
    };
    let case = Case { rows: &rows, ..Case::default() };
    let wanted = [
        "pool 23456.79",
        "net/contribution 23456.79",
        "net/repaid 150000",
        "net -115597.05",
        "-115597.05",
    ];
    let made = case.check("G15", steps(jackpot("net", "", "pool", "measure:jackpots")), &wanted);
    let made = made.unwrap();
    let base = made.lines.iter().find(|line| line.name == "pool").unwrap().running;
    assert_eq!(base, crate::common::dec("91217.96"));
    case.check("passed on", steps(jackpot("net", "", "pool", "")), &["34402.95"]);
    case.check("repaid", steps(jackpot("net", "", "", "measure:jackpots")), &["-139053.84"]);
    case.check("nothing", steps(jackpot("net", "", "", "")), &["E7302"]);
    case.check("both", steps(jackpot("net", "measure:wins", "pool", "")), &["E7302"]);
    case.check("no such pool", steps(jackpot("net", "", "pot", "")), &["E7304"]);
}

#[test]
fn free_rounds_by_who_funds_them() {
    let rows = [
        ("ggr", "", "1000"),
        ("free", "*funded_by=operator", "100"),
        ("free", "*funded_by=provider", "60"),
        ("free", "*funded_by=shared", "40"),
        ("free", "*funded_by=nobody knows", "8"),
    ];
    let free = |otherwise: &str| {
        let taken = [("operator", "0"), ("provider", "1"), ("shared", "0.5")];
        let taken = taken.map(|(name, rate)| (name.to_owned(), crate::common::dec(rate))).into();
        let (measure, by) = ("free".to_owned(), "funded_by".to_owned());
        let otherwise = crate::common::dec(otherwise);
        vec![
            sum("ggr"),
            step("free", Rule::FreeRounds(FreeRounds { measure, by, taken, otherwise })),
        ]
    };
    let case = Case { rows: &rows, ..Case::default() };
    let wanted = [
        "free/operator 0",
        "free/provider 60",
        "free/shared 20",
        "free/nobody knows 0",
        "free 80",
        "920.00",
    ];
    case.check("shares", free("0"), &wanted);
    case.check("others too", free("1"), &["free/nobody knows 8", "912.00"]);
    case.check("more than all", free("1.1"), &["E7302"]);
    Case::default().check("nothing happened", free("0"), &["free 0", "0.00"]);
}
