//! A disk whose small writes share one flush.
//!
//! A service that is sent one event at a time would flush the raw row, the person and the frame
//! of the Log each in its own file, one after the other, and every flush costs as much as a
//! thousand events. Here small writes are *staged*: all that are staged are written to the
//! redo file as one record, by one flush, and only then to the files that they are about, which are
//! flushed at leisure. What was staged first is durable first, whatever the file.
//!
//! The redo file has two halves: while one is written to, the files of the other are flushed. After
//! a crash the records that are not settled are written again ([`RedoDisk::open`]); one that
//! was cut off was not acknowledged. Large writes go past the redo file, after what was staged
//! before them. Before a file that the redo file is about is renamed, removed, cut or written over,
//! everything is settled and the redo file is overwritten: it never undoes a change, and what is
//! erased from a file does not stay in it.

mod area;
mod file;
mod health;
mod record;
mod recover;
mod settle;

use crate::disk::bytes::{narrow, wide};
use crate::limits::{REDO_GROUP_BYTES_MAX, REDO_HALF_BYTES, REDO_WRITE_BYTES_MAX};
use crate::random::{self, Random};
use area::Area;
use engine::port::{Disk, DiskFile, OpenMode, PortError};
use file::{RedoFile, State};
use health::Health;
use record::Write;
use settle::{Settling, Touched, Work};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How a redo file is made.
#[derive(Clone)]
pub struct RedoOptions {
    /// Bytes of each half, whole blocks.
    pub half_bytes: u64,
    /// Whether a thread settles.
    pub background: bool,
    /// Gives the redo file its identity when it is made.
    pub random: Random,
}

impl Default for RedoOptions {
    fn default() -> Self {
        let half_bytes = REDO_HALF_BYTES;
        Self { half_bytes, background: true, random: random::system_random() }
    }
}

/// A disk with a redo file. Clones are the same disk.
#[derive(Clone)]
pub struct RedoDisk {
    shared: Arc<Shared>,
}

/// What its files share.
struct Shared {
    disk: Arc<dyn Disk>,
    path: String,
    options: RedoOptions,
    is_begun: AtomicBool,
    /// Files by path, as long as somebody has them open or the redo file is about them.
    files: Mutex<HashMap<String, Weak<State>>>,
    staged: Mutex<Staged>,
    writer: Mutex<Writer>,
    health: Arc<Health>,
}

/// What the next record will hold.
#[derive(Default)]
struct Staged {
    writes: Vec<StagedWrite>,
    bytes: usize,
}

struct StagedWrite {
    to: Touched,
    path: Arc<str>,
    offset: u64,
    bytes: Arc<[u8]>,
}

