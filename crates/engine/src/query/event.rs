//! The story of one event: what came, what was verified, what became of it, what was posted.

use crate::block::{Block, Posted};
use crate::document::{self, Quarantined};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::key::Space;
use crate::locate::Located;
use crate::port::{Position, RawBlockId, Table};
use crate::wire::Reader;
use ledger::{Outcome, Reject};

/// Everything known of one event.
#[derive(Clone, Debug)]
pub struct EventStory {
    /// Where it is in the Log.
    pub position: Position,
    /// Its place in its source's stream: the leaf of the tree.
    pub sequence: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, when it is quarantined.
    pub reject: Option<Reject>,
    /// The record; its fields are read from it.
    pub located: Located,
    /// What was posted for it, in order.
    pub postings: Vec<PostingStory>,
    /// Its raw row: block, offset and length; none when it was not kept.
    pub raw: Option<(RawBlockId, u32, u32)>,
    /// Other records with the same key and other content, by position.
    pub contests: Vec<Position>,
}

impl EventStory {
    /// Hash of the event's canonical form, hexadecimal; none for a row that could not be read.
    ///
    /// # Errors
    /// When the record does not have the form of its version.
    pub fn content_hash(&self) -> Result<Option<String>, EngineError> {
        match self.located.record()? {
            crate::record::Record::Unreadable(_) => Ok(None),
            crate::record::Record::Event(record) => {
                let hash = proof::digest::content_hash(record.canonical);
                Ok(Some(super::scan::hex(&hash.0)))
            }
        }
    }
}

/// One posting, with paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingStory {
    /// Path of the account debited.
    pub debit: String,
    /// Path of the account credited.
    pub credit: String,
    /// Code of the asset.
    pub asset: String,
    /// Minor units.
    pub minor: i128,
    /// First nanosecond (UTC) of the bucket on the debited account.
    pub bucket_start: i64,
}

/// The record of a person's erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// When, nanoseconds UTC.
    pub at: i64,
    /// Who asked for it.
    pub author: String,
}

