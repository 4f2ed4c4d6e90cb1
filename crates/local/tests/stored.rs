//! Files that an earlier version wrote stay readable: the Vault, raw rows and their keys, and the
//! Store's runs, accounts, blocks and tiles; and today's version writes the same bytes.
//!
//! The files under `fixtures/stored-v1` are never written again. For a new format add a new
//! directory: the ignored test writes one below this crate's directory for temporary files, to be
//! copied there. Of the Store the databases are not among them: their manifest is written by the
//! test and names these files, which must be as it says.
#![allow(clippy::unwrap_used)] // a test may panic

use engine::port::{
    Commit, Disk, DocumentChange, NewAccount, RawStore, Store, Table, TotalRow, Vault,
};
use ledger::Total;
use ledger::time::Bucket;
use local::{FileRaw, FileStore, FileVault, Options, OsDisk, Random, RawOptions};
use sim::rng::Rng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const SUBJECTS: [&str; 3] = ["kim.minji@example.org", "p-77", "박서준"];
const ROWS: [&[u8]; 2] = [b"1001,bet,25.00\n1002,win,90.00\n", b"{\"id\":\"t-81\"}\n"];
/// 2026-03-01, in days since 1970.
const DAY: i32 = 20_513;
/// First bucket of that day.
const BUCKET: i32 = DAY * 96;

/// Random bytes that repeat.
fn random() -> Random {
    let rng = Mutex::new(Rng::from_seed(6));
    Arc::new(move |bytes| {
        let mut rng = rng.lock().unwrap();
        bytes.iter_mut().for_each(|byte| *byte = rng.next_u64().to_le_bytes()[0]);
        true
    })
}

fn disk(dir: &Path) -> Arc<dyn Disk> {
    Arc::new(OsDisk::new(dir).unwrap())
}

fn vault(dir: &Path) -> FileVault {
    FileVault::open(disk(dir), "vault", &[7; 32], random()).unwrap()
}

fn raw(dir: &Path) -> FileRaw {
    let options = RawOptions {
        segment_bytes: 2048,
        first_segment_bytes: 2048,
        background: false,
        random: random(),
    };
    FileRaw::open(disk(dir), "raw", &[8; 32], &options).unwrap()
}

fn store(dir: &Path) -> FileStore {
    let mut options = Options::at(dir);
    options.background = false;
    FileStore::open(disk(dir), options).unwrap()
}

/// What the Store is given: two batches, each followed by a checkpoint.
fn commits() -> [Commit; 2] {
    let account = |path: &str, asset: &str| NewAccount { path: path.into(), asset: asset.into() };
    let row = |account, bucket: i32, debit, credit, count| TotalRow {
        bucket: Bucket(BUCKET + bucket),
        account,
        total: Total { debit, credit, count },
    };
    let document = |key: &[u8], value: &[u8]| DocumentChange {
        table: Table::Meta,
        key: key.to_vec(),
        value: Some(value.to_vec()),
    };
    let tile: Vec<u8> = (0..=255u8).flat_map(|leaf| [leaf; 32]).collect();
    let first = Commit {
        position: 3,
        keys: vec![(0x1111_0000_0000_0001, 0), (0x2222_0000_0000_0000, 1), (u64::MAX, 2)],
        accounts: vec![account("clearing:studio-0", "EUR"), account("play:a%3Ab:stakes", "EUR")],
        totals: vec![row(0, 0, 500, 0, 1), row(1, 0, 0, 500, 1), row(1, 7, -3, i128::MAX, 300)],
        block: b"the first block".to_vec(),
        tiles: vec![("feed-a/tile/0/000".into(), tile)],
        documents: vec![document(b"name", b"value")],
    };
    let second = Commit {
        position: 5,
        keys: vec![(0x1111_0000_0000_0001, 4), (0x7777_0000_0000_0000, 3)],
        accounts: vec![account("clearing:studio-0", "KRW")],
        totals: vec![row(2, -96, 1, 0, 1), row(1, 0, 0, 20, 2)],
        block: b"the second block".to_vec(),
        tiles: Vec::new(),
        documents: Vec::new(),
    };
    [first, second]
}

