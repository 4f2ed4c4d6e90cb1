//! The redo file's file: two slots and two halves.

use super::record::{Identity, Slot, half_offset};
use crate::disk::bytes::{doing, flushing, parent};
use crate::disk::{replace, tail};
use crate::limits::REDO_BLOCK_BYTES;
use engine::port::{Disk, DiskFile, OpenMode, PortError};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// The file and what its slots say.
pub(super) struct Area {
    file: Arc<dyn DiskFile>,
    pub(super) identity: Identity,
    pub(super) half_bytes: u64,
    /// The slot written last, and which of the two it is.
    slot: Mutex<(Slot, usize)>,
}

impl Area {
    pub(super) fn of(file: Arc<dyn DiskFile>, slot: Slot, newest: usize) -> Self {
        let Slot { identity, half_bytes, .. } = slot;
        Self { file, identity, half_bytes, slot: Mutex::new((slot, newest)) }
    }

    /// Makes the file, with every byte stored, so that no flush of a record allocates.
    pub(super) fn make(
        disk: &dyn Disk,
        path: &str,
        identity: Identity,
        half_bytes: u64,
    ) -> Result<Self, PortError> {
        let slot = Slot { identity, half_bytes, settled: 0 };
        let new = replace::new_path(path);
        let file = disk.open(&new, OpenMode::Create).map_err(doing("making", &new))?;
        let failed = doing("writing", &new);
        file.set_len(0).map_err(failed)?;
        tail::clear(&*file, 0, half_offset(2, half_bytes)).map_err(failed)?;
        file.write_at(&slot.encode(), 0).map_err(failed)?;
        file.sync().map_err(flushing(&new))?;
        disk.rename(&new, path).map_err(doing("renaming", &new))?;
        disk.sync_dir(parent(path)).map_err(flushing(path))?;
        Ok(Self::of(file, slot, 0))
    }

    /// Number of the last settled record.
    pub(super) fn last_settled(&self) -> u64 {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).0.settled
    }

    /// Writes a record into a half, durable on return.
    pub(super) fn write(&self, half: usize, at: u64, record: &[u8]) -> io::Result<()> {
        self.file.write_at(record, half_offset(half, self.half_bytes) + at)?;
        self.file.sync()
    }

    /// Takes note that every record up to this number is in the files that it is about.
    pub(super) fn settled(&self, number: u64) -> io::Result<()> {
        let mut newest = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let (slot, index) = (Slot { settled: number, ..newest.0 }, 1 - newest.1);
        let offset = if index == 0 { 0 } else { REDO_BLOCK_BYTES };
        self.file.write_at(&slot.encode(), offset)?;
        self.file.sync()?;
        *newest = (slot, index);
        Ok(())
    }

    /// Overwrites what was used of each half, all of it settled: what is erased from a file must
    /// not stay in here.
    pub(super) fn wipe(&self, used: [u64; 2]) -> io::Result<()> {
        for (half, used) in used.into_iter().enumerate() {
            let from = half_offset(half, self.half_bytes);
            tail::clear(&*self.file, from, from + used)?;
        }
        self.file.sync()
    }
}
