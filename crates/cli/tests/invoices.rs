//! Tax invoices by command: what is refused, what is recorded, and that nothing is edited.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Run, saldo};
use std::path::Path;

fn golden(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/G22");
    root.join(path).to_str().unwrap().to_owned()
}

#[test]
fn invoices_are_recorded_handed_over_and_never_edited() {
    let scratch = tempfile::tempdir().unwrap();
    let home = scratch.path().join("home").to_str().unwrap().to_owned();
    saldo(&["init", &home, "--book", &golden("book")]).ends(0);
    let run = |args: &[&str]| -> Run { saldo(&[&["-C", home.as_str()], args].concat()) };
    let make = ["invoice", "make", "--agreement", "supply", "--period", "2026-03"];
    let amend = |reason: &str, supply: &[&str]| {
        let args = ["invoice", "amend", "--invoice", "supply-2026-03", "--reason", reason];
        run(&[&args[..], &["--changed", "2026-04-17"], supply].concat())
    };
    run(&["ingest", &golden("events/sales.ndjson"), "--source", "feed"]).ends(0);
    assert!(run(&make).ends(2).err.contains("not closed"), "an open period");
    run(&["close", "2026-03"]).ends(0);
    let first = run(&[&make[..], &["--format", "json"]].concat()).ends(0);
    let again = run(&[&make[..], &["--format", "json"]].concat()).ends(0);
    assert_eq!(first.out, again.out, "made once");
    assert!(again.err.contains("was made before"), "{}", again.err);
    for (reason, supply, code) in [
        ("mistake", &[][..], "E7802"),
        ("change", &[], "E7802"),
        ("change", &["--supply-change", "1.5"], "E7802"),
        ("cancel", &["--supply-change", "-1"], "E7802"),
        ("change", &["--supply-change", "-5000001"], "E7802"),
    ] {
        let refused = amend(reason, supply).ends(2);
        assert!(refused.err.contains(code), "{reason} {supply:?}: {}", refused.err);
    }
    amend("change", &["--supply-change", "-120000"]).ends(0);
    assert!(amend("cancel", &[]).ends(2).err.contains("E7802"), "more than was supplied");
    amend("환입", &["--supply-change", "-80000"]).ends(0);
    let list = run(&["invoice", "list", "--format", "csv"]).ends(0).out;
    let rows: Vec<Vec<&str>> = list.lines().skip(1).map(|row| row.split(',').collect()).collect();
    let told: Vec<[&str; 4]> = rows.iter().map(|row| [row[0], row[1], row[6], row[7]]).collect();
    assert_eq!(
        told,
        [
            ["supply-2026-03", "2026-03-31", "5000000", "500000"],
            ["supply-2026-03-a1", "2026-04-17", "-120000", "-12000"],
            ["supply-2026-03-a2", "2026-04-17", "-80000", "-8000"],
        ]
    );
    let shown = run(&["invoice", "show", "supply-2026-03", "--format", "json"]).ends(0).out;
    assert_eq!(shown, first.out, "the original stays as it is");
    assert!(run(&["invoice", "show", "supply-2026-04"]).ends(2).err.contains("invoice list"));
    kept(&home, &list);
}

/// What is kept of three documents: in the verification log, as files, and in the Log alone.
fn kept(home: &str, list: &str) {
    let run = |args: &[&str]| -> Run { saldo(&[&["-C", home], args].concat()) };
    let log = run(&["log", "verify", "--format", "json"]).ends(0).json();
    let kinds = log.as_array().unwrap().iter().filter(|entry| entry["type"] == "invoices");
    assert_eq!(kinds.count(), 3, "{log:#}");
    let verified = run(&["verify"]).ends(0);
    assert!(verified.out.contains("invoices: 3 compared"), "{}", verified.out);
    let data = Path::new(home).join("data/house");
    let mut names: Vec<String> = std::fs::read_dir(data.join("invoices"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let wanted = ["supply-2026-03-a1.json", "supply-2026-03-a2.json", "supply-2026-03.json"];
    assert_eq!(names, wanted);
    // The Log alone gives the same again.
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !["log", "vault", "raw"].contains(&name) {
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.unwrap();
        }
    }
    assert_eq!(run(&["invoice", "list", "--format", "csv"]).ends(0).out, list);
    run(&["verify"]).ends(0);
}