impl Engine {
    /// The record that holds the key (source, id): posted or waiting, else quarantined.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] when there is none; a failing port.
    pub fn event(&self, source: &str, id: &str) -> Result<Located, EngineError> {
        if let Some(found) = self.holder(Space::Event, source, id)? {
            return Ok(found);
        }
        let mut found = None;
        let mut failed = None;
        self.store().documents(Table::Quarantine, &[], &mut |key, value| {
            let mut look = || -> Result<bool, EngineError> {
                if Quarantined::decode(value)?.source != source {
                    return Ok(true);
                }
                let located = self.find(document::key_position(key)?)?;
                if located.event().is_ok_and(|event| event.id == id) {
                    found = Some(located);
                    return Ok(false);
                }
                Ok(true)
            };
            look().unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        found.ok_or_else(|| EngineError::Unknown(format!("no event {id} of {source}")))
    }

    /// The posted or waiting record with this key, by one look-up.
    ///
    /// # Errors
    /// A failing port.
    pub fn find_event(&self, source: &str, id: &str) -> Result<Option<Located>, EngineError> {
        self.holder(Space::Event, source, id)
    }

    /// The posted or waiting record with this key.
    ///
    /// # Errors
    /// A failing port.
    pub(crate) fn holder(
        &self,
        space: Space,
        source: &str,
        id: &str,
    ) -> Result<Option<Located>, EngineError> {
        let hash = self.keys.event(space, source, id);
        for position in self.probe(hash)? {
            if self.state.void.contains(&position) {
                continue;
            }
            let located = self.find(position)?;
            if located.source() == source && located.id() == id.as_bytes() {
                return Ok(Some(located));
            }
        }
        Ok(None)
    }

    /// The posted event that `event` refers to.
    ///
    /// # Errors
    /// A failing port.
    pub fn original_of(&self, event: &Located) -> Result<Option<Located>, EngineError> {
        let Some((source, id)) = event.reference()? else { return Ok(None) };
        self.holder(Space::Event, source, id)
    }

    /// The record of the erasure of the person behind a pseudonym; none while they are known.
    ///
    /// # Errors
    /// A failing port.
    pub fn erasure(&self, pseudonym: &[u8; 16]) -> Result<Option<Erasure>, EngineError> {
        let key = [b"erased:".as_slice(), pseudonym].concat();
        let Some(bytes) = self.store().document(Table::Meta, &key)? else { return Ok(None) };
        let mut reader = Reader::new(&bytes);
        reader.u8()?;
        Ok(Some(Erasure { at: reader.i64()?, author: reader.text()?.to_owned() }))
    }

    /// The story of an event.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; a failing port.
    pub fn event_story(&self, source: &str, id: &str) -> Result<EventStory, EngineError> {
        self.story_of(self.event(source, id)?)
    }

    /// The story of a record.
    ///
    /// # Errors
    /// A failing port.
    pub fn story_of(&self, located: Located) -> Result<EventStory, EngineError> {
        let position = located.position;
        let key = document::position_key(position);
        let quarantined = self.store().document(Table::Quarantine, &key)?;
        let quarantined = quarantined.map(|bytes| Quarantined::decode(&bytes)).transpose()?;
        let outcome = if quarantined.is_some() {
            Outcome::Quarantined
        } else if self.state.waiting.contains(position) {
            Outcome::Waiting
        } else {
            Outcome::Posted
        };
        let (sequence, postings) = self.block_story(position, outcome)?;
        let header = &located.frame.header;
        let (offset, length) = match located.record()? {
            crate::record::Record::Event(record) => (record.raw_offset, record.raw_length),
            crate::record::Record::Unreadable(record) => (record.raw_offset, record.raw_length),
        };
        let kept = header.raw_block != crate::record::NO_RAW;
        let raw = kept.then_some((header.raw_block, offset, length));
        let contests = self.contests_of(position)?;
        let reject = quarantined.map(|quarantined| quarantined.reject);
        Ok(EventStory { position, sequence, outcome, reject, located, postings, raw, contests })
    }

    /// The sequence of a record, and what was posted for it, with paths.
    fn block_story(
        &self,
        position: Position,
        outcome: Outcome,
    ) -> Result<(Option<u64>, Vec<PostingStory>), EngineError> {
        let (sequence, postings) = self.journal_of(position, outcome == Outcome::Posted)?;
        let mut names = std::collections::HashMap::new();
        for row in &postings {
            names.insert(row.debit, None);
            names.insert(row.credit, None);
        }
        self.store().accounts(&mut |id, path, asset| {
            if let Some(name) = names.get_mut(&id) {
                *name = Some((path.to_owned(), asset.to_owned()));
            }
        })?;
        let name = |id: u32| names.get(&id).cloned().flatten().unwrap_or_default();
        let stories = postings.iter().map(|row| {
            let (debit, asset) = name(row.debit);
            let credit = name(row.credit).0;
            let bucket_start = row.debit_bucket.start_nanos();
            PostingStory { debit, credit, asset, minor: row.minor, bucket_start }
        });
        Ok((sequence, stories.collect()))
    }

    /// What stands posted for a posted record, in order; what was taken back stands with its
    /// reverse.
    ///
    /// # Errors
    /// A failing port.
    pub(crate) fn posted_for(&self, position: Position) -> Result<Vec<Posted>, EngineError> {
        Ok(self.journal_of(position, true)?.1)
    }

    /// The sequence of a record and what was posted for it: in its own block, in a later one when
    /// it had to wait or won a contest, and in several when it was given up since.
    fn journal_of(
        &self,
        position: Position,
        is_posted: bool,
    ) -> Result<(Option<u64>, Vec<Posted>), EngineError> {
        let state = &self.state;
        let changed = state.void.contains(&position) || state.replayed.contains_key(&position);
        let (mut sequence, mut postings, mut failed) = (None, Vec::new(), None);
        self.store().blocks(position, &mut |bytes| match Block::decode(bytes) {
            Ok(block) => {
                if sequence.is_none() {
                    sequence = block.sequence_of(position);
                }
                postings.extend(block.postings().filter(|row| row.position == position).copied());
                changed || (is_posted && postings.is_empty())
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        })?;
        failed.map_or(Ok((sequence, postings)), |error| Err(error.into()))
    }

    fn contests_of(&self, position: Position) -> Result<Vec<Position>, EngineError> {
        let mut found = Vec::new();
        self.store().documents(Table::Contest, &[], &mut |key, value| {
            let entry = crate::document::Contest::decode(value);
            if let (Ok(later), Ok(contest)) = (document::key_position(key), entry)
                && (contest.first == position || later == position)
            {
                found.push(if later == position { contest.first } else { later });
            }
            true
        })?;
        Ok(found)
    }
}
