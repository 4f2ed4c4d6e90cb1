//! Steps that keep a balance from statement to statement: carry, threshold, advances, deductions
//! that are asked for again, residues of rounding.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{check, column, dec, deduct, figure, line, months, round, share, step, sum};
use ledger::{Asset, Decimal, Rounding};
use proptest::prelude::*;
use settle::steps::{Advance, Carry, CarryTo, Grant, Round, Select, Threshold};
use settle::{Effect, RoundTo, Rule, Statement, Step};

fn carry(name: &str, to: &str) -> Step {
    let to = match to {
        "forward" => CarryTo::Forward,
        "reset" => CarryTo::Reset,
        pool => CarryTo::Shared(pool.into()),
    };
    step(name, Rule::Carry(Carry { to }))
}

fn threshold(name: &str, at: &str) -> Step {
    step(name, Rule::Threshold(Threshold { at: figure(at, "") }))
}

fn advance(name: &str, grants: &[(&str, &str, bool)], most: &str) -> Step {
    let grant = |(on, amount, pays): &(&str, &str, bool)| Grant {
        on: on.parse().unwrap(),
        amount: dec(amount),
        pays: *pays,
    };
    let most = (!most.is_empty()).then(|| figure("running", most));
    step(name, Rule::Advance(Advance { grants: grants.iter().map(grant).collect(), most }))
}

fn kept(name: &str, scale: i8, mode: Rounding) -> Step {
    step(name, Rule::Round(Round { to: RoundTo { scale, mode }, keep_residue: true }))
}

/// A measure `m` month by month.
fn of_m(steps: Vec<Step>, opening: &[(&str, &str)], values: &[&str]) -> Vec<Statement> {
    let pairs: Vec<[(&str, &str); 1]> = values.iter().map(|value| [("m", *value)]).collect();
    let all: Vec<&[(&str, &str)]> = pairs.iter().map(|pair| &pair[..]).collect();
    months((steps, 2), opening, &all)
}

fn wanted(statements: &[Statement], columns: &[(&str, &[&str])]) {
    for (name, amounts) in columns {
        assert_eq!(column(statements, name), *amounts, "{name}");
    }
}

#[test]
fn a_loss_is_carried_or_forgotten() {
    let ngr = ["-5000.00", "3200.00", "7450.50"];
    let steps =
        |to| vec![sum("m"), carry("debt", to), share("share", "running", "0.30", Effect::Set)];
    let carried = of_m(steps("forward"), &[], &ngr);
    wanted(
        &carried,
        &[
            ("payable", &["0.00", "0.00", "1695.15"]),
            ("debt", &["-5000.00", "-1800.00", "0.00"]),
            ("debt/brought", &["0.00", "-5000.00", "-1800.00"]),
        ],
    );
    assert!(carried[2].closing.is_empty());
    let reset = of_m(steps("reset"), &[], &ngr);
    wanted(
        &reset,
        &[("payable", &["0.00", "960.00", "2235.15"]), ("debt", &["5000.00", "0.00", "0.00"])],
    );
    assert!(reset.iter().all(|statement| statement.closing.is_empty()));
}

#[test]
fn a_half_month_share_begins_with_a_debt() {
    let steps = vec![sum("m"), carry("debt", "forward")];
    let all = of_m(steps, &[("debt", "-3000000")], &["-1500000", "6000000"]);
    wanted(&all, &[("debt", &["-4500000.00", "0.00"]), ("payable", &["0.00", "1500000.00"])]);
    assert_eq!(all[0].opening["debt"], dec("-3000000"));
}

#[test]
fn products_share_a_pool() {
    let steps = || {
        let add = |name: &str, of: &str| share(name, of, "1", Effect::Add);
        vec![
            sum("casino"),
            carry("casino-debt", "all"),
            share("casino-share", "running", "0.5", Effect::Set),
            sum("sports"),
            carry("sports-debt", "all"),
            share("sports-share", "running", "0.2", Effect::Set),
            add("both", "line:casino-share"),
        ]
    };
    let first = [("casino", "-100"), ("sports", "30")];
    let second = [("casino", "90"), ("sports", "-5")];
    let third = [("casino", "20"), ("sports", "10")];
    let all = months((steps(), 2), &[("pool:all", "-10")], &[&first, &second, &third]);
    wanted(
        &all,
        &[
            ("casino-debt", &["-110.00", "0.00", "0.00"]),
            ("sports-debt/brought", &["-110.00", "0.00", "0.00"]),
            ("sports-debt", &["-80.00", "-5.00", "0.00"]),
            // 90 - 80 is 10, of which half; then 20 - 5 is 15, of which half, and 2 of sports.
            ("payable", &["0.00", "5.00", "9.50"]),
        ],
    );
    let pools = all.iter().map(|one| one.closing.get("pool:all").copied().unwrap_or(Decimal::ZERO));
    assert_eq!(pools.collect::<Vec<_>>(), [dec("-80"), dec("-5"), dec("0")]);
    assert_eq!(all[0].lines[1].notes["pool"], "all");
}

