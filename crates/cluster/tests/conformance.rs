//! The conformance suites of Log and Store on real services: each place is a fresh topic or
//! schema.

mod support;

use engine::port::{Log, Store};
use sim::conformance::{self, Reopen};
use support::{open_log, open_store, service, shard, topic};

#[test]
fn log_on_kafka() {
    let Some(kafka) = service("kafka") else { return };
    conformance::log::run(&|| -> Reopen<dyn Log> {
        let (options, mut epoch) = (topic(&kafka), 0);
        Box::new(move || Box::new(open_log(&options, &mut epoch).expect("opens")))
    });
}

#[test]
fn store_on_postgresql() {
    let Some(postgres) = service("postgres") else { return };
    conformance::store::suite(&mut || -> Reopen<dyn Store> {
        let options = shard(&postgres);
        Box::new(move || Box::new(open_store(&options)))
    });
}
