//! `saldo notices`: every fix and correction that touches an agreement.
//!
//! JSON: `[{"period","commands":[{"position","sequence","at","by","command","reason","source",
//! "event","before","after","moved":[{"account","asset","amount"}],"late","correction"}],
//! "corrections":[{"line","corrects","was","now","asset","closed_at"}]}]`; `before` and `after` are
//! an amount and its asset or null, `moved` is credits less debits, `correction` the line of a
//! later statement or null.

use super::{Ended, Globals, Outcome};
use crate::args::agree::Notices;
use crate::output::{Column, Rows, amount};
use node::Purpose;
use node::clock::show_time;
use node::engine::Engine;
use node::engine::query::{CommandNotice, CorrectionNotice, PeriodNotices};
use serde_json::{Value, json};

/// Lists them.
pub fn run(globals: &Globals, args: &Notices) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let found = engine.notices(&args.agreement, args.period.as_deref())?;
    let words = ["period", "when", "who", "what", "reason", "event", "before", "after"];
    let columns = words.into_iter().chain(["corrected by"]).map(Column::text).collect();
    let mut cells = Vec::new();
    for notices in &found {
        let row = |rest: Vec<String>| [vec![notices.period.clone()], rest].concat();
        cells.extend(notices.commands.iter().map(|notice| row(command_cells(notice))));
        cells.extend(notices.corrections.iter().map(|notice| row(correction_cells(notice))));
    }
    let json = found.iter().map(|notices| period_json(engine, notices)).collect();
    Rows { columns, cells, json }.print(args.format)?;
    Ok(Ended::Done)
}

fn command_cells(notice: &CommandNotice) -> Vec<String> {
    let (source, id) = &notice.event;
    let correction = match &notice.correction {
        Some(line) => line.clone(),
        None if notice.late => "after the close".to_owned(),
        None => String::new(),
    };
    vec![
        show_time(notice.at),
        notice.author.clone(),
        notice.command.to_owned(),
        notice.reason.clone(),
        format!("{source}/{id}"),
        notice.before.clone(),
        notice.after.clone(),
        correction,
    ]
}

fn correction_cells(notice: &CorrectionNotice) -> Vec<String> {
    let CorrectionNotice { line, corrects, change: (was, now), asset, at } = notice;
    let money = |amount: &str| format!("{amount} {asset}");
    vec![
        show_time(*at),
        String::new(),
        "correction".to_owned(),
        String::new(),
        corrects.clone(),
        money(was),
        money(now),
        line.clone(),
    ]
}

fn period_json(engine: &Engine, notices: &PeriodNotices) -> Value {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let commands = notices.commands.iter().map(|notice| {
        let moved = notice.moved.iter().map(|((account, asset), minor)| {
            let amount = amount(*minor, engine.asset_scale(asset));
            json!({ "account": account, "asset": asset, "amount": amount })
        });
        json!({
            "position": notice.position,
            "sequence": notice.sequence,
            "at": show_time(notice.at),
            "by": notice.author,
            "command": notice.command,
            "reason": given(&notice.reason),
            "source": notice.event.0,
            "event": notice.event.1,
            "before": given(&notice.before),
            "after": given(&notice.after),
            "moved": moved.collect::<Vec<_>>(),
            "late": notice.late,
            "correction": notice.correction,
        })
    });
    let corrections = notices.corrections.iter().map(|notice| {
        json!({
            "line": notice.line,
            "corrects": notice.corrects,
            "was": notice.change.0,
            "now": notice.change.1,
            "asset": notice.asset,
            "closed_at": show_time(notice.at),
        })
    });
    json!({
        "period": notices.period,
        "commands": commands.collect::<Vec<_>>(),
        "corrections": corrections.collect::<Vec<_>>(),
    })
}
