//! A call of the disk fails: the Store takes nothing more, and opens again at a checkpoint.

use crate::place::{Life, Place, steps};
use engine::port::{PortFault, Store};
use sim::conformance::store::{Model, Step};
use sim::disk::{Calls, Crash, Fault, FaultDisk};

/// A life with one failing call; opened again, caught up from the Log, and after a power cut.
fn check(class: Calls, at: u64, fault: Fault) -> Option<PortFault> {
    let when = format!("{class:?} {at} {fault:?}");
    let place = Place::new(FaultDisk::new(at));
    place.disk.fail_at(class, at, fault);
    let steps = steps();
    let life = Life::live(&place, &steps);
    let mut store = place.open().unwrap_or_else(|error| panic!("{when}: {error}"));
    assert_eq!(life.difference_of(&store), None, "{when}, opened again");
    let mut model = Model::default();
    for step in &steps {
        match step {
            Step::Commit(commit) => {
                model.commit(commit);
                if commit.position > store.position() {
                    store.commit(commit.clone()).unwrap_or_else(|error| panic!("{when}: {error}"));
                }
            }
            Step::Checkpoint { state, partial } => model.checkpoint(state, partial),
        }
    }
    model.checkpoint(b"again", &[]);
    store.checkpoint(b"again", &[]).unwrap_or_else(|error| panic!("{when}: {error}"));
    model.must_equal(&store, &when);
    drop(store);
    let back = Place::new(place.disk.crash(Crash::Lost, at));
    let store = back.open().unwrap_or_else(|error| panic!("{when}, power: {error}"));
    model.must_equal(&store, &format!("{when}, power"));
    life.error.map(|error| error.fault)
}

fn calls(class: Calls) -> u64 {
    let place = Place::new(FaultDisk::new(0));
    assert!(Life::live(&place, &steps()).error.is_none());
    place.disk.calls(class)
}

#[test]
fn every_write_may_fail() {
    let writes = calls(Calls::Writes);
    let mut other = 0;
    for at in 0..writes {
        // SQLite does without some changes of a length, and calls the others an I/O error.
        let full = check(Calls::Writes, at, Fault::Enospc);
        other += u64::from(full != Some(PortFault::Full));
        check(Calls::Writes, at, Fault::ShortWrite);
    }
    assert!(other * 3 < writes, "{other} of {writes} failing writes are not told as a full disk");
}

#[test]
fn every_sync_may_fail() {
    let whole = Life::live(&Place::new(FaultDisk::new(0)), &steps());
    for at in 0..whole.syncs {
        let failed = check(Calls::Syncs, at, Fault::FlushFails);
        assert_eq!(failed, Some(PortFault::FlushFailed), "sync {at}");
    }
}

#[test]
fn every_read_may_fail() {
    let place = Place::new(FaultDisk::new(0));
    let life = Life::live(&place, &steps());
    let before = place.disk.calls(Calls::Reads);
    assert_eq!(life.difference(&place), None);
    let reads = place.disk.calls(Calls::Reads) - before;
    let mut unnoticed = 0;
    for at in 0..reads {
        let next = place.disk.calls(Calls::Reads);
        place.disk.fail_at(Calls::Reads, next + at, Fault::Eio);
        let found = life.difference(&place);
        // Closing a database reads what it then rolls back: nobody asks for it any more.
        unnoticed += u64::from(found.is_none());
        let mut silent = found.iter().filter(|what| what.contains("differ"));
        assert_eq!(silent.next(), None, "read {at} of {reads}");
    }
    assert!(unnoticed * 50 < reads, "{unnoticed} of {reads} failing reads are not noticed");
    assert_eq!(life.difference(&place), None, "nothing has changed");
}
