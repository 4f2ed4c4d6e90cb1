//! `saldo bench plan`: how long it takes to see what a changed book would do to real history.
//!
//! A world of three months is ingested, its first two months are closed, with events that come
//! late in between, and the book is changed. Every step is the command that a person would give,
//! in a process of its own. What an earlier run prepared in the same directory is used again.
//! JSON: `{"events","late_events","accounts","agreements","ingest_seconds","close":{PERIOD:COST},
//! "plan":{"changed":[RUN..],"all":[RUN..]}}`, where a COST is `{"seconds","cpu_seconds",
//! "rss_peak_bytes"}` and a RUN a COST with `"agreements","periods","closed","read":{"groupings",
//! "sums"}`.

use super::book::{Files, book};
use super::{OPERATOR, SOURCE, WorldOf, short};
use crate::args::make::BenchPlan;
use crate::commands::Outcome;
use crate::commands::demo::this_program;
use crate::errors::{CHILD, Failure};
use crate::output::talk;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The months that are closed before anything is planned.
const CLOSED: [&str; 2] = ["2026-03", "2026-04"];
/// Of so many lines that nothing refers to, one comes late.
const LATE_ONE_IN: u64 = 1_000;

/// Measures.
pub fn run(args: &BenchPlan) -> Outcome {
    let measured = super::in_work(args.work.as_deref(), |work| measure(args, work))?;
    super::show(&measured, args.format)
}

fn measure(args: &BenchPlan, work: &Path) -> Result<Value, Failure> {
    let name = format!("months-{}-{}-{}", args.events, args.accounts, args.seed);
    let prepared = work.join(format!("{name}.json"));
    let dir = work.join(&name);
    let mut report = match std::fs::read(&prepared) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| Failure::said(CHILD, e))?,
        Err(_) => prepare(args, &dir)?,
    };
    put(&prepared, report.to_string().as_bytes())?;
    write_book(&dir.join("books").join(OPERATOR), &book(true))?;
    let mut runs = Map::new();
    for (name, more) in [("changed", None), ("all", Some("--all"))] {
        let args = [Some("plan"), Some("--format"), Some("json"), more];
        let args: Vec<&str> = args.into_iter().flatten().collect();
        let run = || timed(&dir, &args).map(|(shown, spent)| figures(&shown, &spent));
        let found = (0..3).map(|_| run()).collect::<Result<Vec<_>, _>>()?;
        runs.insert(name.to_owned(), found.into());
    }
    report["plan"] = runs.into();
    Ok(report)
}