fn write(dir: &Path) {
    let vault = vault(dir);
    vault.pseudonyms(&SUBJECTS, &mut Vec::new()).unwrap();
    vault.flush().unwrap();
    let raw = raw(dir);
    for rows in ROWS {
        raw.append("feed-a", DAY, rows).unwrap();
        raw.flush().unwrap();
    }
    let mut store = store(dir);
    for commit in commits() {
        store.commit(commit).unwrap();
        store.checkpoint(b"state", &[]).unwrap();
    }
}

/// Every file below `dir` but the databases, by path.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(dir.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = path.to_str().unwrap().to_owned();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if !name.contains(".db") {
                found.insert(name, std::fs::read(dir.join(&path)).unwrap());
            }
        }
    }
    found
}

fn committed() -> BTreeMap<String, Vec<u8>> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stored-v1"))
}

#[test]
fn what_is_written_is_version_1() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let (written, committed) = (files(dir.path()), committed());
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&written), names(&committed));
    for (name, bytes) in &written {
        assert!(bytes == &committed[name], "{name} is written otherwise");
    }
}

/// A directory with nothing but the committed files whose paths begin so.
fn only(prefix: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), |name| name.starts_with(prefix));
    dir
}

fn put(dir: &Path, wanted: impl Fn(&str) -> bool) {
    for (name, bytes) in committed().iter().filter(|(name, _)| wanted(name)) {
        std::fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

#[test]
fn a_vault_of_version_1_is_readable() {
    let dir = only("vault");
    let vault = vault(dir.path());
    assert_eq!(vault.len(), SUBJECTS.len());
    let found: Vec<_> = SUBJECTS.iter().map(|subject| vault.find(subject)).collect();
    let fresh = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    self::vault(fresh.path()).pseudonyms(&SUBJECTS, &mut expected).unwrap();
    assert_eq!(found, expected.into_iter().map(Some).collect::<Vec<_>>());
    assert_eq!(vault.find("nobody"), None);
}

#[test]
fn raw_rows_of_version_1_are_readable() {
    let dir = only("raw/");
    let raw = raw(dir.path());
    for (block, rows) in (0..).zip(ROWS) {
        assert_eq!(raw.read(block).unwrap().as_deref(), Some(rows), "block {block}");
    }
}

#[test]
fn a_store_of_version_1_is_readable() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    put(dir.path(), |name| name != "vault" && !name.starts_with("raw/"));
    let store = store(dir.path());
    assert_eq!((store.position(), store.checkpoint_state()), (5, b"state".to_vec()));
    let mut found = Vec::new();
    store
        .probe(
            &[0x1111_0000_0000_0001, 0x2222_0000_0000_0000, u64::MAX, 0x7777_0000_0000_0000, 8],
            &mut found,
        )
        .unwrap();
    found.sort_unstable();
    assert_eq!(found, [(0, 0), (0, 4), (1, 1), (2, 2), (3, 3)]);
    let mut accounts = Vec::new();
    store.accounts(&mut |id, path, asset| accounts.push(format!("{id} {path} {asset}"))).unwrap();
    let expected =
        ["0 clearing:studio-0 EUR", "1 play:a%3Ab:stakes EUR", "2 clearing:studio-0 KRW"];
    assert_eq!(accounts, expected);
    let mut totals = BTreeMap::<_, Total>::new();
    let mut add = |row: TotalRow| {
        totals.entry((row.account, row.bucket.0 - BUCKET)).or_default().add(row.total).unwrap();
    };
    store.totals(Bucket(i32::MIN), Bucket(i32::MAX), &mut add).unwrap();
    let total = |debit, credit, count| Total { debit, credit, count };
    let expected = [
        ((0, 0), total(500, 0, 1)),
        ((1, 0), total(0, 520, 3)),
        ((1, 7), total(-3, i128::MAX, 300)),
        ((2, -96), total(1, 0, 1)),
    ];
    assert_eq!(totals, BTreeMap::from(expected));
    let mut blocks = Vec::new();
    let mut keep = |block: &[u8]| {
        blocks.push(String::from_utf8(block.to_vec()).unwrap());
        true
    };
    store.blocks(0, &mut keep).unwrap();
    assert_eq!(blocks, ["the first block", "the second block"]);
    let tile = store.tile("feed-a/tile/0/000").unwrap().unwrap();
    assert!(tile == commits()[0].tiles[0].1, "the tile reads otherwise");
}

#[test]
#[ignore = "writes the fixture of a new format"]
fn write_fixture() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stored-v1");
    for (name, bytes) in files(dir.path()) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    eprintln!("written: {}", to.display());
}
