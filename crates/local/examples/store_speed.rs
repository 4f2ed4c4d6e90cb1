//! How fast the Store is: ten million random keys in batches, with totals, blocks and checkpoints.
//!
//! `cargo run --release -p saldo-local --example store_speed [keys in millions] [directory]`

use engine::port::{Commit, NewAccount, Store, TotalRow};
use ledger::Total;
use ledger::time::Bucket;
use local::{FileStore, Options, OsDisk};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BATCH: u64 = 8192;
const ROWS: u64 = 3000;
const ACCOUNTS: u64 = 100_000;
const BLOCK_BYTES: usize = 200_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let millions: u64 = args.next().map_or(Ok(10), |text| text.parse())?;
    let place = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = place.join(format!("saldo-store-speed-{}", std::process::id()));
    let done = run(millions * 1_000_000, &dir);
    std::fs::remove_dir_all(&dir)?;
    done
}

fn run(keys: u64, dir: &Path) -> Result<(), Failure> {
    let open = |name: &str| -> Result<FileStore, Failure> {
        let dir = dir.join(name);
        Ok(FileStore::open(Arc::new(OsDisk::new(&dir)?), Options::at(dir))?)
    };
    println!("keys alone:");
    fill(&mut open("keys")?, keys, 0, 0)?;
    println!("with {ROWS} rows of totals and a block of {BLOCK_BYTES} bytes a batch:");
    let mut store = open("whole")?;
    fill(&mut store, keys, ROWS, BLOCK_BYTES)?;
    println!("index table {} MB, {}", store.index_bytes() >> 20, resident()?);
    for (purpose, bytes) in store.stored_bytes()? {
        println!("on disk: {purpose} {} MB", bytes >> 20);
    }
    drop(store);
    let start = Instant::now();
    let store = open("whole")?;
    println!("opened again in {:?}, {}", start.elapsed(), resident()?);
    ask(&store, keys)?;
    let start = Instant::now();
    let (mut rows, mut count) = (0_u64, 0);
    store.totals(Bucket(i32::MIN), Bucket(i32::MAX), &mut |row| {
        rows += 1;
        count += row.total.count;
    })?;
    println!("visited {rows} rows of totals ({count} postings) in {:?}", start.elapsed());
    Ok(())
}

fn fill(store: &mut FileStore, keys: u64, rows: u64, block_bytes: usize) -> Result<(), Failure> {
    let accounts = (0..ACCOUNTS).map(|at| NewAccount {
        path: format!("play:provider{}:game{at}:stakes", at % 300),
        asset: "KRW".to_owned(),
    });
    store.commit(Commit { accounts: accounts.collect(), ..Commit::default() })?;
    let block: Vec<u8> = (0..block_bytes).map(|at| at.to_le_bytes()[0]).collect();
    let (mut probes, mut commits, mut checkpoints) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = Vec::new();
    let start = Instant::now();
    while store.position() < keys {
        let first = store.position();
        let hashes: Vec<_> = (first..first + BATCH).map(hash_of).collect();
        found.clear();
        let began = Instant::now();
        store.probe(&hashes, &mut found)?;
        probes.push(began.elapsed());
        let commit = Commit {
            position: first + BATCH,
            keys: hashes.into_iter().zip(first..).collect(),
            totals: totals_of(first, rows),
            block: block.clone(),
            ..Commit::default()
        };
        let began = Instant::now();
        store.commit(commit)?;
        commits.push(began.elapsed());
        if store.checkpoint_due() {
            let began = Instant::now();
            store.checkpoint(b"state", &[])?;
            checkpoints.push(began.elapsed());
        }
    }
    let took = start.elapsed();
    store.checkpoint(b"state", &[])?;
    println!("{keys} keys in {took:?}; of another key: {} positions in the last", found.len());
    println!("probe {} ns a key", sum(&probes).as_nanos() / u128::from(keys));
    println!("commit {} ns a key, all of it", sum(&commits).as_nanos() / u128::from(keys));
    println!("checkpoints {} ns a key", sum(&checkpoints).as_nanos() / u128::from(keys));
    report("probe of a batch", probes);
    report("commit of a batch", commits);
    report("checkpoint", checkpoints);
    Ok(())
}

fn ask(store: &FileStore, keys: u64) -> Result<(), Failure> {
    let mut times = Vec::new();
    let mut found = Vec::new();
    for at in 0..100_000 {
        let position = hash_of(at) % keys;
        found.clear();
        let began = Instant::now();
        store.probe(&[hash_of(position)], &mut found)?;
        times.push(began.elapsed());
        if !found.contains(&(0, position)) {
            return Err(format!("key {position} is lost").into());
        }
    }
    report("look-up of one key", times);
    Ok(())
}

fn totals_of(first: u64, rows: u64) -> Vec<TotalRow> {
    let row = |at: u64| {
        let random = hash_of(first + at);
        let account = u32::try_from((random % (ACCOUNTS / ROWS)) * ROWS + at).unwrap_or(0);
        let bucket = i32::try_from(first / 100_000).unwrap_or(0);
        let total = Total { debit: i128::from(random % 1_000_000), credit: 0, count: 2 };
        TotalRow { bucket: Bucket(bucket), account, total }
    };
    (0..rows).map(row).collect()
}

fn hash_of(at: u64) -> u64 {
    sim::rng::mix(at.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 1)
}

fn sum(times: &[Duration]) -> Duration {
    times.iter().sum()
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)];
    if !times.is_empty() {
        println!("{what}: p50 {:?}, p99 {:?}, worst {:?}", at(500), at(990), at(1000));
    }
}

fn resident() -> Result<String, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: unknown");
    Ok(line.split_whitespace().collect::<Vec<_>>().join(" "))
}
