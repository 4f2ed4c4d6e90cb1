//! `saldo quarantine`: what is readable but wrong, and what is done about it.
//!
//! JSON of the list: `[{"id","source","code","stage","reason","event_id","received_at",
//! "trace_id"}]`; of show: as in `explain event`; of replay: `{"replayed","posted","waiting",
//! "still_quarantined","records":[{"id","outcome","code"}]}`.

use super::{Ended, Globals, Outcome, story};
use crate::args::keep::Quarantine;
use crate::errors::Failure;
use crate::output::{self, Column, Format, Plain, Rows, talk};
use node::clock::show_time;
use node::engine::Command;
use node::engine::query::QuarantineFilter;
use node::ledger::{Outcome as State, Reject};
use node::{Purpose, Session};
use serde_json::json;
use std::io::Read as _;
use std::path::Path;

/// Lists, shows, corrects or verifies again.
pub fn run(globals: &Globals, args: Quarantine) -> Outcome {
    match args {
        Quarantine::List { source, code, limit, format } => {
            let code = code.map(|code| code.to_uppercase());
            list(globals, &QuarantineFilter { source, code, after: None, limit }, format)
        }
        Quarantine::Show { id, format } => show(globals, id, format),
        Quarantine::Fix { id, event, reason } => fix(globals, id, &event, &reason),
        Quarantine::Replay { id, all: _, code, format } => {
            replay(globals, id, code.map(|code| code.to_uppercase()), format)
        }
    }
}

fn list(globals: &Globals, filter: &QuarantineFilter, format: Format) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let found = session.operator.engine.quarantined(filter)?;
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    for row in &found {
        let reason = reason(&row.reason, row.reject);
        json.push(json!({
            "id": row.position,
            "source": row.source,
            "code": row.reject.code(),
            "stage": row.reject.stage().word(),
            "reason": reason,
            "event_id": row.id,
            "received_at": show_time(row.received_at),
            "trace_id": row.trace.map(|trace| trace.to_string()),
        }));
        cells.push(vec![
            row.position.to_string(),
            row.source.clone(),
            row.reject.code().to_owned(),
            row.reject.stage().word().to_owned(),
            row.id.clone().unwrap_or_default(),
            reason,
        ]);
    }
    let words = ["source", "code", "stage", "event_id", "reason"].map(Column::text);
    let columns = std::iter::once(Column::number("id")).chain(words).collect();
    Rows { columns, cells, json: json.into() }.print(format)?;
    Ok(Ended::Done)
}

fn reason(said: &str, reject: Reject) -> String {
    if said.is_empty() { reject.to_string() } else { said.to_owned() }
}

fn show(globals: &Globals, id: u64, format: Plain) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let found = engine.story_of(engine.find(id)?)?;
    let document = story::document(&session, &found)?;
    match format {
        Plain::Json => output::json(&document)?,
        Plain::Text => output::text(&story::text(&document))?,
    }
    Ok(Ended::Done)
}

fn fix(globals: &Globals, id: u64, event: &Path, reason: &str) -> Outcome {
    let mut line = Vec::new();
    let read = if event.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut line)
    } else {
        std::fs::File::open(event).and_then(|mut file| file.read_to_end(&mut line))
    };
    read.map_err(|error| Failure::file(event, &error))?;
    let mut session = globals.open(Purpose::Change)?;
    node::fix::fix(&mut session, id, &line, reason)?;
    session.checkpoint()?;
    talk(format!("the record {id} was replaced by the corrected event"));
    Ok(Ended::Done)
}

fn replay(globals: &Globals, id: Option<u64>, code: Option<String>, format: Plain) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let ids: Vec<u64> = if let Some(id) = id {
        vec![id]
    } else {
        let filter = QuarantineFilter { code, ..QuarantineFilter::default() };
        let found = session.operator.engine.quarantined(&filter)?;
        // A contest is resolved, not verified again.
        let open = found.iter().filter(|row| row.reject != Reject::Contest);
        open.map(|row| row.position).collect()
    };
    let mut records = Vec::new();
    let (mut posted, mut waiting, mut still) = (0u64, 0u64, 0u64);
    for id in &ids {
        session.command(Command::Replay { position: *id })?;
        let (state, code) = state_of(&session, *id)?;
        match state {
            State::Posted => posted += 1,
            State::Waiting => waiting += 1,
            _ => still += 1,
        }
        records.push(json!({ "id": id, "outcome": state.word(), "code": code }));
    }
    session.checkpoint()?;
    let replayed = ids.len();
    match format {
        Plain::Json => output::json(&json!({
            "replayed": replayed,
            "posted": posted,
            "waiting": waiting,
            "still_quarantined": still,
            "records": records,
        }))?,
        Plain::Text => output::text(&format!(
            "replayed {replayed}: posted {posted}, waiting {waiting}, still quarantined {still}\n"
        ))?,
    }
    Ok(Ended::Done)
}

fn state_of(session: &Session, id: u64) -> Result<(State, Option<&'static str>), Failure> {
    let engine = &session.operator.engine;
    let story = engine.story_of(engine.find(id)?)?;
    Ok((story.outcome, story.reject.map(Reject::code)))
}
