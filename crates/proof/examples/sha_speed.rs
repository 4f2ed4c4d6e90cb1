//! Prints what hashing costs per message, one at a time and two at a time.
//!
//! `cargo run --release -p saldo-proof --example sha_speed`

use std::hint::black_box;
use std::time::Instant;

use proof::Hash;
use proof::digest::{
    BlindKey, content_hash, content_hashes, leaf_hash, leaf_hashes, node_hash, node_hashes,
};
use proof::tree::{Discard, Frontier};

const MESSAGES: usize = 8_192;
const ROUNDS: usize = 40;

fn main() {
    println!("ns per message, best of {ROUNDS} batches of {MESSAGES}");
    let events = messages(|index| 170 + index % 61);
    let events: Vec<&[u8]> = events.iter().map(Vec::as_slice).collect();
    compare(
        "content hash, 170-230 bytes",
        |out| out.extend(events.iter().map(|event| content_hash(event))),
        |out| content_hashes(&events, out),
    );
    let leaves = messages(|_| 82);
    let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    compare(
        "leaf hash, 82 bytes",
        |out| out.extend(leaves.iter().map(|leaf| leaf_hash(leaf))),
        |out| leaf_hashes(&leaves, out),
    );
    let pairs: Vec<(Hash, Hash)> =
        leaves.iter().map(|leaf| (leaf_hash(leaf), content_hash(leaf))).collect();
    compare(
        "node hash",
        |out| out.extend(pairs.iter().map(|(left, right)| node_hash(*left, *right))),
        |out| node_hashes(&pairs, out),
    );
    let key = BlindKey::new(&[7; 32]);
    let ids = messages(|index| 12 + index % 24);
    let ids: Vec<&[u8]> = ids.iter().map(Vec::as_slice).collect();
    compare(
        "blind of an id, 12-35 bytes",
        |out: &mut Vec<[u8; 16]>| out.extend(ids.iter().map(|id| key.blind(id))),
        |out| key.blinds(&ids, out),
    );
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let mut frontier = Frontier::new();
    let append_ns = best_ns(&mut Vec::new(), |roots| {
        frontier.append_many(&hashes, &mut Discard);
        roots.push(frontier.root());
    });
    println!("{:28} {append_ns:12}", "append to the tree, and root");
}

fn messages(length: impl Fn(usize) -> usize) -> Vec<Vec<u8>> {
    (0..MESSAGES).map(|index| vec![u8::try_from(index % 251).unwrap_or(0); length(index)]).collect()
}

fn compare<T: PartialEq>(name: &str, one: impl Fn(&mut Vec<T>), two: impl Fn(&mut Vec<T>)) {
    let (mut singles, mut pairs) = (Vec::new(), Vec::new());
    let one_ns = best_ns(&mut singles, one);
    let two_ns = best_ns(&mut pairs, two);
    assert!(singles == pairs, "both ways give the same hashes");
    println!("{name:28} one-way {one_ns:4} two-way {two_ns:4}");
}

fn best_ns<T>(out: &mut Vec<T>, mut run: impl FnMut(&mut Vec<T>)) -> u128 {
    let times = (0..ROUNDS).map(|_| {
        out.clear();
        let start = Instant::now();
        run(black_box(out));
        start.elapsed().as_nanos()
    });
    times.min().unwrap_or(0) / MESSAGES as u128
}
