//! Proof files: that one event is in its stream, and that a statement follows from its rule, its
//! sums and its events.

use crate::close;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Store};
use crate::query::{CommandNotice, scan};
use crate::streams::{CONTROL, tile_path};
use ledger::Decimal;
use proof::checkpoint::{Checkpoint, stream_origin};
use proof::event_file::EventProof;
use proof::events::EventListBuilder;
use proof::note::SigningKey;
use proof::placement::Placement;
use proof::statement_file::{Moved, Notice, StatementProof, Told};
use proof::tree::{TileId, TileSource, TileUnavailable, decode_tile};
use settle::scope::Part;
use settle::{Measure, Scope};
use std::collections::BTreeMap;

/// A stream's tiles in the Store.
struct StoreTiles<'a> {
    store: &'a dyn Store,
    stream: &'a str,
}

impl TileSource for StoreTiles<'_> {
    fn read_tile(&self, id: TileId) -> Result<Vec<proof::Hash>, TileUnavailable> {
        let unavailable = |reason: String| TileUnavailable { reason };
        let path = tile_path(self.stream, id);
        let bytes = self.store.tile(&path).map_err(|error| unavailable(error.to_string()))?;
        let bytes = bytes.ok_or_else(|| unavailable(format!("no tile {path}")))?;
        let width = u16::try_from(bytes.len() / 32).unwrap_or(0);
        decode_tile(&bytes, width).ok_or_else(|| unavailable(format!("tile {path} is malformed")))
    }
}

fn defect(error: impl std::fmt::Display) -> EngineError {
    EngineError::Form(error.to_string())
}

impl Engine {
    /// A signed checkpoint of a stream, as of now.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] for a stream without records; [`EngineError::Conflict`] while the
    /// Store holds more than is durable.
    pub fn checkpoint_note(&self, stream: &str, key: &SigningKey) -> Result<String, EngineError> {
        if self.store.checkpoint_position() < self.store.position() {
            let what =
                "the Store is ahead of its checkpoint; nothing is signed before it is durable";
            return Err(EngineError::Conflict(what.into()));
        }
        let tree = self.state.streams.tree(stream);
        let tree = tree.ok_or_else(|| EngineError::Unknown(format!("no stream {stream}")))?;
        let checkpoint = Checkpoint {
            origin: stream_origin(&self.operator, stream),
            size: tree.size(),
            root: tree.root(),
            extensions: Vec::new(),
        };
        Ok(checkpoint.sign(&[key]).map_err(defect)?.to_string())
    }

    fn placement(
        &self,
        stream: &str,
        sequence: u64,
        blind: [u8; 16],
        key: &SigningKey,
    ) -> Result<Placement, EngineError> {
        let tree = self.state.streams.tree(stream);
        let tree = tree.ok_or_else(|| EngineError::Unknown(format!("no stream {stream}")))?;
        let tiles = StoreTiles { store: self.store(), stream };
        let inclusion =
            proof::inclusion_proof(sequence, tree.size(), &tree.over(&tiles)).map_err(defect)?;
        let checkpoint = self.checkpoint_note(stream, key)?;
        Ok(Placement { sequence, blind, tree_size: tree.size(), inclusion, checkpoint })
    }

    /// The proof that an event is in its stream, unaltered.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; a failing port.
    pub fn prove_event(
        &self,
        source: &str,
        id: &str,
        key: &SigningKey,
    ) -> Result<EventProof, EngineError> {
        let story = self.event_story(source, id)?;
        let sequence = story.sequence.ok_or_else(|| {
            EngineError::Unknown(format!("the event {id} of {source} has no place in its stream"))
        })?;
        let record = story.located.event_record()?;
        let blind = self.secrets.blind_key(source).blind(id.as_bytes());
        Ok(EventProof {
            operator: self.operator.clone(),
            source: source.to_owned(),
            id: id.to_owned(),
            canonical: record.canonical.to_vec(),
            pseudonyms: record.pseudonyms().map(|(_, pseudonym)| pseudonym).collect(),
            placement: self.placement(source, sequence, blind, key)?,
        })
    }

    /// The proof that a statement follows from its rule, its sums and its events.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] when the period is not closed; a failing port.
    pub fn prove_statement(
        &self,
        agreement: &str,
        period: &str,
        key: &SigningKey,
    ) -> Result<StatementProof, EngineError> {
        let (_, closed) = self.statement(agreement, period)?;
        let sequence = closed.sequence.ok_or_else(|| {
            EngineError::Conflict(format!("the statement of {agreement} {period} is not recorded"))
        })?;
        let revision = self.state.books.get(closed.revision)?;
        let terms = close::Terms::of(revision, agreement, closed.span)?;
        let events = self.events_of(&closed, &terms.scope(closed.span)?)?;
        let blind = self.secrets.blind_key(CONTROL);
        let blind = blind.blind(&closed.statement_position.to_be_bytes());
        let signed = self.countersigned_of(&closed, agreement)?;
        let signed = signed.and_then(|status| status.recorded).map(|recorded| recorded.note);
        let notices = self.prove_notices((agreement, period), key)?;
        let mut proof = StatementProof {
            commitment: closed.commitment,
            placement: self.placement(CONTROL, sequence, blind, key)?,
            agreement: terms.agreement.encode(),
            measures: terms.measures.iter().map(Measure::encode).collect(),
            body: closed.body,
            rows: closed.sums,
            rules: proof::rules_bytes::encode(&revision.lookup.rules),
            events: events.build(),
            manifest: String::new(),
            countersigned: signed,
            notices: Some(notices),
        };
        proof.sign_manifest(&[key]).map_err(defect)?;
        Ok(proof)
    }

