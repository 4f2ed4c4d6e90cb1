//! Statements as balances of the ledger: posted once, netted, held, corrected, rebuilt from the
//! Log, and found by `verify` where they differ.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::Command;
use engine::effect::Holding;
use settle::Statement;
use settle::effect::Part;
use sim::disk::FaultDisk;
use sim::world::Field;
use support::input::Batch;
use support::rig::{NOW, Opening, Rig, book_files};

/// Ten percent of what is staked, paid to the studio, of which a part is held for forty days.
const FEE: &str = r#"
agreement: a-fee
from: house
to: studio-0
asset: EUR
zone: UTC
period: half-month
terms:
  - version: 1
    steps:
      - sum: { name: brought, measure: stakes }
      - share: { rate: "10%", round: { scale: 2, mode: half-up } }
      - reserve: { rolling: { rate: "20%", days: 40, round: { scale: 2, mode: half-up } } }
"#;

/// What the studio pays for its place.
const RENT: &str = r#"
agreement: rent
from: studio-0
to: house
asset: EUR
zone: UTC
period: month
terms:
  - version: 1
    steps:
      - sum: { name: brought, measure: stakes }
      - share: { rate: "1%", round: { scale: 2, mode: half-up } }
"#;

/// Both in one payment, named so that it comes first in every order of names.
const NET: &str = r"
agreement: a-all
from: house
to: studio-0
asset: EUR
zone: UTC
period: month
terms:
  - version: 1
    steps:
      - net: { agreements: [a-fee, rent] }
";

fn rig() -> Rig {
    let mut rig = Rig::open(&FaultDisk::new(1)).unwrap();
    let mut files = book_files(Field::Gaming);
    for (name, text) in [("fee", FEE), ("rent", RENT), ("all", NET)] {
        files.insert(format!("agreements/{name}.yaml"), text.as_bytes().to_vec());
    }
    rig.command(Command::Book { revision: 1, files, reason: String::new() }).unwrap();
    rig
}

