//! Agreements that cannot rate: every rule of their shape, one line each.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, cap, deduct, minimum, round, share, sum, tier};
use ledger::Rounding;
use settle::steps::Method::{Marginal, Slab};
use settle::{Agreement, Effect, Step};

/// The codes of all mistakes after a change of a good agreement.
fn check(what: &str, change: impl FnOnce(&mut Agreement), wanted: &[&str]) {
    let mut changed = agreement(vec![sum("m")], 2);
    assert_eq!(changed.check(), []);
    change(&mut changed);
    let codes: Vec<_> = changed.check().iter().map(settle::SettleError::code).collect();
    assert_eq!(codes, wanted, "{what}: {:?}", changed.check());
}

#[test]
fn agreements() {
    let many = |count: usize| (0..count).map(|at| minimum(&format!("s{at}"), "running")).collect();
    check("name", |a| a.name = "Share".into(), &["E7301"]);
    check("longest name", |a| a.name = "a".repeat(64), &[]);
    check("longer name", |a| a.name = "a".repeat(65), &["E7301"]);
    check("version", |a| a.version = 0, &["E7301"]);
    check("no payer", |a| a.from.clear(), &["E7301"]);
    check("no payee", |a| a.to.clear(), &["E7301"]);
    check("one party", |a| a.to = a.from.clone(), &["E7301"]);
    check("asset", |a| a.asset.code = "eur".into(), &["E7301"]);
    check("finest asset", |a| a.asset.scale = 18, &[]);
    check("finer asset", |a| a.asset.scale = 19, &["E7301"]);
    check("never effective", |a| a.effective.end = a.effective.start, &["E7301"]);
    check("zone", |a| a.zone = "Seoul".into(), &["E7301"]);
    check("no steps", |a| a.steps.clear(), &["E7301"]);
    check("most steps", |a| a.steps = many(200), &[]);
    check("too many steps", |a| a.steps = many(201), &["E7301"]);
}

#[test]
fn steps() {
    let fine = "0.000000000000000001";
    let finer = "0.0000000000000000001";
    let items = |count: usize| {
        let mut step = deduct("d", false, &[("x", "running", "", "", "")]);
        if let settle::Rule::Deduct(deduct) = &mut step.rule {
            let item = deduct.items[0].clone();
            let named = |at| settle::steps::Deduction { name: format!("x{at}"), ..item.clone() };
            deduct.items = (0..count).map(named).collect();
        }
        step
    };
    let fixed = |amount: &str| format!("fixed:{amount}");
    let bad = &["E7302"][..];
    let cases: &[(&str, Step, &[&str])] = &[
        ("finest rate", share("x", "running", fine, Effect::Set), &[]),
        ("finer rate", share("x", "running", finer, Effect::Set), bad),
        ("finest amount", minimum("x", &fixed(fine)), &[]),
        ("finer amount", cap("x", &fixed(finer)), bad),
        ("finest round", round("x", Rounding::Down, 18), &[]),
        ("finer round", round("x", Rounding::Down, 19), bad),
        ("most deductions", items(200), &[]),
        ("too many deductions", items(201), bad),
        ("no measure", sum(""), &["E7302", "E7302"]),
        ("finer band", tier("x", Slab, &[("", finer)]), bad),
        ("finer bound", tier("x", Slab, &[(&format!("< {finer}"), "1"), ("", "1")]), bad),
        ("equal bounds", tier("x", Slab, &[("< 5", "1"), ("<= 5", "1"), ("", "1")]), bad),
        ("no bands", tier("x", Slab, &[]), &["E7302", "E7302"]),
        ("open band first", tier("x", Marginal, &[("", "1"), ("< 5", "1")]), bad),
        ("open band twice", tier("x", Slab, &[("", "1"), ("< 5", "1"), ("", "1")]), bad),
        (
            "cap of an unknown line",
            deduct("x", true, &[("y", "running", "", "line:z", "")]),
            &["E7304"],
        ),
        (
            "deduction of an unknown line",
            deduct("x", true, &[("y", "line:z", "", "", "")]),
            &["E7304"],
        ),
    ];
    for (what, step, wanted) in cases {
        check(what, |a| a.steps.push(step.clone()), wanted);
    }
}