#[test]
fn what_is_too_small_is_held_back() {
    let steps = || {
        let invalid: &[(&str, &str, &str, &str, &str)] =
            &[("invalid", "measure:invalid", "", "", "")];
        vec![sum("m"), deduct("final", false, invalid), threshold("least", "fixed:100.00")]
    };
    let paid = [("m", "1234.56"), ("invalid", "45.67")];
    let small = [("m", "61.20"), ("invalid", "0")];
    let more = [("m", "38.80"), ("invalid", "0")];
    let all = months((steps(), 2), &[], &[&paid, &small, &small, &small, &more, &more]);
    wanted(
        &all,
        &[
            ("final", &["1188.89", "61.20", "61.20", "61.20", "38.80", "38.80"]),
            ("payable", &["1188.89", "0.00", "122.40", "0.00", "100.00", "0.00"]),
            ("least", &["0.00", "61.20", "0.00", "61.20", "0.00", "38.80"]),
            ("least/brought", &["0.00", "0.00", "61.20", "0.00", "61.20", "0.00"]),
        ],
    );
    // What is owed the other way is held back too, and works against what comes.
    let other = of_m(vec![sum("m"), threshold("least", "fixed:100")], &[], &["-30", "120", "20"]);
    wanted(&other, &[("payable", &["0.00", "0.00", "110.00"])]);
}

#[test]
fn an_advance_is_worked_off() {
    let earned = ["9874.32", "31200.10", "25000.00"];
    for (grants, opening) in [
        (&[][..], &[("guarantee", "60000")][..]),
        (&[("2016-11-01", "60000", false)], &[]),
        (&[("2016-10-31", "5", true), ("2016-11-30", "60000", false)], &[]),
    ] {
        let steps = vec![sum("m"), advance("guarantee", grants, "")];
        let all = of_m(steps, opening, &earned);
        wanted(
            &all,
            &[
                ("payable", &["0.00", "0.00", "6074.42"]),
                ("guarantee", &["9874.32", "31200.10", "18925.58"]),
                ("guarantee/unrecouped", &["50125.68", "18925.58", "0.00"]),
            ],
        );
    }
}

#[test]
fn an_advance_may_be_paid_by_a_statement_and_worked_off_in_part() {
    let grants = &[("2016-12-15", "100", true)];
    let all = of_m(vec![sum("m"), advance("a", grants, "0.5")], &[], &["10", "50", "-20", "200"]);
    wanted(
        &all,
        &[
            ("payable", &["10.00", "125.00", "-20.00", "125.00"]),
            ("a", &["0.00", "25.00", "0.00", "75.00"]),
            ("a/unrecouped", &["0.00", "75.00", "75.00", "0.00"]),
        ],
    );
    assert_eq!(line(&all[1], "a/2016-12-15"), "100.00");
}

/// An advance belongs to the month that its day is in, in the agreement's zone: to no other.
#[test]
fn an_advance_of_the_first_day_or_the_last() {
    for (day, granted) in [
        ("2016-10-31", ["0.00", "0.00"]),
        ("2016-11-01", ["30.00", "0.00"]),
        ("2016-11-30", ["30.00", "0.00"]),
        ("2016-12-01", ["0.00", "30.00"]),
    ] {
        let steps = vec![sum("m"), advance("a", &[(day, "30", true)], "")];
        let all = of_m(steps, &[], &["0", "0"]);
        let granted_in = |statement: &Statement| {
            let found = statement.lines.iter().find(|line| line.name == format!("a/{day}"));
            found.map_or("0.00".into(), |line| settle::statement::money(line.amount, 2))
        };
        assert_eq!(all.iter().map(granted_in).collect::<Vec<_>>(), granted, "{day}");
    }
}

