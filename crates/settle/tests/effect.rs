//! The ledger effect of statements: balanced, exactly what is payable, and balances that are those
//! of the statement after any number of them.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, dec, deduct, figure, given, months, rated, share, step, sum};
use ledger::Asset;
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::effect::{hold, moved_by};
use settle::steps::{Advance, Carry, CarryTo, Exchange, Grant, Quarantine, RateOf, Reserve};
use settle::steps::{Rolling, Round, Tax, TaxItem, TaxMethod, Threshold};
use settle::{Agreement, Effect, Movement, Operand, Owed, RoundTo, Rule, Statement, Step, effect};
use std::collections::BTreeMap;

/// Minor units on each account, credits less debits, by last segment and asset.
type Balances = BTreeMap<(String, String), i128>;

fn add(balances: &mut Balances, movements: &[Movement]) {
    for movement in movements {
        assert!(movement.minor > 0, "{movement:?}");
        for (path, minor) in
            [(&movement.debit, -movement.minor), (&movement.credit, movement.minor)]
        {
            let part = path.strip_prefix("settlement:provider-share:").unwrap().to_owned();
            *balances.entry((part, movement.asset.clone())).or_default() += minor;
        }
    }
    balances.retain(|_, minor| *minor != 0);
}

fn rounded(amount: Decimal) -> i128 {
    amount.round(2, Rounding::HalfEven).unwrap().to_minor(2).unwrap()
}

/// What a statement's closing balances of these steps come to.
fn closing(statement: &Statement, steps: &[(&str, bool)]) -> i128 {
    let mut exact = Decimal::ZERO;
    for (name, amount) in &statement.closing {
        let of = name.split('/').next().unwrap();
        let Some((_, counts)) = steps.iter().find(|(step, _)| *step == of) else { continue };
        let amount = if *counts { *amount } else { amount.checked_neg().unwrap() };
        exact = exact.checked_add(amount).unwrap();
    }
    rounded(exact)
}

fn reserve() -> Step {
    let rolling = Some(Rolling { amount: figure("running", "0.1"), days: 40 });
    step("held", Rule::Reserve(Reserve { rolling, target: None, chargebacks: None }))
}

fn kept(scale: i8) -> Step {
    let to = RoundTo { scale, mode: Rounding::Down };
    step("cents", Rule::Round(Round { to, keep_residue: true }))
}

/// Shares with thousandths, and every step that keeps a balance.
fn steps() -> Vec<Step> {
    let grant = |on: &str, pays| Grant { on: on.parse().unwrap(), amount: dec("40"), pays };
    let grants = vec![grant("2016-11-05", true), grant("2016-12-05", false)];
    let round = RoundTo { scale: 2, mode: Rounding::HalfUp };
    let vat = TaxItem { name: "vat".into(), rate: dec("0.1"), on: None, round };
    let (method, of) = (TaxMethod::Added, Operand::Running);
    let tax = Tax { method, of, by: Vec::new(), items: vec![vat], effect: Effect::Add };
    vec![
        sum("m"),
        deduct("net", false, &[("fees", "line:m", "0.0123", "", "")]),
        share("share", "running", "0.333", Effect::Set),
        step("debt", Rule::Carry(Carry { to: CarryTo::Forward })),
        step("advance", Rule::Advance(Advance { grants, most: None })),
        reserve(),
        step("tax", Rule::Tax(tax)),
        kept(2),
        step("least", Rule::Threshold(Threshold { at: figure("fixed:5", "") })),
    ]
}

const KEPT: &[(&str, bool)] = &[("debt", true), ("cents", true), ("least", true)];

fn terms() -> Agreement {
    agreement(steps(), 2)
}

