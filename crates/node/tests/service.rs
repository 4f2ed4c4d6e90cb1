//! A shared operator: many callers at once, what they are told, commands in between, the end.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::{Command, Control};
use ledger::Outcome;
use node::service::{Delivery, Taken, Wait};
use node::{Purpose, Service, Session};
use sim::world::{Field, stormy};
use std::path::Path;
use std::sync::mpsc::channel;
use support::input::{Batch, arrivals, by_source, in_order};
use support::rig::{OPERATOR, book_files};
use support::shape::bet;

const FEED: &str = "feed-a";

/// A new directory with the gaming book.
fn home() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    node::init::init(dir.path(), &book_files(Field::Gaming), OPERATOR).unwrap();
    dir
}

fn open(dir: &Path) -> Session {
    Session::open(dir, None, Purpose::Change, &mut |_, _| {}).unwrap()
}

/// Rows one after another in a body.
fn delivery(batch: &Batch, wait: Wait, done: node::service::Done) -> Delivery {
    let (mut body, mut rows) = (Vec::new(), Vec::new());
    for line in &batch.lines {
        rows.push(body.len()..body.len() + line.len());
        body.extend_from_slice(line);
    }
    Delivery { source: batch.source.clone(), body, rows, wait, trace: None, done }
}

/// Delivers and waits for the answer.
fn deliver(service: &Service, batch: &Batch, wait: Wait) -> Taken {
    let (told, tell) = channel();
    let done = Box::new(move |taken| told.send(taken).unwrap());
    service.deliver(delivery(batch, wait, done)).unwrap();
    tell.recv().unwrap().unwrap()
}

fn batch(lines: &[String]) -> Batch {
    let lines = lines.iter().map(|line| line.clone().into_bytes()).collect();
    Batch { source: FEED.to_owned(), lines }
}

/// Outcomes of the rows, in order.
fn outcomes(taken: &Taken) -> Vec<u8> {
    let each = taken.parts.iter().flat_map(|part| {
        let applied = part.applied.as_ref().unwrap();
        applied.outcomes[part.records.clone()].to_vec()
    });
    each.collect()
}

fn shape(session: &Session) -> String {
    let status = session.operator.engine.status().unwrap();
    let streams = status.streams.iter().filter(|stream| stream.name != "control");
    let streams: Vec<_> = streams.map(|stream| (&stream.name, stream.size)).collect();
    format!("{:?} {streams:?} {}", status.total, status.accounts)
}

#[test]
fn many_callers_at_once_bring_in_what_one_file_would() {
    let options = stormy(Field::Gaming, 1_500, 7);
    let lines = arrivals(&options);
    let (alone, shared) = (home(), home());
    let one = Service::start(open(alone.path()), 1).unwrap();
    for batch in by_source(&lines, 100_000) {
        deliver(&one, &batch, Wait::Applied);
    }
    let expected = one.read(shape);
    let many = Service::start(open(shared.path()), 2).unwrap();
    let batches = in_order(&lines, 3);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (many, batches) = (&many, &batches);
            scope.spawn(move || {
                for (at, batch) in batches.iter().enumerate().filter(|(at, _)| at % 4 == thread) {
                    let wait = if at % 2 == 0 { Wait::Accepted } else { Wait::Applied };
                    let taken = deliver(many, batch, wait);
                    let records: usize = taken.parts.iter().map(|part| part.records.len()).sum();
                    assert_eq!(records, batch.lines.len());
                }
            });
        }
    });
    drop(many);
    let session = open(shared.path());
    assert_eq!(shape(&session), expected);
    assert_eq!(session.operator.opened.replayed, 0, "a stop leaves nothing to replay");
}

#[test]
fn each_row_is_told_what_became_of_it() {
    let home = home();
    let service = Service::start(open(home.path()), 1).unwrap();
    let lines = [bet("a", "1.00", 0), bet("a", "1.00", 0), bet("a", "2.00", 0), "{".to_owned()];
    let taken = deliver(&service, &batch(&lines), Wait::Applied);
    let (posted, kept) = (Outcome::Posted as u8, Outcome::Quarantined as u8);
    assert_eq!(outcomes(&taken), [posted, 0, kept, kept]);
    let applied = taken.parts[0].applied.as_ref().unwrap();
    let failed: Vec<_> = applied.failures.iter().map(|(at, why)| (*at, why.page().code)).collect();
    assert_eq!(failed.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(failed[0].1, "E2501");
    let position = taken.parts[0].first + 4;
    assert!(service.wait_for(position, std::time::Duration::ZERO));
    assert_eq!(service.position(), position);
    assert!(deliver(&service, &batch(&[]), Wait::Applied).parts.is_empty());
}

#[test]
fn a_command_runs_between_frames_and_the_rest_goes_on() {
    let home = home();
    let service = Service::start(open(home.path()), 2).unwrap();
    std::thread::scope(|scope| {
        let service = &service;
        for thread in 0..3 {
            scope.spawn(move || {
                for at in 0..40 {
                    let lines = [bet(&format!("{thread}-{at}"), "1.00", at)];
                    deliver(service, &batch(&lines), Wait::Accepted);
                }
            });
        }
        for _ in 0..10 {
            let refused = Command::Refused { source: FEED.into(), code: "E1".into(), count: 1 };
            let control = Control { at: 1, author: "test".into(), command: refused };
            let work = move |s: &mut Session| s.operator.engine.command(control.encode());
            service.command(work).unwrap().unwrap();
        }
    });
    service.command(|_| ()).unwrap();
    let total = service.read(|session| session.operator.engine.status().unwrap().total);
    assert_eq!((total.posted, total.refused, total.received), (120, 10, 130));
}

#[test]
fn what_cannot_be_taken_is_refused_at_once() {
    let home = home();
    let service = Service::start(open(home.path()), 1).unwrap();
    let refused = |batch: &Batch| {
        let nothing: node::service::Done = Box::new(|_| {});
        service.deliver(delivery(batch, Wait::Accepted, nothing)).unwrap_err().code()
    };
    let other = Batch { source: "nobody".into(), lines: vec![b"{}".to_vec()] };
    assert_eq!(refused(&other), "E5201");
    let many = Batch {
        source: FEED.into(),
        lines: vec![b"{}".to_vec(); node::service::DELIVERY_ROWS_MAX + 1],
    };
    assert_eq!(refused(&many), "E5323");
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn what_only_the_redo_file_has_after_a_power_cut_is_backed_up_and_served() {
    let (running, cut, out) = (home(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let service = Service::start(open(running.path()), 1).unwrap();
    let line = |n: u32| bet(&format!("r-{n}"), "1.00", n);
    deliver(&service, &batch(&[line(0)]), Wait::Accepted);
    // The files as they were, and the redo file as it is: nothing else reached the disk.
    copy_tree(running.path(), cut.path());
    for n in 1..6 {
        deliver(&service, &batch(&[line(n)]), Wait::Accepted);
    }
    let redo = Path::new("data").join(OPERATOR).join("redo");
    std::fs::copy(running.path().join(&redo), cut.path().join(&redo)).unwrap();
    drop(service);
    let all = open(running.path()).operator.engine.log().end();

    let again = tempfile::tempdir().unwrap();
    copy_tree(cut.path(), again.path());
    let out = out.path().join("backup");
    let place = node::home::Home::open(again.path()).unwrap();
    let manifest = node::backup::backup(&place, &out, true, 0).unwrap();
    assert_eq!(manifest.records[OPERATOR], all);
    assert_eq!(shape(&open(cut.path())), shape(&open(running.path())));
}