#[test]
fn an_excess_may_be_asked_for_again() {
    let steps = || {
        let items: &[(&str, &str, &str, &str, &str)] =
            &[("bonus", "measure:bonus", "", "line:m", "0.20"), ("fee", "fixed:10", "", "", "")];
        let mut step = deduct("base", true, items);
        if let Rule::Deduct(deduct) = &mut step.rule {
            deduct.items.iter_mut().for_each(|item| item.carried = true);
        }
        vec![sum("m"), step]
    };
    let month = |m, bonus| [("m", m), ("bonus", bonus)];
    let (one, two, three) = (month("100", "50"), month("300", "40"), month("-7", "0"));
    let four = month("1000", "5");
    let all = months((steps(), 2), &[("base/bonus", "3")], &[&one, &two, &three, &four]);
    wanted(
        &all,
        &[
            ("bonus/brought", &["3.00", "33.00", "13.00", "13.00"]),
            ("bonus/earlier", &["3.00", "33.00", "0.00", "13.00"]),
            ("bonus", &["17.00", "27.00", "0.00", "5.00"]),
            ("bonus/carried", &["33.00", "13.00", "13.00", "0.00"]),
            ("fee", &["10.00", "10.00", "0.00", "10.00"]),
            ("fee/carried", &["0.00", "0.00", "10.00", "0.00"]),
            ("payable", &["70.00", "230.00", "0.00", "962.00"]),
        ],
    );
}

#[test]
fn what_rounding_drops_is_kept() {
    // Unit prices in hundred-thousandths: 12.34567 is 12.35 and -0.00433 is owed on.
    let price = || {
        vec![
            share("price", "measure:m", "0.00001", Effect::Set),
            kept("cents", 2, Rounding::HalfUp),
        ]
    };
    let all = of_m(price(), &[], &["1234567", "1234567", "1234567"]);
    wanted(
        &all,
        &[
            ("payable", &["12.35", "12.34", "12.35"]),
            ("cents/residue", &["-0.00433", "0.00134", "-0.00299"]),
        ],
    );
    assert_eq!(all[1].opening["cents"], dec("-0.00433"));
}

#[test]
fn tens_are_cut() {
    for (gross, income, local, net) in
        [("1234567", "37030", "3700", "1193837"), ("25000", "750", "70", "24180")]
    {
        let tens = |name: &str, of: &str, rate: &str| {
            let mut step = share(name, of, rate, Effect::Subtract);
            if let Rule::Share(share) = &mut step.rule {
                share.amount.round = Some(RoundTo { scale: -1, mode: Rounding::Down });
            }
            step
        };
        let steps =
            vec![sum("m"), tens("income", "line:m", "0.03"), tens("local", "line:income", "0.1")];
        let lines = [&format!("income {income}")[..], &format!("local {local}"), net];
        check("G23", 0, &[("m", gross)], steps, &lines);
    }
    let tens = |mode| vec![sum("m"), round("r", mode, -1)];
    check("down", 0, &[("m", "-37")], tens(Rounding::Down), &["r 7", "-30"]);
    check("floor", 0, &[("m", "-37")], tens(Rounding::Floor), &["r -3", "-40"]);
}

#[test]
fn mistakes() {
    let loose = |carried: bool| {
        let mut step = deduct("d", false, &[("x", "fixed:1", "", "", "")]);
        if let Rule::Deduct(deduct) = &mut step.rule {
            deduct.items[0].carried = carried;
        }
        step
    };
    for (what, step, code) in [
        ("nothing bounds what is carried", loose(true), "E7302"),
        ("nothing bounds it", loose(false), "0.00"),
        ("pool without a name", carry("x", ""), "E7302"),
        ("advance of nothing", advance("x", &[("2016-11-01", "0", false)], ""), "E7302"),
        (
            "one day twice",
            advance("x", &[("2016-11-01", "1", false), ("2016-11-01", "1", false)], ""),
            "E7302",
        ),
        ("threshold of nothing known", threshold("x", "line:y"), "E7304"),
        ("residue of more than 18 decimals", kept("x", 19, Rounding::Up), "E7302"),
    ] {
        check(what, 2, &[("m", "1")], vec![sum("m"), step], &[code]);
    }
}

/// Whether a statement depends on the one before it.
#[test]
fn what_is_kept_from_period_to_period() {
    for (steps, opening, wanted) in [
        (vec![sum("m")], false, false),
        (vec![sum("m"), carry("debt", "forward")], false, true),
        (vec![sum("m"), carry("gone", "reset")], false, false),
        (vec![sum("m"), carry("debt", "forward")], true, true),
        (vec![sum("m")], true, true),
    ] {
        let mut one = crate::common::agreement(steps, 2);
        if opening {
            one.opening.insert("debt".into(), dec("-1"));
        }
        let words: Vec<_> = one.steps.iter().map(|step| step.rule.word()).collect();
        assert_eq!(one.keeps_balances(), wanted, "{words:?}, opening {opening}");
    }
}

