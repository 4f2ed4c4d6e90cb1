//! `saldo bench ingest`: what this machine does from the bytes of a file to durable commit.
//!
//! The file is made first, by another process. Measured in this one: intake with every stage and
//! the Vault on, look-ups, a close, the batch recomputation; then, in a process of its own,
//! reopening. JSON: the fields of [`report`]; nanoseconds are thread time per event.

use super::demo::{scratch, this_program};
use super::{Ended, Outcome};
use crate::args::make::{Bench, BenchIngest, Without};
use crate::errors::{CHILD, Failure};
use crate::output::{self, Plain, talk};
use crate::progress::Progress;
use node::intake::{Job, Timings};
use node::{Purpose, Session, clock};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const SOURCE: &str = "studio-bench";
const OPERATOR: &str = "bench";
const AGREEMENT: &str = "studio-0-share";
const PERIOD: &str = "2026-03";
/// Look-ups timed: enough for a 99th percentile.
const LOOKUPS: usize = 20_000;
const MILLION: u64 = 1_000_000;

/// Measures.
pub fn run(args: &Bench) -> Outcome {
    let Bench::Ingest(args) = args;
    let temporary = args.work.is_none();
    let work = args.work.clone().unwrap_or_else(|| scratch("bench"));
    std::fs::create_dir_all(&work).map_err(|error| Failure::file(&work, &error))?;
    let measured = measure(args, &work);
    if temporary {
        // What cannot be removed is in the system's temporary directory anyway.
        let _ = std::fs::remove_dir_all(&work);
    }
    let report = measured?;
    match args.format {
        Plain::Json => output::json(&report)?,
        Plain::Text => {
            for (name, value) in report.as_object().into_iter().flatten() {
                output::data(&format!("{name:<36}{value}\n"))?;
            }
        }
    }
    Ok(Ended::Done)
}

fn measure(args: &BenchIngest, work: &Path) -> Result<Value, Failure> {
    let file = make_file(args, work)?;
    let bytes = std::fs::metadata(&file).map_err(|error| Failure::file(&file, &error))?.len();
    let dir = work.join("saldo");
    node::init::init(&dir, "gaming", OPERATOR)?;
    let mut session = Session::open(&dir, None, Purpose::Change, &mut |_, _| {})?;
    let intake = intake(&mut session, args, &file)?;
    let disk_bytes = disk_bytes(&session.place.data);
    let lookups = lookups(&session, &file)?;
    let close = close(&mut session)?;
    let recompute = recompute(&session)?;
    let roots = roots(&session)?;
    drop(session);
    let reopen = reopen(&dir)?;
    let events = intake.records.max(1);
    let mut report = json!({
        "events": intake.records,
        "file_bytes": bytes,
        "without": args.without.iter().map(|w| format!("{w:?}").to_lowercase()).collect::<Vec<_>>(),
        "seconds": round(intake.took),
        "events_per_second": per_second(events, intake.took),
        "ns_per_event": stages(&intake.timings, events),
        "commit_ms_p50": millis(percentile(&intake.timings.commit_micros, 50)),
        "commit_ms_p99": millis(percentile(&intake.timings.commit_micros, 99)),
        "rss_peak_bytes": intake.rss_peak,
        "disk_bytes": disk_bytes,
        "disk_bytes_per_event": disk_bytes / events,
        "reopen_seconds": round(reopen),
        "close_seconds": round(close),
        "recompute_events_per_second": per_second(recompute.0, recompute.1),
        "last_to_first_million_ratio": ratio(&intake.timings),
        "roots": roots,
    });
    let tenth = |nanos: u32| thousandths(u64::from(nanos));
    report["lookup_us_p50"] = tenth(percentile(&lookups, 50));
    report["lookup_us_p99"] = tenth(percentile(&lookups, 99));
    for (name, count) in intake.counts.as_object().into_iter().flatten() {
        report[name] = count.clone();
    }
    Ok(report)
}

/// Makes the file in another process, so that nothing of making it is in this one's memory.
fn make_file(args: &BenchIngest, work: &Path) -> Result<PathBuf, Failure> {
    let path = work.join(format!("events-{}-{}-{}.ndjson", args.events, args.accounts, args.seed));
    if path.exists() {
        return Ok(path);
    }
    talk(format!("making {} events", args.events));
    let partial = path.with_extension("partial");
    let file = std::fs::File::create(&partial).map_err(|error| Failure::file(&partial, &error))?;
    let numbers =
        [args.events.to_string(), args.accounts.to_string(), args.seed.to_string()];
    let [events, accounts, seed] = &numbers;
    let status = this_program()?
        .args(["dev", "world", "--preset", "bench", "--events", events])
        .args(["--accounts", accounts, "--seed", seed])
        .stdout(Stdio::from(file))
        .status();
    let status = status.map_err(|error| Failure::said(CHILD, error))?;
    if !status.success() {
        return Err(Failure::said(CHILD, format!("`saldo dev world` ended with {status}")));
    }
    std::fs::rename(&partial, &path).map_err(|error| Failure::file(&path, &error))?;
    Ok(path)
}

struct Intake {
    records: u64,
    took: Duration,
    timings: Timings,
    counts: Value,
    rss_peak: u64,
}

fn intake(session: &mut Session, args: &BenchIngest, file: &Path) -> Result<Intake, Failure> {
    let mut job = Job::new(file, SOURCE, None);
    job.keep_raw = !args.without.contains(&Without::Raw);
    job.parts.stages = !args.without.contains(&Without::Verify);
    job.parts.tree = !args.without.contains(&Without::Tree);
    let mut progress = Progress::new("ingesting");
    let started = Instant::now();
    let report = node::intake::ingest(&mut session.operator, &job, &mut |records, done, all| {
        progress.at(done, all, records);
    })?;
    session.checkpoint()?;
    let took = started.elapsed();
    progress.end();
    Ok(Intake {
        records: report.counts.received,
        took,
        timings: report.timings,
        counts: super::ingest::counters(&report.counts),
        rss_peak: rss_peak(),
    })
}

