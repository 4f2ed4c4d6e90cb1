//! How fast the Log, the Vault and the raw store are on this disk:
//! `cargo run --release -p saldo-local --example log_speed [DIR]`.

use engine::port::{Frame, FrameKind, Log, RawStore, Vault};
use local::{FileRaw, FileVault, LogOptions, OsDisk, RawOptions, SegmentLog, system_random};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const BATCH: u32 = 8192;
const BATCHES: u32 = 200;
const RECORD_BYTES: u32 = 220;
const SUBJECTS: usize = 200_000;

/// A cheap sequence that looks random.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn below(value: u64, end: u64) -> u64 {
    mix(value.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % end
}

fn percentiles(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{name}: p50 {:?}, p99 {:?}, max {:?}", at(50), at(99), at(100));
}

fn log(disk: &Arc<OsDisk>) {
    let log = SegmentLog::open(disk.clone(), "log", &LogOptions::default()).expect("opens");
    let records: Vec<u8> =
        (0..u64::from(BATCH * RECORD_BYTES)).map(|n| mix(n).to_le_bytes()[0]).collect();
    let ends: Vec<u32> = (1..=BATCH).map(|n| n * RECORD_BYTES).collect();
    let frame = [Frame { kind: FrameKind::Events, header: vec![1; 48], records, ends }];
    let (mut appends, mut flushes) = (Vec::new(), Vec::new());
    let start = Instant::now();
    for _ in 0..BATCHES {
        let begin = Instant::now();
        log.append(&frame).expect("appends");
        appends.push(begin.elapsed());
        let begin = Instant::now();
        log.flush().expect("flushes");
        flushes.push(begin.elapsed());
    }
    let per_record = start.elapsed() / (BATCH * BATCHES);
    println!("log: {per_record:?} a record, append and flush in turn");
    percentiles("append of a batch", appends);
    percentiles("flush of a batch", flushes);
    let end = log.end();
    let (mut header, mut record) = (Vec::new(), Vec::new());
    let fetch = |n: u64| {
        let begin = Instant::now();
        log.fetch(below(n, end), &mut header, &mut record).expect("is there");
        begin.elapsed()
    };
    percentiles("fetch", (0..200_000).map(fetch).collect());
    let begin = Instant::now();
    let mut reader = log.reader(0).expect("opens");
    let mut bytes = 0;
    while let Some(frame) = reader.next_frame().expect("reads") {
        bytes += frame.records.len();
    }
    println!("reader: {} MB in {:?}", bytes >> 20, begin.elapsed());
    let hint = log.durable_hint();
    drop(log);
    for hint in [Some(hint), None] {
        let begin = Instant::now();
        let options = LogOptions { hint, ..LogOptions::default() };
        SegmentLog::open(disk.clone(), "log", &options).expect("opens");
        println!(
            "open {}: {:?}",
            if hint.is_some() { "with a hint" } else { "by a scan" },
            begin.elapsed()
        );
    }
}

fn small_frames(disk: &Arc<OsDisk>) {
    let log = SegmentLog::open(disk.clone(), "small", &LogOptions::default()).expect("opens");
    let frame = [Frame {
        kind: FrameKind::Events,
        header: vec![1; 48],
        records: vec![7; 220],
        ends: vec![220],
    }];
    let begin = Instant::now();
    for _ in 0..200_000 {
        log.append(&frame).expect("appends");
    }
    println!("append of a single record: {:?}", begin.elapsed() / 200_000);
    log.flush().expect("flushes");
    let (mut header, mut record) = (Vec::new(), Vec::new());
    let fetch = |n: u64| {
        let begin = Instant::now();
        log.fetch(below(n, 200_000), &mut header, &mut record).expect("is there");
        begin.elapsed()
    };
    percentiles("fetch of single records", (0..100_000).map(fetch).collect());
}

fn vault(disk: &Arc<OsDisk>) {
    let vault = FileVault::open(disk.clone(), "vault", &[7; 32], system_random()).expect("opens");
    let names: Vec<String> = (0..SUBJECTS).map(|n| format!("player-{n:07}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut out = Vec::new();
    let begin = Instant::now();
    for batch in names.chunks(BATCH as usize) {
        out.clear();
        vault.pseudonyms(batch, &mut out).expect("are given");
    }
    println!("vault, new: {:?} each", begin.elapsed() / u32::try_from(SUBJECTS).unwrap_or(1));
    vault.flush().expect("flushes");
    let pick = |n: u64| names[usize::try_from(below(n, SUBJECTS as u64)).unwrap_or(0)];
    let batches: Vec<Vec<&str>> = (0..100_u64)
        .map(|batch| (0..u64::from(BATCH)).map(|n| pick(batch * 10_000 + n)).collect())
        .collect();
    let begin = Instant::now();
    for batch in &batches {
        out.clear();
        vault.pseudonyms(batch, &mut out).expect("are given");
    }
    println!("vault, known: {:?} each", begin.elapsed() / (100 * BATCH));
    println!("vault: {} MB for {} rows", vault.memory_bytes() >> 20, vault.len());
    let begin = Instant::now();
    vault.erase("player-0000077").expect("erases");
    println!("vault, erase: {:?}", begin.elapsed());
}

fn raw(disk: &Arc<OsDisk>) {
    let raw = FileRaw::open(disk.clone(), "raw", &[8; 32], &RawOptions::default()).expect("opens");
    let rows: Vec<u8> = (0..2_u64 << 20).map(|n| mix(n).to_le_bytes()[0]).collect();
    let (mut appends, mut flushes) = (Vec::new(), Vec::new());
    let start = Instant::now();
    for _ in 0..150 {
        let begin = Instant::now();
        raw.append("studio-a", 20_000, &rows).expect("appends");
        appends.push(begin.elapsed());
        let begin = Instant::now();
        raw.flush().expect("flushes");
        flushes.push(begin.elapsed());
    }
    println!(
        "raw: {} MB/s, append and flush in turn",
        300_000 / start.elapsed().as_millis().max(1)
    );
    let total: Duration = appends.iter().sum();
    println!("raw: {} MB/s, append alone", 300_000 / total.as_millis().max(1));
    percentiles("append of 2 MiB", appends);
    percentiles("flush of 2 MiB", flushes);
}

fn main() {
    let dir = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = dir.join(format!("log-speed-{}", std::process::id()));
    let disk = Arc::new(OsDisk::new(&dir).expect("a directory"));
    log(&disk);
    small_frames(&disk);
    vault(&disk);
    raw(&disk);
    std::fs::remove_dir_all(&dir).expect("what was made is removed");
}
