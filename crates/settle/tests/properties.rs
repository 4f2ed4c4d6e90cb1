//! Properties of rating: order-free, monotone tiers, no silent overflow, zeros without input.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{
    BANDS, agreement, cap, chained, deduct, given, minimum, rated, round, share, sum, tier,
};
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::steps::Method::{Marginal, Slab};
use settle::{AccountSum, Effect, PeriodKind, Statement, Step};

fn flow() -> Vec<Step> {
    vec![
        sum("stakes"),
        deduct("ggr", false, &[("won", "measure:wins", "", "", "")]),
        deduct(
            "ngr",
            true,
            &[
                ("bonus", "measure:bonuses", "", "line:ggr", "0.2"),
                ("fees", "line:stakes", "0.0123", "", ""),
            ],
        ),
        tier("share", Slab, BANDS),
        tier("again", Marginal, BANDS),
        minimum("low", "fixed:10"),
        cap("high", "line:ggr"),
        share("fund", "line:ngr", "0.01", Effect::Add),
        round("cents", Rounding::HalfEven, 2),
    ]
}

fn rate_minor(values: [i64; 3]) -> Result<Statement, settle::SettleError> {
    let text = values.map(|v| Decimal::from_minor(v.into(), 2).to_string());
    let names = ["stakes", "wins", "bonuses"];
    let pairs: Vec<_> = names.into_iter().zip(text.iter().map(String::as_str)).collect();
    let (measures, sums) = given(&pairs, 2);
    rated(&agreement(flow(), 2), &measures, &sums)
}

/// What a marginal tier over the golden bands gives.
fn marginal(figure: Decimal) -> Decimal {
    let (measures, sums) = given(&[("m", &figure.to_string())], 2);
    let steps = vec![sum("m"), tier("t", Marginal, BANDS)];
    let mut one = agreement(steps, 2);
    one.asset.scale = 18;
    // Cents as units of an asset with 18 decimals, so that nothing needs rounding.
    let up = 10i128.pow(16);
    let mut fine = sums[0].clone();
    fine.total.debit *= up;
    fine.total.credit *= up;
    rated(&one, &measures, &[fine]).unwrap().payable
}

#[test]
fn without_input_the_same_lines_state_zeros() {
    let (measures, _) = given(&[("stakes", "0"), ("wins", "0"), ("bonuses", "0")], 2);
    let empty = rated(&agreement(flow(), 2), &measures, &[]).unwrap();
    let full = rate_minor([1_000_000, 400_000, 90_000]).unwrap();
    let paths = |s: &Statement| s.lines.iter().map(|line| line.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&empty), paths(&full));
    let stated = |line: &&settle::Line| !["low", "high", "fund"].contains(&line.name.as_str());
    assert!(empty.lines.iter().filter(stated).all(|line| line.amount.is_zero()));
    let unique: std::collections::BTreeSet<_> = full.lines.iter().map(|line| &line.path).collect();
    assert_eq!(unique.len(), full.lines.len());
}

#[test]
fn periods_and_versions_that_do_not_fit() {
    let (measures, sums) = given(&[("m", "1")], 2);
    let month = crate::common::agreement(vec![sum("m")], 2);
    let period: settle::Period = "2016-11".parse().unwrap();
    let span = period.span(&month.zone).unwrap();
    let mut late = month.clone();
    late.effective.start = span.start + 1;
    let mut early = month.clone();
    early.effective.end = span.end - 1;
    let mut exact = month.clone();
    exact.effective = span;
    let mut weekly = month.clone();
    weekly.period = PeriodKind::Week;
    let mut nowhere = month.clone();
    nowhere.zone = "Mars/Olympus".into();
    let mut alone = month.clone();
    alone.to.clone_from(&alone.from);
    for (what, agreement, wanted) in [
        ("good", month, None),
        ("exactly", exact, None),
        ("begins inside", late, Some("E7106")),
        ("ends inside", early, Some("E7106")),
        ("other calendar", weekly, Some("E7105")),
        ("zone", nowhere, Some("E7301")),
        ("one party", alone, Some("E7301")),
    ] {
        let inputs = settle::Inputs::of(&measures, &sums);
        let code = settle::rate(&agreement, period, span, &inputs).err().map(|e| e.code());
        assert_eq!(code, wanted, "{what}");
    }
    let never = ledger::time::Span { start: span.start, end: span.start };
    let inputs = settle::Inputs::of(&measures, &sums);
    let error = settle::rate(&agreement(vec![sum("m")], 2), period, never, &inputs).unwrap_err();
    assert_eq!(error.code(), "E7103");
}

