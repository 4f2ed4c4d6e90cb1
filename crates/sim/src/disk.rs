//! A disk in memory that behaves as badly as a real one may, the same way for the same seed.
//!
//! How it models a disk:
//!
//! - A write is seen by every later read at once, and is *pending* until the file is synced. A name
//!   (a file made, renamed or removed, a directory made) is pending until its directory is synced;
//!   syncing a file does not make its name durable.
//! - [`FaultDisk::crash`] is the power going off: it answers with a new disk that holds what was
//!   durable and, by mode, none, all, a prefix or a subset of what was pending. The medium writes
//!   whole sectors of 512 bytes: each holds what it held after one of the pending writes to it.
//!   A write may so be torn at any sector, and a later write may be there without an earlier one.
//! - A sync that fails forgets some sectors of what was pending: reads still see them, a later sync
//!   succeeds, and they are not on the medium until they are written again. A short write leaves a
//!   part that ends at a sector.
//! - A process that is killed loses nothing: open the same disk again instead of crashing it.
//! - What a removed or replaced file held stays on the medium until it is overwritten:
//!   [`FaultDisk::residue`] searches that too.

mod crash;
mod faults;
mod state;

pub use faults::{Calls, Fault};

use crate::rng::Rng;
use engine::port::{Disk, DiskFile, OpenMode};
use faults::Call;
use state::{Entry, State};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that the medium writes as one.
pub const SECTOR_BYTES: usize = 512;

/// What of the pending writes and names survives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Nothing.
    Lost,
    /// Everything.
    Kept,
    /// What came first, up to a random point; the write at that point is torn.
    Prefix,
    /// A random subset of the writes: a later one may be there without an earlier one.
    Subset,
    /// Each sector as it was after a random one of the writes to it.
    Sectors,
}

impl Crash {
    /// Every mode.
    pub const ALL: [Self; 5] = [Self::Lost, Self::Kept, Self::Prefix, Self::Subset, Self::Sectors];
}

/// The disk. Clones are the same disk.
#[derive(Clone)]
pub struct FaultDisk {
    state: Arc<Mutex<State>>,
}

impl FaultDisk {
    /// An empty disk whose every random choice follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self::of(State::new(Rng::from_seed(seed)))
    }

    fn of(state: State) -> Self {
        Self { state: Arc::new(Mutex::new(state)) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls of that class there have been.
    pub fn calls(&self, class: Calls) -> u64 {
        self.lock().faults.count(class)
    }

    /// Makes call `at` of that class (counted from 0 since the disk was made) fail.
    pub fn fail_at(&self, class: Calls, at: u64, fault: Fault) {
        self.lock().faults.plan(class, at, fault, false);
    }

    /// Makes every call of that class fail from call `at` on.
    pub fn fail_from(&self, class: Calls, at: u64, fault: Fault) {
        self.lock().faults.plan(class, at, fault, true);
    }

    /// From now on a sync of a file whose path, when it was opened, holds `pattern` does nothing.
    pub fn ignore_sync(&self, pattern: &str) {
        self.lock().faults.ignored_files.push(pattern.to_owned());
    }

    /// From now on a sync of the directory `dir` does nothing.
    pub fn ignore_sync_dir(&self, dir: &str) {
        self.lock().faults.ignored_dirs.push(dir.to_owned());
    }

    /// The power goes off: the disk as it is found when it is back. Different `seed`s choose
    /// differently among what the mode allows. No fault is planned on it.
    #[must_use]
    pub fn crash(&self, mode: Crash, seed: u64) -> Self {
        Self::of(crash::after(&self.lock(), mode, seed))
    }

    /// Turns bit `bit` of a file over, on the medium and for readers; whether the file has it.
    pub fn flip_bit(&self, path: &str, bit: u64) -> bool {
        self.lock().flip_bit(path, bit)
    }

    /// What a reader sees in a file.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        Some(state.nodes[state.file(path)?].live.clone())
    }

    /// Paths of all files, sorted.
    pub fn paths(&self) -> Vec<String> {
        let state = self.lock();
        let files = state.live.iter().filter(|(_, entry)| matches!(entry, Entry::File(_)));
        files.map(|(path, _)| path.clone()).collect()
    }

    /// Number of files, removed ones with them, whose bytes on the medium or before a reader hold
    /// `needle`.
    pub fn residue(&self, needle: &[u8]) -> usize {
        let holds = |bytes: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
        self.lock().nodes.iter().filter(|node| holds(&node.live) || holds(&node.durable)).count()
    }
}

impl Disk for FaultDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.lock();
        let node = match state.file(path) {
            Some(node) => {
                state.enter(Call::Read)?;
                node
            }
            None if mode == OpenMode::Create => {
                state.enter(Call::Name)?;
                state.make_file(path)?
            }
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Arc::new(FaultFile { disk: self.clone(), node, path: path.to_owned(), mode }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let mut state = self.lock();
        state.enter(Call::Read)?;
        Ok(state.list(dir))
    }

    fn exists(&self, path: &str) -> bool {
        path.is_empty() || self.lock().live.contains_key(path)
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.enter(Call::Name)?;
        state.make_dir(dir)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.enter(Call::Name)?;
        state.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.enter(Call::Name)?;
        state.remove(path)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.enter(Call::SyncDir)?;
        state.sync_dir(dir);
        Ok(())
    }
}

/// An open file of the disk.
struct FaultFile {
    disk: FaultDisk,
    node: usize,
    path: String,
    mode: OpenMode,
}

impl FaultFile {
    fn writable(&self) -> io::Result<()> {
        match self.mode {
            OpenMode::Read => Err(io::ErrorKind::PermissionDenied.into()),
            OpenMode::Write | OpenMode::Create => Ok(()),
        }
    }
}

impl DiskFile for FaultFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.lock();
        state.enter(Call::Read)?;
        Ok(state.nodes[self.node].read(buffer, offset))
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.writable()?;
        self.disk.lock().write(self.node, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.lock().sync(self.node, &self.path)
    }

    fn len(&self) -> io::Result<u64> {
        let mut state = self.disk.lock();
        state.enter(Call::Read)?;
        Ok(state.nodes[self.node].live.len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.writable()?;
        let mut state = self.disk.lock();
        state.enter(Call::Write)?;
        state.nodes[self.node].set_len(length);
        Ok(())
    }
}
