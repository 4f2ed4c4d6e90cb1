//! `exchange`: rates given and quoted, rounded row by row or once.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{dec, share, step, sum};
use crate::grouped::Case;
use ledger::{Asset, Rounding};
use proptest::prelude::*;
use settle::quotes::{DateRule, FxTerms, Pair, Quotes, answer};
use settle::steps::{Exchange, RateOf, Select};
use settle::{Effect, Outside, QuoteAsk, QuoteUsed, RoundTo, Rule, SettleError, Step};

struct Market(Vec<Quotes>);

impl Outside for Market {
    fn quote(&self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        answer(&self.0, ask)
    }

    fn plugin(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, SettleError> {
        settle::Nothing.plugin(hash, input)
    }
}

fn market() -> Market {
    let pair = |base: &str, quote: &str, days: &[(&str, &str)]| {
        let days = days.iter().map(|(day, rate)| (day.parse().unwrap(), dec(rate))).collect();
        (Pair { base: base.into(), quote: quote.into() }, days)
    };
    let won = [
        ("2016-10-31", "1400"),
        ("2016-11-01", "1450"),
        ("2016-11-02", "1460"),
        ("2016-11-30", "1500"),
        ("2016-12-10", "1600"),
    ];
    let usd = [("2016-11-30", "1.0832")];
    let usd_won = [("2016-11-30", "1380")];
    let pairs = [pair("EUR", "KRW", &won), pair("GBP", "USD", &usd), pair("USD", "KRW", &usd_won)];
    Market(vec![Quotes { name: "ecb".into(), pairs: pairs.into() }])
}

fn in_asset(code: &str) -> Step {
    let asset = Some(Asset { code: code.into(), scale: crate::grouped::scale_of(code) });
    step(
        &format!("in-{}", code.to_lowercase()),
        Rule::Select(Select { asset, ..Select::default() }),
    )
}

fn exchange(change: impl FnOnce(&mut Exchange)) -> Step {
    let mut made = Exchange {
        to: Asset { code: "KRW".into(), scale: 0 },
        measure: None,
        by: Vec::new(),
        rate: RateOf::Fixed(dec("1487.35")),
        round: RoundTo { scale: 0, mode: Rounding::HalfUp },
        each: false,
    };
    change(&mut made);
    step("won", Rule::Exchange(made))
}

fn quoted(rule: &str, age_days_max: u32, pivot: Option<&str>) -> RateOf {
    let rule: DateRule = rule.parse().unwrap();
    let pivot = pivot.map(Into::into);
    RateOf::Quoted(FxTerms { source: "ecb".into(), rule, age_days_max, pivot })
}

#[test]
fn rows_are_rounded_one_by_one_or_once() {
    let rows = [
        ("fees", "*event=a 1", "0.04 EUR"),
        ("fees", "*event=a 2", "0.05 EUR"),
        ("fees", "*event=a 3", "0.12 EUR"),
    ];
    let case = Case { asset: ("KRW", 0), rows: &rows, ..Case::default() };
    let of = |each| {
        let rows = exchange(|it| {
            (it.measure, it.by, it.each) = (Some("fees".into()), vec!["event".into()], each);
        });
        vec![in_asset("EUR"), rows]
    };
    let lines = ["won/a 1 59", "won/a 2 74", "won/a 3 178", "won/difference 1"];
    case.check("G20 each", of(true), &[&lines[..], &["won 311", "311"]].concat());
    case.check("G20 once", of(false), &[&lines[..], &["won 312", "312"]].concat());
}

#[test]
fn the_running_amount_at_a_given_rate() {
    let rows = [("owed", "", "907.34 EUR")];
    let case = Case { asset: ("USD", 2), rows: &rows, ..Case::default() };
    let to_usd = exchange(|it| {
        it.to = Asset { code: "USD".into(), scale: 2 };
        it.rate = RateOf::Fixed(dec("1.0832"));
        it.round.scale = 2;
    });
    let steps = vec![in_asset("EUR"), sum("owed"), to_usd];
    let made = case.check("G26", steps, &["owed 907.34", "won 982.83", "982.83"]).unwrap();
    assert_eq!(made.lines[2].asset, None);
    assert_eq!(made.lines[1].asset.as_ref().unwrap().code, "EUR");
}

#[test]
fn rates_of_each_date_rule() {
    let market = market();
    let rows = [("owed", "", "100.00 EUR")];
    let case = Case { asset: ("KRW", 0), rows: &rows, outside: &market, ..Case::default() };
    for (rule, wanted) in [
        ("average", "147000"),
        ("close", "150000"),
        ("month-close:2016-10", "140000"),
        ("month-average:2016-12", "160000"),
        ("payment", "E7604"),
    ] {
        let won = exchange(|it| it.rate = quoted(rule, 0, None));
        case.check(rule, vec![in_asset("EUR"), sum("owed"), won], &[wanted]);
    }
    let mut due = case.agreement(vec![
        in_asset("EUR"),
        sum("owed"),
        exchange(|it| {
            it.rate = quoted("payment", 0, None);
        }),
    ]);
    let rule = settle::calendar::DueRule {
        base: settle::calendar::Base::PeriodEnd,
        lag: settle::calendar::Lag::Days(10),
        roll: settle::calendar::Roll::None,
    };
    let parts = vec![settle::calendar::DuePart { share: dec("1"), rule }];
    due.due = Some(settle::calendar::DueTerms { parts, holidays: Vec::new() });
    let made = case.rated(&due, &settle::Left::default()).unwrap();
    assert_eq!(made.payable.to_string(), "160000");
    assert_eq!(made.quotes[0].ask.on, "2016-12-10");
}

#[test]
fn every_day_has_its_rate_and_a_missing_one_is_refused() {
    let market = market();
    let rows = [("fees", "*day=2016-11-01", "1.00 EUR"), ("fees", "*day=2016-11-02", "2.00 EUR")];
    let late = [("fees", "*day=2016-11-05", "1.00 EUR")];
    let daily = |age| {
        let rows = exchange(|it| {
            (it.measure, it.rate) = (Some("fees".into()), quoted("transaction", age, None));
        });
        vec![in_asset("EUR"), rows]
    };
    let case = Case { asset: ("KRW", 0), rows: &rows, outside: &market, ..Case::default() };
    let wanted = ["won/2016-11-01 1450", "won/2016-11-02 2920", "won 4370", "4370"];
    let made = case.check("daily", daily(0), &wanted).unwrap();
    assert_eq!(made.quotes.len(), 2);
    let case = Case { rows: &late, ..case };
    case.check("no quote", daily(2), &["E7602"]);
    case.check("an older one", daily(3), &["won/2016-11-05 1460", "1460"]);
    case.check("nothing happened", vec![in_asset("EUR"), sum("fees"), exchange(|_| ())], &["0"]);
    let recorded = settle::Recorded { quotes: &made.quotes, plugins: &settle::Nothing };
    let again = Case { rows: &rows, outside: &recorded, ..case };
    assert_eq!(again.check("as recorded", daily(0), &wanted), Some(made));
}

#[test]
fn over_a_third_asset() {
    let market = market();
    let rows = [("owed", "", "100.00 GBP")];
    let case = Case { asset: ("KRW", 0), rows: &rows, outside: &market, ..Case::default() };
    let through = |pivot| exchange(|it| it.rate = quoted("close", 0, pivot));
    let steps = |pivot| vec![in_asset("GBP"), sum("owed"), through(pivot)];
    // 1.0832 × 1380 = 1494.816
    case.check("over USD", steps(Some("USD")), &["149482"]);
    case.check("no road", steps(None), &["E7601"]);
}

#[test]
fn what_cannot_be_exchanged() {
    let rows = [("owed", "", "100.00 EUR")];
    let case = Case { asset: ("KRW", 0), rows: &rows, ..Case::default() };
    let check = |what: &str, change: fn(&mut Exchange), wanted: &str| {
        case.check(what, vec![in_asset("EUR"), sum("owed"), exchange(change)], &[wanted]);
    };
    check("sound", |_| (), "148735");
    check("into itself", |it| it.to.code = "EUR".into(), "E7302");
    check("no rows", |it| it.each = true, "E7302");
    check("rows of the running amount", |it| it.by = vec!["event".into()], "E7302");
    check("days of the running amount", |it| it.rate = quoted("transaction", 0, None), "E7302");
    check("a rate of zero", |it| it.rate = RateOf::Fixed(dec("0")), "E7302");
    check("nobody quotes", |it| it.rate = quoted("close", 0, None), "E7403");
    let forgotten = vec![in_asset("EUR"), sum("owed")];
    case.check("not exchanged at all", forgotten, &["E7301"]);
    let mixed = share("x", "line:owed", "1", Effect::Add);
    case.check(
        "a line before",
        vec![in_asset("EUR"), sum("owed"), exchange(|_| ()), mixed],
        &["E7302"],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rows in any order give the same; each and once differ by what the line states.
    #[test]
    fn differences_are_stated(cents in prop::collection::vec(-5000i64..5000, 1..8)) {
        let amounts: Vec<String> = cents.iter().map(|c| {
            format!("{} EUR", ledger::Decimal::from_minor((*c).into(), 2))
        }).collect();
        let names: Vec<String> = (0..cents.len()).map(|at| format!("*event=e {at}")).collect();
        let mut rows: Vec<_> = names.iter().zip(&amounts).map(|(n, a)| {
            ("fees", n.as_str(), a.as_str())
        }).collect();
        let rate = |rows: &[(&str, &str, &str)], each| {
            let case = Case { asset: ("KRW", 0), rows, ..Case::default() };
            let won = exchange(|it| {
                (it.measure, it.by, it.each) = (Some("fees".into()), vec!["event".into()], each);
            });
            let agreement = case.agreement(vec![in_asset("EUR"), won]);
            case.rated(&agreement, &settle::Left::default()).unwrap()
        };
        let (each, once) = (rate(&rows, true), rate(&rows, false));
        let difference = once.lines.iter().find(|line| line.name == "won/difference").unwrap();
        prop_assert_eq!(once.payable.checked_sub(each.payable).unwrap(), difference.amount);
        rows.reverse();
        prop_assert_eq!(rate(&rows, true), each);
    }
}
