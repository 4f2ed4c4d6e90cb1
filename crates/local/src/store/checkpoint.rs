//! The steps of a checkpoint, in the order that makes its last one atomic.

use super::FileStore;
use super::file::{remove, sync_dir};
use super::manifest::Manifest;
use engine::port::PortError;

impl FileStore {
    pub(super) fn write_checkpoint(
        &mut self,
        state: &[u8],
        partial: &[(String, Vec<u8>)],
    ) -> Result<(), PortError> {
        let obsolete = self.merging.take_over(&mut self.index, &mut self.totals)?;
        self.write_runs(!obsolete.is_empty())?;
        self.accounts.flush()?;
        self.blocks.flush()?;
        self.tiles.flush()?;
        let mut manifest = self.next_manifest(state);
        self.documents.checkpoint(&mut manifest, partial)?;
        self.manifest = manifest;
        self.fresh_bytes = 0;
        // Not before: until the commit above an older manifest named them.
        for path in obsolete {
            remove(&*self.disk, &path)?;
        }
        // A merge under way has the runs as they were before they left memory.
        if !self.merging.index_busy() {
            self.index.spill()?;
        }
        let next = &mut self.next_run;
        let mut number = || std::mem::replace(next, *next + 1);
        let (background, disk) = (self.options.background, &self.disk);
        self.merging.start(background, disk, &self.index, &self.totals, &mut number)
    }

    /// Writes the new keys and rows; `merged` says that merges left new names too.
    fn write_runs(&mut self, merged: bool) -> Result<(), PortError> {
        if self.index.write_run(self.next_run)? | merged {
            sync_dir(&*self.disk, crate::index::DIR)?;
        }
        if self.totals.write_run(self.next_run)? | merged {
            sync_dir(&*self.disk, crate::totals::DIR)?;
        }
        self.next_run += 1;
        Ok(())
    }

    /// The manifest of what is written now; the documents add theirs.
    fn next_manifest(&self, state: &[u8]) -> Manifest {
        Manifest {
            position: self.position,
            state: state.to_vec(),
            generation: self.manifest.generation + 1,
            index: self.index.metas().cloned().collect(),
            totals: self.totals.metas().cloned().collect(),
            accounts: self.accounts.metas(),
            blocks: self.blocks.metas().cloned().collect(),
            tiles: self.tiles.metas().collect(),
            ..Manifest::default()
        }
    }
}
