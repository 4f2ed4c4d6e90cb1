//! The worked settlements under `golden/`: each is a book, files of events, and what must come
//! out, to the cent. The built binary does it all, as a person would.
//!
//! `golden/CASE/expected.json` names the case and lists what is done: `ingest` a file, `close` a
//! period, read a `statement`, `totals` or a `measure`, and what these must say. `--nocapture`
//! prints a table of all figures.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Run, saldo};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One case under way.
struct Case {
    dir: PathBuf,
    home: String,
    _scratch: tempfile::TempDir,
    figures: Vec<(String, String)>,
    /// Tax invoices as they were shown first, by id.
    issued: BTreeMap<String, Value>,
}

impl Case {
    fn begin(dir: &Path) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let home = scratch.path().join("home").to_str().unwrap().to_owned();
        let book = dir.join("book");
        saldo(&["init", &home, "--book", book.to_str().unwrap()]).ends(0);
        let (figures, issued) = (Vec::new(), BTreeMap::new());
        let case = Self { dir: dir.to_owned(), home, _scratch: scratch, figures, issued };
        case.run(&["check"]).ends(0);
        case
    }

    fn run(&self, args: &[&str]) -> Run {
        saldo(&[&["-C", &self.home], args].concat())
    }

    fn act(&mut self, action: &Value) {
        let text = |name: &str| action[name].as_str().unwrap_or_default();
        if action["ingest"].is_string() {
            let file = self.dir.join(text("ingest"));
            let ends = i32::from(action["faulty"] == true);
            self.run(&["ingest", file.to_str().unwrap(), "--source", text("source")]).ends(ends);
        } else if action["book"].is_string() {
            let to = Path::new(&self.home).join("books/house").join(text("to"));
            std::fs::copy(self.dir.join(text("book")), to).unwrap();
        } else if action["close"].is_string() {
            self.run(&["close", text("close")]).ends(0);
        } else if action["statement"].is_string() {
            self.statement(action, text("statement"), text("period"));
        } else if action["measure"].is_string() {
            self.measure(action, text("measure"));
        } else if action["invoice"].is_array() {
            self.invoice(action);
        } else {
            panic!("what is {action}?");
        }
    }

    fn statement(&mut self, action: &Value, agreement: &str, period: &str) {
        let args = ["statement", agreement, period, "--format", "json"];
        let found = self.run(&args).ends(0).json();
        let mut check = |what: &str, found: &str, wanted: &Value| {
            let wanted = wanted.as_str().unwrap();
            assert_eq!(found, wanted, "{}: {agreement} {period}, {what}", self.dir.display());
            self.figures.push((format!("{agreement} {period} {what}"), found.to_owned()));
        };
        let lines = found["lines"].as_array().unwrap();
        for (name, wanted) in action["lines"].as_object().into_iter().flatten() {
            let (name, field) = name.split_once('#').unwrap_or((name, "amount"));
            let mut named = lines.iter().filter(|line| line["name"] == name);
            let line = named.next().unwrap_or_else(|| panic!("no line {name}: {found:#}"));
            let of = if field == "amount" { &line["amount"] } else { &line["notes"][field] };
            check(name, of.as_str().unwrap_or("absent"), wanted);
        }
        for (name, wanted) in action["closing"].as_object().into_iter().flatten() {
            check(name, found["closing"][name].as_str().unwrap_or("absent"), wanted);
        }
        if !action["payable"].is_null() {
            check("payable", found["payable"].as_str().unwrap(), &action["payable"]);
        }
        for (at, wanted) in action["due"].as_array().into_iter().flatten().enumerate() {
            let due = &found["due"][at];
            check("due", due["date"].as_str().unwrap_or("absent"), &wanted["date"]);
            check("due amount", due["amount"].as_str().unwrap_or("absent"), &wanted["amount"]);
        }
    }

    fn invoice(&mut self, action: &Value) {
        let words = action["invoice"].as_array().unwrap().iter();
        let args: Vec<&str> = words.map(|word| word.as_str().unwrap()).collect();
        let found = self.run(&[&["invoice"], &args[..], &["--format", "json"]].concat());
        let found = match found.ends(0).json() {
            Value::Array(documents) => documents,
            document => vec![document],
        };
        let wanted = action["documents"].as_array().unwrap();
        assert_eq!(found.len(), wanted.len(), "{}: {found:?}", self.dir.display());
        for (found, wanted) in found.into_iter().zip(wanted) {
            let id = found["id"].as_str().unwrap().to_owned();
            for (field, wanted) in wanted.as_object().unwrap() {
                assert_eq!(found[field], *wanted, "{}: {id}, {field}", self.dir.display());
                let figure = wanted.as_str().unwrap().to_owned();
                self.figures.push((format!("{} {id} {field}", args[0]), figure));
            }
            let first = self.issued.entry(id.clone()).or_insert_with(|| found.clone());
            assert_eq!(*first, found, "{}: {id} is not what it was", self.dir.display());
        }
        let unchanged = action["unchanged"].as_str().unwrap_or_default();
        assert!(unchanged.is_empty() || self.issued.contains_key(unchanged), "{unchanged}");
    }

    fn measure(&mut self, action: &Value, name: &str) {
        let text = |name: &str| action[name].as_str().unwrap();
        let args = ["measure", name, "--period", text("period"), "--format", "json"];
        let zone = ["--zone", action["zone"].as_str().unwrap_or("UTC")];
        let rows = self.run(&[&args[..], &zone[..]].concat()).ends(0).json();
        let value = rows[0]["value"].as_str().unwrap_or("0").to_owned();
        assert_eq!(value, text("value"), "{}: {name}: {rows}", self.dir.display());
        self.figures.push((format!("{name} {} {}", text("period"), zone[1]), value));
    }
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("expected.json").is_file())
        .collect();
    cases.sort();
    cases
}

#[test]
fn every_worked_settlement_comes_out_to_the_cent() {
    let cases = cases();
    assert!(!cases.is_empty(), "there are no cases under golden/");
    for dir in &cases {
        let text = std::fs::read_to_string(dir.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let id = dir.file_name().unwrap().to_str().unwrap();
        assert_eq!(expected["id"], id);
        let mut case = Case::begin(dir);
        for action in expected["do"].as_array().unwrap() {
            case.act(action);
        }
        case.run(&["verify"]).ends(0);
        assert!(!case.figures.is_empty(), "{id} compares nothing");
        println!("{id}  {}", expected["title"].as_str().unwrap());
        for (what, figure) in &case.figures {
            println!("    {what:<60} {figure:>18}");
        }
    }
    println!("{} cases", cases.len());
}