/// Where the next record goes.
struct Writer {
    area: Option<Arc<Area>>,
    /// Number of the last record.
    number: u64,
    half: usize,
    /// Bytes of the half that is written to.
    at: u64,
    /// Bytes of each half that hold something.
    used: [u64; 2],
    /// What the records of this half are about.
    touched: Vec<Touched>,
    /// What any record that is still there is about.
    in_redo: Vec<Arc<State>>,
    settling: Settling,
    health: Arc<Health>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RedoDisk {
    /// `disk` with the redo file at `path`. What an earlier process left in it is written to the
    /// files that it is about. Nothing is staged before [`RedoDisk::begin`].
    ///
    /// # Errors
    /// [`engine::port::PortFault::Corrupt`] naming the redo file when its bytes changed,
    /// [`engine::port::PortFault::UnknownFormat`], or as the disk reports.
    pub fn open(disk: Arc<dyn Disk>, path: &str, options: RedoOptions) -> Result<Self, PortError> {
        let area = recover::recover(&*disk, path)?.map(Arc::new);
        let health = Arc::new(Health::default());
        let writer = Writer {
            number: area.as_ref().map_or(0, |area| area.last_settled()),
            area,
            half: 0,
            at: 0,
            used: [0; 2],
            touched: Vec::new(),
            in_redo: Vec::new(),
            settling: Settling::new(options.background),
            health: Arc::clone(&health),
        };
        let shared = Shared {
            disk,
            path: path.to_owned(),
            options,
            is_begun: AtomicBool::new(false),
            files: Mutex::new(HashMap::new()),
            staged: Mutex::new(Staged::default()),
            writer: Mutex::new(writer),
            health,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// From here on what is staged goes to the redo file, which is made when there is none.
    ///
    /// # Errors
    /// As the disk reports.
    pub fn begin(&self) -> Result<(), PortError> {
        let shared = &*self.shared;
        let mut writer = lock(&shared.writer);
        let RedoOptions { half_bytes, random, .. } = &shared.options;
        // Nothing is in a redo file that was opened: one of another length can be replaced.
        if writer.area.as_ref().is_none_or(|area| area.half_bytes != *half_bytes) {
            let identity = random::array(random)?;
            let area = Area::make(&*shared.disk, &shared.path, identity, *half_bytes)?;
            (writer.area, writer.number) = (Some(Arc::new(area)), 0);
        }
        shared.is_begun.store(true, Ordering::Release);
        Ok(())
    }

    /// Everything is in its own file, durable, and nothing in the redo file.
    ///
    /// # Errors
    /// As the disk reports.
    pub fn settle(&self) -> io::Result<()> {
        self.shared.settle()
    }
}

impl Shared {
    fn is_begun(&self) -> bool {
        self.is_begun.load(Ordering::Acquire)
    }

    /// Whether a write of so many bytes is staged.
    fn stages(&self, bytes: usize) -> bool {
        bytes <= self.most(REDO_WRITE_BYTES_MAX) && self.is_begun()
    }

    /// A limit in a redo file of any length: a record of twice as much fits in a half.
    fn most(&self, bytes: usize) -> usize {
        bytes.min(narrow(self.options.half_bytes / 4))
    }

    /// Stages a write; false when it must go past the redo file.
    fn stage(&self, file: &RedoFile, bytes: &[u8], offset: u64) -> io::Result<bool> {
        self.health.check()?;
        let bytes: Arc<[u8]> = bytes.into();
        let mut staged = lock(&self.staged);
        let Some(path) = file.state.stage(offset, &bytes) else { return Ok(false) };
        staged.bytes += record::write_bytes(&path, &bytes);
        let to = Touched { state: Arc::clone(&file.state), file: Arc::clone(&file.file) };
        staged.writes.push(StagedWrite { to, path, offset, bytes });
        let is_enough = staged.bytes > self.most(REDO_GROUP_BYTES_MAX);
        drop(staged);
        if is_enough {
            self.commit()?;
        }
        Ok(true)
    }

    /// Makes durable what is staged.
    fn commit(&self) -> io::Result<()> {
        if !self.is_begun() {
            return Ok(());
        }
        let mut writer = lock(&self.writer);
        self.health.check()?;
        self.commit_with(&mut writer).map_err(|error| self.health.note(error))
    }

    fn commit_with(&self, writer: &mut Writer) -> io::Result<()> {
        let Staged { writes, .. } = std::mem::take(&mut *lock(&self.staged));
        if writes.is_empty() {
            return Ok(());
        }
        writer.write(&writes)?;
        for write in &writes {
            write.to.file.write_at(&write.bytes, write.offset)?;
            write.to.state.written();
        }
        Ok(())
    }

    fn settle(&self) -> io::Result<()> {
        let mut writer = lock(&self.writer);
        self.health.check()?;
        let settled = self.commit_with(&mut writer).and_then(|()| writer.settle());
        settled.map_err(|error| self.health.note(error))
    }

    /// Before the files at these paths get another name, or none.
    fn before_names_change(&self, paths: &[&str]) -> io::Result<()> {
        let is_in_redo = |path: &&str| self.state(path).is_some_and(|state| state.is_in_redo());
        if paths.iter().any(is_in_redo) { self.settle() } else { self.commit() }
    }

    fn state(&self, path: &str) -> Option<Arc<State>> {
        lock(&self.files).get(path).and_then(Weak::upgrade)
    }

    /// The file at `from` is at `to` now, or nowhere.
    fn moved(&self, from: &str, to: Option<&str>) {
        let mut files = lock(&self.files);
        let state = files.remove(from);
        let replaced = to.and_then(|to| files.remove(to));
        if let Some(state) = replaced.as_ref().and_then(Weak::upgrade) {
            state.moved(None);
        }
        if let Some(state) = state.as_ref().and_then(Weak::upgrade) {
            state.moved(to);
            files.extend(to.map(|to| (to.to_owned(), Arc::downgrade(&state))));
        }
    }
}

impl Writer {
    /// Writes a record, durable on return.
    fn write(&mut self, writes: &[StagedWrite]) -> io::Result<()> {
        let missing = || io::Error::other("there is no redo file");
        let area = Arc::clone(self.area.as_ref().ok_or_else(missing)?);
        let told = writes.iter().map(|write| {
            let StagedWrite { path, offset, bytes, .. } = write;
            Write { path, offset: *offset, bytes }
        });
        let record = record::encode(&area.identity, self.number + 1, told);
        if self.at + wide(record.len()) > area.half_bytes {
            self.turn(&area)?;
        }
        area.write(self.half, self.at, &record)?;
        self.number += 1;
        self.at += wide(record.len());
        self.used[self.half] = self.used[self.half].max(self.at);
        for StagedWrite { to, .. } in writes {
            if !self.touched.iter().any(|known| Arc::ptr_eq(&known.state, &to.state)) {
                self.touched.push(to.clone());
            }
            if !self.in_redo.iter().any(|known| Arc::ptr_eq(known, &to.state)) {
                self.in_redo.push(Arc::clone(&to.state));
            }
        }
        Ok(())
    }

    /// What there is to settle.
    fn work(&mut self, area: &Arc<Area>) -> Work {
        let (area, health) = (Arc::clone(area), Arc::clone(&self.health));
        Work { area, health, touched: std::mem::take(&mut self.touched), last: self.number }
    }

    /// Goes on in the other half, once that one is settled, while this one is.
    fn turn(&mut self, area: &Arc<Area>) -> io::Result<()> {
        let work = self.work(area);
        self.settling.hand(work)?;
        (self.half, self.at) = (1 - self.half, 0);
        Ok(())
    }

    /// Settles both halves and overwrites them.
    fn settle(&mut self) -> io::Result<()> {
        self.settling.wait()?;
        let Some(area) = self.area.clone().filter(|_| self.used != [0; 2]) else { return Ok(()) };
        self.work(&area).run()?;
        area.wipe(self.used)?;
        (self.half, self.at, self.used) = (0, 0, [0; 2]);
        self.in_redo.drain(..).for_each(|state| state.wiped());
        Ok(())
    }
}

impl Disk for RedoDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.shared.disk.open(path, mode)?;
        let mut files = lock(&self.shared.files);
        let state = match files.get(path).and_then(Weak::upgrade) {
            Some(state) => state,
            None => {
                let state = Arc::new(State::new(path, file.len()?));
                files.insert(path.to_owned(), Arc::downgrade(&state));
                state
            }
        };
        drop(files);
        Ok(Arc::new(RedoFile { shared: Arc::clone(&self.shared), state, file }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.shared.disk.list(dir)
    }

    fn exists(&self, path: &str) -> bool {
        self.shared.disk.exists(path)
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        self.shared.disk.create_dir(dir)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.shared.before_names_change(&[from, to])?;
        self.shared.disk.rename(from, to)?;
        self.shared.moved(from, Some(to));
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.shared.before_names_change(&[path])?;
        self.shared.disk.remove(path)?;
        self.shared.moved(path, None);
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.shared.disk.sync_dir(dir)
    }
}