/// What one plan read, showed and cost.
fn figures(shown: &Value, spent: &Spent) -> Value {
    let periods = shown["periods"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: BTreeSet<&str> = periods.iter().filter_map(|p| p["agreement"].as_str()).collect();
    let closed = periods.iter().filter(|period| period["closed"] == true);
    json!({
        "seconds": short(spent.wall.as_secs_f64()),
        "cpu_seconds": short(spent.cpu.as_secs_f64()),
        "rss_peak_bytes": spent.rss_peak_bytes,
        "agreements": names.len(),
        "periods": periods.len(),
        "closed": closed.count(),
        "read": shown["read"],
    })
}

/// Ingests, closes, lets some come late, closes again; what that took.
fn prepare(args: &BenchPlan, dir: &Path) -> Result<Value, Failure> {
    let [file, late] = make_files(args, dir)?;
    // What an earlier run left half done cannot be gone on with.
    if dir.exists() {
        std::fs::remove_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
    }
    let terms = dir.with_extension("book");
    write_book(&terms, &book(false))?;
    let [to, from] = [dir, &terms].map(|path| path.display().to_string());
    let init = ["init", &to, "--operator", OPERATOR, "--book", &from];
    // Standard output is the report's.
    ended(this_program()?.args(init).stdout(Stdio::null()).spawn())?;
    let ingest = |file: &Path| {
        let file = file.display().to_string();
        timed(dir, &["ingest", &file, "--source", SOURCE, "--format", "json"])
    };
    talk("ingesting");
    let (shown, took) = ingest(&file)?;
    let close = |period: &str| -> Result<Value, Failure> {
        talk(format!("closing {period}"));
        let (_, spent) = timed(dir, &["close", period, "--format", "json"])?;
        Ok(spent.shown())
    };
    let first = close(CLOSED[0])?;
    let (shown_late, _) = ingest(&late)?;
    let second = close(CLOSED[1])?;
    let [file, late] = [&shown, &shown_late].map(|shown| shown["received"].clone());
    Ok(json!({
        "events": file,
        "late_events": late,
        "accounts": args.accounts,
        "agreements": 40,
        "ingest_seconds": short(took.wall.as_secs_f64()),
        "close": { CLOSED[0]: first, CLOSED[1]: second },
    }))
}

/// Makes the file of most events and the file of those that come late.
fn make_files(args: &BenchPlan, dir: &Path) -> Result<[PathBuf; 2], Failure> {
    let paths = ["ndjson", "late.ndjson"].map(|extension| dir.with_extension(extension));
    if paths.iter().all(|path| path.exists()) {
        return Ok(paths);
    }
    let partial = paths.clone().map(|path| path.with_extension("partial"));
    let BenchPlan { events, accounts, seed, .. } = *args;
    let world = WorldOf { preset: "months", events, accounts, seed };
    world.make(&mut |lines| divide(lines, &partial))?;
    for (partial, path) in partial.iter().zip(&paths) {
        super::finish(partial, path)?;
    }
    Ok(paths)
}

/// Sets lines apart that come late: only such that nothing refers to, so that nothing waits.
fn divide(lines: &mut dyn Read, to: &[PathBuf; 2]) -> std::io::Result<()> {
    const BUFFER_BYTES: usize = 1 << 20;
    let create = |path| File::create(path).map(|file| BufWriter::with_capacity(BUFFER_BYTES, file));
    let [mut file, mut late] = [create(&to[0])?, create(&to[1])?];
    let mut lines = BufReader::with_capacity(BUFFER_BYTES, lines);
    let (mut line, mut candidates) = (Vec::new(), 0u64);
    while lines.read_until(b'\n', &mut line)? > 0 {
        let is_referred_to = line.windows(12).any(|part| part == b"\"kind\":\"bet\"");
        candidates += u64::from(!is_referred_to);
        let is_late = !is_referred_to && candidates.is_multiple_of(LATE_ONE_IN);
        (if is_late { &mut late } else { &mut file }).write_all(&line)?;
        line.clear();
    }
    late.flush()?;
    file.flush()
}

fn write_book(dir: &Path, files: &Files) -> Result<(), Failure> {
    files.iter().try_for_each(|(path, text)| put(&dir.join(path), text))
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = parent.and_then(|()| std::fs::write(path, bytes));
    written.map_err(|error| Failure::file(path, &error))
}

/// What a process took.
struct Spent {
    wall: Duration,
    cpu: Duration,
    rss_peak_bytes: u64,
}

impl Spent {
    fn shown(&self) -> Value {
        json!({
            "seconds": short(self.wall.as_secs_f64()),
            "cpu_seconds": short(self.cpu.as_secs_f64()),
            "rss_peak_bytes": self.rss_peak_bytes,
        })
    }
}

/// Runs a command on the directory; what it printed and what it took.
fn timed(dir: &Path, args: &[&str]) -> Result<(Value, Spent), Failure> {
    let failed = |error: std::io::Error| Failure::said(CHILD, error);
    let before = children_cpu();
    let start = Instant::now();
    let mut program = this_program()?;
    let program = program.arg("-C").arg(dir).args(args).stdout(Stdio::piped());
    let mut child = program.spawn().map_err(failed)?;
    let mut out = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.as_mut().map_or(Ok(0), |out| out.read_to_end(&mut bytes)).map(|_| bytes)
    });
    let mut rss_peak_bytes = 0;
    let status = loop {
        rss_peak_bytes = peak_rss_bytes(child.id()).max(rss_peak_bytes);
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let wall = start.elapsed();
    let cpu = children_cpu().saturating_sub(before);
    let printed = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let shown = serde_json::from_slice(&printed.map_err(failed)?);
    // A plan that finds something ends with 1; what was printed tells whether it came that far.
    let shown = shown.map_err(|error| {
        Failure::said(CHILD, format!("`saldo {}` ended with {status}: {error}", args.join(" ")))
    })?;
    Ok((shown, Spent { wall, cpu, rss_peak_bytes }))
}

fn ended(child: std::io::Result<Child>) -> Result<(), Failure> {
    let status = child.and_then(|mut child| child.wait());
    let status = status.map_err(|error| Failure::said(CHILD, error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::said(CHILD, format!("`saldo init` ended with {status}")))
}

/// Processor time of the processes that were waited for; none where the system does not tell.
fn children_cpu() -> Duration {
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0u32);
    TICK * (ticks(13) + ticks(14))
}

/// Highest resident memory of a process so far, in bytes; 0 where the system does not tell.
fn peak_rss_bytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
