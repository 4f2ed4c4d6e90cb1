//! Each command's happy path, its JSON shape and its refusals.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, saldo};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn without_arguments_it_says_how_to_begin() {
    let run = saldo(&[]).ends(0);
    assert!(run.out.contains("saldo init DIR --template gaming"), "{}", run.out);
    assert_eq!(run.err, "");
}

#[test]
fn refusals_have_a_code_a_sentence_a_hint_and_exit_code_2() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path().to_str().unwrap();
    let home = Home::new("gaming");
    let at = home.dir.to_str().unwrap();
    let lines = home.file("lines.ndjson", "{}\n");
    for (args, code) in [
        (vec!["-C", dir, "status"], "E5301"),
        (vec!["init", dir, "--template", "casino"], "E5307"),
        (vec!["init", at, "--template", "gaming"], "E5303"),
        (vec!["--operator", "Acme", "init", dir, "--template", "gaming"], "E5306"),
        (vec!["-C", at, "--operator", "nobody", "status"], "E5304"),
        (vec!["-C", at, "ingest", &lines, "--source", "nobody"], "E5201"),
        (vec!["-C", at, "ingest", &lines, "--source", "feed-a", "--mapping", "none"], "E5202"),
        (vec!["-C", at, "ingest", "absent.ndjson", "--source", "feed-a"], "E3001"),
        (vec!["-C", at, "close", "2016-13"], "E7101"),
        (vec!["-C", at, "close", "2016-W47"], "E9102"),
        (vec!["-C", at, "statement", "nobody", "2016-11"], "E5104"),
        (vec!["-C", at, "measure", "nothing", "--period", "2016-11"], "E5104"),
        (vec!["-C", at, "measure", "ggr", "--period", "2016-11", "--zone", "Mars"], "E7102"),
        (vec!["-C", at, "totals", "--from", "yesterday"], "E5315"),
        (vec!["-C", at, "totals", "--from", "2016-11-01T00:01:00Z"], "E5104"),
        (vec!["-C", at, "explain", "event", "feed-a", "none"], "E5104"),
        (vec!["-C", at, "quarantine", "show", "0"], "E5104"),
        (vec!["-C", at, "quarantine", "show", "4000000000"], "E5104"),
        (vec!["explain", "E0000"], "E9101"),
        (vec!["proof", "check", "absent", "--key", "absent"], "E5310"),
        (vec!["restore", dir, at], "E5321"),
        (vec!["-C", at, "backup", at], "E5320"),
    ] {
        let run = saldo(&args).ends(2);
        let head = format!("error[{code}]: ");
        assert!(run.err.contains(&head), "{args:?}: {}", run.err);
        assert!(run.err.contains("\nhint: "), "{args:?}: {}", run.err);
        assert_eq!(run.out, "", "{args:?}");
    }
    saldo(&["no-such-command"]).ends(2);
    let run = home.run(&["totals", "--to", "2016-11-01T00:14:00Z"]).ends(2);
    let hint = "hint: The nearest are 2016-11-01T00:00:00Z and 2016-11-01T00:15:00Z.";
    assert!(run.err.contains(hint), "{}", run.err);
}

#[test]
fn every_code_explains_itself() {
    let run = saldo(&["explain", "e5301"]).ends(0);
    assert!(run.out.starts_with("E5301: this is not a Saldo directory\n"), "{}", run.out);
    let all = saldo(&["explain", "codes", "--format", "json"]).ends(0).json();
    for page in all.as_array().unwrap() {
        assert_eq!(keys(page), ["cause", "code", "hint", "title"]);
    }
    assert!(all.as_array().unwrap().len() > 100);
}

#[test]
fn every_template_checks_ingests_closes_and_verifies() {
    for template in ["gaming", "marketplace", "app-store", "payments"] {
        let home = Home::with_sample(template);
        let check = home.run(&["check", "--format", "json"]).ends(0).json();
        assert_eq!(check["errors"], 0, "{template}: {check}");
        let status = home.status();
        let count = |name: &str| status[name].as_u64().unwrap();
        assert_eq!(count("received"), 400, "{template}: {status}");
        let parts = ["posted", "duplicate", "waiting", "quarantined", "refused"].map(count);
        assert_eq!(parts.iter().sum::<u64>(), 400, "{template}");
        assert!(count("posted") > 300, "{template}: {status}");
        home.run(&["close", "2026-03"]).ends(0);
        let verify = home.run(&["verify", "--format", "json"]).ends(0).json();
        assert_eq!(verify["clean"], true, "{template}: {verify}");
        assert_eq!(home.status()["verified"]["clean"], true);
    }
}

