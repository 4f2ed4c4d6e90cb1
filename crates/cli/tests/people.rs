//! Operators, people, backups: who is forgotten is on no disk, and what is copied is whole.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, saldo};
use std::path::Path;

const PERSON: &str = "kim.minji@example.org";

fn with_person() -> Home {
    let home = Home::with_sample("gaming");
    let line = format!(
        "{{\"id\":\"m-1\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-02T00:00:00Z\",\
         \"amount\":\"5.00\",\"asset\":\"EUR\",\"dims\":{{\"provider\":\"studio-0\",\
         \"game\":\"g\",\"player\":\"{PERSON}\"}}}}\n"
    );
    let file = home.file("person.ndjson", &line);
    home.run(&["ingest", &file, "--source", "feed-a"]).ends(0);
    home
}

/// Files below `dir` that contain the text.
fn containing(dir: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(containing(&path, text));
        } else if std::fs::read(&path).unwrap().windows(text.len()).any(|w| w == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn a_person_who_is_forgotten_is_on_no_disk_and_every_figure_stays() {
    let home = with_person();
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let story = ["explain", "event", "feed-a", "m-1", "--format", "json"];
    let told = home.run(&story).ends(0).json();
    assert!(told["raw"].as_str().unwrap().contains(PERSON), "{told}");
    assert_eq!(told["erased"], serde_json::json!({}), "{told}");
    let totals = home.run(&["totals", "--format", "json"]).ends(0).out;
    let statement = ["statement", "studio-0-share", "2026-03", "--format", "json"];
    let body = home.run(&statement).ends(0).out;
    let done = home.run(&["forget", PERSON, "--format", "json"]).ends(0).json();
    assert_eq!((&done["vault_row"], &done["raw_rows"]), (&true.into(), &1.into()), "{done}");
    let told = home.run(&story).ends(0).json();
    assert!(told["raw"].is_null(), "{told}");
    assert!(told["personal"]["player"].is_string(), "{told}");
    assert_eq!(told["erased"]["player"]["by"], "tester", "{told}");
    let text = home.run(&["explain", "event", "feed-a", "m-1"]).ends(0).out;
    assert!(text.contains("the pseudonym leads to nobody"), "{text}");
    assert_eq!(containing(&home.dir.join("data"), PERSON), Vec::<String>::new());
    assert_eq!(home.run(&["totals", "--format", "json"]).ends(0).out, totals);
    assert_eq!(home.run(&statement).ends(0).out, body);
    home.run(&["verify"]).ends(0);
    let again = home.run(&["forget", PERSON, "--format", "json"]).ends(0).json();
    assert_eq!((&again["vault_row"], &again["raw_rows"]), (&false.into(), &0.into()));
}

#[test]
fn a_backup_restores_to_the_same_figures_and_a_damaged_one_is_refused() {
    let home = with_person();
    let totals = home.run(&["totals", "--format", "json"]).ends(0).out;
    let (backup, restored) = (home.path("backup"), home.path("restored"));
    let run = home.run(&["backup", &backup]).ends(0);
    assert!(run.err.contains("HOLDS THE KEYS"), "{}", run.err);
    saldo(&["restore", &backup, &restored]).ends(0);
    assert_eq!(saldo(&["-C", &restored, "totals", "--format", "json"]).ends(0).out, totals);
    saldo(&["-C", &restored, "verify"]).ends(0);
    let file = Path::new(&backup).join("books/house/kinds.yaml");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let refused = saldo(&["restore", &backup, &home.path("other")]).ends(2);
    assert!(refused.err.contains("error[E5321]"), "{}", refused.err);
}

#[test]
fn a_backup_without_keys_needs_them_beside_it() {
    let home = Home::with_sample("gaming");
    let (backup, restored) = (home.path("backup"), home.path("restored"));
    home.run(&["backup", &backup, "--without-keys"]).ends(0);
    let refused = saldo(&["restore", &backup, &restored]).ends(2);
    assert!(refused.err.contains("error[E5322]"), "{}", refused.err);
    let keys = home.dir.join("keys");
    saldo(&["restore", &backup, &restored, "--keys", keys.to_str().unwrap()]).ends(0);
    saldo(&["-C", &restored, "verify"]).ends(0);
}

#[test]
fn operators_of_one_directory_are_apart() {
    let home = Home::with_sample("gaming");
    let dir = home.dir.to_str().unwrap();
    saldo(&["--operator", "shop", "init", dir, "--template", "marketplace"]).ends(0);
    let other = home.run(&["--operator", "shop", "status", "--format", "json"]).ends(0).json();
    assert_eq!((&other["operator"], &other["received"]), (&"shop".into(), &0.into()));
    assert_eq!(home.status()["operator"], "house");
}
