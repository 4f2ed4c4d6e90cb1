//! Runs a subject's work with a fault at each call in turn, then opens it again and checks it.

use sim::disk::{Calls, Crash, Fault, FaultDisk};
use sim::rng::Rng;
use std::sync::{Arc, Mutex};

/// Fails a check with a reason, as an error, so that a test can also expect it.
#[macro_export]
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

/// Something with state on a disk, and a model of what must be there.
pub trait Subject {
    /// What was tried and what was acknowledged.
    type Model: Default;
    /// Works on a disk until done or until something fails; the model says how far it got.
    fn work(disk: &FaultDisk, model: &mut Self::Model);
    /// Opens what is on the disk, holds it against the model, and makes the model what was found:
    /// what is found once is durable.
    fn check(disk: &FaultDisk, model: &mut Self::Model) -> Result<(), String>;
    /// Adds a little more after a check, flushed or not.
    fn more(disk: &FaultDisk, model: &mut Self::Model, flush: bool) -> Result<(), String>;
}

/// Random bytes that repeat.
pub fn seeded(seed: u64) -> local::Random {
    let rng = Mutex::new(Rng::from_seed(seed));
    Arc::new(move |bytes| {
        let Ok(mut rng) = rng.lock() else { return false };
        for byte in bytes {
            *byte = rng.next_u64().to_le_bytes()[0];
        }
        true
    })
}

/// What is done to a disk before the work.
pub type Setup<'a> = &'a dyn Fn(&FaultDisk);

fn count<S: Subject>(class: Calls, setup: Setup<'_>) -> u64 {
    let disk = FaultDisk::new(1);
    setup(&disk);
    S::work(&disk, &mut S::Model::default());
    disk.calls(class)
}

/// Checks, adds something that is not flushed, loses power again, and checks again.
fn aftermath<S: Subject>(
    disk: &FaultDisk,
    model: &mut S::Model,
    mode: Crash,
    seed: u64,
) -> Result<(), String> {
    S::check(disk, model)?;
    S::more(disk, model, false)?;
    let disk = disk.crash(mode, seed + 1);
    S::check(&disk, model)?;
    S::more(&disk, model, true)?;
    S::check(&disk.crash(Crash::Lost, seed + 2), model)
}

/// The power goes off at every change in turn, in every mode.
pub fn crashes<S: Subject>(seeds: u64, setup: Setup<'_>) -> Result<(), String> {
    for at in 0..=count::<S>(Calls::Changes, setup) {
        for mode in Crash::ALL {
            for seed in 0..seeds {
                let disk = FaultDisk::new(seed);
                setup(&disk);
                disk.fail_at(Calls::Changes, at, Fault::PowerCut);
                let mut model = S::Model::default();
                S::work(&disk, &mut model);
                let after = disk.crash(mode, seed);
                setup(&after);
                aftermath::<S>(&after, &mut model, mode, seed)
                    .map_err(|why| format!("power cut at change {at}, {mode:?}, {seed}: {why}"))?;
            }
        }
    }
    Ok(())
}

/// Every call in turn fails once, in each way; the process starts again on the same disk, which
/// then loses power.
pub fn errors<S: Subject>(setup: Setup<'_>) -> Result<(), String> {
    let faults = [Fault::Eio, Fault::Enospc, Fault::ShortWrite, Fault::FlushFails];
    for at in 0..count::<S>(Calls::All, setup) {
        for fault in faults {
            let disk = FaultDisk::new(at);
            setup(&disk);
            disk.fail_at(Calls::All, at, fault);
            let mut model = S::Model::default();
            S::work(&disk, &mut model);
            let say = |why| format!("{fault:?} at call {at}: {why}");
            // The disk also loses power at once, and after a new start.
            for mode in Crash::ALL {
                let mut copy = S::Model::default();
                let again = FaultDisk::new(at);
                setup(&again);
                again.fail_at(Calls::All, at, fault);
                S::work(&again, &mut copy);
                let after = again.crash(mode, at);
                setup(&after);
                aftermath::<S>(&after, &mut copy, mode, at).map_err(say)?;
            }
            S::check(&disk, &mut model).map_err(say)?;
            let lost = disk.crash(Crash::Lost, at);
            S::check(&lost, &mut model).map_err(say)?;
            S::more(&disk, &mut model, true).map_err(say)?;
            S::check(&disk.crash(Crash::Lost, at), &mut model).map_err(say)?;
        }
    }
    Ok(())
}

/// Ignoring each class of flush must be found by one of the two.
pub fn flushes_are_needed<S: Subject>(classes: &[(&str, Setup<'_>)]) {
    for (name, setup) in classes {
        let found = crashes::<S>(2, setup).and_then(|()| errors::<S>(setup));
        assert!(found.is_err(), "nothing notices that {name} is not flushed");
    }
}
