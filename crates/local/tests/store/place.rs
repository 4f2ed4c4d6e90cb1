//! Stores on fault disks.

use crate::vfs;
use engine::port::PortError;
use local::{FileStore, Options};
use sim::disk::FaultDisk;
use std::sync::Arc;

/// Small, so that a short script spills and merges runs.
pub fn options(root: &str) -> Options {
    let mut options = Options::at(root);
    options.vfs = Some(vfs::NAME.to_owned());
    options.index_bytes = 150_000;
    options.background = false;
    options
}

/// A Store on a fault disk.
pub struct Place {
    pub disk: FaultDisk,
    root: String,
}

impl Place {
    pub fn new(disk: FaultDisk) -> Self {
        let root = vfs::root_of(&disk);
        Self { disk, root }
    }

    pub fn open(&self) -> Result<FileStore, PortError> {
        FileStore::open(Arc::new(self.disk.clone()), options(&self.root))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        vfs::forget(&self.root);
    }
}
