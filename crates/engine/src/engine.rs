//! The engine itself: opens a Store beside its Log, replays what the Store has not seen, and
//! consumes frames as they come.

use crate::error::EngineError;
use crate::key::{KeyHasher, Space};
use crate::locate::{Located, Locator};
use crate::lookup::Lookup;
use crate::port::{Frame, FrameKind, FrameView, Log, Position, Store};
use crate::prepare::{Parts, Pool, Prepared, Preparer};
use crate::record::EventsHeader;
use crate::state::State;
use crate::step::{Scratch, Step};
use crate::trace::{TraceId, Traces};
use proof::digest::BlindKey;
use proof::digest::sha256;
use std::sync::Arc;

/// The half of a check that is of the index key.
const INDEX_HALF: u64 = 0xffff_ffff_0000_0000;

/// The secrets of one operator.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Key of the index's hashes.
    pub index: [u8; 16],
    /// Key from which each stream's blinds are made.
    pub blinds: [u8; 32],
}

impl Secrets {
    /// What tells these from others, without telling them: its first half the index key, its
    /// second the key of blinds. Under a wrong one no known event is found, and every repeat would
    /// be posted again; or trees grow that nothing proves anything of.
    pub(crate) fn check(&self) -> u64 {
        let index = KeyHasher::new(&self.index).bytes(Space::Quarantined, b"saldo.index.v1");
        let mut seed = b"saldo.blinds.v1\0".to_vec();
        seed.extend_from_slice(&self.blinds);
        let [a, b, c, d, ..] = sha256(&seed).0;
        index & INDEX_HALF | u64::from(u32::from_be_bytes([a, b, c, d]))
    }

    /// Which key is not the one that was used before, by the check of then.
    pub(crate) fn differs(&self, recorded: u64) -> Option<&'static str> {
        let own = self.check();
        // Once the index key alone was checked, by both halves.
        let old = KeyHasher::new(&self.index).bytes(Space::Quarantined, b"saldo.index.v1");
        match (own ^ recorded) & INDEX_HALF {
            0 if recorded == own || recorded == old => None,
            0 => Some("blinds.key"),
            _ => Some("index.key"),
        }
    }

    /// The blind key of a stream.
    pub fn blind_key(&self, stream: &str) -> BlindKey {
        let mut seed = b"saldo.stream.v1\0".to_vec();
        seed.extend_from_slice(&self.blinds);
        seed.extend_from_slice(stream.as_bytes());
        BlindKey::new(&sha256(&seed).0)
    }
}

/// What became of the records of one frame of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Outcome number of each record; 0 for a repeat.
    pub outcomes: Vec<u8>,
    /// Sequence of the first distinct record.
    pub sequence: u64,
    /// Why records failed: place in the frame, reason; ascending.
    pub failures: Vec<(u32, ledger::Reject)>,
}

/// One operator's engine: the only writer of its Store.
pub struct Engine {
    pub(crate) operator: String,
    pub(crate) secrets: Secrets,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) store: Box<dyn Store>,
    pub(crate) keys: KeyHasher,
    pub(crate) state: State,
    pub(crate) scratch: Scratch,
    /// Buffers of frames, passed back to what prepares them.
    pub(crate) pool: Arc<Pool>,
    /// Totals of the last span that was closed.
    pub(crate) kept: std::cell::RefCell<crate::sums::Kept>,
    /// Totals of spans that were asked for.
    pub(crate) live: std::cell::RefCell<crate::live::Live>,
    /// What became of the last frame of events.
    pub(crate) applied: Applied,
    /// The key that the next command carries.
    pub(crate) carried: Option<crate::once::Once>,
    /// What the next commands are given by.
    trace: Option<TraceId>,
    /// Why nothing more is taken: after a failure the memory may be ahead of the Store.
    failed: Option<String>,
}

impl Engine {
    /// Opens the engine at the Store's checkpoint. [`Engine::catch_up`] replays the rest.
    ///
    /// # Errors
    /// When the Store holds what it must not.
    pub fn open(
        operator: &str,
        secrets: Secrets,
        log: Arc<dyn Log>,
        store: Box<dyn Store>,
    ) -> Result<Self, EngineError> {
        let keys = KeyHasher::new(&secrets.index);
        let state = State::restore(store.as_ref(), &secrets)?;
        let operator = operator.to_owned();
        Ok(Self {
            operator,
            secrets,
            log,
            store,
            keys,
            state,
            scratch: Scratch::default(),
            pool: Arc::default(),
            kept: std::cell::RefCell::default(),
            live: std::cell::RefCell::default(),
            applied: Applied::default(),
            carried: None,
            trace: None,
            failed: None,
        })
    }

