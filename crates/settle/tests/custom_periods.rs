//! Custom periods: declared lists of first days.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use settle::period::CustomYear;
use settle::{CustomCalendar, Cycle, Period, PeriodKind};

/// Years of weeks: each year begins where the one before ends, its periods as long as told.
fn weeks(first: Date, year: i16, years: &[&[i64]]) -> CustomCalendar {
    let mut at = first;
    let years = (year..).zip(years).map(|(year, lengths)| {
        let starts = lengths.iter().map(|weeks| {
            let start = at;
            at = at.checked_add(weeks.weeks()).unwrap();
            start
        });
        CustomYear { year, starts: starts.collect() }
    });
    let years = years.collect();
    CustomCalendar { name: "weeks".into(), version: 1, years, end: at }
}

const YEAR: &[i64] = &[4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5];
const LONG_YEAR: &[i64] = &[4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6];

fn retail() -> CustomCalendar {
    weeks(date(2025, 12, 29), 2026, &[LONG_YEAR, YEAR])
}

fn cycle(list: &CustomCalendar) -> Cycle<'_> {
    Cycle { kind: PeriodKind::Custom, custom: Some(list) }
}

#[test]
fn days_of_4_4_5_weeks() {
    let list = retail();
    assert_eq!(list.check(), Ok(()));
    for (period, first, end) in [
        ("2026-P01", "2025-12-29", "2026-01-26"),
        ("2026-P03", "2026-02-23", "2026-03-30"),
        ("2026-P12", "2026-11-23", "2027-01-04"),
        ("2027-P01", "2027-01-04", "2027-02-01"),
        ("2027-P12", "2027-11-29", "2028-01-03"),
    ] {
        let days = cycle(&list).days(period.parse().unwrap()).unwrap();
        assert_eq!(
            (days.0.to_string(), days.1.to_string()),
            (first.into(), end.into()),
            "{period}"
        );
    }
    for period in ["2025-P12", "2026-P13", "2028-P01"] {
        let error = cycle(&list).span(period.parse().unwrap(), "UTC").unwrap_err();
        assert_eq!(error.code(), "E7107", "{period}");
    }
    let month: Period = "2026-06".parse().unwrap();
    assert_eq!(cycle(&list).last_day(month), Ok(date(2026, 6, 30)));
}

#[test]
fn a_list_only_serves_custom_periods() {
    let list = retail();
    let months = Cycle { kind: PeriodKind::Month, custom: Some(&list) };
    assert_eq!(months.days("2026-P01".parse().unwrap()).unwrap_err().code(), "E7107");
    assert_eq!(months.next("2026-12".parse().unwrap()), Some("2027-01".parse().unwrap()));
    assert_eq!(months.previous("2026-01".parse().unwrap()), Some("2025-12".parse().unwrap()));
    let at = "2026-03".parse::<Period>().unwrap().span("Asia/Seoul").unwrap().start;
    assert_eq!(months.containing(at, "Asia/Seoul"), Ok("2026-03".parse().unwrap()));
}

#[test]
fn broken_lists_are_refused() {
    let check = |what: &str, change: fn(&mut CustomCalendar), reason: &str| {
        let mut list = retail();
        change(&mut list);
        let error = list.check().unwrap_err();
        assert_eq!(error.code(), "E7108", "{what}");
        assert!(error.to_string().contains(reason), "{what}: {error}");
    };
    check("name", |list| list.name = "4-4-5".into(), "its name");
    check("version", |list| list.version = 0, "versions");
    check("no years", |list| list.years.clear(), "no years");
    check("years", |list| list.years = vec![list.years[0].clone(); 101], "too many years");
    check("empty year", |list| list.years[0].starts.clear(), "no periods");
    check("gap of a year", |list| list.years[1].year = 2028, "follow each other");
    check("year", |list| list.years[0].year = 1969, "out of range");
    check("order", |list| list.years[0].starts.swap(0, 1), "do not ascend");
    check("twice", |list| list.years[1].starts[0] = list.years[0].starts[11], "do not ascend");
    check("end", |list| list.end = list.years[1].starts[11], "do not ascend");
    check("far", |list| list.years[0].starts[0] = date(2024, 12, 31), "in no such year");
    check(
        "many",
        |list| {
            let day = date(2027, 1, 4);
            let days = (0..100i64).map(|n| day.checked_add(n.days()).unwrap());
            list.years[1].starts = days.collect();
        },
        "over 99",
    );
}

