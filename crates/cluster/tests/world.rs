//! One small world on both: an operator whose Log is Kafka and whose Store is PostgreSQL comes to
//! the very statements, totals and tree roots of an embedded one, also when it is dropped without
//! a checkpoint in between, and taken over by another process.

mod support;

use cluster::{KafkaLog, KafkaOptions, PgOptions, PgStore};
use engine::port::{Disk, Log, Store, TotalRow};
use engine::{Command, Control};
use ledger::Total;
use local::{
    FileInvoices, FileRaw, FileStore, FileVault, LogOptions, Options, OsDisk, RawOptions,
    SegmentLog,
};
use node::intake::Meter;
use node::intake::build::Context;
use node::intake::lines::Worker;
use node::keys::Keys;
use node::operator::{Operator, Ports};
use sim::rng::Rng;
use sim::world::{Field, World, WorldOptions, stormy};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{service, shard, topic};

const OPERATOR: &str = "house";
/// 2026-06-01T00:00:00Z: after the world.
const NOW: i64 = 1_780_272_000_000_000_000;
const PERIOD: &str = "2026-03";

/// Random bytes that repeat: so that pseudonyms are the same in both.
fn seeded() -> local::Random {
    let rng = Mutex::new(Rng::from_seed(7));
    Arc::new(move |bytes| {
        let mut rng = rng.lock().expect("no test panics here");
        bytes.iter_mut().for_each(|byte| *byte = rng.next_u64().to_le_bytes()[0]);
        true
    })
}

/// Where the Log and the Store of a run are.
enum Place {
    Embedded,
    Cluster(KafkaOptions, PgOptions),
}

impl Place {
    fn open(&self, dir: &Path, keys: &Keys) -> Operator {
        let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(dir).expect("a directory"));
        let vault = FileVault::open(Arc::clone(&disk), "vault", &keys.vault, seeded());
        let raw = FileRaw::open(Arc::clone(&disk), "raw", &keys.raw, &RawOptions::default());
        let invoices = FileInvoices::open(Arc::clone(&disk), "invoices").expect("a directory");
        let (log, store): (Arc<dyn Log>, Box<dyn Store>) = match self {
            Self::Embedded => {
                let log = SegmentLog::open(Arc::clone(&disk), "log", &LogOptions::default());
                let store = FileStore::open(disk, Options::at(dir));
                (Arc::new(log.expect("a Log")), Box::new(store.expect("a Store")))
            }
            Self::Cluster(kafka, postgres) => {
                let store = PgStore::open(postgres).expect("a Store");
                let log = KafkaLog::open(kafka.clone(), store.epoch(), store.position());
                (Arc::new(log.expect("a Log")), Box::new(store))
            }
        };
        let (vault, raw) = (Arc::new(vault.expect("a Vault")), Arc::new(raw.expect("raw rows")));
        let ports = Ports { log, store, vault, raw, invoices: Arc::new(invoices) };
        Operator::over(OPERATOR, keys, ports, &mut |_, _| {}).expect("an operator")
    }
}

/// Everything that must be the same.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    totals: BTreeMap<(String, String, i32), Total>,
    roots: Vec<(String, u64, proof::Hash)>,
    statements: Vec<(String, String, Vec<u8>)>,
    state: Vec<u8>,
    counts: String,
}

fn outcome(operator: &Operator) -> Outcome {
    let engine = &operator.engine;
    let mut names = Vec::new();
    let note = &mut |_, path: &str, asset: &str| names.push((path.to_owned(), asset.to_owned()));
    engine.store().accounts(note).expect("accounts");
    let mut totals = BTreeMap::<_, Total>::new();
    let (from, to) = engine::sums::ALWAYS;
    let add = &mut |row: TotalRow| {
        let (path, asset) = names[row.account as usize].clone();
        let sum = totals.entry((path, asset, row.bucket.0)).or_default();
        sum.add(row.total).expect("sums fit");
    };
    engine.store().totals(from, to, add).expect("totals");
    let trees = engine.state().streams.iter();
    let closed = engine.all_closed().expect("closes");
    Outcome {
        totals,
        roots: trees.map(|(name, tree)| (name.to_owned(), tree.size(), tree.root())).collect(),
        statements: closed.into_iter().map(|(name, period, it)| (name, period, it.body)).collect(),
        state: engine.state_bytes(),
        counts: format!("{:?}", engine.status().expect("a status").total),
    }
}

fn command(operator: &mut Operator, command: Command) {
    let control = Control { at: NOW, author: "test".to_owned(), command };
    operator.engine.command(control.encode()).expect("a command is taken");
}

/// Lines of one source that come together.
type Batch = (String, Vec<u8>);

fn batches(options: &WorldOptions, lines: usize) -> Vec<Batch> {
    let mut batches: Vec<(String, Vec<u8>, usize)> = Vec::new();
    for line in World::new(options.clone()).expect("a world") {
        let rest = line.raw.strip_prefix(b"{\"source\":\"").expect("it begins so");
        let source: Vec<u8> = rest.iter().copied().take_while(|byte| *byte != b'"').collect();
        let source = String::from_utf8(source).expect("a name");
        match batches.last_mut() {
            Some((last, text, count)) if *last == source && *count < lines => {
                text.push(b'\n');
                text.extend(&line.raw);
                *count += 1;
            }
            _ => batches.push((source, line.raw, 1)),
        }
    }
    batches.into_iter().map(|(source, text, _)| (source, text)).collect()
}

