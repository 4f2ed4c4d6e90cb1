//! `explain`: a line opens to what it was taken of, under the selection in force; an event shows
//! that its person was erased.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, Run};
use serde_json::Value;
use std::collections::BTreeMap;

/// Two providers in one agreement, and a line of every kind that reads no measure itself.
const STEPS: &str = r#"
      - select: { name: first, only: { provider: [studio-0] } }
      - sum: { name: ggr, measure: ggr }
      - deduct:
          name: costs
          floor_at_zero: true
          items:
            bonuses: { measure: bonuses, cap: { line: ggr, rate: "25%" } }
            platform: { rate: "2%" }
      - tier:
          name: share
          method: marginal
          bands:
            - { up_to: "100.00", rate: "15%" }
            - { rate: "10%" }
      - select: { name: second, only: { provider: [studio-1] } }
      - share: { name: turnover, measure: stakes, rate: "1%", effect: add }
      - total: { name: both, add: [ggr], subtract: [bonuses], effect: keep }
      - minimum: { name: guarantee, amount: "50.00" }
      - cap: { name: ceiling, amount: "25000.00" }
      - round: { scale: 2, mode: half-up }
"#;

fn closed() -> (Home, Value) {
    let home = Home::with_sample("gaming");
    let path = home.dir.join("books/house/agreements/studio-0-share.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, _) = text.split_once("    steps:\n").unwrap();
    std::fs::write(&path, format!("{head}    steps:{STEPS}")).unwrap();
    home.run(&["apply", "--reason", "a line of every kind"]).ends(0);
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let args = ["statement", "studio-0-share", "2026-03", "--format", "json"];
    let statement = home.run(&args).ends(0).json();
    (home, statement)
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

fn after_slash(ids: Vec<&str>) -> Vec<&str> {
    ids.into_iter().map(|id| id.split_once('/').unwrap().1).collect()
}

#[test]
fn every_line_goes_on_to_the_lines_that_it_was_taken_of() {
    let (home, statement) = closed();
    let stories = statement["lines"].as_array().unwrap().iter().map(|line| {
        let id = line["id"].as_str().unwrap();
        let story = home.run(&["explain", id, "--format", "json"]).ends(0).json();
        (line["path"].as_str().unwrap(), story)
    });
    let stories: BTreeMap<_, _> = stories.collect();
    for (path, taken) in [
        ("10-first", vec![]),
        ("20-ggr", vec![]),
        ("30-costs/bonuses", vec!["20-ggr"]),
        ("30-costs/bonuses/excess", vec!["30-costs/bonuses"]),
        ("30-costs/platform", vec!["20-ggr", "30-costs/bonuses"]),
        ("30-costs/floor", vec!["20-ggr", "30-costs/bonuses", "30-costs/platform"]),
        ("40-share/1", vec!["20-ggr", "30-costs/bonuses", "30-costs/platform", "30-costs/floor"]),
        ("60-turnover", vec![]),
        ("70-both", vec!["20-ggr", "30-costs/bonuses"]),
        ("80-guarantee", vec!["40-share", "60-turnover"]),
        ("90-ceiling", vec!["40-share", "60-turnover", "80-guarantee"]),
        ("100-round", vec!["40-share", "60-turnover", "80-guarantee", "90-ceiling"]),
    ] {
        let Some(story) = stories.get(path) else { panic!("{path}: {:?}", stories.keys()) };
        assert_eq!(after_slash(words(&story["taken_of"])), taken, "{path}");
        let parts = std::iter::once(story).chain(story["earlier"].as_array().unwrap());
        let known: Vec<_> =
            parts.clone().map(|part| part["line"]["id"].as_str().unwrap()).collect();
        let named = parts.clone().flat_map(|part| words(&part["taken_of"]));
        assert!(named.clone().all(|id| known.contains(&id)), "{path}: {known:?}");
        let measured = parts.filter(|part| !part["measures"].as_array().unwrap().is_empty());
        assert_eq!(measured.count() == 0, path == "10-first", "{path}");
    }
    let text = home.run(&["explain", &id(&statement, "100-round")]).ends(0).out;
    for said in ["taken of", "measure ggr", "measure stakes", "saldo explain event feed-"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

fn id(statement: &Value, path: &str) -> String {
    format!("{}/{path}", statement["id"].as_str().unwrap())
}

/// The provider that every account and event behind `part` belongs to.
fn provider_of(home: &Home, part: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for measure in part["measures"].as_array().unwrap() {
        for account in measure["accounts"].as_array().unwrap() {
            assert_eq!(account["asset"], "EUR");
            found.push(account["account"].as_str().unwrap().split(':').nth(1).unwrap().to_owned());
        }
        for event in &measure["events"].as_array().unwrap()[..3] {
            let (source, id) = (event["source"].as_str().unwrap(), event["id"].as_str().unwrap());
            let args = ["explain", "event", source, id, "--format", "json"];
            let event = home.run(&args).ends(0).json();
            found.push(event["dims"]["provider"].as_str().unwrap().to_owned());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn measures_are_read_under_the_selection_in_force() {
    let (home, statement) = closed();
    let story =
        |path: &str| -> Run { home.run(&["explain", &id(&statement, path), "--format", "json"]) };
    for (path, provider) in
        [("20-ggr", "studio-0"), ("30-costs/bonuses", "studio-0"), ("60-turnover", "studio-1")]
    {
        let story = story(path).ends(0).json();
        assert_eq!(provider_of(&home, &story), [provider], "{path}");
        let measure = &story["measures"][0];
        let counts = measure["accounts"].as_array().unwrap().iter();
        let counted: u64 = counts.map(|account| account["count"].as_u64().unwrap()).sum();
        assert_eq!(story["line"]["measures"][0]["count"], counted, "{path}");
    }
    // The round stands on lines of both.
    let story = story("100-round").ends(0).json();
    for part in story["earlier"].as_array().unwrap() {
        let path = part["line"]["path"].as_str().unwrap();
        let provider = if path == "60-turnover" { "studio-1" } else { "studio-0" };
        let found = provider_of(&home, part);
        assert!(found.iter().all(|one| one == provider), "{path}: {found:?}");
    }
}
