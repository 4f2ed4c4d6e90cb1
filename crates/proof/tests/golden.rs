//! Committed answers: what independent libraries gave for the same trees and notes, and the bytes
//! of Saldo's own formats, which are frozen.
//!
//! `golden/peer.txt` and `golden/checkpoint.note` were made with `tlog_tiles` 0.2 and
//! `signed_note` 0.2 (which this crate does not depend on: they bring older generations of its
//! own libraries). Leaf `n` of their tree is the hash of `n` as eight little-endian bytes.

use proof::checkpoint::Checkpoint;
use proof::digest::{BlindKey, content_hash, leaf_hash, sha256};
use proof::heads::Head;
use proof::leaf::{LeafData, RecordLeafData};
use proof::note::SigningKey;
use proof::tree::{Frontier, MemoryTiles, TileId};
use proof::{Hash, consistency_proof, inclusion_proof};

const PEER: &str = include_str!("golden/peer.txt");
const NOTE: &str = include_str!("golden/checkpoint.note");
const FORMATS: &str = include_str!("golden/formats.txt");

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|index| leaf_hash(&index.to_le_bytes())).collect()
}

fn grown(size: u64) -> (Frontier, MemoryTiles) {
    let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::default());
    frontier.append_many(&leaves(size), &mut tiles);
    (frontier, tiles)
}

fn joined(hashes: &[Hash]) -> String {
    hashes.iter().map(Hash::to_string).collect::<Vec<_>>().join(" ")
}

fn peer_key(name: &str) -> SigningKey {
    let seed = if name == "casino" { 1 } else { 2 };
    SigningKey::from_seed(name, [seed; 32]).expect("a valid name")
}

/// What we say to the question that a line asks.
fn answer(question: &[&str], frontier: &Frontier, tiles: &MemoryTiles) -> String {
    let number = |at: usize| question[at].parse::<u64>().expect("a number");
    let tiles = frontier.over(tiles);
    match question[0] {
        "root" => grown(number(1)).0.root().to_string(),
        "inclusion" => joined(&inclusion_proof(number(1), number(2), &tiles).expect("tiles")),
        "consistency" => joined(&consistency_proof(number(1), number(2), &tiles).expect("tiles")),
        "tile" => {
            let level = question[1].parse().expect("a level");
            let width = question[3].parse().expect("a width");
            TileId { level, index: number(2), width }.path()
        }
        "vkey" => peer_key(question[1]).verifier().to_string(),
        other => panic!("a question of unknown kind: {other}"),
    }
}

#[test]
fn peers_gave_the_same_answers() {
    // Proofs at older sizes read wider tiles than they ask for, as they will in use.
    let (frontier, tiles) = grown(70_000);
    let (partial, lines): (Vec<_>, Vec<_>) = PEER.lines().partition(|l| l.starts_with("partial "));
    for line in &lines {
        let words: Vec<&str> = line.split(' ').collect();
        let asked = match words[0] {
            "root" | "vkey" => 2,
            "tile" => 4,
            _ => 3,
        };
        let answered = answer(&words[..asked], &frontier, &tiles);
        assert_eq!(answered, words[asked..].join(" "), "{:?}", &words[..asked]);
    }
    assert_eq!(lines.len(), 31);
    let mut put = MemoryTiles::default();
    frontier.put_partial_tiles(&mut put);
    let put: Vec<String> = put.iter().map(|(id, _)| format!("partial {}", id.path())).collect();
    assert_eq!(put, partial);
}

#[test]
fn a_peer_signed_the_same_note() {
    let checkpoint = Checkpoint {
        origin: "casino/studio-a".into(),
        size: 300,
        root: grown(300).0.root(),
        extensions: vec!["book 7".into()],
    };
    let keys = [peer_key("casino"), peer_key("witness")];
    let note = checkpoint.sign(&[&keys[0], &keys[1]]).expect("a valid checkpoint");
    assert_eq!(note.to_string(), NOTE);
    let known = [keys[1].verifier().clone()];
    assert_eq!(Checkpoint::open(NOTE.as_bytes(), "casino/studio-a", &known), Ok(checkpoint));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A change here breaks every tree that was ever written: never accept one.
#[test]
fn formats_are_frozen() {
    let content_hash = content_hash(b"canonical");
    let blind = BlindKey::new(&[0x11; 32]).blind(b"t-81");
    let (mut event, mut record, mut head) = (Vec::new(), Vec::new(), Vec::new());
    LeafData { content_hash, pseudonyms: &[[0x22; 16], [0x33; 16]], blind }.encode_into(&mut event);
    RecordLeafData { kind: 3, record_hash: sha256(b"record"), blind }.encode_into(&mut record);
    Head { origin: "casino/studio-a".into(), size: 300, root: sha256(b"root") }
        .encode_into(&mut head)
        .expect("a short origin");
    let found = [
        ("content-hash", content_hash.to_string()),
        ("blind", hex(&blind)),
        ("event-leaf-data", hex(&event)),
        ("event-leaf", leaf_hash(&event).to_string()),
        ("record-leaf-data", hex(&record)),
        ("record-leaf", leaf_hash(&record).to_string()),
        ("frontier-of-259", hex(&grown(259).0.encode())),
        ("head", hex(&head)),
    ];
    let lines: Vec<String> = found.iter().map(|(name, value)| format!("{name} {value}")).collect();
    assert_eq!(lines, FORMATS.lines().collect::<Vec<_>>());
}