    /// Every command that moved what the statement reads, with its place in the control stream.
    fn prove_notices(
        &self,
        (agreement, period): (&str, &str),
        key: &SigningKey,
    ) -> Result<Vec<Notice>, EngineError> {
        let found = self.notices(agreement, Some(period))?;
        let commands = found.into_iter().flat_map(|found| found.commands);
        let blinds = self.secrets.blind_key(CONTROL);
        let prove = |notice: CommandNotice| {
            let blind = blinds.blind(&notice.position.to_be_bytes());
            let moved = notice.moved.iter().map(|((account, asset), minor)| Moved {
                account: account.clone(),
                asset: asset.clone(),
                amount: Decimal::from_minor(*minor, self.asset_scale(asset)).to_string(),
            });
            let told = Told {
                command: notice.command.to_owned(),
                at: notice.at.to_string(),
                author: notice.author.clone(),
                reason: notice.reason.clone(),
                source: notice.event.0.clone(),
                id: notice.event.1.clone(),
                before: notice.before.clone(),
                after: notice.after.clone(),
                moved: moved.collect(),
                correction: notice.correction.clone().unwrap_or_default(),
            };
            let placement = self.placement(CONTROL, notice.sequence, blind, key)?;
            Ok(Notice { told, record: self.record_at(notice.position)?, placement })
        };
        commands.map(prove).collect()
    }

    /// Every event that a statement stands on: posted before the cut, and not taken back before it.
    fn events_of(
        &self,
        closed: &close::Closed,
        scope: &Scope<'_>,
    ) -> Result<EventListBuilder, EngineError> {
        let mut read: Vec<Vec<&Part<'_>>> = Vec::new();
        self.store().accounts(&mut |_, path, asset| {
            // What statements came to stands on their own proofs, and on no event.
            let parts = scope.parts().iter().filter(|_| !settle::is_settlement(path));
            read.push(parts.filter(|part| part.reads_account(path, asset)).collect());
        })?;
        let wanted: Vec<bool> = read.iter().map(|parts| !parts.is_empty()).collect();
        let mut list = EventListBuilder::new();
        let mut seen: Option<Position> = None;
        let mut late = std::collections::HashSet::new();
        let mut unsure: BTreeMap<Position, BTreeMap<u32, i128>> = BTreeMap::new();
        let starts = scope.parts().iter().map(|part| part.span.start);
        let ends = scope.parts().iter().map(|part| part.span.end);
        let start = starts.min().unwrap_or(closed.span.start);
        let end = ends.max().unwrap_or(closed.span.end);
        let buckets = crate::sums::buckets_of(ledger::time::Span { start, end })?;
        scan::touches(self, buckets, &wanted, &mut |touch| {
            if !self.is_read(&touch, &read[touch.account as usize])? {
                return Ok(true);
            }
            let again = seen == Some(touch.position) || late.contains(&touch.position);
            if touch.by >= closed.position || again {
                return Ok(true);
            }
            let state = &self.state;
            if state.void.contains(&touch.position) || state.replayed.contains_key(&touch.position)
            {
                let net =
                    unsure.entry(touch.position).or_default().entry(touch.account).or_default();
                *net = net.checked_add(touch.total.net()?).ok_or(EngineError::Overflow)?;
                return Ok(true);
            }
            if seen.is_some_and(|seen| touch.position < seen) {
                late.insert(touch.position);
            } else {
                seen = Some(touch.position);
            }
            self.list_event(touch.position, &mut list).map(|()| true)
        })?;
        let stands = |nets: &BTreeMap<u32, i128>| nets.values().any(|net| *net != 0);
        for (position, _) in unsure.iter().filter(|(_, nets)| stands(nets)) {
            self.list_event(*position, &mut list)?;
        }
        Ok(list)
    }

    /// Whether any of the parts, which read the account, reads what was posted.
    pub(crate) fn is_read(
        &self,
        touch: &scan::Touch,
        parts: &[&Part<'_>],
    ) -> Result<bool, EngineError> {
        let at = touch.bucket.start_nanos();
        let inside = || parts.iter().filter(|part| part.span.contains(at));
        if inside().any(|part| !part.matcher.is_selective()) {
            return Ok(true);
        }
        for part in inside() {
            let mut failed = None;
            let selects = part.matcher.selects(|dim| {
                let value = scan::value_of(self, touch.position, dim);
                value.unwrap_or_else(|error| {
                    failed = Some(error);
                    String::new()
                })
            });
            match failed {
                Some(error) => return Err(error),
                None if selects => return Ok(true),
                None => {}
            }
        }
        Ok(false)
    }

    fn list_event(
        &self,
        position: Position,
        list: &mut EventListBuilder,
    ) -> Result<(), EngineError> {
        let located = self.find(position)?;
        let event = located.event()?;
        let hash = proof::digest::content_hash(located.event_record()?.canonical);
        list.push(event.source, event.id, event.occurred_at, &hash);
        Ok(())
    }
}
