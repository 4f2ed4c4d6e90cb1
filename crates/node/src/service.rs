//! An operator that stays open and is shared: many callers bring events and read, one thread
//! writes the Log, one lets the engine consume.
//!
//! ```text
//! deliver ─▶ queue ─▶ builders ─▶ log thread ─▶ apply thread
//!            by source  frames     append,        engine, then whoever waits for effects
//!                                  one flush, then whoever waits for durability
//! ```
//!
//! What waits together is built into one frame and flushed once, so that single events cost little
//! when there are many. A command runs alone between two frames. Nothing here knows of HTTP.

mod apply;
mod build;
mod delivery;
mod dry;
mod load;
mod log;
mod published;
mod queue;
mod receipt;

pub use delivery::{Delivery, Done, Part, Taken, Wait};
pub use dry::{DRY_ROWS_MAX, DryRow};
pub use load::Load;
pub use receipt::{INCLUSION_NANOS, Receipts};

use crate::schemas::Catalog;
use crate::session::Session;
use crate::{NodeError, code};
use apply::Applier;
use book::file::source_schema::SourceSchema;
use build::Source;
use crossbeam_channel::{Sender, bounded};
use delivery::Open;
use engine::books::Revision;
use engine::lookup::Lookup;
use engine::port::{Position, RawStore, Vault};
use engine::state::State;
use log::{Job, LogWriter, Tell};
use parking_lot::{Condvar, Mutex};
use proof::note::SigningKey;
use queue::Queue;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Most bytes of rows that wait to be built: beyond it a delivery is refused, never dropped later.
pub const QUEUE_BYTES_MAX: usize = 64 << 20;
/// Most rows of one delivery: a source waits for its answer no longer than a few frames take.
pub const DELIVERY_ROWS_MAX: usize = 200_000;
/// Most frames that are built and not yet durable: bounds memory, and makes what comes meanwhile
/// share the next frame.
const FRAMES_READY_MAX: usize = 2;

/// One operator, open for as long as this lives.
pub struct Service {
    shared: Arc<Shared>,
    jobs: Sender<Job>,
    threads: Vec<JoinHandle<()>>,
}

/// What all threads of a service look at.
pub(crate) struct Shared {
    /// The operator, changed by the apply thread only.
    pub(crate) session: Mutex<Session>,
    pub(crate) queue: Arc<Queue>,
    /// The rules that are taken in under now.
    pub(crate) rules: Mutex<Rules>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) raw: Arc<dyn RawStore>,
    pub(crate) operator: String,
    /// Heads of streams as they were published last.
    pub(crate) heads: Mutex<published::Heads>,
    /// Signs receipts.
    pub(crate) signing: Mutex<Arc<SigningKey>>,
    /// How far the effects can be read, and who is told.
    pub(crate) reached: Mutex<Reached>,
    pub(crate) moved: Condvar,
    /// Why nothing more is taken.
    pub(crate) failed: Mutex<Option<String>>,
    pub(crate) stopping: AtomicBool,
    pub(crate) count: load::Count,
}

/// The rules in force, and for each source what builds its frames.
#[derive(Default)]
pub(crate) struct Rules {
    /// The book that they are of.
    pub(crate) book: Option<Arc<Revision>>,
    pub(crate) lookup: Option<Arc<Lookup>>,
    pub(crate) sources: HashMap<String, Arc<Source>>,
    /// The registry of schemas.
    pub(crate) catalog: Catalog,
}

impl Rules {
    /// What is in force; texts that `before` read stay read.
    pub(crate) fn of(state: &State, before: &Catalog) -> Self {
        let book = state.books.current().cloned();
        let lookup = book.as_ref().map(|book| Arc::clone(&book.lookup));
        let catalog = Catalog::next(before, Arc::clone(&state.schemas));
        Self { lookup, sources: HashMap::new(), book, catalog }
    }

    /// Whether this is what is in force.
    pub(crate) fn is_of(&self, state: &State) -> bool {
        let same_book = match (&self.book, state.books.current()) {
            (Some(own), Some(book)) => Arc::ptr_eq(own, book),
            (own, book) => own.is_none() && book.is_none(),
        };
        same_book && Arc::ptr_eq(&self.catalog.registry, &state.schemas)
    }
}

/// How far the effects can be read.
#[derive(Default)]
pub(crate) struct Reached {
    pub(crate) position: Position,
    pub(crate) listeners: Vec<Box<dyn Fn(Position) + Send>>,
}

