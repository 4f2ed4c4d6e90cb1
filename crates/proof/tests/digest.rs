//! Every hash against the libraries that it replaces: `sha2` for SHA-256, `aws-lc-rs` for HMAC.

use proof::Hash;
use proof::digest::{
    BlindKey, content_hash, content_hashes, leaf_hash, leaf_hashes, node_hash, node_hashes, sha256,
};
use proptest::collection::vec;
use proptest::prelude::*;
use sha2::Digest;

fn oracle(parts: &[&[u8]]) -> Hash {
    let mut hasher = sha2::Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Hash(hasher.finalize().into())
}

fn oracle_blind(key: &[u8; 32], id: &[u8]) -> [u8; 16] {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    let tag = aws_lc_rs::hmac::sign(&key, id);
    tag.as_ref()[..16].try_into().expect("a tag has 32 bytes")
}

/// Every form of every hash of these messages, single and batch.
fn check(messages: &[Vec<u8>]) {
    let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let key = [0x5a; 32];
    let blind_key = BlindKey::new(&key);
    let kept = Hash([9; 32]);
    let (mut contents, mut leaves, mut blinds) = (vec![kept], vec![kept], vec![[9; 16]]);
    content_hashes(&slices, &mut contents);
    leaf_hashes(&slices, &mut leaves);
    blind_key.blinds(&slices, &mut blinds);
    assert_eq!((contents[0], leaves[0], blinds[0]), (kept, kept, [9; 16]), "batches append");
    assert_eq!(contents.len(), messages.len() + 1);
    assert_eq!(leaves.len(), messages.len() + 1);
    assert_eq!(blinds.len(), messages.len() + 1);
    for (index, message) in slices.iter().enumerate() {
        let content = oracle(&[b"saldo.event.v1\0", message]);
        let leaf = oracle(&[&[0], message]);
        let blind = oracle_blind(&key, message);
        assert_eq!(sha256(message), oracle(&[message]));
        assert_eq!((content_hash(message), contents[index + 1]), (content, content));
        assert_eq!((leaf_hash(message), leaves[index + 1]), (leaf, leaf));
        assert_eq!((blind_key.blind(message), blinds[index + 1]), (blind, blind));
    }
}

#[test]
fn every_length_around_the_block_borders() {
    let messages: Vec<Vec<u8>> = (0..1_100_u32)
        .map(|length| (0..length).map(|at| (at * 7 + length).to_le_bytes()[0]).collect())
        .collect();
    check(&messages);
    for count in 0..4 {
        check(&messages[200..200 + count]);
    }
}

#[test]
fn known_answers() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(sha256(b"").to_string(), empty);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256(b"abc"), abc.parse().expect("a hash"));
    assert_eq!(sha256(b"abc").to_base64(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

#[test]
fn only_one_spelling_of_a_hash_is_read() {
    let good = sha256(b"abc").to_string();
    let bad = [
        String::new(),
        good.to_uppercase(),
        good[1..].to_owned(),
        format!("{good}0"),
        good.replace('b', "g"),
        "é".repeat(32),
    ];
    for text in bad {
        assert!(text.parse::<Hash>().is_err(), "{text:?}");
    }
    let base64 = sha256(b"abc").to_base64();
    assert_eq!(Hash::from_base64(&base64), Ok(sha256(b"abc")));
    for text in ["", "AAAA", &base64[..43], &format!("{base64}AAAA"), &base64.replace("0=", "1=")] {
        assert!(Hash::from_base64(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn messages_of_different_lengths(messages in vec(vec(any::<u8>(), 0..400), 0..9)) {
        check(&messages);
    }

    #[test]
    fn nodes(pairs in vec((any::<[u8; 32]>(), any::<[u8; 32]>()), 0..9)) {
        let pairs: Vec<_> = pairs.into_iter().map(|(l, r)| (Hash(l), Hash(r))).collect();
        let mut batch = Vec::new();
        node_hashes(&pairs, &mut batch);
        let expected: Vec<_> =
            pairs.iter().map(|(l, r)| oracle(&[&[1], &l.0, &r.0])).collect();
        prop_assert_eq!(&batch, &expected);
        let singles: Vec<_> = pairs.iter().map(|(l, r)| node_hash(*l, *r)).collect();
        prop_assert_eq!(&singles, &expected);
    }
}
