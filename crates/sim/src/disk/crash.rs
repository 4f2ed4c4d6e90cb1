//! What a disk holds after the power went off.

use super::Crash;
use super::faults::Faults;
use super::state::{Change, Node, State, parent, pieces, put};
use crate::rng::{Rng, mix};
use std::collections::BTreeMap;

/// The state after a crash.
pub(super) fn after(before: &State, mode: Crash, seed: u64) -> State {
    let mut rng = Rng::from_seed(mix(seed) ^ before.rng.clone().next_u64());
    let nodes = before.nodes.iter().map(|node| survivor(node, mode, &mut rng)).collect();
    let mut names = before.durable.clone();
    let kept = choose(before.pending.len(), mode, &mut rng);
    for (change, _) in before.pending.iter().zip(&kept).filter(|(_, kept)| **kept) {
        change.apply(&mut names);
    }
    prune(&mut names);
    let (live, durable) = (names.clone(), names);
    State { nodes, live, durable, pending: Vec::new(), faults: Faults::default(), rng }
}

/// What is in a directory that did not survive is gone too.
fn prune(names: &mut super::state::Names) {
    loop {
        let lost = |path: &str| !parent(path).is_empty() && !names.contains_key(parent(path));
        let Some(path) = names.keys().find(|path| lost(path)).cloned() else { return };
        names.remove(&path);
    }
}

/// Which of `count` pending changes take effect, as far as each is a whole.
fn choose(count: usize, mode: Crash, rng: &mut Rng) -> Vec<bool> {
    let prefix = rng.index(count + 1);
    let keep = |at: usize| match mode {
        Crash::Lost => false,
        Crash::Kept => true,
        Crash::Prefix => at < prefix,
        Crash::Subset | Crash::Sectors => rng.chance(1, 2),
    };
    (0..count).map(keep).collect()
}

/// A file after the crash.
fn survivor(node: &Node, mode: Crash, rng: &mut Rng) -> Node {
    let kept = choose(node.pending.len(), mode, rng);
    let cuts = sector_cuts(node, &kept, mode, rng);
    let mut bytes = node.durable.clone();
    for (at, change) in node.pending.iter().enumerate() {
        match change {
            Change::Length(length) if kept[at] => bytes.resize(*length, 0),
            Change::Length(_) => {}
            Change::Write { offset, bytes: written } => {
                for (sector, from, to) in pieces(*offset, written.len()) {
                    if cuts.get(&sector).is_some_and(|&cut| at < cut) {
                        put(&mut bytes, &written[from - offset..to - offset], from);
                    }
                }
            }
        }
    }
    Node { live: bytes.clone(), durable: bytes, ..Node::default() }
}

/// For each sector that was written, how many of the pending changes it has seen. Writes to one
/// sector reach the medium in order: it never holds a later one without an earlier one.
fn sector_cuts(node: &Node, kept: &[bool], mode: Crash, rng: &mut Rng) -> BTreeMap<usize, usize> {
    let torn = kept.iter().position(|kept| !kept);
    let mut cuts = BTreeMap::new();
    for (at, change) in node.pending.iter().enumerate() {
        let Change::Write { offset, bytes } = change else { continue };
        for (sector, _, _) in pieces(*offset, bytes.len()) {
            let seen = match mode {
                Crash::Sectors => rng.chance(1, 2),
                Crash::Prefix if torn == Some(at) => rng.chance(1, 2),
                _ => kept[at],
            };
            let cut = cuts.entry(sector).or_insert(0);
            if seen {
                *cut = at + 1;
            }
        }
    }
    cuts
}
