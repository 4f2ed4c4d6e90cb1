//! The broker killed, stopped and away. It is the broker of all tests: those of this file run one
//! after another, and beside none of another file.

mod support;

use cluster::{KafkaLog, KafkaOptions, PgOptions, PgStore};
use engine::port::{Frame, Log, PortFault};
use sim::conformance::log::{check_holds, frame};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use support::{SHORT, Service, open_log, service, topic};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn signal(pid: &str, name: &str) {
    let status = Command::new("kill").args(["-s", name, pid]).status();
    assert!(status.expect("kill starts").success());
}

/// Starts the broker again, and leaves word of its new number.
#[allow(clippy::zombie_processes)] // it outlives this test: others talk to it
fn start_again(kafka: &Service) {
    let log = std::fs::File::options().append(true).open(kafka.dir.join("log")).expect("its log");
    let mut command = Command::new(&kafka.run[0]);
    command.args(&kafka.run[1..]).stdin(Stdio::null()).stderr(Stdio::null()).stdout(log);
    let child = command.spawn().expect("java starts");
    support::note_pid("kafka", child.id());
}

#[test]
fn what_was_flushed_survives_a_killed_broker() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(kafka) = service("kafka") else { return };
    let options = topic(&kafka);
    let mut epoch = 0;
    let log = open_log(&options, &mut epoch).expect("opens");
    let mut frames: Vec<Frame> = Vec::new();
    let mut flushed = 0;
    for round in 0..60 {
        let batch: Vec<_> = (0..4).map(|at| frame(round * 10 + at, 5, 2000)).collect();
        log.append(&batch).expect("appends");
        frames.extend(batch);
        if round == 20 {
            signal(&kafka.pid, "KILL");
            start_again(&kafka);
        }
        if round % 5 == 0 {
            flushed = log.flush().expect("the broker comes back in time");
        }
    }
    assert_eq!(flushed, (55 * 4 + 4) * 5, "all that was appended before the last flush");
    // What was queued and not flushed may be there; what was flushed must be, once.
    drop(log);
    let log = open_log(&options, &mut epoch).expect("opens again");
    assert!(log.end() >= flushed && log.end().is_multiple_of(5), "{} of {flushed}", log.end());
    let there = usize::try_from(log.end() / 5).expect("few frames");
    check_holds(&log, 0, &frames[..there]);
}

#[test]
fn a_broker_that_does_not_answer_is_not_waited_for_longer_than_told() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(kafka) = service("kafka") else { return };
    let options = KafkaOptions { patience: SHORT, ..topic(&kafka) };
    let mut epoch = 0;
    let log = open_log(&options, &mut epoch).expect("opens");
    log.append(&[frame(1, 2, 100)]).expect("appends");
    assert_eq!(log.flush().expect("flushes"), 2);
    signal(&kafka.pid, "STOP");
    let start = Instant::now();
    log.append(&[frame(2, 2, 100)]).expect("is only queued");
    let error = log.flush().expect_err("nobody answers");
    let took = start.elapsed();
    let opened = open_log(&options, &mut epoch).err().map(|error| error.fault);
    let both = start.elapsed();
    signal(&kafka.pid, "CONT");
    assert_eq!(error.fault, PortFault::Unavailable, "{error}");
    let page = error.fault.page();
    assert_eq!((page.code, page.hint.is_empty()), ("E4109", false));
    assert!(took < SHORT * 2 + Duration::from_secs(5), "{took:?}");
    assert_eq!(opened, Some(PortFault::Unavailable));
    assert!(both < SHORT * 5 + Duration::from_secs(10), "{both:?}");
    let stopped = log.append(&[frame(3, 2, 100)]).err().map(|error| error.fault);
    assert_eq!(stopped, Some(PortFault::Unavailable), "nothing more is taken");
    let log = KafkaLog::open(topic_again(&options), epoch + 1, 2).expect("opens again");
    let there = usize::try_from(log.end() / 2).expect("few frames");
    check_holds(&log, 0, &[frame(1, 2, 100), frame(2, 2, 100)][..there]);
}

fn topic_again(options: &KafkaOptions) -> KafkaOptions {
    KafkaOptions { patience: cluster::limits::PATIENCE, ..options.clone() }
}

#[test]
fn a_service_that_is_away_is_an_error_with_a_code() {
    let start = Instant::now();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    let mut options = KafkaOptions::new(&format!("127.0.0.1:{port}"), "nothing");
    options.patience = Duration::from_secs(1);
    let error = KafkaLog::open(options, 1, 0).err().expect("nobody is there");
    assert_eq!(error.fault, PortFault::Unavailable, "{error}");
    let mut options = PgOptions::new(&format!("postgres://u:p@127.0.0.1:{port}/d"), "s");
    options.patience = Duration::from_secs(1);
    let error = PgStore::open(&options).err().expect("nobody is there");
    assert_eq!(error.fault, PortFault::Unavailable, "{error}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}
