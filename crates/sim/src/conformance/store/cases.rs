//! Checks of a Store that are easier told than drawn by lot.

use super::Reopen;
use engine::port::{Commit, DocumentChange, Store, Table, TotalRow};
use ledger::Total;
use ledger::time::Bucket;

type Case = fn(&mut Reopen<dyn Store>);

pub(super) const ALL: [(&str, Case); 8] = [
    ("a new one is empty", new_is_empty),
    ("nothing is durable before a checkpoint", durable_at_checkpoints),
    ("equal hashes keep every position", equal_hashes),
    ("many keys come back after each opening", many_keys),
    ("totals of a span are half-open and may be huge", spans_of_totals),
    ("documents sort as bytes", documents_sort),
    ("partial tiles are those of the last checkpoint", partial_tiles),
    ("a checkpoint without a commit keeps the state", empty_checkpoint),
];

fn commit(store: &mut dyn Store, commit: Commit) {
    store.commit(commit).expect("a commit is taken");
}

fn checkpoint(store: &mut dyn Store, state: &[u8]) {
    store.checkpoint(state, &[]).expect("a checkpoint is written");
}

fn positions(store: &dyn Store, hash: u64) -> Vec<u64> {
    let mut found = Vec::new();
    store.probe(&[hash], &mut found).expect("a probe answers");
    let mut found: Vec<_> = found.into_iter().map(|(_, position)| position).collect();
    found.sort_unstable();
    found
}

fn new_is_empty(open: &mut Reopen<dyn Store>) {
    for _ in 0..2 {
        super::Model::default().must_equal(&*open(), "a new Store");
    }
}

fn durable_at_checkpoints(open: &mut Reopen<dyn Store>) {
    // Far apart: hashes that differ in a few bits only may answer for each other.
    let (first, second) = (crate::rng::mix(7), crate::rng::mix(8));
    let mut store = open();
    commit(&mut *store, Commit { position: 1, keys: vec![(first, 0)], ..Commit::default() });
    checkpoint(&mut *store, b"one");
    commit(&mut *store, Commit { position: 2, keys: vec![(second, 1)], ..Commit::default() });
    assert_eq!((store.position(), store.checkpoint_position()), (2, 1));
    assert_eq!(positions(&*store, second), [1], "readable at once");
    drop(store);
    let store = open();
    assert_eq!((store.position(), store.checkpoint_position()), (1, 1));
    assert_eq!(store.checkpoint_state(), b"one");
    assert_eq!((positions(&*store, first), positions(&*store, second)), (vec![0], vec![]));
}

fn equal_hashes(open: &mut Reopen<dyn Store>) {
    for hash in [0, u64::MAX, 1 << 63, 0x0123_4567_89ab_cdef] {
        let mut store = open();
        let start = store.position();
        let end = start + 3000;
        let keys = (start..end).map(|position| (hash, position)).collect();
        commit(&mut *store, Commit { position: end, keys, ..Commit::default() });
        let all: Vec<u64> = (start..end).collect();
        assert_eq!(positions(&*store, hash), all, "{hash:x}");
        checkpoint(&mut *store, &[]);
        drop(store);
        assert_eq!(positions(&*open(), hash), all, "{hash:x} again");
    }
}

fn many_keys(open: &mut Reopen<dyn Store>) {
    const BATCH: u64 = 4000;
    for round in 0..6 {
        let mut store = open();
        let start = round * BATCH;
        assert_eq!(store.position(), start);
        let hashes: Vec<_> = (0..start + BATCH).map(crate::rng::mix).collect();
        let mut found = Vec::new();
        store.probe(&hashes, &mut found).expect("a probe answers");
        found.sort_unstable();
        let known: Vec<_> = found.into_iter().filter(|key| u64::from(key.0) == key.1).collect();
        let wanted: Vec<_> = (0..).zip(0..start).collect();
        assert!(known == wanted, "round {round}: each known key once, no other");
        let keys = (start..start + BATCH).map(|at| (crate::rng::mix(at), at)).collect();
        commit(&mut *store, Commit { position: start + BATCH, keys, ..Commit::default() });
        checkpoint(&mut *store, &[]);
    }
}

