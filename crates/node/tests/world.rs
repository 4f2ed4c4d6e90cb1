//! The simulated worlds of all fields through the engine: counters and totals are what the oracle
//! says, and `verify` finds nothing. `SALDO_SEED` names the seed of `seed`.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use ledger::Total;
use sim::oracle::Expected;
use sim::world::{Field, WorldOptions, stormy};
use support::input::{self, Arrival};
use support::rig::Rig;
use support::{expect, long};

fn counts(expected: &Expected) -> [u64; 6] {
    [
        expected.received,
        expected.posted,
        expected.duplicate,
        expected.waiting,
        expected.quarantined,
        expected.refused,
    ]
}

fn must_be(rig: &Rig, expected: &Expected, when: &str) {
    assert_eq!(rig.counters(), counts(expected), "{when}: counters");
    let rules = &rig.engine.lookup().unwrap().rules;
    let totals = expect::totals(rules, expected);
    let stored = rig.totals();
    for (place, total) in &totals {
        assert_eq!(stored.get(place), Some(total), "{when}: {place:?}");
    }
    for (place, total) in &stored {
        assert!(totals.contains_key(place), "{when}: {place:?} has {total:?}");
    }
    let balance: i128 = stored.values().map(|total: &Total| total.debit - total.credit).sum();
    assert_eq!(balance, 0, "{when}");
}

fn check(options: &WorldOptions, frame: usize) {
    let when = format!("{}, seed {}, frames of {frame}", options.field, options.seed);
    let arrivals: Vec<Arrival> = input::arrivals(options);
    let mut rig = Rig::new(options.field);
    rig.ingest_all(&input::in_order(&arrivals, frame));
    must_be(&rig, &input::expected(&arrivals), &when);
    rig.must_verify(&when);
}

#[test]
fn seed() {
    let seed = std::env::var("SALDO_SEED").ok();
    let seed = seed.map_or(1, |seed| seed.parse().expect("SALDO_SEED is a number"));
    for field in Field::ALL {
        check(&stormy(field, if long() { 20_000 } else { 2_000 }, seed), 50);
    }
}

#[test]
fn one_source_in_larger_frames() {
    for (seed, frame) in [(2, 1), (3, 7), (4, 1_000), (5, 8_192)] {
        let one = vec!["feed-a".to_owned()];
        check(&WorldOptions { sources: one, ..stormy(Field::Gaming, 1_500, seed) }, frame);
    }
}
