//! `saldo bench ingest`: what the embedded default does with a file of events, measured.

// Times and rates, none of which is money.
#![allow(clippy::float_arithmetic)]

use crate::NodeError;
use crate::intake::{self, Job, Timings};
use crate::keys::Keys;
use crate::operator::Operator;
use engine::EngineError;
use engine::control::{Command, Control};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Clone, Debug)]
pub struct BenchJob {
    /// The file of events in the native shape, made before by another process.
    pub file: std::path::PathBuf,
    /// Its source.
    pub source: String,
    /// A directory of its own, empty.
    pub dir: std::path::PathBuf,
    /// The operator.
    pub operator: String,
    /// The book's files.
    pub book: BTreeMap<String, Vec<u8>>,
    /// The period to close; none ends the benchmark before the close.
    pub period: String,
    /// Whether raw rows are kept.
    pub keep_raw: bool,
    /// Parts of preparation to do.
    pub parts: engine::prepare::Parts,
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct BenchReport {
    /// Records.
    pub events: u64,
    /// Seconds from the first byte to the last durable commit.
    pub seconds: f64,
    /// Processor time of the ingest, nanoseconds per record, over all threads.
    pub cpu_ns_per_event: f64,
    /// Nanoseconds of thread time per record and step.
    pub ns_per_event: Vec<(&'static str, f64)>,
    /// Median and 99th percentile from append to commit, milliseconds.
    pub commit_ms: (f64, f64),
    /// Highest resident memory up to the end of the ingest.
    pub rss_peak_bytes: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Seconds to open again.
    pub reopen_seconds: f64,
    /// Median and 99th percentile of finding one event by source and id, microseconds.
    pub lookup_us: (f64, f64),
    /// Seconds to close the period of every agreement.
    pub close_seconds: f64,
    /// Records recomputed by the batch road per second.
    pub recompute_events_per_second: f64,
    /// Rate of the last million records to that of the first.
    pub last_to_first_million_ratio: f64,
    /// Counters after the ingest.
    pub counts: engine::counters::Counters,
    /// Root of the source's stream, in base64.
    pub root: String,
    /// Accounts.
    pub accounts: u32,
}

/// Look-ups measured.
const LOOKUPS: usize = 4000;

/// Runs the benchmark; `say` is told what is being done.
///
/// # Errors
/// When anything that is measured fails.
pub fn run(job: &BenchJob, say: &mut dyn FnMut(&str)) -> Result<BenchReport, NodeError> {
    let data = job.dir.join("data");
    let keys = Keys::create(&job.dir.join("keys"), &job.operator)?;
    let mut report = BenchReport::default();
    let mut operator = Operator::open(&data, &job.operator, &keys, &mut |_, _| {})?;
    record_book(&mut operator, job)?;
    say("ingesting");
    let before = cpu_nanos();
    let timings = ingest(&mut operator, job, &mut report)?;
    report.cpu_ns_per_event = (cpu_nanos() - before) / events_of(&report);
    fill_timings(&mut report, &timings);
    report.rss_peak_bytes = peak_rss_bytes();
    report.disk_bytes = disk_bytes(&job.dir);
    drop(operator);
    say("opening again");
    let start = Instant::now();
    let mut operator = Operator::open(&data, &job.operator, &keys, &mut |_, _| {})?;
    report.reopen_seconds = start.elapsed().as_secs_f64();
    say("looking events up");
    report.lookup_us = lookups(&operator, job)?;
    if job.period.is_empty() {
        return Ok(report);
    }
    say("closing the period");
    report.close_seconds = close(&mut operator, &job.period)?;
    say("recomputing");
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let closed = operator.engine.all_closed()?;
    let start = Instant::now();
    let recomputed = operator.engine.recompute(&closed, threads, &|_, _| {})?;
    report.recompute_events_per_second = rate(recomputed.events, start.elapsed());
    Ok(report)
}

fn record_book(operator: &mut Operator, job: &BenchJob) -> Result<(), EngineError> {
    let command = Command::Book { revision: 1, files: job.book.clone(), reason: String::new() };
    let at = crate::clock::now_nanos();
    operator.engine.command(Control { at, author: "bench".to_owned(), command }.encode())?;
    Ok(())
}

fn ingest(
    operator: &mut Operator,
    bench: &BenchJob,
    report: &mut BenchReport,
) -> Result<Timings, NodeError> {
    let mut job = Job::new(&bench.file, &bench.source, None);
    job.keep_raw = bench.keep_raw;
    job.parts = bench.parts;
    let start = Instant::now();
    let file = intake::ingest(operator, &job, &mut |_, _, _| {})?;
    operator.engine.checkpoint()?;
    report.seconds = start.elapsed().as_secs_f64();
    report.counts = file.counts;
    report.events = file.counts.received;
    report.accounts = operator.engine.store().account_count();
    let tree = operator.engine.state().streams.tree(&bench.source);
    report.root = tree.map(|tree| tree.root().to_base64()).unwrap_or_default();
    Ok(file.timings)
}

#[allow(clippy::cast_precision_loss)] // figures of time, not of money
fn fill_timings(report: &mut BenchReport, timings: &Timings) {
    let events = report.events.max(1) as f64;
    report.ns_per_event =
        timings.nanos.iter().map(|(part, nanos)| (*part, *nanos as f64 / events)).collect();
    let micros: Vec<f64> = timings.commit_micros.iter().map(|micros| f64::from(*micros)).collect();
    report.commit_ms = (percentile(&micros, 50) / 1000.0, percentile(&micros, 99) / 1000.0);
    report.last_to_first_million_ratio = million_ratio(&timings.milestones);
}

#[allow(clippy::cast_precision_loss)]
fn events_of(report: &BenchReport) -> f64 {
    report.events.max(1) as f64
}

/// Processor time of this process so far, nanoseconds; 0 where the system does not tell.
fn cpu_nanos() -> f64 {
    const TICK_NANOS: f64 = 1e7;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) * TICK_NANOS
}

/// Rate of the last million records to that of the first; 0 with fewer than two million.
fn million_ratio(milestones: &[(u64, Duration)]) -> f64 {
    const MILLION: u64 = 1_000_000;
    let Some((total, end)) = milestones.last() else { return 0.0 };
    if *total < 2 * MILLION {
        return 0.0;
    }
    let at = |records: u64| {
        let found = milestones.partition_point(|(done, _)| *done < records);
        milestones.get(found).map_or(*end, |(_, time)| *time)
    };
    let first = at(MILLION).as_secs_f64();
    let last = end.saturating_sub(at(total - MILLION)).as_secs_f64();
    if last > 0.0 { first / last } else { 0.0 }
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0.0)
}

