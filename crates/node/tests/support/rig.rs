//! The operator: opening, feeding, looking at.

use super::input::Batch;
use super::vfs;
use engine::port::{Disk, Log, PortError, Position, RawStore, Store, Vault};
use engine::{Command, Control, Engine, EngineError, Secrets};
use ledger::Total;
use local::{
    FileRaw, FileStore, FileVault, LogOptions, Options, RawOptions, RedoDisk, RedoOptions,
    SegmentLog,
};
use node::intake::Meter;
use node::intake::build::Context;
use node::intake::lines::Worker;
use sim::disk::{Calls, FaultDisk};
use sim::rng::Rng;
use sim::world::Field;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub const OPERATOR: &str = "house";
/// 2026-06-01T00:00:00Z: after every world of the tests.
pub const NOW: i64 = 1_780_272_000_000_000_000;

/// Random bytes that repeat.
pub fn seeded(seed: u64) -> local::Random {
    let rng = Mutex::new(Rng::from_seed(seed));
    Arc::new(move |bytes| {
        let mut rng = rng.lock().unwrap();
        bytes.iter_mut().for_each(|byte| *byte = rng.next_u64().to_le_bytes()[0]);
        true
    })
}

/// The files of a field's example book, for amounts as the worlds state them.
pub fn book_files(field: Field) -> BTreeMap<String, Vec<u8>> {
    let files = book::example::template(field.name()).unwrap();
    let adapt = |(path, text): (&str, &str)| {
        let text = text.replace(book::example::OPERATOR_PLACEHOLDER, OPERATOR);
        // The worlds' broken amounts have one decimal more than a euro.
        let text = text.replace("EUR: { scale: 4", "EUR: { scale: 2");
        (path.to_owned(), text.into_bytes())
    };
    files.into_iter().map(adapt).collect()
}

type WrapLog = Box<dyn Fn(Arc<dyn Log>) -> Arc<dyn Log>>;
type WrapStore = Box<dyn Fn(Box<dyn Store>) -> Box<dyn Store>>;

/// An operator on a fault disk.
pub struct Rig {
    pub disk: FaultDisk,
    pub engine: Engine,
    pub vault: Arc<dyn Vault>,
    pub raw: Arc<dyn RawStore>,
    worker: Worker,
    root: Root,
}

/// The disk where `SQLite` finds it.
struct Root(String);

impl Drop for Root {
    fn drop(&mut self) {
        vfs::forget(&self.0);
    }
}

/// How an operator is opened.
#[derive(Default)]
pub struct Opening {
    pub wrap_log: Option<WrapLog>,
    pub wrap_store: Option<WrapStore>,
    /// Keys after which a checkpoint is due; 0 for the usual number.
    pub checkpoint_keys: usize,
    /// Whether the Store is emptied first, to be replayed from the Log.
    pub wipe_store: bool,
}

impl Rig {
    /// Opens whatever is on `disk` and replays what the Store has not seen.
    pub fn open(disk: &FaultDisk) -> Result<Self, EngineError> {
        Self::open_with(disk, &Opening::default())
    }