fn bet(rig: &mut Rig, id: &str, at: &str, amount: &str) {
    let dims = r#"{"provider":"studio-0","game":"roulette","player":"p-1","partner":"shop-1"}"#;
    let line = format!(
        r#"{{"id":"{id}","kind":"bet","amount":"{amount}","asset":"EUR","occurred_at":"{at}","#
    );
    let line = format!(r#"{line}"dims":{dims}}}"#);
    let batch = Batch { source: "feed-a".to_owned(), lines: vec![line.into_bytes()] };
    rig.ingest(&batch).unwrap();
}

fn close(rig: &mut Rig, agreement: &str, period: &str) -> Statement {
    let (closed, new) = rig.engine.close(agreement, period, NOW, "test").unwrap();
    assert!(new, "{agreement} {period}");
    Statement::parse(&closed.body).unwrap()
}

/// Running, held, reserve, in cents.
fn balance(rig: &Rig, agreement: &str) -> (i128, i128, i128) {
    let all = rig.engine.balances().unwrap();
    let found = all.iter().find(|balance| balance.agreement == agreement).unwrap();
    (found.running, found.held, found.part(Part::Reserve))
}

/// Verifies, and compares everything with what a replay of the Log gives.
fn must_hold(rig: &Rig, when: &str) {
    rig.must_verify(when);
    let wiped = Opening { wipe_store: true, ..Opening::default() };
    let again = Rig::open_with(&rig.disk, &wiped).unwrap();
    assert_eq!(again.totals(), rig.totals(), "{when}: replayed");
    assert_eq!(again.engine.all_held().unwrap(), rig.engine.all_held().unwrap(), "{when}: holds");
}

fn holding(agreement: &str, line: &str) -> Holding {
    Holding {
        agreement: agreement.into(),
        period: "2026-01".into(),
        line: line.into(),
        reason: "disputed".into(),
    }
}

#[test]
fn statements_are_balances_that_are_netted_held_and_corrected() {
    let mut rig = rig();
    bet(&mut rig, "b-1", "2026-01-05T00:00:00Z", "1000.00");
    bet(&mut rig, "b-2", "2026-01-20T00:00:00Z", "500.00");
    close(&mut rig, "a-fee", "2026-01-H1");
    assert_eq!(balance(&rig, "a-fee"), (8_000, 0, 2_000));
    // Netting waits for every statement that it nets.
    let blocked = rig.engine.close("a-all", "2026-01", NOW, "test").unwrap_err().to_string();
    for missing in
        ["saldo close 2026-01-H2 --agreement a-fee", "saldo close 2026-01 --agreement rent"]
    {
        assert!(blocked.contains(missing), "{blocked}");
    }
    close(&mut rig, "a-fee", "2026-01-H2");
    assert_eq!(close(&mut rig, "rent", "2026-01").payable.to_string(), "15.00");
    assert_eq!(balance(&rig, "a-fee"), (12_000, 0, 3_000));
    assert_eq!(balance(&rig, "rent"), (1_500, 0, 0));
    must_hold(&rig, "before netting");
    let net = close(&mut rig, "a-all", "2026-01");
    let lines: Vec<_> =
        net.lines.iter().map(|line| format!("{} {}", line.path, line.amount)).collect();
    assert_eq!(lines, ["10-net/a-fee 120.00", "10-net/rent -15.00", "10-net 105.00"]);
    assert_eq!(net.payable.to_string(), "105.00");
    assert_eq!(balance(&rig, "a-all").0, 10_500);
    assert_eq!((balance(&rig, "a-fee"), balance(&rig, "rent")), ((0, 0, 3_000), (0, 0, 0)));
    must_hold(&rig, "netted");

    let conflict = rig.engine.hold(holding("rent", "20-share"), NOW, "test").unwrap_err();
    assert!(conflict.to_string().contains("hold the line of rent on the statement of a-all"));
    assert!(rig.engine.hold(holding("a-all", "10-net"), NOW, "test").is_err(), "moves nothing");
    assert!(rig.engine.hold(holding("a-all", "10-none"), NOW, "test").is_err(), "no line");
    let held = rig.engine.hold(holding("a-all", "10-net/rent"), NOW, "test").unwrap();
    assert_eq!(held.minor, -1_500);
    assert!(rig.engine.hold(holding("a-all", "10-net/rent"), NOW, "test").is_err(), "held twice");
    assert_eq!(balance(&rig, "a-all"), (12_000, -1_500, 0));
    must_hold(&rig, "held");

    // A late event is corrected in the next statement, and netted with it.
    bet(&mut rig, "b-3", "2026-01-06T00:00:00Z", "100.00");
    bet(&mut rig, "b-4", "2026-02-06T00:00:00Z", "200.00");
    for (agreement, period) in
        [("a-fee", "2026-02-H1"), ("a-fee", "2026-02-H2"), ("rent", "2026-02")]
    {
        close(&mut rig, agreement, period);
    }
    let net = close(&mut rig, "a-all", "2026-02");
    // 80 % of 10 and of 20, and what was held until 24 February; less 1 and 2.
    assert_eq!(net.payable.to_string(), "43.00");
    assert!(net.lines.iter().all(|line| line.kind != settle::LineKind::Correction));
    assert_eq!(balance(&rig, "a-fee"), (0, 0, 1_400));
    rig.engine.release(holding("a-all", "10-net/rent"), NOW, "test").unwrap();
    assert!(rig.engine.release(holding("a-all", "10-net/rent"), NOW, "test").is_err(), "twice");
    assert_eq!(balance(&rig, "a-all"), (14_800, 0, 0));
    must_hold(&rig, "released");
    let per_asset: i128 = rig.totals().values().map(|total| total.net().unwrap()).sum();
    assert_eq!(per_asset, 0);
}

#[test]
fn a_close_without_its_statement_is_posted_once() {
    let mut rig = rig();
    bet(&mut rig, "b-1", "2026-01-05T00:00:00Z", "1000.00");
    let span = rig.engine.period_span("rent", "2026-01").unwrap();
    let (agreement, period) = ("rent".to_owned(), "2026-01".to_owned());
    let (start, end) = (span.start, span.end);
    rig.command(Command::Close { agreement, period, start, end, reason: String::new() }).unwrap();
    assert!(rig.engine.balances().unwrap().is_empty());
    rig.must_verify("a close alone");
    // Opening records the statement; opening again does nothing.
    for _ in 0..2 {
        rig = Rig::open(&rig.disk.clone()).unwrap();
        assert_eq!(balance(&rig, "rent"), (1_000, 0, 0));
    }
    must_hold(&rig, "recovered");
}
