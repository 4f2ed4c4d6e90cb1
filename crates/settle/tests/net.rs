//! Netting: lines of what other agreements came to, the accounts that they empty, and what cannot
//! be netted.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{self, agreement, dec, given, line, rated, step, sum};
use settle::effect::is_settlement;
use settle::steps::{Net, Netted, Select};
use settle::{Owed, Rule, Step, effect};

fn netted(agreement: &str, owed: Owed, reversed: bool) -> Netted {
    Netted { agreement: agreement.to_owned(), owed, reversed }
}

fn net(agreements: Vec<Netted>) -> Step {
    step("netting", Rule::Net(Net { agreements }))
}

#[test]
fn what_is_owed_both_ways_is_one_payment_and_the_netted_accounts_are_emptied() {
    let (measures, sums) = given(&[("settled-a", "100.00"), ("settled-b", "30.00")], 2);
    let agreement = agreement(vec![step("netting", Rule::Net(common::net()))], 2);
    assert_eq!(agreement.check(), []);
    let statement = rated(&agreement, &measures, &sums).unwrap();
    assert_eq!(statement.payable, dec("70.00"));
    let lines = ["netting/a", "netting/b", "netting"].map(|name| line(&statement, name));
    assert_eq!(lines, ["100.00", "-30.00", "70.00"]);
    let moved = effect(&agreement, &statement, Owed::Payable).unwrap();
    let moved = moved.iter().map(|m| format!("{} {} > {} {}", m.line, m.debit, m.credit, m.minor));
    let own = format!("settlement:{}:payable", agreement.name);
    assert_eq!(
        moved.collect::<Vec<_>>(),
        [
            format!("10-netting/a settlement:a:payable > {own} 10000"),
            format!("10-netting/b {own} > settlement:b:receivable 3000"),
        ]
    );
}

/// The codes of the mistakes of an agreement with these steps.
fn check(what: &str, steps: Vec<Step>, wanted: &[&str]) {
    let agreement = agreement(steps, 2);
    let mistakes = agreement.check();
    let codes: Vec<_> = mistakes.iter().map(settle::SettleError::code).collect();
    assert_eq!(codes, wanted, "{what}: {mistakes:?}");
}

#[test]
fn what_cannot_be_netted() {
    let games = || netted("games", Owed::Payable, false);
    let named = |name: &str| net(vec![netted(name, Owed::Payable, false)]);
    let select = |dim: bool, asset: &str| {
        let mut select = Select::default();
        if dim {
            select.selection.dims.insert("provider".into(), ["studio-a".to_owned()].into());
        }
        if !asset.is_empty() {
            select.asset = Some(ledger::Asset { code: asset.into(), scale: 2 });
        }
        step("only", Rule::Select(select))
    };
    check("one", vec![net(vec![games()])], &[]);
    check("two", vec![net(vec![games(), netted("ads", Owed::Payable, false)])], &[]);
    check("one twice", vec![net(vec![games(), games()])], &["E7302"]);
    check("no word", vec![named("Games")], &["E7302"]);
    check("after a selection", vec![select(true, ""), net(vec![games()])], &["E7302"]);
    check("in its own asset", vec![select(false, "EUR"), net(vec![games()])], &[]);
    check("before other steps", vec![net(vec![games()]), sum("m")], &[]);
}

#[test]
fn accounts_of_statements_are_told_by_their_first_segment() {
    for (account, is) in [
        ("settlement:games:payable", true),
        ("settlement:", true),
        ("settlement", false),
        ("settlements:games", false),
        ("play:settlement:games", false),
    ] {
        assert_eq!(is_settlement(account), is, "{account}");
    }
}
