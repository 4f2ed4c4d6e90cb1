//! Statements as documents.

use super::agreement::title;
use super::amount;
use super::csv::record;
use crate::scope::Scope;
use api::statement::{Due, Held, Line, Movement, Previous, Quote, Reading};
use node::NodeError;
use node::clock::show_time;
use node::engine::Engine;
use node::engine::close::Closed;
use node::engine::effect::Settled;
use node::engine::query::line::body_sha256;
use node::press::Document;
use node::settle::Statement;
use node::settle::ledger::Decimal;
use node::settle::outside::QuoteUsed;
use node::settle::statement::money;
use std::collections::BTreeMap;

/// The statement of a period, where it is seen: of the close, or what it comes to now.
///
/// # Errors
/// When the period is not of the agreement, or cannot be rated; a failing port.
pub fn find(
    engine: &Engine,
    scope: &Scope,
    (agreement, period): (&str, &str),
    draft: bool,
) -> Result<Option<(Statement, Option<Closed>)>, NodeError> {
    let found = if draft {
        // What is not seen is not rated either.
        if !scope.agreement(engine, agreement)? {
            return Ok(None);
        }
        Some((engine.draft_statement(agreement, period)?, None))
    } else {
        let closed = engine.closed_without_sums(agreement, period)?;
        closed
            .map(|closed| Ok::<_, NodeError>((Statement::parse(&closed.body)?, Some(closed))))
            .transpose()?
    };
    Ok(found.filter(|(statement, _)| scope.statement(statement)))
}

/// A statement with what stands beside its body: who signed its terms, what is held out of
/// payment, what was posted. `closed` where its period is.
///
/// # Errors
/// A failing port.
pub fn document(
    engine: &Engine,
    statement: &Statement,
    closed: Option<&Closed>,
) -> Result<api::statement::Statement, NodeError> {
    let scale = statement.asset.scale;
    let (held, ledger) = beside(engine, statement, closed)?;
    let sum = held.iter().map(|held| held.minor).sum();
    let held = held.iter().map(|held| Held {
        line: held.holding.line.clone(),
        amount: amount(held.minor, scale),
        reason: held.holding.reason.clone(),
        at: show_time(held.at),
        by: held.author.clone(),
    });
    Ok(api::statement::Statement {
        id: statement.id(),
        agreement: statement.agreement.clone(),
        version: statement.version,
        period: statement.period.to_string(),
        start: show_time(statement.span.start),
        end: show_time(statement.span.end),
        from: statement.from.clone(),
        to: statement.to.clone(),
        asset: statement.asset.code.clone(),
        payable: money(statement.payable, scale),
        closed: closed.is_some(),
        body_sha256: body_sha256(statement),
        cut_position: closed.map(|closed| closed.position),
        trace_id: trace_of(engine, closed)?,
        lines: statement.lines.iter().map(|of| line(of, scale)).collect(),
        opening: balances(&statement.opening, scale),
        closing: balances(&statement.closing, scale),
        previous: statement.previous.as_ref().map(|previous| Previous {
            id: previous.id.clone(),
            body_sha256: previous.body_hash.clone(),
        }),
        due: statement
            .due
            .iter()
            .map(|due| Due { date: due.date.to_string(), amount: money(due.amount, scale) })
            .collect(),
        quotes: statement.quotes.iter().map(quote).collect(),
        signed_by: node::paper::signed_by(engine, statement, closed)?,
        to_pay: node::paper::to_pay(statement, sum),
        held: held.collect(),
        ledger,
    })
}

/// What gave the close.
fn trace_of(engine: &Engine, closed: Option<&Closed>) -> Result<Option<String>, NodeError> {
    let Some(closed) = closed else { return Ok(None) };
    Ok(engine.trace_at(closed.position)?.map(|trace| trace.to_string()))
}

/// What of a closed statement is held out of payment, and what it moved.
fn beside(
    engine: &Engine,
    statement: &Statement,
    closed: Option<&Closed>,
) -> Result<(Vec<node::engine::effect::Held>, Vec<Movement>), NodeError> {
    let Some(closed) = closed else { return Ok((Vec::new(), Vec::new())) };
    let held = engine.held(&statement.agreement, &statement.period.to_string())?;
    let movements = Settled::of(&engine.state().books, closed)?.movements;
    let movement = |of: &node::settle::Movement| Movement {
        line: of.line.clone(),
        debit: of.debit.clone(),
        credit: of.credit.clone(),
        amount: amount(of.minor, engine.asset_scale(&of.asset)),
        asset: of.asset.clone(),
    };
    Ok((held, movements.iter().map(movement).collect()))
}

fn balances(balances: &BTreeMap<String, Decimal>, scale: u8) -> BTreeMap<String, String> {
    balances.iter().map(|(name, amount)| (name.clone(), money(*amount, scale))).collect()
}

fn quote(used: &QuoteUsed) -> Quote {
    Quote {
        source: used.ask.source.clone(),
        base: used.ask.base.clone(),
        quote: used.ask.quote.clone(),
        on: used.ask.on.clone(),
        rate: used.rate.canonical().to_string(),
        from: used.from.clone(),
    }
}

/// One line of a statement in an asset of so many decimals.
pub fn line(line: &node::settle::Line, scale: u8) -> Line {
    let scale = line.asset.as_ref().map_or(scale, |asset| asset.scale);
    let measures = line.readings.iter().map(|reading| Reading {
        measure: reading.measure.clone(),
        value: money(reading.value, scale),
        count: reading.count,
    });
    Line {
        id: line.id.clone(),
        path: line.path.clone(),
        kind: line.kind.word().to_owned(),
        name: line.name.clone(),
        base: line.base.map(|base| money(base, scale)),
        rate: line.rate.map(|rate| rate.canonical().to_string()),
        amount: money(line.amount, scale),
        effect: line.effect.word().to_owned(),
        running: money(line.running, scale),
        measures: measures.collect(),
        notes: line.notes.clone(),
        section: line.kind.section().word().to_owned(),
        title: title(&line.title),
        class: line.label.kind.clone(),
        subtype: line.label.subkind.clone(),
        asset: line.asset.as_ref().map(|asset| asset.code.clone()),
        quantity: line.quantity.map(|quantity| quantity.canonical().to_string()),
    }
}

/// The lines for a spreadsheet, with what the paper calls them: RFC 4180.
pub fn csv(statement: &Statement, paper: &Document) -> String {
    let header = ["line", "name", "kind", "base", "rate", "amount", "running", "asset", "title"];
    let mut text = record(&header.map(str::to_owned));
    for (of, printed) in statement.lines.iter().zip(&paper.rows) {
        let shown = line(of, statement.asset.scale);
        let asset = shown.asset.unwrap_or_else(|| statement.asset.code.clone());
        let (base, rate) = (shown.base.unwrap_or_default(), shown.rate.unwrap_or_default());
        let figures = [base, rate, shown.amount, shown.running, asset, printed.title.clone()];
        let cells = [shown.path, shown.name, shown.kind].into_iter().chain(figures);
        text.push_str(&record(&cells.collect::<Vec<_>>()));
    }
    text
}
