//! What the disk holds: files and names, each as readers see it, as the medium has it, and what
//! is pending between the two.

use super::SECTOR_BYTES;
use super::faults::{Call, Fault, Faults};
use crate::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// A pending change of a file.
#[derive(Clone)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

/// A file, whatever its names are.
#[derive(Clone, Default)]
pub(super) struct Node {
    pub(super) live: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<Change>,
    /// Sectors that a failed sync has forgotten: readers see them, the medium does not have them,
    /// until they are written again.
    pub(super) forgotten: BTreeSet<usize>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Dir,
    File(usize),
}

pub(super) type Names = BTreeMap<String, Entry>;

/// A pending change of names: one step, there or not there.
#[derive(Clone)]
pub(super) struct NameChange {
    pub(super) gone: Option<String>,
    pub(super) made: Option<(String, Entry)>,
}

impl NameChange {
    pub(super) fn apply(&self, names: &mut Names) {
        if let Some(path) = &self.gone {
            names.remove(path);
        }
        if let Some((path, entry)) = &self.made {
            names.insert(path.clone(), *entry);
        }
    }

    fn is_in(&self, dir: &str) -> bool {
        let made = self.made.as_ref().map(|(path, _)| path);
        self.gone.iter().chain(made).any(|path| parent(path) == dir)
    }
}

/// The whole disk.
pub(super) struct State {
    pub(super) nodes: Vec<Node>,
    pub(super) live: Names,
    pub(super) durable: Names,
    pub(super) pending: Vec<NameChange>,
    pub(super) faults: Faults,
    pub(super) rng: Rng,
}

/// The directory of a path; empty for the root.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// A file offset or length as an index.
pub(super) fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Writes into a file's bytes, which grow with zeros.
pub(super) fn put(file: &mut Vec<u8>, bytes: &[u8], offset: usize) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

/// The parts of a range of a file by sector: (sector, from, to).
pub(super) fn pieces(offset: usize, length: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let end = offset + length;
    (offset / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES)).map(move |sector| {
        let start = sector * SECTOR_BYTES;
        (sector, start.max(offset), (start + SECTOR_BYTES).min(end))
    })
}

impl Node {
    pub(super) fn read(&self, buffer: &mut [u8], offset: u64) -> usize {
        let from = index(offset).min(self.live.len());
        let count = buffer.len().min(self.live.len() - from);
        buffer[..count].copy_from_slice(&self.live[from..from + count]);
        count
    }

    fn write(&mut self, bytes: &[u8], offset: usize) {
        put(&mut self.live, bytes, offset);
        let (mut from, mut to) = (offset, offset + bytes.len());
        // The cache writes whole sectors: one that was forgotten comes back as readers see it.
        for (sector, _, _) in pieces(offset, bytes.len()) {
            if self.forgotten.remove(&sector) {
                from = from.min(sector * SECTOR_BYTES);
                to = to.max((sector + 1) * SECTOR_BYTES).min(self.live.len());
            }
        }
        let bytes = self.live[from..to].to_vec();
        self.pending.push(Change::Write { offset: from, bytes });
    }

    /// A sync fails: some sectors of what is pending will not be written.
    fn forget(&mut self, rng: &mut Rng) {
        let mut kept = BTreeMap::new();
        for change in std::mem::take(&mut self.pending) {
            let Change::Write { offset, bytes } = change else {
                self.pending.push(change);
                continue;
            };
            for (sector, from, to) in pieces(offset, bytes.len()) {
                if *kept.entry(sector).or_insert_with(|| rng.chance(1, 2)) {
                    let bytes = bytes[from - offset..to - offset].to_vec();
                    self.pending.push(Change::Write { offset: from, bytes });
                } else {
                    self.forgotten.insert(sector);
                }
            }
        }
    }

    pub(super) fn set_len(&mut self, length: u64) {
        self.live.resize(index(length), 0);
        self.pending.push(Change::Length(index(length)));
    }

    fn sync(&mut self) {
        for change in self.pending.drain(..) {
            match change {
                Change::Write { offset, bytes } => put(&mut self.durable, &bytes, offset),
                Change::Length(length) => self.durable.resize(length, 0),
            }
        }
    }
}

