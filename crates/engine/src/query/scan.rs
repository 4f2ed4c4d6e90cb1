//! The scan road: figures by a dimension that no account path has (a player, an order), from the
//! journal blocks and the events behind them.

use super::figures::matchers;
use crate::block::{Block, Posted};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::locate::Located;
use crate::port::Position;
use ledger::Total;
use ledger::rules::Reference;
use ledger::time::{Bucket, Span};
use settle::measure::Matcher;
use settle::{Measure, MeasureRow, Selection, Side, Sign};
use std::collections::BTreeMap;

/// A side of a posting on an account that somebody asked for.
#[derive(Clone, Copy, Debug)]
pub struct Touch {
    /// The record it was posted for.
    pub position: Position,
    /// Position of the first record of the frame, or of the command, that posted it.
    pub by: Position,
    /// The account.
    pub account: u32,
    /// The bucket on it.
    pub bucket: Bucket,
    /// What was posted on it.
    pub total: Total,
}

/// Visits every posting side in `span` on an account that `wanted` marks, in order of commit.
/// `visit` returns whether to go on.
///
/// # Errors
/// When a block cannot be read.
pub fn touches(
    engine: &Engine,
    span: (Bucket, Bucket),
    wanted: &[bool],
    visit: &mut dyn FnMut(Touch) -> Result<bool, EngineError>,
) -> Result<(), EngineError> {
    let mut failed = None;
    let mut side = |by: Position, posted: &Posted, debit: bool| -> Result<bool, EngineError> {
        let (account, bucket) = if debit {
            (posted.debit, posted.debit_bucket)
        } else {
            (posted.credit, posted.credit_bucket)
        };
        let inside = span.0 <= bucket && bucket < span.1;
        if !inside || !wanted.get(account as usize).copied().unwrap_or(false) {
            return Ok(true);
        }
        let total =
            if debit { Total::of_debit(posted.minor) } else { Total::of_credit(posted.minor) };
        visit(Touch { position: posted.position, by, account, bucket, total })
    };
    let mut walk = |bytes: &[u8]| -> Result<bool, EngineError> {
        let block = Block::decode(bytes)?;
        for posted in block.postings() {
            if !side(block.first, posted, true)? || !side(block.first, posted, false)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    engine.store().blocks(0, &mut |bytes| match walk(bytes) {
        Ok(more) => more,
        Err(error) => {
            failed = Some(error);
            false
        }
    })?;
    failed.map_or(Ok(()), Err)
}

/// A measure grouped by dimensions of events.
///
/// # Errors
/// When a port fails or a sum leaves 128 bits.
pub fn measure_by_events(
    engine: &Engine,
    measure: &Measure,
    span: Span,
    by: &[&str],
) -> Result<Vec<MeasureRow>, EngineError> {
    let everything = Selection::default();
    let matchers = matchers(measure, &everything)?;
    let (mut wanted, mut names) = (Vec::new(), Vec::new());
    engine.store().accounts(&mut |_, path, asset| {
        wanted.push(matchers.iter().any(|matcher| matcher.matches(path)));
        names.push((path.to_owned(), asset.to_owned()));
    })?;
    let mut groups: BTreeMap<(Vec<String>, String), (i128, u64)> = BTreeMap::new();
    let mut last: Option<(Position, Vec<String>)> = None;
    touches(engine, crate::sums::buckets_of(span)?, &wanted, &mut |touch| {
        let group = match &last {
            Some((position, group)) if *position == touch.position => group.clone(),
            _ => group_of(engine, touch.position, by)?,
        };
        last = Some((touch.position, group.clone()));
        let (path, asset) = &names[touch.account as usize];
        let value = signed(measure, &matchers, path, touch.total)?;
        let entry = groups.entry((group, asset.clone())).or_default();
        entry.0 = entry.0.checked_add(value).ok_or(EngineError::Overflow)?;
        entry.1 += 1;
        Ok(true)
    })?;
    let row = |((group, asset), (value, count)): ((Vec<String>, String), (i128, u64))| {
        let by = by.iter().map(|dim| (*dim).to_owned()).zip(group).collect();
        MeasureRow { by, asset, value, count }
    };
    Ok(groups.into_iter().map(row).collect())
}

fn signed(
    measure: &Measure,
    matchers: &[Matcher<'_>],
    path: &str,
    total: Total,
) -> Result<i128, EngineError> {
    let mut value = 0i128;
    for (term, matcher) in measure.terms.iter().zip(matchers) {
        if !matcher.matches(path) {
            continue;
        }
        let part = match term.side {
            Side::Debit => total.debit,
            Side::Credit => total.credit,
            Side::Net => total.net()?,
        };
        let part = if term.sign == Sign::Minus { -part } else { part };
        value = value.checked_add(part).ok_or(EngineError::Overflow)?;
    }
    Ok(value)
}

/// The values of `by` for the record at `position`; a cancel stands for what it cancels. A
/// personal dimension gives its pseudonym in hexadecimal.
///
/// # Errors
/// A failing port.
pub fn group_of(
    engine: &Engine,
    position: Position,
    by: &[&str],
) -> Result<Vec<String>, EngineError> {
    let mut located = engine.find(position)?;
    let kind = &located.frame.lookup.rules.kinds[usize::from(located.row().kind)];
    if matches!(kind.reference, Reference::Cancels(_))
        && let Some(original) = engine.original_of(&located)?
    {
        located = original;
    }
    by.iter().map(|dim| dim_of(engine, &located, dim)).collect()
}

/// The value of one dimension for the record at `position`, as finer sums have it.
///
/// # Errors
/// A failing port.
pub fn value_of(engine: &Engine, position: Position, dim: &str) -> Result<String, EngineError> {
    Ok(group_of(engine, position, &[dim])?.pop().unwrap_or_default())
}

fn dim_of(engine: &Engine, located: &Located, dim: &str) -> Result<String, EngineError> {
    let event = located.event()?;
    if dim == "source" {
        return Ok(event.source.to_owned());
    }
    if dim == "kind" {
        return Ok(event.kind.to_owned());
    }
    if dim == settle::measure::EVENT {
        return Ok(format!("{} {}", event.source, event.id));
    }
    let rules = &located.frame.lookup.rules;
    if let Some(value) = event.dim(dim) {
        let party = rules.dim(dim).is_some_and(|id| rules.dims[usize::from(id)].party);
        let known = if party { located.frame.lookup.party(value) } else { None };
        return Ok(known.map_or_else(
            || value.to_owned(),
            |party| rules.parties[usize::from(party)].name.clone(),
        ));
    }
    debug_assert!(engine.lookup().is_ok());
    let record = located.event_record()?;
    let person = record.pseudonyms().find(|(name, _)| *name == dim);
    Ok(person.map(|(_, pseudonym)| hex(&pseudonym)).unwrap_or_default())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
