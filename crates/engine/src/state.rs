//! Everything the engine holds in memory between batches: small, and rebuilt from the Store's
//! checkpoint and documents at open.

use crate::accounts::Accounts;
use crate::books::Books;
use crate::counters::Counters;
use crate::document::{self, Quarantined, WaitingDocument};
use crate::engine::Secrets;
use crate::error::EngineError;
use crate::port::{Position, Store, Table};
use crate::recent::Recent;
use crate::schemas::Registry;
use crate::streams::Streams;
use crate::waiting::Waiting;
use crate::wire::{BadBytes, Reader, Writer};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// 2 since statements are posted: a Store from before lacks their postings and is made anew.
const VERSION: u8 = 2;

/// The engine's memory.
#[derive(Debug, Default)]
pub struct State {
    /// Book revisions.
    pub books: Books,
    /// Streams and their trees.
    pub streams: Streams,
    /// Accounts and plans.
    pub accounts: Accounts,
    /// What waits for what.
    pub waiting: Waiting,
    /// Positions that the index leads to but that are no longer posted or waiting.
    pub void: HashSet<Position>,
    /// Quarantined records that were verified again: the revision they now stand under.
    pub replayed: HashMap<Position, u32>,
    /// Counters by source.
    pub counters: BTreeMap<String, Counters>,
    /// Recent frames.
    pub recent: Recent,
    /// The registry of schemas.
    pub schemas: Arc<Registry>,
}

impl State {
    /// Rebuilds the state that the Store's last checkpoint recorded.
    ///
    /// # Errors
    /// When the Store cannot be read, or holds what it must not.
    pub fn restore(store: &dyn Store, secrets: &Secrets) -> Result<Self, EngineError> {
        let mut state = Self::default();
        let recorded = store.checkpoint_state();
        if !recorded.is_empty()
            && let Some(key) = secrets.differs(state.decode(&recorded)?)
        {
            let what = "is not the one that this data was written with; put it back from where \
                        the operator's keys are kept";
            return Err(EngineError::Conflict(format!("{key} {what}")));
        }
        store.accounts(&mut |id, path, asset| state.accounts.restore(id, path, asset))?;
        let mut bad = None;
        store.documents(Table::Waiting, &[], &mut |key, value| {
            let entry = document::key_position(key)
                .and_then(|position| Ok((position, WaitingDocument::decode(value)?)));
            match entry {
                Ok((position, waiting)) => state.waiting.insert(position, waiting.reference),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        store.documents(Table::Quarantine, &[], &mut |key, value| {
            let entry = document::key_position(key)
                .and_then(|position| Ok((position, Quarantined::decode(value)?)));
            match entry {
                Ok((position, quarantined)) if quarantined.void => {
                    state.void.insert(position);
                }
                Ok(_) => {}
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        store.documents(Table::Meta, b"replayed:", &mut |key, value| {
            let Some(position) = key.strip_prefix(b"replayed:") else { return false };
            match (document::key_position(position), value.try_into()) {
                (Ok(position), Ok(revision)) => {
                    state.replayed.insert(position, u32::from_le_bytes(revision));
                }
                _ => bad = Some(BadBytes),
            }
            bad.is_none()
        })?;
        state.restore_books(store, &mut bad)?;
        state.schemas = Arc::new(Registry::restore(store)?);
        bad.map_or(Ok(state), |error| Err(error.into()))
    }

    fn restore_books(
        &mut self,
        store: &dyn Store,
        bad: &mut Option<BadBytes>,
    ) -> Result<(), EngineError> {
        let mut records = Vec::new();
        store.documents(Table::Book, &[], &mut |_, value| {
            records.push(crate::control::Control::decode(value));
            true
        })?;
        for record in records {
            match record {
                Ok(crate::control::Control {
                    at,
                    author,
                    command: crate::control::Command::Book { revision, files, reason },
                }) => self.books.add(revision, files, (at, author, reason))?,
                _ => *bad = Some(BadBytes),
            }
        }
        Ok(())
    }

    /// Whether a Store with this recorded state can be gone on with; otherwise an older version of
    /// the program wrote it, and it is to be made anew from the Log.
    pub fn is_current(recorded: &[u8]) -> bool {
        recorded.first().is_none_or(|version| *version == VERSION)
    }

    /// What the Store's checkpoint records; `check` is that of the secrets.
    pub fn encode(&self, check: u64) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(VERSION).u64(check);
        self.streams.encode(&mut writer);
        writer.u32(u32::try_from(self.counters.len()).unwrap_or(u32::MAX));
        for (source, counters) in &self.counters {
            writer.text(source);
            counters.encode(&mut writer);
        }
        writer.bytes
    }

    /// Reads what was recorded, and gives the check of the secrets.
    fn decode(&mut self, bytes: &[u8]) -> Result<u64, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(BadBytes);
        }
        let check = reader.u64()?;
        self.streams = Streams::decode(&mut reader)?;
        for _ in 0..reader.u32()? {
            let source = reader.text()?.to_owned();
            self.counters.insert(source, Counters::decode(&mut reader)?);
        }
        reader.end()?;
        Ok(check)
    }

    /// The counters of one source, to be changed.
    pub fn counters(&mut self, source: &str) -> &mut Counters {
        self.counters.entry(source.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyHasher, Space};

    #[test]
    fn a_wrong_key_is_named() {
        let own = Secrets { index: [1; 16], blinds: [2; 32] };
        let before = KeyHasher::new(&own.index).bytes(Space::Quarantined, b"saldo.index.v1");
        let other = |index, blinds| Secrets { index: [index; 16], blinds: [blinds; 32] }.check();
        for (recorded, wrong) in [
            (own.check(), None),
            (before, None),
            (other(1, 3), Some("blinds.key")),
            (other(3, 2), Some("index.key")),
            (other(3, 3), Some("index.key")),
        ] {
            assert_eq!(own.differs(recorded), wrong, "{recorded:x}");
        }
    }

    #[test]
    fn a_store_of_an_older_program_is_not_gone_on_with() {
        let own = State::default().encode(7);
        for (recorded, is_current) in [(&[][..], true), (&own[..], true), (&[1, 0][..], false)] {
            assert_eq!(State::is_current(recorded), is_current, "{recorded:?}");
        }
    }
}
