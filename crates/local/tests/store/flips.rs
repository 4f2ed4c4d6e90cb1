//! A bit of a file turns over: it is found when the Store is opened or read, never believed.

use crate::place::{Life, Place, steps};
use local::FileStore;
use sim::disk::{Crash, FaultDisk};
use sim::rng::Rng;

/// Bits tried in each file; all of a small one's bytes.
const TRIES: u64 = 150;

/// What is noticed when bit `bit` of `path` is turned over.
fn noticed(life: &Life, disk: &FaultDisk, path: &str, bit: u64) -> bool {
    let place = Place::new(disk.crash(Crash::Kept, 0));
    assert!(place.disk.flip_bit(path, bit), "{path} has no bit {bit}");
    let found = life.difference(&place);
    let wrong = found.as_ref().filter(|what| what.contains("differ at"));
    assert_eq!(wrong, None, "{path} bit {bit} is believed");
    found.is_some()
}

#[test]
fn no_flipped_bit_is_believed() {
    let place = Place::new(FaultDisk::new(0));
    let life = Life::live(&place, &steps());
    let mut rng = Rng::from_seed(1);
    for path in place.disk.paths() {
        let bits = place.disk.bytes(&path).unwrap().len() as u64 * 8;
        if bits == 0 {
            continue;
        }
        let tries: Vec<u64> = (0..TRIES).map(|_| rng.below(bits)).collect();
        let found = tries.iter().filter(|&&bit| noticed(&life, &place.disk, &path, bit)).count();
        println!("{path}: {found} of {TRIES}");
        // Pages of a database have bytes that nothing reads.
        let all = !path.contains(".db");
        assert!(!all || found as u64 == TRIES, "{path}: {found} of {TRIES} are noticed");
        assert!(found > 0, "{path} is never verified");
    }
}

#[test]
fn what_is_lost_is_reported_and_reset() {
    let place = Place::new(FaultDisk::new(0));
    let life = Life::live(&place, &steps());
    for path in place.disk.paths().into_iter().filter(|path| !path.ends_with("-journal")) {
        let copy = Place::new(place.disk.crash(Crash::Kept, 0));
        engine::port::Disk::remove(&copy.disk, &path).unwrap();
        let what = life.difference(&copy).unwrap_or_else(|| panic!("{path} is not missed"));
        assert!(what.starts_with("does not open"), "{path}: {what}");
        FileStore::reset(&copy.disk).unwrap();
        let again = Life::live(&copy, &steps());
        assert_eq!(again.difference(&copy), None, "{path}: rebuilt");
    }
}