fn of(balances: &Balances, part: &str) -> i128 {
    balances.get(&(part.to_owned(), "EUR".to_owned())).copied().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn balances_are_those_of_the_statements(
        values in prop::collection::vec(-100_000i64..100_000, 1..6),
        opening in -5_000i64..5_000,
        receivable: bool,
    ) {
        let owed = if receivable { Owed::Receivable } else { Owed::Payable };
        let sign = if receivable { -1 } else { 1 };
        let cents = |cents: &i64| Decimal::from_minor((*cents).into(), 2).to_string();
        let values: Vec<String> = values.iter().map(cents).collect();
        let pairs: Vec<[(&str, &str); 1]> = values.iter().map(|v| [("m", v.as_str())]).collect();
        let all: Vec<&[(&str, &str)]> = pairs.iter().map(|pair| &pair[..]).collect();
        let debt = Decimal::from_minor(opening.into(), 3).to_string();
        let begins = [("debt", debt.as_str()), ("held/2016-12-01", "7.77")];
        let (mut balances, mut payable) = (Balances::new(), 0);
        for statement in months((steps(), 2), &begins, &all) {
            let movements = effect(&terms(), &statement, owed).unwrap();
            // One statement alone comes to what is payable.
            let mut own = Balances::new();
            add(&mut own, &movements);
            prop_assert_eq!(sign * of(&own, owed.word()), rounded(statement.payable));
            add(&mut balances, &movements);
            payable += rounded(statement.payable);
            prop_assert_eq!(sign * of(&balances, owed.word()), payable);
            let held = closing(&statement, &[("held", true)]);
            prop_assert_eq!(sign * of(&balances, "reserve"), held);
            prop_assert_eq!(sign * of(&balances, "carry"), closing(&statement, KEPT));
            prop_assert_eq!(
                sign * of(&balances, "advance"),
                closing(&statement, &[("advance", false)])
            );
            prop_assert_eq!(balances.values().sum::<i128>(), 0);
            // What every line moves adds up to the whole.
            let lines = statement.lines.iter();
            let moved = lines.map(|line| moved_by(&movements, &line.path, &statement, owed));
            prop_assert_eq!(moved.sum::<i128>(), rounded(statement.payable));
        }
    }
}

/// Steps that keep balances of what was not rounded before: thousandths are held back, worked off
/// and set apart.
fn fine_steps(apart: bool) -> Vec<Step> {
    let (measure, by) = ("m".to_owned(), "player".to_owned());
    let quarantine = Quarantine { measure, by, threshold: dec("50") };
    let middle = if apart {
        step("large", Rule::Quarantine(quarantine))
    } else {
        step("least", Rule::Threshold(Threshold { at: figure("fixed:40", "") }))
    };
    vec![sum("m"), share("share", "running", "0.333", Effect::Set), middle, kept(2)]
}

#[test]
fn balances_finer_than_minor_units_are_rounded_once() {
    let check = |amounts: &[&str], apart: bool, opening: (&str, &str)| {
        let agreement = {
            let mut made = agreement(fine_steps(apart), 2);
            made.opening = [(opening.0.to_owned(), dec(opening.1))].into();
            made
        };
        let (mut balances, mut left) = (Balances::new(), settle::Left::default());
        let mut period: settle::Period = "2016-11".parse().unwrap();
        for amount in amounts {
            let (measures, mut sums) = given(&[("m", amount)], 2);
            let player = |sum: &settle::AccountSum| settle::AccountSum {
                path: format!("{}*player=a", sum.path),
                ..sum.clone()
            };
            sums.extend(sums.iter().map(player).collect::<Vec<_>>());
            let span = period.span(&agreement.zone).unwrap();
            let inputs = settle::Inputs { left: &left, ..settle::Inputs::of(&measures, &sums) };
            let statement = settle::rate(&agreement, period, span, &inputs).unwrap();
            add(&mut balances, &effect(&agreement, &statement, Owed::Payable).unwrap());
            let kept = closing(&statement, &[("large", false), ("least", true), ("cents", true)]);
            assert_eq!(of(&balances, "carry"), kept, "{amounts:?} {period}");
            let id = statement.id();
            left.previous = Some(settle::Previous { id, body_hash: "0".repeat(64) });
            left.balances = statement.closing;
            period = period.next().unwrap();
        }
    };
    for amounts in [&["10.01", "10.01", "10.01"][..], &["99.99", "200", "0.01"], &["-7.77", "1"]] {
        check(amounts, false, ("least", "3.337"));
    }
    for amounts in [&["-100.01", "-70.03", "40.01"][..], &["-51.05", "100.07"], &["12.34"]] {
        check(amounts, true, ("large/a", "20.337"));
    }
}

