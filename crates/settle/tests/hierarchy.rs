//! `hierarchy`: every level keeps its rate less the one below, and all of them the top rate.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{dec, round, step};
use crate::grouped::Case;
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::steps::{Hierarchy, LevelRate, NetLoss};
use settle::{Effect, Left, RoundTo, Rule, Step};

/// `party[/product][@from] turnover [net loss]`
fn rate(text: &str) -> LevelRate {
    let mut words = text.split(' ');
    let name = words.next().unwrap();
    let (name, from) = name.split_once('@').map_or((name, None), |(n, from)| (n, Some(from)));
    let (party, product) = name.split_once('/').map_or((name, None), |(n, p)| (n, Some(p)));
    let mut of = || words.next().filter(|word| *word != "-").map(dec);
    LevelRate {
        party: party.into(),
        product: product.map(Into::into),
        from: from.map(|from| from.parse().unwrap()),
        turnover: of(),
        net_loss: of(),
    }
}

fn hierarchy(rates: &[&str], change: impl FnOnce(&mut Hierarchy)) -> Vec<Step> {
    let tree = [("store", "distributor"), ("distributor", "sub-hq"), ("sub-hq", "hq")];
    let mut made = Hierarchy {
        party: "partner".into(),
        product: None,
        turnover: Some("bets".into()),
        net_loss: None,
        parents: tree.map(|(party, parent)| (party.into(), parent.into())).into(),
        rates: rates.iter().map(|text| rate(text)).collect(),
        round: None,
        pays: None,
        effect: Effect::Set,
    };
    change(&mut made);
    vec![step("agents", Rule::Hierarchy(made)), round("won", Rounding::Down, 0)]
}

const RATES: &[&str] = &["store 0.008", "distributor 0.010", "sub-hq 0.012", "hq 0.015"];

