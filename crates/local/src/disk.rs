//! The disk of the operating system, and what every file format here shares: zeroing ahead,
//! judging a torn tail, replacing a file so that nothing of the old one stays, files of rows.

pub(crate) mod ahead;
pub(crate) mod bytes;
pub(crate) mod replace;
pub(crate) mod rows;
pub(crate) mod tail;

use engine::port::{Disk, DiskFile, OpenMode};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A directory of the operating system as a [`Disk`].
#[derive(Clone, Debug)]
pub struct OsDisk {
    root: PathBuf,
}

impl OsDisk {
    /// The tree below `root`, which is made when absent.
    ///
    /// # Errors
    /// As the operating system reports them.
    pub fn new(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        Ok(Self { root: root.to_owned() })
    }

    fn path(&self, path: &str) -> io::Result<PathBuf> {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !Path::new(path).components().all(plain) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a path leaves its root"));
        }
        Ok(self.root.join(path))
    }
}

impl Disk for OsDisk {
    fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let writes = mode != OpenMode::Read;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(writes).create(mode == OpenMode::Create);
        let file = options.truncate(false).open(self.path(path)?)?;
        let length = file.metadata()?.len();
        Ok(Arc::new(OsFile {
            file,
            length: AtomicU64::new(length),
            synced_length: AtomicU64::new(length),
        }))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.path(dir)?) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name().into_string();
            names.push(name.map_err(|_| io::Error::other("a file name is not UTF-8"))?);
        }
        names.sort_unstable();
        Ok(names)
    }

    fn exists(&self, path: &str) -> bool {
        self.path(path).is_ok_and(|path| path.exists())
    }

    fn create_dir(&self, dir: &str) -> io::Result<()> {
        std::fs::create_dir_all(self.path(dir)?)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from)?, self.path(to)?)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        std::fs::remove_file(self.path(path)?)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.path(dir)?)?.sync_all()
    }
}

/// An open file. It knows its length, so that a flush of bytes inside it can leave out the
/// metadata.
struct OsFile {
    file: File,
    length: AtomicU64,
    synced_length: AtomicU64,
}

impl DiskFile for OsFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.file.read_at(&mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)?;
        self.length.fetch_max(offset + bytes.len() as u64, Ordering::AcqRel);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let length = self.length.load(Ordering::Acquire);
        if length == self.synced_length.load(Ordering::Acquire) {
            return self.file.sync_data();
        }
        self.file.sync_all()?;
        self.synced_length.store(length, Ordering::Release);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length.store(length, Ordering::Release);
        Ok(())
    }
}
