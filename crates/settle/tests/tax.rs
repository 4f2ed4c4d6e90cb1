//! `tax`: added, included and held back, with roundings of their own.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{dec, share, step, sum};
use crate::grouped::Case;
use ledger::Rounding::{self, Down, Floor, HalfUp};
use proptest::prelude::*;
use settle::steps::{Tax, TaxItem, TaxMethod};
use settle::{Effect, Operand, RoundTo, Rule, Step};

fn item(name: &str, rate: &str, on: &str, mode: Rounding, scale: i8) -> TaxItem {
    let on = (!on.is_empty()).then(|| on.to_owned());
    TaxItem { name: name.into(), rate: dec(rate), on, round: RoundTo { scale, mode } }
}

fn tax(method: TaxMethod, items: Vec<TaxItem>, change: impl FnOnce(&mut Tax)) -> Step {
    let effect = match method {
        TaxMethod::Added => Effect::Add,
        TaxMethod::Included => Effect::Keep,
        TaxMethod::Withheld => Effect::Subtract,
    };
    let mut made = Tax { method, of: Operand::Running, by: Vec::new(), items, effect };
    change(&mut made);
    step("tax", Rule::Tax(made))
}

fn withheld(change: impl FnOnce(&mut Tax)) -> Step {
    let items =
        vec![item("income", "0.03", "", Floor, -1), item("local", "0.1", "income", Floor, -1)];
    tax(TaxMethod::Withheld, items, change)
}

fn won<'a>(rows: &'a [(&'a str, &'a str, &'a str)]) -> Case<'a> {
    Case { asset: ("KRW", 0), rows, ..Case::default() }
}

#[test]
fn added_and_included() {
    let rows = [("ggr", "", "87654321"), ("total", "", "1000001"), ("loss", "", "-15")];
    let case = won(&rows);
    let mut fee = share("fee", "measure:ggr", "0.125", Effect::Set);
    if let Rule::Share(share) = &mut fee.rule {
        share.amount.round = Some(RoundTo { scale: 0, mode: HalfUp });
    }
    let vat = |mode| tax(TaxMethod::Added, vec![item("vat", "0.1", "", mode, 0)], |_| ());
    let wanted = ["fee 10956790", "vat 1095679", "tax 1095679", "12052469"];
    case.check("G14b", vec![fee, vat(Floor)], &wanted);
    let within = |effect| {
        let items = vec![item("vat", "0.1", "", HalfUp, 0)];
        tax(TaxMethod::Included, items, |it| it.effect = effect)
    };
    let wanted = ["tax/supply 909092", "vat 90909", "1000001"];
    case.check("G21", vec![sum("total"), within(Effect::Keep)], &wanted);
    case.check("G21 net", vec![sum("total"), within(Effect::Subtract)], &["909092"]);
    case.check("of a credit", vec![sum("loss"), vat(Down)], &["vat -1", "-16"]);
}

#[test]
fn held_back_with_a_surtax() {
    for (gross, income, local, net) in
        [("1234567", "37030", "3700", "1193837"), ("25000", "750", "70", "24180")]
    {
        let rows = [("gross", "", gross)];
        let (income, local) = (format!("income {income}"), format!("local {local}"));
        won(&rows).check("G23", vec![sum("gross"), withheld(|_| ())], &[&income, &local, net]);
    }
    let rows = [("gross", "", "-1234567")];
    won(&rows).check(
        "of a loss",
        vec![sum("gross"), withheld(|_| ())],
        &["income 0", "local 0", "-1234567"],
    );
}

#[test]
fn each_payee_by_itself() {
    let rows = [
        ("gross", "", "1259567"),
        ("gross", "*seller=a/b", "1234567"),
        ("gross", "*seller=c", "25000"),
        ("gross", "*seller=d", "-9000"),
    ];
    let by_seller = withheld(|it| {
        (it.of, it.by) = (Operand::Measure("gross".into()), vec!["seller".into()]);
    });
    let wanted = [
        "tax/a%2Fb/income 37030",
        "tax/a%2Fb/local 3700",
        "tax/c/income 750",
        "tax/c/local 70",
        "tax/d/income 0",
        "income 37780",
        "local 3770",
        "tax 41550",
        "1218017",
    ];
    won(&rows).check("G23 by payee", vec![sum("gross"), by_seller.clone()], &wanted);
    // What was read stands on one line: with the first tax.
    let read = |rows: &[(&str, &str, &str)], steps: Vec<Step>| -> Vec<(String, usize)> {
        let statement = won(rows).check("readings", steps, &["1218017"]).unwrap();
        let of = |name: &str| statement.lines.iter().find(|line| line.name == name).unwrap();
        ["income", "local"].map(|name| (name.to_owned(), of(name).readings.len())).into()
    };
    let found = read(&rows, vec![sum("gross"), by_seller.clone()]);
    assert_eq!(found, [("income".to_owned(), 1), ("local".to_owned(), 0)]);
    let wanted = ["income 0", "tax 0", "0"];
    won(&[]).check("nothing happened", vec![sum("gross"), by_seller], &wanted);
}

#[test]
fn what_is_refused() {
    let rows = [("gross", "", "100")];
    let check = |what: &str, change: fn(&mut Tax), wanted: &str| {
        won(&rows).check(what, vec![sum("gross"), withheld(change)], &[wanted]);
    };
    check("sound", |_| (), "100");
    check("groups of a line", |it| it.by = vec!["seller".into()], "E7302");
    check("no taxes", |it| it.items.clear(), "E7302");
    check("included with a surtax", |it| it.method = TaxMethod::Included, "E7302");
    check("a surtax of a later one", |it| it.items.reverse(), "E7302");
    check("below zero", |it| it.items[0].rate = dec("-0.1"), "E7302");
    // Only an included tax states a supply that other steps may read.
    let reads_supply = |method| {
        let items = vec![item("vat", "0.1", "", Floor, 0)];
        vec![
            sum("gross"),
            tax(method, items, |_| ()),
            share("x", "line:tax/supply", "", Effect::Set),
        ]
    };
    won(&rows).check("a supply within", reads_supply(TaxMethod::Included), &["90"]);
    won(&rows).check("no supply", reads_supply(TaxMethod::Added), &["E7304"]);
    check("names twice", |it| it.items[1].name = "income".into(), "E7303");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is supplied and its tax are the total, whatever it is.
    #[test]
    fn an_included_tax_adds_up(total in -1_000_000_000i64..1_000_000_000) {
        let amount = total.to_string();
        let rows = [("total", "", amount.as_str())];
        let items = vec![item("vat", "0.1", "", HalfUp, 0)];
        let steps = vec![sum("total"), tax(TaxMethod::Included, items, |_| ())];
        let case = won(&rows);
        let made = case.rated(&case.agreement(steps), &settle::Left::default()).unwrap();
        let line = |name: &str| made.lines.iter().find(|line| line.name == name).unwrap().amount;
        let sum = line("tax/supply").checked_add(line("vat")).unwrap();
        prop_assert_eq!(sum.canonical(), dec(&amount).canonical());
        prop_assert_eq!(line("tax"), line("vat"));
    }
}
