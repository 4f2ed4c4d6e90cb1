//! Coverage-guided fuzzing on stable Rust: builds every target once, then runs each for a while.
//!
//! The targets are a workspace of their own in `fuzz/`, since all of it, libraries included, is
//! compiled with the counters that libFuzzer reads. What a target learnt stays in the build cache.
//! Before the hunt a target with a planted fault shows that the search sees where it goes.

use crate::graph::{self, Graph};
use crate::needs::CXX;
use crate::talk::{Outcome, say};
use crate::workshop::Workshop;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The manifest of the targets.
const MANIFEST: &str = "fuzz/Cargo.toml";
/// The folder with one file per target.
const TARGETS: &str = "fuzz/fuzz_targets";
/// Committed inputs to start from, a folder per target, where there are any.
const SEEDS: &str = "fuzz/seeds";

/// The target with a planted fault, and the seconds in which it must be found.
const SELF_CHECK: &str = "self_check";
const SELF_CHECK_SECONDS: u64 = 30;

/// Seconds per target within `cargo xtask test`: a check that it runs, not a hunt.
const SECONDS_IN_TEST: u64 = 2;
/// Seconds per target when none are asked for.
const SECONDS: u64 = 30;
/// What one input may cost: seconds, and megabytes of memory.
const INPUT_LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1024"];

/// What makes rustc count the edges that an input takes, without a nightly compiler.
const RUSTFLAGS: &[&str] = &[
    "--cfg",
    "fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // A comparison of byte strings stays a call that libFuzzer watches, and is not melted into
    // words whose difference says nothing.
    "-Cllvm-args=-max-loads-per-memcmp=0",
    "-Cllvm-args=-max-loads-per-memcmp-opt-size=0",
    "-Ccodegen-units=1",
];

/// Runs the targets named, or all of them.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    match arguments(args) {
        Ok((seconds, only)) => fuzz(workshop, seconds, &only),
        Err(why) => Outcome::Unable(why),
    }
}

/// The step of `test`: each target for a few seconds.
pub fn step(workshop: &Workshop) -> Outcome {
    fuzz(workshop, SECONDS_IN_TEST, &[])
}

/// Seconds per target and the targets asked for.
pub fn arguments(args: &[String]) -> Result<(u64, Vec<String>), String> {
    let (mut seconds, mut only, mut args) = (SECONDS, Vec::new(), args.iter());
    while let Some(arg) = args.next() {
        if arg == "--seconds" {
            let number = args.next().and_then(|text| text.parse().ok()).filter(|n| *n > 0);
            seconds = number.ok_or("--seconds needs a number above 0")?;
        } else if arg.starts_with('-') {
            return Err(format!("there is no `{arg}`: only --seconds N and names of targets"));
        } else {
            only.push(arg.clone());
        }
    }
    Ok((seconds, only))
}

fn fuzz(workshop: &Workshop, seconds: u64, only: &[String]) -> Outcome {
    if !CXX.is_met() {
        let (name, install) = (CXX.name(), CXX.install);
        return Outcome::Skipped(format!("`{name}` is not there; to get it: {install}"));
    }
    let targets = match targets(workshop, only) {
        Ok(targets) if targets.is_empty() => return Outcome::Unable("no target".to_owned()),
        Ok(targets) => targets,
        Err(why) => return Outcome::Failed(why),
    };
    let folder = match build(workshop) {
        Ok(folder) => folder,
        Err(why) => return Outcome::Failed(why),
    };
    if let Err(why) = self_check(workshop, &folder) {
        return Outcome::Failed(why);
    }
    let mut complaints = Vec::new();
    for target in &targets {
        say(&format!("fuzzing {target} for {seconds} s"));
        match hunt(workshop, &folder, target, seconds) {
            Ok(runs) => say(&format!("{target}: no crash in {runs} runs")),
            Err(why) => complaints.push(format!("{target}: {why}")),
        }
    }
    Outcome::of_complaints(&complaints, format!("{} targets, {seconds} s each", targets.len()))
}

