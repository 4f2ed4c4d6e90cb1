//! A file of a disk with a redo file.

use super::Shared;
use crate::disk::bytes::wide;
use engine::port::DiskFile;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all who have a file open share.
pub(super) struct State {
    staged: Mutex<Staged>,
    /// Whether something may have been written past the redo file and not flushed.
    is_dirty: AtomicBool,
    length: AtomicU64,
}

struct Staged {
    /// Where the file is; nothing when it was removed or replaced.
    path: Option<Arc<str>>,
    /// What is staged and not in the file yet, in order.
    writes: Vec<(u64, Arc<[u8]>)>,
    /// From the first to the last byte of it that may be in the redo file.
    in_redo: Option<Range<u64>>,
}

impl State {
    pub(super) fn new(path: &str, length: u64) -> Self {
        let staged = Staged { path: Some(path.into()), writes: Vec::new(), in_redo: None };
        let (is_dirty, length) = (AtomicBool::new(true), AtomicU64::new(length));
        Self { staged: Mutex::new(staged), is_dirty, length }
    }

    fn lock(&self) -> MutexGuard<'_, Staged> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file has another name, or none.
    pub(super) fn moved(&self, path: Option<&str>) {
        self.lock().path = path.map(Into::into);
    }

    pub(super) fn is_in_redo(&self) -> bool {
        self.lock().in_redo.is_some()
    }

    fn overlaps(&self, range: &Range<u64>) -> bool {
        let staged = self.lock();
        staged
            .in_redo
            .as_ref()
            .is_some_and(|in_redo| range.start < in_redo.end && in_redo.start < range.end)
    }

    /// Keeps a write that is staged; its path, or nothing when it cannot be.
    pub(super) fn stage(&self, offset: u64, bytes: &Arc<[u8]>) -> Option<Arc<str>> {
        let mut staged = self.lock();
        let end = offset + wide(bytes.len());
        if end > self.length.load(Ordering::Acquire) {
            return None;
        }
        let path = staged.path.clone()?;
        staged.writes.push((offset, Arc::clone(bytes)));
        let was = staged.in_redo.take().unwrap_or(offset..end);
        staged.in_redo = Some(was.start.min(offset)..was.end.max(end));
        Some(path)
    }

    /// The write that was staged first is in the file.
    pub(super) fn written(&self) {
        self.lock().writes.remove(0);
    }

    /// Nothing of the file is in the redo file any more; what is staged will be.
    pub(super) fn wiped(&self) {
        let mut staged = self.lock();
        let first = staged.writes.iter().map(|(offset, _)| *offset).min();
        let end = staged.writes.iter().map(|(offset, bytes)| offset + wide(bytes.len())).max();
        staged.in_redo = first.zip(end).map(|(first, end)| first..end);
    }
}

/// An open file.
pub(super) struct RedoFile {
    pub(super) shared: Arc<Shared>,
    pub(super) state: Arc<State>,
    pub(super) file: Arc<dyn DiskFile>,
}

impl RedoFile {
    /// Before bytes of the file change past the redo file: what was staged is durable first, and
    /// what the redo file holds of these bytes can never be written over them.
    fn before_change(&self, range: &Range<u64>) -> io::Result<()> {
        if self.state.overlaps(range) { self.shared.settle() } else { self.shared.commit() }
    }
}

impl DiskFile for RedoFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let staged = self.state.lock();
        if staged.writes.is_empty() {
            drop(staged);
            return self.file.read_at(buffer, offset);
        }
        let count = self.file.read_at(buffer, offset)?;
        let end = offset + wide(count);
        for (at, bytes) in &staged.writes {
            let (from, to) = (offset.max(*at), end.min(at + wide(bytes.len())));
            if from < to {
                let index = |place: u64, base: u64| usize::try_from(place - base).unwrap_or(0);
                let source = &bytes[index(from, *at)..index(to, *at)];
                buffer[index(from, offset)..index(to, offset)].copy_from_slice(source);
            }
        }
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let end = offset + wide(bytes.len());
        self.before_change(&(offset..end))?;
        let done = self.file.write_at(bytes, offset);
        // Only now: a flush that another thread began before does not count.
        self.state.is_dirty.store(true, Ordering::Release);
        done?;
        self.state.length.fetch_max(end, Ordering::AcqRel);
        Ok(())
    }

    fn stage_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.shared.stages(bytes.len()) && self.shared.stage(self, bytes, offset)? {
            return Ok(());
        }
        self.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.shared.commit()?;
        if !self.state.is_dirty.swap(false, Ordering::AcqRel) && self.shared.is_begun() {
            return Ok(());
        }
        self.shared.health.sync(&*self.file)
    }

    fn order(&self) -> io::Result<()> {
        if self.shared.is_begun() && !self.state.is_dirty.load(Ordering::Acquire) {
            return self.shared.health.check();
        }
        self.sync()
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.before_change(&(length..u64::MAX))?;
        let done = self.file.set_len(length);
        self.state.is_dirty.store(true, Ordering::Release);
        done?;
        self.state.length.store(length, Ordering::Release);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_staged_while_the_rest_is_wiped_stays_known() {
        let state = State::new("log/a", 100);
        let bytes: Arc<[u8]> = Arc::from(&b"0123456789"[..]);
        assert_eq!(state.stage(20, &bytes).as_deref(), Some("log/a"));
        assert!(state.overlaps(&(29..30)) && !state.overlaps(&(30..31)));
        state.wiped();
        assert!(state.overlaps(&(20..21)), "it is not in the file yet");
        state.written();
        state.stage(30, &bytes);
        state.wiped();
        assert!(state.overlaps(&(30..31)) && !state.overlaps(&(20..30)));
        state.written();
        state.wiped();
        assert!(!state.is_in_redo());
        assert_eq!(state.stage(95, &bytes), None, "it would make the file longer");
        state.moved(None);
        assert_eq!(state.stage(20, &bytes), None, "nobody would find it");
    }
}
