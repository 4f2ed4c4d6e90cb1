//! Foreign-exchange quotes: which ones count, and what follows from them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use jiff::civil::{Date, date};
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::quotes::{DateRule, Exchange, FromQuotes, FxDates, FxTerms, Leg, Pair, Quotes, answer};
use settle::{Nothing, Outside, QuoteAsk, RoundTo};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn pair(text: &str) -> Pair {
    let (base, quote) = text.split_once('/').unwrap();
    Pair { base: base.into(), quote: quote.into() }
}

/// Quotes as `EUR/KRW 2026-03-02 1487.35`.
fn quotes(rows: &[&str]) -> Quotes {
    let mut quotes = Quotes { name: "ecb".into(), pairs: [].into() };
    for row in rows {
        let [pair_of, day, rate] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let days = quotes.pairs.entry(pair(pair_of)).or_default();
        days.insert(day.parse().unwrap(), dec(rate));
    }
    assert_eq!(quotes.check(), Ok(()));
    quotes
}

fn march() -> Quotes {
    quotes(&[
        "EUR/KRW 2026-02-27 1480",
        "EUR/KRW 2026-03-02 1487.35",
        "EUR/KRW 2026-03-03 1490",
        "EUR/KRW 2026-03-31 1500.5",
        "EUR/KRW 2026-04-01 1501",
        "EUR/USD 2026-03-02 1.0832",
        "EUR/USD 2026-03-30 1.08",
        "GBP/EUR 2026-03-02 1.15",
        "KRW/EUR 2026-02-01 0.0007",
    ])
}

fn terms(rule: &str, age: u32, pivot: Option<&str>) -> FxTerms {
    FxTerms {
        source: "ecb".into(),
        rule: rule.parse().unwrap(),
        age_days_max: age,
        pivot: pivot.map(Into::into),
    }
}

fn dates(day: &str) -> FxDates {
    let day: Option<Date> = Some(day).filter(|day| !day.is_empty()).map(|day| day.parse().unwrap());
    FxDates { period: (date(2026, 3, 1), date(2026, 4, 1)), transaction: day, payment: None }
}

/// The road as `pair rate first..last count`, legs parted by `, `; an inverse is marked with `÷`.
fn told(exchange: &Exchange) -> String {
    let leg = |leg: &Leg| {
        let mark = if leg.inverse { "÷" } else { "" };
        format!("{mark}{} {} {}..{} {}", leg.pair, leg.rate, leg.first, leg.last, leg.count)
    };
    exchange.legs.iter().map(leg).collect::<Vec<_>>().join(", ")
}

/// `from to rule age pivot day`, what was used, and the rate to print.
fn check(asked: &str, road: &str, rate: &str) {
    let [from, to, rule, age, pivot, day] = asked.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{asked}")
    };
    let pivot = Some(pivot).filter(|pivot| *pivot != "-");
    let day = if day == "-" { "" } else { day };
    let terms = terms(rule, age.parse().unwrap(), pivot);
    let found = march().exchange(from, to, &terms, &dates(day)).unwrap();
    assert_eq!(told(&found), road, "{asked}");
    assert_eq!(found.rate().unwrap().to_string(), rate, "{asked}");
    assert_eq!(Exchange::decode(&found.encode()), Ok(found), "{asked}");
}

#[test]
fn which_quotes_count() {
    let on = "EUR/KRW 1487.35 2026-03-02..2026-03-02 1";
    check("EUR KRW transaction 0 - 2026-03-02", on, "1487.35");
    check("EUR KRW transaction 0 USD 2026-03-02", on, "1487.35");
    let friday = "EUR/KRW 1480 2026-02-27..2026-02-27 1";
    check("EUR KRW transaction 2 - 2026-03-01", friday, "1480");
    check(
        "EUR KRW average 0 - -",
        "EUR/KRW 1492.61666666666667 2026-03-02..2026-03-31 3",
        "1492.61666666666667",
    );
    check("EUR KRW close 0 - -", "EUR/KRW 1500.5 2026-03-31..2026-03-31 1", "1500.5");
    check("EUR KRW month-close:2026-02 0 - -", friday, "1480");
    let april = "EUR/KRW 1501 2026-04-01..2026-04-01 1";
    check("EUR KRW month-average:2026-04 0 - -", april, "1501");
    check("EUR EUR close 0 - -", "", "1");
}

