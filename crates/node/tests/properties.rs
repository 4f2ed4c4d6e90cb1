//! What holds for every world and every batch: repeats change nothing, order changes nothing,
//! received is the sum of its parts, and replay gives the same bytes.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::Command;
use engine::live::Asked;
use engine::sums::{ALWAYS, account_sums};
use proptest::prelude::*;
use sim::rng::Rng;
use sim::world::{Field, WorldOptions, small, stormy};
use support::input::{self, Batch};
use support::long;
use support::rig::{NOW, Opening, Rig};

fn config(cases: u32) -> ProptestConfig {
    let cases = if long() { cases * 10 } else { cases };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn field() -> impl Strategy<Value = Field> {
    (0..Field::ALL.len()).prop_map(|at| Field::ALL[at])
}

const MONTH: &str = "2026-03";

/// An agreement of the field's example book.
fn agreement(field: Field) -> &'static str {
    match field {
        Field::Gaming => "studio-0-share",
        Field::Marketplace => "seller-1-payout",
        Field::AppStore => "dev-0-payout",
        Field::Payments => "merchant-0-settlement",
    }
}

proptest! {
    #![proptest_config(config(12))]

    /// P2: everything sent again, twice and in other batches, counts as repeats alone.
    #[test]
    fn repeats_change_nothing(
        seed: u64,
        field in field(),
        first in 1..400usize,
        again in 1..400usize,
    ) {
        let arrivals = input::arrivals(&stormy(field, 300, seed));
        let mut rig = Rig::new(field);
        rig.ingest_all(&input::in_order(&arrivals, first));
        let before = rig.result();
        let half = arrivals.len() / 2;
        let mut rotated = arrivals.clone();
        rotated.rotate_left(half);
        rig.ingest_all(&input::in_order(&rotated, again));
        rig.ingest_all(&input::by_source(&arrivals, first));
        let after = rig.result();
        prop_assert_eq!(&after.totals, &before.totals);
        prop_assert_eq!(&after.roots, &before.roots);
        let mut counters = before.counters;
        counters[0] += 600;
        counters[2] += 600;
        prop_assert_eq!(after.counters, counters);
        rig.must_verify("after repeats");
    }

    /// P3: without contests the order of arrival does not matter, nor for the statement.
    #[test]
    fn order_does_not_matter(seed: u64, field in field(), size in 1..200usize) {
        let options = WorldOptions { cancel_first_ppm: 30_000, ..small(field, seed) };
        let arrivals = input::arrivals(&options);
        let mut shuffled = arrivals.clone();
        Rng::from_seed(seed).shuffle(&mut shuffled);
        let outcome = |batches: &[Batch]| {
            let mut rig = Rig::new(field);
            rig.ingest_all(batches);
            rig.engine.close(agreement(field), MONTH, NOW, "test").unwrap();
            rig.must_verify("after the close");
            (rig.totals(), rig.counters(), rig.statements())
        };
        let first = outcome(&input::in_order(&arrivals, 100));
        let other = outcome(&input::in_order(&shuffled, size));
        prop_assert_eq!(first, other);
    }

    /// However the lines are cut into frames, every byte of the outcome is the same.
    #[test]
    fn frames_do_not_matter(seed: u64, field in field(), size in 2..100usize) {
        let arrivals = input::arrivals(&stormy(field, 250, seed));
        let outcome = |size| {
            let mut rig = Rig::new(field);
            rig.ingest_all(&input::by_source(&arrivals, size));
            rig.result()
        };
        let first = outcome(1);
        prop_assert_eq!(&first, &outcome(7));
        prop_assert_eq!(&first, &outcome(size));
        prop_assert_eq!(&first, &outcome(8192));
    }

    /// The Log alone gives everything again, byte for byte.
    #[test]
    fn replay_gives_the_same(seed: u64, field in field(), checkpoint_after in 0..20usize) {
        let arrivals = input::arrivals(&stormy(field, 250, seed));
        let mut rig = Rig::new(field);
        for (at, batch) in input::in_order(&arrivals, 20).iter().enumerate() {
            rig.ingest(batch).unwrap();
            if at == checkpoint_after {
                rig.engine.checkpoint().unwrap();
            }
        }
        let (before, disk) = (rig.result(), rig.disk.clone());
        drop(rig);
        let again = Rig::open(&disk).unwrap();
        prop_assert_eq!(&again.result(), &before);
        drop(again);
        let wiped = Opening { wipe_store: true, checkpoint_keys: 60, ..Opening::default() };
        let again = Rig::open_with(&disk, &wiped).unwrap();
        prop_assert_eq!(&again.result(), &before);
        again.must_verify("rebuilt");
    }

    /// Contests resolved and records replayed between lines leave both roads together.
    #[test]
    fn commands_keep_the_roads_together(
        seed: u64,
        field in field(),
        choices in prop::collection::vec(any::<u32>(), 1..25),
    ) {
        let world = stormy(field, 200, seed);
        let more = WorldOptions { contests_ppm: 150_000, cancel_ppm: 60_000, ..world };
        let batches = input::in_order(&input::arrivals(&more), 8);
        let mut rig = Rig::new(field);
        let mut choices = choices.into_iter();
        for batch in &batches {
            rig.ingest(batch).unwrap();
            if let Some(choice) = choices.next() {
                act(&mut rig, choice);
            }
        }
        choices.for_each(|choice| act(&mut rig, choice));
        rig.must_verify("after commands");
        rig.ingest_all(&batches);
        rig.must_verify("after repeats");
        let (before, disk) = (rig.result(), rig.disk.clone());
        drop(rig);
        let wiped = Opening { wipe_store: true, ..Opening::default() };
        prop_assert_eq!(Rig::open_with(&disk, &wiped).unwrap().result(), before);
    }

    /// P10: whatever comes, received is the sum of its parts, and a replay adds nothing.
    #[test]
    fn nothing_vanishes(lines in prop::collection::vec(hostile(), 1..60), size in 1..20usize) {
        let mut rig = Rig::new(Field::Gaming);
        let mut came = 0;
        for lines in lines.chunks(size) {
            let is_blank = |line: &[u8]| line.is_empty() || line == b"\r";
            let not_blank = |line: &&Vec<u8>| !is_blank(line);
            came += lines.iter().filter(not_blank).count() as u64;
            rig.ingest(&Batch { source: "feed-a".into(), lines: lines.to_vec() }).unwrap();
            prop_assert_eq!(rig.counters()[0], came);
        }
        let before = rig.counters();
        let listed = rig.engine.quarantined(&engine::query::QuarantineFilter::default()).unwrap();
        prop_assert_eq!(listed.len() as u64, before[4]);
        for row in listed {
            rig.command(Command::Replay { position: row.position }).unwrap();
        }
        prop_assert_eq!(rig.counters(), before);
        rig.must_verify("after hostile lines");
    }
}

