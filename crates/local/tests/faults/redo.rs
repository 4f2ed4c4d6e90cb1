//! Log, Vault and raw rows on a disk with a redo file, under faults: whoever finds a frame finds
//! the rows and the person that it is about.

use super::ensure;
use super::harness::{self, Subject, seeded};
use engine::port::{Disk, Log, PortError, PortFault, Pseudonym, RawBlockId, RawStore, Vault};
use local::{FileRaw, FileVault, LogOptions, RawOptions, RedoDisk, RedoOptions, SegmentLog};
use sim::conformance::log::frame;
use sim::conformance::raw::rows;
use sim::disk::{Calls, Crash, Fault, FaultDisk};
use std::sync::Arc;

/// Bytes of a half that some records fill.
const SMALL_HALF_BYTES: u64 = 16 << 10;
/// Bytes of a half that no test here fills.
const LARGE_HALF_BYTES: u64 = 64 << 10;

struct Ports {
    redo: RedoDisk,
    log: SegmentLog,
    vault: FileVault,
    raw: FileRaw,
}

fn open(disk: &FaultDisk) -> Result<Ports, PortError> {
    open_with(disk, SMALL_HALF_BYTES)
}

fn open_with(disk: &FaultDisk, half_bytes: u64) -> Result<Ports, PortError> {
    let random = seeded(disk.calls(Calls::All));
    let options = RedoOptions { half_bytes, background: false, random: Arc::clone(&random) };
    let redo = RedoDisk::open(Arc::new(disk.clone()), "redo", options)?;
    let shared: Arc<dyn Disk> = Arc::new(redo.clone());
    let log = LogOptions {
        segment_bytes: 32 << 10,
        first_segment_bytes: 8 << 10,
        background: false,
        hint: None,
        random: Arc::clone(&random),
    };
    let raw = RawOptions {
        segment_bytes: 32 << 10,
        first_segment_bytes: 4 << 10,
        background: false,
        random: Arc::clone(&random),
    };
    let log = SegmentLog::open(Arc::clone(&shared), "log", &log)?;
    let vault = FileVault::open(Arc::clone(&shared), "vault", &[7; 32], random)?;
    let raw = FileRaw::open(shared, "raw", &[8; 32], &raw)?;
    redo.begin()?;
    Ok(Ports { redo, log, vault, raw })
}

/// What a frame is about.
#[derive(Clone)]
struct Entry {
    seed: u64,
    person: String,
    pseudonym: Pseudonym,
    block: RawBlockId,
    rows: Vec<u8>,
}

/// Everything tried; the frames of the first `durable` were acknowledged.
#[derive(Default)]
struct Model {
    entries: Vec<Entry>,
    durable: usize,
    /// People whose erasure began, and whether it was acknowledged.
    erased: Vec<(String, Pseudonym, bool)>,
}

/// The rows of a block once its person is erased.
fn edited(rows: &[u8]) -> Vec<u8> {
    let mut rows = rows.to_vec();
    rows[..50].fill(b'*');
    rows
}

impl Model {
    /// Brings one frame: a person, rows, then the frame that refers to them.
    fn bring(&mut self, to: &Ports, seed: u64) -> Result<(), PortError> {
        let person = format!("person-{seed}");
        let mut out = Vec::new();
        to.vault.pseudonyms(&[&person], &mut out)?;
        let rows = rows(seed, [200, 900, 6000][usize::try_from(seed % 3).unwrap_or(0)]);
        let block = to.raw.append("s", i32::try_from(seed / 20).unwrap_or(0), &rows)?;
        to.vault.flush()?;
        to.raw.flush()?;
        self.entries.push(Entry { seed, person, pseudonym: out[0], block, rows });
        to.log.append(&[Self::frame(seed)])?;
        Ok(())
    }

    fn frame(seed: u64) -> engine::port::Frame {
        frame(seed, 1, [60, 60, 60, 5000][usize::try_from(seed % 4).unwrap_or(0)])
    }

    fn flush(&mut self, on: &Ports) -> Result<(), PortError> {
        on.log.flush()?;
        self.durable = self.entries.len();
        Ok(())
    }

