//! Periods: their text, their days, their span in zones with gaps and folds.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use ledger::time::BUCKET_NANOS;
use proptest::prelude::*;
use settle::{Period, PeriodKind};

/// Zones with whole, half and quarter hours, changes at midnight, and a lost day.
const ZONES: &[&str] = &[
    "UTC",
    "Asia/Seoul",
    "Europe/Malta",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Beirut",
    "Africa/Cairo",
];

#[test]
fn texts_of_periods() {
    for (text, kind) in [
        ("2016", Some(PeriodKind::Year)),
        ("2016-H2", Some(PeriodKind::HalfYear)),
        ("2016-Q4", Some(PeriodKind::Quarter)),
        ("2016-11", Some(PeriodKind::Month)),
        ("2016-11-H1", Some(PeriodKind::HalfMonth)),
        ("2016-W47", Some(PeriodKind::Week)),
        ("2020-W53", Some(PeriodKind::Week)),
        ("2016-11-03", Some(PeriodKind::Day)),
        ("2016-02-29", Some(PeriodKind::Day)),
        ("2260-12-31", Some(PeriodKind::Day)),
        ("2016-P03", Some(PeriodKind::Custom)),
        ("2016-P99", Some(PeriodKind::Custom)),
        ("2016-P00", None),
        ("2016-P3", None),
        ("2016-P100", None),
        ("2015-02-29", None),
        ("2016-W53", None),
        ("2016-W00", None),
        ("2016-13", None),
        ("2016-00", None),
        ("2016-13-H1", None),
        ("2016-H0", None),
        ("2016-H3", None),
        ("2016-Q5", None),
        ("2016-11-H3", None),
        ("2016-11-00", None),
        ("2016-1", None),
        ("2016-w47", None),
        ("1969-12", None),
        ("2261", None),
        (" 2016", None),
        ("+016", None),
        ("２０１６", None),
        ("", None),
    ] {
        let read = text.parse::<Period>();
        assert_eq!(read.as_ref().ok().map(|p| p.kind()), kind, "{text}");
        match read {
            Ok(period) => assert_eq!(period.to_string(), text),
            Err(error) => assert_eq!(error.code(), "E7101", "{text}"),
        }
    }
}

/// Bounds as `day hour:minute` in UTC, through the period of one quarter of an hour in UTC.
fn check(period: &str, zone: &str, start: &str, end: &str) {
    let span = period.parse::<Period>().unwrap().span(zone).unwrap();
    let utc = |text: &str| {
        let (day, time) = text.split_once(' ').unwrap();
        let (hour, minute) = time.split_once(':').unwrap();
        let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
        day.parse::<Period>().unwrap().span("UTC").unwrap().start + minutes * 60_000_000_000
    };
    assert_eq!((span.start, span.end), (utc(start), utc(end)), "{period} in {zone}");
}

#[test]
fn spans_from_local_midnight_to_local_midnight() {
    for (period, zone, start, end) in [
        ("2016-11", "UTC", "2016-11-01 0:00", "2016-12-01 0:00"),
        ("2016-11", "Asia/Seoul", "2016-10-31 15:00", "2016-11-30 15:00"),
        ("2016-W47", "UTC", "2016-11-21 0:00", "2016-11-28 0:00"),
        ("2015-W53", "UTC", "2015-12-28 0:00", "2016-01-04 0:00"),
        ("2016-Q4", "UTC", "2016-10-01 0:00", "2017-01-01 0:00"),
        ("2016-H1", "UTC", "2016-01-01 0:00", "2016-07-01 0:00"),
        ("2016", "UTC", "2016-01-01 0:00", "2017-01-01 0:00"),
        ("2016-02-H2", "UTC", "2016-02-16 0:00", "2016-03-01 0:00"),
        ("2016-12-H1", "UTC", "2016-12-01 0:00", "2016-12-16 0:00"),
        ("2016-02-29", "Asia/Kathmandu", "2016-02-28 18:15", "2016-02-29 18:15"),
        // A day of 23 hours and one of 25.
        ("2024-03-31", "Europe/Malta", "2024-03-30 23:00", "2024-03-31 22:00"),
        ("2024-10-27", "Europe/Malta", "2024-10-26 22:00", "2024-10-27 23:00"),
        // Midnight is jumped over: the day begins with the jump.
        ("2017-10-15", "America/Sao_Paulo", "2017-10-15 3:00", "2017-10-16 2:00"),
        // The hour before midnight comes twice.
        ("2018-02-17", "America/Sao_Paulo", "2018-02-17 2:00", "2018-02-18 3:00"),
        // The whole of 30 December was jumped over.
        ("2011-12-29", "Pacific/Apia", "2011-12-29 10:00", "2011-12-30 10:00"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30 10:00", "2011-12-31 10:00"),
    ] {
        check(period, zone, start, end);
    }
}

#[test]
fn refusals() {
    for (period, zone, code) in [
        ("2016-11", "Mars/Olympus", "E7102"),
        ("2016-11", "", "E7102"),
        ("2011-12-30", "Pacific/Apia", "E7103"),
        ("2016-P03", "UTC", "E7107"),
        // Liberia was 44 minutes and 30 seconds behind until 1972.
        ("1971-05", "Africa/Monrovia", "E7104"),
        // The month of the change: it begins off a quarter of an hour, and ends on one.
        ("1972-01", "Africa/Monrovia", "E7104"),
    ] {
        let error = period.parse::<Period>().unwrap().span(zone).unwrap_err();
        assert_eq!(error.code(), code, "{period} in {zone}: {error}");
    }
}

/// Days that begin twice, in zones whose clocks are put back over midnight.
#[test]
fn around_a_doubled_midnight_the_earlier_one_counts() {
    // Until 2011 Newfoundland put its clocks back at 00:01.
    let before: Period = "2006-10-28".parse().unwrap();
    let after: Period = "2006-10-29".parse().unwrap();
    let (before, after) = (before.span("America/St_Johns"), after.span("America/St_Johns"));
    let (before, after) = (before.unwrap(), after.unwrap());
    assert_eq!(before.end, after.start);
    assert_eq!((before.end - before.start) / BUCKET_NANOS, 96);
    assert_eq!((after.end - after.start) / BUCKET_NANOS, 100);
    // Inside the doubled hour clocks show the day before, but the day has begun.
    let within = after.start + BUCKET_NANOS;
    let found = Period::containing(PeriodKind::Day, within, "America/St_Johns").unwrap();
    assert_eq!(found.to_string(), "2006-10-29");
}

proptest! {
    #[test]
    fn periods_tile_time(
        zone in prop::sample::select(ZONES),
        kind in prop::sample::select(&PeriodKind::ALL[..7]),
        nanos in 100_000_000_000_000_000i64..9_000_000_000_000_000_000,
    ) {
        let period = Period::containing(kind, nanos, zone).unwrap();
        let span = period.span(zone).unwrap();
        prop_assert!(span.contains(nanos), "{period} in {zone}");
        prop_assert!(span.buckets().is_some());
        let next = period.next().unwrap();
        prop_assert!(next > period && next.kind() == kind);
        prop_assert_eq!(next.previous(), Some(period));
        if let Ok(following) = next.span(zone) {
            prop_assert_eq!(span.end, following.start);
        }
    }

    #[test]
    fn texts_come_back_and_others_are_refused(text in "[0-9]{4}(-[HQW]?[0-9]{1,2}){0,2}") {
        if let Ok(period) = text.parse::<Period>() {
            prop_assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let read = text.parse::<Period>();
        prop_assert!(read.is_err() || text.len() >= 4);
    }
}