/// The targets to run. A file without a target, or a name that is none, is an error.
fn targets(workshop: &Workshop, only: &[String]) -> Result<Vec<String>, String> {
    let graph = Graph::read(workshop, MANIFEST)?;
    let own = graph.crates.iter().find(|krate| krate.name == "saldo-fuzz");
    let bins = own.map(|krate| krate.bins.clone()).unwrap_or_default();
    let files = fs::read_dir(workshop.root.join(TARGETS)).map_err(|e| format!("{TARGETS}: {e}"))?;
    for path in files.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|end| end == "rs") && !bins.contains(&name) {
            return Err(format!("{TARGETS}/{name}.rs has no [[bin]] in {MANIFEST}: add it"));
        }
    }
    match only.iter().find(|name| !bins.contains(name)) {
        Some(name) => Err(format!("there is no target `{name}`, only {}", bins.join(", "))),
        None if only.is_empty() => Ok(bins.into_iter().filter(|bin| bin != SELF_CHECK).collect()),
        None => Ok(only.to_vec()),
    }
}

/// Fails unless the planted fault is found, from nothing, within its time.
fn self_check(workshop: &Workshop, bins: &Path) -> Result<(), String> {
    let crashes = workshop.target.join("fuzz/self_check");
    fs::create_dir_all(&crashes).map_err(|why| format!("{}: {why}", crashes.display()))?;
    let mut command = Command::new(bins.join(SELF_CHECK));
    command.arg(format!("-max_total_time={SELF_CHECK_SECONDS}"));
    command.arg(format!("-artifact_prefix={}/", crashes.display()));
    let output = command.output().map_err(|why| format!("{SELF_CHECK} did not start: {why}"))?;
    if String::from_utf8_lossy(&output.stderr).contains("planted") && !output.status.success() {
        say("the planted fault was found: the search sees where it goes");
        return Ok(());
    }
    Err(format!("the planted fault was not found in {SELF_CHECK_SECONDS} s: the search is blind"))
}

/// Builds all targets; gives the folder with the programs.
fn build(workshop: &Workshop) -> Result<PathBuf, String> {
    let host = graph::host().ok_or("`rustc -vV` does not say what this machine is")?;
    let target = workshop.target.join("fuzz");
    let args = ["build", "--release", "--bins", "--manifest-path", MANIFEST, "--target", &host];
    let mut command = workshop.cargo(&args);
    // With --target these flags do not reach build scripts and macros, which must stay plain. The
    // encoded form takes precedence over RUSTFLAGS, so that the user's own flags cannot undo them.
    command.env("CARGO_TARGET_DIR", &target).env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"));
    workshop.pass_through(&mut command)?;
    Ok(target.join(host).join("release"))
}

/// Runs one target; gives the number of inputs it tried.
fn hunt(workshop: &Workshop, bins: &Path, name: &str, seconds: u64) -> Result<u64, String> {
    let kept = workshop.target.join("fuzz");
    let (corpus, crashes) = (kept.join("corpus").join(name), kept.join("crashes").join(name));
    for folder in [&corpus, &crashes] {
        fs::create_dir_all(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    }
    let program = bins.join(name);
    let mut command = Command::new(&program);
    command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    command.args(INPUT_LIMITS).arg(format!("-artifact_prefix={}/", crashes.display())).arg(&corpus);
    let seeds = workshop.root.join(SEEDS).join(name);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    let output = command.output().map_err(|why| format!("did not start: {why}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return judge(&said);
    }
    // The tail tells what happened; the counters before it tell nothing.
    let tail: Vec<_> = said.lines().rev().take(40).collect();
    tail.iter().rev().for_each(|line| eprintln!("    {line}"));
    let input = said.lines().rev().find_map(|line| line.split("Test unit written to ").nth(1));
    let again = input.map_or(String::new(), |i| format!("; again with: {} {i}", program.display()));
    Err(format!("ended with {}{again}", output.status))
}

/// The number of runs that libFuzzer reports, provided that it was led by coverage.
pub fn judge(said: &str) -> Result<u64, String> {
    let counters = said.split(" inline 8-bit counters)").next().filter(|head| *head != said);
    let counters = counters.and_then(|head| head.rsplit('(').next()?.trim().parse::<u64>().ok());
    if counters.is_none_or(|counters| counters == 0) {
        return Err("was built without coverage counters: see RUSTFLAGS in xtask".to_owned());
    }
    let executed =
        said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    executed.and_then(|n| n.trim().parse().ok()).ok_or_else(|| "gave no count of runs".to_owned())
}
