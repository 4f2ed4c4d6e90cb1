//! `saldo contest`: ids that came with two contents.
//!
//! JSON: `[{"id","first","source","event_id"}]`; `id` is the position of the later content, by
//! which the contest is resolved, `first` that of the content that is posted.

use super::{Ended, Globals, Outcome};
use crate::args::keep::{Contest, Keep};
use crate::output::{Column, Format, Rows, talk};
use node::Purpose;
use node::engine::Command;
use serde_json::json;

/// Lists or resolves.
pub fn run(globals: &Globals, args: &Contest) -> Outcome {
    match args {
        Contest::List { format } => list(globals, *format),
        Contest::Resolve { id, keep, reason } => resolve(globals, *id, *keep, reason),
    }
}

fn list(globals: &Globals, format: Format) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let found = session.operator.engine.contests()?;
    let json = found.iter().map(|row| {
        json!({
            "id": row.later, "first": row.first, "source": row.source, "event_id": row.id,
        })
    });
    let cells = found.iter().map(|row| {
        vec![row.later.to_string(), row.first.to_string(), row.source.clone(), row.id.clone()]
    });
    let columns = vec![
        Column::number("id"),
        Column::number("first"),
        Column::text("source"),
        Column::text("event_id"),
    ];
    Rows { columns, cells: cells.collect(), json: json.collect() }.print(format)?;
    Ok(Ended::Done)
}

fn resolve(globals: &Globals, id: u64, keep: Keep, reason: &str) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let keep_later = keep == Keep::Later;
    let reason = reason.to_owned();
    session.command(Command::Resolve { later: id, keep_later, reason })?;
    session.checkpoint()?;
    let which = if keep_later { "later" } else { "first" };
    talk(format!("the contest {id} is resolved: the {which} content counts"));
    Ok(Ended::Done)
}