fn won<'a>(rows: &'a [(&'a str, &'a str, &'a str)]) -> Case<'a> {
    Case { asset: ("KRW", 0), rows, ..Case::default() }
}

#[test]
fn each_keeps_the_difference() {
    let rows = [("bets", "*partner=store", "100000000")];
    let wanted = [
        "agents/store 800000",
        "agents/distributor 200000",
        "agents/sub-hq 200000",
        "agents/hq 300000",
        "agents 1500000",
        "1500000",
    ];
    let made = won(&rows).check("G10", hierarchy(RATES, |_| ()), &wanted).unwrap();
    assert_eq!(made.lines[1].rate, Some(dec("0.002")));
    assert_eq!(made.lines[1].notes["of.1"], "100000000 x (0.01 - 0.008 of store)");
    let to = |party: &str| hierarchy(RATES, |it| it.pays = Some(party.into()));
    won(&rows).check("of one party", to("hq"), &["agents/all 1500000", "agents 300000", "300000"]);
    won(&rows).check("of nobody", to("nobody"), &["agents/all 1500000", "0"]);
    won(&[]).check("nothing happened", hierarchy(RATES, |_| ()), &["agents 0", "0"]);
}

#[test]
fn parties_without_a_rate_are_passed_over() {
    let rows = [
        ("bets", "*partner=store", "1000000"),
        ("bets", "*partner=sub-hq", "500000"),
        ("bets", "*partner=stranger", "70000"),
    ];
    let rates = ["store 0.008", "hq 0.015"];
    let wanted = ["agents/store 8000", "agents/hq 14500", "22500"];
    let made = won(&rows).check("gaps", hierarchy(&rates, |_| ()), &wanted).unwrap();
    let hq = made.lines.iter().find(|line| line.name == "agents/hq").unwrap();
    assert_eq!((hq.base, hq.rate), (Some(dec("1500000")), None));
    let own = made.lines.iter().find(|line| line.name == "agents").unwrap();
    assert_eq!(own.notes["unrated"], "70000");
}

#[test]
fn turnover_and_net_losses() {
    let rows = [
        ("bets", "*game=casino*partner=store", "100000000"),
        ("ggr", "*game=casino*partner=store", "8000000"),
        ("bets", "*game=slot*partner=store", "50000000"),
        ("ggr", "*game=slot*partner=store", "-1000000"),
    ];
    let of = |each, rates: &[&str]| {
        hierarchy(rates, |it| {
            it.product = Some("game".into());
            it.net_loss = Some(NetLoss { measure: "ggr".into(), each });
        })
    };
    let wanted = [
        "agents/store/casino 1000000",
        "agents/store/casino/loss 700000",
        "agents/store/slot 1500000",
        "agents/store/slot/loss 0",
        "3200000",
    ];
    let each = ["store/casino 0.01 0.1", "store/slot 0.03 0.1"];
    won(&rows).check("G11", of(true, &each), &wanted);
    let all = ["store/casino 0.01", "store/slot 0.03", "store - 0.1"];
    let wanted = ["agents/store/loss 450000", "2950000"];
    won(&rows).check("G11 netted", of(false, &all), &wanted);
    won(&rows).check("a rate a product, netted", of(false, &each), &["E7302"]);
}

#[test]
fn rates_are_those_of_the_day() {
    let rows = [
        ("bets", "*day=2016-11-09*partner=store", "1000"),
        ("bets", "*day=2016-11-10*partner=store", "1000"),
    ];
    let rates = ["store 0.1", "store@2016-11-10 0.2", "hq 0.2", "hq@2016-11-10 0.3"];
    let wanted = ["agents/store 300", "agents/hq 200", "500"];
    let made = won(&rows).check("by day", hierarchy(&rates, |_| ()), &wanted).unwrap();
    assert_eq!(made.lines[0].notes["of.2"], "1000 x 0.2");
    let of = |rates: &[&str]| {
        hierarchy(rates, |it| {
            it.turnover = None;
            it.net_loss = Some(NetLoss { measure: "bets".into(), each: true });
        })
    };
    let start = ["store - 0.1", "store@2016-11-01 - 0.2"];
    let rows = [("bets", "*partner=store", "1000")];
    won(&rows).check("from the period's start", of(&start), &["200"]);
    won(&rows).check("inside the period", of(&["store@2016-11-02 - 0.2"]), &["E7302"]);
    let agreement = won(&rows).agreement(of(&["store@2016-11-02 - 0.2"]));
    let error = won(&rows).rated(&agreement, &Left::default()).unwrap_err().to_string();
    let name = &agreement.steps[0].name;
    assert!(error.contains(&format!("the step {name} ")), "{error} names {name}");
    assert!(error.contains("net-loss rate of store"), "{error}");
    won(&rows).check("in the next period", of(&["store@2016-12-01 - 0.2"]), &["0"]);
}

#[test]
fn a_rate_above_its_parents_is_refused_for_every_day() {
    let check = |what, rates: &[&str], wanted| {
        let product = |it: &mut Hierarchy| it.product = Some("game".into());
        won(&[]).check(what, hierarchy(rates, product), &[wanted]);
    };
    check("sound", RATES, "0");
    check("equal", &["store 0.01", "hq 0.01"], "0");
    check("above", &["store 0.016", "hq 0.015"], "E7302");
    check("above the next with a rate", &["store 0.016", "hq 0.02", "sub-hq 0.015"], "E7302");
    check("later", &["store 0.01", "store@2020-01-01 0.016", "hq 0.015"], "E7302");
    check("until later", &["store 0.016", "hq 0.015", "hq@2020-01-01 0.02"], "E7302");
    check("of one product", &["store/slot 0.016", "hq 0.015"], "E7302");
    check("of its parent's product", &["store 0.01", "hq 0.015", "hq/slot 0.005"], "E7302");
    check("of losses", &["store 0.01 0.2", "hq 0.015 0.1"], "E7302");
    check("twice", &["store 0.01", "store 0.02"], "E7302");
    check("no rate", &["store"], "E7302");
    check("below zero", &["store -0.01"], "E7302");
    check("no rates", &[], "E7302");
    let rates = ["store 0.01"];
    let around = |it: &mut Hierarchy| {
        it.parents.insert("hq".into(), "store".into());
    };
    won(&[]).check("in a circle", hierarchy(&rates, around), &["E7302"]);
    won(&[]).check("reads nothing", hierarchy(&rates, |it| it.turnover = None), &["E7302"]);
    let products = ["store/slot 0.01"];
    won(&[]).check("no products", hierarchy(&products, |_| ()), &["E7302"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rounded or not, the levels keep the top rate of the turnover, in whatever order it came.
    #[test]
    fn levels_add_up_to_the_top_rate(
        bets in prop::collection::vec((0usize..4, -50_000i64..5_000_000), 1..8),
        steps in prop::collection::vec(0i64..30, 4),
        rounds: bool,
    ) {
        let names = ["store", "distributor", "sub-hq", "hq"];
        let mut sum = 0;
        let rates: Vec<String> = names.iter().zip(&steps).map(|(name, more)| {
            sum += more;
            format!("{name} {}", Decimal::from_minor(sum.into(), 4))
        }).collect();
        let rates: Vec<&str> = rates.iter().map(String::as_str).collect();
        let texts: Vec<(String, String)> = bets.iter().map(|(leaf, bet)| {
            (format!("*partner={}", names[*leaf]), bet.to_string())
        }).collect();
        let mut rows: Vec<_> =
            texts.iter().map(|(leaf, bet)| ("bets", leaf.as_str(), bet.as_str())).collect();
        let to = RoundTo { scale: 0, mode: Rounding::HalfUp };
        let rated = |rows: &[(&str, &str, &str)]| {
            let case = won(rows);
            let steps = hierarchy(&rates, |it| it.round = rounds.then_some(to));
            case.rated(&case.agreement(steps), &Left::default()).unwrap()
        };
        let made = rated(&rows);
        let turnover: i64 = bets.iter().map(|(_, bet)| *bet).sum();
        let top = Decimal::from_minor(sum.into(), 4);
        let exact = top.checked_mul(Decimal::from_minor(turnover.into(), 0)).unwrap();
        let wanted = if rounds { to.apply(exact).unwrap() } else { exact };
        let own = made.lines.iter().find(|line| line.name == "agents").unwrap();
        prop_assert_eq!(own.amount.canonical(), wanted.canonical());
        let levels = made.lines.iter().filter(|line| line.name.starts_with("agents/"));
        let levels = levels.fold(Decimal::ZERO, |sum, line| sum.checked_add(line.amount).unwrap());
        prop_assert_eq!(levels.canonical(), wanted.canonical());
        rows.reverse();
        prop_assert_eq!(rated(&rows), made);
    }
}