    fn erase(&mut self, from: &Ports, seed: u64) -> Result<(), PortError> {
        let Some(entry) = self.entries.iter().find(|entry| entry.seed == seed) else {
            return Ok(());
        };
        let Entry { person, pseudonym, block, .. } = entry.clone();
        self.erased.push((person.clone(), pseudonym, false));
        from.vault.erase(&person)?;
        from.raw.rewrite(&mut |id, rows| {
            if id == block {
                rows[..50].fill(b'*');
            }
            id == block
        })?;
        if let Some(last) = self.erased.last_mut() {
            last.2 = true;
        }
        Ok(())
    }

    fn try_work(&mut self, disk: &FaultDisk) -> Result<(), PortError> {
        let ports = open(disk)?;
        for seed in 0..11 {
            self.bring(&ports, seed)?;
            if seed % 3 != 2 {
                self.flush(&ports)?;
            }
            if seed == 6 {
                self.erase(&ports, 1)?;
            }
        }
        ports.redo.settle().map_err(|error| PortError::io("settling", error))?;
        self.durable = self.entries.len();
        self.bring(&ports, 11)?;
        self.flush(&ports)
    }

    fn check_erased(&self, disk: &FaultDisk, ports: &Ports) -> Result<(), String> {
        for (person, pseudonym, acknowledged) in &self.erased {
            if *acknowledged {
                ensure!(ports.vault.find(person).is_none(), "{person} is back");
                ensure!(disk.residue(pseudonym) == 0, "{person} stays on the disk");
            }
        }
        Ok(())
    }

    fn check_entry(&self, ports: &Ports, entry: &Entry) -> Result<(), String> {
        let Entry { seed, person, pseudonym, block, rows } = entry;
        let erased = self.erased.iter().find(|(erased, ..)| erased == person);
        let found = ports.vault.find(person);
        ensure!(found == Some(*pseudonym) || erased.is_some() && found.is_none(), "no {person}");
        let read = ports.raw.read(*block).map_err(|error| format!("rows of {seed}: {error}"))?;
        let (is_whole, is_edited) = (read.as_ref() == Some(rows), read == Some(edited(rows)));
        match erased {
            None => ensure!(is_whole, "rows of {seed}"),
            Some((_, _, false)) => ensure!(is_whole || is_edited, "rows of {seed}"),
            Some((_, _, true)) => ensure!(is_edited, "rows of {seed}, erased"),
        }
        Ok(())
    }
}

struct RedoSubject;

impl Subject for RedoSubject {
    type Model = Model;

    fn work(disk: &FaultDisk, model: &mut Model) {
        // How far it got is in the model.
        let _ = model.try_work(disk);
    }

    fn check(disk: &FaultDisk, model: &mut Model) -> Result<(), String> {
        let ports = open(disk).map_err(|error| error.to_string())?;
        let mut reader = ports.log.reader(0).map_err(|error| error.to_string())?;
        let mut found = 0;
        while let Some(view) = reader.next_frame().map_err(|error| error.to_string())? {
            let Some(entry) = model.entries.get(found) else { return Err("invented".into()) };
            ensure!(view.records == Model::frame(entry.seed).records, "frame {found} is another");
            model.check_entry(&ports, entry)?;
            found += 1;
        }
        ensure!(found >= model.durable, "{found} frames of {}", model.durable);
        model.check_erased(disk, &ports)?;
        model.entries.truncate(found);
        model.durable = found;
        Ok(())
    }