#[test]
fn inverses_and_pivots() {
    let inverse = "÷EUR/USD 1.0832 2026-03-02..2026-03-02 1";
    check("USD EUR transaction 3 - 2026-03-04", inverse, "0.923190546528803545");
    // The mean is inverted, not the inverses averaged.
    let mean = "÷EUR/USD 1.0816 2026-03-02..2026-03-30 2";
    check("USD EUR average 0 - -", mean, "0.924556213017751479");
    let cross =
        "÷EUR/USD 1.0832 2026-03-02..2026-03-02 1, EUR/KRW 1487.35 2026-03-02..2026-03-02 1";
    check("USD KRW transaction 0 EUR 2026-03-02", cross, "1373.10745937961595");
    let both = "GBP/EUR 1.15 2026-03-02..2026-03-02 1, EUR/KRW 1490 2026-03-03..2026-03-03 1";
    check("GBP KRW transaction 5 EUR 2026-03-03", both, "1713.5");
    // A pair that is quoted either way is taken its own way, old as it may be.
    let own = "KRW/EUR 0.0007 2026-02-01..2026-02-01 1";
    check("KRW EUR transaction 40 - 2026-03-02", own, "0.0007");
}

#[test]
fn what_is_missing_is_named() {
    let refused = |from: &str, to: &str, terms: FxTerms, day: &str, code: &str, told: &str| {
        let error = march().exchange(from, to, &terms, &dates(day)).unwrap_err();
        assert_eq!(error.code(), code, "{from} {to}: {error}");
        assert!(error.to_string().contains(told), "{from} {to}: {error}");
    };
    let on = |age, pivot| terms("transaction", age, pivot);
    refused("EUR", "KRW", on(0, None), "2026-03-01", "E7602", "EUR/KRW for 2026-03-01");
    refused("EUR", "KRW", on(1, None), "2026-03-01", "E7602", "nor for the 1 days before");
    refused("KRW", "EUR", on(5, None), "2026-03-02", "E7602", "KRW/EUR for 2026-03-02");
    refused("USD", "KRW", on(0, Some("EUR")), "2026-03-03", "E7602", "EUR/USD for 2026-03-03");
    refused("USD", "KRW", on(0, None), "2026-03-02", "E7601", "from USD to KRW");
    refused("USD", "KRW", on(0, Some("GBP")), "2026-03-02", "E7601", "from USD to KRW");
    refused("USD", "JPY", on(0, Some("EUR")), "2026-03-02", "E7601", "from USD to JPY");
    refused("EUR", "KRW", terms("payment", 0, None), "2026-03-02", "E7604", "`payment`");
    refused("EUR", "KRW", on(0, None), "", "E7604", "`transaction`");
    let january = terms("month-average:2026-01", 0, None);
    refused("EUR", "KRW", january, "", "E7603", "from 2026-01-01 up to the day before 2026-02-01");
    refused("KRW", "EUR", terms("close", 0, None), "", "E7603", "no KRW/EUR from 2026-03-01");
    refused("EUR", "KRW", on(93, None), "2026-03-02", "E7605", "days old");
    refused("EUR", "KRW", on(0, Some("eur")), "2026-03-02", "E7605", "pivot");
    refused("EUR", "KRW", terms("month-close:2026-Q1", 0, None), "", "E7605", "not a month");
}