fn spans_of_totals(open: &mut Reopen<dyn Store>) {
    let mut store = open();
    let huge = i128::MAX / 4;
    let row = |bucket, account, debit| {
        let total = Total { debit, credit: 1, count: 1 };
        TotalRow { bucket: Bucket(bucket), account, total }
    };
    for (at, bucket) in [i32::MIN, -1, 0, 5, i32::MAX - 1].into_iter().enumerate() {
        let totals = vec![row(bucket, 9, huge), row(bucket, u32::MAX - 1, 0)];
        commit(&mut *store, Commit { position: at as u64, totals, ..Commit::default() });
        checkpoint(&mut *store, &[]);
    }
    drop(store);
    let store = open();
    let sum = |from, to| {
        let mut rows = Vec::new();
        let visit = &mut |row: TotalRow| rows.push((row.bucket.0, row.account, row.total.debit));
        store.totals(Bucket(from), Bucket(to), visit).expect("totals are read");
        rows.sort_unstable();
        rows
    };
    let both = |bucket| [(bucket, 9, huge), (bucket, u32::MAX - 1, 0)];
    assert_eq!(sum(-1, 5), [both(-1), both(0)].concat());
    assert_eq!(sum(i32::MIN, -1), both(i32::MIN));
    assert_eq!(sum(6, i32::MAX), both(i32::MAX - 1));
    assert_eq!(sum(1, 1), []);
}

fn documents_sort(open: &mut Reopen<dyn Store>) {
    let mut store = open();
    let put = |key: &[u8], value: Option<&[u8]>| DocumentChange {
        table: Table::Feed,
        key: key.to_vec(),
        value: value.map(<[u8]>::to_vec),
    };
    let documents = vec![
        put(b"b", Some(b"1")),
        put(b"\xff", Some(b"2")),
        put(b"", Some(b"3")),
        put(b"a\0", Some(b"")),
        put(b"b", Some(b"4")),
        put(b"c", Some(b"5")),
        put(b"c", None),
        put(b"absent", None),
    ];
    commit(&mut *store, Commit { position: 1, documents, ..Commit::default() });
    let keys = |from: &[u8], most: usize| {
        let mut keys = Vec::new();
        let visit = &mut |key: &[u8], _: &[u8]| {
            keys.push(key.to_vec());
            keys.len() < most
        };
        store.documents(Table::Feed, from, visit).expect("documents are read");
        keys
    };
    assert_eq!(keys(b"", 9), [&b""[..], b"a\0", b"b", b"\xff"]);
    assert_eq!(keys(b"a\0\0", 9), [&b"b"[..], b"\xff"]);
    assert_eq!(keys(b"b", 1), [b"b"]);
    let value = |key: &[u8]| store.document(Table::Feed, key).expect("a document is read");
    assert_eq!((value(b"b"), value(b"a\0")), (Some(b"4".to_vec()), Some(Vec::new())));
    assert_eq!(store.document_count(Table::Feed).expect("it counts"), 4);
    assert_eq!(store.document_count(Table::Book).expect("it counts"), 0);
}

fn partial_tiles(open: &mut Reopen<dyn Store>) {
    let mut store = open();
    let paths = ["s/tile/0/000.p/3", "s/tile/0/000.p/4"];
    for (at, path) in paths.into_iter().enumerate() {
        let position = at as u64 + 1;
        commit(&mut *store, Commit { position, ..Commit::default() });
        let tile = vec![u8::try_from(at).unwrap_or(0); 32 * (at + 3)];
        store.checkpoint(&[], &[(path.to_owned(), tile)]).expect("a checkpoint is written");
    }
    drop(store);
    let tile = open().tile(paths[1]).expect("a tile is read");
    assert_eq!(tile, Some(vec![1; 128]));
}

fn empty_checkpoint(open: &mut Reopen<dyn Store>) {
    let mut store = open();
    commit(&mut *store, Commit { position: 3, keys: vec![(1, 2)], ..Commit::default() });
    for state in [&b"a"[..], b"b", b""] {
        checkpoint(&mut *store, state);
        drop(store);
        store = open();
        assert_eq!((store.position(), store.checkpoint_state()), (3, state.to_vec()));
        assert_eq!(positions(&*store, 1), [2]);
    }
}
