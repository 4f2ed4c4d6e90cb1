//! Agreements of the finer steps over whole worlds of events: per event, per day, per person, over
//! windows of several months and down a tree of parties. In whatever order and batches the same
//! events come, statements are the same bytes; and late ones come to what they would have on time.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::Command;
use ledger::Decimal;
use proptest::prelude::*;
use settle::{LineKind, Statement};
use sim::disk::FaultDisk;
use sim::rng::Rng;
use sim::world::{Field, WorldOptions, small};
use std::fmt::Write as _;
use support::input::{self, Arrival};
use support::rig::{NOW, Rig, book_files};

/// The agreements of this test, each with its steps.
const AGREEMENTS: &[(&str, &str)] = &[
    (
        "items",
        r#"
      - tier:
          name: each
          method: slab
          of: { measure: stakes }
          per: [event]
          bands: [{ below: "10.00", rate: "1%" }, { below: "50.00", rate: "2%" }, { rate: "3%" }]
          round: { scale: 2, mode: half-up }
      - round: { mode: half-up }"#,
    ),
    (
        "windows",
        r#"
      - tier:
          name: year
          method: marginal
          of: { measure: stakes }
          per: [provider]
          window: year
          bands: [{ below: "400.00", rate: "10%" }, { rate: "20%" }]
          round: { scale: 2, mode: half-even }
      - tier:
          name: ever
          method: slab
          of: { measure: ggr }
          window: agreement
          effect: add
          bands: [{ below: "1000.00", rate: "5%" }, { rate: "4%" }]
      - round: { mode: half-up }"#,
    ),
    (
        "persons",
        r#"
      - sum: { name: revenue, measure: ggr }
      - quarantine: { name: large, measure: ggr, by: player, threshold: "20.00" }
      - round: { mode: half-up }"#,
    ),
    (
        "tree",
        r#"
      - hierarchy:
          name: agents
          party: partner
          product: game
          turnover: stakes
          net_loss: { measure: ggr, floor: each }
          rates:
            - { party: hq, turnover: "1.5%", net_loss: "30%" }
            - { party: shop-1, turnover: "0.8%", net_loss: "20%" }
            - { party: shop-2, turnover: "1.0%", from: 2026-03-10 }
          round: { scale: 2, mode: half-up }
      - round: { mode: half-up }"#,
    ),
    (
        "days",
        r#"
      - credit: { bought: stakes, drawn: ggr, price: "12.5%", round: { scale: 2, mode: half-up } }
      - tax:
          method: withheld
          of: { measure: stakes }
          by: [partner]
          items: { income: { rate: "3%", round: { scale: 1, mode: floor } } }
      - round: { mode: half-up }"#,
    ),
];

fn rig() -> Rig {
    let mut files = book_files(Field::Gaming);
    for (name, steps) in AGREEMENTS {
        let text = format!(
            "agreement: {name}\ntitle: {{ en: Of {name} }}\nfrom: house\nto: shop-network\n\
             asset: EUR\nzone: Asia/Seoul\nperiod: month\nterms:\n  - version: 1\n    \
             steps:{steps}\n"
        );
        files.insert(format!("agreements/{name}.yaml"), text.into_bytes());
    }
    let parties = files.get_mut("parties.yaml").unwrap();
    let mut more = String::from("\n  hq: { role: partner }\n");
    for shop in 0..400 {
        writeln!(more, "  shop-{shop}: {{ role: partner, parent: hq }}").unwrap();
    }
    parties.extend_from_slice(more.as_bytes());
    let mut rig = Rig::open(&FaultDisk::new(1)).unwrap();
    rig.command(Command::Book { revision: 1, files, reason: String::new() }).unwrap();
    rig
}

fn close(rig: &mut Rig, period: &str) -> Vec<Statement> {
    let close = |(name, _): &(&str, &str)| {
        let (closed, new) = rig.engine.close(name, period, NOW, "test").unwrap();
        assert!(new, "{name} {period} was closed before");
        Statement::parse(&closed.body).unwrap()
    };
    AGREEMENTS.iter().map(close).collect()
}

/// March is closed over the first part of the events, April over all of them.
fn two_months(on_time: &[Arrival], late: &[Arrival], size: usize) -> Vec<[Statement; 2]> {
    let mut rig = rig();
    rig.ingest_all(&input::in_order(on_time, size));
    let march = close(&mut rig, "2026-03");
    rig.ingest_all(&input::in_order(late, size));
    let april = close(&mut rig, "2026-04");
    rig.must_verify("two months");
    march.into_iter().zip(april).map(|(march, april)| [march, april]).collect()
}

/// The events of a world in which none comes before the one that it refers to, and none is broken:
/// no close is blocked wherever the world is cut.
fn events(seed: u64) -> Vec<Arrival> {
    let calm = WorldOptions { cancel_first_ppm: 0, corrupt_ppm: 0, ..small(Field::Gaming, seed) };
    input::arrivals(&WorldOptions { out_of_order_ppm: 0, late_ppm: 0, ..calm })
}

/// What is said of one statement: its body; of persons, whose pseudonyms are another operator's
/// with every vault, the kinds and amounts of the lines.
fn said(statement: &Statement) -> String {
    if statement.agreement != "persons" {
        return String::from_utf8(statement.body()).unwrap();
    }
    let line = |line: &settle::Line| format!("{:?} {}", line.kind, line.amount.canonical());
    let mut lines: Vec<_> = statement.lines.iter().map(line).collect();
    lines.sort_unstable();
    format!("{} {}", lines.join(", "), statement.payable)
}

fn payable(months: &[Statement; 2]) -> Decimal {
    months[0].payable.checked_add(months[1].payable).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if support::long() { 40 } else { 4 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn neither_order_nor_batches_nor_lateness_matter(
        seed: u64,
        late_permille in 0..500usize,
        size in 1..200usize,
        other in 1..200usize,
    ) {
        let all = events(seed);
        let (on_time, late) = all.split_at(all.len() - all.len() * late_permille / 1000);
        let stated = two_months(on_time, late, size);
        let shuffled = |part: &[Arrival], seed: u64| {
            let mut part = part.to_vec();
            Rng::from_seed(seed).shuffle(&mut part);
            part
        };
        let turned = two_months(&shuffled(on_time, seed), &shuffled(late, !seed), other);
        for (one, other) in stated.iter().flatten().zip(turned.iter().flatten()) {
            let (one, other) = (said(one), said(other));
            prop_assert!(one == other, "another order, in other batches: {one}\nand {other}");
        }
        let in_time = two_months(&all, &[], other);
        for ((name, _), (stated, in_time)) in AGREEMENTS.iter().zip(stated.iter().zip(&in_time)) {
            prop_assert_eq!(payable(stated), payable(in_time), "{}: what is paid in all", name);
            let left = |months: &[Statement; 2]| {
                let mut left: Vec<_> = months[1].closing.values().copied().collect();
                left.sort_unstable();
                left
            };
            prop_assert_eq!(left(stated), left(in_time), "{}: what is left", name);
            let corrects = in_time[1].lines.iter().any(|line| line.kind == LineKind::Correction);
            prop_assert!(!corrects, "{}: on time, nothing is corrected", name);
        }
        let moved = |months: &[Statement; 2]| months[0].lines.iter().any(|l| !l.amount.is_zero());
        prop_assert!(in_time.iter().all(moved), "every agreement reads something");
    }
}
