//! Strings that have broken other programs, at every place of an event and in cells of CSV:
//! nothing crashes, what is wrong is quarantined with a code, the counters add up, and a terminal
//! obeys none of them.
//!
//! The list is a package of the npm registry; `cargo xtask test corpora` fetches it into a cache.
//! Without it the test says so and ends, but not where `CI` or `SALDO_REQUIRE_ALL` is set.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{BETS, Home, Run};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Where `cargo xtask test corpora` puts the list.
fn place() -> PathBuf {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let below = || {
        let home = var("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = var("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        cache.or(home).unwrap_or_default().join("saldo/corpora")
    };
    let folder = var("SALDO_CORPORA").map_or_else(below, PathBuf::from);
    folder.join("big-list-of-naughty-strings-1.0.0/blns.json")
}

fn strings() -> Option<Vec<String>> {
    let path = place();
    let Ok(text) = std::fs::read_to_string(&path) else {
        let required = ["CI", "SALDO_REQUIRE_ALL"].into_iter().any(|name| {
            std::env::var(name).is_ok_and(|value| !matches!(&*value, "" | "0" | "false"))
        });
        assert!(!required, "the naughty strings are not there: `cargo xtask test corpora`");
        println!("ignored: the naughty strings are not there (`cargo xtask test corpora`)");
        return None;
    };
    let found: Vec<String> = serde_json::from_str(&text).unwrap();
    assert!(found.len() > 400, "only {} strings", found.len());
    Some(found)
}

/// A sound bet whose id says where the string will stand in it, and which string.
fn bet(place: &str, at: usize) -> Value {
    json!({
        "id": format!("{place}-{at}"), "kind": "bet", "occurred_at": "2026-03-02T00:00:00Z",
        "amount": "5.00", "asset": "EUR",
        "dims": { "provider": "studio-0", "game": "g", "player": "p" },
    })
}

/// The bet with the string at a place.
fn with(place: &str, at: usize, text: &str) -> Value {
    let mut event = bet(place, at);
    match place {
        "time" => event["occurred_at"] = json!(text),
        "ref" => event["ref"] = json!(text),
        "game" | "provider" | "player" => event["dims"][place] = json!(text),
        "dim" => event["dims"][text] = json!("x"),
        "meta" => event["meta"] = json!({ "note": text, (text): [text, { (text): null }] }),
        "key" => event[text] = json!("x"),
        field => event[field] = json!(text),
    }
    event
}

/// Nothing that a terminal would obey is in what was said.
fn harmless(run: Run) -> Run {
    for said in [&run.out, &run.err] {
        let obeyed = |c: char| {
            c != '\n'
                && (c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        };
        assert!(!said.contains(obeyed), "{:?}", said.chars().find(|c| obeyed(*c)));
    }
    run
}

fn ingest(home: &Home, source: &str, more: &[&str], name: &str, bytes: &str) -> Value {
    let file = home.file(name, bytes);
    let args = [&["ingest", &file, "--source", source, "--format", "json"], more].concat();
    harmless(home.run(&args)).ends(0).json()
}

/// `received` is the sum of its parts, here and in `status`.
fn counted(home: &Home, report: &Value) {
    for counts in [report, &home.status()] {
        let count = |name: &str| counts[name].as_u64().unwrap();
        let parts = ["posted", "duplicate", "waiting", "quarantined", "refused"].map(count);
        assert_eq!(count("received"), parts.iter().sum::<u64>(), "{counts}");
    }
}

fn quarantined(home: &Home) -> Vec<Value> {
    let args = ["quarantine", "list", "--limit", "100000", "--format", "json"];
    let list = harmless(home.run(&args)).ends(0).json();
    let rows = list.as_array().unwrap().clone();
    for row in &rows {
        let code = row["code"].as_str().unwrap();
        assert!(code.len() == 5 && code.starts_with('E'), "{row}");
        assert!(!row["reason"].as_str().unwrap().is_empty(), "{row}");
    }
    rows
}

#[test]
fn naughty_strings_at_every_place_of_an_event() {
    let Some(strings) = strings() else { return };
    let home = Home::new("gaming");
    let all = u64::try_from(strings.len()).unwrap();
    // No string of the list is a kind, an asset, a dimension or a time; any may stand in `meta`.
    for (place, posted) in [
        ("id", 1..all),
        ("kind", 0..1),
        ("asset", 0..1),
        ("amount", 1..30),
        ("time", 0..1),
        ("ref", 0..1),
        ("game", 400..all + 1),
        ("provider", 0..1),
        ("player", 400..all + 1),
        ("dim", 0..1),
        ("meta", all..all + 1),
        ("key", 0..1),
    ] {
        let lines = strings.iter().enumerate().map(|(at, text)| with(place, at, text).to_string());
        let lines = lines.collect::<Vec<_>>().join("\n");
        let report = ingest(&home, "feed-a", &[], &format!("{place}.ndjson"), &lines);
        counted(&home, &report);
        assert_eq!(report["received"], all, "{place}: {report}");
        assert!(posted.contains(&report["posted"].as_u64().unwrap()), "{place}: {report}");
    }
    // And each as lines of their own, whatever they break.
    let lines: Vec<&str> = strings.iter().flat_map(|text| text.lines()).collect();
    let report = ingest(&home, "feed-a", &[], "lines.ndjson", &lines.join("\n"));
    counted(&home, &report);
    assert_eq!(report["posted"], 0, "{report}");
    let rows = quarantined(&home);
    for args in [
        &["quarantine", "list", "--limit", "100000"][..],
        &["totals"],
        &["status"],
        &["log", "verify"],
        &["measure", "stakes", "--period", "2026-03", "--by", "game"],
        &["measure", "stakes", "--period", "2026-03", "--by", "game", "--format", "json"],
        &["measure", "stakes", "--period", "2026-03", "--by", "player"],
        &["close", "2026-03", "--agreement", "shop-network-share"],
        &["verify"],
    ] {
        harmless(home.run(args)).ends(0);
    }
    told_one_by_one(&home, &strings, &rows);
}

/// Stories of those that a terminal would obey, and of some others.
fn told_one_by_one(home: &Home, strings: &[String], rows: &[Value]) {
    let obeyed = |text: &&String| text.contains(|c: char| c.is_control() || c > '\u{2000}');
    for text in strings.iter().filter(obeyed).step_by(9).chain(&strings[457..]) {
        if !text.contains('\0') {
            harmless(home.run(&["explain", "event", "feed-a", "--", text]));
        }
    }
    for row in rows.iter().step_by(200) {
        harmless(home.run(&["quarantine", "show", &row["id"].to_string()])).ends(0);
    }
}

#[test]
fn naughty_strings_in_cells() {
    let Some(strings) = strings() else { return };
    let home = Home::new("gaming");
    std::fs::write(home.dir.join("books/house/mappings/naughty.yaml"), BETS).unwrap();
    home.run(&["check"]).ends(0);
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let head = "id,amount,game,player\n".to_owned();
    let (mut clean, mut raw) = (head.clone(), head);
    let mut rows = 0;
    for (at, text) in strings.iter().enumerate() {
        let cell = quoted(text);
        let places = [
            format!("{cell},5.00,g,p"),
            format!("a-{at},{cell},g,p"),
            format!("g-{at},5.00,{cell},p"),
            format!("p-{at},5,g,{cell}"),
        ];
        clean += &(places.join(
            "
",
        ) + "
");
        rows += 4;
        writeln!(raw, "r-{at},5.00,{text},p").unwrap();
    }
    let with = ["--mapping", "naughty"];
    let report = ingest(&home, "feed-b", &with, "cells.csv", &clean);
    assert_eq!(report["received"], rows, "{report}");
    counted(&home, &report);
    assert!(report["posted"].as_u64().unwrap() > 1000, "{report}");
    // Without quotes a cell may be several, or swallow rows: what comes is counted all the same.
    let report = ingest(&home, "feed-b", &with, "raw.csv", &raw);
    assert!(report["received"].as_u64().unwrap() > 0, "{report}");
    counted(&home, &report);
    assert!(!quarantined(&home).is_empty());
    harmless(home.run(&["quarantine", "list", "--limit", "100000"])).ends(0);
    harmless(home.run(&["totals"])).ends(0);
    home.run(&["verify"]).ends(0);
}