/// Resolves a contest or replays a quarantined record.
fn act(rig: &mut Rig, choice: u32) {
    let at = (choice >> 8) as usize;
    if choice.is_multiple_of(4) {
        let listed = rig.engine.quarantined(&engine::query::QuarantineFilter::default()).unwrap();
        if let Some(row) = listed.get(at % listed.len().max(1)) {
            rig.command(Command::Replay { position: row.position }).unwrap();
        }
        return;
    }
    let contests = rig.engine.contests().unwrap();
    if let Some(row) = contests.get(at % contests.len().max(1)) {
        let (keep_later, reason) = (choice % 4 != 1, String::new());
        rig.command(Command::Resolve { later: row.later, keep_later, reason }).unwrap();
    }
}

/// Bytes without an end of line, or an event with something odd in it.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..80).prop_map(|mut bytes| {
        bytes.retain(|byte| *byte != b'\n');
        bytes
    });
    let amount = "-?[0-9]{1,30}(\\.[0-9]{0,5})?";
    let event = (0..20u32, "(bet|win|rollback|x)", amount, 0..20u32, ".{0,8}").prop_map(odd_event);
    prop_oneof![bytes, event]
}

fn odd_event((id, kind, amount, to, odd): (u32, String, String, u32, String)) -> Vec<u8> {
    let plain = |c: &char| !c.is_control() && !"\"\\".contains(*c);
    let odd: String = odd.chars().filter(plain).collect();
    format!(
        "{{\"id\":\"{id}{odd}\",\"kind\":\"{kind}\",\"occurred_at\":\"2026-03-01T00:00:00Z\",\
         \"amount\":\"{amount}\",\"asset\":\"EUR\",\"ref\":\"{to}\",\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"g{odd}\",\"player\":\"{odd}\"}}}}"
    )
    .into_bytes()
}

proptest! {
    #![proptest_config(config(8))]

    /// Totals that were asked for before are kept up: they are as read anew, whatever came in
    /// between, and page by page they are the same.
    #[test]
    fn totals_that_were_asked_for_are_kept_up(
        seed: u64,
        field in field(),
        batch in 20..100usize,
        limit in 1..9usize,
    ) {
        let arrivals = input::arrivals(&stormy(field, 300, seed));
        let mut rig = Rig::new(field);
        let mut rng = Rng::from_seed(seed);
        for part in input::in_order(&arrivals, batch) {
            rig.ingest_all(std::slice::from_ref(&part));
            for _ in 0..6 {
                // The first three weeks of March 2026 from 0 on: more spans than are kept.
                let from = MARCH_SECONDS + 86_400 * i64::try_from(rng.below(21)).unwrap();
                let span = [from, from + 86_400 * 9].map(|seconds| seconds * 1_000_000_000);
                let span = if rng.below(3) == 0 { [None; 2] } else { span.map(Some) };
                let found = rig.engine.totals(&Asked::default(), span[0], span[1]).unwrap();
                prop_assert_eq!(&found, &anew(&rig, span));
                prop_assert_eq!(pages(&rig, span, limit), found);
            }
        }
    }
}

/// The first second of March 2026.
const MARCH_SECONDS: i64 = 1_772_323_200;

/// Totals as the Store has them.
fn anew(rig: &Rig, [from, to]: [Option<i64>; 2]) -> Vec<settle::AccountSum> {
    let bucket = |nanos: Option<i64>, or| nanos.map_or(or, ledger::time::Bucket::of);
    let span = (bucket(from, ALWAYS.0), bucket(to, ALWAYS.1));
    let mut sums = account_sums(rig.engine.store(), span, &mut |_, _| true).unwrap();
    sums.sort_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
    sums
}

/// Totals, so many at a time.
fn pages(rig: &Rig, [from, to]: [Option<i64>; 2], limit: usize) -> Vec<settle::AccountSum> {
    let mut all: Vec<settle::AccountSum> = Vec::new();
    loop {
        let after = all.last().map(|last| (last.path.clone(), last.asset.clone()));
        let after = after.as_ref().map(|(path, asset)| (path.as_str(), asset.as_str()));
        let asked = Asked { pattern: None, after, limit: Some(limit) };
        let page = rig.engine.totals(&asked, from, to).unwrap();
        let last = page.len() < limit;
        all.extend(page);
        if last {
            return all;
        }
    }
}
