//! Steps two to four for one frame of events: load what its keys need, decide on each record in
//! order, and gather the effects into one commit.

mod command;
mod judge;
mod post;
#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing helper fails the test
mod tests;
mod would;

pub use would::Would;

use crate::block::Block;
use crate::deltas::Deltas;
use crate::document::{self, Feed, VerificationPage};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::locate::Located;
use crate::overlay::Overlay;
use crate::port::{Commit, DocumentChange, Position, Table};
use crate::prepare::Prepared;
use ledger::{Outcome, Reject};
use proof::Hash;
use std::sync::Arc;

/// Buffers that are kept from step to step.
#[derive(Debug, Default)]
pub struct Scratch {
    deltas: Deltas,
    overlay: Overlay,
    hashes: Vec<u64>,
    reference_slots: Vec<u32>,
    found: Vec<(u32, Position)>,
    legs: Vec<crate::accounts::PlannedLeg>,
    /// By row of the frame: its account plan.
    plans: Vec<crate::accounts::Found>,
}

/// No reference to look up.
const NO_SLOT: u32 = u32::MAX;

/// One frame on its way to a commit.
pub struct Step<'e> {
    engine: &'e mut Engine,
    first: Position,
    frame: Option<Arc<Prepared>>,
    scratch: Scratch,
    own_cursor: usize,
    commit: Commit,
    block: Block,
    failures: Vec<(u32, Reject)>,
    /// Keys that this step added for records of earlier frames.
    late_keys: Vec<(u64, Position)>,
    /// Whether nothing but accounts of settlement is posted on.
    only_settles: bool,
}

impl<'e> Step<'e> {
    /// A step without events yet: for a command at `first`.
    pub fn new(engine: &'e mut Engine, first: Position) -> Self {
        let mut scratch = std::mem::take(&mut engine.scratch);
        scratch.found.clear();
        scratch.overlay.reset(0);
        let block = Block { first, ..Block::default() };
        Self {
            engine,
            first,
            frame: None,
            scratch,
            own_cursor: 0,
            commit: Commit::default(),
            block,
            failures: Vec::new(),
            late_keys: Vec::new(),
            only_settles: false,
        }
    }

    /// Consumes a prepared frame whose first record is at `first`.
    ///
    /// # Errors
    /// When a port fails or an invariant does not hold; nothing is committed then.
    pub fn events(
        engine: &'e mut Engine,
        first: Position,
        frame: Arc<Prepared>,
    ) -> Result<(), EngineError> {
        let mut step = Self::new(engine, first);
        let rows = frame.rows.len();
        step.block.stream.clone_from(&frame.header.source);
        step.block.outcomes.reserve(rows);
        step.block.posted.reserve(rows);
        step.commit.keys.reserve(rows + rows / 16);
        step.scratch.overlay.reset(rows);
        step.load(&frame)?;
        step.frame = Some(Arc::clone(&frame));
        for at in 0..rows {
            step.judge(&frame, at)?;
        }
        step.count(&frame);
        step.append_leaves(&frame.header.source, &frame.leaves);
        step.note_frame(&frame);
        let Engine { state, pool, .. } = &mut *step.engine;
        state.recent.push(first, frame, pool);
        step.finish(first + rows as u64)
    }

    /// Step two: every position that the index holds for the keys of the frame.
    fn load(&mut self, frame: &Prepared) -> Result<(), EngineError> {
        let Scratch { hashes, reference_slots, found, .. } = &mut self.scratch;
        hashes.clear();
        reference_slots.clear();
        found.clear();
        hashes.extend(frame.rows.iter().map(|row| row.own));
        for row in &frame.rows {
            if row.reference == 0 {
                reference_slots.push(NO_SLOT);
                continue;
            }
            reference_slots.push(u32::try_from(hashes.len()).unwrap_or(NO_SLOT));
            hashes.push(row.reference);
            if row.cancel != 0 {
                hashes.push(row.cancel);
            }
        }
        self.engine.store.probe(hashes, found)?;
        if !found.is_sorted() {
            found.sort_unstable();
        }
        self.own_cursor = 0;
        let Scratch { plans, .. } = &mut self.scratch;
        self.engine.state.accounts.find_all(&frame.rows, &frame.plan_keys, plans);
        Ok(())
    }

