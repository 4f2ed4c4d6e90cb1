//! How long what is kept, from the settings; and what is due to be dropped when.

use crate::clock::{day_of, now_nanos};
use crate::legal_hold::Standing;
use crate::session::Session;
use crate::{NodeError, config};
use engine::once::KEPT_NANOS;
use std::collections::BTreeMap;

/// What is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What.
    pub what: &'static str,
    /// Until when, in a few words.
    pub until: String,
    /// The setting of `saldo.yaml` that says so; empty where none does.
    pub setting: &'static str,
}

/// Raw rows of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRows {
    /// The source.
    pub source: String,
    /// The first day of receipt of what there is, days since 1970.
    pub from: i32,
    /// The last one.
    pub to: i32,
    /// Bytes on the disk.
    pub bytes: u64,
    /// The day on which the first of them are due to be dropped that no hold keeps; none where all
    /// are held.
    pub due: Option<i32>,
    /// Bytes that are kept by holds alone: their time is over.
    pub overdue_held_bytes: u64,
    /// The legal holds that cover some of them.
    pub held_by: Vec<String>,
}

impl Session {
    /// How long things are kept.
    pub fn retention(&self) -> Vec<Kept> {
        let days = self.place.raw_retention_days;
        let kept = |what, until: &str, setting| Kept { what, until: until.to_owned(), setting };
        vec![
            kept(
                "raw rows",
                &format!("{days} days after receipt, longer under a legal hold"),
                config::RAW_RETENTION,
            ),
            kept("events, commands, statements, proofs", "for ever: they are the Log", ""),
            kept("who a pseudonym is", "until the person is forgotten", ""),
            kept("credentials, also ended ones", "for ever: rights as they were", ""),
            kept(
                "an Idempotency-Key's answer",
                &format!("{} hours", KEPT_NANOS / 3_600_000_000_000),
                "",
            ),
            kept("sessions of people, deliveries of webhooks", "until the process ends", ""),
            kept("backups", "until you delete them", ""),
        ]
    }

    /// The raw rows that there are, by source.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn raw_rows(&self) -> Result<Vec<RawRows>, NodeError> {
        let standing = Standing::of(&self.operator.engine)?;
        let days = i32::try_from(self.place.raw_retention_days).unwrap_or(i32::MAX);
        let today = day_of(now_nanos());
        let mut found: BTreeMap<String, RawRows> = BTreeMap::new();
        self.operator.raw.blocks(&mut |place| {
            let (source, day) = (place.source, place.day);
            let rows = found.entry(source.to_owned()).or_insert_with(|| RawRows {
                source: source.to_owned(),
                from: day,
                to: day,
                bytes: 0,
                due: None,
                overdue_held_bytes: 0,
                held_by: Vec::new(),
            });
            rows.from = rows.from.min(day);
            rows.to = rows.to.max(day);
            rows.bytes += place.bytes;
            let (by, due) = (standing.covering(source, day), after(day, days));
            if by.is_empty() {
                rows.due = Some(rows.due.map_or(due, |known| known.min(due)));
            } else if due <= today {
                rows.overdue_held_bytes += place.bytes;
            }
            rows.held_by.extend_from_slice(&by);
            rows.held_by.sort_unstable();
            rows.held_by.dedup();
        });
        Ok(found.into_values().collect())
    }

    /// Ends the retention of raw rows that are older than the settings say and that no legal hold
    /// covers; how many blocks.
    ///
    /// # Errors
    /// When the Store cannot be read, or files cannot be removed.
    pub fn expire_raw(&self) -> Result<u64, NodeError> {
        self.expire_raw_on(day_of(now_nanos()))
    }

    /// The same on a day, since 1970.
    ///
    /// # Errors
    /// As [`Session::expire_raw`].
    pub fn expire_raw_on(&self, today: i32) -> Result<u64, NodeError> {
        let standing = Standing::of(&self.operator.engine)?;
        let days = i32::try_from(self.place.raw_retention_days).unwrap_or(i32::MAX);
        let is_held = |source: &str, day: i32| !standing.covering(source, day).is_empty();
        Ok(self.operator.raw.expire(today.saturating_sub(days), &is_held)?)
    }
}

/// The day on which rows that were received on a day are dropped.
fn after(day: i32, days: i32) -> i32 {
    day.saturating_add(days).saturating_add(1)
}