/// Which names later steps may use, and that rating prints exactly these.
#[test]
fn lines_that_can_be_referred_to() {
    let deduction = [("bonus", "fixed:1", "", "", "")];
    let capped = [("bonus", "fixed:1", "", "running", "")];
    let bands = [("<= 5", "0.1"), ("", "0.2")];
    let cases: &[(&str, Step, &[&str])] = &[
        ("plain", deduct("d", false, &deduction), &["d", "bonus"]),
        ("floor", deduct("d", true, &deduction), &["d", "bonus", "bonus/excess", "d/floor"]),
        ("capped", deduct("d", false, &capped), &["d", "bonus", "bonus/excess"]),
        ("marginal", tier("d", Marginal, &bands), &["d", "d/1", "d/2"]),
        ("slab", tier("d", Slab, &bands), &["d"]),
        ("minimum", minimum("d", "fixed:1"), &["d"]),
    ];
    let (measures, sums) = crate::common::given(&[("m", "7")], 2);
    for (what, step, names) in cases {
        for name in ["d", "bonus", "bonus/excess", "d/floor", "d/1", "d/2", "d/3", "m"] {
            let reference = share("last", &format!("line:{name}"), "", Effect::Keep);
            let one = agreement(vec![sum("m"), step.clone(), reference], 2);
            let known = names.contains(&name) || name == "m";
            assert_eq!(one.check().is_empty(), known, "{what}: {name}");
            assert_eq!(
                crate::common::rated(&one, &measures, &sums).is_ok(),
                known,
                "{what}: {name}"
            );
        }
    }
}

/// The notes of each line, as `name=value` pairs.
#[test]
fn lines_note_what_decided_them() {
    let mut chosen = tier("t", Slab, &[("< 5", "0.1"), ("<= 9", "0.2"), ("", "0.3")]);
    let plain = chosen.clone();
    if let settle::Rule::Tier(tier) = &mut chosen.rule {
        tier.by = Some("fixed:9.0".parse().unwrap());
    }
    let mut rounded = share("s", "running", "0.333", Effect::Set);
    if let settle::Rule::Share(share) = &mut rounded.rule {
        share.amount.round = Some("half-even:1".parse().unwrap());
    }
    let capped = [("b", "fixed:9", "", "running", "0.50"), ("c", "fixed:1", "", "", "")];
    let cases: &[(&str, Step, &[&str])] = &[
        ("slab", plain, &["band=3"]),
        ("slab by another figure", chosen, &["band=2", "by=9", "upto=<= 9"]),
        ("marginal", tier("t", Marginal, &[("< 5", "0"), ("", "1")]), &["upto=< 5", "", ""]),
        ("share", rounded, &["round=half-even:1"]),
        ("round", round("r", Rounding::Ceiling, 0), &["round=ceiling:0"]),
        ("minimum", minimum("l", "fixed:1.50"), &["limit=1.5"]),
        ("cap", cap("h", "running"), &["limit=10"]),
        ("capped", deduct("d", false, &capped), &["limit=5", "", "", ""]),
        ("floored", deduct("d", true, &capped), &["limit=5", "", "limit=5", "", "", ""]),
    ];
    let (measures, sums) = crate::common::given(&[("m", "10.00")], 2);
    for (what, step, wanted) in cases {
        let one = agreement(vec![sum("m"), step.clone(), round("end", Rounding::Down, 2)], 2);
        let statement = crate::common::rated(&one, &measures, &sums).unwrap();
        let lines = &statement.lines[1..statement.lines.len() - 1];
        let show = |(name, value): (&String, &String)| format!("{name}={value}");
        let notes: Vec<_> = lines
            .iter()
            .flat_map(|line| {
                let notes: Vec<_> = line.notes.iter().map(show).collect();
                if notes.is_empty() { vec![String::new()] } else { notes }
            })
            .collect();
        assert_eq!(&notes, wanted, "{what}");
    }
}

/// What a line's amount was taken of, and the measures it stands on.
#[test]
fn lines_name_their_base_and_measures() {
    let both = deduct("d", false, &[("x", "measure:m", "0.1", "measure:n", "0.5")]);
    let steps = vec![sum("m"), both, minimum("l", "measure:n"), cap("h", "measure:m")];
    let (measures, sums) = crate::common::given(&[("m", "10.00"), ("n", "3.00")], 2);
    let statement = crate::common::rated(&agreement(steps, 2), &measures, &sums).unwrap();
    for (name, base, rate, readings) in [
        ("m", None, None, &["m 10.00"][..]),
        ("x", Some("10"), Some("0.1"), &["m 10.00", "n 3.00"]),
        ("x/excess", None, None, &[]),
        ("d", None, None, &[]),
        ("l", None, None, &["n 3.00"]),
        ("h", None, None, &["m 10.00"]),
    ] {
        let line = statement.lines.iter().find(|line| line.name == name).unwrap();
        assert_eq!(
            (line.base, line.rate),
            (base.map(crate::common::dec), rate.map(crate::common::dec)),
            "{name}"
        );
        let found: Vec<_> =
            line.readings.iter().map(|r| format!("{} {}", r.measure, r.value)).collect();
        assert_eq!(found, readings, "{name}");
        assert!(line.readings.iter().all(|reading| reading.count == 1));
    }
}
