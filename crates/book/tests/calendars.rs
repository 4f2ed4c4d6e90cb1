//! Calendars, quotes and due dates in books: what they compile to, and every mistake with its
//! place.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

use book::{Compiled, Files, Severity};
use jiff::civil::date;
use settle::Cycle;
use settle::calendar::{DueBase, due};

const KR: &str = "\
calendar: kr
version: 3
holidays:
  first_year: 2026
  last_year: 2027
  weekend: [saturday, sunday]
  days:
    2026-01-01: New Year's Day
    2026-07-10: closed
";

const WEEKS: &str = "\
calendar: weeks
version: 1
periods:
  years:
    2026: [2025-12-29, 2026-01-26, 2026-02-23]
    2027: [2026-03-30, 2026-04-27]
  until: 2026-05-25
";

const ECB: &str = "\
source: ecb
rows:
  - { date: 2026-03-02, base: EUR, quote: KRW, rate: \"1487.35\" }
  - { date: 2026-03-03, base: EUR, quote: KRW, rate: \"1490\" }
";

const CSV: &str = "\
# a comment
date,base,quote,rate
2026-03-04,EUR,KRW,1491.5

2026-03-04,EUR,USD,1.0832
";

const SHARE: &str = "\
agreement: fee
from: house
to: studio
asset: EUR
period: month
terms:
  - version: 1
    due: { day_of_month: 10, roll: following, holidays: [kr] }
    steps:
      - sum: { measure: stakes }
      - round: { mode: half-up }
";

const REST: &[(&str, &str)] = &[
    ("operator.yaml", "operator: demo\nsemantics: 1\nzone: Asia/Seoul\n"),
    ("assets.yaml", "assets:\n  EUR: { scale: 2 }\n"),
    ("parties.yaml", "parties:\n  house: { role: operator }\n  studio: { role: provider }\n"),
    ("sources.yaml", "sources:\n  feed: {}\n"),
    ("kinds.yaml", "kinds:\n  bet:\n    postings: [{ debit: cash, credit: stakes }]\n"),
    ("measures.yaml", "measures:\n  stakes:\n    terms:\n      - { add: stakes }\n"),
    ("calendars/kr.yaml", KR),
    ("calendars/weeks.yaml", WEEKS),
    ("quotes/ecb.yaml", ECB),
    ("quotes/ecb.2026.csv", CSV),
    ("agreements/fee.yaml", SHARE),
];

fn files(path: &str, from: &str, to: &str) -> Files {
    let mut files: Files =
        REST.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{path} has {from:?} once");
    files.insert(path.to_owned(), text.replace(from, to).into_bytes());
    files
}

fn sound(path: &str, from: &str, to: &str) -> Compiled {
    let (compiled, found) = book::compile(&files(path, from, to), 1);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    compiled.unwrap_or_else(|| panic!("{}", shown.join("\n")))
}

/// Replaces `from` by `to` in one file and compares all that is found.
#[track_caller]
fn check(path: &str, from: &str, to: &str, expected: &[(&str, u32, u32)]) {
    let (compiled, found) = book::compile(&files(path, from, to), 1);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    let places: Vec<_> = found.iter().map(|d| (d.code, d.line, d.column)).collect();
    assert_eq!(places, expected, "\n{}", shown.join("\n"));
    assert!(found.iter().all(|d| d.file == path), "{}", shown.join("\n"));
    assert_eq!(compiled.is_none(), found.iter().any(|d| d.severity == Severity::Error));
}

#[test]
fn a_sound_book() {
    let book = sound("operator.yaml", "demo", "demo");
    let [kr] = &book.calendars.holidays[..] else { panic!("one holiday set") };
    assert_eq!((kr.name.as_str(), kr.version, kr.days.len()), ("kr", 3, 2));
    assert_eq!(book.calendars.holidays("kr"), Some(kr));
    let [weeks] = &book.calendars.periods[..] else { panic!("one list of periods") };
    assert_eq!((weeks.starts().count(), weeks.end), (5, date(2026, 5, 25)));
    let [ecb] = &book.quotes[..] else { panic!("one source of quotes") };
    let pairs: Vec<_> =
        ecb.pairs.iter().map(|(pair, days)| (pair.to_string(), days.len())).collect();
    assert_eq!(pairs, [("EUR/KRW".to_owned(), 3), ("EUR/USD".to_owned(), 1)]);
}

/// What 100.00 of June 2026 is due as, under these terms.
#[track_caller]
fn check_due(terms: &str, expected: &[(&str, &str)]) {
    let given = "{ day_of_month: 10, roll: following, holidays: [kr] }";
    let book = sound("agreements/fee.yaml", given, terms);
    let agreement = &book.agreements[0];
    let period_end = agreement.cycle().last_day("2026-06".parse().unwrap()).unwrap();
    let closed = Some(date(2026, 7, 2));
    let base = DueBase { period_end, closed, stated: closed };
    let found = due(agreement.due.as_ref().unwrap(), &base, "100".parse().unwrap(), 2).unwrap();
    let found: Vec<_> =
        found.iter().map(|due| (due.date.to_string(), due.amount.to_string())).collect();
    let expected: Vec<_> =
        expected.iter().map(|(day, amount)| ((*day).to_owned(), (*amount).to_owned())).collect();
    assert_eq!(found, expected, "{terms}");
}

#[test]
fn when_it_is_due() {
    check_due("{ day_of_month: 10 }", &[("2026-07-10", "100.00")]);
    check_due("{ day_of_month: 10, roll: following, holidays: [kr] }", &[("2026-07-13", "100.00")]);
    check_due("{ months: 2, day_of_month: end }", &[("2026-08-31", "100.00")]);
    check_due("{ months: 2 }", &[("2026-08-30", "100.00")]);
    check_due("{ days: 90 }", &[("2026-09-28", "100.00")]);
    check_due("{ after: close, business_days: 6, holidays: [kr] }", &[("2026-07-13", "100.00")]);
    check_due(
        "{ days: 5, parts: [{ share: \"70%\" }, { share: \"30%\", after: close, days: 30 }] }",
        &[("2026-07-05", "70.00"), ("2026-08-01", "30.00")],
    );
    check_due(
        "{ roll: preceding, holidays: [kr], \
         parts: [{ share: \"0.3\", days: 11 }, { share: \"0.7\", days: 10, roll: none }] }",
        &[("2026-07-09", "30.00"), ("2026-07-10", "70.00")],
    );
}

/// What cannot be read leaves the agreement without its only terms.
fn no_terms(code: &'static str, line: u32, column: u32) -> [(&'static str, u32, u32); 2] {
    [("E1110", 7, 3), (code, line, column)]
}

#[test]
fn mistakes_of_due() {
    let path = "agreements/fee.yaml";
    let (day, at) = ("day_of_month: 10", |code| [(code, 8, 10)]);
    check(path, day, "days: 1, business_days: 1", &at("E1424"));
    check(path, day, "days: 1, months: 1", &at("E1424"));
    check(path, &format!("{day}, "), "", &at("E1424"));
    check(path, day, "days: 4000", &at("E1424"));
    check(path, ", holidays: [kr]", "", &at("E1424"));
    check(path, day, "day_of_month: 32", &no_terms("E1106", 8, 26));
    check(path, day, "day_of_month: last", &no_terms("E1106", 8, 26));
    check(path, "following", "forward", &no_terms("E1106", 8, 36));
    check(path, "[kr]", "[kp]", &[("E1203", 8, 58)]);
    check(path, "[kr]", "[weeks]", &[("E1203", 8, 58)]);
    check(path, "[kr]", "[kr, kr]", &[("E1202", 8, 62)]);
    let parts = "days: 1, parts: [{ share: \"70%\" }, { share: \"31%\" }]";
    check(path, day, parts, &at("E1424"));
    let parts = "parts: [{ share: \"70%\", days: 1 }, { share: \"30%\" }]";
    check(path, day, parts, &[("E1424", 8, 47)]);
    check(path, day, "days: 1, parts: [{ share: 0.7 }]", &[("E1104", 8, 38)]);
}

#[test]
fn custom_periods_and_their_list() {
    let custom = "period: custom\ncalendar: weeks";
    let book = sound("agreements/fee.yaml", "period: month", custom);
    let cycle: Cycle<'_> = book.agreements[0].cycle();
    let days = cycle.days("2026-P03".parse().unwrap()).unwrap();
    assert_eq!(days, (date(2026, 2, 23), date(2026, 3, 30)));
    let encoded = book.agreements[0].encode();
    assert_eq!(settle::Agreement::decode(&encoded).as_ref(), Ok(&book.agreements[0]));
    let path = "agreements/fee.yaml";
    check(path, "period: month", "period: custom", &[("E1423", 1, 12)]);
    check(path, "period: month", "period: month\ncalendar: weeks", &[("E1423", 6, 11)]);
    check(path, "period: month", "period: custom\ncalendar: kr", &[("E1203", 6, 11)]);
    let inside = format!("{custom}\nterms:\n  - version: 2\n    holds_from: ");
    let at = |day: &str| format!("{inside}{day}\n    steps: []\n#");
    let (_, found) = book::compile(&files(path, "period: month", &at("2026-03-30")), 1);
    assert!(!found.iter().any(|d| d.code == "E1411"), "{found:?}");
    let (_, found) = book::compile(&files(path, "period: month", &at("2026-04-01")), 1);
    assert!(found.iter().any(|d| d.code == "E1411" && d.message.contains("2027-P01")), "{found:?}");
}

#[test]
fn mistakes_of_calendars() {
    let path = "calendars/kr.yaml";
    let name = |code| [(code, 1, 11)];
    check(path, "version: 3", "version: 0", &name("E1422"));
    check(path, "2026-07-10", "2028-07-10", &[("E1422", 9, 5)]);
    check(path, "2026-07-10", "2026-02-30", &[("E1109", 9, 5)]);
    let outside = [("E1422", 1, 11), ("E1422", 8, 5), ("E1422", 9, 5)];
    check(path, "last_year: 2027", "last_year: 2025", &outside);
    check(path, "[saturday, sunday]", "[saturnday]", &[("E1106", 6, 13)]);
    let (_, after) = KR.split_once("version: 3\n").unwrap();
    check(path, after, "", &name("E1421"));
    check(path, "calendar: kr", "calendar: [kr", &[("E1003", 2, 8)]);
    check(path, ": closed", ":", &[("E1103", 9, 15)]);

    let path = "calendars/weeks.yaml";
    check(path, "2026-01-26", "2025-12-29", &[("E1422", 5, 24)]);
    check(path, "2026-01-26", "2026-01-32", &[("E1109", 5, 24)]);
    check(path, "    2027: [", "    2028: [", &name("E1422"));
    check(path, "until: 2026-05-25", "until: 2026-04-27", &name("E1422"));
    check(path, "    2026: [", "    year: [", &[("E1107", 5, 5)]);
    check(path, "until: 2026-05-25", "", &[("E1102", 4, 3)]);

    let mut files = files("operator.yaml", "demo", "demo");
    files.insert("calendars/copy.yaml".to_owned(), KR.into());
    let (_, found) = book::compile(&files, 1);
    let found: Vec<_> = found.iter().map(|d| (d.file.as_str(), d.code, d.line)).collect();
    assert_eq!(found, [("calendars/kr.yaml", "E1202", 1)]);
}

#[test]
fn mistakes_of_quotes() {
    let path = "quotes/ecb.yaml";
    let second = "base: EUR, quote: KRW, rate: \"1490\"";
    check(path, "\"1487.35\"", "1487.35", &[("E1104", 3, 54)]);
    check(path, "\"1487.35\"", "\"0\"", &[("E1407", 3, 54)]);
    check(path, "\"1487.35\"", "\"-1\"", &[("E1407", 3, 54)]);
    check(path, "\"1487.35\"", "\"0.1234567890123456789\"", &[("E1407", 3, 54)]);
    check(path, second, "base: KRW, quote: KRW, rate: \"1490\"", &[("E1425", 4, 43)]);
    check(path, second, "base: eur, quote: KRW, rate: \"1490\"", &[("E1201", 4, 31)]);
    check(path, "2026-03-03", "2026-03-02", &[("E1426", 4, 13)]);
    check(path, "2026-03-03", "2026-03-04", &[("E1426", 4, 13)]);
    check(path, "2026-03-03", "yesterday", &[("E1109", 4, 13)]);
    check(path, "source: ecb", "source: ECB", &[("E1201", 1, 9)]);

    let path = "quotes/ecb.2026.csv";
    let row = "2026-03-04,EUR,KRW,1491.5";
    check(path, "date,base,quote,rate", "date,base,rate", &[("E1425", 2, 1)]);
    check(path, CSV, "", &[("E1425", 1, 1)]);
    check(path, row, "2026-03-04,EUR,KRW", &[("E1425", 3, 1)]);
    check(path, row, "2026-03-04,EUR,KRW,1,491.5", &[("E1425", 3, 1)]);
    check(path, row, "2026-3-04,EUR,KRW,1491.5", &[("E1109", 3, 1)]);
    check(path, row, "2026-03-04,EUR,KRW,1.4e3", &[("E1108", 3, 20)]);
    check(path, row, "2026-03-04,EUR,KRW,-1", &[("E1407", 3, 20)]);
    check(path, row, "2026-03-04,EUR,krw,2", &[("E1201", 3, 16)]);
    check(path, row, "2026-03-04,EUR,EUR,2", &[("E1425", 3, 16)]);
    check(path, row, "유,유,KRW,x", &[("E1109", 3, 1), ("E1108", 3, 9)]);

    for (name, code) in [("quotes/ecb.tsv", "E1006"), ("quotes/a/b.csv", "E1006")] {
        let mut files = files("operator.yaml", "demo", "demo");
        files.insert(name.to_owned(), CSV.into());
        let (_, found) = book::compile(&files, 1);
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [code], "{name}");
    }
}