#[allow(clippy::cast_precision_loss)]
fn rate(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64().max(1e-9)
}

/// Finds events whose ids were read at random places of the file.
fn lookups(operator: &Operator, job: &BenchJob) -> Result<(f64, f64), NodeError> {
    let failed = |error| NodeError::system("reading", &job.file, error);
    let mut file = std::fs::File::open(&job.file).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let (mut ids, mut place) = (Vec::new(), 0x9E37_79B9_7F4A_7C15_u64);
    while ids.len() < LOOKUPS {
        place = place.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        file.seek(SeekFrom::Start((place >> 8) % length.max(1))).map_err(failed)?;
        let mut lines = BufReader::with_capacity(2048, &file).lines();
        lines.next();
        let Some(Ok(line)) = lines.next() else { continue };
        let value: Result<serde_json::Value, _> = serde_json::from_str(&line);
        if let Some(id) = value.ok().and_then(|value| Some(value.get("id")?.as_str()?.to_owned())) {
            ids.push(id);
        }
    }
    let mut micros = Vec::with_capacity(LOOKUPS);
    for id in &ids {
        let start = Instant::now();
        let found = operator.engine.find_event(&job.source, id)?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
        if found.is_none() {
            micros.pop();
        }
    }
    micros.sort_by(f64::total_cmp);
    Ok((percentile(&micros, 50), percentile(&micros, 99)))
}

/// Closes the period of every agreement that has such periods; seconds. What blocks a close is
/// resolved before: the benchmark's file has contests.
fn close(operator: &mut Operator, period: &str) -> Result<f64, NodeError> {
    let contests = operator.engine.contests()?;
    for contest in contests {
        let (later, reason) = (contest.later, String::new());
        let command = Command::Resolve { later, keep_later: false, reason };
        let at = crate::clock::now_nanos();
        operator.engine.command(Control { at, author: "bench".into(), command }.encode())?;
    }
    let kind = period.parse::<settle::Period>().map_err(EngineError::from)?.kind();
    let current = operator.engine.state().books.current();
    let names: Vec<String> = current
        .map(|revision| {
            let fits = revision.compiled.agreements.iter().filter(|a| a.period == kind);
            fits.map(|agreement| agreement.name.clone()).collect()
        })
        .unwrap_or_default();
    let start = Instant::now();
    let at = crate::clock::now_nanos();
    let mut closed = std::collections::BTreeSet::new();
    for name in names {
        if closed.insert(name.clone()) {
            operator.engine.close(&name, period, at, "bench")?;
        }
    }
    operator.engine.checkpoint()?;
    Ok(start.elapsed().as_secs_f64())
}

/// Highest resident memory of this process so far, in bytes; 0 where the system does not tell.
fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Bytes that files below `dir` hold on disk.
fn disk_bytes(dir: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => disk_bytes(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}