    /// Consumes every durable record that the Store has not seen, calling `progress` with the
    /// position reached; returns how many records there were.
    ///
    /// # Errors
    /// When a port fails or a record cannot be consumed.
    pub fn catch_up(&mut self, progress: &mut dyn FnMut(Position)) -> Result<u64, EngineError> {
        let start = self.store.position();
        let end = self.log.durable_end();
        if start >= end {
            return Ok(0);
        }
        let mut reader = self.log.reader(start)?;
        while let Some(view) = reader.next_frame()? {
            let after = view.first + view.len() as u64;
            if after <= start {
                continue;
            }
            if view.first < start {
                let what = format!("the Store stands inside the frame at {}", view.first);
                return Err(EngineError::Form(what));
            }
            if view.first >= end {
                break;
            }
            self.consume(&view)?;
            if self.store.checkpoint_due() {
                self.checkpoint()?;
            }
            progress(after);
        }
        Ok(self.store.position() - start)
    }

    /// Consumes one frame read from the Log.
    fn consume(&mut self, view: &FrameView<'_>) -> Result<(), EngineError> {
        match view.kind {
            FrameKind::Events => {
                let header = EventsHeader::decode(view.header)?;
                let preparer = self.preparer(&header.source, header.revision)?;
                let prepared = preparer.prepare(Arc::new(owned(view)))?;
                self.apply(view.first, Arc::new(prepared))
            }
            FrameKind::Control => {
                for at in 0..view.len() {
                    let record = view.record(at).ok_or_else(|| {
                        EngineError::Form(format!("record {at} of the frame at {}", view.first))
                    })?;
                    Step::command(self, view.first + at as u64, record)?;
                }
                Ok(())
            }
        }
    }

    /// Consumes a prepared frame that was appended at `first`.
    ///
    /// # Errors
    /// When it is not the next one, a port fails, or an invariant does not hold.
    pub fn apply(&mut self, first: Position, frame: Arc<Prepared>) -> Result<(), EngineError> {
        self.guard(first)?;
        let consumed = Step::events(self, first, frame);
        self.note(consumed)
    }

    /// Refuses what is not next, and everything after a failure.
    fn guard(&self, first: Position) -> Result<(), EngineError> {
        if let Some(what) = &self.failed {
            return Err(after(what));
        }
        if first != self.store.position() {
            let what = format!("record at {first} after position {}", self.store.position());
            return Err(EngineError::Form(what));
        }
        Ok(())
    }

    fn note(&mut self, consumed: Result<(), EngineError>) -> Result<(), EngineError> {
        if let Err(error) = &consumed {
            self.failed = Some(error.to_string());
        }
        consumed
    }

    /// Appends a command to the Log, makes it durable and consumes it; returns its position.
    ///
    /// # Errors
    /// When the command does not fit the state (nothing is recorded then), or a port fails.
    pub fn command(&mut self, record: Vec<u8>) -> Result<Position, EngineError> {
        let record = match self.carried.take() {
            Some(once) => once.with(&record),
            None => record,
        };
        self.guard(self.log.end())?;
        self.admissible(&record)?;
        let ends = vec![u32::try_from(record.len()).unwrap_or(u32::MAX)];
        let (kind, header) = (FrameKind::Control, TraceId::command_header(self.trace));
        let frame = Frame { kind, header, records: record, ends };
        let first = self.log.append(std::slice::from_ref(&frame))?;
        self.log.flush()?;
        let consumed = Step::command(self, first, &frame.records);
        self.note(consumed)?;
        Ok(first)
    }

    /// Names what the commands that follow are given by, until it is called again; what it was.
    pub fn trace_commands(&mut self, trace: Option<TraceId>) -> Option<TraceId> {
        std::mem::replace(&mut self.trace, trace)
    }

