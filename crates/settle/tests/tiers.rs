//! Tiers of each item, and tiers over a window of several periods.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, chained, dec, given, line, measure_of, step, sum, tier};
use ledger::{Decimal, Rounding, Total};
use proptest::prelude::*;
use settle::steps::Method::{self, Marginal, Slab};
use settle::{
    AccountSum, Agreement, Effect, Inputs, Measure, Operand, Period, PeriodKind, RoundTo,
};
use settle::{Rule, Scope, Statement, Step, Window, rate};

const SALES: &[(&str, &str)] = &[("< 50", "0.10"), ("< 100", "0.15"), ("", "0.20")];

fn of_m(mut step: Step, change: impl FnOnce(&mut settle::steps::Tier)) -> Step {
    let Rule::Tier(tier) = &mut step.rule else { unreachable!("a tier") };
    tier.of = Operand::Measure("m".into());
    change(tier);
    step
}

fn per(method: Method, bands: &[(&str, &str)], dims: &[&str]) -> Step {
    of_m(tier("t", method, bands), |tier| {
        tier.per = dims.iter().map(|dim| (*dim).to_owned()).collect();
    })
}

fn over(method: Method, bands: &[(&str, &str)], window: Window) -> Step {
    of_m(tier("t", method, bands), |tier| tier.window = Some(window))
}

fn credit(path: &str, minor: i128, count: u64) -> AccountSum {
    AccountSum {
        path: path.into(),
        asset: "EUR".into(),
        total: Total { debit: (-minor).max(0), credit: minor.max(0), count },
    }
}

fn rated(agreement: &Agreement, sums: &[AccountSum]) -> Statement {
    let measures = [measure_of("m"), measure_of("volume")];
    let statement = crate::common::rated(agreement, &measures, sums).unwrap();
    chained(&statement);
    assert_eq!(Statement::parse(&statement.body()), Ok(statement.clone()));
    statement
}

/// Lines as `name amount base rate quantity`.
fn shown(statement: &Statement) -> Vec<String> {
    let text = |figure: Option<Decimal>| figure.map_or("-".into(), |f| f.canonical().to_string());
    let show = |line: &settle::Line| {
        let amount = settle::statement::money(line.amount, 2);
        let (base, rate) = (text(line.base), text(line.rate));
        format!("{} {amount} {base} {rate} {}", line.name, text(line.quantity))
    };
    statement.lines.iter().map(show).collect()
}

#[test]
fn each_sale_has_the_rate_of_its_size() {
    let sums = [
        credit("test:m*event=shop s-3", 20_000, 1),
        credit("test:m*event=shop s-1", 2_500, 1),
        credit("test:m*event=shop s-2", 7_500, 1),
        credit("test:m", 30_000, 3),
    ];
    let wanted = [
        "t/shop s-1 2.50 25 0.1 1",
        "t/shop s-2 11.25 75 0.15 1",
        "t/shop s-3 40.00 200 0.2 1",
        "t 53.75 300 - -",
    ];
    let one = agreement(vec![per(Slab, SALES, &["event"])], 2);
    let statement = rated(&one, &sums);
    assert_eq!(shown(&statement), wanted);
    assert_eq!(statement.payable, dec("53.75"));
    assert_eq!(statement.lines[3].readings[0].count, 3);
    let nothing = rated(&one, &[]);
    assert_eq!(shown(&nothing), ["t 0.00 0 - -"]);
    let marginal = rated(&agreement(vec![per(Marginal, SALES, &["event"])], 2), &sums);
    // 5 of the first 50 each, 7.50 of the next 50, 20 of the hundred above.
    assert_eq!(line(&marginal, "t"), "43.75");
    assert_eq!(marginal.lines[2].notes["bands"], "50*0.1 50*0.15 100*0.2");
}

#[test]
fn items_are_rounded_one_by_one() {
    let mut step = per(Slab, &[("", "0.333")], &["shop", "event"]);
    let Rule::Tier(tier) = &mut step.rule else { unreachable!("a tier") };
    tier.round = Some(RoundTo { scale: 2, mode: Rounding::Down });
    tier.effect = Effect::Add;
    let sums = [
        credit("test:m*event=x/1*shop=a", 100, 1),
        credit("test:m*event=x/1*shop=b", 101, 1),
        credit("test:m*event=2*shop=a", -50, 2),
    ];
    let statement = rated(&agreement(vec![step], 2), &sums);
    let wanted = [
        "t/a/2 -0.16 -0.5 0.333 2",
        "t/a/x%2F1 0.33 1 0.333 1",
        "t/b/x%2F1 0.33 1.01 0.333 1",
        "t 0.50 1.51 - -",
    ];
    assert_eq!(shown(&statement), wanted);
}

