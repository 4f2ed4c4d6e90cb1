//! Corrections: what late facts changed in a closed period, printed in an open one and read back;
//! and that what was stated and corrected adds up to what would have been stated in time.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, chained, dec, given, measure_of, round, share, step, sum, tier};
use ledger::{Decimal, Rounding, Total};
use proptest::prelude::*;
use settle::correct::{Change, Correction, correction, stated};
use settle::steps::Method::{self, Marginal, Slab};
use settle::steps::{Carry, CarryTo};
use settle::{
    AccountSum, Agreement, Effect, Inputs, Left, Measure, Operand, Period, PeriodKind, Previous,
    Rule, Statement, Step, Window, rate,
};
use std::collections::BTreeMap;

/// A sum, a half of it, and what is below zero carried forward.
fn steps() -> Vec<Step> {
    let forward = step("debt", Rule::Carry(Carry { to: CarryTo::Forward }));
    vec![sum("m"), share("half", "running", "0.5", Effect::Set), forward]
}

/// The statement of November over a value, with what was left for it.
fn november(value: &str, left: &Left) -> Statement {
    let (measures, sums) = given(&[("m", value)], 2);
    let one = agreement(steps(), 2);
    let period: Period = "2016-11".parse().unwrap();
    let span = period.span(&one.zone).unwrap();
    let statement = rate(&one, period, span, &Inputs { left, ..Inputs::of(&measures, &sums) });
    let statement = statement.unwrap();
    chained(&statement);
    statement
}

/// What changed, as `what was now`.
fn shown(found: &Correction) -> Vec<String> {
    let show = |(what, change): (&str, &Change)| {
        format!("{what} {} {}", change.was.canonical(), change.now.canonical())
    };
    let lines = found.lines.iter().map(|(path, change)| show((path, change)));
    let balances = found.balances.iter().map(|(name, change)| show((name, change)));
    let payable = std::iter::once(show(("payable", &found.payable)));
    lines.chain(balances).chain(payable).collect()
}

#[test]
fn what_a_late_fact_changes() {
    let none = Left::default();
    let found = |was: &str, now: &str| {
        let found = correction(&november(was, &none), &november(now, &none));
        found.map(|found| {
            assert_eq!(
                (found.statement.as_str(), found.period.as_str()),
                ("provider-share:2016-11:1", "2016-11",)
            );
            shown(&found)
        })
    };
    for (what, was, now, wanted) in [
        ("nothing", "100", "100", None),
        (
            "more earned",
            "100",
            "150",
            Some(&["10-m 100 150", "20-half 50 75", "payable 50 75"][..]),
        ),
        (
            // What is payable stays, and what is carried does not.
            "a loss grows",
            "-100",
            "-150",
            Some(
                &[
                    "10-m -100 -150",
                    "20-half -50 -75",
                    "30-debt -50 -75",
                    "debt -50 -75",
                    "payable 0 0",
                ][..],
            ),
        ),
    ] {
        let found = found(was, now);
        let wanted = wanted.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(found, wanted, "{what}");
    }
}

/// Each of the three parts of a correction is one by itself.
#[test]
fn one_difference_is_enough() {
    let same = november("100", &Left::default());
    for what in ["payable", "a line", "a balance"] {
        let mut now = same.clone();
        match what {
            "payable" => now.payable = dec("51.00"),
            "a line" => now.lines[0].amount = dec("101"),
            _ => _ = now.closing.insert("debt".into(), dec("1")),
        }
        let found = correction(&same, &now).unwrap_or_else(|| panic!("{what} is a difference"));
        let of_lines = (found.lines.len(), found.balances.len());
        let payable = found.payable.difference().unwrap();
        let wanted = match what {
            "payable" => ((0, 0), dec("1.00")),
            "a line" => ((1, 0), dec("0")),
            _ => ((0, 1), dec("0")),
        };
        assert_eq!((of_lines, payable), wanted, "{what}");
    }
}

