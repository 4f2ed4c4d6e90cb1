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
use node::clock::show_time;
use node::engine::Engine;
use node::engine::close::Closed;
use node::engine::effect::Held;
use node::ledger::Decimal;
use node::press::{self, Document, Language, Printed};
use node::settle::calendar::Due;
use node::settle::outside::QuoteUsed;
use node::settle::statement::money;
use node::settle::{Line, Movement, Statement};
use node::{NodeError, Purpose};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
            let mut json = json(statement, closed);
            json["signed_by"] = node::paper::signed_by(engine, statement, closed)?.into();
            add_held(engine, statement, closed, &mut json)?;
            let json = format!("{json:#}\n");
            text(&printable::json(&json))
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

/// What of a closed statement is held out of payment; beside the body, which never changes.
fn add_held(
    engine: &Engine,
    statement: &Statement,
    closed: Option<&Closed>,
    document: &mut Value,
) -> Result<(), Failure> {
    let held = match closed {
        Some(_) => engine.held(&statement.agreement, &statement.period.to_string())?,
        None => Vec::new(),
    };
    let scale = statement.asset.scale;
    let line = |held: &Held| {
        json!({
            "line": held.holding.line,
            "amount": output::amount(held.minor, scale),
            "reason": held.holding.reason,
            "at": show_time(held.at),
            "by": held.author,
        })
    };
    let sum = held.iter().map(|held| held.minor).sum();
    document["to_pay"] = json!(node::paper::to_pay(statement, sum));
    document["held"] = held.iter().map(line).collect();
    let ledger = match closed {
        Some(_) => engine.settled(&statement.agreement, &statement.period.to_string())?.movements,
        None => Vec::new(),
    };
    let movement = |movement: &Movement| {
        let scale = engine.asset_scale(&movement.asset);
        json!({
            "line": movement.line,
            "debit": movement.debit,
            "credit": movement.credit,
            "amount": output::amount(movement.minor, scale),
            "asset": movement.asset,
        })
    };
    document["ledger"] = ledger.iter().map(movement).collect();
    Ok(())
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

/// The statement for programs.
fn json(statement: &Statement, closed: Option<&Closed>) -> Value {
    let lines = statement.lines.iter().map(|line| line_json(line, statement.asset.scale));
    json!({
        "id": statement.id(),
        "agreement": statement.agreement,
        "version": statement.version,
        "period": statement.period.to_string(),
        "start": show_time(statement.span.start),
        "end": show_time(statement.span.end),
        "from": statement.from,
        "to": statement.to,
        "asset": statement.asset.code,
        "payable": money(statement.payable, statement.asset.scale),
        "closed": closed.is_some(),
        "body_sha256": node::engine::query::scan::hex(&proof::digest::sha256(&statement.body()).0),
        "cut_position": closed.map(|closed| closed.position),
        "lines": lines.collect::<Vec<_>>(),
        "opening": balances(&statement.opening, statement.asset.scale),
        "closing": balances(&statement.closing, statement.asset.scale),
        "previous": statement.previous.as_ref().map(|previous| {
            json!({ "id": previous.id, "body_sha256": previous.body_hash })
        }),
        "due": statement.due.iter().map(|due| due_json(due, statement)).collect::<Vec<_>>(),
        "quotes": statement.quotes.iter().map(quote).collect::<Vec<_>>(),
    })
}

fn balances(balances: &BTreeMap<String, Decimal>, scale: u8) -> Value {
    let pair = |(name, amount): (&String, &Decimal)| (name.clone(), json!(money(*amount, scale)));
    Value::Object(balances.iter().map(pair).collect())
}

fn due_json(due: &Due, statement: &Statement) -> Value {
    let amount = money(due.amount, statement.asset.scale);
    json!({ "date": due.date.to_string(), "amount": amount })
}

fn quote(used: &QuoteUsed) -> Value {
    json!({
        "source": used.ask.source,
        "base": used.ask.base,
        "quote": used.ask.quote,
        "on": used.ask.on,
        "rate": used.rate.canonical().to_string(),
        "from": used.from,
    })
}

/// One line as JSON.
pub fn line_json(line: &Line, scale: u8) -> Value {
    let scale = line.asset.as_ref().map_or(scale, |asset| asset.scale);
    let measures = line.readings.iter().map(|reading| {
        json!({
            "measure": reading.measure,
            "value": money(reading.value, scale),
            "count": reading.count,
        })
    });
    json!({
        "id": line.id,
        "path": line.path,
        "kind": kind(line),
        "name": line.name,
        "base": line.base.map(|base| money(base, scale)),
        "rate": line.rate.map(|rate| rate.canonical().to_string()),
        "amount": money(line.amount, scale),
        "effect": line.effect.word(),
        "running": money(line.running, scale),
        "measures": measures.collect::<Vec<_>>(),
        "notes": line.notes,
        "section": line.kind.section().word(),
        "title": { "en": line.title.en, "ko": line.title.ko },
        "type": line.label.kind,
        "subtype": line.label.subkind,
        "asset": line.asset.as_ref().map(|asset| &asset.code),
        "quantity": line.quantity.map(|quantity| quantity.canonical().to_string()),
    })
}
