//! Opening a Store at its last checkpoint, and wiping one that is to be rebuilt from the Log.

use super::accounts::{self, Accounts};
use super::file::{remove, remove_others, sync_dir};
use super::manifest::Manifest;
use super::merging::Merging;
use super::{FileStore, Options};
use crate::blocks::{self, Blocks};
use crate::documents::{Documents, MAIN, VERIFICATION};
use crate::index::{self, Index};
use crate::tiles::{self, Tiles};
use crate::totals::{self, Totals};
use engine::port::{Disk, PortError, PortFault};
use std::sync::Arc;

const DIRS: [&str; 5] = [index::DIR, totals::DIR, accounts::DIR, blocks::DIR, tiles::DIR];

impl FileStore {
    /// Opens the Store of `disk` at its last checkpoint; makes an empty one where nothing is.
    ///
    /// # Errors
    /// [`PortFault::Missing`] and [`PortFault::Corrupt`]: what the manifest names is not there, or
    /// is not what was written. After [`FileStore::reset`] the Store is empty and is rebuilt by
    /// replaying the Log. [`PortFault::UnknownFormat`]: a later version wrote it. Other faults:
    /// the disk refused; the Store may be opened again.
    pub fn open(disk: Arc<dyn Disk>, options: Options) -> Result<Self, PortError> {
        for dir in DIRS {
            disk.create_dir(dir).map_err(|error| PortError::io(dir, error))?;
        }
        if !disk.exists(MAIN) {
            refuse_leftovers(&*disk)?;
        }
        let has_verification = disk.exists(VERIFICATION);
        let (mut documents, manifest) = Documents::open(&options.root, options.vfs.as_deref())?;
        // A crash may come after the first database was made, before its manifest was.
        if manifest.is_some() && !has_verification {
            return Err(PortError::new(PortFault::Missing, VERIFICATION));
        }
        let manifest = if let Some(manifest) = manifest {
            documents.recover(&manifest)?;
            manifest
        } else {
            refuse_leftovers(&*disk)?;
            let mut manifest = Manifest::default();
            documents.create(&mut manifest)?;
            manifest
        };
        // Names of directories and databases, however far the opening before this one came.
        sync_dir(&*disk, "")?;
        Self::load(disk, options, documents, manifest)
    }

    fn load(
        disk: Arc<dyn Disk>,
        options: Options,
        documents: Documents,
        manifest: Manifest,
    ) -> Result<Self, PortError> {
        for dir in DIRS {
            remove_others(&*disk, dir, &|path| manifest.names(path))?;
        }
        let it = manifest.clone();
        let runs = it.index.iter().map(|run| run.number);
        let runs = runs.chain(it.totals.iter().map(|run| run.number));
        Ok(Self {
            next_run: runs.max().map_or(0, |last| last + 1),
            index: Index::open(Arc::clone(&disk), it.index, options.index_bytes)?,
            totals: Totals::open(Arc::clone(&disk), it.totals)?,
            accounts: Accounts::open(Arc::clone(&disk), it.accounts)?,
            blocks: Blocks::open(Arc::clone(&disk), it.blocks)?,
            tiles: Tiles::open(Arc::clone(&disk), it.tiles)?,
            position: manifest.position,
            merging: Merging::default(),
            fresh_bytes: 0,
            poisoned: None,
            disk,
            options,
            documents,
            manifest,
        })
    }

    /// Removes every file of a Store that is not open, so that it opens empty.
    ///
    /// # Errors
    /// When a file cannot be removed; then it is called again.
    pub fn reset(disk: &dyn Disk) -> Result<(), PortError> {
        for dir in DIRS {
            remove_others(disk, dir, &|_| false)?;
            if disk.exists(dir) {
                sync_dir(disk, dir)?;
            }
        }
        // The journals last: without its journal a database may look whole and not be.
        for suffix in ["", "-journal"] {
            remove(disk, &format!("{MAIN}{suffix}"))?;
            remove(disk, &format!("{VERIFICATION}{suffix}"))?;
            sync_dir(disk, "")?;
        }
        Ok(())
    }
}

/// Files of a Store without a manifest are what is left of one whose databases are gone.
fn refuse_leftovers(disk: &dyn Disk) -> Result<(), PortError> {
    for dir in DIRS {
        let names = disk.list(dir).map_err(|error| PortError::io(dir, error))?;
        if let Some(name) = names.first() {
            let what = format!("{MAIN}: {dir}/{name} is there without a manifest");
            return Err(PortError::new(PortFault::Missing, what));
        }
    }
    Ok(())
}
