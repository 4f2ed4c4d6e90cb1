//! Measures cut by the close of a round: on which day what counts, and that over all periods
//! everything counts once.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, sum, term};
use ledger::Total;
use proptest::prelude::*;
use settle::measure::Cut;
use settle::{
    AccountSum, Agreement, Grain, Inputs, Measure, Period, PeriodKind, Scope, Title, rate,
};

/// GGR of rounds, an event waiting ten days for the close of its own.
fn ggr() -> Measure {
    let (bets, wins) = (term("+", &["play", "bets"]), term("-", &["play", "wins"]));
    let cut = Cut {
        by: "round".into(),
        closed_by: ["win".to_owned()].into(),
        seen_on: vec![term("+", &["play", "wins"])],
        within_days: 10,
    };
    Measure { name: "m".into(), title: Title::default(), terms: vec![bets, wins], cut: Some(cut) }
}

fn monthly(kind: PeriodKind) -> Agreement {
    Agreement { period: kind, ..agreement(vec![sum("m")], 2) }
}

/// `bet`, `win` or `jackpot`, day, round and amount in minor units.
type Event = (&'static str, &'static str, &'static str, i128);

/// The amount of an event that was posted and taken back.
const TAKEN_BACK: i128 = i128::MAX;

/// The sums that a close would gather for the period.
fn gathered(agreement: &Agreement, period: Period, events: &[Event]) -> Vec<AccountSum> {
    let span = period.span(&agreement.zone).unwrap();
    let measures = [ggr()];
    let scope = Scope::new(agreement, &measures, span).unwrap();
    let grain: &Grain = &scope.needs()[0].grain;
    let mut sums: Vec<AccountSum> = Vec::new();
    for (kind, day, round, amount) in events {
        let at = day.parse::<Period>().unwrap().span(&agreement.zone).unwrap().start;
        if !grain.span().unwrap().contains(at) {
            continue;
        }
        // A jackpot is posted where wins are, and closes nothing.
        let mut path = format!("play:{}s", if *kind == "jackpot" { "win" } else { kind });
        grain.push(&mut path, &[day, kind, round]);
        let total = match *amount {
            // Posted and taken back.
            TAKEN_BACK => Total { debit: 5, credit: 5, count: 2 },
            below if below < 0 => Total { debit: -below, credit: 0, count: 1 },
            above => Total::of_credit(above),
        };
        match sums.iter_mut().find(|sum| sum.path == path) {
            Some(sum) => sum.total.add(total).unwrap(),
            None => sums.push(AccountSum { path, asset: "EUR".into(), total }),
        }
    }
    assert!(sums.iter().all(|sum| scope.reads(&sum.path, &sum.asset)), "{sums:?}");
    sums
}

fn earned(agreement: &Agreement, period: Period, events: &[Event]) -> i128 {
    let sums = gathered(agreement, period, events);
    let span = period.span(&agreement.zone).unwrap();
    let statement = rate(agreement, period, span, &Inputs::of(&[ggr()], &sums)).unwrap();
    statement.payable.to_minor(2).unwrap()
}

/// What the events earn in each of these months.
fn check(what: &str, events: &[Event], wanted: &[(&str, i128)]) {
    let agreement = monthly(PeriodKind::Month);
    for (period, amount) in wanted {
        let found = earned(&agreement, period.parse().unwrap(), events);
        assert_eq!(found, *amount, "{what}: {period}");
    }
}

#[test]
fn what_closes_a_round() {
    let bet = ("bet", "2026-03-31", "r", 100);
    check(
        "closed by nothing won",
        &[bet, ("win", "2026-04-02", "r", 0)],
        &[("2026-03", 0), ("2026-04", 100)],
    );
    check(
        "closed by a debit",
        &[("bet", "2026-03-25", "r", 100), ("win", "2026-03-30", "r", -30)],
        &[("2026-03", 130), ("2026-04", 0)],
    );
    check(
        "a kind that closes nothing",
        &[bet, ("jackpot", "2026-03-31", "r", 30)],
        &[("2026-03", 0), ("2026-04", 70)],
    );
}

#[test]
fn a_round_counts_when_it_closes() {
    let bet = ("bet", "2026-03-31", "r", 100);
    check("alone in its month", &[("bet", "2026-03-05", "", 7)], &[("2026-03", 7)]);
    check(
        "over the end of a month",
        &[bet, ("win", "2026-04-01", "r", 180)],
        &[("2026-03", 0), ("2026-04", -80), ("2026-05", 0)],
    );
    check(
        "another round's close",
        &[bet, ("win", "2026-03-31", "s", 30)],
        &[("2026-03", -30), ("2026-04", 100)],
    );
    check(
        "on the last day of the limit",
        &[bet, ("win", "2026-04-10", "r", 1)],
        &[("2026-03", 0), ("2026-04", 99)],
    );
    check("never closed", &[("bet", "2026-03-25", "r", 100)], &[("2026-03", 0), ("2026-04", 100)]);
    check(
        "its time is up",
        &[("bet", "2026-03-21", "r", 100)],
        &[("2026-03", 100), ("2026-04", 0)],
    );
    check(
        "after the close",
        &[("win", "2026-03-30", "r", 1), bet, ("win", "2026-04-02", "r", 2)],
        &[("2026-03", 99), ("2026-04", -2)],
    );
    check(
        "a close that was taken back",
        &[bet, ("win", "2026-03-31", "r", TAKEN_BACK), ("win", "2026-04-02", "r", 30)],
        &[("2026-03", 0), ("2026-04", 70)],
    );
    check(
        "closed twice",
        &[bet, ("win", "2026-04-30", "r", 30), ("win", "2026-05-01", "r", 1)],
        &[("2026-03", 0), ("2026-04", 70), ("2026-05", -1)],
    );
}

/// Twice the limit is read back, and a day for zones: what waits, and what closed its round.
#[test]
fn how_far_back_is_read_and_what_of_it_counts() {
    let agreement = monthly(PeriodKind::Month);
    let april = "2026-04".parse::<Period>().unwrap();
    let span = april.span(&agreement.zone).unwrap();
    let measures = [ggr()];
    let scope = Scope::new(&agreement, &measures, span).unwrap();
    let day = 86_400_000_000_000;
    let need = &scope.needs()[0];
    assert_eq!(need.grain.span().unwrap().start, span.start - 21 * day);
    let events = [
        ("bet", "2026-03-30", "s", 1),
        ("win", "2026-03-30", "s", 2),
        ("bet", "2026-03-31", "r", 100),
        ("win", "2026-04-02", "r", 30),
        ("bet", "2026-04-02", "", 7),
    ];
    let sums = gathered(&agreement, april, &events);
    let counted = scope.counted(0, &sums).unwrap();
    assert_eq!(counted.iter().map(|sum| sum.total.credit).collect::<Vec<_>>(), [100, 30, 7]);
    let rows = settle::measure::measure_of(&measures[0], &sums, need, &["day"]).unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (row.by[0].1.as_str(), row.value)).collect();
    assert_eq!(rows, [("2026-04-02", 77)]);
    let whole = settle::measure::measure_of(&measures[0], &sums, need, &[]).unwrap();
    assert_eq!(whole.iter().map(|row| row.value).collect::<Vec<_>>(), [77]);
}

