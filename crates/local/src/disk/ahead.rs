//! Files at their full length, made before they are needed, so that no append changes a length.
//!
//! What is not written yet reads as zeros without being stored. Writing the zeros ahead made
//! each flush cheaper, and cost every event the copying of twice its bytes: flushes are off the
//! critical path here, copying is not. The flushes in here serve speed alone: whoever takes a
//! file flushes it again.

use super::bytes::{doing, flushing};
use engine::port::{Disk, DiskFile, OpenMode, PortError};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

enum Slot {
    Empty,
    Wanted(u64),
    Making,
    Ready(u64),
}

struct Shared {
    disk: Arc<dyn Disk>,
    path: String,
    slot: Mutex<(Slot, bool)>,
    changed: Condvar,
}

/// Keeps one file of zeros ready at a path.
pub(crate) struct Ahead {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Makes files at `path`; with `background` on a thread of its own, else when asked.
    pub(crate) fn new(disk: Arc<dyn Disk>, path: String, background: bool) -> Self {
        let slot = Mutex::new((Slot::Empty, false));
        let shared = Arc::new(Shared { disk, path, slot, changed: Condvar::new() });
        // Without a thread everything still works, only slower.
        let thread = background.then(|| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name("zero-ahead".into()).spawn(move || shared.serve()).ok()
        });
        Self { shared, thread: thread.flatten() }
    }

    /// Asks for a file of `bytes`, to be taken some time later.
    pub(crate) fn prepare(&self, bytes: u64) {
        if self.thread.is_none() {
            return;
        }
        let mut slot = self.shared.lock();
        if matches!(slot.0, Slot::Empty) {
            slot.0 = Slot::Wanted(bytes);
            self.shared.changed.notify_all();
        }
    }

    /// Makes `name` a file that begins with `header` and goes on with zeros to `bytes` or more,
    /// durable under its name; answers with it and its length.
    pub(crate) fn take(
        &self,
        name: &str,
        bytes: u64,
        header: &dyn Fn(u64) -> Vec<u8>,
    ) -> Result<(Arc<dyn DiskFile>, u64), PortError> {
        let path = &self.shared.path;
        let ready = self.shared.claim(bytes);
        let length = ready.unwrap_or(bytes);
        if ready.is_none() {
            let made = self.shared.make(bytes, false);
            made.map_err(doing("making", path))?;
        }
        let disk = &self.shared.disk;
        let file = disk.open(path, OpenMode::Write).map_err(doing("opening", path))?;
        file.write_at(&header(length), 0).map_err(doing("writing", path))?;
        file.sync().map_err(flushing(path))?;
        disk.rename(path, name).map_err(doing("renaming", path))?;
        let dir = super::bytes::parent(name);
        disk.sync_dir(dir).map_err(flushing(dir))?;
        Ok((file, length))
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.lock().1 = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed; there is nobody else to tell.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, (Slot, bool)> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the file under way; its length when it is long enough.
    fn claim(&self, bytes: u64) -> Option<u64> {
        let mut slot = self.lock();
        while matches!(slot.0, Slot::Making) {
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
        match std::mem::replace(&mut slot.0, Slot::Empty) {
            Slot::Ready(length) if length >= bytes => Some(length),
            Slot::Ready(_) | Slot::Empty | Slot::Wanted(_) | Slot::Making => None,
        }
    }

    fn serve(&self) {
        let mut slot = self.lock();
        while !slot.1 {
            let Slot::Wanted(bytes) = slot.0 else {
                slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            slot.0 = Slot::Making;
            drop(slot);
            let made = self.make(bytes, true);
            slot = self.lock();
            // What failed here is tried again, and reported, by whoever needs the file.
            slot.0 = if made.is_ok() { Slot::Ready(bytes) } else { Slot::Empty };
            self.changed.notify_all();
        }
    }

    fn make(&self, bytes: u64, gently: bool) -> io::Result<()> {
        let file = self.disk.open(&self.path, OpenMode::Create)?;
        file.set_len(0)?;
        file.set_len(bytes)?;
        if gently { file.sync() } else { Ok(()) }
    }
}
