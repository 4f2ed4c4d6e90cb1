//! `saldo log commands`: who commanded what, and what was denied or failed to sign in.
//!
//! JSON: `[{"position","at","by","command","about","reason","trace_id"}]`.

use crate::args::ask::LogCommands;
use crate::commands::{Ended, Globals, Outcome};
use crate::output::{Column, Rows};
use node::Purpose;
use node::clock::{parse_time, show_time};
use node::engine::query::CommandFilter;
use serde_json::json;

/// Shows commands, in order.
pub fn run(globals: &Globals, args: &LogCommands) -> Outcome {
    let mut filter = CommandFilter {
        start: 0,
        from: args.from.as_deref().map(parse_time).transpose()?,
        to: args.to.as_deref().map(parse_time).transpose()?,
        author: args.author.clone(),
        kind: args.kind.clone(),
        limit: args.limit.unwrap_or(usize::MAX),
    };
    let session = globals.open(Purpose::Read)?;
    let (mut cells, mut json) = (Vec::new(), Vec::new());
    loop {
        let page = session.operator.engine.commands(&filter)?;
        for (position, control, trace) in &page.commands {
            let (about, reason) = control.command.about();
            let (at, word) = (show_time(control.at), control.command.word());
            json.push(json!({
                "position": position,
                "at": at,
                "by": control.author,
                "command": word,
                "about": about,
                "reason": reason,
                "trace_id": trace.map(|trace| trace.to_string()),
            }));
            let texts = [&at, control.author.as_str(), word, &about, &reason].map(str::to_owned);
            cells.push([vec![position.to_string()], texts.to_vec()].concat());
        }
        filter.limit -= page.commands.len().min(filter.limit);
        match page.next {
            Some(next) if filter.limit > 0 => filter.start = next,
            _ => break,
        }
    }
    let texts = ["at", "by", "command", "about", "reason"].map(Column::text);
    let columns = [Column::number("position")].into_iter().chain(texts).collect();
    Rows { columns, cells, json: json.into() }.print(args.format)?;
    Ok(Ended::Done)
}
