//! The story of one record, as `explain event` and `quarantine show` tell it.
//!
//! JSON: `{"position","source","id","kind","occurred_at","amount","asset","dims":{},"personal":
//! {DIM:PSEUDONYM},"erased":{DIM:{"at","by"}},"ref":{"source","id"} or null,"outcome","code",
//! "stage","reason","sequence","content_hash","received_at","mapping","book_revision","postings":
//! [{"debit","credit","asset","amount","bucket"}],"contests":[position],"raw":text or null}`; what
//! an unreadable row lacks is null.

use crate::errors::Failure;
use crate::output::amount;
use node::Session;
use node::clock::show_time;
use node::engine::Engine;
use node::engine::query::scan::hex;
use node::engine::query::{Erasure, EventStory};
use node::engine::record::{EventRecord, Record};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The story as JSON, with the raw row while it is kept.
///
/// # Errors
/// When the record or its raw row cannot be read.
pub fn document(session: &Session, story: &EventStory) -> Result<Value, Failure> {
    let engine = &session.operator.engine;
    let located = &story.located;
    let header = &located.frame.header;
    let postings = story.postings.iter().map(|posting| {
        json!({
            "debit": posting.debit,
            "credit": posting.credit,
            "asset": posting.asset,
            "amount": amount(posting.minor, engine.asset_scale(&posting.asset)),
            "bucket": show_time(posting.bucket_start),
        })
    });
    let mut document = json!({
        "position": story.position,
        "source": located.source(),
        "outcome": story.outcome.word(),
        "code": story.reject.map(node::ledger::Reject::code),
        "stage": story.reject.map(|reject| reject.stage().word()),
        "reason": story.reject.map(|reject| reject.to_string()),
        "sequence": story.sequence,
        "received_at": show_time(header.received_at),
        "mapping": header.mapping,
        "book_revision": header.revision,
        "postings": postings.collect::<Vec<_>>(),
        "contests": story.contests,
        "raw": raw(session, story)?,
    });
    match located.record().map_err(node::engine::EngineError::from)? {
        Record::Unreadable(record) => {
            document["reason"] = json!(record.reason);
            let fields = ["id", "kind", "occurred_at", "amount", "asset", "dims", "personal"];
            for field in fields.into_iter().chain(["erased", "ref"]) {
                document[field] = Value::Null;
            }
        }
        Record::Event(record) => add_event(engine, story, record, &mut document)?,
    }
    Ok(document)
}

/// What an event states, and what became of the people in it.
fn add_event(
    engine: &Engine,
    story: &EventStory,
    record: EventRecord<'_>,
    document: &mut Value,
) -> Result<(), Failure> {
    let event = story.located.event().map_err(node::engine::EngineError::from)?;
    let people: Map<_, _> = record
        .pseudonyms()
        .map(|(dim, pseudonym)| (dim.to_owned(), json!(hex(&pseudonym))))
        .collect();
    let mut erased = Map::new();
    for (dim, pseudonym) in record.pseudonyms() {
        if let Some(Erasure { at, author }) = engine.erasure(&pseudonym)? {
            erased.insert(dim.to_owned(), json!({ "at": show_time(at), "by": author }));
        }
    }
    let dims: Map<_, _> = event.dims().map(|dim| (dim.name.to_owned(), json!(dim.value))).collect();
    document["id"] = json!(event.id);
    document["kind"] = json!(event.kind);
    document["occurred_at"] = json!(show_time(event.occurred_at));
    document["amount"] = json!(event.amount.map(|amount| amount.to_string()));
    document["asset"] = json!(event.asset);
    document["dims"] = dims.into();
    document["personal"] = people.into();
    document["erased"] = erased.into();
    document["ref"] = json!(event.reference.map(|to| json!({ "source": to.source, "id": to.id })));
    let hash = proof::digest::content_hash(record.canonical);
    document["content_hash"] = json!(hex(&hash.0));
    Ok(())
}

/// The story as sentences.
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    let fields = [
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
        "mapping",
        "book_revision",
    ];
    for field in fields {
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

/// The raw row, bytes that are not UTF-8 replaced; none once it is no longer kept.
fn raw(session: &Session, story: &EventStory) -> Result<Option<String>, Failure> {
    let Some((block, offset, length)) = story.raw else { return Ok(None) };
    let Some(rows) = session.operator.raw.read(block)? else { return Ok(None) };
    let (from, length) = (offset as usize, length as usize);
    let row = rows.get(from..from.saturating_add(length)).unwrap_or_default();
    let blank = row.iter().all(|byte| *byte == b' ');
    Ok((!blank).then(|| String::from_utf8_lossy(row).into_owned()))
}
