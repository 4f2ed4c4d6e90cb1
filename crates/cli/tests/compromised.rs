//! What docs/operations.md says to do when a key is compromised, done as it is written there.
#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, saldo};
use node::access::{self, NewKey, person};
use node::{Purpose, Session};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const HEADING: &str = "## When a key is compromised";

/// The commands of the section, in order.
fn commands() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once(HEADING).unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// A line's words; what is between quotes is one.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// Credentials of each kind, by the name that the page has for them; and one that KEY made.
fn credentials(home: &Home) -> BTreeMap<&'static str, String> {
    let open = || Session::open(&home.dir, None, Purpose::Change, &mut |_, _| {}).unwrap();
    let mut session = open();
    let first = person::make_first(&mut session, "kim", "no password", false).unwrap();
    let mut make = |client: bool, by: &str| {
        let (name, role) = ("one".to_owned(), "administrator".to_owned());
        let new = NewKey { client, name, role, ..NewKey::default() };
        access::make(&mut session, &new, by).unwrap().id
    };
    let (key, other) = (make(false, "tester"), make(false, "tester"));
    let made = make(false, &format!("key:{key}"));
    let client = make(true, "tester").rsplit('.').next().unwrap().to_owned();
    let secret = access::make_secret(&mut session, "feed-a", (None, &[]), "tester").unwrap().id;
    session.checkpoint().unwrap();
    [
        ("KEY", key),
        ("OTHER", other),
        ("MADE", made),
        ("CLIENT", client),
        ("SECRET", secret),
        ("PERSON", first.unwrap().0),
        ("NEWKEY", home.path("new.key")),
        ("ROTATION", home.path("rotation.note")),
        ("DIR", home.dir.to_str().unwrap().to_owned()),
    ]
    .into()
}

#[test]
fn every_step_of_the_page_is_a_command_that_does_it() {
    let home = Home::with_sample("gaming");
    let names = credentials(&home);
    let mut ran = 0;
    for line in commands() {
        let mut words = words(&line);
        assert_eq!(words.remove(0), "saldo", "{line}");
        for word in &mut words {
            let (kind, id) = word.split_once(':').unwrap_or(("", word.as_str()));
            if let Some(known) = names.get(id) {
                let kind = if kind.is_empty() { String::new() } else { format!("{kind}:") };
                *word = kind + known;
            }
        }
        let args: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = saldo(&args).ends(0);
        if line.starts_with("saldo key new") {
            let path = home.dir.join("books/house/parties.yaml");
            let book = std::fs::read_to_string(&path).unwrap();
            let (old, key) = ("studio-0: { role: provider,", run.out.trim());
            let new = format!("studio-0: {{ role: provider, keys: [{{ key: \"{key}\" }}],");
            std::fs::write(&path, book.replace(old, &new)).unwrap();
        }
        ran += 1;
    }
    assert!(ran > 15, "only {ran} commands are on the page");
    let list = home.run(&["access", "list", "--format", "json"]).ends(0).json();
    let state = |name: &str| {
        let found = list.as_array().unwrap().iter().find(|row| row["id"] == *names[name]).unwrap();
        found["revoked"].clone()
    };
    for (name, revoked) in [
        ("KEY", true),
        ("MADE", true),
        ("OTHER", false),
        ("CLIENT", true),
        ("SECRET", true),
        ("PERSON", true),
    ] {
        assert_eq!(state(name), Value::Bool(revoked), "{name}: {list:#}");
    }
    let told = home.run(&["log", "commands", "--kind", "book", "--format", "json"]).ends(0).json();
    let reasons: Vec<&Value> = told.as_array().unwrap().iter().map(|row| &row["reason"]).collect();
    assert_eq!(reasons, ["", "the key of studio-0 was lost"]);
    let theirs = format!("key:{}", names["KEY"]);
    let told = home.run(&["log", "commands", "--author", &theirs, "--format", "json"]).ends(0);
    assert_eq!(told.json().as_array().unwrap().len(), 1, "what KEY did: {}", told.out);
}
