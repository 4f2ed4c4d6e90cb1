//! `saldo notices`: every fix and correction that touches an agreement.
//!
//! JSON: `[{"agreement","period","commands":[{"position","sequence","at","by","command","reason",
//! "source","event","before","after","moved":[{"account","asset","amount"}],"late","correction"}],
//! "corrections":[{"line","corrects","was","now","asset","closed_at"}]}]`; `before` and `after` are
//! an amount and its asset or null, `moved` is credits less debits, `correction` the line of a
//! later statement or null.

use super::{Ended, Globals, Outcome};
use crate::args::agree::Notices as Args;
use crate::output::{Column, Format, Rows};
use api::periods::{CommandNotice, CorrectionNotice, Notices};
use node::Purpose;
use serde_json::json;
use server::scope::Scope;

/// Lists them.
pub fn run(globals: &Globals, args: &Args) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let (engine, period) = (&session.operator.engine, args.period.as_deref());
    let found = server::view::notices::of(engine, &Scope::default(), &args.agreement, period)?;
    shown(&found, args.format)
}

/// Shows them, period by period.
pub fn shown(found: &[Notices], format: Format) -> Outcome {
    let words = ["period", "when", "who", "what", "reason", "event", "before", "after"];
    let columns = words.into_iter().chain(["corrected by"]).map(Column::text).collect();
    let mut cells = Vec::new();
    for notices in found {
        let row = |rest: Vec<String>| [vec![notices.period.clone()], rest].concat();
        cells.extend(notices.commands.iter().map(|notice| row(command_cells(notice))));
        cells.extend(notices.corrections.iter().map(|notice| row(correction_cells(notice))));
    }
    Rows { columns, cells, json: json!(found) }.print(format)?;
    Ok(Ended::Done)
}

fn command_cells(notice: &CommandNotice) -> Vec<String> {
    let correction = match &notice.correction {
        Some(line) => line.clone(),
        None if notice.late => "after the close".to_owned(),
        None => String::new(),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        notice.at.clone(),
        notice.by.clone(),
        notice.command.clone(),
        text(&notice.reason),
        format!("{}/{}", notice.source, notice.event),
        text(&notice.before),
        text(&notice.after),
        correction,
    ]
}

fn correction_cells(notice: &CorrectionNotice) -> Vec<String> {
    let money = |amount: &str| format!("{amount} {}", notice.asset);
    vec![
        notice.closed_at.clone(),
        String::new(),
        "correction".to_owned(),
        String::new(),
        notice.corrects.clone(),
        money(&notice.was),
        money(&notice.now),
        notice.line.clone(),
    ]
}
