//! Receipts: made as the service makes them, checked as whoever holds them does.
#![allow(clippy::unwrap_used)] // a test may panic

use proof::Hash;
use proof::digest::{content_hash, sha256};
use proof::note::{SignedNote, SigningKey, VerifierKey};
use proof::receipt::{Entry, Head, Member, Range, Receipt, Tree, sign};
use proof::tree::Frontier;

fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(name, [7; 32]).unwrap()
}

fn entry(at: usize) -> Entry {
    let content_hash = content_hash(format!("event {at}").as_bytes());
    Entry::Event { id: format!("t-{at}"), content_hash }
}

/// Receipts of a request of three rows between two single ones, as one frame has them.
fn frame() -> Vec<Receipt> {
    let rows: Vec<Entry> =
        vec![entry(1), Entry::Row { record_hash: sha256(b"no event") }, entry(3)];
    let inner = Tree::new(rows.iter().map(Entry::leaf).collect());
    let range = Range { count: 3, root: inner.root() };
    let tree = Tree::new(vec![entry(0).leaf(), range.leaf(), entry(4).leaf()]);
    let head = Head {
        operator: "casino".into(),
        source: "studio-a".into(),
        size: tree.size(),
        root: tree.root(),
        received_at: 5,
        include_by: 9,
    };
    let note = sign(&head, &key("casino")).unwrap();
    let at = |index: u64, entry, range, member| Receipt {
        entry,
        range,
        member,
        index,
        path: tree.path(index),
        note: note.clone(),
    };
    let mut receipts = vec![at(0, Some(entry(0)), None, None), at(1, None, Some(range), None)];
    for (place, row) in (0..).zip(&rows) {
        let member = Member { at: place, path: inner.path(place) };
        receipts.push(at(1, Some(row.clone()), Some(range), Some(member)));
    }
    receipts.push(at(2, Some(entry(4)), None, None));
    receipts
}

fn code(receipt: &Receipt, keys: &[VerifierKey]) -> &'static str {
    receipt.check(keys).map_or_else(|error| error.code(), |_| "holds")
}

#[test]
fn every_receipt_of_a_frame_holds_under_its_one_signature() {
    let keys = [key("casino").verifier().clone()];
    for receipt in frame() {
        let facts = receipt.check(&keys).unwrap();
        assert_eq!((facts.head.received_at, facts.head.include_by), (5, 9));
        let hash = u32::from_be_bytes(keys[0].key_hash());
        assert_eq!(facts.signers, [("casino".to_owned(), hash)]);
        assert_eq!(Receipt::parse(&receipt.encode()), Ok(receipt.clone()));
        let line = String::from_utf8(receipt.encode()).unwrap().replace("\n  ", " ");
        assert_eq!(Receipt::parse(line.as_bytes()), Ok(receipt), "any spelling is read");
    }
}

/// Made by another program from the page of formats alone: a change here breaks every receipt that
/// anybody holds.
#[test]
fn the_bytes_of_version_1() {
    const GOLDEN: &str = include_str!("golden/receipt.json");
    let row = &frame()[3];
    assert_eq!(String::from_utf8(row.encode()).unwrap(), GOLDEN);
    assert_eq!(Receipt::parse(GOLDEN.as_bytes()).as_ref(), Ok(row));
}

#[test]
fn what_was_altered_does_not_hold() {
    let (own, receipts) = (key("casino").verifier().clone(), frame());
    let stranger = key("other").verifier().clone();
    let altered = |from: usize, alter: &dyn Fn(&mut Receipt)| {
        let mut receipt = receipts[from].clone();
        alter(&mut receipt);
        receipt
    };
    for (name, receipt, expected) in [
        ("as it is", receipts[2].clone(), "holds"),
        ("other event", altered(0, &|receipt| receipt.entry = Some(entry(9))), "E6013"),
        ("other place", altered(0, &|receipt| receipt.index = 2), "E6012"),
        ("beyond", altered(0, &|receipt| receipt.index = 3), "E6010"),
        ("shorter way", altered(0, &|receipt| receipt.path.clear()), "E6012"),
        ("row of another", altered(2, &|receipt| receipt.entry = Some(entry(3))), "E6013"),
        ("range of more", altered(1, &|r| r.range.as_mut().unwrap().count = 4), "E6013"),
        ("range without way", altered(2, &|receipt| receipt.member = None), "E6050"),
        ("of nothing", altered(1, &|receipt| receipt.range = None), "E6050"),
        ("later", altered(0, &|r| r.note = r.note.replace("\n9\n", "\n10\n")), "E6035"),
        ("no head", altered(0, &|r| r.note = r.note.replace(".v1", ".v2")), "E6096"),
        ("padded", altered(0, &|r| r.note = r.note.replace("\n9\n", "\n09\n")), "E6096"),
    ] {
        assert_eq!(code(&receipt, std::slice::from_ref(&own)), expected, "{name}");
    }
    assert_eq!(code(&receipts[0], &[stranger]), "E6034", "another's key may not speak");
    let cut = receipts[0].encode();
    for length in 0..cut.len() - 2 {
        assert_eq!(Receipt::parse(&cut[..length]).unwrap_err().code(), "E6050", "{length}");
    }
    let other = String::from_utf8(cut).unwrap().replace("\"receipt\"", "\"event\"");
    assert_eq!(Receipt::parse(other.as_bytes()).unwrap_err().code(), "E6051");
}

#[test]
fn a_range_is_held_against_the_events_that_were_sent() {
    let receipts = frame();
    let row = Entry::Row { record_hash: sha256(b"no event") };
    for (at, entries, expected) in [
        (0, vec![entry(0)], true),
        (0, vec![entry(7), entry(0)], true),
        (0, vec![entry(1)], false),
        (1, vec![entry(1), row.clone(), entry(3)], true),
        (1, vec![row.clone(), entry(1), entry(3)], false),
        (1, vec![entry(1), row], false),
    ] {
        assert_eq!(receipts[at].is_of(&entries).is_ok(), expected, "{entries:?}");
    }
}

#[test]
fn a_small_tree_is_the_tree_of_streams() {
    for size in 0..70u8 {
        let leaves: Vec<Hash> = (0..size).map(|at| sha256(&[at])).collect();
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|leaf| frontier.append(*leaf));
        let tree = Tree::new(leaves.clone());
        assert_eq!((tree.size(), tree.root()), (frontier.size(), frontier.root()));
        for (index, leaf) in (0..).zip(leaves) {
            let path = tree.path(index);
            let held = proof::verify_inclusion(index, size.into(), leaf, &path, tree.root());
            assert_eq!(held, Ok(()), "{index} of {size}");
        }
    }
}

/// What fuzzing begins with does reach what is behind a signature.
#[test]
fn seeds_of_fuzzing_are_receipts() {
    for seed in ["event", "member"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/proof_receipt/");
        let bytes = std::fs::read(format!("{folder}{seed}")).unwrap();
        let mut receipt = Receipt::parse(&bytes).unwrap();
        let note = SignedNote::parse(receipt.note.as_bytes()).unwrap();
        receipt.note = SignedNote::sign(note.text(), &[&key("casino")]).unwrap().to_string();
        assert_eq!(code(&receipt, &[key("casino").verifier().clone()]), "holds", "{seed}");
        proof::fuzz_receipt(&bytes);
    }
}
