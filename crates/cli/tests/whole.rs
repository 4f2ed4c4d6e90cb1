//! The demo and the benchmark, whole: the one as a person sees it, the other small.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::saldo;

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
