//! Changes of events: what a record became when it came, and what it became later.

use super::{Change, ChangeKind, Cursor, Datum, FOLLOWS, Gather, OWN};
use crate::block::{Block, Moved};
use crate::document::{self, Quarantined, VerificationPage};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::locate::fix_frame;
use crate::port::{FrameKind, Position, Table};
use crate::record::{EventsHeader, Record};
use crate::trace::TraceId;
use ledger::{EventView, Outcome, Reject};
use std::collections::{BTreeMap, HashMap};

/// A record as it is told.
pub(super) struct Told {
    pub(super) source: String,
    pub(super) received_at: i64,
    pub(super) trace: Option<TraceId>,
    pub(super) subject: String,
    pub(super) data: BTreeMap<&'static str, Datum>,
}

impl Gather<'_> {
    /// Why records of a block failed when they came, by their place in it.
    pub(super) fn rejects(&self, block: &Block) -> Result<HashMap<usize, Reject>, EngineError> {
        if !block.outcomes.contains(&(Outcome::Quarantined as u8)) {
            return Ok(HashMap::new());
        }
        let key = document::position_key(block.first);
        let page = self.engine.store.document(Table::Verification, &key)?;
        let page = page.map(|page| VerificationPage::decode(&page)).transpose()?;
        let failures = page.map(|page| page.failures).unwrap_or_default();
        Ok(failures.into_iter().map(|(at, reject)| (at as usize, reject)).collect())
    }

    /// What the record `at` of a block became when it came.
    pub(super) fn own(
        &mut self,
        block: &Block,
        at: usize,
        reject: Option<Reject>,
    ) -> Result<Vec<Change>, EngineError> {
        let position = block.first + at as u64;
        let Some(kind) = kind_of(block.outcomes[at]) else { return Ok(Vec::new()) };
        let mut told = self.told(position)?;
        if let Some(sequence) = block.sequence_of(position) {
            told.data.insert("sequence", Datum::Number(sequence));
        }
        if kind == ChangeKind::EventQuarantined {
            self.add_reject(&mut told, position, reject)?;
        }
        let (at, parties) = (told.received_at, self.parties(&told.source));
        let change = |kind, place, told: Told| Change {
            cursor: Cursor { position, place },
            kind,
            subject: told.subject,
            parties: parties.clone(),
            at,
            trace: told.trace,
            data: told.data,
        };
        if reject != Some(Reject::Contest) {
            return Ok(vec![change(kind, OWN, told)]);
        }
        let contest = Told { data: told.data.clone(), subject: told.subject.clone(), ..told };
        let opened = change(ChangeKind::ContestOpened, FOLLOWS, contest);
        let own = Change { cursor: Cursor { position, place: OWN }, kind, ..opened.clone() };
        Ok(vec![own, opened])
    }

    /// A record of an earlier frame that a block moved.
    pub(super) fn moved_record(
        &mut self,
        block: &Block,
        moved: Moved,
        cursor: Cursor,
    ) -> Result<Vec<Change>, EngineError> {
        let kind = match (Outcome::from_number(moved.from), kind_of(moved.to)) {
            (Some(Outcome::Waiting), Some(ChangeKind::EventPosted)) => ChangeKind::EventReleased,
            (_, Some(kind)) => kind,
            (_, None) => return Ok(Vec::new()),
        };
        if !self.filter.kinds.has(kind) {
            return Ok(Vec::new());
        }
        let mut told = self.moved_told(block, moved)?;
        if kind == ChangeKind::EventQuarantined {
            self.add_reject(&mut told, moved.position, None)?;
        }
        told.data.insert("by", Datum::Number(cursor.position));
        let at = self.time_of(block.first)?;
        let parties = self.parties(&told.source);
        let Told { subject, trace, data, .. } = told;
        Ok(vec![Change { cursor, kind, subject, parties, at, trace, data }])
    }

    /// A moved record; of one that a fix replaced, the event that replaced it.
    fn moved_told(&mut self, block: &Block, moved: Moved) -> Result<Told, EngineError> {
        use crate::control::Command;
        if block.stream == crate::streams::CONTROL {
            let control = self.engine.control_at(block.first)?;
            let fixed = matches!(control.command,
                Command::Fix { position, .. } if position == moved.position);
            if fixed {
                return self.told(block.first);
            }
        }
        self.told(moved.position)
    }

    /// When the records of a frame came, or a command was given.
    fn time_of(&self, position: Position) -> Result<i64, EngineError> {
        if let Some((frame, _)) = self.engine.state.recent.find(position) {
            return Ok(frame.header.received_at);
        }
        let (mut header, mut record) = (Vec::new(), Vec::new());
        Ok(match self.engine.log.fetch(position, &mut header, &mut record)?.kind {
            FrameKind::Events => EventsHeader::decode(&header)?.received_at,
            FrameKind::Control => crate::Control::decode(&record)?.at,
        })
    }

    fn add_reject(
        &self,
        told: &mut Told,
        position: Position,
        reject: Option<Reject>,
    ) -> Result<(), EngineError> {
        let reject = match reject {
            Some(reject) => Some(reject),
            None => {
                let key = document::position_key(position);
                let found = self.engine.store.document(Table::Quarantine, &key)?;
                found.map(|found| Quarantined::decode(&found)).transpose()?.map(|row| row.reject)
            }
        };
        if let Some(reject) = reject {
            told.data.insert("code", Datum::Text(reject.code().to_owned()));
        }
        Ok(())
    }

    pub(super) fn parties(&self, source: &str) -> Vec<String> {
        self.engine.party_of_source(source).into_iter().collect()
    }

    /// Reads a record: an event, a row that is none, or the event of a fix.
    pub(super) fn told(&mut self, position: Position) -> Result<Told, EngineError> {
        self.records = self.records.saturating_sub(1);
        let whole = (self.engine, self.filter.party.is_none());
        if let Some((frame, at)) = self.engine.state.recent.find(position) {
            return tell(whole, (position, at), &frame.header, &frame.record(at)?);
        }
        let (mut header, mut record) = (Vec::new(), Vec::new());
        let found = self.engine.log.fetch(position, &mut header, &mut record)?;
        if found.kind == FrameKind::Control {
            let frame = fix_frame(&record, TraceId::of_command(&header)?)?;
            (header, record) = (frame.header, frame.records);
        }
        let place = usize::try_from(position - found.first).unwrap_or(usize::MAX);
        let (header, record) = (EventsHeader::decode(&header)?, Record::decode(&record)?);
        tell(whole, (position, place), &header, &record)
    }
}