/// The lines of a correction stand after the last step, and give back what they were made of.
#[test]
fn corrections_are_stated_and_read_back() {
    let of = |period: &str, was: &str, now: &str, balances: &[(&str, &str, &str)]| {
        let change = |was: &str, now: &str| Change { was: dec(was), now: dec(now) };
        let balance = |(name, was, now): &(&str, &str, &str)| ((*name).into(), change(was, now));
        Correction {
            statement: format!("provider-share:{period}:1"),
            period: period.into(),
            payable: change(was, now),
            lines: vec![("10-m".into(), change(was, now)), ("20-half".into(), change("1", "2"))],
            balances: balances.iter().map(balance).collect(),
        }
    };
    let corrections =
        vec![of("2016-09", "10", "7.5", &[("debt", "-1", "0")]), of("2016-10", "0", "4.25", &[])];
    let left = Left { corrections: corrections.clone(), ..Left::default() };
    let statement = november("100", &left);
    assert_eq!(statement.payable, dec("51.75"), "50.00 less 2.50 and 4.25 more");
    assert_eq!(stated(&statement), corrections);
    assert_eq!(stated(&november("100", &Left::default())), []);
    let paths: Vec<_> = statement.lines[4..].iter().map(|line| line.path.as_str()).collect();
    let wanted = [
        "40-correction/2016-09/10-m",
        "40-correction/2016-09/20-half",
        "40-correction/2016-09/balance.debt",
        "40-correction/2016-09",
        "50-correction/2016-10/10-m",
        "50-correction/2016-10/20-half",
        "50-correction/2016-10",
    ];
    assert_eq!(paths, wanted);
    assert_eq!(Statement::parse(&statement.body()), Ok(statement));
}

/// A fact: the month that it happened in, the month in which it came, and how much it is.
type Fact = (u8, u8, i64);

/// The months of 2017 that facts fall in.
const MONTHS: u8 = 4;

fn windowed(method: Method, window: Option<Window>, carried: bool) -> Agreement {
    let mut taken = tier("t", method, &[("<= 1000", "0.10"), ("<= 2000", "0.15"), ("", "0.20")]);
    let Rule::Tier(tier) = &mut taken.rule else { unreachable!("a tier") };
    (tier.of, tier.window) = (Operand::Measure("m".into()), window);
    let mut steps = vec![taken, round("r", Rounding::HalfEven, 2)];
    if carried {
        steps.push(step("debt", Rule::Carry(Carry { to: CarryTo::Forward })));
    }
    agreement(steps, 2)
}

/// The sums of a month, of what had come by `known`.
fn sums_of(
    one: &Agreement,
    measures: &[Measure],
    span: ledger::time::Span,
    facts: &[Fact],
    known: u8,
) -> Vec<AccountSum> {
    let mut sums: BTreeMap<String, Total> = BTreeMap::new();
    for need in one.needs(measures, span).unwrap() {
        let within = need.grain.span().unwrap_or(span);
        for (month, came, minor) in facts {
            let at: Period = format!("2017-{month:02}-03").parse().unwrap();
            let at = at.span(&one.zone).unwrap().start;
            if *came <= known && within.start <= at && at < within.end {
                let mut path = format!("test:{}", need.measure);
                need.grain.push(&mut path, &[]);
                let (debit, credit) = ((-*minor).max(0).into(), (*minor).max(0).into());
                sums.entry(path).or_default().add(Total { debit, credit, count: 1 }).unwrap();
            }
        }
    }
    let sum = |(path, total)| AccountSum { path, asset: "EUR".into(), total };
    sums.into_iter().map(sum).collect()
}