/// Asks for `from to through on`: the rate and what it is told to be from, or the code.
fn check_answer(asked: &str, rate: &str, from: &str) {
    let [base, quote, through, on] = asked.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{asked}")
    };
    let through = if through == "-" { "" } else { through };
    let text = |text: &str| text.to_owned();
    let ask = QuoteAsk {
        source: text("ecb"),
        base: text(base),
        quote: text(quote),
        on: text(on),
        through: text(through),
    };
    match answer(&[march()], &ask) {
        Ok(used) => {
            assert_eq!((used.rate.to_string(), used.from), (text(rate), text(from)), "{asked}");
            assert_eq!(used.ask, ask);
        }
        Err(error) => assert_eq!((error.code(), ""), (rate, from), "{asked}: {error}"),
    }
}

#[test]
fn questions_are_answered() {
    check_answer("EUR KRW - 2026-03-02", "1487.35", "EUR/KRW 1487.35 (2026-03-02)");
    check_answer("EUR KRW - 2026-03-01~2", "1480", "EUR/KRW 1480 (2026-02-27)");
    let mean = "EUR/USD 1.0816 (mean of 2, 2026-03-02 to 2026-03-30, inverse)";
    check_answer("USD EUR - 2026-03-01..2026-04-01", "0.924556213017751479", mean);
    let last = "EUR/KRW 1500.5 (2026-03-31)";
    check_answer("EUR KRW - last:2026-03-01..2026-04-01", "1500.5", last);
    let cross = "EUR/USD 1.0832 (2026-03-02, inverse), EUR/KRW 1487.35 (2026-03-02)";
    check_answer("USD KRW EUR 2026-03-02", "1373.10745937961595", cross);
    check_answer("EUR EUR - 2026-03-02", "1", "");
    for (asked, code) in [
        ("EUR KRW - 2026-03-01", "E7602"),
        ("EUR KRW - 2026-03-01~1", "E7602"),
        ("USD KRW - 2026-03-02", "E7601"),
        ("EUR KRW - 2026-05-01..2026-06-01", "E7603"),
        ("EUR KRW - 2026-06-01..2026-03-01", "E7603"),
        ("EUR KRW - march", "E7604"),
        ("EUR KRW - 20260302", "E7604"),
        ("EUR KRW - 2026-03-02~93", "E7604"),
        ("EUR KRW - last:2026-03-02", "E7604"),
    ] {
        check_answer(asked, code, "");
    }
    let ask = terms("average", 0, None).ask("EUR", "KRW", &dates("")).unwrap();
    assert_eq!(answer(&[], &ask).unwrap_err().code(), "E7403");
    let sources = [march()];
    let outside = FromQuotes { sources: &sources, plugins: &Nothing };
    assert_eq!(outside.quote(&ask), answer(&sources, &ask));
    assert!(outside.quote(&ask).is_ok());
    assert_eq!(outside.plugin("x", &[]).unwrap_err().code(), "E7404");
}

#[test]
fn terms_become_questions() {
    for (rule, age, on) in [
        ("transaction", 0, "2026-03-02"),
        ("transaction", 5, "2026-03-02~5"),
        ("average", 5, "2026-03-01..2026-04-01"),
        ("close", 0, "last:2026-03-01..2026-04-01"),
        ("month-average:2026-02", 0, "2026-02-01..2026-03-01"),
    ] {
        let terms = terms(rule, age, Some("EUR"));
        let dates = dates("2026-03-02");
        let ask = terms.ask("USD", "KRW", &dates).unwrap();
        assert_eq!((ask.on.as_str(), ask.through.as_str()), (on, "EUR"), "{rule}");
        // The road from the terms and that from the question are one.
        let direct = march().exchange("USD", "KRW", &terms, &dates);
        let asked = answer(&[march()], &ask);
        assert_eq!(
            direct.map(|found| found.rate().unwrap()),
            asked.map(|used| used.rate),
            "{rule}"
        );
    }
    let unknown = terms("payment", 0, None).ask("USD", "KRW", &dates("2026-03-02"));
    assert_eq!(unknown.unwrap_err().code(), "E7604");
}

