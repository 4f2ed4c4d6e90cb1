//! The power goes off at every change of the disk, and is back.

use crate::place::{Life, Place, steps};
use sim::disk::{Calls, Crash, Fault, FaultDisk};

/// Changes of the disk in a whole life.
fn changes() -> u64 {
    let place = Place::new(FaultDisk::new(0));
    let life = Life::live(&place, &steps());
    assert!(life.error.is_none(), "{:?}", life.error);
    assert_eq!(life.difference(&place), None);
    place.disk.calls(Calls::Changes)
}

/// What is wrong after the power went off at change `at`, if anything.
fn after_crash(at: u64, mode: Crash, ignore: &dyn Fn(&FaultDisk)) -> Option<String> {
    let place = Place::new(FaultDisk::new(at));
    ignore(&place.disk);
    place.disk.fail_at(Calls::Changes, at, Fault::PowerCut);
    let life = Life::live(&place, &steps());
    let back = Place::new(place.disk.crash(mode, at));
    life.difference(&back).map(|what| format!("change {at}, {mode:?}: {what}"))
}

#[test]
fn every_change_may_be_the_last() {
    let total = changes();
    assert!(total > 200, "{total} changes: the script has lost its point");
    for at in 0..=total {
        let place = Place::new(FaultDisk::new(at));
        place.disk.fail_at(Calls::Changes, at, Fault::PowerCut);
        let life = Life::live(&place, &steps());
        for mode in Crash::ALL {
            let back = Place::new(place.disk.crash(mode, at));
            let what = life.difference(&back);
            assert_eq!(what, None, "change {at} of {total}, {mode:?}, step {}", life.step);
        }
    }
}

#[test]
fn no_flush_of_a_file_is_for_nothing() {
    let total = changes();
    let check = |name: &str, ignore: &dyn Fn(&FaultDisk)| {
        let found = (0..=total).rev().find_map(|at| {
            [Crash::Lost, Crash::Sectors, Crash::Subset]
                .into_iter()
                .find_map(|mode| after_crash(at, mode, ignore))
        });
        println!("{name}: {found:?}");
        assert!(found.is_some(), "nobody misses the flush of {name}");
    };
    for files in [
        "index/",
        "totals/",
        "accounts/",
        "blocks/",
        "tiles/",
        "documents.db",
        "documents.db-journal",
        "verification.db",
        "verification.db-journal",
    ] {
        check(files, &|disk| disk.ignore_sync(files));
    }
    for dir in ["", "index", "totals", "accounts", "blocks", "tiles"] {
        check(&format!("directory {dir}"), &|disk| disk.ignore_sync_dir(dir));
    }
}
