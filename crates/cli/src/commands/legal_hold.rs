//! `saldo legal-hold` and `saldo retention`: what is held, and how long what is kept.
//!
//! JSON of place `{"id","position"}`, of lift `{"position"}`; of list and retention the documents
//! of the service.

use super::{Ended, Globals, Outcome};
use crate::args::keep::{LegalHold, Lift, Place, Retention};
use crate::output::{self, Column, Format, Plain, Rows, talk};
use api::legal_holds::{LegalHold as Shown, Retention as Kept};
use node::Purpose;
use node::legal_hold::{self, NewHold};
use serde_json::json;
use server::view;

/// Places, lifts or lists.
pub fn run(globals: &Globals, args: LegalHold) -> Outcome {
    match args {
        LegalHold::Place(args) => place(globals, args),
        LegalHold::Lift(args) => lift(globals, &args),
        LegalHold::List { format } => list(globals, format),
    }
}

fn place(globals: &Globals, args: Place) -> Outcome {
    let Place { party, source, from, to, ordered_by, reason, format } = args;
    let mut session = globals.open(Purpose::Change)?;
    let new = NewHold { party, source, from, to, ordered_by, reason };
    let (id, position) = legal_hold::place(&mut session, &new)?;
    session.checkpoint()?;
    match format {
        Plain::Json => output::json(&json!({ "id": id, "position": position }))?,
        Plain::Text => talk(format!("the legal hold {id} stands from now on")),
    }
    Ok(Ended::Done)
}

fn lift(globals: &Globals, args: &Lift) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let position = legal_hold::lift(&mut session, &args.id, &args.ordered_by, &args.reason)?;
    session.checkpoint()?;
    match args.format {
        Plain::Json => output::json(&json!({ "position": position }))?,
        Plain::Text => talk(format!("the legal hold {} is lifted", args.id)),
    }
    Ok(Ended::Done)
}

fn list(globals: &Globals, format: Format) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let found = session.operator.engine.legal_holds()?;
    holds(&found.into_iter().map(view::legal_hold::hold).collect::<Vec<_>>(), format)
}

/// Holds that stand, and those that were lifted.
pub fn holds(found: &[Shown], format: Format) -> Outcome {
    let cells = found.iter().map(|hold| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let placed = &hold.placed;
        let state =
            hold.lifted.as_ref().map_or("stands".to_owned(), |l| format!("lifted {}", l.at));
        vec![
            hold.id.clone(),
            text(&hold.party),
            text(&hold.source),
            text(&hold.from),
            text(&hold.to),
            placed.ordered_by.clone(),
            placed.reason.clone(),
            placed.at.clone(),
            state,
        ]
    });
    let cells = cells.collect();
    let words = ["id", "party", "source", "from", "to", "ordered by", "reason", "placed", "state"];
    let columns = words.map(Column::text).into_iter().collect();
    Rows { columns, cells, json: json!(found) }.print(format)?;
    Ok(Ended::Done)
}

/// Shows how long what is kept, and what is due when.
pub fn retention(globals: &Globals, args: &Retention) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    kept(&view::legal_hold::retention(&session)?, args.format)
}

/// How long what is kept.
pub fn kept(found: &Kept, format: Plain) -> Outcome {
    if format == Plain::Json {
        output::json(&json!(found))?;
        return Ok(Ended::Done);
    }
    let mut lines = Vec::new();
    for kept in &found.kept {
        let setting = kept.setting.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
        lines.push(format!("{}: {}{setting}", kept.what, kept.until));
    }
    for rows in &found.raw_rows {
        let due = rows.due.as_deref().unwrap_or("none while holds stand");
        lines.push(format!(
            "raw rows of {}: received {} to {}, {} bytes; next dropped: {due}",
            rows.source, rows.from, rows.to, rows.bytes
        ));
        if !rows.held_by.is_empty() {
            let (holds, bytes) = (rows.held_by.join(", "), rows.overdue_held_bytes);
            lines.push(format!("  held by {holds}: {bytes} bytes beyond their time"));
        }
    }
    output::text(&(lines.join("\n") + "\n"))?;
    Ok(Ended::Done)
}
