//! The feed of changes: what became of events, and what commands did, in the order of the Log.
//! Nothing is kept for it: it is read from journal blocks and the records behind them. A page costs
//! by what it looks at, never by the length of history.

mod command;
mod event;
mod kind;

pub use kind::{ChangeKind, Kinds};

use crate::block::Block;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use crate::streams::CONTROL;
use crate::trace::TraceId;
use std::collections::BTreeMap;

/// Most journal blocks that one page looks at: a filter that hardly anything passes must not read
/// all of history at once.
const BLOCKS_MAX: usize = 256;
/// Most records that one page reads.
const RECORDS_MAX: usize = 2000;
/// Place of what a record itself became.
const OWN: u32 = 1;
/// Place of what follows from that.
const FOLLOWS: u32 = 2;
/// Place of the first record of an earlier frame that came into another state; all of them stand
/// after the last record of the frame that moved them.
const MOVED: u32 = 3;

/// A place in the feed. As what a page begins after, it stands for everything up to it; place 0
/// is before everything of its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// A position of the Log.
    pub position: Position,
    /// Which change of that position, from 1.
    pub place: u32,
}

impl Cursor {
    /// After everything before `position`.
    pub fn before(position: Position) -> Self {
        Self { position, place: 0 }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.position, self.place)
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();

    /// Reads what `Display` writes, in that one spelling.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, place) = text.split_once('.').ok_or(())?;
        let cursor = Self {
            position: position.parse().map_err(|_| ())?,
            place: place.parse().map_err(|_| ())?,
        };
        if cursor.to_string() == text { Ok(cursor) } else { Err(()) }
    }
}

/// A detail of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// A text; amounts are decimals in such.
    Text(String),
    /// A number that is no money.
    Number(u64),
    /// Nanoseconds since 1970 UTC.
    Time(i64),
    /// Yes or no.
    Flag(bool),
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is in the feed; also its id.
    pub cursor: Cursor,
    /// What changed.
    pub kind: ChangeKind,
    /// What it is about: `events/feed-a/t-81`. The order of one subject's changes means something.
    pub subject: String,
    /// The counterparties that may see it; the operator may always.
    pub parties: Vec<String>,
    /// When it came or was commanded, nanoseconds UTC.
    pub at: i64,
    /// What brought the event, or gave the command.
    pub trace: Option<TraceId>,
    /// Details, by name.
    pub data: BTreeMap<&'static str, Datum>,
}

/// Which changes to give.
#[derive(Clone, Debug, Default)]
pub struct ChangeFilter {
    /// Of these kinds.
    pub kinds: Kinds,
    /// That this party may see; none for all.
    pub party: Option<String>,
}

/// Changes in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePage {
    /// The changes.
    pub changes: Vec<Change>,
    /// Everything up to here was looked at: where the next page begins.
    pub reached: Cursor,
    /// Whether there is more to look at now.
    pub more: bool,
}

/// Changes being gathered.
struct Gather<'a> {
    engine: &'a Engine,
    filter: &'a ChangeFilter,
    after: Cursor,
    limit: usize,
    /// Records that may still be read.
    records: usize,
    changes: Vec<Change>,
}

/// What a place of the feed turned out to be.
enum Looked {
    /// It was looked at.
    Done,
    /// The page is full: it was not.
    Full,
}

impl Engine {
    /// The changes after a place of the feed, at most `limit` of them (at least one).
    ///
    /// # Errors
    /// A failing port.
    pub fn changes(
        &self,
        after: Cursor,
        filter: &ChangeFilter,
        limit: usize,
    ) -> Result<ChangePage, EngineError> {
        let end = self.store.position();
        let limit = limit.max(1);
        let blocks = self.blocks_after(after, filter, limit)?;
        let (changes, records) = (Vec::new(), RECORDS_MAX);
        let mut gather = Gather { engine: self, filter, after, limit, records, changes };
        let mut reached = after;
        for block in &blocks {
            match gather.block(block, &mut reached)? {
                Looked::Done => {
                    reached = Cursor::before(block.first + block.outcomes.len() as u64);
                }
                Looked::Full => {
                    return Ok(ChangePage { changes: gather.changes, reached, more: true });
                }
            }
        }
        let more = reached.position < end && !blocks.is_empty();
        Ok(ChangePage { changes: gather.changes, reached, more })
    }