    /// What brought the record at `position`: an event, or a command.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn trace_at(&self, position: Position) -> Result<Option<TraceId>, EngineError> {
        let (first, traces) = self.traces_around(position)?;
        Ok(traces.of(u32::try_from(position - first).unwrap_or(u32::MAX)))
    }

    /// What brought the records of the frame that has the record at `position`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn traces_of(&self, position: Position) -> Result<Traces, EngineError> {
        Ok(self.traces_around(position)?.1)
    }

    fn traces_around(&self, position: Position) -> Result<(Position, Traces), EngineError> {
        if let Some((frame, at)) = self.state.recent.find(position) {
            return Ok((position - at as u64, frame.header.traces.clone()));
        }
        let (mut header, mut record) = (Vec::new(), Vec::new());
        let found = self.log.fetch(position, &mut header, &mut record)?;
        let traces = match found.kind {
            FrameKind::Events => EventsHeader::decode(&header)?.traces,
            FrameKind::Control => Traces::whole(TraceId::of_command(&header)?),
        };
        Ok((found.first, traces))
    }

    /// What prepares frames of `source` under a book revision; it may go to another thread.
    ///
    /// # Errors
    /// When the revision is unknown.
    pub fn preparer(&self, source: &str, revision: u32) -> Result<Preparer, EngineError> {
        Ok(Preparer {
            keys: self.keys.clone(),
            blind: Arc::new(self.secrets.blind_key(source)),
            lookup: Arc::clone(&self.state.books.get(revision)?.lookup),
            parts: Parts::default(),
            pool: Arc::clone(&self.pool),
        })
    }

    /// The rules in force.
    ///
    /// # Errors
    /// When no book was recorded yet.
    pub fn lookup(&self) -> Result<&Arc<Lookup>, EngineError> {
        let current = self.state.books.current();
        current
            .map(|revision| &revision.lookup)
            .ok_or_else(|| EngineError::Unknown("no book has been recorded yet".into()))
    }

    /// Makes everything consumed durable in the Store.
    ///
    /// # Errors
    /// When a port fails.
    pub fn checkpoint(&mut self) -> Result<(), EngineError> {
        if let Some(what) = &self.failed {
            return Err(after(what));
        }
        let partial = self.state.streams.partial_tiles();
        let state = self.state.encode(self.secrets.check());
        Ok(self.store.checkpoint(&state, &partial)?)
    }

    /// Whether the Store asks for a checkpoint.
    pub fn checkpoint_due(&self) -> bool {
        self.store.checkpoint_due()
    }

    /// What became of the frame of events that was consumed last.
    pub fn applied(&self) -> &Applied {
        &self.applied
    }

    /// The operator.
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// The Store, to be read.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The Log.
    pub fn log(&self) -> &Arc<dyn Log> {
        &self.log
    }

    /// What a checkpoint would record of the engine now.
    pub fn state_bytes(&self) -> Vec<u8> {
        self.state.encode(self.secrets.check())
    }

    /// What the engine holds in memory, to be read.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The record at `position`.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] beyond the end of the Log and for a command that is no correction;
    /// when it cannot be read.
    pub fn find(&self, position: Position) -> Result<Located, EngineError> {
        let end = self.log.end();
        if position >= end {
            let what = format!("no record at position {position}; the Log ends at {end}");
            return Err(EngineError::Unknown(what));
        }
        self.locator().find(position)
    }

    /// Every position that the index holds for a hash.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn probe(&self, hash: u64) -> Result<Vec<Position>, EngineError> {
        let mut found = Vec::new();
        self.store.probe(&[hash], &mut found)?;
        Ok(found.into_iter().map(|(_, position)| position).collect())
    }

    pub(crate) fn locator(&self) -> Locator<'_> {
        Locator {
            log: self.log.as_ref(),
            recent: &self.state.recent,
            books: &self.state.books,
            keys: &self.keys,
            replayed: &self.state.replayed,
        }
    }
}

fn after(what: &str) -> EngineError {
    EngineError::Conflict(format!("nothing more is taken before a new start, after: {what}"))
}

/// A frame with bytes of its own.
fn owned(view: &FrameView<'_>) -> Frame {
    let ends = view.ends.chunks_exact(4).map(|bytes| {
        let bytes = bytes.try_into().unwrap_or([0; 4]);
        u32::from_le_bytes(bytes)
    });
    Frame {
        kind: view.kind,
        header: view.header.to_vec(),
        records: view.records.to_vec(),
        ends: ends.collect(),
    }
}
