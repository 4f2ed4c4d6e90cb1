//! After which step an amount may be finer than its asset, one line per case.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{
    BANDS, cap, dec, deduct, figure, minimum, round, share, step, sum, tier, total,
};
use ledger::{Asset, Rounding};
use settle::steps::{
    Advance, Carry, CarryTo, Count, Exchange, Fixed, Grant, Hierarchy, Item, Part, RateOf,
};
use settle::steps::{Method, Reserve, Rolling, Round, Select, Split, Tax, TaxItem, TaxMethod};
use settle::steps::{Threshold, Tier};
use settle::{Effect, RoundTo, Rule, Step, unrounded};

fn to(scale: i8) -> RoundTo {
    RoundTo { scale, mode: Rounding::Down }
}

fn half(effect: Effect) -> Step {
    share("half", "running", "0.5", effect)
}

fn carry(name: &str, to: CarryTo) -> Step {
    step(name, Rule::Carry(Carry { to }))
}

fn pool(name: &str) -> Step {
    carry(name, CarryTo::Shared("all".into()))
}

fn fixed(amount: &str, prorate: Option<i8>) -> Step {
    let (amount, prorate) = (dec(amount), prorate.map(to));
    let effect = Effect::Add;
    step("x", Rule::Fixed(Fixed { amount, first: None, last: None, prorate, effect }))
}

fn item(count: Count, each: &str, round: Option<i8>) -> Step {
    let (measure, each, round) = ("m".into(), dec(each), round.map(to));
    step("x", Rule::Item(Item { measure, count, each, round, effect: Effect::Add }))
}

fn tax(method: TaxMethod, of: &str, scale: i8) -> Step {
    let item = TaxItem { name: "vat".into(), rate: dec("0.1"), on: None, round: to(scale) };
    let (of, items) = (of.parse().unwrap(), vec![item]);
    step("x", Rule::Tax(Tax { method, of, by: Vec::new(), items, effect: Effect::Add }))
}

fn reserve(of: &str, rate: &str, target: &str) -> Step {
    let rolling = Some(Rolling { amount: figure(of, rate), days: 9 });
    let target = (!target.is_empty()).then(|| figure(target, ""));
    step("x", Rule::Reserve(Reserve { rolling, target, chargebacks: None }))
}

fn advance(amount: &str, most: &str) -> Step {
    let on = "2016-11-01".parse().unwrap();
    let grants = vec![Grant { on, amount: dec(amount), pays: false }];
    let most = (!most.is_empty()).then(|| figure("running", most));
    step("x", Rule::Advance(Advance { grants, most }))
}

fn split(of: &str) -> Step {
    let part = Part { name: "a".into(), gets: "weight:1".parse().unwrap() };
    step("x", Rule::Split(Split { of: of.parse().unwrap(), parts: vec![part], keep: None }))
}

fn exchange(scale: u8, digits: i8) -> Step {
    let to_asset = Asset { code: "USD".into(), scale };
    step(
        "x",
        Rule::Exchange(Exchange {
            to: to_asset,
            measure: None,
            by: Vec::new(),
            rate: RateOf::Fixed(dec("1.1")),
            round: to(digits),
            each: false,
        }),
    )
}

fn rounded_tier(scale: Option<i8>) -> Step {
    let mut step = tier("x", Method::Slab, BANDS);
    let Rule::Tier(Tier { round, .. }) = &mut step.rule else { unreachable!("a tier") };
    *round = scale.map(to);
    step
}

fn hierarchy(round: Option<i8>) -> Step {
    let (turnover, net_loss, product, pays) = (Some("m".into()), None, None, None);
    let (parents, rates, round) = ([].into(), Vec::new(), round.map(to));
    let (party, effect) = ("partner".into(), Effect::Set);
    let made =
        Hierarchy { party, product, turnover, net_loss, parents, rates, round, pays, effect };
    step("x", Rule::Hierarchy(made))
}

fn kept(scale: i8) -> Step {
    step("x", Rule::Round(Round { to: to(scale), keep_residue: true }))
}

/// Steps after a sum of whole cents; the place of the sum is 0.
#[track_caller]
fn check(steps: Vec<Step>, wanted: Option<usize>) {
    let all: Vec<Step> = std::iter::once(sum("m")).chain(steps).collect();
    let found = unrounded(&all, &Asset { code: "EUR".into(), scale: 2 });
    assert_eq!(found, wanted, "{:?}", all.iter().map(|step| step.rule.word()).collect::<Vec<_>>());
}