/// Nanoseconds of each look-up by id of events spread over the file, ascending.
fn lookups(session: &Session, file: &Path) -> Result<Vec<u32>, Failure> {
    let ids = sample_ids(file).map_err(|error| Failure::file(file, &error))?;
    let engine = &session.operator.engine;
    let mut times = Vec::with_capacity(LOOKUPS);
    for id in ids.iter().cycle().take(LOOKUPS.min(ids.len())) {
        let started = Instant::now();
        engine.event(SOURCE, id)?;
        times.push(u32::try_from(started.elapsed().as_nanos()).unwrap_or(u32::MAX));
    }
    times.sort_unstable();
    Ok(times)
}

/// Ids of lines at even distances over the file, in an order that jumps about.
fn sample_ids(file: &Path) -> std::io::Result<Vec<String>> {
    use std::os::unix::fs::FileExt;
    const LINES_BYTES: usize = 1024;
    let opened = std::fs::File::open(file)?;
    let length = opened.metadata()?.len();
    let mut ids = Vec::new();
    let mut buffer = vec![0; LINES_BYTES];
    for step in 0..LOOKUPS as u64 {
        // A stride that shares no factor with the number of steps visits all of them.
        let at = (step * 7919 % LOOKUPS as u64) * (length / LOOKUPS as u64).max(1);
        let read = opened.read_at(&mut buffer, at.min(length))?;
        let text = String::from_utf8_lossy(&buffer[..read]);
        let line = text.split('\n').nth(1).unwrap_or_default();
        let event: Result<Value, _> = serde_json::from_str(line);
        if let Ok(Some(id)) = event.as_ref().map(|event| event["id"].as_str()) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

fn close(session: &mut Session) -> Result<Duration, Failure> {
    // Contests block a close, as they should; the benchmark's are resolved for the first content.
    for contest in session.operator.engine.contests()? {
        let later = contest.later;
        session.command(node::engine::Command::Resolve { later, keep_later: false })?;
    }
    let (at, author) = (clock::now_nanos(), clock::author());
    let started = Instant::now();
    session.operator.engine.close(AGREEMENT, PERIOD, at, &author)?;
    session.checkpoint()?;
    Ok(started.elapsed())
}

fn recompute(session: &Session) -> Result<(u64, Duration), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let engine = &session.operator.engine;
    let closed = engine.all_closed()?;
    let started = Instant::now();
    let recomputed = engine.recompute(&closed, threads, &|_, _| {})?;
    Ok((recomputed.events, started.elapsed()))
}

fn roots(session: &Session) -> Result<Value, Failure> {
    let status = session.operator.engine.status()?;
    let streams = status.streams.iter();
    Ok(streams.map(|s| (s.name.clone(), json!(s.root.to_base64()))).collect::<Map<_, _>>().into())
}

/// A new process opens the operator and shows its status.
fn reopen(dir: &Path) -> Result<Duration, Failure> {
    let started = Instant::now();
    let status = this_program()?
        .arg("-C")
        .arg(dir)
        .args(["status", "--format", "json"])
        .stdout(Stdio::null())
        .status();
    let took = started.elapsed();
    match status {
        Ok(status) if status.success() => Ok(took),
        Ok(status) => Err(Failure::said(CHILD, format!("`saldo status` ended with {status}"))),
        Err(error) => Err(Failure::said(CHILD, error)),
    }
}

/// Thread time of each part of intake per event, in nanoseconds.
fn stages(timings: &Timings, events: u64) -> Value {
    let parts = timings.nanos.iter();
    parts.map(|(part, nanos)| ((*part).to_owned(), json!(nanos / events))).collect::<Map<_, _>>().into()
}

/// Speed of the last million of records by that of the first, in thousandths; null when there are
/// fewer than two.
fn ratio(timings: &Timings) -> Value {
    let Some((all, end)) = timings.milestones.last() else { return Value::Null };
    if *all < 2 * MILLION {
        return Value::Null;
    }
    let time_at = |records: u64| {
        let reached = timings.milestones.iter().find(|(done, _)| *done >= records);
        reached.map_or(*end, |(_, time)| *time)
    };
    let first = time_at(MILLION);
    let last = end.saturating_sub(time_at(all - MILLION));
    let thousand = first.as_nanos() * 1000 / last.as_nanos().max(1);
    thousandths(u64::try_from(thousand).unwrap_or(u64::MAX))
}

fn percentile(ascending: &[u32], percent: usize) -> u32 {
    let at = (ascending.len() * percent / 100).min(ascending.len().saturating_sub(1));
    ascending.get(at).copied().unwrap_or(0)
}

fn millis(micros: u32) -> Value {
    thousandths(u64::from(micros))
}

/// A number with three decimals, from its thousandths.
fn thousandths(number: u64) -> Value {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn round(took: Duration) -> Value {
    thousandths(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

fn per_second(events: u64, took: Duration) -> u64 {
    let nanos = took.as_nanos().max(1);
    u64::try_from(u128::from(events) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
}

/// The most memory that this process ever had, in bytes, as Linux counts it; 0 elsewhere.
fn rss_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    kilobytes.map_or(0, |kilobytes: u64| kilobytes * 1024)
}

/// Bytes that the files below `dir` take on disk, holes left out.
fn disk_bytes(dir: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => disk_bytes(&entry.path()),
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}
