//! Legal holds and retention, as documents.

use api::legal_holds::{HoldStep, Kept, LegalHold, RawRows, Retention};
use node::clock::show_time;
use node::engine::legal_hold::{Done, RecordedHold};
use node::{NodeError, Session};

const DAY_NANOS: i64 = 86_400_000_000_000;

/// A day, `2026-03-01`; none for one that stands for no bound.
fn day(day: i32) -> Option<String> {
    let bounded = day != i32::MIN && day != i32::MAX;
    let shown = || show_time(i64::from(day).saturating_mul(DAY_NANOS));
    bounded.then(|| shown().split('T').next().unwrap_or_default().to_owned())
}

fn step(done: Done) -> HoldStep {
    let Done { position, at, author, ordered_by, reason } = done;
    HoldStep { at: show_time(at), by: author, ordered_by, reason, position }
}

/// A legal hold.
pub fn hold(recorded: RecordedHold) -> LegalHold {
    let RecordedHold { hold, placed, lifted } = recorded;
    LegalHold {
        party: Some(hold.party).filter(|party| !party.is_empty()),
        source: Some(hold.source).filter(|source| !source.is_empty()),
        from: day(hold.from),
        to: day(hold.to),
        id: hold.id,
        placed: step(placed),
        lifted: lifted.map(step),
    }
}

/// How long what is kept, and what is due.
///
/// # Errors
/// When the Store cannot be read.
pub fn retention(session: &Session) -> Result<Retention, NodeError> {
    let kept = session.retention().into_iter().map(|kept| Kept {
        what: kept.what.to_owned(),
        until: kept.until,
        setting: Some(kept.setting.to_owned()).filter(|setting| !setting.is_empty()),
    });
    let rows = session.raw_rows()?.into_iter().map(|rows| RawRows {
        source: rows.source,
        from: day(rows.from).unwrap_or_default(),
        to: day(rows.to).unwrap_or_default(),
        bytes: rows.bytes,
        due: rows.due.and_then(day),
        overdue_held_bytes: rows.overdue_held_bytes,
        held_by: rows.held_by,
    });
    Ok(Retention {
        raw_retention_days: session.place.raw_retention_days,
        kept: kept.collect(),
        raw_rows: rows.collect(),
    })
}
