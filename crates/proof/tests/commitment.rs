//! Commitments and the tree over account sums.

use ledger::Total;
use proof::commitment::{StatementCommitment, agreement_hash, leaf_data};
use proof::digest::sha256;
use proof::heads::Head;
use proof::leaf::Leaf;
use proof::sums::{SumsTree, sums_root};
use proptest::prelude::*;
use settle::AccountSum;

fn head(origin: &str) -> Head {
    Head { origin: origin.into(), size: 7, root: sha256(origin.as_bytes()) }
}

fn commitment() -> StatementCommitment {
    StatementCommitment {
        operator: "casino".into(),
        agreement: "provider-share".into(),
        period: "2026-11".into(),
        start: -5,
        end: 1 << 60,
        version: 3,
        body_hash: sha256(b"body"),
        sums_root: sha256(b"sums"),
        cut: vec![head("casino/a"), head("casino/b")],
        rules_hash: sha256(b"rules"),
        agreement_hash: agreement_hash(b"agreement", &[b"ggr"]),
    }
}

#[test]
fn commitments_come_back_and_the_order_of_the_cut_does_not_matter() {
    let bytes = commitment().encode().expect("a good commitment");
    assert_eq!(StatementCommitment::decode(&bytes), Ok(commitment()));
    let mut turned = commitment();
    turned.cut.reverse();
    assert_eq!(turned.encode().as_ref(), Ok(&bytes));
    turned.cut.push(head("casino/a"));
    assert_eq!(turned.encode().map_err(|error| error.code()), Err("E6006"));
    let mut data = Vec::new();
    leaf_data(&bytes, [9; 16]).encode_into(&mut data);
    let Ok(Leaf::Record(leaf)) = Leaf::decode(&data) else { panic!("a record's leaf") };
    assert_eq!((leaf.kind, leaf.record_hash), (3, sha256(&bytes)));
}

#[test]
fn a_cut_in_another_order_is_no_commitment() {
    let bytes = commitment().encode().expect("a good commitment");
    let (a, b) = (b"casino/a".as_slice(), b"casino/b".as_slice());
    let place = |of: &[u8]| bytes.windows(of.len()).position(|part| part == of).expect("there");
    let mut turned = bytes.clone();
    turned[place(a)..][..a.len()].copy_from_slice(b);
    assert_eq!(StatementCommitment::decode(&turned).map_err(|error| error.code()), Err("E6005"));
}

#[test]
fn bytes_are_frozen() {
    let hash = sha256(&commitment().encode().expect("a good commitment"));
    assert_eq!(hash.to_string(), FROZEN);
}

const FROZEN: &str = "1a01843f773f20e1fc41307bda601e3348331f159121c6932227da6392aa49cf";

#[test]
fn the_agreement_hash_covers_every_document_and_not_their_order() {
    let base = agreement_hash(b"agreement", &[b"ggr".as_slice(), b"bonuses"]);
    for (agreement, measures, same) in [
        (b"agreement".as_slice(), vec![b"bonuses".as_slice(), b"ggr"], true),
        (b"agreement", vec![b"ggr"], false),
        (b"agreemen", vec![b"tggr", b"bonuses"], false),
        (b"agreement", vec![b"ggrb", b"onuses"], false),
        (b"ggr", vec![b"agreement", b"bonuses"], false),
    ] {
        assert_eq!(agreement_hash(agreement, &measures) == base, same, "{measures:?}");
    }
}

fn row(number: usize) -> AccountSum {
    AccountSum {
        path: format!("play:studio-{}:game-{number}:stakes", number % 7),
        asset: if number.is_multiple_of(3) { "EUR" } else { "KRW" }.into(),
        total: Total { debit: number as i128, credit: (number as i128) << 70, count: 5 },
    }
}

#[test]
fn every_row_is_proved_and_no_other() {
    for size in [1, 2, 3, 5, 300] {
        let rows: Vec<_> = (0..size).map(row).collect();
        let tree = SumsTree::new(&rows);
        assert_eq!(tree.root(), sums_root(&rows));
        for row in &rows {
            let (found, proof) = tree.prove(&row.path, &row.asset).expect("it is there");
            assert_eq!(found, row);
            assert_eq!(proof.verify(row, tree.root()), Ok(()));
            let mut other = row.clone();
            other.total.debit += 1;
            assert!(proof.verify(&other, tree.root()).is_err(), "another row");
        }
        assert!(tree.prove("play:nobody", "EUR").is_none());
    }
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(
        numbers in prop::collection::vec(0_usize..50, 0..40),
        turn in 0_usize..40,
    ) {
        let rows: Vec<_> = numbers.iter().map(|&number| row(number)).collect();
        let mut turned = rows.clone();
        turned.rotate_left(turn.min(rows.len()));
        prop_assert_eq!(sums_root(&rows), sums_root(&turned));
    }

    #[test]
    fn any_changed_byte_is_another_commitment_or_none(at in 0_usize..500, mask in 1_u8..) {
        let mut bytes = commitment().encode().expect("a good commitment");
        let at = at % bytes.len();
        bytes[at] ^= mask;
        if let Ok(other) = StatementCommitment::decode(&bytes) {
            prop_assert_ne!(&other, &commitment());
            prop_assert_eq!(other.encode().expect("it was read"), bytes);
        }
    }
}
