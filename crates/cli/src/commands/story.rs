//! The story of one record, as `explain event` and `quarantine show` tell it.
//!
//! JSON: `{"position","source","id","kind","occurred_at","amount","asset","dims":{},"personal":
//! {DIM:PSEUDONYM},"erased":{DIM:{"at","by"}},"ref":{"source","id"} or null,"outcome","code",
//! "stage","reason","sequence","content_hash","received_at","trace_id","mapping","book_revision",
//! "postings":[{"debit","credit","asset","amount","bucket"}],"contests":[position],
//! "raw":text or null,"row":{"version","event"} or null (as the schema of the source has the row
//! now),"seen_in":[{"agreement","period","statement","late","measures":[]}]}`; what an unreadable
//! row lacks is null.

use crate::errors::Failure;
use node::Session;
use node::engine::query::EventStory;
use serde_json::{Value, json};
use server::scope::Scope;
use std::fmt::Write as _;

/// The story as JSON, with the raw row while it is kept.
///
/// # Errors
/// When the record or its raw row cannot be read.
pub fn document(session: &Session, story: &EventStory) -> Result<Value, Failure> {
    Ok(json!(server::view::event::story(session, &Scope::default(), story)?))
}

/// What is told of a story, in this order, where it is there.
const FIELDS: [&str; 20] = [
    "source",
    "id",
    "kind",
    "occurred_at",
    "amount",
    "asset",
    "dims",
    "personal",
    "ref",
    "outcome",
    "code",
    "stage",
    "reason",
    "position",
    "sequence",
    "content_hash",
    "received_at",
    "trace_id",
    "mapping",
    "book_revision",
];

/// The story as sentences.
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    for field in FIELDS {
        let shown = match &document[field] {
            Value::Null => continue,
            Value::String(value) if value.is_empty() => continue,
            Value::String(value) => value.clone(),
            Value::Object(map) => {
                map.iter().map(|(k, v)| format!("{k}={}", bare(v))).collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        };
        let _ = writeln!(text, "{field:<14}{shown}");
    }
    for posting in document["postings"].as_array().into_iter().flatten() {
        let _ = writeln!(
            text,
            "posted        {} {} from {} to {}",
            bare(&posting["amount"]),
            bare(&posting["asset"]),
            bare(&posting["debit"]),
            bare(&posting["credit"])
        );
    }
    for position in document["contests"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "contest       with the record at {position}");
    }
    for (dim, erasure) in document["erased"].as_object().into_iter().flatten() {
        let (at, by) = (bare(&erasure["at"]), bare(&erasure["by"]));
        let _ =
            writeln!(text, "erased        {dim} at {at} by {by}: the pseudonym leads to nobody");
    }
    for seen in document["seen_in"].as_array().into_iter().flatten() {
        let (agreement, period) = (bare(&seen["agreement"]), bare(&seen["period"]));
        let late = if seen["late"] == true { ", late" } else { "" };
        let _ = writeln!(text, "seen in       {agreement} {period}{late}");
    }
    let raw = document["raw"].as_str().unwrap_or("not kept");
    let _ = writeln!(text, "raw           {raw}");
    text
}

/// A JSON string without its quotes; anything else as JSON.
pub fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A word of a command line, quoted where a shell would read it otherwise.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:/@%+".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