fn ingest(operator: &mut Operator, (source, lines): &Batch) {
    let lookup = Arc::clone(operator.engine.lookup().expect("a book"));
    let context = Context {
        operator: OPERATOR.to_owned(),
        source: source.clone(),
        trace: None,
        mapping: String::new(),
        file: [0; 32],
        preparer: operator.engine.preparer(source, lookup.rules.revision).expect("a preparer"),
        lookup,
        vault: Arc::clone(&operator.vault),
        raw: Arc::clone(&operator.raw),
        keep_raw: true,
        meter: Arc::new(Meter::default()),
        clock: || NOW,
        checks: None,
    };
    let built = Worker::default().frame(lines, 0, &context, (0, false)).expect("a frame");
    if built.prepared.rows.is_empty() {
        return;
    }
    let log = Arc::clone(operator.engine.log());
    let first = log.append(std::slice::from_ref(built.prepared.frame.as_ref())).expect("appends");
    log.flush().expect("flushes");
    operator.engine.apply(first, built.prepared).expect("applies");
    if operator.engine.checkpoint_due() {
        operator.engine.checkpoint().expect("a checkpoint");
    }
}

fn close_all(operator: &mut Operator) -> usize {
    for contest in operator.engine.contests().expect("contests") {
        let reason = "the first one holds".to_owned();
        let later = contest.later;
        command(operator, Command::Resolve { later, keep_later: false, reason });
    }
    let current = operator.engine.state().books.current().expect("a book");
    let kind = PERIOD.parse::<settle::Period>().expect("a period").kind();
    let agreements = current.compiled.agreements.iter().filter(|it| it.period == kind);
    let mut names: Vec<_> = agreements.map(|it| it.name.clone()).collect();
    names.dedup();
    for name in &names {
        operator.engine.close(name, PERIOD, NOW, "test").expect("it closes");
    }
    names.len()
}

/// A life: half of the world, a death, the other half, a close, a death. What came of it, and how
/// long the events took.
fn live(place: &Place, options: &WorldOptions, keys: &Keys) -> (Outcome, Duration) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut operator = place.open(dir.path(), keys);
    let files = book::example::template(options.field.name()).expect("an example");
    let adapt = |(path, text): (&str, &str)| {
        let text = text.replace(book::example::OPERATOR_PLACEHOLDER, OPERATOR);
        // The worlds' broken amounts have one decimal more than a euro.
        let text = text.replace("EUR: { scale: 4", "EUR: { scale: 2");
        (path.to_owned(), text.into_bytes())
    };
    let files = files.into_iter().map(adapt).collect();
    command(&mut operator, Command::Book { revision: 1, files, reason: String::new() });
    let batches = batches(options, 500);
    let start = Instant::now();
    for (at, batch) in batches.iter().enumerate() {
        ingest(&mut operator, batch);
        if at == batches.len() / 3 {
            operator.engine.checkpoint().expect("a checkpoint");
        }
        if at == batches.len() / 2 {
            let before = outcome(&operator);
            drop(operator);
            operator = place.open(dir.path(), keys);
            assert!(operator.opened.replayed > 0, "there was something to replay");
            assert_eq!(outcome(&operator), before, "as it was before it was dropped");
        }
    }
    operator.engine.checkpoint().expect("a checkpoint");
    let took = start.elapsed();
    assert!(close_all(&mut operator) > 0, "something was closed");
    let before = outcome(&operator);
    drop(operator);
    let operator = place.open(dir.path(), keys);
    assert_eq!(outcome(&operator), before, "as it was before it was dropped, closed");
    let found = operator.engine.verify(2, &|_, _| {}).expect("it verifies");
    assert_eq!(found.differences, Vec::<String>::new());
    (before, took)
}

#[test]
fn the_cluster_comes_to_what_the_embedded_comes_to() {
    let (Some(kafka), Some(postgres)) = (service("kafka"), service("postgres")) else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let keys = Keys::create(&dir.path().join("keys"), OPERATOR).expect("keys");
    for (field, events) in [(Field::Gaming, 3_000), (Field::Marketplace, 1_500)] {
        let options = WorldOptions { orphans_ppm: 0, ..stormy(field, events, 11) };
        let (embedded, alone) = live(&Place::Embedded, &options, &keys);
        let place = Place::Cluster(topic(&kafka), shard(&postgres));
        let (clustered, both) = live(&place, &options, &keys);
        assert!(!embedded.statements.is_empty() && embedded.counts.contains("duplicate"));
        assert_eq!(clustered, embedded, "{field}");
        eprintln!("{field}: {events} events: {alone:?} embedded, {both:?} on services");
    }
}

/// `SALDO_LONG=1` prints what a larger world takes on services.
#[test]
fn figures() {
    if !std::env::var("SALDO_LONG").is_ok_and(|value| value == "1") {
        return;
    }
    let (Some(kafka), Some(postgres)) = (service("kafka"), service("postgres")) else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let keys = Keys::create(&dir.path().join("keys"), OPERATOR).expect("keys");
    // One source: else each line or two would be a batch with a flush of its own.
    let (orphans_ppm, sources) = (0, vec!["feed-a".to_owned()]);
    let options = WorldOptions { orphans_ppm, sources, ..stormy(Field::Gaming, 100_000, 12) };
    let place = Place::Cluster(topic(&kafka), shard(&postgres));
    for (name, place) in [("embedded", &Place::Embedded), ("services", &place)] {
        let (found, took) = live(place, &options, &keys);
        println!("{name}: {} in {took:?}", found.counts);
    }
    let Place::Cluster(_, postgres) = &place else { return };
    for (what, bytes) in PgStore::open(postgres).expect("opens").stored_bytes().expect("sizes") {
        println!("{what}: {} bytes an event", bytes / options.events);
    }
}
