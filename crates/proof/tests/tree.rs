//! Trees, tiles and proofs against the recursive definition of RFC 6962.
#![allow(clippy::cast_possible_truncation)] // the trees here are small

use proof::digest::{leaf_hash, node_hash, sha256};
use proof::tree::{
    Discard, Frontier, MemoryTiles, TileId, TileSink, TileSource, TileUnavailable, decode_tile,
    empty_root, encode_tile,
};
use proof::{
    Hash, ProofError, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|index| leaf_hash(&index.to_le_bytes())).collect()
}

/// RFC 6962 section 2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(b""),
        [leaf] => *leaf,
        _ => {
            let mut middle = 1;
            while middle * 2 < leaves.len() {
                middle *= 2;
            }
            node_hash(naive_root(&leaves[..middle]), naive_root(&leaves[middle..]))
        }
    }
}

/// Appends in steps of the given sizes, over and over.
fn grow(leaves: &[Hash], steps: &[usize], tiles: &mut MemoryTiles) -> Frontier {
    let mut frontier = Frontier::new();
    let mut rest = leaves;
    for step in steps.iter().cycle() {
        let (now, later) = rest.split_at(rest.len().min(*step));
        frontier.append_many(now, tiles);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    frontier
}

fn with_partials(frontier: &Frontier, full: &MemoryTiles) -> MemoryTiles {
    let mut tiles = full.clone();
    frontier.put_partial_tiles(&mut tiles);
    tiles
}

#[test]
fn roots_of_every_small_size() {
    let leaves = leaves(600);
    let mut one_by_one = Frontier::new();
    one_by_one.append_many(&[], &mut Discard);
    assert_eq!(one_by_one, Frontier::decode(&Frontier::new().encode()).expect("the empty tree"));
    assert_eq!(one_by_one.root(), empty_root());
    for size in 0..=leaves.len() {
        assert_eq!(one_by_one.root(), naive_root(&leaves[..size]), "size {size}");
        assert_eq!(one_by_one.size(), size as u64);
        if let Some(leaf) = leaves.get(size) {
            one_by_one.append(*leaf);
        }
    }
}

#[test]
fn every_proof_of_small_trees() {
    let leaves = leaves(40);
    let mut tiles = MemoryTiles::default();
    grow(&leaves, &[7], &mut tiles).put_partial_tiles(&mut tiles);
    for size in 0..=40_u64 {
        let root = naive_root(&leaves[..size as usize]);
        for (index, leaf) in (0..size).zip(&leaves) {
            let proof = inclusion_proof(index, size, &tiles).expect("the tiles are there");
            assert_eq!(verify_inclusion(index, size, *leaf, &proof, root), Ok(()));
        }
        for older in 0..=size {
            let older_root = naive_root(&leaves[..older as usize]);
            let proof = consistency_proof(older, size, &tiles).expect("the tiles are there");
            assert_eq!(verify_consistency(older, size, older_root, root, &proof), Ok(()));
        }
    }
}

#[test]
fn a_tree_of_three_levels_of_tiles() {
    let size = 65_536 + 300;
    let leaves = leaves(size);
    let mut full = MemoryTiles::default();
    let frontier = grow(&leaves, &[8_192], &mut full);
    let ids: Vec<String> =
        full.iter().map(|(id, _)| id.path()).filter(|path| path >= &"tile/0/254".into()).collect();
    assert_eq!(ids, ["tile/0/254", "tile/0/255", "tile/0/256", "tile/1/000"]);
    let mut partial = MemoryTiles::default();
    frontier.put_partial_tiles(&mut partial);
    let ids: Vec<String> = partial.iter().map(|(id, _)| id.path()).collect();
    assert_eq!(ids, ["tile/0/257.p/44", "tile/1/001.p/1", "tile/2/000.p/1"]);
    let root = naive_root(&leaves);
    assert_eq!(frontier.root(), root);
    let written = with_partials(&frontier, &full);
    for index in [0, 255, 256, 65_535, 65_536, size - 1] {
        let proof = inclusion_proof(index, size, &written).expect("the tiles are there");
        let leaf = leaves[index as usize];
        assert_eq!(verify_inclusion(index, size, leaf, &proof, root), Ok(()));
        assert_eq!(inclusion_proof(index, size, &frontier.over(&full)), Ok(proof));
    }
    assert!(inclusion_proof(0, size, &full).is_err(), "partial tiles are needed");
}

#[test]
fn each_error_has_its_own_name() {
    struct Short;
    impl TileSource for Short {
        fn read_tile(&self, _: TileId) -> Result<Vec<Hash>, TileUnavailable> {
            Ok(Vec::new())
        }
    }
    let none = MemoryTiles::default();
    let hash = empty_root();
    let cases = [
        ("E6010", inclusion_proof(3, 3, &none).map(drop)),
        ("E6010", verify_inclusion(0, 0, hash, &[], hash)),
        ("E6011", consistency_proof(3, 2, &none).map(drop)),
        ("E6011", verify_consistency(3, 2, hash, hash, &[])),
        ("E6012", verify_inclusion(0, 2, hash, &[], hash)),
        ("E6012", verify_inclusion(0, 1, hash, &[hash], hash)),
        ("E6012", verify_consistency(3, 4, hash, hash, &[])),
        ("E6012", verify_consistency(0, 4, hash, hash, &[hash])),
        ("E6013", verify_inclusion(0, 1, hash, &[], leaf_hash(b""))),
        ("E6013", verify_consistency(0, 0, hash, leaf_hash(b""), &[])),
        ("E6013", verify_consistency(0, 4, leaf_hash(b""), hash, &[])),
        ("E6013", verify_consistency(4, 4, leaf_hash(b""), hash, &[])),
        ("E6014", inclusion_proof(0, 2, &none).map(drop)),
        ("E6015", inclusion_proof(0, 2, &Short).map(drop)),
    ];
    for (code, result) in cases {
        assert_eq!(result.as_ref().map_err(ProofError::code), Err(code), "{result:?}");
    }
}

#[test]
fn paths_of_tiles() {
    let cases = [
        (0, 0, 256, "tile/0/000"),
        (1, 7, 3, "tile/1/007.p/3"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (0, 1_000, 255, "tile/0/x001/000.p/255"),
        (7, 999, 1, "tile/7/999.p/1"),
        (2, u64::MAX, 256, "tile/2/x018/x446/x744/x073/x709/x551/615"),
    ];
    for (level, index, width, path) in cases {
        let id = TileId { level, index, width };
        assert_eq!(id.path(), path);
        assert_eq!(TileId::from_path(path), Ok(id));
    }
    let bad = [
        "",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/0000",
        "tile/8/000",
        "tile/00/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/xx01/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/+01",
        "tile/0/x999/x446/x744/x073/x709/x551/615",
        "/tile/0/000",
        "tile/0/000 ",
        "tile/-1/000",
    ];
    for path in bad {
        assert!(TileId::from_path(path).is_err(), "{path:?}");
    }
}

/// Counts how often each full tile arrives.
#[derive(Default)]
struct Arrivals(Vec<TileId>);

impl TileSink for Arrivals {
    fn put_tile(&mut self, id: TileId, hashes: &[Hash]) {
        assert_eq!(hashes.len(), 256);
        self.0.push(id);
    }
}

#[test]
fn a_full_tile_arrives_once() {
    let leaves = leaves(66_000);
    let (mut batches, mut singles) = (Arrivals::default(), Arrivals::default());
    let (mut a, mut b) = (Frontier::new(), Frontier::new());
    leaves.chunks(5_000).for_each(|chunk| a.append_many(chunk, &mut batches));
    leaves.chunks(1).for_each(|chunk| b.append_many(chunk, &mut singles));
    assert_eq!(a, b);
    for arrivals in [&mut batches.0, &mut singles.0] {
        arrivals.sort();
    }
    assert_eq!(batches.0, singles.0);
    let expected: Vec<TileId> = (0..257)
        .map(|index| TileId { level: 0, index, width: 256 })
        .chain([TileId { level: 1, index: 0, width: 256 }])
        .collect();
    assert_eq!(batches.0, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_steps_give_the_same_tree(count in 0..1_500_u64, steps in vec(1..700_usize, 1..5)) {
        let leaves = leaves(count);
        let mut tiles = MemoryTiles::default();
        let frontier = grow(&leaves, &steps, &mut tiles);
        prop_assert_eq!(frontier.root(), naive_root(&leaves));
        prop_assert_eq!(&Frontier::decode(&frontier.encode()), &Ok(frontier.clone()));
        for (id, hashes) in with_partials(&frontier, &tiles).iter() {
            let mut bytes = Vec::new();
            encode_tile(hashes, &mut bytes);
            prop_assert_eq!(decode_tile(&bytes, id.width), Some(hashes.to_vec()));
            prop_assert_eq!(decode_tile(&bytes[1..], id.width), None);
            prop_assert_eq!(TileId::from_path(&id.path()), Ok(id));
            if id.level == 0 {
                let from = id.index as usize * 256;
                prop_assert_eq!(hashes, &leaves[from..from + usize::from(id.width)]);
            }
        }
    }

    #[test]
    fn inclusion_holds_and_nothing_else(
        size in 1..1_500_u64,
        at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let leaves = leaves(size);
        let mut tiles = MemoryTiles::default();
        let frontier = grow(&leaves, &[311], &mut tiles);
        let (root, index) = (frontier.root(), at.index(size as usize));
        let proof = inclusion_proof(index as u64, size, &frontier.over(&tiles)).expect("there");
        let leaf = leaves[index];
        let check = |index: usize, size, leaf, proof: &[Hash], root| {
            verify_inclusion(index as u64, size, leaf, proof, root).is_ok()
        };
        prop_assert!(check(index, size, leaf, &proof, root));
        let elsewhere = other.index(size as usize);
        prop_assert!(elsewhere == index || !check(elsewhere, size, leaf, &proof, root));
        prop_assert!(!check(index, size, flip(leaf, bit), &proof, root));
        prop_assert!(!check(index, size, leaf, &proof, flip(root, bit)));
        for place in 0..proof.len() {
            let mut altered = proof.clone();
            altered[place] = flip(altered[place], bit);
            prop_assert!(!check(index, size, leaf, &altered, root));
            altered.remove(place);
            prop_assert!(!check(index, size, leaf, &altered, root));
        }
        let longer = [proof.as_slice(), &[root]].concat();
        prop_assert!(!check(index, size, leaf, &longer, root));
    }

    #[test]
    fn consistency_holds_and_nothing_else(
        newer in 1..1_500_u64,
        at in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let leaves = leaves(newer);
        let older = at.index(newer as usize + 1) as u64;
        let mut tiles = MemoryTiles::default();
        let frontier = grow(&leaves, &[997], &mut tiles);
        let (older_root, newer_root) = (naive_root(&leaves[..older as usize]), frontier.root());
        let proof = consistency_proof(older, newer, &frontier.over(&tiles)).expect("there");
        let check = |proof: &[Hash], older_root, newer_root| {
            verify_consistency(older, newer, older_root, newer_root, proof).is_ok()
        };
        prop_assert!(check(&proof, older_root, newer_root));
        prop_assert!(!check(&proof, flip(older_root, bit), newer_root));
        if older > 0 {
            prop_assert!(!check(&proof, older_root, flip(newer_root, bit)));
        }
        for place in 0..proof.len() {
            let mut altered = proof.clone();
            altered[place] = flip(altered[place], bit);
            prop_assert!(!check(&altered, older_root, newer_root));
        }
        prop_assert!(!check(&[proof.as_slice(), &[older_root]].concat(), older_root, newer_root));
    }

    #[test]
    fn frontiers_are_read_without_panic(bytes in vec(any::<u8>(), 0..400), small in 0..9_u64) {
        let head = [&[1], small.to_le_bytes().as_slice(), &bytes].concat();
        for bytes in [&bytes, &head] {
            if let Ok(frontier) = Frontier::decode(bytes) {
                prop_assert_eq!(&frontier.encode(), bytes);
            }
        }
    }

    #[test]
    fn paths_are_read_without_panic(path in "(tile/)?[0-9]{0,3}/?[x0-9./p]{0,40}|.{0,20}") {
        if let Ok(id) = TileId::from_path(&path) {
            prop_assert_eq!(id.path(), path);
        }
    }

    #[test]
    fn proofs_are_checked_without_panic(
        sizes in any::<(u64, u64)>(),
        hashes in vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Hash> = hashes.into_iter().map(Hash).collect();
        let root = empty_root();
        prop_assert!(verify_inclusion(sizes.0, sizes.1, root, &proof, root).is_err());
        prop_assert!(verify_consistency(sizes.0, sizes.1, root, leaf_hash(b""), &proof).is_err());
    }
}

fn flip(hash: Hash, bit: prop::sample::Index) -> Hash {
    let bit = bit.index(256);
    let mut flipped = hash;
    flipped.0[bit / 8] ^= 1 << (bit % 8);
    flipped
}
