//! The index against a map.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use proptest::prelude::*;
use sim::disk::FaultDisk;
use std::collections::BTreeMap;

const FAN: u64 = MERGE_FAN as u64;

/// An index on its disk beside a map that cannot be wrong.
struct Pair {
    disk: Arc<FaultDisk>,
    index: Index,
    model: BTreeSet<Key>,
    /// What a reopened index holds.
    durable: BTreeSet<Key>,
    metas: Vec<RunMeta>,
    number: u64,
}

const BUDGET: usize = 4000;

impl Pair {
    fn new() -> Self {
        let disk = Arc::new(FaultDisk::new(0));
        disk.create_dir(DIR).unwrap();
        let index = Index::open(disk.clone(), Vec::new(), BUDGET).unwrap();
        let (model, durable) = (BTreeSet::new(), BTreeSet::new());
        Self { disk, index, model, durable, metas: Vec::new(), number: 0 }
    }

    fn insert(&mut self, keys: &[Key]) {
        self.index.insert(keys).unwrap();
        self.model.extend(keys);
    }

    fn checkpoint(&mut self) {
        self.index.write_run(self.number).unwrap();
        self.index.spill().unwrap();
        self.number += 1;
        if let Some(places) = self.index.to_merge() {
            let runs = self.index.runs(places);
            let merged = merge_runs(&*self.disk, self.number, &runs).unwrap();
            self.index.replace(&runs, merged);
            self.number += 1;
        }
        self.metas = self.index.metas().cloned().collect();
        self.durable.clone_from(&self.model);
    }

    fn reopen(&mut self) {
        self.index = Index::open(self.disk.clone(), self.metas.clone(), BUDGET).unwrap();
        self.model.clone_from(&self.durable);
    }

    fn check(&self) {
        let mut wanted: BTreeMap<u64, Vec<Position>> = BTreeMap::new();
        for &(hash, position) in &self.model {
            wanted.entry(hash).or_default().push(position);
        }
        let hashes: Vec<_> = wanted.keys().copied().chain([3, u64::MAX - 1]).collect();
        let mut found = Vec::new();
        self.index.probe(&hashes, &mut found).unwrap();
        for (at, hash) in (0..).zip(&hashes) {
            let positions = found.iter().filter(|key| key.0 == at).map(|key| key.1);
            let mut positions: Vec<_> = positions.collect();
            positions.sort_unstable();
            assert!(positions.is_sorted_by(|a, b| a < b), "{hash:x}: a position twice");
            for position in wanted.get(hash).into_iter().flatten() {
                assert!(positions.contains(position), "{hash:x} at {position} is lost");
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// How many keys, of how many hashes, how far behind the newest positions.
    Insert(u64, u64, u64),
    Checkpoint,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let insert = (1..600_u64, prop_oneof![Just(2), Just(300), Just(u64::MAX)], 0..3_u64);
    let step = prop_oneof![
        4 => insert.prop_map(|(count, hashes, back)| Step::Insert(count, hashes, back)),
        3 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn says_what_a_map_says(steps in steps()) {
        let mut pair = Pair::new();
        let mut next = 0;
        for step in steps {
            match step {
                Step::Insert(count, hashes, back) => {
                    // Positions of long ago come too: the index must not count on their order.
                    let start = next + 1_000_000 - back * 300_000;
                    let key = |at| (sim::rng::mix((next + at) % hashes), start + at);
                    pair.insert(&(0..count).map(key).collect::<Vec<_>>());
                    next += count;
                }
                Step::Checkpoint => pair.checkpoint(),
                Step::Reopen => pair.reopen(),
            }
            pair.check();
        }
    }
}

#[test]
fn old_runs_leave_memory_and_are_found() {
    let mut pair = Pair::new();
    for round in 0..3 * FAN {
        let keys = (0..500).map(|at| (sim::rng::mix(round * 500 + at), round * 500 + at));
        pair.insert(&keys.collect::<Vec<_>>());
        pair.checkpoint();
    }
    assert!(pair.index.runs.iter().any(|run| run.filter.is_some()), "nothing has spilled");
    assert!(pair.index.runs.len() < 3 * MERGE_FAN, "nothing was merged");
    pair.check();
    pair.reopen();
    assert!(pair.index.runs.iter().any(|run| run.filter.is_some()), "nothing is on disk alone");
    pair.check();
}

#[test]
fn positions_have_an_end() {
    let mut pair = Pair::new();
    pair.insert(&[(u64::MAX, POSITION_END - 1), (0, 0)]);
    pair.check();
    let error = pair.index.insert(&[(1, POSITION_END)]).unwrap_err();
    assert_eq!(error.fault, engine::port::PortFault::Limit);
}

#[test]
fn memory_stays_under_sixteen_bytes_a_key() {
    let mut table = Table::with_room_for(0);
    let mut most = 0;
    for batch in 0..400 {
        let keys: Vec<_> =
            (batch * 1000..(batch + 1) * 1000).map(|at| (sim::rng::mix(at), at)).collect();
        table.insert(&keys);
        if batch >= 100 {
            most = most.max(table.bytes() as u64 / ((batch + 1) * 1000));
        }
    }
    assert!((10..16).contains(&most), "{most} bytes a key");
    table.raise_floor(399_000);
    while table.is_purging() {
        table.purge(64);
    }
    assert!(table.bytes() < 400_000, "{} bytes for a thousand keys", table.bytes());
}
