//! The story of one record: what came, what became of it, where it is seen.

use super::amount;
use crate::scope::Scope;
use api::story::{Erased, EventKey, EventStory, Posting, RowNow, SeenIn};
use node::clock::show_time;
use node::engine::close::Terms;
use node::engine::query::event::EventStory as Story;
use node::engine::query::scan::{hex, value_of};
use node::engine::record::{EventRecord, Record};
use node::engine::{Engine, EngineError};
use node::schemas::row_now;
use node::settle::Statement;
use node::{NodeError, Session};
use std::collections::{BTreeMap, BTreeSet};

/// The story of a record, with the raw row while it is kept, and the periods that count it as far
/// as they are seen.
///
/// # Errors
/// When the record or its raw row cannot be read.
pub fn story(session: &Session, scope: &Scope, story: &Story) -> Result<EventStory, NodeError> {
    let engine = &session.operator.engine;
    let located = &story.located;
    let header = &located.frame.header;
    let posting = |posting: &node::engine::query::PostingStory| Posting {
        debit: posting.debit.clone(),
        credit: posting.credit.clone(),
        asset: posting.asset.clone(),
        amount: amount(posting.minor, engine.asset_scale(&posting.asset)),
        bucket: show_time(posting.bucket_start),
    };
    let mut document = EventStory {
        position: story.position,
        source: located.source().to_owned(),
        id: None,
        kind: None,
        occurred_at: None,
        amount: None,
        asset: None,
        dims: None,
        personal: None,
        erased: None,
        reference: None,
        outcome: story.outcome.word().to_owned(),
        code: story.reject.map(|reject| reject.code().to_owned()),
        stage: story.reject.map(|reject| reject.stage().word().to_owned()),
        reason: story.reject.map(|reject| reject.to_string()),
        sequence: story.sequence,
        content_hash: story.content_hash()?,
        received_at: show_time(header.received_at),
        trace_id: located.trace().map(|trace| trace.to_string()),
        mapping: header.mapping.clone(),
        book_revision: header.revision,
        postings: story.postings.iter().map(posting).collect(),
        contests: story.contests.clone(),
        raw: raw(session, story)?,
        row: row_now(session, story)?.map(|(version, event)| RowNow { version, event }),
        seen_in: seen_in(engine, scope, story)?,
    };
    match located.record().map_err(EngineError::from)? {
        Record::Unreadable(record) => document.reason = Some(record.reason.to_owned()),
        Record::Event(record) => add_event(engine, story, record, &mut document)?,
    }
    Ok(document)
}

/// What an event states, and what became of the people in it.
fn add_event(
    engine: &Engine,
    story: &Story,
    record: EventRecord<'_>,
    document: &mut EventStory,
) -> Result<(), NodeError> {
    let event = story.located.event().map_err(EngineError::from)?;
    let (mut people, mut erased) = (BTreeMap::new(), BTreeMap::new());
    for (dim, pseudonym) in record.pseudonyms() {
        people.insert(dim.to_owned(), hex(&pseudonym));
        if let Some(erasure) = engine.erasure(&pseudonym)? {
            let told = Erased { at: show_time(erasure.at), by: erasure.author };
            erased.insert(dim.to_owned(), told);
        }
    }
    let dims = event.dims().map(|dim| (dim.name.to_owned(), dim.value.to_owned())).collect();
    document.id = Some(event.id.to_owned());
    document.kind = Some(event.kind.to_owned());
    document.occurred_at = Some(show_time(event.occurred_at));
    document.amount = event.amount.map(|amount| amount.to_string());
    document.asset = event.asset.map(str::to_owned);
    document.dims = Some(dims);
    document.personal = Some(people);
    document.erased = Some(erased);
    let key = |source: &str, id: &str| EventKey { source: source.to_owned(), id: id.to_owned() };
    document.reference = event.reference.map(|to| key(to.source, to.id));
    Ok(())
}

/// The raw row, bytes that are not UTF-8 replaced; none once it is no longer kept.
fn raw(session: &Session, story: &Story) -> Result<Option<String>, NodeError> {
    let Some(row) = node::schemas::raw(session, story)? else { return Ok(None) };
    let blank = row.iter().all(|byte| *byte == b' ');
    Ok((!blank).then(|| String::from_utf8_lossy(&row).into_owned()))
}

/// The periods of agreements in force that read what was posted, in order of agreement and period.
fn seen_in(engine: &Engine, scope: &Scope, story: &Story) -> Result<Vec<SeenIn>, NodeError> {
    let Some(book) = engine.state().books.current() else { return Ok(Vec::new()) };
    let mut times: Vec<i64> = story.postings.iter().map(|posted| posted.bucket_start).collect();
    times.dedup();
    let mut found = BTreeMap::new();
    for version in scope.agreements(book) {
        for time in &times {
            let Ok(period) = version.cycle().containing(*time, &version.zone) else { continue };
            let Ok(span) = version.span(period) else { continue };
            let holds = version.effective;
            let key = (version.name.clone(), period.to_string());
            if span.start < holds.start || holds.end < span.end || found.contains_key(&key) {
                continue;
            }
            let terms = Terms::with(&book.compiled, version);
            let measures = counted_by(engine, story, &terms, span)?;
            if let Some(seen) = seen(engine, scope, story, &key, measures)? {
                found.insert(key, seen);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// The measures of an agreement that count what was posted.
fn counted_by(
    engine: &Engine,
    story: &Story,
    terms: &Terms<'_>,
    span: node::ledger::time::Span,
) -> Result<BTreeSet<String>, NodeError> {
    let reads = terms.scope(span)?;
    let mut measures = BTreeSet::new();
    for part in reads.parts() {
        let Some(need) = reads.needs().get(part.need) else { continue };
        let on = |posted: &node::engine::query::PostingStory| {
            part.reads_account(&posted.debit, &posted.asset)
                || part.reads_account(&posted.credit, &posted.asset)
        };
        let value = |dim: &str| value_of(engine, story.position, dim).unwrap_or_default();
        if !measures.contains(&need.measure)
            && story.postings.iter().any(on)
            && part.matcher.selects(value)
        {
            measures.insert(need.measure.clone());
        }
    }
    Ok(measures)
}

/// A period that counts the event, unless none of its measures does or its statement is not seen.
fn seen(
    engine: &Engine,
    scope: &Scope,
    story: &Story,
    (agreement, period): &(String, String),
    measures: BTreeSet<String>,
) -> Result<Option<SeenIn>, NodeError> {
    if measures.is_empty() {
        return Ok(None);
    }
    let closed = engine.closed_without_sums(agreement, period)?;
    let statement = closed.as_ref().map(|closed| Statement::parse(&closed.body)).transpose()?;
    if statement.as_ref().is_some_and(|statement| !scope.statement(statement)) {
        return Ok(None);
    }
    Ok(Some(SeenIn {
        agreement: agreement.clone(),
        period: period.clone(),
        statement: statement.map(|statement| statement.id()),
        late: closed.is_some_and(|closed| closed.position <= story.position),
        measures: measures.into_iter().collect(),
    }))
}
