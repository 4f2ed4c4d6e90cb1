//! `SQLite` on a fault disk: every write and sync of it goes through the same faults as ours.

use engine::port::{Disk, DiskFile, OpenMode};
use sim::disk::FaultDisk;
use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs, wip};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The name that `SQLite` knows it by.
pub const NAME: &str = "fault-disk";

type Disks = Arc<Mutex<BTreeMap<u64, FaultDisk>>>;

static DISKS: OnceLock<Disks> = OnceLock::new();
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Makes `disk` reachable; the path by which `SQLite` reaches its root.
pub fn root_of(disk: &FaultDisk) -> String {
    let disks = DISKS.get_or_init(|| {
        let disks = Disks::default();
        sqlite_vfs::register(NAME, DiskVfs(Arc::clone(&disks)), false).unwrap();
        disks
    });
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    disks.lock().unwrap().insert(number, disk.clone());
    format!("/{number}")
}

/// Forgets the disk at `root`.
pub fn forget(root: &str) {
    let number = root[1..].parse().unwrap();
    DISKS.get().unwrap().lock().unwrap().remove(&number);
}

struct DiskVfs(Disks);

impl DiskVfs {
    fn find<'a>(&self, path: &'a str) -> Result<(FaultDisk, &'a str), Error> {
        let (number, path) = path[1..].split_once('/').ok_or(ErrorKind::InvalidInput)?;
        let number: u64 = number.parse().map_err(|_| ErrorKind::InvalidInput)?;
        let disks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((disks.get(&number).ok_or(ErrorKind::NotFound)?.clone(), path))
    }
}

impl Vfs for DiskVfs {
    type Handle = DiskHandle;

    fn open(&self, path: &str, options: OpenOptions) -> Result<DiskHandle, Error> {
        let (disk, path) = self.find(path)?;
        let is_new = !disk.exists(path);
        let mode = match options.access {
            OpenAccess::Read => OpenMode::Read,
            OpenAccess::Write => OpenMode::Write,
            OpenAccess::Create | OpenAccess::CreateNew => OpenMode::Create,
        };
        let file = disk.open(path, mode)?;
        Ok(DiskHandle { disk, file, is_new, lock: LockKind::None })
    }

    fn delete(&self, path: &str) -> Result<(), Error> {
        let (disk, path) = self.find(path)?;
        disk.remove(path)?;
        disk.sync_dir("")
    }

    fn exists(&self, path: &str) -> Result<bool, Error> {
        let (disk, path) = self.find(path)?;
        Ok(disk.exists(path))
    }

    fn temporary_name(&self) -> String {
        unreachable!("temporary tables are in memory")
    }

    fn random(&self, buffer: &mut [i8]) {
        buffer.fill(7);
    }

    fn sleep(&self, duration: Duration) -> Duration {
        duration
    }
}

struct DiskHandle {
    disk: FaultDisk,
    file: Arc<dyn DiskFile>,
    /// The name is made durable with the first sync, as `SQLite`'s own layer does for journals.
    is_new: bool,
    lock: LockKind,
}

impl DatabaseHandle for DiskHandle {
    type WalIndex = NoWal;

    fn size(&self) -> Result<u64, Error> {
        self.file.len()
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
        let read = self.file.read_at(buffer, offset)?;
        buffer[read..].fill(0);
        if read == buffer.len() { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        self.file.write_at(bytes, offset).map_err(|error| match error.kind() {
            // What this layer tells SQLite to be a full disk.
            ErrorKind::StorageFull => ErrorKind::WriteZero.into(),
            _ => error,
        })
    }

    fn sync(&mut self, _: bool) -> Result<(), Error> {
        self.file.sync()?;
        if std::mem::take(&mut self.is_new) { self.disk.sync_dir("") } else { Ok(()) }
    }

    fn set_len(&mut self, length: u64) -> Result<(), Error> {
        self.file.set_len(length)
    }

    fn lock(&mut self, lock: LockKind) -> Result<bool, Error> {
        self.lock = lock;
        Ok(true)
    }

    fn reserved(&mut self) -> Result<bool, Error> {
        // Asked before a journal is played back: nobody else has the file.
        Ok(false)
    }

    fn current_lock(&self) -> Result<LockKind, Error> {
        Ok(self.lock)
    }

    fn wal_index(&self, _: bool) -> Result<NoWal, Error> {
        Err(ErrorKind::Unsupported.into())
    }
}

struct NoWal;

impl wip::WalIndex for NoWal {
    fn enabled() -> bool {
        false
    }

    fn map(&mut self, _: u32) -> Result<[u8; 32768], Error> {
        Err(ErrorKind::Unsupported.into())
    }

    fn lock(&mut self, _: Range<u8>, _: wip::WalIndexLock) -> Result<bool, Error> {
        Err(ErrorKind::Unsupported.into())
    }

    fn delete(self) -> Result<(), Error> {
        Err(ErrorKind::Unsupported.into())
    }
}
