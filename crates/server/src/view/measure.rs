//! Measures over a span of time.

use super::amount;
use crate::scope::Scope;
use api::figures::MeasureRow;
use node::engine::Engine;
use node::ledger::time::Span;
use node::{NodeError, settle};

/// A measure over a span, grouped by dimensions; to a party of the accounts that it sees alone.
///
/// # Errors
/// When there is no such measure or dimension; a failing port.
pub fn rows(
    engine: &Engine,
    scope: &Scope,
    (measure, span): (&str, Span),
    by: &[&str],
) -> Result<Vec<MeasureRow>, NodeError> {
    let seen = engine.state().books.current().map(|book| scope.accounts(book));
    let found = match seen.filter(|_| scope.party().is_some()) {
        None => engine.measure(measure, span, by)?,
        Some(seen) => engine
            .measure_of_accounts(measure, span, by, &mut |path, asset| seen.sees(path, asset))?,
    };
    let row = |row: &settle::MeasureRow| MeasureRow {
        asset: row.asset.clone(),
        value: amount(row.value, engine.asset_scale(&row.asset)),
        count: row.count,
        by: row.by.iter().cloned().collect(),
    };
    Ok(found.iter().map(row).collect())
}

/// The same over a period (`2026-03`) in a zone, or in the book's own; in order of their cursors.
///
/// # Errors
/// As of [`rows`]; when it is no period, or no zone.
pub fn of_period(
    engine: &Engine,
    scope: &Scope,
    measure: &str,
    (period, zone): (&str, Option<&str>),
    by: &[&str],
) -> Result<Vec<MeasureRow>, NodeError> {
    let period: settle::Period = period.parse()?;
    let book = engine.state().books.current();
    let own = || book.map_or("UTC", |book| &book.compiled.zone);
    let span = period.span(zone.unwrap_or_else(own))?;
    let mut found = rows(engine, scope, (measure, span), by)?;
    found.sort_by_cached_key(cursor);
    Ok(found)
}

/// The cursor of a row: its asset and the values that it is of.
pub fn cursor(row: &MeasureRow) -> String {
    let values = row.by.iter().map(|(dim, value)| format!(" {dim}={value}"));
    std::iter::once(row.asset.clone()).chain(values).collect()
}
