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
use crate::output::{Column, Format, Rows};
use api::verification::Verification;
use node::Purpose;
use node::engine::query::LogFilter;
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
    let filter =
        LogFilter { source: args.source.clone(), stage, code, after: None, limit: args.limit };
    let found = session.operator.engine.verification_log(&filter)?;
    entries(&found.into_iter().map(verification::entry).collect::<Vec<_>>(), args.format)
}

/// Entries of the log.
pub fn entries(found: &[Verification], format: Format) -> Outcome {
    let columns = vec![
        Column::number("position"),
        Column::text("received_at"),
        Column::text("source"),
        Column::number("records"),
        Column::number("failed"),
        Column::text("found"),
    ];
    let cells = found.iter().map(cells).collect();
    Rows { columns, cells, json: json!(found) }.print(format)?;
    Ok(Ended::Done)
}

fn stage(word: &str) -> Result<Stage, Failure> {
    Stage::ALL.into_iter().find(|stage| stage.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        let what = format!("`{word}` is no stage; there is {}", words.join(", "));
        Failure::said(UNKNOWN_CODE, what)
    })
}

fn cells(entry: &Verification) -> Vec<String> {
    match entry {
        Verification::Frame { position, source, received_at, records, failures, .. } => {
            let mut codes: Vec<&str> = failures.iter().map(|failure| &*failure.code).collect();
            codes.sort_unstable();
            codes.dedup();
            vec![
                position.to_string(),
                received_at.clone(),
                source.clone(),
                records.to_string(),
                failures.len().to_string(),
                codes.join(" "),
            ]
        }
        Verification::Control {
            position, source, received_at, control, stated, summed, ..
        } => vec![
            position.to_string(),
            received_at.clone(),
            source.clone(),
            String::new(),
            String::new(),
            format!("control total {control}: stated {stated}, rows give {summed}"),
        ],
        Verification::Invoices { position, received_at, amends, documents, .. } => vec![
            position.to_string(),
            received_at.clone(),
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