#[test]
fn broken_quotes_are_refused() {
    let check = |change: fn(&mut Quotes), reason: &str| {
        let mut quotes = march();
        change(&mut quotes);
        let error = quotes.check().unwrap_err();
        assert_eq!(error.code(), "E7605");
        assert!(error.to_string().contains(reason), "{error}");
    };
    let day = |quotes: &mut Quotes, rate: &str| {
        let rate = dec(rate);
        quotes.pairs.insert(pair("EUR/KRW"), [(date(2026, 3, 2), rate)].into());
    };
    check(|quotes| quotes.name = "ECB".into(), "its name");
    check(|quotes| drop(quotes.pairs.insert(pair("EUR/krw"), [].into())), "asset code");
    check(|quotes| drop(quotes.pairs.insert(pair("EUR/EUR"), [].into())), "in itself");
    check(|quotes| drop(quotes.pairs.insert(pair("EUR/JPY"), [].into())), "no quotes");
    for (rate, reason) in [("0", "above zero"), ("-1", "above zero")] {
        let mut quotes = march();
        day(&mut quotes, rate);
        assert!(quotes.check().unwrap_err().to_string().contains(reason), "{rate}");
    }
    let mut quotes = march();
    day(&mut quotes, "0.1234567890123456789");
    assert!(quotes.check().unwrap_err().to_string().contains("18 decimals"));
}

/// Converts by the quotes of 2 March, over the euro where needed.
fn converted(from: &str, to: &str, amount: &str, mode: Rounding, scale: i8) -> String {
    let terms = terms("transaction", 0, Some("EUR"));
    let exchange = march().exchange(from, to, &terms, &dates("2026-03-02")).unwrap();
    exchange.convert(dec(amount), RoundTo { scale, mode }).unwrap().to_string()
}

#[test]
fn amounts_are_rounded_once() {
    use Rounding::{Down, Floor, HalfUp};
    for (from, to, amount, mode, scale, wanted) in [
        // Line by line, and the sum of the lines at once.
        ("EUR", "KRW", "0.04", HalfUp, 0, "59"),
        ("EUR", "KRW", "0.05", HalfUp, 0, "74"),
        ("EUR", "KRW", "0.12", HalfUp, 0, "178"),
        ("EUR", "KRW", "0.21", HalfUp, 0, "312"),
        ("EUR", "USD", "907.34", HalfUp, 2, "982.83"),
        // A rate rounded first would lose the last unit of a whole conversion back.
        ("USD", "EUR", "1.0832", Down, 2, "1.00"),
        ("USD", "EUR", "-1.0832", Floor, 2, "-1.00"),
        ("USD", "KRW", "1083.2", Down, 0, "1487350"),
        ("GBP", "GBP", "1.005", HalfUp, 2, "1.01"),
        ("EUR", "KRW", "0", HalfUp, 0, "0"),
    ] {
        let found = converted(from, to, amount, mode, scale);
        assert_eq!(found, wanted, "{amount} {from} to {to}");
    }
    let terms = terms("transaction", 0, None);
    let exchange = march().exchange("EUR", "KRW", &terms, &dates("2026-03-02")).unwrap();
    let huge = Decimal::new(i128::MAX, 0).unwrap();
    let round = RoundTo { scale: 0, mode: HalfUp };
    assert_eq!(exchange.convert(huge, round).unwrap_err().code(), "E7606");
}

