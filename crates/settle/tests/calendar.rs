//! Business days, due dates and parts.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use ledger::Decimal;
use proptest::prelude::*;
use settle::calendar::{
    Base, Business, DayOfMonth, DueBase, DuePart, DueRule, DueTerms, Holidays, Lag, Roll, Weekdays,
    due, split,
};
use settle::{Cycle, PeriodKind};

fn set(name: &str, days: &[Date]) -> Holidays {
    Holidays {
        name: name.into(),
        version: 1,
        first_year: 2025,
        last_year: 2027,
        weekend: Weekdays::saturday_sunday(),
        days: days.iter().copied().collect(),
    }
}

/// Korean holidays around Chuseok 2025, with the one that stands in for the Sunday.
fn korea() -> Holidays {
    let october = [3, 6, 7, 8, 9].map(|day| date(2025, 10, day));
    set("kr", &[&october[..], &[date(2026, 1, 1), date(2027, 12, 31)]].concat())
}

/// What follows from 2025 to 2027 when Easter is closed.
fn euro() -> Holidays {
    set("eu", &[date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2025, 10, 10)])
}

fn rule(lag: &str, roll: Roll) -> DueRule {
    DueRule { base: Base::PeriodEnd, lag: lag.parse().unwrap(), roll }
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn dates_that_follow() {
    use Roll::{Following, ModifiedFollowing, ModifiedPreceding, None, Preceding};
    let both = [korea(), euro()];
    for (from, lag, roll, expected) in [
        // The licence fee of June is due on the tenth of July; a reserve is held 90 days.
        ("2026-06-30", "months:1:10", None, "2026-07-10"),
        ("2026-01-31", "days:90", None, "2026-05-01"),
        ("2026-01-31", "days:0", None, "2026-01-31"),
        ("2026-01-31", "months:1:same", None, "2026-02-28"),
        ("2026-01-31", "months:2:same", None, "2026-03-31"),
        ("2026-01-31", "months:1:31", None, "2026-02-28"),
        ("2026-01-31", "months:1:29", None, "2026-02-28"),
        ("2026-01-15", "months:0:end", None, "2026-01-31"),
        ("2026-11-30", "months:3:end", None, "2027-02-28"),
        ("2026-11-30", "months:1:1", None, "2026-12-01"),
        // Saturday 31 January: the next business day is in February.
        ("2026-01-31", "days:0", Following, "2026-02-02"),
        ("2026-01-31", "days:0", Preceding, "2026-01-30"),
        ("2026-01-31", "days:0", ModifiedFollowing, "2026-01-30"),
        ("2026-01-24", "days:0", ModifiedFollowing, "2026-01-26"),
        // Sunday 1 February: the business day before is in January.
        ("2026-02-01", "days:0", ModifiedPreceding, "2026-02-02"),
        ("2026-02-08", "days:0", ModifiedPreceding, "2026-02-06"),
        // Chuseok in Seoul, then a day closed in the other place, then a weekend.
        ("2025-10-03", "days:0", Following, "2025-10-13"),
        ("2025-10-12", "days:0", Preceding, "2025-10-02"),
        ("2025-10-02", "business-days:1", None, "2025-10-13"),
        ("2025-10-02", "business-days:0", None, "2025-10-02"),
        ("2025-10-04", "business-days:0", None, "2025-10-04"),
        ("2025-10-04", "business-days:0", Following, "2025-10-13"),
        ("2025-10-04", "business-days:2", None, "2025-10-14"),
        ("2026-04-02", "business-days:3", None, "2026-04-09"),
        ("2025-12-31", "business-days:1", None, "2026-01-02"),
    ] {
        let found = rule(lag, roll).date(from.parse().unwrap(), &both);
        let found = found.map(|date| date.to_string());
        assert_eq!(found, Ok(expected.to_owned()), "{from} + {lag}, {}", roll.word());
    }
}

#[test]
fn dates_that_are_not_known() {
    let mut closed = korea();
    let days = (0..90i64).map(|n| date(2026, 3, 1).checked_add(n.days()).unwrap());
    closed.days.extend(days);
    for (from, lag, roll, code) in [
        ("2027-12-30", "business-days:1", Roll::None, "E7702"),
        ("2027-12-31", "days:0", Roll::Following, "E7702"),
        ("2027-12-31", "days:1", Roll::Following, "E7702"),
        ("2025-01-01", "months:36:1", Roll::Preceding, "E7702"),
        ("2026-03-02", "days:0", Roll::Following, "E7706"),
        ("9999-12-31", "days:1", Roll::None, "E7707"),
        ("9999-12-31", "months:1:1", Roll::None, "E7707"),
    ] {
        let holidays = std::slice::from_ref(&closed);
        let error = rule(lag, roll).date(from.parse().unwrap(), holidays).unwrap_err();
        assert_eq!(error.code(), code, "{from} + {lag}: {error}");
    }
}

/// Parts as `share base lag roll`.
fn terms(parts: &[&str], holidays: Vec<Holidays>) -> DueTerms {
    let part = |text: &&str| {
        let mut words = text.split(' ');
        let mut word = || words.next().unwrap();
        let share = dec(word());
        let base = Base::from_word(word()).unwrap();
        let rule =
            DueRule { base, lag: word().parse().unwrap(), roll: Roll::from_word(word()).unwrap() };
        DuePart { share, rule }
    };
    DueTerms { parts: parts.iter().map(part).collect(), holidays }
}

fn base() -> DueBase {
    let months = Cycle { kind: PeriodKind::Month, custom: None };
    let period_end = months.last_day("2026-06".parse().unwrap()).unwrap();
    DueBase { period_end, closed: Some(date(2026, 7, 3)), stated: Some(date(2026, 7, 6)) }
}

/// What is due, as `date amount`, in an asset of two decimals.
fn check(parts: &[&str], payable: &str, expected: &[&str]) {
    let found = due(&terms(parts, vec![korea()]), &base(), dec(payable), 2).unwrap();
    let found: Vec<_> = found.iter().map(|due| format!("{} {}", due.date, due.amount)).collect();
    assert_eq!(found, expected, "{payable} in {parts:?}");
}

#[test]
fn parts_and_their_days() {
    let once = "1 period-end months:1:10 none";
    check(&[once], "9643.4", &["2026-07-10 9643.40"]);
    check(&[once], "0", &["2026-07-10 0.00"]);
    let two = ["0.7 close business-days:5 none", "0.3 period-end months:1:end following"];
    check(&two, "100.00", &["2026-07-10 70.00", "2026-07-31 30.00"]);
    check(&two, "0.01", &["2026-07-10 0.01", "2026-07-31 0.00"]);
    check(&two, "-0.05", &["2026-07-10 -0.04", "2026-07-31 -0.01"]);
    check(&["1 statement days:14 following"], "1.00", &["2026-07-20 1.00"]);
    let three = ["0.25 close days:0 none", "0.25 close days:1 none", "0.5 close days:2 none"];
    check(&three, "0.02", &["2026-07-03 0.01", "2026-07-04 0.00", "2026-07-05 0.01"]);
}

#[test]
fn refused_terms() {
    let refused = |parts: &[&str], holidays: Vec<Holidays>, payable: &str, code: &str| {
        let open = DueBase { closed: None, ..base() };
        let error = due(&terms(parts, holidays), &open, dec(payable), 2).unwrap_err();
        assert_eq!(error.code(), code, "{parts:?}: {error}");
    };
    let kr = || vec![korea()];
    refused(&[], kr(), "1", "E7703");
    refused(&["0.7 period-end days:1 none"], kr(), "1", "E7703");
    refused(&["0.7 period-end days:1 none", "0.31 period-end days:1 none"], kr(), "1", "E7703");
    refused(&["1 period-end days:1 none", "0 period-end days:1 none"], kr(), "1", "E7703");
    refused(&["2 period-end days:1 none", "-1 period-end days:1 none"], kr(), "1", "E7703");
    refused(&["1 period-end days:3661 none"], kr(), "1", "E7703");
    refused(&["1 period-end months:121:1 none"], kr(), "1", "E7703");
    refused(&["1 period-end months:1:0 none"], kr(), "1", "E7703");
    refused(&["1 period-end months:1:32 none"], kr(), "1", "E7703");
    refused(&["1 period-end days:1 following"], vec![], "1", "E7703");
    refused(&["1 period-end business-days:1 none"], vec![], "1", "E7703");
    refused(&["1 period-end days:1 none"], vec![korea(); 9], "1", "E7703");
    refused(&["1 close days:1 none"], kr(), "1", "E7704");
    refused(&["1 period-end days:1 none"], kr(), "0.001", "E7705");
    let mut wrong = korea();
    wrong.weekend = Weekdays::of(Weekdays::WORDS.map(|(day, _)| day));
    refused(&["1 period-end days:1 none"], vec![wrong], "1", "E7701");
}

#[test]
fn broken_holiday_sets_are_refused() {
    let check = |change: fn(&mut Holidays), reason: &str| {
        let mut set = korea();
        change(&mut set);
        let error = set.check().unwrap_err();
        assert_eq!(error.code(), "E7701", "{reason}");
        assert!(error.to_string().contains(reason), "{error}");
    };
    assert_eq!(korea().check(), Ok(()));
    check(|set| set.name = "KR".into(), "its name");
    check(|set| set.version = 0, "versions");
    check(|set| set.first_year = 1969, "outside 1970");
    check(|set| set.last_year = 2261, "outside 1970");
    check(|set| set.last_year = 2024, "before its first");
    check(|set| set.days.extend([date(2028, 1, 1)]), "outside its years");
    check(|set| set.first_year = 2026, "outside its years");
}

#[test]
fn weekends_are_what_the_set_says() {
    let mut gulf = korea();
    gulf.weekend = Weekdays::of([Weekday::Friday, Weekday::Saturday]);
    let gulf = [gulf];
    let open = |day| Business::of(&gulf).is_open(date(2026, 6, day)).unwrap();
    assert_eq!([5, 6, 7].map(open), [false, false, true]);
    let all: Vec<_> = gulf[0].weekend.iter().collect();
    assert_eq!(all, [Weekday::Friday, Weekday::Saturday]);
    let twice = Weekdays::of([Weekday::Friday, Weekday::Saturday, Weekday::Friday]);
    assert_eq!(twice, gulf[0].weekend, "a day named twice is in the set once");
}

/// A statement names its days where they count from the period's end alone; where any counts from
/// the close or the statement's day, all of them wait for it.
#[test]
fn days_that_a_statement_names() {
    use crate::common::{given, rated, sum};
    let (measures, sums) = given(&[("m", "100.00")], 2);
    let mut one = crate::common::agreement(vec![sum("m")], 2);
    for (parts, wanted) in [
        (&["1 period-end months:1:10 none"][..], &["2016-12-10 100.00"][..]),
        (
            &["0.7 period-end days:5 none", "0.3 period-end days:20 none"],
            &["2016-12-05 70.00", "2016-12-20 30.00"],
        ),
        (&["0.7 close days:5 none", "0.3 period-end days:20 none"], &[]),
        (&["1 statement days:14 none"], &[]),
    ] {
        one.due = Some(terms(parts, vec![]));
        let statement = rated(&one, &measures, &sums).unwrap();
        assert_eq!(settle::Statement::parse(&statement.body()), Ok(statement.clone()));
        let due = statement.due;
        let found: Vec<_> = due.iter().map(|due| format!("{} {}", due.date, due.amount)).collect();
        assert_eq!(found, wanted, "{parts:?}");
    }
    one.due = None;
    assert_eq!(rated(&one, &measures, &sums).unwrap().due, []);
}

#[test]
fn the_form_of_the_documents() {
    let parts = ["0.7 close business-days:5 none", "0.3 period-end months:1:10 following"];
    let terms = terms(&parts, vec![set("kr", &[date(2026, 1, 1)])]);
    assert_eq!(
        String::from_utf8(terms.encode()).unwrap(),
        concat!(
            r#"{"format":"saldo.due.v1","holidays":[{"days":["2026-01-01"],"first-year":"2025","#,
            r#""last-year":"2027","name":"kr","version":"1","weekend":["saturday","sunday"]}],"#,
            r#""parts":[{"base":"close","lag":"business-days:5","roll":"none","share":"0.7"},"#,
            r#"{"base":"period-end","lag":"months:1:10","roll":"following","share":"0.3"}]}"#,
        )
    );
    assert_eq!(DueTerms::decode(&terms.encode()), Ok(terms.clone()));
    assert_eq!(Holidays::decode(&korea().encode()), Ok(korea()));
    let text = String::from_utf8(terms.encode()).unwrap();
    for (from, to) in [
        ("days:5", "days:05"),
        ("2026-01-01", "20260101"),
        ("\"saturday\",\"sunday\"", "\"sunday\",\"saturday\""),
        ("months:1:10", "months:1:010"),
        ("0.7", "0.70"),
        ("following", "forward"),
    ] {
        let error = DueTerms::decode(text.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(error.code(), "E7501", "{from}");
    }
}

#[test]
fn splits() {
    let check = |total: i128, shares: &[&str], expected: Option<&[i128]>| {
        let shares: Vec<Decimal> = shares.iter().map(|share| dec(share)).collect();
        assert_eq!(split(total, &shares).unwrap().as_deref(), expected, "{total} by {shares:?}");
    };
    check(10, &["0.5", "0.5"], Some(&[5, 5]));
    check(11, &["0.5", "0.5"], Some(&[6, 5]));
    check(-11, &["0.5", "0.5"], Some(&[-6, -5]));
    check(10, &["0.33", "0.33", "0.34"], Some(&[3, 3, 4]));
    check(1, &["0.3", "0.3", "0.4"], Some(&[0, 0, 1]));
    check(2, &["0.3", "0.3", "0.4"], Some(&[1, 0, 1]));
    check(7, &["1", "0"], Some(&[7, 0]));
    check(0, &["0.5", "0.5"], Some(&[0, 0]));
    check(7, &["0.5", "0.4"], None);
    check(7, &["1.5", "-0.5"], None);
    check(7, &[], None);
    let fine = [dec("0.3333333333333333"), dec("0.6666666666666667")];
    assert!(split(i128::MAX, &fine).is_err());
    assert!(split(i128::MIN, &[Decimal::ONE]).is_err());
}

fn any_lag() -> impl Strategy<Value = Lag> {
    let day = prop_oneof![
        (1u8..=31).prop_map(DayOfMonth::Day),
        Just(DayOfMonth::Same),
        Just(DayOfMonth::End)
    ];
    prop_oneof![
        (0u32..120).prop_map(Lag::Days),
        (0u32..30).prop_map(Lag::BusinessDays),
        (0u32..4, day).prop_map(|(months, day)| Lag::Months { months, day }),
    ]
}

/// Days of the middle year, so that lags stay within the data.
fn any_day() -> impl Strategy<Value = Date> {
    (0i64..365).prop_map(|n| date(2026, 1, 1).checked_add(n.days()).unwrap())
}

proptest! {
    #[test]
    fn what_is_rolled_is_a_business_day_and_the_nearest(
        from in any_day(),
        lag in any_lag(),
        roll in prop::sample::select(Roll::ALL),
        closed in prop::collection::btree_set(any_day(), 0..120),
    ) {
        let mut dense = korea();
        dense.days = closed;
        let sets = [dense, euro()];
        let business = Business::of(&sets);
        let plain = DueRule { base: Base::PeriodEnd, lag, roll: Roll::None };
        let Ok(unrolled) = plain.date(from, &sets) else { return Ok(()) };
        prop_assert!(unrolled >= from.first_of_month());
        let is_months = matches!(lag, Lag::Months { .. });
        prop_assert!(is_months || unrolled >= from);
        let Ok(rolled) = (DueRule { roll, ..plain }).date(from, &sets) else { return Ok(()) };
        prop_assert_eq!(rolled == unrolled, roll == Roll::None || business.is_open(unrolled)?);
        prop_assert!(roll == Roll::None || business.is_open(rolled)?);
        // No business day lies between the two.
        let (low, high) = (unrolled.min(rolled), unrolled.max(rolled));
        let mut day = low;
        while roll != Roll::None && day < high {
            prop_assert!(day == low && low == rolled || !business.is_open(day)?, "{}", day);
            day = day.tomorrow()?;
        }
        let forward = rolled > unrolled;
        let crossed = rolled.first_of_month() != unrolled.first_of_month();
        match roll {
            Roll::None => {}
            Roll::Following => prop_assert!(rolled >= unrolled),
            Roll::Preceding => prop_assert!(rolled <= unrolled),
            Roll::ModifiedFollowing => prop_assert!(!crossed || !forward),
            Roll::ModifiedPreceding => prop_assert!(!crossed || forward),
        }
    }

    #[test]
    fn business_days_are_counted_one_by_one(from in any_day(), count in 1u32..40) {
        let sets = [korea(), euro()];
        let business = Business::of(&sets);
        let end = business.after(from, count)?;
        let mut open = 0;
        let mut day = from;
        while day < end {
            day = day.tomorrow()?;
            open += u32::from(business.is_open(day)?);
        }
        prop_assert_eq!(open, count);
        prop_assert!(business.is_open(end)?);
    }

    #[test]
    fn parts_sum_exactly(
        total in -1_000_000_000_000i128..1_000_000_000_000,
        weights in prop::collection::vec(0i128..1_000, 1..20),
    ) {
        let sum: i128 = weights.iter().sum();
        // The last share is what the others leave of a million.
        let cut = |weight: &i128| weight * 1_000_000 / sum.max(1);
        let mut shares: Vec<i128> = weights.iter().map(cut).collect();
        let rest = 1_000_000 - shares.iter().sum::<i128>();
        *shares.last_mut().unwrap() += rest;
        let decimals: Vec<_> = shares.iter().map(|s| Decimal::new(*s, 6).unwrap()).collect();
        let parts = split(total, &decimals)?.unwrap();
        prop_assert_eq!(parts.iter().sum::<i128>(), total);
        for (part, share) in parts.iter().zip(&shares) {
            // Within one unit of the exact share, and on its side of zero.
            let exact = total * share;
            prop_assert!((part * 1_000_000 - exact).abs() < 1_000_000, "{part} of {exact}");
            prop_assert!(part.signum() * total.signum() >= 0);
        }
        let mirror = split(-total, &decimals)?.unwrap();
        prop_assert!(parts.iter().zip(mirror).all(|(part, other)| *part == -other));
    }

    #[test]
    fn due_parts_sum_to_the_payable(minor in any::<i64>(), first in 1u32..1000, scale in 0u8..=8) {
        let share = Decimal::new(first.into(), 3).unwrap();
        let rest = Decimal::ONE.checked_sub(share).unwrap();
        let parts = [(share, "days:3"), (rest, "months:1:10")];
        prop_assume!(!rest.is_zero());
        let parts = parts.map(|(share, lag)| DuePart { share, rule: rule(lag, Roll::Following) });
        let terms = DueTerms { parts: parts.into(), holidays: vec![korea()] };
        let payable = Decimal::from_minor(minor.into(), scale);
        let found = due(&terms, &base(), payable, scale)?;
        let sum = found.iter().try_fold(Decimal::ZERO, |sum, due| sum.checked_add(due.amount));
        prop_assert_eq!(sum, Ok(payable));
        prop_assert!(found.iter().all(|due| due.amount.scale() == scale));
        prop_assert_eq!(DueTerms::decode(&terms.encode()), Ok(terms));
    }
}