/// The agreement rated month by month from January 2017, with today's sums of every day; every
/// window is cut from these, as a close cuts them from the totals.
fn by_month(one: &Agreement, days: &[(&str, i128)], count: usize) -> Vec<Statement> {
    let measures: Vec<Measure> = vec![measure_of("m"), measure_of("volume")];
    let mut period: Period = "2017-01".parse().unwrap();
    let mut statements = Vec::new();
    for _ in 0..count {
        let span = period.span(&one.zone).unwrap();
        let mut sums = Vec::new();
        for need in one.needs(&measures, span).unwrap() {
            let within = need.grain.span().unwrap_or(span);
            for (day, minor) in days {
                let at = day.parse::<Period>().unwrap().span(&one.zone).unwrap().start;
                if within.start <= at && at < within.end {
                    let mut path = format!("test:{}", need.measure);
                    need.grain.push(&mut path, &[]);
                    sums.push(credit(&path, *minor, 1));
                }
            }
        }
        let scope = Scope::new(one, &measures, span).unwrap();
        assert!(sums.iter().all(|sum| scope.reads(&sum.path, "EUR")));
        sums.sort_by(|a, b| a.path.cmp(&b.path));
        sums.dedup_by(|a, b| {
            let same = a.path == b.path;
            if same {
                b.total.add(a.total).unwrap();
            }
            same
        });
        let statement = rate(one, period, span, &Inputs::of(&measures, &sums)).unwrap();
        chained(&statement);
        statements.push(statement);
        period = Period::containing(PeriodKind::Month, span.end, &one.zone).unwrap();
    }
    statements
}

fn payable(statements: &[Statement]) -> Vec<String> {
    statements.iter().map(|statement| statement.payable.to_string()).collect()
}

const VOLUME: &[(&str, &str)] = &[("<= 1000", "0.10"), ("", "0.20")];

#[test]
fn a_window_charges_what_is_added() {
    let days = &[("2017-01-10", 60_000), ("2017-02-10", 60_000), ("2017-04-01", 10_000)];
    for (method, window, wanted) in [
        // 600 and 1,200: from a tenth of all to a fifth of all.
        (Slab, Window::Within(PeriodKind::Year), ["60.00", "180.00", "0.00", "20.00"]),
        (Marginal, Window::Within(PeriodKind::Year), ["60.00", "80.00", "0.00", "20.00"]),
        (Marginal, Window::Agreement, ["60.00", "80.00", "0.00", "20.00"]),
        // The second quarter begins anew.
        (Slab, Window::Within(PeriodKind::Quarter), ["60.00", "180.00", "0.00", "10.00"]),
        (Slab, Window::Within(PeriodKind::Month), ["60.00", "60.00", "0.00", "10.00"]),
    ] {
        let one = agreement(vec![over(method, VOLUME, window)], 2);
        assert_eq!(payable(&by_month(&one, days, 4)), wanted, "{method:?} {window}");
    }
    let one = agreement(vec![over(Slab, VOLUME, Window::Within(PeriodKind::Year))], 2);
    let notes = by_month(&one, days, 2).remove(1).lines.remove(0).notes;
    let wanted = [
        ("before", "600"),
        ("before.amount", "60"),
        ("before.rate", "0.1"),
        ("until", "1200"),
        ("until.amount", "240"),
        ("until.rate", "0.2"),
        ("window", "year"),
    ];
    let notes: Vec<_> = notes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(notes, wanted);
}

/// Each group has a window of its own: what one shop sold before moves no other.
#[test]
fn groups_are_rated_in_their_own_window() {
    let both = |tier: &mut settle::steps::Tier| {
        (tier.per, tier.window) = (vec!["shop".into()], Some(Window::Within(PeriodKind::Year)));
    };
    let one = agreement(vec![of_m(tier("t", Slab, VOLUME), both)], 2);
    let period: Period = "2017-02".parse().unwrap();
    let span = period.span(&one.zone).unwrap();
    let measures = [measure_of("m")];
    let mut sums = Vec::new();
    for need in one.needs(&measures, span).unwrap() {
        // February alone, and the year so far.
        let of = if need.grain.window.is_none() { [60_000, 10_000] } else { [120_000, 10_000] };
        for (shop, minor) in ["a", "b"].into_iter().zip(of) {
            let mut path = "test:m".to_owned();
            need.grain.push(&mut path, &[shop]);
            sums.push(credit(&path, minor, 1));
        }
    }
    let statement = rate(&one, period, span, &Inputs::of(&measures, &sums)).unwrap();
    // A fifth of 1,200 less a tenth of 600; and a tenth of 100.
    assert_eq!(line(&statement, "t/a"), "180.00");
    assert_eq!(line(&statement, "t/b"), "10.00");
    assert_eq!(statement.payable, dec("190"));
}

