//! The timestamp reader against cases and against jiff.
#![allow(clippy::unwrap_used)] // a test may panic

use super::rfc3339;
use proptest::prelude::*;

#[test]
fn cases() {
    for (text, nanos) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1969-12-31T23:59:59.999999999Z", Some(-1)),
        ("2026-03-01T00:00:05Z", Some(1_772_323_205_000_000_000)),
        ("2026-03-01t09:00:05.5+09:00", Some(1_772_323_205_500_000_000)),
        ("2024-02-29T00:00:00-00:00", Some(1_709_164_800_000_000_000)),
        ("1677-09-21T00:12:43.145224192Z", Some(i64::MIN)),
        ("2262-04-11T23:47:16.854775807Z", Some(i64::MAX)),
        ("2262-04-11T23:47:16.854775808Z", None),
        ("1677-09-21T00:12:43.145224191Z", None),
        ("2023-02-29T00:00:00Z", None),
        ("2100-02-29T00:00:00Z", None),
        ("2026-04-31T00:00:00Z", None),
        ("2026-00-10T00:00:00Z", None),
        ("2026-13-10T00:00:00Z", None),
        ("2026-01-00T00:00:00Z", None),
        ("2016-12-31T23:59:60Z", None),
        ("2026-03-01T24:00:00Z", None),
        ("2026-03-01T00:00:05", None),
        ("2026-03-01 00:00:05Z", None),
        ("2026-03-01T00:00:05.Z", None),
        ("2026-03-01T00:00:05.1234567890Z", None),
        ("2026-03-01T00:00:05+0900", None),
        ("2026-03-01T00:00:05+24:00", None),
        ("2026-03-01T00:00:05+09:60", None),
        ("2026-03-01T00:00:05Zz", None),
        ("2026-03-01T0a:00:05Z", None),
        ("", None),
    ] {
        assert_eq!(rfc3339(text.as_bytes()), nanos, "{text}");
    }
}

proptest! {
    #[test]
    fn jiff_reads_the_same_instant(
        nanos: i64, digits in 0usize..=9, offset_minutes in -1439i32..1440,
    ) {
        let seconds = nanos.div_euclid(1_000_000_000);
        let part = nanos.rem_euclid(1_000_000_000).to_string();
        let part = format!("{part:0>9}");
        let offset = jiff::tz::Offset::from_seconds(offset_minutes * 60).unwrap();
        let local = offset.to_datetime(jiff::Timestamp::from_second(seconds).unwrap());
        let sign = if offset_minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
        let fraction = if digits == 0 { String::new() } else { format!(".{}", &part[..digits]) };
        let text = format!(
            "{}{fraction}{sign}{hours:02}:{minutes:02}", local.strftime("%Y-%m-%dT%H:%M:%S"),
        );
        let expected = text.parse::<jiff::Timestamp>().unwrap().as_nanosecond();
        prop_assert_eq!(rfc3339(text.as_bytes()), i64::try_from(expected).ok(), "{}", text);
    }

    #[test]
    fn what_is_read_at_all_jiff_reads_alike(text in "[0-9T:Zt+. -]{19,36}") {
        if let Some(nanos) = rfc3339(text.as_bytes()) {
            let jiff = text.parse::<jiff::Timestamp>().unwrap().as_nanosecond();
            prop_assert_eq!(i128::from(nanos), jiff);
        }
    }
}