    pub fn open_with(disk: &FaultDisk, opening: &Opening) -> Result<Self, EngineError> {
        let root = Root(vfs::root_of(disk));
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let seed = disk.calls(Calls::All);
        let (log_bytes, raw_bytes) = (64 << 10, 64 << 10);
        let options = RedoOptions { half_bytes: 32 << 10, background: false, random: seeded(seed) };
        let redo = RedoDisk::open(Arc::clone(&shared), "redo", options)?;
        // As `saldo ingest` does one time, and as a service does the other.
        if seed % 2 == 1 {
            redo.begin()?;
        }
        let staged: Arc<dyn Disk> = Arc::new(redo);
        let log = SegmentLog::open(
            Arc::clone(&staged),
            "log",
            &LogOptions {
                segment_bytes: log_bytes,
                first_segment_bytes: log_bytes / 4,
                background: false,
                hint: None,
                random: seeded(seed),
            },
        )?;
        let vault = FileVault::open(Arc::clone(&staged), "vault", &[7; 32], seeded(seed))?;
        let raw = FileRaw::open(
            staged,
            "raw",
            &[8; 32],
            &RawOptions {
                segment_bytes: raw_bytes,
                first_segment_bytes: raw_bytes / 4,
                background: false,
                random: seeded(seed),
            },
        )?;
        if opening.wipe_store {
            FileStore::reset(shared.as_ref())?;
        }
        let store = open_store(&shared, &root.0, opening.checkpoint_keys)?;
        let mut log: Arc<dyn Log> = Arc::new(log);
        let mut store: Box<dyn Store> = Box::new(store);
        if let Some(wrap) = &opening.wrap_log {
            log = wrap(log);
        }
        if let Some(wrap) = &opening.wrap_store {
            store = wrap(store);
        }
        let secrets = Secrets { index: [3; 16], blinds: [4; 32] };
        let mut engine = Engine::open(OPERATOR, secrets, log, store)?;
        engine.catch_up(&mut |_| {})?;
        node::operator::finish_closes(&mut engine)?;
        Ok(Self {
            disk: disk.clone(),
            engine,
            vault: Arc::new(vault),
            raw: Arc::new(raw),
            worker: Worker::default(),
            root,
        })
    }

    /// A new operator with the example book of `field`.
    pub fn new(field: Field) -> Self {
        Self::new_on(&FaultDisk::new(1), field)
    }

    pub fn new_on(disk: &FaultDisk, field: Field) -> Self {
        let mut rig = Self::open(disk).unwrap();
        rig.book(field).unwrap();
        rig
    }

    /// Records the book as revision 1.
    pub fn book(&mut self, field: Field) -> Result<Position, EngineError> {
        self.command(Command::Book { revision: 1, files: book_files(field), reason: String::new() })
    }

    pub fn command(&mut self, command: Command) -> Result<Position, EngineError> {
        let control = Control { at: NOW, author: "test".to_owned(), command };
        self.engine.command(control.encode())
    }

    pub fn context(&self, source: &str, file: [u8; 32]) -> Result<Context, EngineError> {
        let lookup = Arc::clone(self.engine.lookup()?);
        Ok(Context {
            operator: OPERATOR.to_owned(),
            source: source.to_owned(),
            mapping: String::new(),
            file,
            trace: None,
            preparer: self.engine.preparer(source, lookup.rules.revision)?,
            lookup,
            vault: Arc::clone(&self.vault),
            raw: Arc::clone(&self.raw),
            keep_raw: true,
            meter: Arc::new(Meter::default()),
            clock: || NOW,
            checks: None,
        })
    }

    /// Takes in one batch as a frame, of a file without a name; durable on return.
    pub fn ingest(&mut self, batch: &Batch) -> Result<(), EngineError> {
        self.ingest_part(batch, [0; 32], 0, false)
    }

    /// Takes in a batch that ends at row `rows_done` of a file.
    pub fn ingest_part(
        &mut self,
        batch: &Batch,
        file: [u8; 32],
        rows_done: u64,
        last: bool,
    ) -> Result<(), EngineError> {
        let context = self.context(&batch.source, file)?;
        let lines = batch.lines.join(&b'\n');
        let built = self.worker.frame(&lines, 0, &context, (rows_done, last))?;
        if built.prepared.rows.is_empty() {
            return Ok(());
        }
        let log = Arc::clone(self.engine.log());
        let first = log.append(std::slice::from_ref(built.prepared.frame.as_ref()))?;
        log.flush()?;
        self.engine.apply(first, built.prepared)
    }

    pub fn ingest_all(&mut self, batches: &[Batch]) {
        for batch in batches {
            self.ingest(batch).unwrap();
        }
    }

    /// Takes in single lines of one source.
    pub fn lines(&mut self, source: &str, lines: &[&str]) {
        let lines = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        self.ingest(&Batch { source: source.to_owned(), lines }).unwrap();
    }