#[test]
fn every_mistake_is_reported() {
    let mut wrong =
        agreement(vec![share("a", "line:x", "", Effect::Set), minimum("a", "line:y"), sum("B")], 2);
    wrong.version = 0;
    let codes: Vec<_> = wrong.check().iter().map(settle::SettleError::code).collect();
    assert_eq!(codes, ["E7301", "E7304", "E7304", "E7303", "E7302"]);
    assert_eq!(wrong.measures().into_iter().collect::<Vec<_>>(), ["B"]);
}

proptest! {
    #[test]
    fn lines_chain_and_bodies_come_back(values in any::<[i64; 3]>()) {
        let statement = rate_minor(values).unwrap();
        chained(&statement);
        prop_assert_eq!(Statement::parse(&statement.body()), Ok(statement));
    }

    #[test]
    fn neither_order_nor_splitting_matters(
        parts in prop::collection::vec((0usize..3, 0..1i128 << 60, 0..1i128 << 60), 0..12),
    ) {
        let names = [("stakes", "0"), ("wins", "0"), ("bonuses", "0")];
        let (measures, zero) = given(&names, 2);
        let mut split = Vec::new();
        let mut whole = zero.clone();
        for (at, debit, credit) in parts {
            let total = ledger::Total { debit, credit, count: 1 };
            whole[at].total.add(total).unwrap();
            split.push(AccountSum { total, ..zero[at].clone() });
        }
        split.extend(zero);
        split.reverse();
        let one = agreement(flow(), 2);
        let body = |sums: &[AccountSum]| rated(&one, &measures, sums).unwrap().body();
        prop_assert_eq!(body(&whole), body(&split));
    }

    /// A cent more never gives less, and never jumps by more than the highest rate of a cent.
    #[test]
    fn a_marginal_tier_is_monotone_and_continuous(cents in -20_000_000i64..20_000_000) {
        let at = |cents: i64| marginal(Decimal::from_minor(cents.into(), 2));
        let rise = at(cents + 1).checked_sub(at(cents)).unwrap();
        let allowed = crate::common::dec("0.0025")..=crate::common::dec("0.005");
        prop_assert!(allowed.contains(&rise), "{rise}");
    }

    /// Slab and marginal agree up to the first bound, and slab gives no less above it.
    #[test]
    fn slab_is_never_below_marginal_where_rates_rise(cents in 0i64..20_000_000) {
        let figure = Decimal::from_minor(cents.into(), 2).to_string();
        let (measures, sums) = given(&[("m", &figure)], 2);
        let give = |method| {
            let steps = vec![sum("m"), tier("t", method, BANDS), round("r", Rounding::Floor, 2)];
            rated(&agreement(steps, 2), &measures, &sums).unwrap().payable
        };
        let (slab, marginal) = (give(Slab), give(Marginal));
        let holds = if cents <= 500_000 { slab == marginal } else { slab > marginal };
        prop_assert!(holds, "{slab} and {marginal}");
    }

    /// Whatever the size, the result is exact or refused: a share of a share is checked against
    /// the product of the rates taken at once.
    #[test]
    fn nothing_overflows_silently(
        minor in any::<i128>(),
        a in 0i64..1_000_000_000_000,
        b in 0i64..1_000_000_000_000,
    ) {
        let minor = minor.max(-i128::MAX);
        let value = Decimal::from_minor(minor, 0);
        let (a, b) = (Decimal::from_minor(a.into(), 9), Decimal::from_minor(b.into(), 9));
        let (measures, sums) = given(&[("m", &value.to_string())], 0);
        let steps = vec![
            sum("m"),
            share("a", "running", &a.to_string(), Effect::Set),
            share("b", "running", &b.to_string(), Effect::Set),
        ];
        let mut one = agreement(steps, 18);
        one.asset.scale = 0;
        let wanted = a.checked_mul(b).and_then(|rate| rate.checked_mul(value));
        match rated(&one, &measures, &sums) {
            Ok(statement) => prop_assert_eq!(Ok(statement.payable), wanted),
            Err(error) => prop_assert!(["E7401", "E7402"].contains(&error.code()), "{error}"),
        }
    }
}