/// Closes month after month. At each close every earlier month is rated again from what has come
/// by then, with what it began with, and corrected where it came out as another.
fn closed(one: &Agreement, facts: &[Fact]) -> Vec<Statement> {
    let measures = [measure_of("m")];
    let mut statements: Vec<Statement> = Vec::new();
    let mut latest: Vec<Statement> = Vec::new();
    for month in 1..=MONTHS {
        let mut left = Left::default();
        for at in 0..latest.len() {
            let before = &statements[at];
            let sums = sums_of(one, &measures, before.span, facts, month);
            let opening = at.checked_sub(1).map(|at| latest[at].closing.clone());
            let balances = opening.unwrap_or_default();
            let previous = before.previous.clone();
            let began = Left { previous, balances, corrections: stated(before) };
            let inputs = Inputs { left: &began, ..Inputs::of(&measures, &sums) };
            let now = rate(one, before.period, before.span, &inputs).unwrap();
            left.corrections.extend(correction(&latest[at], &now));
            latest[at] = now;
        }
        if let Some(before) = latest.last() {
            let body_hash = "0".repeat(64);
            left.previous = Some(Previous { id: before.id(), body_hash });
            left.balances.clone_from(&before.closing);
        }
        let period: Period = format!("2017-{month:02}").parse().unwrap();
        let span = period.span(&one.zone).unwrap();
        let sums = sums_of(one, &measures, span, facts, month);
        let inputs = Inputs { left: &left, ..Inputs::of(&measures, &sums) };
        let statement = rate(one, period, span, &inputs).unwrap();
        chained(&statement);
        assert_eq!(Statement::parse(&statement.body()), Ok(statement.clone()));
        statements.push(statement.clone());
        latest.push(statement);
    }
    statements
}

fn payable(statements: &[Statement]) -> Decimal {
    let sum = |sum: Decimal, one: &Statement| sum.checked_add(one.payable).unwrap();
    statements.iter().fold(Decimal::ZERO, sum)
}

/// A fact of January that comes in March, with a year's tier: January and February are corrected.
#[test]
fn a_late_fact_in_a_window_of_tiers() {
    let one = windowed(Marginal, Some(Window::Within(PeriodKind::Year)), false);
    let facts = [(1, 1, 60_000), (2, 2, 60_000), (1, 3, 50_000), (3, 3, 60_000)];
    let late = closed(&one, &facts);
    // On time January would be 1,100.00: a tenth of 1,000 and 15 % of the rest.
    let of = |statement: &Statement| statement.payable.to_string();
    let on_time = facts.map(|(month, _, minor)| (month, month, minor));
    assert_eq!(
        closed(&one, &on_time).iter().map(of).collect::<Vec<_>>(),
        ["115.00", "90.00", "105.00", "0.00"]
    );
    assert_eq!(late.iter().map(of).collect::<Vec<_>>(), ["60.00", "70.00", "180.00", "0.00"]);
    let found: Vec<_> = stated(&late[2])
        .iter()
        .map(|found| {
            format!("{} {}", found.period, found.payable.difference().unwrap().canonical())
        })
        .collect();
    assert_eq!(found, ["2017-01 55", "2017-02 20"]);
}

proptest! {
    // A case is eight months rated up to four times each.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However late facts come, and in whatever order: all that was stated and corrected is what
    /// would have been stated had each come in its month.
    #[test]
    fn corrections_end_where_being_in_time_does(
        facts in prop::collection::vec((1..=MONTHS, 0..MONTHS, -150_000i64..150_000), 0..8),
        slab: bool,
        carried: bool,
        window in prop::sample::select(vec![
            None,
            Some(Window::Within(PeriodKind::Quarter)),
            Some(Window::Within(PeriodKind::Year)),
            Some(Window::Agreement),
        ]),
    ) {
        let facts: Vec<Fact> = facts.into_iter()
            .map(|(month, late, minor)| (month, (month + late).min(MONTHS), minor)).collect();
        let on_time: Vec<Fact> =
            facts.iter().map(|(month, _, minor)| (*month, *month, *minor)).collect();
        let one = windowed(if slab { Slab } else { Marginal }, window, carried);
        let (late, in_time) = (closed(&one, &facts), closed(&one, &on_time));
        prop_assert_eq!(payable(&late), payable(&in_time));
        prop_assert_eq!(&late[3].closing, &in_time[3].closing);
        prop_assert!(in_time.iter().all(|statement| stated(statement).is_empty()));
        let mut turned = facts;
        turned.reverse();
        let bodies = |all: &[Statement]| all.iter().map(Statement::body).collect::<Vec<_>>();
        prop_assert_eq!(bodies(&closed(&one, &turned)), bodies(&late));
    }
}