impl Service {
    /// Serves an opened operator with this many builders (at least one).
    ///
    /// # Errors
    /// [`code::SYSTEM`] when a thread cannot be started; [`code::BAD_NAME`].
    pub fn start(mut session: Session, builders: usize) -> Result<Self, NodeError> {
        // From here on each request names itself.
        session.operator.engine.trace_commands(None);
        session.operator.share_flushes()?;
        let engine = &session.operator.engine;
        let (operator, position) = (engine.operator().to_owned(), engine.store().position());
        let rules = Rules::of(engine.state(), &Catalog::default());
        let shared = Arc::new(Shared {
            vault: Arc::clone(&session.operator.vault),
            raw: Arc::clone(&session.operator.raw),
            operator,
            signing: Mutex::new(Arc::new(session.keys.signing()?)),
            heads: Mutex::default(),
            queue: Arc::default(),
            rules: Mutex::new(rules),
            reached: Mutex::new(Reached { position, listeners: Vec::new() }),
            moved: Condvar::new(),
            failed: Mutex::new(None),
            stopping: AtomicBool::new(false),
            count: load::Count::default(),
            session: Mutex::new(session),
        });
        shared.note_heads(&shared.session.lock().operator.engine);
        let (jobs, todo) = bounded(FRAMES_READY_MAX);
        let (durable_in, durable) = bounded(FRAMES_READY_MAX);
        let mut service = Self { shared: Arc::clone(&shared), jobs: jobs.clone(), threads: vec![] };
        let log = Arc::clone(shared.session.lock().operator.engine.log());
        let writer = LogWriter { shared: Arc::clone(&shared), log, durable: durable_in };
        service.spawn("saldo-log", move || writer.run(&todo))?;
        let applier = Applier { shared: Arc::clone(&shared) };
        service.spawn("saldo-apply", move || applier.run(&durable))?;
        for _ in 0..builders.max(1) {
            let (shared, jobs) = (Arc::clone(&shared), jobs.clone());
            service.spawn("saldo-build", move || build::run(&shared, &jobs))?;
        }
        Ok(service)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), NodeError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        let thread = thread.map_err(|error| {
            NodeError::said(code::SYSTEM, format!("starting the thread {name}: {error}"))
        })?;
        self.threads.push(thread);
        Ok(())
    }

    /// Brings rows of a source in. The delivery's `done` is called once, on another thread, when
    /// what it waits for is so; it is dropped where this returns an error.
    ///
    /// # Errors
    /// [`code::UNKNOWN_SOURCE`] and the like, [`code::TOO_MANY_ROWS`], [`code::BUSY`],
    /// [`code::STOPPING`].
    pub fn deliver(&self, delivery: Delivery) -> Result<(), NodeError> {
        self.usable()?;
        if delivery.rows.len() > DELIVERY_ROWS_MAX {
            let what = format!("{} of at most {DELIVERY_ROWS_MAX}", delivery.rows.len());
            return Err(NodeError::said(code::TOO_MANY_ROWS, what));
        }
        self.source_known(&delivery.source)?;
        let open = Open::new(delivery);
        if open.is_empty() {
            open.finish_empty();
            return Ok(());
        }
        self.shared.queue.put(open, QUEUE_BYTES_MAX)
    }

    /// Whether the book in force has the source.
    ///
    /// # Errors
    /// [`crate::intake::code::UNKNOWN_SOURCE`], with those there are.
    pub fn source_known(&self, source: &str) -> Result<(), NodeError> {
        let rules = self.shared.rules.lock();
        let Some(lookup) = &rules.lookup else {
            return Err(NodeError::said(code::NO_BOOK, ""));
        };
        if lookup.rules.source(source).is_none() {
            let known: Vec<&str> = lookup.rules.sources.iter().map(|s| s.name.as_str()).collect();
            return Err(crate::intake::code::source(source, &known.join(", ")));
        }
        Ok(())
    }

    /// The revision of the book in force; 0 where there is none.
    pub fn revision(&self) -> u32 {
        self.shared.rules.lock().lookup.as_ref().map_or(0, |lookup| lookup.rules.revision)
    }

    /// The party whose source it is, by the book in force.
    pub fn party_of(&self, source: &str) -> Option<String> {
        let rules = self.shared.rules.lock();
        let rules = &rules.lookup.as_ref()?.rules;
        let source = &rules.sources[usize::from(rules.source(source)?)];
        Some(rules.parties[usize::from(source.party?)].name.clone())
    }

    /// The book in force.
    pub fn book(&self) -> Option<Arc<Revision>> {
        self.shared.rules.lock().book.clone()
    }

    /// The registry of schemas as it is now.
    pub fn catalog(&self) -> Catalog {
        self.shared.rules.lock().catalog.clone()
    }

    /// The sources whose events are checked by a schema, each with which.
    pub fn source_schemas(&self) -> Vec<(String, SourceSchema)> {
        let rules = self.shared.rules.lock();
        let named = rules.book.iter().flat_map(|book| &book.compiled.schema_of);
        named.map(|(source, schema)| (source.clone(), schema.clone())).collect()
    }

    /// Reads what is readable now. Meanwhile nothing is consumed: keep it short.
    pub fn read<R>(&self, read: impl FnOnce(&Session) -> R) -> R {
        read(&self.shared.session.lock())
    }

    /// Reads what is durable in the Store too: what is signed stands on nothing less. Meanwhile
    /// nothing is consumed.
    ///
    /// # Errors
    /// When the Store cannot be made durable; then the service takes nothing more.
    pub fn read_durable<R>(&self, read: impl FnOnce(&Session) -> R) -> Result<R, NodeError> {
        self.usable()?;
        let mut session = self.shared.session.lock();
        let store = session.operator.engine.store();
        if store.checkpoint_position() < store.position()
            && let Err(error) = session.checkpoint()
        {
            self.shared.fail(&error.to_string());
            return Err(error);
        }
        Ok(read(&session))
    }

    /// Does something alone, between two frames: a command. It returns when it is done.
    ///
    /// # Errors
    /// [`code::STOPPING`], or why the service takes nothing more.
    pub fn command<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> R + Send + 'static,
    ) -> Result<R, NodeError> {
        self.usable()?;
        let (told, tell) = bounded(1);
        let shared = Arc::clone(&self.shared);
        let work = Box::new(move |session: &mut Session| {
            shared.count.command();
            let done = work(session);
            // Who asked may have gone: the command is done all the same.
            let tell: Tell = Box::new(move || drop(told.send(done)));
            tell
        });
        let gone = |_| NodeError::said(code::STOPPING, "");
        self.jobs.send(Job::Alone(work)).map_err(|_| NodeError::said(code::STOPPING, ""))?;
        tell.recv().map_err(gone)
    }

    /// Signs with the key that the operator has now: after that was changed.
    ///
    /// # Errors
    /// [`code::BAD_KEY`].
    pub fn sign_anew(&self) -> Result<(), NodeError> {
        *self.shared.signing.lock() = Arc::new(self.read(|session| session.keys.signing())?);
        Ok(())
    }

    /// The position after the last record whose effects can be read.
    pub fn position(&self) -> Position {
        self.shared.reached.lock().position
    }

    /// Waits until effects up to `position` can be read; whether they can.
    pub fn wait_for(&self, position: Position, most: Duration) -> bool {
        let mut reached = self.shared.reached.lock();
        let end = std::time::Instant::now() + most;
        while reached.position < position {
            if self.shared.moved.wait_until(&mut reached, end).timed_out() {
                return reached.position >= position;
            }
        }
        true
    }

    /// Tells `listener` each position reached, from the apply thread: it must not block.
    pub fn listen(&self, listener: impl Fn(Position) + Send + 'static) {
        self.shared.reached.lock().listeners.push(Box::new(listener));
    }

    /// Why the service takes nothing more, when it failed.
    pub fn failed(&self) -> Option<String> {
        self.shared.failed.lock().clone()
    }

    /// The operator.
    pub fn operator(&self) -> &str {
        &self.shared.operator
    }

    fn usable(&self) -> Result<(), NodeError> {
        if let Some(what) = self.failed() {
            return Err(NodeError::said(code::STOPPED, what));
        }
        if self.shared.stopping.load(Ordering::Relaxed) {
            return Err(NodeError::said(code::STOPPING, ""));
        }
        Ok(())
    }
}

impl Drop for Service {
    /// Takes nothing new, finishes what was taken, makes the Store durable.
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.shared.queue.close();
        let (jobs, _) = bounded(0);
        self.jobs = jobs;
        for thread in self.threads.drain(..) {
            // A thread that panicked has left its reason in `failed`, or on the terminal.
            let _ = thread.join();
        }
        // What fails here is written again by whoever opens the operator next.
        let _ = self.shared.session.lock().operator.settle();
    }
}

impl Shared {
    /// What signs receipts now.
    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing.lock())
    }

    /// Notes why nothing more is taken; the first reason stays.
    pub(crate) fn fail(&self, what: &str) {
        self.failed.lock().get_or_insert_with(|| what.to_owned());
        self.queue.close();
    }

    /// Publishes how far effects can be read.
    pub(crate) fn publish(&self, position: Position) {
        let mut reached = self.reached.lock();
        reached.position = position;
        for listener in &reached.listeners {
            listener(position);
        }
        drop(reached);
        self.moved.notify_all();
    }
}
