//! The raw store under faults.

use super::ensure;
use super::harness::{self, Subject, seeded};
use engine::port::{PortError, PortFault, RawBlockId, RawStore};
use local::{FileRaw, RawOptions};
use sim::conformance::raw::rows;
use sim::disk::{Calls, Crash, FaultDisk};
use std::collections::BTreeMap;
use std::sync::Arc;

fn open(disk: &FaultDisk) -> Result<FileRaw, PortError> {
    let options = RawOptions {
        segment_bytes: 8 << 10,
        first_segment_bytes: 3 << 10,
        background: false,
        random: seeded(disk.calls(Calls::All)),
    };
    FileRaw::open(Arc::new(disk.clone()), "op/raw", &[8; 32], &options)
}

/// Every content that a block was given, and what was acknowledged of it (nothing: expired).
#[derive(Default)]
struct Model {
    tried: BTreeMap<RawBlockId, Vec<Option<Vec<u8>>>>,
    durable: BTreeMap<RawBlockId, Option<Vec<u8>>>,
    /// A change of what was acknowledged is under way.
    changing: bool,
    /// Encrypted bytes that an acknowledged rewrite must have wiped.
    wiped: Vec<Vec<u8>>,
}

struct RawSubject;

fn append(raw: &FileRaw, model: &mut Model, day: i32, rows: Vec<u8>) -> Result<(), PortError> {
    let id = raw.append("s", day, &rows)?;
    model.tried.entry(id).or_default().push(Some(rows));
    Ok(())
}

fn flush(raw: &FileRaw, model: &mut Model) -> Result<(), PortError> {
    raw.flush()?;
    let last = |(id, tried): (&u64, &Vec<Option<Vec<u8>>>)| Some((*id, tried.last()?.clone()));
    model.durable = model.tried.iter().filter_map(last).collect();
    Ok(())
}

fn rewrite(disk: &FaultDisk, raw: &FileRaw, model: &mut Model) -> Result<(), PortError> {
    let old = disk.bytes("op/raw/s.1.00000000.raw").unwrap_or_default();
    let mut changed = rows(1, 500);
    changed[..50].fill(b'*');
    model.tried.entry(1).or_default().push(Some(changed.clone()));
    model.changing = true;
    raw.rewrite(&mut |id, rows| {
        if id == 1 {
            rows[..50].fill(b'*');
        }
        id == 1
    })?;
    model.changing = false;
    model.durable.insert(1, Some(changed));
    model.wiped.extend(old.get(600..640).map(<[u8]>::to_vec));
    Ok(())
}

fn expire(raw: &FileRaw, model: &mut Model) -> Result<(), PortError> {
    model.changing = true;
    for id in 3..6 {
        model.tried.entry(id).or_default().push(None);
    }
    raw.expire(1, &|_, _| false)?;
    model.changing = false;
    model.durable.extend((3..6).map(|id| (id, None)));
    Ok(())
}

fn try_work(disk: &FaultDisk, model: &mut Model) -> Result<(), PortError> {
    let raw = open(disk)?;
    for index in 0..9 {
        let day = i32::from(!(3..6).contains(&index));
        append(&raw, model, day, rows(index, 500 + 300 * usize::from(index > 6)))?;
        if index % 2 == 1 {
            flush(&raw, model)?;
        }
    }
    flush(&raw, model)?;
    rewrite(disk, &raw, model)?;
    append(&raw, model, 1, rows(9, 100))?;
    flush(&raw, model)?;
    expire(&raw, model)?;
    append(&raw, model, 2, rows(10, 100))?;
    flush(&raw, model)
}

impl Subject for RawSubject {
    type Model = Model;

    fn work(disk: &FaultDisk, model: &mut Model) {
        // How far it got is in the model.
        let _ = try_work(disk, model);
    }

    fn check(disk: &FaultDisk, model: &mut Model) -> Result<(), String> {
        let raw = open(disk).map_err(|error| error.to_string())?;
        let mut found = BTreeMap::new();
        for (id, tried) in &model.tried {
            let rows = match raw.read(*id) {
                Err(error) if error.fault == PortFault::Missing => continue,
                other => other.map_err(|error| error.to_string())?,
            };
            ensure!(rows.is_none() || tried.contains(&rows), "block {id} is invented");
            found.insert(*id, rows);
        }
        for (id, rows) in &model.durable {
            let Some(has) = found.get(id) else { return Err(format!("block {id} is gone")) };
            let changed = model.changing && model.tried[id].contains(has);
            ensure!(has == rows || changed, "block {id} is not what was acknowledged");
        }
        for wiped in &model.wiped {
            ensure!(disk.residue(wiped) == 0, "what was rewritten is on the disk");
        }
        model.tried = found.iter().map(|(id, rows)| (*id, vec![rows.clone()])).collect();
        model.durable = found;
        model.changing = false;
        Ok(())
    }

    fn more(disk: &FaultDisk, model: &mut Model, flushed: bool) -> Result<(), String> {
        let raw = open(disk).map_err(|error| error.to_string())?;
        for index in 20..23 {
            append(&raw, model, 2, rows(index, 600)).map_err(|error| error.to_string())?;
        }
        if flushed { flush(&raw, model).map_err(|error| error.to_string()) } else { Ok(()) }
    }
}

#[test]
fn power_cut_at_every_change() {
    harness::crashes::<RawSubject>(2, &|_| {}).expect("what was flushed is there");
}

#[test]
fn error_at_every_call() {
    harness::errors::<RawSubject>(&|_| {}).expect("what was flushed is there");
}

#[test]
fn every_flush_is_needed() {
    harness::flushes_are_needed::<RawSubject>(&[
        ("a segment", &|disk| disk.ignore_sync("next")),
        ("a segment that was opened again", &|disk| disk.ignore_sync(".raw")),
        ("a rewritten segment", &|disk| disk.ignore_sync(".raw.new")),
        ("an overwritten segment", &|disk| disk.ignore_sync(".raw.old")),
        ("the keys", &|disk| disk.ignore_sync("keys")),
        ("the directory", &|disk| disk.ignore_sync_dir("op/raw")),
        ("the directory above", &|disk| disk.ignore_sync_dir("op")),
        ("the root", &|disk| disk.ignore_sync_dir("")),
    ]);
}

#[test]
fn a_bit_that_flips_is_found() {
    let disk = FaultDisk::new(1);
    let mut model = Model::default();
    try_work(&disk, &mut model).expect("nothing fails");
    for path in disk.paths() {
        let bits = disk.bytes(&path).map_or(0, |bytes| bytes.len() as u64) * 8;
        for bit in (0..bits).step_by(29) {
            let flipped = disk.crash(Crash::Kept, 1);
            assert!(flipped.flip_bit(&path, bit));
            let Ok(raw) = open(&flipped) else { continue };
            for (id, rows) in &model.durable {
                match raw.read(*id) {
                    Ok(found) => assert_eq!(found, *rows, "block {id}, bit {bit} of {path}"),
                    Err(error) => assert_eq!(error.fault, PortFault::Corrupt),
                }
            }
        }
    }
}