#[test]
fn a_broken_book_is_named_with_line_and_column_and_blocks_ingest() {
    let home = Home::new("gaming");
    let path = home.dir.join("books/house/measures.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("formula: stakes - wins", "formula: stakes - winz"))
        .unwrap();
    let run = home.run(&["check"]).ends(1);
    assert!(run.out.contains("measures.yaml:"), "{}", run.out);
    assert!(run.err.contains("1 errors"), "{}", run.err);
    let found = home.run(&["check", "--format", "json"]).ends(1).json();
    assert_eq!(found["diagnostics"][0]["severity"], "error");
    let file = home.dir.join("sample/house/feed-a.ndjson");
    let args = ["ingest", file.to_str().unwrap(), "--source", "feed-a"];
    assert!(home.run(&args).ends(2).err.contains("error[E5309]"));
}

#[test]
fn shapes_that_others_rely_on() {
    let home = Home::with_sample("gaming");
    let totals = home.run(&["totals", "--account", "play:*", "--format", "json"]).ends(0).json();
    let first = &totals[0];
    assert_eq!(keys(first), ["account", "asset", "count", "credit", "debit"]);
    assert!(first["debit"].is_string() && first["count"].is_u64(), "{first}");
    assert!(first["account"].as_str().unwrap().starts_with("play:"), "{first}");
    let args = ["measure", "ggr", "--period", "2026-03", "--by", "provider", "--format", "json"];
    let measure = home.run(&args).ends(0).json();
    assert_eq!(keys(&measure[0]), ["asset", "by", "count", "value"]);
    assert!(measure[0]["by"]["provider"].as_str().unwrap().starts_with("studio-"));
    let whole = home.run(&["measure", "ggr", "--period", "2026-03", "--format", "json"]);
    assert_eq!(whole.ends(0).json()[0]["by"], json!({}));
    let status = home.status();
    for stream in status["streams"].as_array().unwrap() {
        assert!(stream["tree_size"].is_u64() && stream["root"].is_string(), "{stream}");
    }
    let csv = home.run(&["totals", "--format", "csv"]).ends(0).out;
    assert!(csv.starts_with("account,asset,debit,credit,count\r\n"), "{csv}");
    let table = home.run(&["totals"]).ends(0).out;
    assert!(table.contains("account") && table.lines().count() > 4, "{table}");
}

#[test]
fn the_same_files_again_change_nothing() {
    let home = Home::with_sample("gaming");
    let before = home.run(&["totals", "--format", "json"]).ends(0).json();
    let roots = home.status()["streams"].clone();
    for source in ["feed-b", "feed-a"] {
        let file = home.dir.join(format!("sample/house/{source}.ndjson"));
        let args = ["ingest", file.to_str().unwrap(), "--source", source, "--format", "json"];
        let report = home.run(&args).ends(0).json();
        assert_eq!(report["posted"], 0, "{report}");
        assert_eq!(report["received"], report["duplicate"], "{report}");
    }
    assert_eq!(home.run(&["totals", "--format", "json"]).ends(0).json(), before);
    let events = |roots: &Value| {
        let streams = roots.as_array().unwrap().iter();
        streams.filter(|s| s["stream"] != "control").cloned().collect::<Vec<_>>()
    };
    assert_eq!(events(&home.status()["streams"]), events(&roots));
}

#[test]
fn a_statement_opens_down_to_raw_rows() {
    let home = Home::with_sample("gaming");
    let close =
        home.run(&["close", "2026-03", "--agreement", "studio-0-share", "--format", "json"]);
    let close = close.ends(0).json();
    assert_eq!(close[0]["new"], true);
    let again = home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    assert!(again.out.contains("was closed before"), "{}", again.out);
    let args = ["statement", "studio-0-share", "2026-03", "--format", "json"];
    let statement = home.run(&args).ends(0).json();
    assert_eq!(statement["payable"], close[0]["payable"]);
    let line = statement["lines"].as_array().unwrap().iter();
    let line = line.filter(|line| !line["measures"].as_array().unwrap().is_empty());
    let id = line.map(|line| line["id"].as_str().unwrap()).next().unwrap();
    let story = home.run(&["explain", id, "--format", "json"]).ends(0).json();
    let event = &story["measures"][0]["events"][0];
    let (source, id) = (event["source"].as_str().unwrap(), event["id"].as_str().unwrap());
    let event = home.run(&["explain", "event", source, id, "--format", "json"]).ends(0).json();
    assert_eq!(event["outcome"], "posted");
    assert!(event["raw"].as_str().unwrap().contains(id), "{event}");
    assert!(!event["postings"].as_array().unwrap().is_empty());
    home.run(&["explain", "event", source, id]).ends(0);
}

#[test]
fn what_is_quarantined_is_shown_fixed_and_replayed_without_adding_a_record() {
    let home = Home::new("gaming");
    let wrong = concat!(
        r#"{"id":"q-1","kind":"bet","occurred_at":"2026-03-01T00:00:00Z","amount":"5.00","#,
        r#""asset":"XXX","dims":{"provider":"studio-0","game":"g","player":"p"}}"#,
        "\nnot json\n"
    );
    let file = home.file("wrong.ndjson", wrong);
    let run = home.run(&["ingest", &file, "--source", "feed-a"]).ends(0);
    assert!(run.err.contains("2 records are quarantined"), "{}", run.err);
    let list = home.run(&["quarantine", "list", "--format", "json"]).ends(0).json();
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    let id = list[0]["id"].to_string();
    let shown = home.run(&["quarantine", "show", &id, "--format", "json"]).ends(0).json();
    assert!(shown["raw"].as_str().unwrap().contains("XXX"), "{shown}");
    let fixed = home.file("fixed.ndjson", &wrong.lines().next().unwrap().replace("XXX", "EUR"));
    home.run(&["quarantine", "fix", &id, "--event", &fixed]).ends(0);
    let status = home.status();
    assert_eq!((&status["received"], &status["posted"]), (&json!(2), &json!(1)), "{status}");
    let replay = home.run(&["quarantine", "replay", "--all", "--format", "json"]).ends(0).json();
    assert_eq!((&replay["replayed"], &replay["still_quarantined"]), (&json!(1), &json!(1)));
    assert_eq!(home.status()["received"], 2);
    home.run(&["verify"]).ends(0);
    let log = home.run(&["log", "verify", "--format", "json"]).ends(0).json();
    assert_eq!(log[0]["records"], 2, "{log}");
    let other = home.run(&["log", "verify", "--source", "feed-b", "--format", "json"]);
    assert_eq!(other.ends(0).json(), json!([]));
}

#[test]
fn a_contest_blocks_the_close_until_it_is_resolved() {
    let home = Home::new("gaming");
    let line = |amount: &str| {
        format!(
            "{{\"id\":\"c-1\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-02T00:00:00Z\",\
             \"amount\":\"{amount}\",\"asset\":\"EUR\",\"dims\":{{\"provider\":\"studio-0\",\
             \"game\":\"g\",\"player\":\"p\"}}}}\n"
        )
    };
    let file = home.file("both.ndjson", &(line("5.00") + &line("7.00")));
    home.run(&["ingest", &file, "--source", "feed-a"]).ends(0);
    let list = home.run(&["contest", "list", "--format", "json"]).ends(0).json();
    assert_eq!(list[0]["event_id"], "c-1");
    let close = ["close", "2026-03", "--agreement", "studio-0-share"];
    let blocked = home.run(&close).ends(1);
    assert!(blocked.err.contains("error[E5105]"), "{}", blocked.err);
    assert_eq!(blocked.out, "");
    let all = home.run(&["close", "2026-03", "--format", "json"]).ends(1);
    assert_eq!(all.json(), json!([]), "all agreements of the month are in the same time");
    let id = list[0]["id"].to_string();
    home.run(&["contest", "resolve", &id, "--keep", "later"]).ends(0);
    home.run(&close).ends(0);
    let stakes = home.run(&["measure", "stakes", "--period", "2026-03", "--format", "json"]);
    assert_eq!(stakes.ends(0).json()[0]["value"], "7.0000");
    home.run(&["verify"]).ends(0);
}

#[test]
fn closing_a_period_that_is_not_over_says_so() {
    let home = Home::with_sample("gaming");
    let close = ["close", "2199-01", "--agreement", "studio-0-share"];
    let run = home.run(&close).ends(0);
    for said in ["warning: studio-0-share 2199-01", "it ends at 2199-02-01T00:00:00Z"] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    let again = home.run(&close).ends(0);
    assert!(!again.err.contains("warning"), "{}", again.err);
}