#[test]
fn the_form_of_the_documents() {
    let quotes = quotes(&["EUR/KRW 2026-03-02 1487.350", "EUR/USD 2026-03-02 1.0832"]);
    assert_eq!(
        String::from_utf8(quotes.encode()).unwrap(),
        concat!(
            r#"{"format":"saldo.quotes.v1","name":"ecb","pairs":[{"base":"EUR","quote":"KRW","#,
            r#""rates":{"2026-03-02":"1487.35"}},{"base":"EUR","quote":"USD","#,
            r#""rates":{"2026-03-02":"1.0832"}}]}"#,
        )
    );
    assert_eq!(Quotes::decode(&quotes.encode()), Ok(quotes.clone()));
    let cross = terms("transaction", 3, Some("EUR"));
    let exchange = quotes.exchange("USD", "KRW", &cross, &dates("2026-03-03")).unwrap();
    assert_eq!(
        String::from_utf8(exchange.encode()).unwrap(),
        concat!(
            r#"{"format":"saldo.exchange.v1","from":"USD","legs":[{"base":"EUR","count":"1","#,
            r#""first":"2026-03-02","last":"2026-03-02","quote":"USD","rate":"1.0832","#,
            r#""way":"divide"},{"base":"EUR","count":"1","first":"2026-03-02","#,
            r#""last":"2026-03-02","quote":"KRW","rate":"1487.35","way":"multiply"}],"#,
            r#""source":"ecb","to":"KRW"}"#,
        )
    );
    assert_eq!(
        String::from_utf8(cross.encode()).unwrap(),
        concat!(
            r#"{"age-days-max":"3","format":"saldo.fx-terms.v1","pivot":"EUR","#,
            r#""rule":"transaction","source":"ecb"}"#,
        )
    );
    for rule in ["transaction", "payment", "average", "close", "month-average:2026-03"] {
        let one = terms(rule, 0, None);
        assert_eq!(FxTerms::decode(&one.encode()), Ok(one));
        assert_eq!(rule.parse::<DateRule>().unwrap().to_string(), rule);
    }
    for text in ["month:2026-03", "closing", "", "month-close:2026-13"] {
        assert!(text.parse::<DateRule>().is_err(), "{text}");
    }
    let text = String::from_utf8(exchange.encode()).unwrap();
    for (from, to) in [("divide", "over"), ("1.0832", "1.08320"), ("2026-03-02", "20260302")] {
        let error = Exchange::decode(text.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(error.code(), "E7501", "{from}");
    }
}

proptest! {
    /// Against a search by hand through all rows.
    #[test]
    fn the_latest_allowed_quote_counts(
        rows in prop::collection::btree_map(0i64..60, 1i64..1_000_000, 1..30),
        asked in 0i64..60,
        age in 0u32..20,
    ) {
        let day = |n: i64| date(2026, 3, 1).checked_add(jiff::Span::new().days(n)).unwrap();
        let days = rows.iter().map(|(n, rate)| (day(*n), Decimal::new((*rate).into(), 4).unwrap()));
        let quotes = Quotes { name: "x".into(), pairs: [(pair("EUR/KRW"), days.collect())].into() };
        let found = quotes.exchange(
            "EUR",
            "KRW",
            &terms("transaction", age, None),
            &dates(&day(asked).to_string()),
        );
        let wanted = (0..=i64::from(age)).find_map(|back| rows.get(&(asked - back)));
        match (found, wanted) {
            (Ok(found), Some(rate)) => {
                prop_assert_eq!(found.rate()?, Decimal::new((*rate).into(), 4).unwrap());
            }
            (Err(error), None) => prop_assert_eq!(error.code(), "E7602"),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// Gone there and back, an amount is off by no more than the rounding on each way.
    #[test]
    fn there_and_back(minor in any::<i32>(), rate in 1i64..100_000_000) {
        let rate = Decimal::new(rate.into(), 4).unwrap();
        let days = [(date(2026, 3, 2), rate)].into();
        let quotes = Quotes { name: "x".into(), pairs: [(pair("EUR/KRW"), days)].into() };
        let terms = terms("transaction", 0, None);
        let go = |from, to| quotes.exchange(from, to, &terms, &dates("2026-03-02")).unwrap();
        let round = RoundTo { scale: 10, mode: Rounding::HalfEven };
        let amount = Decimal::new(minor.into(), 2).unwrap();
        let there = go("EUR", "KRW").convert(amount, round)?;
        let back = go("KRW", "EUR").convert(there, RoundTo { scale: 4, ..round })?;
        // Half a unit of ten decimals, divided by the rate, and half a unit of four.
        let error = back.checked_sub(amount)?;
        let half = dec("0.00000000005").checked_div(rate, 20, Rounding::Up)?;
        let most = half.checked_add(dec("0.00005"))?;
        prop_assert!(error <= most && error >= most.checked_neg()?, "{amount} {back}");
    }
}
