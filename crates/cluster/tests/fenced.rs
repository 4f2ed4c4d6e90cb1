//! One writer at a time: a writer whose time is over is told so, and what it still writes counts
//! for nobody.

mod support;

use cluster::{KafkaLog, PgStore};
use engine::port::{Commit, Log, PortError, PortFault, Store};
use sim::conformance::log::{check_holds, frame};
use support::{connect, open_store, service, shard, topic};

fn fault<T>(result: Result<T, PortError>) -> Option<PortFault> {
    result.err().map(|error| error.fault)
}

#[test]
fn a_log_has_one_writer() {
    let Some(kafka) = service("kafka") else { return };
    let options = topic(&kafka);
    let open = |epoch| KafkaLog::open(options.clone(), epoch, 0);
    let old = open(1).expect("opens");
    old.append(&[frame(1, 3, 100)]).expect("appends");
    assert_eq!(old.flush().expect("flushes"), 3);
    let new = open(2).expect("takes over");
    assert_eq!((new.end(), new.durable_end()), (3, 3));
    // The old one does not know yet: its frames go into the topic before and after the new ones.
    old.append(&[frame(8, 3, 100)]).expect("is only queued");
    new.append(&[frame(2, 4, 100)]).expect("appends");
    assert_eq!(new.flush().expect("flushes"), 7);
    assert_eq!(fault(old.flush()), Some(PortFault::Fenced), "told at its flush");
    assert_eq!(fault(old.append(&[frame(9, 1, 10)])), Some(PortFault::Fenced), "and stopped");
    assert_eq!(old.durable_end(), 3);
    new.append(&[frame(3, 2, 100)]).expect("appends");
    assert_eq!(new.flush().expect("flushes past what the old one wrote"), 9);
    let expected = [frame(1, 3, 100), frame(2, 4, 100), frame(3, 2, 100)];
    check_holds(&new, 0, &expected);
    check_holds(&open(5).expect("epochs may be left out"), 0, &expected);
    assert_eq!(fault(open(2)), Some(PortFault::Fenced), "an epoch that has been");
    assert_eq!(fault(open(5)), Some(PortFault::Fenced), "the same epoch twice");
    check_holds(&open(6).expect("opens"), 0, &expected);
}

#[test]
fn a_log_that_lost_what_the_store_has_is_refused() {
    let Some(kafka) = service("kafka") else { return };
    let options = topic(&kafka);
    let log = KafkaLog::open(options.clone(), 1, 0).expect("opens");
    log.append(&[frame(1, 3, 100)]).expect("appends");
    log.flush().expect("flushes");
    assert_eq!(fault(KafkaLog::open(options.clone(), 2, 4)), Some(PortFault::Missing));
    // And who asks for less finds it unharmed.
    let log = KafkaLog::open(options, 3, 3).expect("opens");
    check_holds(&log, 0, &[frame(1, 3, 100)]);
}

#[test]
fn a_store_has_one_writer() {
    let Some(postgres) = service("postgres") else { return };
    let options = shard(&postgres);
    let commit = |position| Commit { position, keys: vec![(position, 0)], ..Commit::default() };
    let mut old = open_store(&options);
    old.commit(commit(5)).expect("commits");
    old.checkpoint(b"old", &[]).expect("is its own");
    let mut new = open_store(&options);
    assert_eq!((new.epoch(), new.position()), (old.epoch() + 1, 5));
    old.commit(commit(9)).expect("is in memory only");
    assert_eq!(fault(old.checkpoint(b"zombie", &[])), Some(PortFault::Fenced));
    assert_eq!(fault(old.commit(commit(10))), Some(PortFault::Fenced), "and stopped");
    new.commit(commit(7)).expect("commits");
    new.checkpoint(b"new", &[]).expect("is its own");
    let again = open_store(&options);
    assert_eq!((again.position(), again.checkpoint_state()), (7, b"new".to_vec()));
    let mut found = Vec::new();
    again.probe(&[5, 9, 7], &mut found).expect("answers");
    assert_eq!(found, [(0, 0), (2, 0)], "nothing of the zombie");
}

#[test]
fn a_checkpoint_whose_connection_ends_is_whole_or_not_there() {
    let Some(postgres) = service("postgres") else { return };
    let (runtime, client) = connect(&postgres.address);
    for delay in [0_u64, 1, 2, 4, 8, 16, 32, 64, 128] {
        let options = shard(&postgres);
        let mut store = open_store(&options);
        store
            .commit(Commit { position: 3, block: vec![1; 10], ..Commit::default() })
            .expect("commits");
        store.checkpoint(b"one", &[]).expect("is written");
        let blocks = 40;
        for at in 0..blocks {
            let block = vec![7; 200_000];
            store.commit(Commit { position: 4 + at, block, ..Commit::default() }).expect("commits");
        }
        let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
                    where application_name = 'saldo' and pid <> pg_backend_pid() and exists \
                    (select 1 from pg_locks l join pg_class c on c.oid = l.relation \
                     join pg_namespace n on n.oid = c.relnamespace \
                     where l.pid = pg_stat_activity.pid and n.nspname = $1)";
        let schema = format!("saldo_{}", options.shard);
        let done = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(delay));
                runtime.block_on(client.execute(kill, &[&schema])).expect("asks the server");
            });
            store.checkpoint(b"two", &[])
        });
        let known = done.is_ok();
        if let Err(error) = done {
            assert_eq!(error.fault, PortFault::Unavailable, "{error}");
            let again = store.commit(Commit { position: 99, ..Commit::default() });
            assert_eq!(fault(again), Some(PortFault::Unavailable), "nothing more is taken");
        }
        let store: PgStore = open_store(&options);
        let mut count = 0;
        let visit = &mut |_: &[u8]| {
            count += 1;
            true
        };
        store.blocks(0, visit).expect("reads");
        let whole = (3 + blocks, b"two".to_vec(), 1 + blocks);
        let found = (store.position(), store.checkpoint_state(), count);
        eprintln!("after {delay} ms: told {known}, at {}", found.0);
        assert!(found == whole || !known && found == (3, b"one".to_vec(), 1), "{found:?}");
    }
}
