//! The Vault under faults.

use super::ensure;
use super::harness::{self, Subject, seeded};
use engine::port::{PortError, PortFault, Pseudonym, Vault};
use local::FileVault;
use sim::disk::{Crash, FaultDisk};
use std::collections::BTreeMap;
use std::sync::Arc;

const PATH: &str = "vault/rows";

fn open(disk: &FaultDisk) -> Result<FileVault, PortError> {
    let seed = disk.calls(sim::disk::Calls::All);
    FileVault::open(Arc::new(disk.clone()), PATH, &[7; 32], seeded(seed))
}

/// What was answered, and how much of it was acknowledged.
#[derive(Default)]
struct Model {
    tried: BTreeMap<String, Vec<Pseudonym>>,
    durable: BTreeMap<String, Pseudonym>,
    erased: Vec<Pseudonym>,
    /// A subject whose erasure began.
    erasing: Option<String>,
}

struct VaultSubject;

fn add(vault: &FileVault, model: &mut Model, subject: &str) -> Result<Pseudonym, PortError> {
    let mut out = Vec::new();
    // Should it fail, a row may be there all the same, with a pseudonym that nobody was told.
    let tried = model.tried.entry(subject.to_owned()).or_default();
    vault.pseudonyms(&[subject], &mut out)?;
    tried.push(out[0]);
    Ok(out[0])
}

fn erase(vault: &FileVault, model: &mut Model, subject: &str) -> Result<(), PortError> {
    model.erasing = Some(subject.to_owned());
    let before = vault.find(subject);
    if vault.erase(subject)? {
        model.durable.remove(subject);
        model.erased.extend(before);
    }
    model.erasing = None;
    Ok(())
}

fn try_work(disk: &FaultDisk, model: &mut Model) -> Result<(), PortError> {
    let vault = open(disk)?;
    for round in 0..3 {
        let mut fresh = BTreeMap::new();
        for index in 0..14 {
            let subject = format!("person-{round}-{index}");
            fresh.insert(subject.clone(), add(&vault, model, &subject)?);
        }
        vault.flush()?;
        model.durable.extend(fresh);
        if round == 1 {
            erase(&vault, model, "person-0-3")?;
        }
    }
    Ok(())
}

impl Subject for VaultSubject {
    type Model = Model;

    fn work(disk: &FaultDisk, model: &mut Model) {
        // How far it got is in the model.
        let _ = try_work(disk, model);
    }

    fn check(disk: &FaultDisk, model: &mut Model) -> Result<(), String> {
        let vault = open(disk).map_err(|error| error.to_string())?;
        let mut rows = 0;
        for (subject, tried) in &model.tried {
            let found = vault.find(subject);
            rows += usize::from(found.is_some());
            let told = |found| tried.is_empty() || tried.contains(&found);
            ensure!(found.is_none_or(told), "{subject} is another");
            let unsure = model.erasing.as_ref() == Some(subject);
            if let Some(durable) = model.durable.get(subject) {
                ensure!(unsure && found.is_none() || found == Some(*durable), "{subject} is lost");
                if found.is_none() {
                    ensure!(disk.residue(durable) == 0, "{subject} stays on the disk");
                }
            }
        }
        ensure!(vault.len() == rows, "{} rows, {rows} known", vault.len());
        for erased in &model.erased {
            ensure!(disk.residue(erased) == 0, "an erased row is on the disk");
        }
        let known = model.tried.keys();
        model.durable = known.filter_map(|key| Some((key.clone(), vault.find(key)?))).collect();
        model.tried = model.durable.iter().map(|(key, row)| (key.clone(), vec![*row])).collect();
        model.erasing = None;
        Ok(())
    }

    fn more(disk: &FaultDisk, model: &mut Model, flush: bool) -> Result<(), String> {
        let vault = open(disk).map_err(|error| error.to_string())?;
        for index in 0..30 {
            let subject = format!("later-{flush}-{index}");
            let pseudonym = add(&vault, model, &subject).map_err(|error| error.to_string())?;
            if flush {
                model.durable.insert(subject, pseudonym);
            }
        }
        if flush {
            vault.flush().map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

#[test]
fn power_cut_at_every_change() {
    harness::crashes::<VaultSubject>(8, &|_| {}).expect("what was flushed is there");
}

#[test]
fn error_at_every_call() {
    harness::errors::<VaultSubject>(&|_| {}).expect("what was flushed is there");
}

#[test]
fn every_flush_is_needed() {
    harness::flushes_are_needed::<VaultSubject>(&[
        ("a new file", &|disk| disk.ignore_sync("rows.new")),
        ("the overwritten file", &|disk| disk.ignore_sync("rows.old")),
        ("the file", &|disk| disk.ignore_sync("vault/rows")),
        ("the directory", &|disk| disk.ignore_sync_dir("vault")),
        ("the directory above", &|disk| disk.ignore_sync_dir("")),
    ]);
}

#[test]
fn a_bit_that_flips_is_found() {
    let disk = FaultDisk::new(1);
    let mut model = Model::default();
    try_work(&disk, &mut model).expect("nothing fails");
    let rows = model.durable.len() as u64;
    for bit in (0..(512 + rows * 40) * 8).step_by(5) {
        let flipped = disk.crash(Crash::Kept, 1);
        assert!(flipped.flip_bit(PATH, bit));
        let fault = open(&flipped).map(|_| ()).map_err(|error| error.fault);
        let known = [Err(PortFault::Corrupt), Err(PortFault::UnknownFormat)];
        assert!(known.contains(&fault), "{fault:?} at bit {bit}");
    }
}