#[test]
fn an_agreement_and_its_list_belong_together() {
    let month = crate::common::agreement(vec![crate::common::sum("m")], 2);
    let check = |period: PeriodKind, custom: Option<CustomCalendar>, codes: &[&str]| {
        let agreement = settle::Agreement { period, custom, ..month.clone() };
        let found: Vec<_> = agreement.check().iter().map(settle::SettleError::code).collect();
        assert_eq!(found, codes, "{period:?}");
    };
    check(PeriodKind::Month, None, &[]);
    check(PeriodKind::Custom, Some(retail()), &[]);
    check(PeriodKind::Custom, None, &["E7301"]);
    check(PeriodKind::Month, Some(retail()), &["E7301"]);
    check(PeriodKind::Custom, Some(CustomCalendar { version: 0, ..retail() }), &["E7108"]);
    let agreement =
        settle::Agreement { period: PeriodKind::Custom, custom: Some(retail()), ..month.clone() };
    let span = agreement.span("2026-P01".parse().unwrap()).unwrap();
    assert_eq!((span.end - span.start) / 86_400_000_000_000, 28);
}

#[test]
fn the_form_of_the_document() {
    let mut list = weeks(date(2026, 1, 5), 2026, &[&[4, 5]]);
    let bytes = list.encode();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        concat!(
            r#"{"end":"2026-03-09","format":"saldo.periods.v1","name":"weeks","version":"1","#,
            r#""years":[{"starts":["2026-01-05","2026-02-02"],"year":"2026"}]}"#,
        )
    );
    assert_eq!(CustomCalendar::decode(&bytes), Ok(list.clone()));
    list.version = 2;
    assert_eq!(CustomCalendar::decode(&list.encode()).unwrap().version, 2);
    let other = String::from_utf8(bytes).unwrap().replace("2026-02-02", "20260202");
    assert_eq!(CustomCalendar::decode(other.as_bytes()).unwrap_err().code(), "E7501");
}

proptest! {
    #[test]
    fn custom_periods_tile_without_gap(
        lengths in prop::collection::vec(prop::collection::vec(1i64..7, 6..14), 1..4),
        zone in prop::sample::select(&["UTC", "Asia/Seoul", "America/New_York"][..]),
        at in any::<prop::sample::Index>(),
        offset in 0i64..86_400_000_000_000,
    ) {
        let lengths: Vec<&[i64]> = lengths.iter().map(Vec::as_slice).collect();
        let mut list = weeks(date(2024, 1, 1), 2024, &lengths);
        // Short or long years drift against the calendar, which the check would refuse.
        for (year, entry) in (2024..).zip(&mut list.years) {
            entry.year = year;
        }
        prop_assume!(list.check().is_ok());
        let cycle = cycle(&list);
        let periods: Vec<Period> = list.starts().map(|(period, _)| period).collect();
        let mut end = None;
        for period in &periods {
            let span = cycle.span(*period, zone).unwrap();
            prop_assert!(end.is_none_or(|end| end == span.start), "{period}");
            prop_assert_eq!(period.to_string().parse::<Period>(), Ok(*period));
            end = Some(span.end);
        }
        for pair in periods.windows(2) {
            prop_assert_eq!(cycle.next(pair[0]), Some(pair[1]));
            prop_assert_eq!(cycle.previous(pair[1]), Some(pair[0]));
        }
        let (first, last) = (periods[0], periods[periods.len() - 1]);
        prop_assert_eq!((cycle.previous(first), cycle.next(last)), (None, None));
        let chosen = *at.get(&periods);
        let span = cycle.span(chosen, zone).unwrap();
        let nanos = span.start + offset;
        prop_assert_eq!(cycle.containing(nanos, zone), Ok(chosen));
        prop_assert_eq!(cycle.containing(span.end - 1, zone), Ok(chosen));
        prop_assert!(cycle.containing(end.unwrap(), zone).is_err());
        prop_assert_eq!(CustomCalendar::decode(&list.encode()), Ok(list.clone()));
    }
}
