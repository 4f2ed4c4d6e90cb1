//! What a plan rates is what a close states, though it merges what rating does not tell apart, and
//! both are what the batch road finds: over worlds in which everything goes wrong that can.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::plan::Rated;
use engine::{Command, EngineError};
use proptest::prelude::*;
use sim::disk::FaultDisk;
use sim::world::{Field, stormy};
use std::collections::BTreeMap;
use support::input;
use support::rig::{NOW, Rig, book_files};

const MONTH: &str = "2026-03";

/// Steps that read single players, shops, days and events, with and without selections.
const TERMS: [(&str, &str); 6] = [
    (
        "shop-players",
        "[{ select: { only: { partner: [shop-1, shop-3] } } }, { sum: { name: ngr, measure: ngr \
         } }, { quarantine: { name: large, measure: ngr, by: player, threshold: \"1\" } }, { \
         share: { rate: \"30%\" } }",
    ),
    (
        "studio-players",
        "[{ select: { only: { provider: [studio-0] } } }, { sum: { name: ggr, measure: ggr } }, { \
         quarantine: { name: large, measure: ggr, by: player, threshold: \"5\" } }",
    ),
    (
        "cashback",
        "[{ select: { only: { partner: [shop-0], provider: [studio-1, studio-2] } } }, { tier: { \
         name: back, of: { measure: stakes }, per: [player], method: marginal, bands: [{ up_to: \
         \"10.00\", rate: \"1%\" }, { rate: \"3%\" }] } }",
    ),
    (
        "games",
        "[{ tier: { name: games, of: { measure: wins }, per: [game, partner], method: slab, bands: \
         [{ below: \"100.00\", rate: \"2%\" }, { rate: \"4%\" }] } }",
    ),
    (
        "cancels",
        "[{ select: { only: { kind: [bet, rollback] } } }, { sum: { name: stakes, measure: stakes \
         } }, { tier: { name: each, of: { measure: bonuses }, per: [event], method: slab, bands: \
         [{ rate: \"4%\" }] } }",
    ),
    ("plain", "[{ sum: { name: ggr, measure: ggr } }, { share: { rate: \"12%\" } }"),
];

fn rig() -> Rig {
    let mut rig = Rig::open(&FaultDisk::new(1)).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = book_files(Field::Gaming);
    for (name, steps) in TERMS {
        let text = format!(
            "agreement: {name}\nfrom: house\nto: studio-0\nasset: EUR\nzone: Europe/Berlin\n\
             period: month\nterms:\n  - version: 1\n    steps: {steps}, {{ round: {{ scale: 2, \
             mode: half-up }} }}]\n"
        );
        files.insert(format!("agreements/{name}.yaml"), text.into_bytes());
    }
    rig.command(Command::Book { revision: 1, files, reason: String::new() }).unwrap();
    rig
}

fn planned(rig: &Rig) -> Result<BTreeMap<String, Vec<u8>>, EngineError> {
    let book = &rig.engine.state().books.current().unwrap().compiled;
    let plan = rig.engine.plan(book, (12, true))?;
    let month = plan.periods.iter().filter(|period| period.period.to_string() == MONTH);
    Ok(month
        .filter_map(|period| match (&period.before, &period.after) {
            (Rated::Statement(before), Rated::Statement(after)) => {
                assert_eq!(before.body(), after.body(), "{}", period.agreement);
                Some((period.agreement.clone(), after.body()))
            }
            _ => None,
        })
        .collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_is_planned_is_what_is_closed(seed: u64, size in 1..300usize) {
        let mut options = stormy(Field::Gaming, 400, seed);
        // What waits for good, or is contested, would block the close.
        (options.orphans_ppm, options.contests_ppm) = (0, 0);
        let arrivals = input::arrivals(&options);
        let mut rig = rig();
        rig.ingest_all(&input::in_order(&arrivals, size));
        let waiting = rig.counters()[3];
        prop_assume!(waiting == 0);
        let planned = planned(&rig).unwrap();
        for (name, _) in TERMS {
            let (closed, _) = rig.engine.close(name, MONTH, NOW, "test").unwrap();
            prop_assert_eq!(
                String::from_utf8_lossy(&closed.body),
                String::from_utf8_lossy(&planned[name]),
                "{}", name
            );
        }
        rig.must_verify("as closed");
    }
}
