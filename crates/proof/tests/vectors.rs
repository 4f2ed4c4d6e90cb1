//! The shared inclusion and consistency vectors, each with its stated result.

use std::fs;
use std::path::{Path, PathBuf};

use proof::{Hash, verify_consistency, verify_inclusion};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

fn vectors() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("SALDO_SHARED").map_or_else(beside, PathBuf::from);
    let dir = shared.join("data/peer-merkle/testdata");
    if !dir.is_dir() {
        println!("ignored: the shared Merkle vectors are not there");
        return None;
    }
    Some(dir)
}

/// Every case of one kind; the number of them must be right, so that none is silently skipped.
fn check<T: for<'a> Deserialize<'a>>(kind: &str, count: usize, holds: impl Fn(&T) -> (bool, bool)) {
    let Some(dir) = vectors() else { return };
    let mut seen = 0;
    for group in fs::read_dir(dir.join(kind)).expect("a directory of groups") {
        for file in fs::read_dir(group.expect("a group").path()).expect("a directory of cases") {
            let path = file.expect("a case").path();
            let text = fs::read(&path).expect("a readable case");
            let case: T = serde_json::from_slice(&text).expect("a case in the known shape");
            let (held, wanted) = holds(&case);
            assert_eq!(held, wanted, "{}", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, count, "cases of {kind}");
}

/// Bytes that are not a hash make a case fail, which is what such cases state.
fn hashes(proof: Option<&Vec<String>>) -> Option<Vec<Hash>> {
    proof.into_iter().flatten().map(|text| Hash::from_base64(text).ok()).collect()
}

#[test]
fn inclusion() {
    check("inclusion", INCLUSION_CASES, |case: &Inclusion| {
        let parsed = Hash::from_base64(&case.root)
            .ok()
            .zip(Hash::from_base64(&case.leaf_hash).ok())
            .zip(hashes(case.proof.as_ref()));
        let held = parsed.is_some_and(|((root, leaf), proof)| {
            verify_inclusion(case.leaf_idx, case.tree_size, leaf, &proof, root).is_ok()
        });
        (held, !case.want_err)
    });
}

#[test]
fn consistency() {
    check("consistency", CONSISTENCY_CASES, |case: &Consistency| {
        let parsed = Hash::from_base64(&case.root1)
            .ok()
            .zip(Hash::from_base64(&case.root2).ok())
            .zip(hashes(case.proof.as_ref()));
        let held = parsed.is_some_and(|((root1, root2), proof)| {
            verify_consistency(case.size1, case.size2, root1, root2, &proof).is_ok()
        });
        (held, !case.want_err)
    });
}

const INCLUSION_CASES: usize = 49;
const CONSISTENCY_CASES: usize = 43;
