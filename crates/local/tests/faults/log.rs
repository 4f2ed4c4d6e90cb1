//! The Log under faults.

use super::ensure;
use super::harness::{self, Subject, seeded};
use engine::port::{Frame, Log, PortError, PortFault};
use local::{Hint, LogOptions, SegmentLog};
use sim::conformance::log::{check_holds, frame};
use sim::disk::{Crash, FaultDisk};
use std::sync::Arc;

fn options(hint: Option<Hint>) -> LogOptions {
    LogOptions {
        segment_bytes: 8 << 10,
        first_segment_bytes: 3 << 10,
        background: false,
        hint,
        random: seeded(5),
    }
}

fn open(disk: &FaultDisk) -> Result<SegmentLog, PortError> {
    SegmentLog::open(Arc::new(disk.clone()), "op/log", &options(None))
}

/// Everything tried; the first `durable` frames were acknowledged.
#[derive(Default)]
struct Model {
    frames: Vec<Frame>,
    durable: usize,
}

struct LogSubject;

impl LogSubject {
    fn try_work(disk: &FaultDisk, model: &mut Model) -> Result<(), PortError> {
        let log = open(disk)?;
        for round in 0..6_u64 {
            for seed in 0..3 {
                let bytes = [40, 300, 1400][usize::try_from((round + seed) % 3).unwrap_or(0)];
                let frame = frame(round * 10 + seed, 1 + u32::try_from(seed).unwrap_or(0), bytes);
                model.frames.push(frame.clone());
                log.append(&[frame])?;
            }
            if round != 3 {
                log.flush()?;
                model.durable = model.frames.len();
            }
        }
        Ok(())
    }

    fn read(disk: &FaultDisk) -> Result<Vec<Frame>, PortError> {
        let log = open(disk)?;
        let mut reader = log.reader(0)?;
        let mut frames = Vec::new();
        while let Some(view) = reader.next_frame()? {
            let ends = view.ends.as_chunks().0.iter().map(|end| u32::from_le_bytes(*end));
            frames.push(Frame {
                kind: view.kind,
                header: view.header.to_vec(),
                records: view.records.to_vec(),
                ends: ends.collect(),
            });
        }
        Ok(frames)
    }
}

impl Subject for LogSubject {
    type Model = Model;

    fn work(disk: &FaultDisk, model: &mut Model) {
        // How far it got is in the model.
        let _ = Self::try_work(disk, model);
    }

    fn check(disk: &FaultDisk, model: &mut Model) -> Result<(), String> {
        let found = Self::read(disk).map_err(|error| error.to_string())?;
        ensure!(found.len() >= model.durable, "{} of {}", found.len(), model.durable);
        ensure!(model.frames.starts_with(&found), "not what was appended");
        model.durable = found.len();
        model.frames = found;
        Ok(())
    }

    fn more(disk: &FaultDisk, model: &mut Model, flush: bool) -> Result<(), String> {
        let log = open(disk).map_err(|error| error.to_string())?;
        for seed in 100..103 {
            let frame = frame(seed, 2, 350);
            model.frames.push(frame.clone());
            log.append(&[frame]).map_err(|error| error.to_string())?;
        }
        if flush {
            log.flush().map_err(|error| error.to_string())?;
            model.durable = model.frames.len();
        }
        Ok(())
    }
}

#[test]
fn power_cut_at_every_change() {
    harness::crashes::<LogSubject>(3, &|_| {}).expect("what was flushed is there");
}

#[test]
fn error_at_every_call() {
    harness::errors::<LogSubject>(&|_| {}).expect("what was flushed is there");
}

#[test]
fn every_flush_is_needed() {
    harness::flushes_are_needed::<LogSubject>(&[
        ("a new segment", &|disk| disk.ignore_sync("next")),
        ("a segment", &|disk| disk.ignore_sync(".seg")),
        ("the directory of segments", &|disk| disk.ignore_sync_dir("op/log")),
        ("the directory above", &|disk| disk.ignore_sync_dir("op")),
        ("the root", &|disk| disk.ignore_sync_dir("")),
    ]);
}

/// A Log with several segments, all flushed.
fn full() -> (FaultDisk, Vec<Frame>, Hint) {
    let disk = FaultDisk::new(9);
    let mut model = Model::default();
    LogSubject::try_work(&disk, &mut model).expect("nothing fails");
    let hint = open(&disk).expect("opens").durable_hint();
    (disk, model.frames, hint)
}

#[test]
fn a_bit_that_flips_is_found() {
    let (disk, frames, end) = full();
    let last = format!("op/log/{:020}.seg", end.segment);
    for path in disk.paths() {
        let used =
            if path == last { end.offset } else { disk.bytes(&path).map_or(0, |b| b.len() as u64) };
        for bit in (0..used * 8).step_by(13) {
            let flipped = disk.crash(Crash::Kept, 1);
            assert!(flipped.flip_bit(&path, bit));
            match LogSubject::read(&flipped) {
                Err(error) => {
                    let known = [PortFault::Corrupt, PortFault::UnknownFormat];
                    assert!(known.contains(&error.fault), "{error} at bit {bit} of {path}");
                    assert!(error.what.contains("offset"), "{error} names no offset");
                }
                // Zeros after the last frame of a segment hold nothing that could be lost.
                Ok(found) => assert_eq!(found, frames, "bit {bit} of {path} is not found"),
            }
        }
    }
}

#[test]
fn a_missing_segment_is_found() {
    let (disk, _, _) = full();
    let paths = disk.paths();
    assert!(paths.len() > 3, "{paths:?}");
    for path in &paths[..paths.len() - 1] {
        let broken = disk.crash(Crash::Kept, 1);
        engine::port::Disk::remove(&broken, path).expect("it is removed");
        assert!(open(&broken).is_err(), "{path} is missed");
    }
}

#[test]
fn a_hint_spares_the_scan() {
    let (disk, frames, hint) = full();
    let again = disk.crash(Crash::Lost, 1);
    let reads = |hint| {
        let before = again.calls(sim::disk::Calls::Reads);
        let options = options(hint);
        let log = SegmentLog::open(Arc::new(again.clone()), "op/log", &options).expect("opens");
        (log, again.calls(sim::disk::Calls::Reads) - before)
    };
    let (log, few) = reads(Some(hint));
    check_holds(&log, 0, &frames);
    drop(log);
    let (_, many) = reads(None);
    assert!(few < many, "{few} reads with a hint, {many} without");
    let early = Hint { offset: hint.offset - 40, ..hint };
    for bad in [early, Hint { segment: 77, ..hint }] {
        let opened = SegmentLog::open(Arc::new(again.clone()), "op/log", &options(Some(bad)));
        assert!(opened.is_err(), "{bad:?} is not a place in the log");
    }
}

#[test]
fn after_an_error_nothing_more_is_written() {
    let disk = FaultDisk::new(3);
    let log = open(&disk).expect("opens");
    log.append(&[frame(1, 1, 10)]).expect("appends");
    let syncs = sim::disk::Calls::Syncs;
    disk.fail_at(syncs, disk.calls(syncs), sim::disk::Fault::FlushFails);
    let fault = log.flush().map_err(|error| error.fault);
    assert_eq!(fault, Err(PortFault::FlushFailed));
    assert_eq!(
        log.append(&[frame(2, 1, 10)]).map_err(|error| error.fault),
        Err(PortFault::FlushFailed)
    );
    assert_eq!(log.flush().map_err(|error| error.fault), Err(PortFault::FlushFailed));
    assert_eq!(log.durable_end(), 0);
}
