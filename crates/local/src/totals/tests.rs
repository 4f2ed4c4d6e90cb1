//! Totals against a map.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use ledger::Total;
use proptest::prelude::*;
use sim::disk::FaultDisk;
use std::collections::BTreeMap;

type Sums = BTreeMap<(i32, u32), Total>;

fn row((bucket, account, debit, count): (i32, u32, i64, u64)) -> TotalRow {
    // Beyond 64 bits for some, none at all for others.
    let debit = i128::from(debit) << (debit.unsigned_abs() % 60);
    let total = Total { debit, credit: i128::from(count % 3), count };
    TotalRow { bucket: Bucket(bucket), account, total }
}

fn add(sums: &mut Sums, row: &TotalRow) {
    sums.entry((row.bucket.0, row.account)).or_default().add(row.total).unwrap();
}

fn sums_of(totals: &Totals, from: i32, to: i32) -> Sums {
    let mut sums = Sums::new();
    totals.visit(Bucket(from), Bucket(to), &mut |row| add(&mut sums, &row)).unwrap();
    sums
}

fn new_disk() -> Arc<FaultDisk> {
    let disk = Arc::new(FaultDisk::new(0));
    disk.create_dir(DIR).unwrap();
    disk
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn say_what_a_map_says(
        batches in prop::collection::vec(
            prop::collection::vec(
                (prop_oneof![-3..3, Just(i32::MIN), Just(i32::MAX - 1)], 0..9_u32,
                 any::<i64>(), 0..300_u64), 0..60), 1..12),
        spans in prop::collection::vec((-4..4, -4..4), 4),
    ) {
        let disk = new_disk();
        let mut totals = Totals::open(disk.clone(), Vec::new()).unwrap();
        let mut model = Sums::new();
        let mut number = 0;
        for batch in batches {
            let rows: Vec<_> = batch.into_iter().map(row).collect();
            for row in &rows {
                add(&mut model, row);
            }
            totals.add(&rows).unwrap();
            assert_eq!(sums_of(&totals, i32::MIN, i32::MAX), model.clone());
            totals.write_run(number).unwrap();
            number += 1;
            if let Some(places) = totals.to_merge() {
                let runs = totals.runs(places);
                totals.replace(&runs, merge_runs(&*disk, number, &runs).unwrap());
                number += 1;
            }
            let metas = totals.metas().cloned().collect();
            totals = Totals::open(disk.clone(), metas).unwrap();
            for &(from, to) in &spans {
                let inside = model.iter().filter(|(key, _)| from <= key.0 && key.0 < to);
                let inside: Sums = inside.map(|(key, total)| (*key, *total)).collect();
                assert_eq!(sums_of(&totals, from, to), inside);
            }
        }
        prop_assert!(totals.runs.len() < 8);
    }
}

#[test]
fn many_blocks_are_read_by_period() {
    let disk = new_disk();
    let mut totals = Totals::open(disk.clone(), Vec::new()).unwrap();
    let rows: Vec<_> =
        (0..20_000).map(|at| row((i32::try_from(at / 100).unwrap(), at, 5, 1))).collect();
    totals.add(&rows).unwrap();
    assert!(totals.write_run(0).unwrap() && !totals.write_run(1).unwrap());
    assert_eq!(sums_of(&totals, 0, 200).len(), 20_000);
    let before = disk.calls(sim::disk::Calls::Reads);
    assert_eq!(sums_of(&totals, 50, 51).len(), 100);
    assert_eq!(disk.calls(sim::disk::Calls::Reads) - before, 1, "one block is enough");
}

#[test]
fn a_sum_beyond_128_bits_is_a_limit() {
    let disk = new_disk();
    let mut totals = Totals::open(disk.clone(), Vec::new()).unwrap();
    let total = Total { debit: i128::MAX, credit: 0, count: 1 };
    let huge = TotalRow { bucket: Bucket(0), account: 0, total };
    for number in 0..2 {
        totals.add(&[huge]).unwrap();
        totals.write_run(number).unwrap();
    }
    let limit = Some(engine::port::PortFault::Limit);
    assert_eq!(merge_runs(&*disk, 2, &totals.runs(0..2)).err().map(|error| error.fault), limit);
    totals.add(&[huge]).unwrap();
    assert_eq!(totals.add(&[huge]).err().map(|error| error.fault), limit);
}