#[test]
fn lines_finer_than_minor_units() {
    let (measures, sums) = given(&[("m", "100.01")], 2);
    let steps = vec![
        sum("m"),
        deduct("net", false, &[("fee", "line:m", "0.03", "", "")]),
        share("share", "running", "0.5", Effect::Set),
        crate::common::round("cents", Rounding::Up, 2),
    ];
    let agreement = agreement(steps, 2);
    let statement = rated(&agreement, &measures, &sums).unwrap();
    let moved = effect(&agreement, &statement, Owed::Payable).unwrap();
    let last = |path: &str| path.rsplit(':').next().unwrap().to_owned();
    let moved = moved
        .iter()
        .map(|m| format!("{} {}>{} {}", m.line, last(&m.debit), last(&m.credit), m.minor));
    // 100.01, less 3.0003, half of it 48.50485, rounded up.
    let expected = [
        "10-m earned>payable 10001",
        "20-net/fee payable>deductions 300",
        "30-share payable>earned 4851",
        "40-cents earned>payable 1",
    ];
    assert_eq!(moved.collect::<Vec<_>>(), expected);
}

#[test]
fn accounts_of_a_statement() {
    let (measures, sums) = given(&[("m", "1000"), ("wins", "250.005")], 3);
    let steps = vec![
        sum("m"),
        deduct("net", false, &[("won", "measure:wins", "", "", "")]),
        share("share", "running", "0.5", Effect::Set),
        crate::common::round("cents", Rounding::HalfUp, 2),
    ];
    let mut agreement = agreement(steps, 3);
    agreement.asset.scale = 2;
    let (measures, sums) = (measures, rescaled(sums));
    let statement = rated(&agreement, &measures, &sums).unwrap();
    assert_eq!(statement.payable, dec("375.00"));
    for (owed, expected) in [
        (
            Owed::Payable,
            [
                "10-m earned>payable 100000",
                "20-net/won payable>deductions 25000",
                "30-share payable>earned 37500",
            ],
        ),
        (
            Owed::Receivable,
            [
                "10-m receivable>earned 100000",
                "20-net/won deductions>receivable 25000",
                "30-share earned>receivable 37500",
            ],
        ),
    ] {
        let last = |path: &str| path.rsplit(':').next().unwrap().to_owned();
        let found = effect(&agreement, &statement, owed)
            .unwrap()
            .into_iter()
            .map(|m| format!("{} {}>{} {}", m.line, last(&m.debit), last(&m.credit), m.minor));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}

/// Thousandths taken for hundredths, so that the test's own sums are in the asset's units.
fn rescaled(mut sums: Vec<settle::AccountSum>) -> Vec<settle::AccountSum> {
    for sum in &mut sums {
        (sum.total.debit, sum.total.credit) = (sum.total.debit / 10, sum.total.credit / 10);
    }
    sums
}

#[test]
fn an_exchange_closes_one_asset_and_opens_the_other() {
    let (measures, sums) = given(&[("m", "1000.00")], 2);
    let (to, rate) = (Asset { code: "KRW".into(), scale: 0 }, RateOf::Fixed(dec("1500.5")));
    let round = RoundTo { scale: 0, mode: Rounding::HalfUp };
    let exchange =
        Exchange { to: to.clone(), measure: None, by: Vec::new(), rate, round, each: false };
    let won = Asset { code: "EUR".into(), scale: 2 };
    let select = settle::steps::Select { asset: Some(won), ..Default::default() };
    let steps = vec![
        step("in-eur", Rule::Select(select)),
        sum("m"),
        share("share", "running", "0.5", Effect::Set),
        step("fx", Rule::Exchange(exchange)),
    ];
    let agreement = Agreement { asset: to, ..agreement(steps, 2) };
    let statement = rated(&agreement, &measures, &sums).unwrap();
    assert_eq!(statement.payable, dec("750250"));
    let movements = effect(&agreement, &statement, Owed::Payable).unwrap();
    let mut balances = Balances::new();
    add(&mut balances, &movements);
    let expected = [
        (("earned", "EUR"), -50_000),
        (("exchange", "EUR"), 50_000),
        (("exchange", "KRW"), -750_250),
        (("payable", "KRW"), 750_250),
    ];
    let expected: Balances =
        expected.map(|((part, asset), minor)| ((part.into(), asset.into()), minor)).into();
    assert_eq!(balances, expected);
    // Only what is in the agreement's asset can be held.
    assert_eq!(moved_by(&movements, "30-share", &statement, Owed::Payable), 0);
    assert_eq!(moved_by(&movements, "40-fx", &statement, Owed::Payable), 750_250);
    let held = hold(&statement, "40-fx", 750_250, Owed::Payable).unwrap();
    let (debit, credit) = ("settlement:provider-share:payable", "settlement:provider-share:held");
    assert_eq!((held.debit.as_str(), held.credit.as_str()), (debit, credit));
    let back = hold(&statement, "40-fx", -750_250, Owed::Payable).unwrap();
    assert_eq!((back.debit.as_str(), back.credit.as_str()), (credit, debit));
}

#[test]
fn what_cannot_be_posted_is_refused() {
    let (measures, mut sums) = given(&[("m", "1")], 2);
    for (minor, fits) in [(1i128 << 100, true), ((1i128 << 100) + 1, false)] {
        sums[0].total.credit = minor;
        let agreement = agreement(vec![sum("m")], 2);
        let statement = rated(&agreement, &measures, &sums).unwrap();
        let found = effect(&agreement, &statement, Owed::Payable);
        let found = found.map(|movements| movements[0].minor).map_err(|error| error.code());
        assert_eq!(found, if fits { Ok(minor) } else { Err("E7401") });
    }
}

#[test]
fn a_correction_moves_balances_that_are_others_now() {
    let (measures, sums) = given(&[("m", "100")], 2);
    let agreement = agreement(vec![sum("m"), reserve()], 2);
    let rate = |left: &settle::Left, sums: &[settle::AccountSum], month: &str| {
        let period: settle::Period = month.parse().unwrap();
        let inputs = settle::Inputs { left, ..settle::Inputs::of(&measures, sums) };
        settle::rate(&agreement, period, period.span(&agreement.zone).unwrap(), &inputs).unwrap()
    };
    let first = rate(&settle::Left::default(), &sums, "2016-11");
    let late = rate(&settle::Left::default(), &given(&[("m", "150")], 2).1, "2016-11");
    let correction = settle::correction(&first, &late).unwrap();
    let left = settle::Left {
        previous: Some(settle::Previous { id: first.id(), body_hash: "0".repeat(64) }),
        balances: late.closing.clone(),
        corrections: vec![correction],
    };
    let second = rate(&left, &given(&[("m", "20")], 2).1, "2016-12");
    let mut balances = Balances::new();
    for statement in [&first, &second] {
        add(&mut balances, &effect(&agreement, statement, Owed::Payable).unwrap());
    }
    // 10 and then 15 were held of November, and 2 of December.
    let held = |amount: &str| rounded(dec(amount));
    assert_eq!(of(&balances, "reserve"), held("17"));
    assert_eq!(of(&balances, "corrections"), -held("50"));
    assert_eq!(of(&balances, "payable"), held("153"));
}