    /// The blocks that the page is made from. They are few, and are let go of before records are
    /// read: a Store may have only one thing open at a time.
    fn blocks_after(
        &self,
        after: Cursor,
        filter: &ChangeFilter,
        limit: usize,
    ) -> Result<Vec<Block>, EngineError> {
        let (mut blocks, mut seen, mut wanted, mut failed) = (Vec::new(), 0, 0, None);
        self.store.blocks(after.position, &mut |bytes| {
            match Block::decode_without_postings(bytes) {
                Ok(block) => {
                    wanted += candidates(&block, after, filter);
                    blocks.push(block);
                }
                Err(error) => failed = Some(error),
            }
            seen += 1;
            failed.is_none() && seen < BLOCKS_MAX && wanted <= limit
        })?;
        failed.map_or(Ok(blocks), |error| Err(error.into()))
    }

    /// The party whose source it is, by the book in force.
    fn party_of_source(&self, source: &str) -> Option<String> {
        let rules = &self.state.books.current()?.lookup.rules;
        let source = &rules.sources[usize::from(rules.source(source)?)];
        Some(rules.parties[usize::from(source.party?)].name.clone())
    }
}

/// At most how many changes of a block pass the filter.
fn candidates(block: &Block, after: Cursor, filter: &ChangeFilter) -> usize {
    let moved = if filter.kinds.any_event() { block.moved.len() } else { 0 };
    if block.stream == CONTROL {
        return block.outcomes.len() + moved;
    }
    let skip = usize::try_from(after.position.saturating_sub(block.first)).unwrap_or(usize::MAX);
    let outcomes = block.outcomes.get(skip..).unwrap_or_default();
    outcomes.iter().filter(|outcome| filter.kinds.may_be(**outcome)).count() + moved
}

impl Gather<'_> {
    /// Whether something may still be looked at at a place; it was not yet.
    fn room(&mut self) -> bool {
        self.changes.len() < self.limit && self.records > 0
    }

    /// Everything of one block after the place that the page begins after.
    fn block(&mut self, block: &Block, reached: &mut Cursor) -> Result<Looked, EngineError> {
        let is_control = block.stream == CONTROL;
        let theirs = is_control || self.is_source_of_party(&block.stream);
        let rejects = if is_control || !theirs { None } else { Some(self.rejects(block)?) };
        let skip = self.after.position.saturating_sub(block.first);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        for (at, outcome) in block.outcomes.iter().enumerate().skip(skip) {
            let position = block.first + at as u64;
            let wanted = is_control || self.filter.kinds.may_be(*outcome);
            if *outcome == 0 || !theirs || !wanted {
                continue;
            }
            if self.after >= (Cursor { position, place: FOLLOWS }) {
                continue;
            }
            if !self.room() {
                return Ok(Looked::Full);
            }
            let found = match &rejects {
                None => self.command(position)?,
                Some(rejects) => self.own(block, at, rejects.get(&at).copied())?,
            };
            if self.give(found, reached) {
                return Ok(Looked::Full);
            }
            *reached = (*reached).max(Cursor { position, place: FOLLOWS });
        }
        self.moved(block, reached)
    }

    fn moved(&mut self, block: &Block, reached: &mut Cursor) -> Result<Looked, EngineError> {
        if block.moved.is_empty() || !self.filter.kinds.any_event() {
            return Ok(Looked::Done);
        }
        let position = block.first + block.outcomes.len() as u64 - 1;
        for (at, moved) in (MOVED..).zip(&block.moved) {
            let cursor = Cursor { position, place: at };
            if self.after >= cursor {
                continue;
            }
            if !self.room() {
                return Ok(Looked::Full);
            }
            let found = self.moved_record(block, *moved, cursor)?;
            if self.give(found, reached) {
                return Ok(Looked::Full);
            }
            *reached = cursor;
        }
        Ok(Looked::Done)
    }

    /// Adds what passes the filter; whether something of it did not fit.
    fn give(&mut self, found: Vec<Change>, reached: &mut Cursor) -> bool {
        for change in found {
            let party = self.filter.party.as_ref();
            let seen = party.is_none_or(|party| change.parties.contains(party));
            if change.cursor <= self.after || !seen || !self.filter.kinds.has(change.kind) {
                continue;
            }
            if self.changes.len() >= self.limit {
                return true;
            }
            *reached = change.cursor;
            self.changes.push(change);
        }
        false
    }

    fn is_source_of_party(&self, source: &str) -> bool {
        let Some(party) = &self.filter.party else { return true };
        self.engine.party_of_source(source).as_ref() == Some(party)
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_cursor_has_one_spelling() {
        for (text, read) in [
            ("0.0", Some((0, 0))),
            ("18446744073709551615.3", Some((u64::MAX, 3))),
            ("7", None),
            ("07.1", None),
            ("+7.1", None),
            ("7.1.", None),
            ("7.-1", None),
            ("7. 1", None),
            ("", None),
        ] {
            let found: Option<Cursor> = text.parse().ok();
            assert_eq!(found.map(|cursor| (cursor.position, cursor.place)), read, "{text}");
        }
    }
}
