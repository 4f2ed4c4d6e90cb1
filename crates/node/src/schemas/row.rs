//! Old rows as the schema of now has them.

use crate::NodeError;
use crate::intake::checks::checked_by;
use crate::session::Session;
use engine::query::EventStory;
use serde_json::Value;

/// The raw row of a record; none once it is no longer kept.
///
/// # Errors
/// When it cannot be read.
pub fn raw(session: &Session, story: &EventStory) -> Result<Option<Vec<u8>>, NodeError> {
    let Some((block, offset, length)) = story.raw else { return Ok(None) };
    let Some(rows) = session.operator.raw.read(block)? else { return Ok(None) };
    let (from, length) = (offset as usize, length as usize);
    Ok(rows.get(from..from + length).map(<[u8]>::to_vec))
}

/// The row of an event that was checked by a schema, brought to the version that is in force now,
/// with that version; nothing for other records, and once the row is no longer kept.
///
/// # Errors
/// When the row cannot be read.
pub fn row_now(session: &Session, story: &EventStory) -> Result<Option<(u32, Value)>, NodeError> {
    let header = &story.located.frame.header;
    let Some((subject, from)) = checked_by(&header.mapping) else { return Ok(None) };
    let state = session.operator.engine.state();
    let schema = state.books.current().and_then(|book| book.compiled.schema_of.get(&header.source));
    let Some(schema) = schema.filter(|schema| schema.subject == subject) else { return Ok(None) };
    let live = state.schemas.subjects.get(subject).and_then(|subject| {
        subject.versions.iter().rev().find(|(_, version)| !version.deleted).map(|(at, _)| *at)
    });
    let to = schema.version.or(live).unwrap_or(from);
    let Some(raw) = raw(session, story)? else { return Ok(None) };
    let Ok(mut row) = serde_json::from_slice(&raw) else { return Ok(None) };
    formats::schema::upcast(&mut row, &schema.upcasts, from, to);
    Ok(Some((to, row)))
}