impl State {
    pub(super) fn new(rng: Rng) -> Self {
        Self {
            nodes: Vec::new(),
            live: Names::new(),
            durable: Names::new(),
            pending: Vec::new(),
            faults: Faults::default(),
            rng,
        }
    }

    /// Counts a call, and fails it when that is planned.
    pub(super) fn enter(&mut self, call: Call) -> io::Result<()> {
        self.faults.next(call).map_or(Ok(()), |fault| Err(fault.error()))
    }

    pub(super) fn file(&self, path: &str) -> Option<usize> {
        match self.live.get(path) {
            Some(Entry::File(node)) => Some(*node),
            Some(Entry::Dir) | None => None,
        }
    }

    fn has_dir(&self, dir: &str) -> bool {
        dir.is_empty() || self.live.get(dir) == Some(&Entry::Dir)
    }

    fn change_names(&mut self, change: NameChange) {
        change.apply(&mut self.live);
        self.pending.push(change);
    }

    pub(super) fn make_file(&mut self, path: &str) -> io::Result<usize> {
        if !self.has_dir(parent(path)) || self.live.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.nodes.push(Node::default());
        let node = self.nodes.len() - 1;
        self.change_names(NameChange { gone: None, made: Some((path.into(), Entry::File(node))) });
        Ok(node)
    }

    pub(super) fn make_dir(&mut self, dir: &str) -> io::Result<()> {
        if self.has_dir(dir) {
            return Ok(());
        }
        if self.live.contains_key(dir) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.make_dir(parent(dir))?;
        self.change_names(NameChange { gone: None, made: Some((dir.into(), Entry::Dir)) });
        Ok(())
    }

    pub(super) fn list(&self, dir: &str) -> Vec<String> {
        let inside = self.live.keys().filter(|path| parent(path) == dir);
        inside.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()).collect()
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let node = self.file(from).ok_or(io::ErrorKind::NotFound)?;
        if !self.has_dir(parent(to)) || self.live.get(to) == Some(&Entry::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change_names(NameChange {
            gone: Some(from.into()),
            made: Some((to.into(), Entry::File(node))),
        });
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &str) -> io::Result<()> {
        self.file(path).ok_or(io::ErrorKind::NotFound)?;
        self.change_names(NameChange { gone: Some(path.into()), made: None });
        Ok(())
    }

    pub(super) fn sync_dir(&mut self, dir: &str) {
        if self.faults.ignored_dirs.iter().any(|ignored| ignored == dir) {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        for change in pending {
            if change.is_in(dir) {
                change.apply(&mut self.durable);
            } else {
                self.pending.push(change);
            }
        }
    }

    pub(super) fn write(&mut self, node: usize, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = index(offset);
        let Some(fault) = self.faults.next(Call::Write) else {
            self.nodes[node].write(bytes, offset);
            return Ok(());
        };
        match fault {
            Fault::Eio | Fault::Enospc | Fault::FlushFails => {}
            // The page cache takes whole pages, so a short write ends at a multiple of a sector.
            Fault::ShortWrite => {
                let end = offset + self.rng.index(bytes.len());
                let kept = (end - end % SECTOR_BYTES).saturating_sub(offset);
                self.nodes[node].write(&bytes[..kept], offset);
            }
            Fault::PowerCut => self.nodes[node].write(bytes, offset),
        }
        Err(fault.error())
    }

    pub(super) fn sync(&mut self, node: usize, path: &str) -> io::Result<()> {
        let Some(fault) = self.faults.next(Call::Sync) else {
            if !self.faults.ignored_files.iter().any(|pattern| path.contains(pattern)) {
                self.nodes[node].sync();
            }
            return Ok(());
        };
        if fault == Fault::FlushFails {
            self.nodes[node].forget(&mut self.rng);
        }
        Err(fault.error())
    }

    pub(super) fn flip_bit(&mut self, path: &str, bit: u64) -> bool {
        let Some(node) = self.file(path) else { return false };
        let node = &mut self.nodes[node];
        let (at, mask) = (index(bit / 8), 1 << (bit % 8));
        let mut flipped = false;
        for bytes in [&mut node.live, &mut node.durable] {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= mask;
                flipped = true;
            }
        }
        flipped
    }
}