    fn count(&mut self, frame: &Prepared) {
        let mut tally = [0u64; 8];
        for outcome in &self.block.outcomes {
            tally[usize::from(*outcome) & 7] += 1;
        }
        let counters = self.engine.state.counters(&frame.header.source);
        counters.received += self.block.outcomes.len() as u64;
        counters.duplicate += tally[0];
        counters.posted += tally[Outcome::Posted as usize];
        counters.waiting += tally[Outcome::Waiting as usize];
        counters.quarantined += tally[Outcome::Quarantined as usize];
    }

    /// Appends the leaves of the distinct records to the stream's tree.
    fn append_leaves(&mut self, stream: &str, leaves: &[Hash]) {
        let state = &mut self.engine.state;
        self.block.sequence = state.streams.size(stream);
        let distinct: Vec<Hash> = leaves
            .iter()
            .zip(&self.block.outcomes)
            .filter(|(_, outcome)| **outcome != 0)
            .map(|(leaf, _)| *leaf)
            .collect();
        state.streams.append(stream, &distinct, &mut self.commit.tiles);
    }

    /// The page of the verification log, and how far the file has come.
    fn note_frame(&mut self, frame: &Prepared) {
        let header = &frame.header;
        let applied = &mut self.engine.applied;
        applied.outcomes.clone_from(&self.block.outcomes);
        applied.sequence = self.block.sequence;
        applied.failures.clone_from(&self.failures);
        let page = VerificationPage {
            source: header.source.clone(),
            received_at: header.received_at,
            raw_block: header.raw_block,
            records: u32::try_from(frame.rows.len()).unwrap_or(u32::MAX),
            failures: std::mem::take(&mut self.failures),
        };
        self.put(Table::Verification, document::position_key(self.first), page.encode());
        if header.file != [0; 32] {
            let feed = Feed {
                source: header.source.clone(),
                mapping: header.mapping.clone(),
                rows_done: header.rows_done,
                complete: header.last,
            };
            self.put(Table::Feed, header.file.to_vec(), feed.encode());
        }
    }

    pub(crate) fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.commit.documents.push(DocumentChange { table, key, value: Some(value) });
    }

    pub(crate) fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.commit.documents.push(DocumentChange { table, key, value: None });
    }

    /// Step four: checks what must hold and commits.
    fn finish(mut self, after: Position) -> Result<(), EngineError> {
        self.check_balance()?;
        self.commit.position = after;
        self.commit.totals = self.scratch.deltas.take();
        self.commit.accounts = self.engine.state.accounts.take_fresh();
        if !self.block.outcomes.is_empty() || !self.block.released.is_empty() {
            self.commit.block = self.block.encode();
        }
        let Self { engine, commit, scratch, first, only_settles, .. } = self;
        engine.scratch = scratch;
        if only_settles {
            engine.kept.get_mut().settled(&commit.totals, first);
        } else if !commit.totals.is_empty() {
            engine.kept.get_mut().forget();
        }
        let first_account = engine.store.account_count();
        engine.live.get_mut().note(first_account, &commit.accounts, &commit.totals);
        engine.store.commit(commit)?;
        Ok(())
    }

    /// P4: per asset the debits equal the credits, on every batch, also in release.
    fn check_balance(&self) -> Result<(), EngineError> {
        let accounts = &self.engine.state.accounts;
        let mut assets: Vec<(u16, i128)> = Vec::new();
        for row in self.scratch.deltas.rows() {
            let asset = accounts.asset_of(row.account);
            let net = row.total.net()?;
            match assets.iter_mut().find(|(found, _)| *found == asset) {
                Some((_, sum)) => *sum = sum.checked_add(net).ok_or(EngineError::Overflow)?,
                None => assets.push((asset, net)),
            }
        }
        match assets.iter().find(|(_, sum)| *sum != 0) {
            None => Ok(()),
            Some((asset, sum)) => Err(EngineError::Balance(format!(
                "{} by {sum} minor units at position {}",
                accounts.asset_code(*asset),
                self.first
            ))),
        }
    }

    /// Says that nothing but accounts of settlement is posted on, which no event and no finer sum
    /// has: what is kept of the rest stays as it is.
    pub(crate) fn only_settles(&mut self) {
        self.only_settles = true;
    }

    pub(crate) fn engine_ref(&self) -> &Engine {
        self.engine
    }

    pub(crate) fn accounts(&mut self) -> &mut crate::accounts::Accounts {
        &mut self.engine.state.accounts
    }

    fn located(&self, frame: &Arc<Prepared>, at: usize) -> Located {
        let (position, frame) = (self.first + at as u64, Arc::clone(frame));
        Located { position, frame, at, place: at }
    }
}
