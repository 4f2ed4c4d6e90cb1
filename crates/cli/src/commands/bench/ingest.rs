//! `saldo bench ingest`: what this machine does from the bytes of a file to durable commit.
//!
//! The file is made first, by another process. JSON: `{"events","file_bytes","without","seconds",
//! "events_per_second","cpu_ns_per_event","ns_per_event":{PART:n},"commit_ms_p50",
//! "commit_ms_p99","rss_peak_bytes","disk_bytes","disk_bytes_per_event","reopen_seconds",
//! "lookup_us_p50","lookup_us_p99","close_seconds","recompute_events_per_second",
//! "last_to_first_million_ratio","accounts","root","received",…,"refused"}`.

use super::{OPERATOR, SOURCE, WorldOf, short};
use crate::args::make::{BenchIngest, Without};
use crate::commands::Outcome;
use crate::errors::Failure;
use crate::output::talk;
use node::bench::{BenchJob, BenchReport};
use node::book::example::OPERATOR_PLACEHOLDER;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The month that the simulated events are in.
const PERIOD: &str = "2026-03";

/// Measures.
pub fn run(args: &BenchIngest) -> Outcome {
    let measured = super::in_work(args.work.as_deref(), |work| measure(args, work))?;
    super::show(&measured, args.format)
}

fn measure(args: &BenchIngest, work: &Path) -> Result<Value, Failure> {
    let file = make_file(args, work)?;
    let bytes = std::fs::metadata(&file).map_err(|error| Failure::file(&file, &error))?.len();
    let dir = work.join("saldo");
    // What an earlier measurement left would be opened instead of measured.
    if dir.exists() {
        std::fs::remove_dir_all(&dir).map_err(|error| Failure::file(&dir, &error))?;
    }
    let parts = node::engine::prepare::Parts {
        stages: !args.without.contains(&Without::Verify),
        tree: !args.without.contains(&Without::Tree),
    };
    let job = BenchJob {
        file,
        source: SOURCE.to_owned(),
        dir,
        operator: OPERATOR.to_owned(),
        book: book(),
        period: PERIOD.to_owned(),
        keep_raw: !args.without.contains(&Without::Raw),
        parts,
    };
    let report = node::bench::run(&job, &mut |what| talk(what))?;
    let without = args.without.iter().map(|part| format!("{part:?}").to_lowercase());
    let without: Vec<String> = without.collect();
    Ok(document(&report, bytes, &without))
}

/// The shipped gaming book, as `saldo init` copies it.
fn book() -> BTreeMap<String, Vec<u8>> {
    let files = node::book::template("gaming").unwrap_or_default();
    let named = |text: &str| text.replace(OPERATOR_PLACEHOLDER, OPERATOR).into_bytes();
    files.into_iter().map(|(path, text)| (path.to_owned(), named(text))).collect()
}

fn document(report: &BenchReport, file_bytes: u64, without: &[String]) -> Value {
    let parts: Map<_, _> =
        report.ns_per_event.iter().map(|(part, ns)| ((*part).to_owned(), short(*ns))).collect();
    let events = report.events.max(1);
    let mut document = crate::commands::ingest::counters(&report.counts);
    let fields = json!({
        "events": report.events,
        "file_bytes": file_bytes,
        "without": without,
        "seconds": short(report.seconds),
        "events_per_second": per_second(report),
        "cpu_ns_per_event": short(report.cpu_ns_per_event),
        "ns_per_event": parts,
        "commit_ms_p50": short(report.commit_ms.0),
        "commit_ms_p99": short(report.commit_ms.1),
        "rss_peak_bytes": report.rss_peak_bytes,
        "disk_bytes": report.disk_bytes,
        "disk_bytes_per_event": report.disk_bytes / events,
        "reopen_seconds": short(report.reopen_seconds),
        "lookup_us_p50": short(report.lookup_us.0),
        "lookup_us_p99": short(report.lookup_us.1),
        "close_seconds": short(report.close_seconds),
        "recompute_events_per_second": short(report.recompute_events_per_second),
        "last_to_first_million_ratio": short(report.last_to_first_million_ratio),
        "accounts": report.accounts,
        "root": report.root,
    });
    for (name, value) in fields.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}

/// Makes the file where it is not there yet.
fn make_file(args: &BenchIngest, work: &Path) -> Result<PathBuf, Failure> {
    let path = work.join(format!("events-{}-{}-{}.ndjson", args.events, args.accounts, args.seed));
    if path.exists() {
        return Ok(path);
    }
    let partial = path.with_extension("partial");
    let mut file =
        std::fs::File::create(&partial).map_err(|error| Failure::file(&partial, &error))?;
    let BenchIngest { events, accounts, seed, .. } = *args;
    let world = WorldOf { preset: "bench", events, accounts, seed };
    world.make(&mut |lines| std::io::copy(lines, &mut file).map(|_| ()))?;
    super::finish(&partial, &path)?;
    Ok(path)
}

/// Whole events a second.
#[allow(clippy::float_arithmetic, clippy::cast_precision_loss)] // a figure of time, not of money
fn per_second(report: &BenchReport) -> Value {
    serde_json::from_str(&format!("{:.0}", report.events as f64 / report.seconds))
        .unwrap_or(Value::Null)
}