    fn more(disk: &FaultDisk, model: &mut Model, flush: bool) -> Result<(), String> {
        let ports = open(disk).map_err(|error| error.to_string())?;
        for seed in 0..3 {
            let seed = 100 + 10 * u64::from(flush) + seed;
            model.bring(&ports, seed).map_err(|error| error.to_string())?;
        }
        if flush {
            model.flush(&ports).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

#[test]
fn power_cut_at_every_change() {
    harness::crashes::<RedoSubject>(2, &|_| {}).expect("what was flushed is there");
}

#[test]
fn error_at_every_call() {
    harness::errors::<RedoSubject>(&|_| {}).expect("what was flushed is there");
}

#[test]
fn every_flush_is_needed() {
    harness::flushes_are_needed::<RedoSubject>(&[
        ("the redo file", &|disk| disk.ignore_sync("redo")),
        ("a new redo file", &|disk| disk.ignore_sync("redo.new")),
        ("a segment of the Log that is settled", &|disk| disk.ignore_sync(".seg")),
        ("a segment of rows that is settled", &|disk| disk.ignore_sync(".raw")),
        ("a Vault that is settled", &|disk| disk.ignore_sync("vault")),
        ("the root", &|disk| disk.ignore_sync_dir("")),
    ]);
}

/// A redo file with several records that are not settled, and what they are about.
fn full() -> (FaultDisk, Model) {
    let disk = FaultDisk::new(4);
    let mut model = Model::default();
    let ports = open_with(&disk, LARGE_HALF_BYTES).expect("opens");
    for seed in [0, 6, 9, 12] {
        model.bring(&ports, seed).expect("appends");
        model.flush(&ports).expect("flushes");
    }
    (disk.crash(Crash::Lost, 1), model)
}

#[test]
fn a_bit_that_flips_is_found() {
    let (disk, mut model) = full();
    RedoSubject::check(&disk.crash(Crash::Kept, 1), &mut model).expect("all is there");
    assert_eq!(model.durable, 4, "what was flushed is in the redo file alone");
    let mut refused = 0;
    let bits = disk.bytes("redo").map_or(0, |bytes| bytes.len() as u64) * 8;
    for bit in (0..bits).step_by(41) {
        let flipped = disk.crash(Crash::Kept, 1);
        assert!(flipped.flip_bit("redo", bit));
        match open(&flipped) {
            Err(error) => {
                assert_eq!(error.fault, PortFault::Corrupt, "{error} at bit {bit}");
                refused += 1;
            }
            Ok(ports) => {
                drop(ports);
                let checked = RedoSubject::check(&flipped, &mut model);
                checked.unwrap_or_else(|why| panic!("bit {bit}: {why}"));
            }
        }
    }
    assert!(refused > 500, "{refused} of {bits} bits");
}

#[test]
fn after_an_error_nothing_more_is_written() {
    let disk = FaultDisk::new(3);
    let ports = open(&disk).expect("opens");
    let mut model = Model::default();
    model.bring(&ports, 0).expect("appends");
    disk.fail_at(Calls::Syncs, disk.calls(Calls::Syncs), Fault::FlushFails);
    let failed = model.flush(&ports).map_err(|error| error.fault);
    assert_eq!(failed, Err(PortFault::FlushFailed));
    let changes = disk.calls(Calls::Changes);
    assert!(model.bring(&ports, 1).is_err());
    assert!(ports.redo.settle().is_err());
    assert_eq!(disk.calls(Calls::Changes), changes);
}

#[test]
fn a_file_that_failed_to_flush_is_never_taken_for_settled() {
    let disk = FaultDisk::new(8);
    let ports = open(&disk).expect("opens");
    let mut model = Model::default();
    model.bring(&ports, 0).and_then(|()| model.flush(&ports)).expect("flushes");
    // A frame that goes past the redo file, into the segment where the first one is.
    model.bring(&ports, 3).expect("appends");
    disk.fail_at(Calls::Syncs, disk.calls(Calls::Syncs), Fault::FlushFails);
    assert!(model.flush(&ports).is_err());
    assert!(ports.redo.settle().is_err(), "the first frame may be in no file");
    drop(ports);
    RedoSubject::check(&disk.crash(Crash::Lost, 1), &mut model).expect("what was flushed is there");
}

#[test]
fn one_flush_serves_all_that_is_staged() {
    let disk = FaultDisk::new(5);
    let ports = open_with(&disk, LARGE_HALF_BYTES).expect("opens");
    let mut model = Model::default();
    // Files that were opened may hold what an earlier process had not flushed.
    model.bring(&ports, 0).and_then(|()| model.flush(&ports)).expect("flushes");
    for seed in [6, 9, 12] {
        let syncs = disk.calls(Calls::Syncs);
        model.bring(&ports, seed).and_then(|()| model.flush(&ports)).expect("flushes");
        assert_eq!(disk.calls(Calls::Syncs), syncs + 1, "frame {seed}");
    }
}
