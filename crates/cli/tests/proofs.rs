//! Proof files from the command line: they hold, they are checked without a Saldo directory, and
//! an event left out, added or altered is named.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, saldo};

#[test]
fn event_and_statement_are_proven_and_an_altered_file_fails() {
    let home = Home::with_sample("gaming");
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let key = home.dir.join("keys/house/public.key").to_str().unwrap().to_owned();
    let (event, statement) = (home.path("event.proof"), home.path("statement.proof"));
    let sample = std::fs::read_to_string(home.dir.join("sample/house/feed-a.ndjson")).unwrap();
    let first: serde_json::Value = serde_json::from_str(sample.lines().next().unwrap()).unwrap();
    let id = first["id"].as_str().unwrap();
    home.run(&["prove", "event", "feed-a", id, "-o", &event]).ends(0);
    home.run(&["prove", "statement", "studio-0-share", "2026-03", "-o", &statement]).ends(0);
    for file in [&event, &statement] {
        let run = saldo(&["proof", "check", file, "--key", &key, "--format", "json"]).ends(0);
        assert_eq!(run.json()["clean"], true, "{}", run.out);
    }
    let other = Home::new("gaming");
    let key_of_other = other.dir.join("keys/house/public.key");
    let wrong = ["proof", "check", &event, "--key", key_of_other.to_str().unwrap()];
    assert!(saldo(&wrong).ends(1).out.contains("NOT hold"));
}

#[test]
fn my_events_are_compared_one_by_one() {
    let home = Home::with_sample("gaming");
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let key = home.dir.join("keys/house/public.key").to_str().unwrap().to_owned();
    let proof = home.path("statement.proof");
    home.run(&["prove", "statement", "studio-0-share", "2026-03", "-o", &proof]).ends(0);
    // Mine are the good lines that I sent, each once.
    let mut mine = Vec::new();
    for source in ["feed-a", "feed-b"] {
        let path = home.dir.join(format!("sample/house/{source}.ndjson"));
        for line in String::from_utf8_lossy(&std::fs::read(path).unwrap()).lines() {
            let event: Result<serde_json::Value, _> = serde_json::from_str(line);
            let Some(id) = event.ok().and_then(|e| Some(e["id"].as_str()?.to_owned())) else {
                continue;
            };
            if !mine.iter().any(|(known, _)| *known == id) {
                mine.push((id, line.to_owned()));
            }
        }
    }
    let check = |lines: &[(String, String)], name: &str| {
        let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        let events = home.file(name, &text.join("\n"));
        saldo(&["proof", "check", &proof, "--key", &key, "--events", &events, "--format", "json"])
    };
    let whole = check(&mine, "whole.ndjson").ends(0).json();
    assert!(whole["compared"]["matched"].as_u64().unwrap() > 0, "{whole}");
    let in_it = mine.iter().position(|(_, line)| line.contains("\"studio-0\"")).unwrap();
    let mut without = mine.clone();
    without.remove(in_it);
    assert_eq!(check(&without, "without.ndjson").ends(1).json()["clean"], false);
    let mut altered = mine.clone();
    altered[in_it].1 = altered[in_it].1.replace("\"amount\":\"", "\"amount\":\"1");
    let found = check(&altered, "altered.ndjson").ends(1).json();
    assert_eq!(found["compared"]["altered"], 1, "{found}");
}

#[test]
fn what_gave_way_in_a_contest_is_not_among_the_events_of_the_proof() {
    let home = Home::new("gaming");
    let line = |amount: &str| {
        format!(
            "{{\"source\":\"feed-a\",\"id\":\"c-1\",\"kind\":\"bet\",\
             \"occurred_at\":\"2026-03-02T00:00:00Z\",\
             \"amount\":\"{amount}\",\"asset\":\"EUR\",\"dims\":{{\"provider\":\"studio-0\",\
             \"game\":\"g\",\"player\":\"p\"}}}}\n"
        )
    };
    let both = home.file("both.ndjson", &(line("5.00") + &line("7.00")));
    home.run(&["ingest", &both, "--source", "feed-a"]).ends(0);
    let list = home.run(&["contest", "list", "--format", "json"]).ends(0).json();
    home.run(&["contest", "resolve", &list[0]["id"].to_string(), "--keep", "later"]).ends(0);
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let key = home.dir.join("keys/house/public.key").to_str().unwrap().to_owned();
    let proof = home.path("statement.proof");
    home.run(&["prove", "statement", "studio-0-share", "2026-03", "-o", &proof]).ends(0);
    for (amount, matched, altered) in [("7.00", 1, 0), ("5.00", 0, 1)] {
        let mine = home.file("mine.ndjson", &line(amount));
        let args = ["proof", "check", &proof, "--key", &key, "--events", &mine];
        let found = saldo(&[&args[..], &["--format", "json"]].concat()).json();
        let compared = &found["compared"];
        let counts = ["matched", "altered", "missing", "added"].map(|name| &compared[name]);
        assert_eq!(counts, [matched, altered, 0, 0], "{amount}: {found}");
    }
    let shown = home.run(&["explain", "event", "feed-a", "c-1", "--format", "json"]).ends(0).json();
    assert_eq!(shown["postings"].as_array().unwrap().len(), 1, "{shown}");
}

#[test]
fn what_was_signed_before_a_rotation_is_checked_as_before() {
    let home = Home::with_sample("gaming");
    home.run(&["close", "2026-03"]).ends(0);
    let key = |name: &str| home.dir.join(format!("keys/house/{name}")).to_str().unwrap().to_owned();
    let public = key("public.key");
    let statement = ["prove", "statement", "studio-0-share", "2026-03", "-o"];
    let [before, after, note, old, wrong] =
        ["before.proof", "after.proof", "rotation.note", "old.key", "wrong.note"]
            .map(|n| home.path(n));
    home.run(&[&statement[..], &[&before]].concat()).ends(0);
    std::fs::copy(&public, &old).unwrap();
    home.run(&["key", "rotate", "-o", &note]).ends(0);
    home.run(&[&statement[..], &[&after]].concat()).ends(0);
    let text = std::fs::read_to_string(&note).unwrap();
    std::fs::write(&wrong, text.replace("house\n", "horse\n")).unwrap();
    for (file, keys, code) in [
        (&before, vec!["--key", &old], 0),
        (&before, vec!["--key", &public], 1),
        (&before, vec!["--key", &public, "--key", &old], 0),
        (&after, vec!["--key", &old], 1),
        (&after, vec!["--key", &public], 0),
        (&after, vec!["--key", &old, "--rotation", &note], 0),
        (&after, vec!["--key", &old, "--rotation", &wrong], 2),
        (&after, vec!["--key", &public, "--rotation", &note], 2),
    ] {
        saldo(&[&["proof", "check", file.as_str()], keys.as_slice()].concat()).ends(code);
    }
    let kept = std::fs::read_dir(home.dir.join("keys/house")).unwrap();
    let names: Vec<String> =
        kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.contains(".next")), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("public-")).count(), 1, "{names:?}");
    home.run(&["key", "rotate"]).ends(0);
    home.run(&["verify"]).ends(0);
    let told = home.run(&["log", "commands", "--kind", "operator-key", "--format", "json"]).ends(0);
    assert_eq!(told.json().as_array().unwrap().len(), 2, "{}", told.out);
}