#[test]
fn single_steps() {
    let least = || step("least", Rule::Threshold(Threshold { at: figure("fixed:10", "0.333") }));
    let cents = || round("r", Rounding::Up, 2);
    let bonus = |of, rate, cap, cap_rate| deduct("d", false, &[("b", of, rate, cap, cap_rate)]);
    let cases = vec![
        (half(Effect::Set), true),
        (half(Effect::Keep), false),
        (half(Effect::Subtract), true),
        (share("x", "line:m", "", Effect::Add), false),
        (share("x", "fixed:0.005", "", Effect::Add), true),
        (rounded_tier(None), true),
        (rounded_tier(Some(2)), false),
        (rounded_tier(Some(3)), true),
        (rounded_tier(Some(-1)), false),
        (minimum("x", "fixed:1.25"), false),
        (minimum("x", "fixed:1.255"), true),
        (cap("x", "measure:m"), false),
        (cap("x", "fixed:1.255"), true),
        (bonus("measure:m", "", "", ""), false),
        (bonus("measure:m", "0.1", "", ""), true),
        (bonus("measure:m", "", "line:m", "0.2"), true),
        (total("x", &["+m"]), false),
        (fixed("1.25", None), false),
        (fixed("1.255", None), true),
        (fixed("1.255", Some(2)), false),
        (fixed("1", Some(3)), true),
        (item(Count::Postings, "0.25", None), false),
        (item(Count::Postings, "0.025", None), true),
        (item(Count::Postings, "0.025", Some(2)), false),
        (item(Count::Value, "2", None), false),
        (item(Count::Value, "0.2", None), true),
        (tax(TaxMethod::Withheld, "running", 2), false),
        (tax(TaxMethod::Withheld, "running", 3), true),
        (reserve("line:m", "", ""), false),
        (reserve("line:m", "0.1", ""), true),
        (reserve("line:m", "", "fixed:0.001"), true),
        (advance("5", ""), false),
        (advance("5.001", ""), true),
        (advance("5", "0.5"), true),
        (carry("x", CarryTo::Forward), false),
        (pool("x"), false),
        (least(), false),
        (split("running"), false),
        (cents(), false),
        (kept(2), false),
        (kept(3), true),
        (exchange(2, 2), false),
        (exchange(2, 3), true),
        (exchange(3, 3), false),
        (hierarchy(Some(2)), false),
        (hierarchy(Some(3)), true),
        (hierarchy(None), true),
    ];
    for (step, is_fine) in cases {
        check(vec![step.clone()], is_fine.then_some(1));
        check(vec![step, half(Effect::Set), round("end", Rounding::Up, 2)], None);
    }
}

#[test]
fn what_follows_a_fine_amount() {
    let cents = || round("r", Rounding::Up, 2);
    for (steps, wanted) in [
        (vec![half(Effect::Set), sum("again")], None),
        (vec![half(Effect::Set), carry("x", CarryTo::Forward)], Some(1)),
        (vec![half(Effect::Set), cap("x", "fixed:5")], Some(1)),
        (vec![half(Effect::Set), split("running"), cents()], Some(1)),
        (vec![half(Effect::Set), split("line:m")], None),
        // A floor takes what runs into its deductions; without one they stay whole.
        (vec![deduct("d", true, &[("b", "line:m", "", "", "")]), total("x", &["+b"])], None),
        (
            vec![
                half(Effect::Set),
                deduct("d", true, &[("b", "line:m", "", "", "")]),
                total("x", &["+b"]),
            ],
            Some(3),
        ),
        (
            vec![
                half(Effect::Set),
                deduct("d", false, &[("b", "line:m", "", "", "")]),
                total("x", &["+b"]),
            ],
            None,
        ),
        (vec![half(Effect::Set), round("r", Rounding::Up, 3)], Some(1)),
        (vec![half(Effect::Set), cents(), fixed("1", None)], None),
        (vec![half(Effect::Keep), total("x", &["+half"])], Some(2)),
        (vec![half(Effect::Set), cents(), total("x", &["+half"])], Some(3)),
        (vec![half(Effect::Set), cents(), share("x", "line:half", "", Effect::Add)], Some(3)),
        (vec![tax(TaxMethod::Included, "running", 2)], None),
        (vec![half(Effect::Keep), tax(TaxMethod::Included, "line:half", 2)], Some(2)),
        (vec![half(Effect::Keep), tax(TaxMethod::Added, "line:half", 2)], None),
        // Through a pool: what is left in it by a later step comes out of an earlier one.
        (vec![pool("a"), half(Effect::Set), pool("b"), sum("again")], None),
        (vec![pool("a"), share("x", "line:a", "", Effect::Set), half(Effect::Keep)], None),
        (vec![pool("a"), half(Effect::Add), pool("b"), total("t", &["+a"])], Some(4)),
        (vec![half(Effect::Set), pool("a"), sum("again"), pool("b")], Some(4)),
    ] {
        check(steps, wanted);
    }
    check(vec![step("netting", Rule::Net(crate::common::net()))], None);
    let asset = Some(Asset { code: "BTC".into(), scale: 8 });
    let select = step("s", Rule::Select(Select { asset, ..Select::default() }));
    check(vec![select, fixed("0.005", None)], None);
    assert_eq!(unrounded(&[], &Asset { code: "EUR".into(), scale: 2 }), None);
}