/// Balances are in the agreement's asset: nothing that runs in another one is kept.
#[test]
fn what_is_kept_is_in_the_agreements_asset() {
    let usd = Asset { code: "USD".into(), scale: 2 };
    let select = Select { asset: Some(usd), ..Select::default() };
    let abroad = || step("abroad", Rule::Select(select.clone()));
    let home = || step("home", Rule::Select(Select::default()));
    for (kept, wanted) in [
        (carry("debt", "forward"), &["E7302"][..]),
        (carry("joint", "all"), &["E7302"]),
        (carry("gone", "reset"), &[]),
        (threshold("least", "fixed:10"), &["E7302"]),
    ] {
        let what = kept.rule.word();
        let steps = |first| vec![first, sum("m"), kept.clone(), home(), sum("n")];
        let codes = |steps| {
            let mistakes = crate::common::agreement(steps, 2).check();
            mistakes.iter().map(settle::SettleError::code).collect::<Vec<_>>()
        };
        assert_eq!(codes(steps(abroad())), wanted, "{what}");
        let mut at_home = abroad();
        at_home.rule = Rule::Select(Select::default());
        assert!(codes(steps(at_home)).is_empty(), "{what}");
    }
}

#[test]
fn an_opening_belongs_to_a_step() {
    for (opening, is_known) in [
        ("debt", true),
        ("pool:all", true),
        ("d/x", true),
        ("deb", false),
        ("m", false),
        ("pool:one", false),
        ("gone", false),
        ("joint", false),
    ] {
        let mut item = deduct("d", true, &[("x", "fixed:1", "", "", "")]);
        let Rule::Deduct(deduct) = &mut item.rule else { unreachable!("a deduction") };
        deduct.items[0].carried = true;
        let steps = vec![
            sum("m"),
            item,
            carry("debt", "forward"),
            carry("gone", "reset"),
            carry("joint", "all"),
        ];
        let mut one = crate::common::agreement(steps, 2);
        one.opening.insert(opening.into(), dec("-1"));
        let found: Vec<_> = one.check().iter().map(settle::SettleError::code).collect();
        assert_eq!(found.is_empty(), is_known, "{opening}: {found:?}");
    }
}

proptest! {
    /// Whatever the months bring, what a step keeps is what came in less what went out.
    #[test]
    fn balances_conserve(values in prop::collection::vec(-1_000_000i64..1_000_000, 1..12)) {
        let text: Vec<String> =
            values.iter().map(|v| Decimal::from_minor((*v).into(), 2).to_string()).collect();
        let given: Vec<&str> = text.iter().map(String::as_str).collect();
        let all = values.iter().map(|v| Decimal::from_minor((*v).into(), 2));
        let all = all.reduce(|a, b| a.checked_add(b).unwrap()).unwrap();
        let last = |all: &[Statement], name: &str| {
            all.last().unwrap().closing.get(name).copied().unwrap_or(Decimal::ZERO)
        };
        let sum_of = |all: &[Statement]| {
            let payable = all.iter().map(|one| one.payable);
            payable.reduce(|a, b| a.checked_add(b).unwrap()).unwrap()
        };
        for kept_back in [carry("x", "forward"), threshold("x", "fixed:2500"), carry("x", "all")] {
            let name = if matches!(&kept_back.rule, Rule::Carry(Carry { to: CarryTo::Shared(_) })) {
                "pool:all"
            } else {
                "x"
            };
            let found = of_m(vec![sum("m"), kept_back], &[], &given);
            let rest = last(&found, name);
            prop_assert_eq!(sum_of(&found).checked_add(rest).unwrap(), all);
        }
        // An advance: what was paid and what is left of it.
        let found = of_m(vec![sum("m"), advance("x", &[], "")], &[("x", "5000")], &given);
        let left = dec("5000").checked_sub(last(&found, "x")).unwrap();
        prop_assert_eq!(sum_of(&found).checked_add(left).unwrap(), all);
        // Rounding to hundreds: nothing is lost.
        let found = of_m(vec![sum("m"), kept("x", -2, Rounding::Down)], &[], &given);
        let rest = last(&found, "x");
        prop_assert_eq!(sum_of(&found).checked_add(rest).unwrap(), all);
        prop_assert!(rest < dec("100") && rest > dec("-100"));
    }
}
