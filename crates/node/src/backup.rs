//! Backup and restore of a whole directory, also while another process writes to it.
//!
//! What is copied: settings, books, keys (unless told otherwise), and of each operator the Log,
//! the Vault and the raw rows. The Store is left out: it is rebuilt from the Log. The Log is
//! copied first and the Vault after it, so that the copy has every pseudonym that its Log names.
//! A manifest holds the SHA-256 of each file; restoring checks all of them before it writes.
//!
//! A person who is erased later is still in an older backup: delete backups when their time ends.

use crate::NodeError;
use crate::code;
use crate::config;
use crate::copy;
use crate::home::Home;
use crate::operator::REDO;
use engine::port::{Disk, Log, PortFault};
use local::{DirLock, LogOptions, OsDisk, RedoDisk, RedoOptions, SegmentLog};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// The manifest's name in a backup.
pub const MANIFEST: &str = "manifest.json";

const VERSION: u32 = 1;
/// What of an operator's data is copied, in this order.
const DATA: [&str; 3] = ["log", "vault", "raw"];

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format.
    pub version: u32,
    /// When it was begun, nanoseconds UTC.
    pub made_at: i64,
    /// Whether the keys are in it.
    pub with_keys: bool,
    /// Records in the Log of each operator.
    pub records: BTreeMap<String, u64>,
    /// Every file by path.
    pub files: BTreeMap<String, Entry>,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 as hexadecimal digits.
    pub sha256: String,
}

/// Copies `home` to the new directory `out`.
///
/// # Errors
/// [`code::BACKUP_EXISTS`]; when a file cannot be copied; when the copied Log is corrupt.
pub fn backup(
    home: &Home,
    out: &Path,
    with_keys: bool,
    made_at: i64,
) -> Result<Manifest, NodeError> {
    refuse_occupied(out)?;
    fs::create_dir_all(out).map_err(|error| NodeError::system("making", out, error))?;
    copy_file(&home.dir, out, config::FILE)?;
    let mut records = BTreeMap::new();
    for operator in &home.config.operators {
        copy_tree(&home.dir, out, &format!("books/{operator}"))?;
        if with_keys {
            copy_tree(&home.dir, out, &format!("keys/{operator}"))?;
        }
        settle(&home.dir.join("data").join(operator))?;
        for part in DATA {
            copy_tree(&home.dir, out, &format!("data/{operator}/{part}"))?;
        }
        records.insert(operator.clone(), read_all(&out.join("data").join(operator))?);
    }
    copy_tree(&home.dir, out, "schemas")?;
    let mut files = BTreeMap::new();
    for path in copy::walk(out)? {
        let (sha256, bytes) = copy::hash(&out.join(&path))?;
        files.insert(path, Entry { bytes, sha256 });
    }
    let manifest = Manifest { version: VERSION, made_at, with_keys, records, files };
    let path = out.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|error| NodeError::said(code::BACKUP_DAMAGED, error.to_string()))?;
    fs::write(&path, text + "\n").map_err(|error| NodeError::system("writing", &path, error))?;
    sync(&path)?;
    sync(out)?;
    Ok(manifest)
}

/// Restores the backup `from` into the new directory `dir`; `keys` is where the keys are when the
/// backup has none: a directory with one directory for each operator.
///
/// # Errors
/// [`code::BACKUP_DAMAGED`], [`code::BACKUP_NO_KEYS`], [`code::BACKUP_EXISTS`], or as the system
/// reports.
pub fn restore(from: &Path, dir: &Path, keys: Option<&Path>) -> Result<Manifest, NodeError> {
    let manifest = check(from)?;
    if !manifest.with_keys && keys.is_none() {
        return Err(NodeError::said(code::BACKUP_NO_KEYS, from.display().to_string()));
    }
    refuse_occupied(dir)?;
    for path in manifest.files.keys().filter(|path| path.as_str() != config::FILE) {
        copy_file(from, dir, path)?;
    }
    if let Some(keys) = keys.filter(|_| !manifest.with_keys) {
        for operator in manifest.records.keys() {
            for name in crate::keys::FILES {
                let to = dir.join("keys").join(operator).join(name);
                let from = keys.join(operator).join(name);
                copy::backwards(&from, &to, mode_of(&format!("keys/{operator}/{name}")))?;
            }
        }
    }
    // Last: what is not whole is no Saldo directory.
    copy_file(from, dir, config::FILE)?;
    let home = Home::open(dir)?;
    for operator in home.operators() {
        operator.load_keys()?;
    }
    Ok(manifest)
}

