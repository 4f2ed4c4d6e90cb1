//! The demo and the benchmark, whole: the one as a person sees it, the other small.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::saldo;
use std::path::Path;

#[test]
fn the_demo_ends_with_a_verified_period_and_a_checked_proof() {
    let scratch = tempfile::tempdir().unwrap();
    let work = scratch.path().join("demo");
    let run = saldo(&["demo", "--work", work.to_str().unwrap()]).ends(0);
    for said in ["5 counters and", "clean:", "the proof holds", "Done: settled"] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
}

#[test]
fn the_benchmark_reports_what_others_rely_on() {
    let run =
        saldo(&["bench", "ingest", "--events", "3000", "--accounts", "600", "--format", "json"]);
    let report = run.ends(0).json();
    for field in [
        "events_per_second",
        "commit_ms_p50",
        "commit_ms_p99",
        "rss_peak_bytes",
        "disk_bytes_per_event",
        "reopen_seconds",
        "lookup_us_p50",
        "lookup_us_p99",
        "close_seconds",
        "recompute_events_per_second",
        "last_to_first_million_ratio",
    ] {
        assert!(report[field].is_number(), "{field}: {report}");
    }
    assert!(report["ns_per_event"]["decode"].is_number(), "{report}");
    assert_eq!(report["received"], 3000);
    let parts = ["posted", "duplicate", "waiting", "quarantined", "refused"];
    let sum: u64 = parts.iter().map(|part| report[part].as_u64().unwrap()).sum();
    assert_eq!(sum, 3000, "{report}");
}

/// With the same keys and the same people in the Vault nothing is left to chance: the benchmark's
/// tree is that of an ordinary ingest of its file, leaf by leaf.
#[test]
fn the_benchmark_gives_the_root_of_an_ingest() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let (work, home) = (path("work"), path("home"));
    let args = ["--events", "4000", "--accounts", "600", "--work", &work, "--format", "json"];
    let report = saldo(&[&["bench", "ingest"], &args[..]].concat()).ends(0).json();
    saldo(&["--operator", "bench", "init", &home, "--template", "gaming"]).ends(0);
    std::fs::remove_dir_all(path("home/keys/bench")).unwrap();
    copy(Path::new(&path("work/saldo/keys")), Path::new(&path("home/keys/bench")));
    std::fs::create_dir_all(path("home/data/bench")).unwrap();
    std::fs::copy(path("work/saldo/data/vault"), path("home/data/bench/vault")).unwrap();
    let file = path("work/events-4000-600-1.ndjson");
    saldo(&["-C", &home, "ingest", &file, "--source", "studio-bench"]).ends(0);
    let status = saldo(&["-C", &home, "status", "--format", "json"]).ends(0).json();
    let streams = status["streams"].as_array().unwrap();
    let stream = streams.iter().find(|stream| stream["stream"] == "studio-bench").unwrap();
    assert_eq!(stream["root"], report["root"], "{status}");
    for counter in ["received", "posted", "duplicate", "waiting", "quarantined", "refused"] {
        assert_eq!(status[counter], report[counter], "{counter}: {status}");
    }
    let distinct = report["received"].as_u64().unwrap() - report["duplicate"].as_u64().unwrap();
    assert_eq!(stream["tree_size"], distinct, "{status}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
