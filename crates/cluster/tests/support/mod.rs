//! Where the services are, and fresh places on them.

#![allow(dead_code)] // each test uses some of it

use cluster::{KafkaLog, KafkaOptions, PgOptions, PgStore};
use engine::port::PortError;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A service as `cargo xtask services` left word of it.
#[derive(Clone, Debug)]
pub struct Service {
    pub address: String,
    pub pid: String,
    /// The command that starts it again in the same place.
    pub run: Vec<String>,
    pub dir: PathBuf,
}

/// The service called `name`; without one the test says so and is left out, but where services
/// are required.
pub fn service(name: &str) -> Option<Service> {
    let folder = folder()?;
    let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
        let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
        let required = ["CI", "SALDO_REQUIRE_ALL", "SALDO_REQUIRE_SERVICES"].into_iter().any(set);
        assert!(!required, "{name} is not running: cargo xtask services start {name}");
        eprintln!("ignored: {name} is not running: cargo xtask services start {name}");
        return None;
    };
    let values = |key: &str| {
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        pairs.filter(|it| it.0 == key).map(|it| it.1.to_owned()).collect::<Vec<_>>()
    };
    Some(Service {
        address: values("address").concat(),
        pid: values("pid").concat(),
        run: values("run"),
        dir: values("dir").concat().into(),
    })
}

/// A name that nothing else has.
pub fn fresh(what: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{what}-{:x}-{next}", now.as_nanos() / 1000)
}

/// Options of a topic that was just made.
pub fn topic(kafka: &Service) -> KafkaOptions {
    let options = KafkaOptions::new(&kafka.address, &fresh("log"));
    assert!(cluster::kafka::create_topic(&options, 1, 1).expect("a topic is made"));
    options
}

/// The Log of a topic, by the next epoch.
pub fn open_log(options: &KafkaOptions, epoch: &mut u64) -> Result<KafkaLog, PortError> {
    *epoch += 1;
    KafkaLog::open(options.clone(), *epoch, 0)
}

/// Options of a shard that nobody used.
pub fn shard(postgres: &Service) -> PgOptions {
    PgOptions::new(&postgres.address, &fresh("s"))
}

/// A connection beside the Store's, and what runs it.
pub fn connect(address: &str) -> (tokio::runtime::Runtime, tokio_postgres::Client) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (client, connection) = runtime
        .block_on(tokio_postgres::connect(address, tokio_postgres::NoTls))
        .expect("connects");
    runtime.spawn(connection);
    (runtime, client)
}

/// Opens a Store.
pub fn open_store(options: &PgOptions) -> PgStore {
    PgStore::open(options).expect("a Store opens")
}

/// As long as a test waits for what must not hang.
pub const SHORT: Duration = Duration::from_secs(4);

/// Leaves word of a service's new number where its old one stands.
pub fn note_pid(name: &str, new: u32) {
    let folder = folder().expect("the folder of services");
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).expect("its file");
    let known = text.lines().find(|line| line.starts_with("pid ")).expect("its number").to_owned();
    std::fs::write(&path, text.replace(&known, &format!("pid {new}"))).expect("is written");
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("SALDO_SERVICES").filter(|it| !it.is_empty()).map(PathBuf::from);
    let cache = |name| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let cache = || cache("XDG_CACHE_HOME").or_else(|| Some(cache("HOME")?.join(".cache")));
    folder.or_else(|| Some(cache()?.join("saldo/services")))
}