/// Reads a backup's manifest and compares every file with it.
///
/// # Errors
/// [`code::BACKUP_DAMAGED`].
pub fn check(from: &Path) -> Result<Manifest, NodeError> {
    let damaged = |what: String| NodeError::said(code::BACKUP_DAMAGED, what);
    let path = from.join(MANIFEST);
    let bytes = fs::read(&path).map_err(|error| damaged(format!("{}: {error}", path.display())))?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| damaged(format!("{}: {error}", path.display())))?;
    if manifest.version != VERSION {
        return Err(damaged(format!("its version is {}", manifest.version)));
    }
    let mut there = copy::walk(from)?;
    there.retain(|path| path != MANIFEST);
    if let Some(path) = there.iter().find(|path| !manifest.files.contains_key(*path)) {
        return Err(damaged(format!("{path} is not in the manifest")));
    }
    for (path, entry) in &manifest.files {
        if there.binary_search(path).is_err() {
            return Err(damaged(format!("{path} is missing")));
        }
        let (sha256, bytes) = copy::hash(&from.join(path))?;
        if (bytes, &sha256) != (entry.bytes, &entry.sha256) {
            return Err(damaged(format!("{path} is not what was copied")));
        }
    }
    Ok(manifest)
}

/// Opens the copied Log, which cuts what was being written, and reads every frame of it.
fn read_all(data: &Path) -> Result<u64, NodeError> {
    if !data.join("log").is_dir() {
        return Ok(0);
    }
    let disk: Arc<dyn Disk> =
        Arc::new(OsDisk::new(data).map_err(|error| NodeError::system("opening", data, error))?);
    let options = LogOptions { background: false, ..LogOptions::default() };
    let log = SegmentLog::open(disk, "log", &options)?;
    let mut reader = log.reader(0)?;
    let mut records = 0;
    while let Some(frame) = reader.next_frame()? {
        records = frame.first + frame.len() as u64;
    }
    Ok(records)
}

/// What an earlier process left in the redo file is written to the files that it is about. Whoever
/// owns the data now has done so.
fn settle(data: &Path) -> Result<(), NodeError> {
    if !data.join(REDO).exists() {
        return Ok(());
    }
    let _lock = match DirLock::acquire(data) {
        Err(error) if error.fault == PortFault::Fenced => return Ok(()),
        other => other?,
    };
    let disk = OsDisk::new(data).map_err(|error| NodeError::system("opening", data, error))?;
    let options = RedoOptions { background: false, ..RedoOptions::default() };
    RedoDisk::open(Arc::new(disk), REDO, options)?;
    Ok(())
}

fn copy_tree(from: &Path, to: &Path, path: &str) -> Result<(), NodeError> {
    // Backwards here too: of two segments the later one is copied before the earlier.
    for name in copy::walk(&from.join(path))?.iter().rev() {
        let is_ahead = path.ends_with("/log") && name.starts_with("next");
        if !is_ahead {
            let path = if name.is_empty() { path.to_owned() } else { format!("{path}/{name}") };
            copy_file(from, to, &path)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path, path: &str) -> Result<(), NodeError> {
    let leaves = path.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if leaves {
        return Err(NodeError::said(code::BACKUP_DAMAGED, format!("the path {path}")));
    }
    copy::backwards(&from.join(path), &to.join(path), mode_of(path)).map(|_| ())
}

/// Keys stay with their owner, data with its owner and group.
fn mode_of(path: &str) -> u32 {
    match path {
        key if key.starts_with("keys/") && !key.ends_with(crate::keys::PUBLIC) => 0o600,
        data if data.starts_with("data/") => 0o640,
        _ => 0o644,
    }
}

fn refuse_occupied(dir: &Path) -> Result<(), NodeError> {
    let occupied = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(NodeError::system("reading", dir, error)),
    };
    if occupied {
        return Err(NodeError::said(code::BACKUP_EXISTS, dir.display().to_string()));
    }
    Ok(())
}

fn sync(path: &Path) -> Result<(), NodeError> {
    let synced = fs::File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| NodeError::system("flushing", path, error))
}
