//! Records that refer to an event. No index leads from an event to them, so that the Log is read
//! from a position on, so much of it at a time.

use crate::control::{Command, Control};
use crate::error::EngineError;
use crate::port::{FrameKind, Log, Position};
use crate::record::Record;
use ledger::event::EventView;

/// Most records that one page looks at.
pub const LOOKED_AT_MAX: u64 = 200_000;

/// A record that refers to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referring {
    /// Where it is in the Log.
    pub position: Position,
    /// Its source.
    pub source: String,
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
}

/// At most `limit` records from `start` on that refer to (source, id), and where to go on; nothing
/// at the end of what is durable. It reads the Log only: it may run beside everything else.
///
/// # Errors
/// A failing port, a record that cannot be read.
pub fn referring(
    log: &dyn Log,
    (source, id): (&str, &str),
    start: Position,
    limit: usize,
) -> Result<(Vec<Referring>, Option<Position>), EngineError> {
    let (end, mut found) = (log.durable_end(), Vec::new());
    if start >= end {
        return Ok((found, None));
    }
    let mut reader = log.reader(start)?;
    while let Some(view) = reader.next_frame()? {
        for at in 0..view.len() {
            let position = view.first + at as u64;
            if position < start {
                continue;
            }
            if position >= end {
                return Ok((found, None));
            }
            if found.len() >= limit || position - start >= LOOKED_AT_MAX {
                return Ok((found, Some(position)));
            }
            let Some(bytes) = view.record(at) else { continue };
            let fixed = if view.kind == FrameKind::Control { fixed(bytes)? } else { None };
            if fixed.is_none() && view.kind == FrameKind::Control {
                continue;
            }
            let bytes = fixed.as_deref().unwrap_or(bytes);
            let Record::Event(record) = Record::decode(bytes)? else { continue };
            let form = |_| EngineError::Form(format!("the record at {position}"));
            let event = EventView::decode(record.canonical).map_err(form)?;
            let refers = |to: ledger::event::EventRef<'_>| to.source == source && to.id == id;
            if event.reference.is_some_and(refers) {
                let (source, id) = (event.source.to_owned(), event.id.to_owned());
                found.push(Referring { position, source, id, kind: event.kind.to_owned() });
            }
        }
    }
    Ok((found, None))
}

/// The corrected event of a command, where it has one.
fn fixed(bytes: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
    Ok(match Control::decode(bytes)?.command {
        Command::Fix { record, .. } => Some(record),
        _ => None,
    })
}
