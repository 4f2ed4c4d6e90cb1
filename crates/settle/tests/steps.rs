//! Each step at its edges, one line per case, all through one `check`.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{
    BANDS, cap, check, dec, deduct, figure, minimum, round, share, step, sum, tier, total,
};
use ledger::Rounding;
use settle::steps::Method::{Marginal, Slab};
use settle::steps::{Deduct, Select, Share, Tier, Total};
use settle::{Effect, Operand, RoundTo, Rule, Selection};

type Items<'a> = &'a [(&'a str, &'a str, &'a str, &'a str, &'a str)];

#[test]
fn deductions() {
    let plain: Items = &[("a", "fixed:30", "", "", ""), ("b", "fixed:80", "", "", "")];
    let capped: Items =
        &[("a", "fixed:80", "", "running", "0.5"), ("b", "fixed:80", "", "running", "0.1")];
    let negative: Items = &[("a", "fixed:-5", "", "fixed:1", "")];
    for (what, base, floor, items, wanted) in [
        ("plain", "200", false, plain, &["a 30.00", "b 80.00", "d 90.00", "90.00"][..]),
        ("below zero", "100", false, plain, &["d -10.00", "-10.00"]),
        (
            "floor is waterfall",
            "100",
            true,
            plain,
            &["a 30.00", "b 70.00", "b/excess 10.00", "0.00"],
        ),
        (
            "floor of a loss",
            "-7",
            true,
            plain,
            &["a 0.00", "d/floor 7.00", "b/excess 80.00", "0.00"],
        ),
        (
            "cap of the first base",
            "100",
            false,
            capped,
            &["a 50.00", "b 10.00", "b/excess 70.00", "40.00"],
        ),
        ("cap of a loss is zero", "-100", false, capped, &["a 0.00", "a/excess 80.00", "-100.00"]),
        ("a credit is not capped", "100", false, negative, &["a -5.00", "a/excess 0.00", "105.00"]),
    ] {
        check(what, 2, &[("m", base)], vec![sum("m"), deduct("d", floor, items)], wanted);
    }
}

#[test]
fn tiers_at_their_bounds() {
    let below: &[(&str, &str)] = &[("< 50", "0.10"), ("<= 100", "0.15"), ("", "0.20")];
    for (what, figure, method, bands, wanted) in [
        ("zero", "0", Slab, BANDS, "0.00"),
        ("a loss has the first rate", "-100", Slab, BANDS, "-25.00"),
        ("marginal loss", "-100", Marginal, BANDS, "-25.00"),
        ("at an exclusive bound", "50", Slab, below, "7.50"),
        ("under an exclusive bound", "49.99", Slab, below, "5.00"),
        ("at an inclusive bound", "100", Slab, below, "15.00"),
        ("over an inclusive bound", "100.01", Slab, below, "20.00"),
        ("marginal does not care", "50", Marginal, below, "5.00"),
        ("marginal above all", "120", Marginal, below, "16.50"),
    ] {
        let steps = vec![sum("m"), tier("t", method, bands), round("r", Rounding::HalfUp, 2)];
        check(what, 2, &[("m", figure)], steps, &[wanted]);
    }
}

#[test]
fn a_marginal_tier_prints_each_band() {
    let steps = vec![sum("m"), tier("t", Marginal, BANDS)];
    let wanted = ["t/1 1250.00", "t/2 4500.00", "t/3 1750.00", "t/4 0.00", "t/5 0.00", "7500.00"];
    check("bands", 2, &[("m", "25000")], steps, &wanted);
}

#[test]
fn tiers_add_to_what_runs() {
    for (method, wanted) in [(Slab, "32500.00"), (Marginal, "32500.00")] {
        let mut added = tier("t", method, &[("<= 25000", "0.3"), ("", "0.5")]);
        if let Rule::Tier(tier) = &mut added.rule {
            tier.effect = Effect::Add;
        }
        check("added", 2, &[("m", "25000")], vec![sum("m"), added], &["t 7500.00", wanted]);
    }
}

#[test]
fn a_slab_may_be_chosen_by_another_figure() {
    let of_net = |method| {
        let mut tier = tier("t", method, BANDS);
        if let Rule::Tier(tier) = &mut tier.rule {
            tier.by = Some(Operand::Measure("turnover".into()));
        }
        vec![sum("net"), tier]
    };
    let given = [("net", "1000"), ("turnover", "60000")];
    check("by turnover", 2, &given, of_net(Slab), &["t 400.00", "400.00"]);
    check("not in a marginal one", 2, &given, of_net(Marginal), &["E7302"]);
}

#[test]
fn minimum_cap_round_and_share() {
    let half = |mode| round("r", mode, 1);
    for (what, m, step, wanted) in [
        ("reached", "16000", minimum("x", "fixed:15000"), &["x 0.00", "16000.00"][..]),
        ("from a loss", "-10", minimum("x", "fixed:0"), &["x 10.00", "0.00"]),
        ("under the cap", "10", cap("x", "fixed:50"), &["x 0.00", "10.00"]),
        ("half up", "0.25", half(Rounding::HalfUp), &["r 0.05", "0.30"]),
        ("half even", "0.25", half(Rounding::HalfEven), &["r -0.05", "0.20"]),
        ("half down", "-0.25", half(Rounding::HalfDown), &["r 0.05", "-0.20"]),
        ("down", "-0.29", half(Rounding::Down), &["r 0.09", "-0.20"]),
        ("up", "-0.21", half(Rounding::Up), &["r -0.09", "-0.30"]),
        ("floor", "-0.21", half(Rounding::Floor), &["-0.30"]),
        ("ceiling", "0.21", half(Rounding::Ceiling), &["0.30"]),
        ("share", "80", share("x", "running", "0.125", Effect::Set), &["x 10.00", "10.00"]),
        ("share kept", "80", share("x", "running", "0.125", Effect::Keep), &["x 10.00", "80.00"]),
        ("share taken", "80", share("x", "line:m", "0.5", Effect::Subtract), &["x 40.00", "40.00"]),
        ("not rounded", "0.33", share("x", "running", "0.5", Effect::Set), &["E7402"]),
        ("unknown line", "1", share("x", "line:y", "", Effect::Set), &["E7304"]),
        ("its own line", "1", share("x", "line:x", "", Effect::Set), &["E7304"]),
        ("unknown measure", "1", sum("other"), &["E7201"]),
        ("name given twice", "1", minimum("m", "fixed:1"), &["E7303"]),
        ("bad name", "1", minimum("M", "fixed:1"), &["E7302"]),
        (
            "rate too fine",
            "1",
            share("x", "running", "0.0000000000000000001", Effect::Set),
            &["E7302"],
        ),
        ("no deductions", "1", deduct("x", true, &[]), &["E7302"]),
        (
            "bands fall",
            "1",
            tier("x", Slab, &[("<= 9", "1"), ("<= 8", "1"), ("", "1")]),
            &["E7302"],
        ),
        ("bands do not end", "1", tier("x", Slab, &[("<= 9", "1")]), &["E7302"]),
        ("bands end twice", "1", tier("x", Slab, &[("", "1"), ("", "1")]), &["E7302"]),
        ("bound at zero", "1", tier("x", Slab, &[("<= 0", "1"), ("", "1")]), &["E7302"]),
    ] {
        check(what, 2, &[("m", m)], vec![sum("m"), step], wanted);
    }
}

#[test]
fn figures_may_round_by_themselves() {
    let to = RoundTo { scale: 2, mode: Rounding::Down };
    let rounded = |of, rate| settle::Figure { round: Some(to), ..figure(of, rate) };
    let taken = Share { amount: rounded("running", "0.333"), effect: Effect::Set };
    let steps = vec![sum("m"), step("x", Rule::Share(taken))];
    check("share", 2, &[("m", "10")], steps, &["x 3.33", "3.33"]);
    let mut bands = tier("t", Marginal, &[("<= 1.01", "0.5"), ("", "0.5")]);
    if let Rule::Tier(Tier { round, .. }) = &mut bands.rule {
        *round = Some(to);
    }
    let wanted = ["t/1 0.50", "t/2 0.50", "1.00"];
    check("each band", 2, &[("m", "2.02")], vec![sum("m"), bands], &wanted);
    let mut fees = deduct("d", false, &[("fee", "running", "0.333", "", "")]);
    if let Rule::Deduct(Deduct { items, .. }) = &mut fees.rule {
        items[0].amount = rounded("running", "0.333");
    }
    check("deduction", 2, &[("m", "10")], vec![sum("m"), fees], &["fee 3.33", "6.67"]);
}

#[test]
fn lines_are_added_up_with_their_signs() {
    let steps = |lines: &[&str], effect| {
        let mut added = total("t", lines);
        let Rule::Total(Total { effect: own, .. }) = &mut added.rule else {
            unreachable!("a total")
        };
        *own = effect;
        let half = share("half", "running", "0.5", Effect::Keep);
        vec![sum("m"), half, share("fee", "fixed:3", "", Effect::Keep), added]
    };
    for (what, lines, effect, wanted) in [
        ("set", &["+m", "-half", "-fee"][..], Effect::Set, &["t 2.00", "2.00"][..]),
        ("added", &["+half", "+fee"], Effect::Add, &["t 8.00", "18.00"]),
        ("taken away", &["+half"], Effect::Subtract, &["t 5.00", "5.00"]),
        ("stated", &["-m"], Effect::Keep, &["t -10.00", "10.00"]),
        ("one line twice", &["+m", "+m"], Effect::Set, &["t 20.00", "20.00"]),
        ("no lines", &[], Effect::Set, &["E7302"]),
        ("a line to come", &["+t"], Effect::Set, &["E7304"]),
    ] {
        check(what, 2, &[("m", "10")], steps(lines, effect), wanted);
    }
    let mut again = steps(&["+m"], Effect::Set);
    again.push(total("u", &["+t"]));
    check("a total of a total", 2, &[("m", "10")], again, &["u 10.00", "10.00"]);
}

/// How a tier was rounded stands where it was: on its own line for a slab, on each band's else.
#[test]
fn where_a_tier_says_that_it_was_rounded() {
    let to = RoundTo { scale: 2, mode: Rounding::HalfUp };
    for (method, per, wanted) in [
        (Slab, false, &["t"][..]),
        (Marginal, false, &["t/1", "t/2"]),
        (Slab, true, &["t/a"]),
        (Marginal, true, &["t/a"]),
    ] {
        let mut made = tier("t", method, &[("<= 5", "0.5"), ("", "0.25")]);
        let Rule::Tier(tier) = &mut made.rule else { unreachable!("a tier") };
        (tier.of, tier.round) = (Operand::Measure("m".into()), Some(to));
        if per {
            tier.per.push("shop".into());
        }
        let (measures, mut sums) = crate::common::given(&[("m", "10")], 2);
        if per {
            sums[0].path.push_str("*shop=a");
        }
        let one = crate::common::agreement(vec![made], 2);
        let statement = crate::common::rated(&one, &measures, &sums).unwrap();
        let says = statement.lines.iter().filter(|line| line.notes.contains_key("round"));
        let found: Vec<_> = says.map(|line| line.name.as_str()).collect();
        assert_eq!(found, wanted, "{method:?}, item by item: {per}");
        let readings: Vec<_> = statement.lines.iter().map(|line| line.readings.len()).collect();
        assert_eq!(readings.last(), Some(&1), "the step's own line has what was read");
    }
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let big = "99999999999999999999999999999999999";
    let fine = share("x", "running", "0.123456789012345678", Effect::Set);
    check("product", 2, &[("m", big)], vec![sum("m"), fine], &["E7401"]);
    let huge = Operand::Fixed(dec("99999999999999999999999999999999999999"));
    let add = |name: &str| {
        let amount = settle::Figure { of: huge.clone(), rate: None, round: None };
        step(name, Rule::Share(Share { amount, effect: Effect::Add }))
    };
    check("sum", 2, &[], vec![add("a"), add("b")], &["E7401"]);
    check("no room for the asset's decimals", 18, &[], vec![add("a")], &["E7401"]);
}

#[test]
fn a_selection_must_mean_something_to_every_term() {
    let of = |dim: &str, values: &[&str]| {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        let selection = Selection { dims: [(dim.to_owned(), values)].into() };
        vec![step("s", Rule::Select(Select { selection, ..Select::default() })), sum("m")]
    };
    // A dimension that accounts lack is read from finer sums, of which the scope then speaks; the
    // accounts' own sums, which are all that is given here, do not stand in for them.
    check("a dimension of events alone", 2, &[("m", "1")], of("provider", &["a"]), &["0.00"]);
    let (measures, mut sums) = crate::common::given(&[("m", "1")], 2);
    sums[0].path.push_str("*provider=a");
    for (value, wanted) in [("a", "1.00"), ("b", "0.00")] {
        let agreement = crate::common::agreement(of("provider", &[value]), 2);
        let statement = crate::common::rated(&agreement, &measures, &sums).unwrap();
        assert_eq!(statement.payable.to_string(), wanted, "finer sums of {value}");
    }
    check("no value", 2, &[("m", "1")], of("provider", &[]), &["E7302"]);
}
