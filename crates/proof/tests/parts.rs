//! The parts inside a statement's file: posting rules, rows, lists of events.

mod world;

use ledger::rules::{Leg, Reference};
use proof::digest::sha256;
use proof::events::{BucketDigest, EventList, EventListBuilder, entry_key};
use proof::rules_bytes;
use proof::statement_file::rows;
use proptest::prelude::*;
use world::{MINUTE, rules};

#[test]
fn rules_come_back_and_are_frozen() {
    let bytes = rules_bytes::encode(&rules());
    assert_eq!(rules_bytes::decode(&bytes), Ok(rules()));
    assert_eq!(rules_bytes::rules_hash(&rules()), sha256(&bytes));
    let frozen = "ceb2d3b259af83f2c4b05e59b9cbcd77e7671455de8e98239e3edbc807536b7b";
    assert_eq!(sha256(&bytes).to_string(), frozen);
    for length in 0..bytes.len() {
        assert!(rules_bytes::decode(&bytes[..length]).is_err(), "cut at {length}");
    }
    assert!(rules_bytes::decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn rules_that_cannot_be_used_are_refused() {
    type Change = fn(&mut ledger::Rules);
    let changes: [Change; 8] = [
        |rules| rules.kinds[0].legs[0] = Leg { debit: 3, credit: 0 },
        |rules| rules.kinds[1].reference = Reference::Cancels(vec![3]),
        |rules| rules.kinds[0].dims_required = vec![3],
        |rules| rules.sources[0].party = Some(2),
        |rules| rules.sources[1].kinds = vec![9],
        |rules| rules.assets[0].scale = 19,
        |rules| rules.kinds.swap(0, 1),
        |rules| rules.sources[1].name = "studio-a".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut rules = rules();
        change(&mut rules);
        let read = rules_bytes::decode(&rules_bytes::encode(&rules));
        assert_eq!(read.map_err(|error| error.code()), Err("E6007"), "case {number}");
    }
}

#[test]
fn rows_come_back_only_in_order() {
    let sums = world::Issue::of(&world::facts()).rows;
    assert_eq!(rows::decode(&rows::encode(&sums)).as_ref(), Ok(&sums));
    let turned: Vec<_> = sums.iter().rev().cloned().collect();
    let twice = vec![sums[0].clone(), sums[0].clone()];
    for bad in [turned, twice] {
        assert_eq!(rows::decode(&rows::encode(&bad)).map_err(|e| e.code()), Err("E6008"));
    }
}

fn list(entries_max: usize, turned: bool) -> EventList {
    let mut builder = EventListBuilder::with_entries_max(entries_max);
    let mut events: Vec<(&str, String, i64)> = (0..30)
        .map(|n| (if n % 4 == 0 { "b" } else { "a" }, format!("id-{n}"), n * 4 * MINUTE))
        .collect();
    if turned {
        events.reverse();
    }
    for (source, id, at) in events {
        builder.push(source, &id, at, &sha256(id.as_bytes()));
    }
    builder.build()
}

#[test]
fn lists_come_back_whatever_the_order_of_events() {
    for (entries_max, frozen) in [
        (30, "7e7a1a065d021992df13359a3dc2bc04fb98334cde743498069e741cf1b9cfe4"),
        (29, "4c43507b9bc379d19f19a53ae43dbae19aeb4ac19b2e3553b633215ee70f0b81"),
    ] {
        let found = list(entries_max, false);
        assert_eq!(found, list(entries_max, true));
        assert_eq!(EventList::decode(&found.encode()).as_ref(), Ok(&found));
        assert_eq!((found.count(), found.count_of("a"), found.count_of("c")), (30, 22, 0));
        assert_eq!(found.sources().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(found.root().to_string(), frozen, "{entries_max}");
    }
    assert_ne!(entry_key("a", "b"), entry_key("ab", ""));
}

#[test]
fn digests_are_of_the_sorted_hashes_of_a_quarter_of_an_hour() {
    let EventList::Buckets(sources) = list(0, false) else { panic!("there are too many") };
    // Of b are the events 0, 4, 8, …, one every 16 minutes.
    let buckets = &sources["b"];
    assert_eq!(buckets.len(), 8);
    let digest = sha256(&sha256(b"id-4").0);
    assert_eq!(buckets[1], BucketDigest { bucket: 1, count: 1, digest });
    // Of a are three within the first quarter of an hour: 1, 2 and 3.
    let mut hashes = [b"id-1", b"id-2", b"id-3"].map(|id| sha256(id).0);
    hashes.sort_unstable();
    let digest = sha256(&hashes.concat());
    assert_eq!(sources["a"][0], BucketDigest { bucket: 0, count: 3, digest });
}

#[test]
fn lists_out_of_order_are_refused() {
    let EventList::Entries(mut sources) = list(30, false) else { panic!("they are named") };
    sources.get_mut("a").expect("there").reverse();
    let bad = EventList::Entries(sources).encode();
    assert_eq!(EventList::decode(&bad).map_err(|error| error.code()), Err("E6009"));
    let EventList::Buckets(mut sources) = list(0, false) else { panic!("there are too many") };
    sources.get_mut("a").expect("there")[0].count = 0;
    assert!(EventList::decode(&EventList::Buckets(sources.clone()).encode()).is_err());
    sources.get_mut("a").expect("there").clear();
    assert!(EventList::decode(&EventList::Buckets(sources).encode()).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(rules) = rules_bytes::decode(&bytes) {
            prop_assert_eq!(rules_bytes::encode(&rules), bytes.clone());
        }
        if let Ok(list) = EventList::decode(&bytes) {
            prop_assert_eq!(list.encode(), bytes.clone());
        }
        if let Ok(sums) = rows::decode(&bytes) {
            prop_assert_eq!(rows::encode(&sums), bytes);
        }
    }

    #[test]
    fn any_changed_byte_makes_other_rules_or_none(at in 0_usize..2000, mask in 1_u8..) {
        let mut bytes = rules_bytes::encode(&rules());
        let at = at % bytes.len();
        bytes[at] ^= mask;
        if let Ok(other) = rules_bytes::decode(&bytes) {
            prop_assert_ne!(&other, &rules());
            prop_assert_eq!(rules_bytes::encode(&other), bytes);
        }
    }
}
