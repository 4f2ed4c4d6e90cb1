//! `saldo log verify`: what each stage of verification passed and failed.
//!
//! JSON: `[{"type":"frame","position","source","received_at","records","stages":{STAGE:{"passed",
//! "failed"}},"failures":[{"position","code","stage","trace_id"}],"trace_ids":[ID]} |
//! {"type":"control","position","source","received_at","control","stated","summed","reason",
//! "trace_id"} | {"type":"invoices","position","received_at","author","amends","documents":[ID],
//! "trace_id"}]`.

mod given;

use super::{Ended, Globals, Outcome};
use crate::args::ask::Log;
use crate::errors::{Failure, UNKNOWN_CODE};
use crate::output::{Column, Rows};
use node::Purpose;
use node::clock::show_time;
use node::engine::query::{LogEntry, LogFilter};
use node::ledger::Stage;
use serde_json::json;
use server::view::verification;

/// Shows the verification log.
pub fn run(globals: &Globals, args: &Log) -> Outcome {
    let args = match args {
        Log::Verify(args) => args,
        Log::Commands(args) => return given::run(globals, args),
    };
    let stage = args.stage.as_deref().map(stage).transpose()?;
    let session = globals.open(Purpose::Read)?;
    let code = args.code.as_ref().map(|code| code.to_uppercase());
    let filter = LogFilter { source: args.source.clone(), stage, code, after: None, limit: args.limit };
    let entries = session.operator.engine.verification_log(&filter)?;
    let columns = vec![
        Column::number("position"),
        Column::text("received_at"),
        Column::text("source"),
        Column::number("records"),
        Column::number("failed"),
        Column::text("found"),
    ];
    let cells = entries.iter().map(cells).collect();
    let documents: Vec<_> = entries.into_iter().map(verification::entry).collect();
    Rows { columns, cells, json: json!(documents) }.print(args.format)?;
    Ok(Ended::Done)
}

fn stage(word: &str) -> Result<Stage, Failure> {
    Stage::ALL.into_iter().find(|stage| stage.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        let what = format!("`{word}` is no stage; there is {}", words.join(", "));
        Failure::said(UNKNOWN_CODE, what)
    })
}

fn cells(entry: &LogEntry) -> Vec<String> {
    match entry {
        LogEntry::Frame { position, source, received_at, records, failures, .. } => {
            let mut codes: Vec<&str> = failures.iter().map(|(_, reject)| reject.code()).collect();
            codes.sort_unstable();
            codes.dedup();
            vec![
                position.to_string(),
                show_time(*received_at),
                source.clone(),
                records.to_string(),
                failures.len().to_string(),
                codes.join(" "),
            ]
        }
        LogEntry::Control { position, source, at, control, stated, summed, .. } => vec![
            position.to_string(),
            show_time(*at),
            source.clone(),
            String::new(),
            String::new(),
            format!("control total {control}: stated {stated}, rows give {summed}"),
        ],
        LogEntry::Invoices { position, at, amends, documents, .. } => vec![
            position.to_string(),
            show_time(*at),
            String::new(),
            documents.len().to_string(),
            "0".to_owned(),
            match amends {
                None => format!("tax invoice {}", documents.join(" ")),
                Some(original) => format!("{} amends {original}", documents.join(" ")),
            },
        ],
    }
}