#[test]
fn cuts_that_are_refused() {
    let check = |what: &str, change: fn(&mut Cut), sound: bool| {
        let mut measure = ggr();
        measure.cut.iter_mut().for_each(change);
        let found = measure.check().map_err(|error| error.code());
        assert_eq!(found, if sound { Ok(()) } else { Err("E7205") }, "{what}");
        if sound {
            assert_eq!(Measure::decode(&measure.encode()), Ok(measure), "{what}");
        }
    };
    check("as it is", |_| {}, true);
    check("a whole year", |cut| cut.within_days = 366, true);
    check("no day", |cut| cut.within_days = 0, false);
    check("too many days", |cut| cut.within_days = 367, false);
    check("nothing closes", |cut| cut.closed_by.clear(), false);
    check("nowhere seen", |cut| cut.seen_on.clear(), false);
    check("by the day", |cut| cut.by = "day".into(), false);
    check("by no word", |cut| cut.by = "Round".into(), false);
    check("seen on an empty path", |cut| cut.seen_on[0].template.clear(), false);
}

const DAYS: [&str; 8] = [
    "2026-02-01",
    "2026-02-09",
    "2026-02-19",
    "2026-02-28",
    "2026-03-01",
    "2026-03-10",
    "2026-03-30",
    "2026-04-05",
];

proptest! {
    /// Whatever closes when, every event counts in one period; the order of sums does not matter.
    #[test]
    fn over_all_periods_everything_counts_once(
        events in prop::collection::vec(
            (prop::sample::select(vec!["bet", "win"]), prop::sample::select(DAYS.to_vec()),
             prop::sample::select(vec!["", "r", "s"]), 1i128..1000),
            0..12,
        ),
        kind in prop::sample::select(vec![
            PeriodKind::Month, PeriodKind::Week, PeriodKind::HalfMonth, PeriodKind::Quarter,
        ]),
    ) {
        let agreement = monthly(kind);
        let start = "2026-02-01".parse::<Period>().unwrap().span(&agreement.zone).unwrap().start;
        let mut period = Period::containing(kind, start, &agreement.zone).unwrap();
        let mut all = 0;
        let other: Vec<Event> = events.iter().rev().copied().collect();
        while period.span(&agreement.zone).unwrap().start
            < "2026-07-01".parse::<Period>().unwrap().span(&agreement.zone).unwrap().start
        {
            let earned_now = earned(&agreement, period, &events);
            prop_assert_eq!(earned_now, earned(&agreement, period, &other), "another order");
            all += earned_now;
            period = period.next().unwrap();
        }
        let signed = |event: &Event| if event.0 == "bet" { event.3 } else { -event.3 };
        prop_assert_eq!(all, events.iter().map(signed).sum::<i128>());
    }
}
