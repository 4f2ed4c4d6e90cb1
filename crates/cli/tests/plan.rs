//! `plan` and `apply`: a changed book waits, shows its money, and comes into force with a reason.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::Home;

/// Replaces `from` in the agreement of the demo.
fn change(home: &Home, from: &str, to: &str) {
    let path = home.dir.join("books/house/agreements/studio-0-share.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    std::fs::write(&path, text.replace(from, to)).unwrap();
}

#[test]
fn a_changed_book_waits_until_it_is_applied() {
    let home = Home::with_sample("gaming");
    let payable = |home: &Home| {
        let args = ["statement", "studio-0-share", "2026-03", "--draft", "--format", "json"];
        home.run(&args).ends(0).json()["payable"].clone()
    };
    let plan = |home: &Home, code| home.run(&["plan", "--format", "json"]).ends(code).json();
    let before = payable(&home);
    assert_eq!(plan(&home, 0)["changes"].as_array().unwrap().len(), 0);

    change(&home, "rate: \"15%\"", "rate: \"16%\"");
    let planned = plan(&home, 0);
    assert_eq!(planned["changes"][0]["name"], "studio-0-share", "{planned:#}");
    let period = &planned["periods"][0];
    assert_eq!((&period["period"], &period["before"]), (&"2026-03".into(), &before));
    let line = &period["lines"][0];
    assert_eq!(line["name"], "share/1", "{period:#}");
    assert_eq!(planned["parties"][1]["party"], "studio-0");
    assert_eq!(planned["parties"][1]["difference"], period["difference"]);

    // Nothing has changed yet, and a command that changes something says what waits.
    assert_eq!(payable(&home), before);
    let again = home.dir.join("sample/house/feed-a.ndjson");
    let run = home.run(&["ingest", again.to_str().unwrap(), "--source", "feed-a"]);
    assert!(run.err.contains("saldo apply"), "{}", run.err);
    assert_eq!(payable(&home), before);

    home.run(&["apply", "--reason", " "]).ends(2);
    home.run(&["apply", "--reason", "a better rate"]).ends(0);
    assert_eq!(payable(&home), period["after"]);
    assert_eq!(plan(&home, 0)["changes"].as_array().unwrap().len(), 0);
    home.run(&["verify"]).ends(0);
}

#[test]
fn what_is_wrong_with_a_changed_book() {
    let home = Home::with_sample("gaming");
    change(&home, "measure: ggr", "measure: ggx");
    let planned = home.run(&["plan", "--format", "json"]).ends(1).json();
    assert_eq!(planned["errors"], 1, "{planned:#}");
    home.run(&["apply", "--reason", "a mistake"]).ends(2);
    change(&home, "measure: ggx", "measure: ggr");
    let path = home.dir.join("books/house/kinds.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let kind = text.find("  rollback:").unwrap();
    std::fs::write(&path, text[..kind].replace("non-negative", "positive") + &text[kind..])
        .unwrap();
    let planned = home.run(&["plan", "--format", "json"]).ends(1).json();
    assert_eq!(planned["breaks"][0]["what"], "kind bet", "{planned:#}");
}