    /// The correction of the record of `feed-a` at `position` by `line`.
    pub fn fix(&self, position: u64, line: &str) -> Command {
        let mut spare = formats::Spare::default();
        let mut draft = spare.take();
        let mut scanner = formats::Scanner::default();
        scanner.scan(line.as_bytes(), "feed-a", &mut draft).unwrap();
        draft.check_envelope().unwrap();
        let (mut record, mut holes) = (Vec::new(), Vec::new());
        let encode = |out: &mut Vec<u8>| draft.encode("house", |name| name == "player", out);
        let pushed =
            engine::record::push_event(&mut record, encode, &["player"], (0, 0), &mut holes);
        assert!(pushed.is_some());
        let revision = self.engine.lookup().unwrap().rules.revision;
        let (operator, source) = ("house".to_owned(), "feed-a".to_owned());
        Command::Fix { position, operator, source, revision, record, reason: "a slip".to_owned() }
    }

    /// Every stored total that is not empty, by path, asset and bucket.
    pub fn totals(&self) -> BTreeMap<(String, String, i32), Total> {
        let store = self.engine.store();
        let mut names = Vec::new();
        let mut note = |_, path: &str, asset: &str| names.push((path.to_owned(), asset.to_owned()));
        store.accounts(&mut note).unwrap();
        let mut totals = BTreeMap::<_, Total>::new();
        let (from, to) = engine::sums::ALWAYS;
        let mut add = |row: engine::port::TotalRow| {
            let (path, asset) = names[row.account as usize].clone();
            totals.entry((path, asset, row.bucket.0)).or_default().add(row.total).unwrap();
        };
        store.totals(from, to, &mut add).unwrap();
        totals
    }

    /// All sources' counters: received, posted, duplicate, waiting, quarantined, refused.
    pub fn counters(&self) -> [u64; 6] {
        let total = self.engine.status().unwrap().total;
        assert!(total.hold(), "{total:?}");
        [
            total.received,
            total.posted,
            total.duplicate,
            total.waiting,
            total.quarantined,
            total.refused,
        ]
    }

    /// Size and root of every stream's tree.
    pub fn roots(&self) -> Vec<(String, u64, proof::Hash)> {
        let trees = self.engine.state().streams.iter();
        trees.map(|(name, tree)| (name.to_owned(), tree.size(), tree.root())).collect()
    }

    /// What `verify` finds.
    pub fn differences(&self) -> Vec<String> {
        self.engine.verify(2, &|_, _| {}).unwrap().differences
    }

    pub fn must_verify(&self, when: &str) {
        assert_eq!(self.differences(), Vec::<String>::new(), "{when}");
    }

    /// Everything that must be the same however the input came in.
    pub fn result(&self) -> Outcome {
        Outcome {
            totals: self.totals(),
            counters: self.counters(),
            state: self.engine.state_bytes(),
            roots: self.roots(),
            statements: self.statements(),
        }
    }

    /// The bodies of all statements.
    pub fn statements(&self) -> Vec<(String, String, Vec<u8>)> {
        let closed = self.engine.all_closed().unwrap();
        closed
            .into_iter()
            .map(|(agreement, period, closed)| (agreement, period, closed.body))
            .collect()
    }
}

/// What came of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub totals: BTreeMap<(String, String, i32), Total>,
    pub counters: [u64; 6],
    pub state: Vec<u8>,
    pub roots: Vec<(String, u64, proof::Hash)>,
    pub statements: Vec<(String, String, Vec<u8>)>,
}

fn open_store(disk: &Arc<dyn Disk>, root: &str, keys: usize) -> Result<FileStore, PortError> {
    let mut options = Options::at(root);
    options.vfs = Some(vfs::NAME.to_owned());
    options.background = false;
    options.index_bytes = 1 << 16;
    if keys > 0 {
        options.checkpoint_keys = keys;
    }
    FileStore::open(Arc::clone(disk), options)
}