fn kind_of(outcome: u8) -> Option<ChangeKind> {
    match Outcome::from_number(outcome) {
        Some(Outcome::Posted) => Some(ChangeKind::EventPosted),
        Some(Outcome::Waiting) => Some(ChangeKind::EventWaiting),
        Some(Outcome::Quarantined) => Some(ChangeKind::EventQuarantined),
        _ => None,
    }
}

fn tell(
    (engine, is_whole): (&Engine, bool),
    (position, place): (Position, usize),
    header: &EventsHeader,
    record: &Record<'_>,
) -> Result<Told, EngineError> {
    let mut data = BTreeMap::new();
    let text = |text: &str| Datum::Text(text.to_owned());
    data.insert("position", Datum::Number(position));
    data.insert("source", text(&header.source));
    let subject = match record {
        Record::Unreadable(row) => {
            data.insert("reason", text(row.reason));
            format!("rows/{}/{position}", header.source)
        }
        Record::Event(record) => {
            let event = EventView::decode(record.canonical);
            let event = event.map_err(|_| crate::wire::BadBytes)?;
            data.insert("id", text(event.id));
            data.insert("kind", text(event.kind));
            data.insert("occurred_at", Datum::Time(event.occurred_at));
            if let Some(amount) = event.amount {
                // With the decimals of its asset; one that has more is shown as it was given.
                let scale = event.asset.map_or(0, |asset| engine.asset_scale(asset));
                let amount = amount.rescale(scale).unwrap_or(amount);
                data.insert("amount", Datum::Text(amount.to_string()));
            }
            if let Some(asset) = event.asset {
                data.insert("asset", text(asset));
            }
            // What refers to another party's source does not tell that party's names.
            if let Some(to) = event.reference.filter(|to| is_whole || to.source == header.source) {
                data.insert("ref_source", text(to.source));
                data.insert("ref", text(to.id));
            }
            format!("events/{}/{}", header.source, event.id)
        }
    };
    let (source, received_at) = (header.source.clone(), header.received_at);
    let trace = header.traces.of(u32::try_from(place).unwrap_or(u32::MAX));
    Ok(Told { source, received_at, trace, subject, data })
}
