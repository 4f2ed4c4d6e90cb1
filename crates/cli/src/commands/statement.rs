//! `saldo statement`: what one agreement comes to for one period, line by line.
//!
//! JSON: `{"id","agreement","version","period","start","end","from","to","asset","payable",
//! "closed","body_sha256","cut_position","lines":[{"id","path","kind","name","base","rate",
//! "amount","effect","running","measures":[{"measure","value","count"}],"notes":{},"section",
//! "title":{"en","ko"},"type","subtype","asset","quantity"}],"opening":{},"closing":{},
//! "previous":{"id","body_sha256"},"due":[{"date","amount"}],"quotes":[{"source","base",
//! "quote","on","rate","from"}],"signed_by":[] or null,"to_pay","held":[{"line","amount","reason",
//! "at","by"}],"ledger":[{"line","debit","credit","amount","asset"}]}`; `held`, `to_pay` and
//! `ledger` are beside the body: what is held out of payment, what is paid without it, and what was
//! posted.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Statement as Args;
use crate::errors::Failure;
use crate::output::{self, Column, Paper, Rows, Speech, talk};
use crate::printable;
use node::engine::Engine;
use node::engine::close::Closed;
use node::press::{self, Document, Language, Printed};
use node::settle::statement::money;
use node::settle::{Line, Statement};
use node::{NodeError, Purpose};
use serde_json::{Value, json};

/// Shows the statement.
pub fn run(globals: &Globals, args: &Args) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let engine = &session.operator.engine;
    let (statement, closed) = if args.draft {
        (engine.draft_statement(&args.agreement, &args.period)?, None)
    } else {
        let (statement, closed) = engine.statement(&args.agreement, &args.period)?;
        (statement, Some(closed))
    };
    show(engine, &statement, closed.as_ref(), args)?;
    Ok(Ended::Done)
}

fn show(
    engine: &Engine,
    statement: &Statement,
    closed: Option<&Closed>,
    args: &Args,
) -> Result<(), Failure> {
    let document = || node::paper::document(engine, statement, closed, language(args.lang));
    let file = args.output.as_deref();
    let text = |text: &str| output::bytes(file, text.as_bytes(), false);
    match args.format {
        Paper::Json => {
            let json = json!(server::view::statement::document(engine, statement, closed)?);
            text(&printable::json(&output::indented(&json)))
        }
        Paper::Csv => text(&rows(statement, &document()?).csv()),
        Paper::Table => {
            let state = if closed.is_some() { "closed" } else { "draft, not closed" };
            talk(format!("{} ({state})", statement.id()));
            text(&table(&document()?)?)?;
            let payable = money(statement.payable, statement.asset.scale);
            let (from, to, asset) = (&statement.from, &statement.to, &statement.asset.code);
            talk(format!("{from} pays {to} {payable} {asset}"));
            if closed.is_some() {
                node::paper::held(engine, statement, language(args.lang))?.iter().for_each(talk);
            }
            Ok(())
        }
        Paper::Pdf => print(press::pdf(&document()?), args),
        Paper::Xlsx => print(press::xlsx(&document()?), args),
    }
}

/// Writes a file, and tells what of it could not be printed.
fn print(printed: Result<Printed, press::PressError>, args: &Args) -> Result<(), Failure> {
    let printed = printed.map_err(NodeError::from)?;
    output::bytes(args.output.as_deref(), &printed.bytes, true)?;
    if !printed.unprintable.is_empty() {
        let codes = printed.unprintable.iter().map(|char| format!("U+{:04X}", u32::from(*char)));
        let codes: Vec<String> = codes.collect();
        talk(format!("characters shown as a replacement: {}", codes.join(" ")));
    }
    Ok(())
}

fn language(speech: Speech) -> Language {
    match speech {
        Speech::En => Language::En,
        Speech::Ko => Language::Ko,
    }
}

/// The statement as a table in the language of the document.
fn table(document: &Document) -> Result<String, Failure> {
    let grid = press::grid(document).map_err(NodeError::from)?;
    let columns = grid.columns.into_iter();
    let columns = columns.map(|(name, is_number)| Column { name, is_number }).collect();
    Ok(Rows { columns, cells: grid.rows, json: Value::Null }.table())
}

/// The lines for a spreadsheet, with what the document calls them.
fn rows(statement: &Statement, document: &Document) -> Rows {
    let columns = ["line", "name", "kind"].map(Column::text).into_iter();
    let numbers = ["base", "rate", "amount", "running"].map(Column::number);
    let columns = columns.chain(numbers);
    let columns = columns.chain(["asset", "title"].map(Column::text)).collect();
    let titled = statement.lines.iter().zip(&document.rows);
    let cells = titled.map(|(line, row)| {
        let asset = line.asset.as_ref().unwrap_or(&statement.asset);
        let scale = asset.scale;
        let amount = |value| money(value, scale);
        vec![
            line.path.clone(),
            line.name.clone(),
            kind(line),
            line.base.map(amount).unwrap_or_default(),
            line.rate.map(|rate| rate.canonical().to_string()).unwrap_or_default(),
            amount(line.amount),
            amount(line.running),
            asset.code.clone(),
            row.title.clone(),
        ]
    });
    Rows { columns, cells: cells.collect(), json: Value::Null }
}

/// The word for what a line states, as statement bodies write it.
fn kind(line: &Line) -> String {
    line.kind.word().to_owned()
}
