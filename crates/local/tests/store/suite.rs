//! The conformance suite.

use crate::place::Place;
use engine::port::Store;
use local::{FileStore, Options, OsDisk};
use sim::disk::FaultDisk;
use std::sync::Arc;

#[test]
fn on_a_real_disk() {
    let dir = tempfile::tempdir().unwrap();
    let mut places = 0;
    sim::conformance::store::suite(&mut || {
        places += 1;
        let root = dir.path().join(places.to_string());
        let disk = Arc::new(OsDisk::new(&root).unwrap());
        Box::new(move || {
            let mut options = Options::at(&root);
            options.index_bytes = 150_000;
            let store: Box<dyn Store> = Box::new(FileStore::open(disk.clone(), options).unwrap());
            store
        })
    });
}

#[test]
fn on_a_fault_disk() {
    sim::conformance::store::suite(&mut || {
        let place = Place::new(FaultDisk::new(1));
        Box::new(move || {
            let store: Box<dyn Store> = Box::new(place.open().unwrap());
            store
        })
    });
}