#[test]
fn another_figure_of_the_window_may_choose_the_rate() {
    let chosen = |tier: &mut settle::steps::Tier| {
        tier.window = Some(Window::Within(PeriodKind::Year));
        tier.by = Some(Operand::Measure("volume".into()));
    };
    let one = agreement(vec![of_m(tier("t", Slab, VOLUME), chosen)], 2);
    let days = &[("2017-01-10", 60_000), ("2017-02-10", 60_000), ("2017-03-01", 10_000)];
    let all = by_month(&one, days, 3);
    // Nothing is rated again: from February on the higher rate holds for what is new.
    assert_eq!(payable(&all), ["60.00", "120.00", "20.00"]);
    assert_eq!(all[1].lines[0].notes["by"], "1200");
    assert_eq!(all[1].lines[0].rate, Some(dec("0.2")));
}

#[test]
fn mistakes() {
    let year = Window::Within(PeriodKind::Year);
    let running = |mut step: Step| {
        let Rule::Tier(tier) = &mut step.rule else { unreachable!("a tier") };
        tier.of = Operand::Running;
        step
    };
    let day = "2016-11-01".parse().unwrap();
    let select = settle::steps::Select { days: Some(Window::Days(day, day)), ..Default::default() };
    let chosen = |of: &str| {
        let of = of.parse().unwrap();
        of_m(tier("t", Slab, VOLUME), |tier| (tier.window, tier.by) = (Some(year), Some(of)))
    };
    for (what, steps) in [
        ("per of no measure", vec![sum("m"), running(per(Slab, SALES, &["event"]))]),
        ("window of no measure", vec![sum("m"), running(over(Slab, SALES, year))]),
        ("by of no measure", vec![sum("m"), chosen("line:m")]),
        ("window of one period", vec![over(Slab, SALES, Window::Period)]),
        ("window and days", vec![step("s", Rule::Select(select)), over(Slab, SALES, year)]),
    ] {
        let found: Vec<_> =
            agreement(steps, 2).check().iter().map(settle::SettleError::code).collect();
        assert_eq!(found, ["E7302"], "{what}");
    }
}

proptest! {
    /// Whatever comes when, the charges of the year add up to the tier of the year's figure; and
    /// an event that comes late changes the charges exactly as if it had been on time.
    #[test]
    fn charges_of_a_window_add_up(
        values in prop::collection::vec((1u8..=4, -200_000i64..400_000), 0..10),
        slab: bool,
    ) {
        let days: Vec<(String, i128)> = values.iter().enumerate()
            .map(|(at, (month, minor))| (format!("2017-{month:02}-{:02}", at + 1), (*minor).into()))
            .collect();
        let days: Vec<(&str, i128)> = days.iter().map(|(d, m)| (d.as_str(), *m)).collect();
        let method = if slab { Slab } else { Marginal };
        let cents = |tier: &mut settle::steps::Tier| {
            tier.round = Some(RoundTo { scale: 2, mode: Rounding::HalfEven });
            tier.window = Some(Window::Within(PeriodKind::Year));
        };
        let one = agreement(vec![of_m(tier("t", method, VOLUME), cents)], 2);
        let charged = by_month(&one, &days, 4).iter().map(|s| s.payable)
            .reduce(|a, b| a.checked_add(b).unwrap()).unwrap();
        let all: i128 = days.iter().map(|(_, minor)| minor).sum();
        let (measures, sums) = given(&[("m", &Decimal::from_minor(all, 2).to_string())], 2);
        let whole = agreement(vec![of_m(tier("t", method, VOLUME), |tier| {
            tier.round = Some(RoundTo { scale: 2, mode: Rounding::HalfEven });
        })], 2);
        let wanted = crate::common::rated(&whole, &measures, &sums).unwrap().payable;
        prop_assert_eq!(charged, wanted);
    }

    /// The items of a tier in any order give the same statement.
    #[test]
    fn order_of_items_does_not_matter(
        values in prop::collection::btree_map("[a-c/%]{1,3}", -10_000i64..30_000, 0..8),
        turn in 0usize..8,
    ) {
        let mut sums: Vec<_> = values.iter().map(|(id, minor)| {
            let mut path = "test:m".to_owned();
            settle::Grain { by: vec!["event".into()], window: None }.push(&mut path, &[id]);
            credit(&path, (*minor).into(), 1)
        }).collect();
        let items = per(Slab, &[("", "0.5")], &["event"]);
        let one = agreement(vec![items, crate::common::round("r", Rounding::Up, 2)], 2);
        let statement = rated(&one, &sums);
        let by = turn % sums.len().max(1);
        sums.rotate_left(by);
        prop_assert_eq!(rated(&one, &sums).body(), statement.body());
        prop_assert_eq!(statement.lines.len(), values.len() + 2);
        let paths = statement.lines.iter().map(|line| &line.path);
        let paths: std::collections::BTreeSet<_> = paths.collect();
        prop_assert_eq!(paths.len(), statement.lines.len());
    }
}
