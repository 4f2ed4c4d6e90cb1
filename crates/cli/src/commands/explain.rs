//! `saldo explain`: from an amount to its rule, measures, accounts, events and raw rows; from a
//! code to its page.
//!
//! JSON of a line: `{"statement","closed_at_position","book_revision","line":{as in statements},
//! "taken_of":[LINE ID],"measures":[{"measure","accounts":[{"account","asset","debit","credit",
//! "count"}],"events":[{"position","source","id","trace_id"}]}],
//! "earlier":[{"line","taken_of","measures"}]}`; of a code: `{"code","title","cause","hint"}`.

use super::story::{self, bare};
use super::{Ended, Globals, Outcome};
use crate::args::ask::Explain;
use crate::errors::{self, Failure, UNKNOWN_CODE};
use crate::output::{self, Plain};
use node::Purpose;
use node::ledger::code::Code;
use serde_json::{Value, json};
use server::scope::Scope;
use std::fmt::Write as _;

/// Explains what was named.
pub fn run(globals: &Globals, args: &Explain) -> Outcome {
    let words: Vec<&str> = args.what.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["codes"] => list(args.format)?,
        ["event", source, id] => event(globals, source, id, args.format)?,
        [code] if is_code(code) => page(code, args.format)?,
        [line] => explain_line(globals, line, args.format)?,
        _ => {
            let what = format!("`{}`; write a LINE, event SOURCE ID, or a CODE", words.join(" "));
            return Err(Failure::said(UNKNOWN_CODE, what));
        }
    }
    Ok(Ended::Done)
}

fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(['E', 'e']).unwrap_or("");
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn page(code: &str, format: Plain) -> Result<(), Failure> {
    let page = errors::page(code).ok_or_else(|| Failure::said(UNKNOWN_CODE, code))?;
    match format {
        Plain::Json => output::json(&page_json(&page)),
        Plain::Text => {
            let Code { code, title, cause, hint } = page;
            output::data(&format!("{code}: {title}\n\n{cause}\n\n{hint}\n"))
        }
    }
}

fn page_json(page: &Code) -> Value {
    json!({ "code": page.code, "title": page.title, "cause": page.cause, "hint": page.hint })
}

fn list(format: Plain) -> Result<(), Failure> {
    let pages = errors::pages();
    match format {
        Plain::Json => output::json(&pages.iter().map(page_json).collect()),
        Plain::Text => {
            let lines = pages.iter().map(|page| format!("{}  {}\n", page.code, page.title));
            output::data(&lines.collect::<String>())
        }
    }
}

fn event(globals: &Globals, source: &str, id: &str, format: Plain) -> Result<(), Failure> {
    let session = globals.open(Purpose::Read)?;
    let found = session.operator.engine.event_story(source, id)?;
    let document = story::document(&session, &found)?;
    match format {
        Plain::Json => output::json(&document),
        Plain::Text => output::text(&story::text(&document)),
    }
}

fn explain_line(globals: &Globals, id: &str, format: Plain) -> Result<(), Failure> {
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let document = json!(server::view::line::story(engine, &Scope::default(), id)?);
    match format {
        Plain::Json => output::json(&document),
        Plain::Text => output::text(&line_text(&document)),
    }
}

/// The story of a line as sentences.
pub fn line_text(document: &Value) -> String {
    let mut text = part_text(document);
    let revision = bare(&document["book_revision"]);
    let cut = bare(&document["closed_at_position"]);
    let _ = writeln!(text, "rated under book revision {revision}, cut at position {cut}");
    for earlier in document["earlier"].as_array().into_iter().flatten() {
        text.push('\n');
        text.push_str(&part_text(earlier));
    }
    text
}

/// A line, what it was taken of, and the measures that it read.
fn part_text(document: &Value) -> String {
    let line = &document["line"];
    let mut text =
        format!("{}: {} {}\n", bare(&line["id"]), bare(&line["effect"]), bare(&line["amount"]));
    for (label, field) in [("of", "base"), ("rate", "rate"), ("running", "running")] {
        if !line[field].is_null() {
            let _ = writeln!(text, "  {label:<14} {}", bare(&line[field]));
        }
    }
    for (name, note) in line["notes"].as_object().into_iter().flatten() {
        let _ = writeln!(text, "  {name:<14} {}", bare(note));
    }
    for id in document["taken_of"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "  {:<14} {}", "taken of", bare(id));
    }
    let measures = document["measures"].as_array().into_iter().flatten();
    for (measure, read) in measures.zip(line["measures"].as_array().into_iter().flatten()) {
        measure_text(&mut text, measure, read);
    }
    text
}

fn measure_text(text: &mut String, measure: &Value, read: &Value) {
    let (name, value) = (bare(&measure["measure"]), bare(&read["value"]));
    let _ = writeln!(text, "  measure {name}: {value} from {} postings", bare(&read["count"]));
    for part in measure["accounts"].as_array().into_iter().flatten() {
        let _ = writeln!(
            text,
            "    {} {}: debit {}, credit {}, {} postings",
            bare(&part["account"]),
            bare(&part["asset"]),
            bare(&part["debit"]),
            bare(&part["credit"]),
            bare(&part["count"])
        );
    }
    for event in measure["events"].as_array().into_iter().flatten() {
        let (source, id) = (bare(&event["source"]), bare(&event["id"]));
        let word = story::shell_word(&id);
        let _ = writeln!(text, "    event {source} {id}  (saldo explain event {source} {word})");
    }
}
