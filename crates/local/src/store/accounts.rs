//! The dictionary of accounts: all of them in one arena in memory, appended at each checkpoint to
//! one file of checksummed frames.
//!
//! A frame's head is 20 bytes: length u32, accounts u32, first id u32, CRC32C of the payload u32,
//! CRC32C of these 16 bytes u32. The payload is, by account: length of path u16, length of asset
//! u16, path, asset. All little-endian.

use super::file::{Fields, File, limit, sync_dir};
use super::limits::{ACCOUNT_ARENA_BYTES_MAX, ACCOUNT_BYTES_MAX};
use super::manifest::FileMeta;
use engine::port::{AccountId, Disk, NewAccount, OpenMode, PortError};
use std::sync::Arc;

/// Where the accounts file is.
pub const DIR: &str = "accounts";
const PATH: &str = "accounts/accounts.log";
const HEAD_BYTES: usize = 20;
const HEAD_CHECKED: usize = 16;

/// The accounts of one shard.
pub struct Accounts {
    disk: Arc<dyn Disk>,
    file: Option<File>,
    meta: FileMeta,
    /// Path, asset, path, asset, ...
    text: String,
    /// Where each path and each asset ends.
    ends: Vec<u32>,
}

impl Accounts {
    /// Opens the file of a manifest, when it names one, and reads all of it.
    pub fn open(disk: Arc<dyn Disk>, metas: Vec<FileMeta>) -> Result<Self, PortError> {
        let none = FileMeta { path: PATH.to_owned(), length: 0, count: 0, checksum: 0 };
        let meta = metas.into_iter().next();
        let mut accounts =
            Self { disk, file: None, meta: none, text: String::new(), ends: Vec::new() };
        if let Some(meta) = meta {
            let file = File::open(&*accounts.disk, &meta.path, OpenMode::Write, meta.length)?;
            file.cut_tail(meta.length)?;
            let length = usize::try_from(meta.length).unwrap_or(usize::MAX);
            let mut bytes = vec![0; length];
            file.read(&mut bytes, 0)?;
            let whole = accounts.load(&bytes) == Some(meta.checksum);
            if !whole || u64::from(accounts.count()) != meta.count {
                return Err(PortError::corrupt(meta.path));
            }
            (accounts.file, accounts.meta) = (Some(file), meta);
        }
        Ok(accounts)
    }

    /// Reads all frames; their checksum, or nothing when one of them is not as it was written.
    fn load(&mut self, bytes: &[u8]) -> Option<u32> {
        let mut rest = Fields(bytes);
        let mut chain = 0;
        while !rest.0.is_empty() {
            let head = rest.bytes(HEAD_BYTES)?;
            chain = crc32c::crc32c_append(chain, head);
            let mut fields = Fields(head);
            let (length, count) = (fields.u32()?, fields.u32()?);
            let (first, checksum) = (fields.u32()?, fields.u32()?);
            let payload = rest.bytes(length as usize)?;
            let right = fields.u32()? == crc32c::crc32c(&head[..HEAD_CHECKED]);
            if !right || checksum != crc32c::crc32c(payload) || first != self.count() {
                return None;
            }
            let mut payload = Fields(payload);
            for _ in 0..count {
                let (path, asset) = (payload.u16()?, payload.u16()?);
                let path = std::str::from_utf8(payload.bytes(path.into())?).ok()?;
                let asset = std::str::from_utf8(payload.bytes(asset.into())?).ok()?;
                self.push(path, asset);
            }
        }
        Some(chain)
    }

    fn push(&mut self, path: &str, asset: &str) {
        for text in [path, asset] {
            self.text.push_str(text);
            self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        }
    }

    /// Adds accounts; their ids follow each other.
    pub fn add(&mut self, accounts: &[NewAccount]) -> Result<(), PortError> {
        for NewAccount { path, asset } in accounts {
            if path.len().max(asset.len()) > ACCOUNT_BYTES_MAX {
                return Err(limit(format!("account of over {ACCOUNT_BYTES_MAX} bytes")));
            }
            if self.text.len() + path.len() + asset.len() > ACCOUNT_ARENA_BYTES_MAX {
                return Err(limit(format!("accounts of over {ACCOUNT_ARENA_BYTES_MAX} bytes")));
            }
            self.push(path, asset);
        }
        Ok(())
    }

    /// Number of accounts.
    pub fn count(&self) -> u32 {
        u32::try_from(self.ends.len() / 2).unwrap_or(u32::MAX)
    }

    /// Visits the accounts from `from` on, in order of ids.
    pub fn visit(&self, from: AccountId, visit: &mut dyn FnMut(AccountId, &str, &str)) {
        let skip = from as usize * 2;
        let mut start = if skip == 0 { 0 } else { self.ends[skip - 1] as usize };
        for (id, ends) in (from..).zip(self.ends[skip..].chunks_exact(2)) {
            let (path, asset) = (ends[0] as usize, ends[1] as usize);
            visit(id, &self.text[start..path], &self.text[path..asset]);
            start = asset;
        }
    }

    /// Appends what is new to the file and makes it durable.
    pub fn flush(&mut self) -> Result<(), PortError> {
        let first = AccountId::try_from(self.meta.count).unwrap_or(AccountId::MAX);
        let count = self.count() - first;
        if count == 0 {
            return Ok(());
        }
        let mut frame = vec![0; HEAD_BYTES];
        self.visit(first, &mut |_, path, asset| {
            for text in [path, asset] {
                let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
                frame.extend_from_slice(&length.to_le_bytes());
            }
            frame.extend_from_slice(path.as_bytes());
            frame.extend_from_slice(asset.as_bytes());
        });
        let length = u32::try_from(frame.len() - HEAD_BYTES);
        let length = length.map_err(|_| limit("accounts of over 4 GiB in one checkpoint"))?;
        let payload = crc32c::crc32c(&frame[HEAD_BYTES..]);
        for (place, number) in [length, count, first, payload].into_iter().enumerate() {
            frame[place * 4..place * 4 + 4].copy_from_slice(&number.to_le_bytes());
        }
        let head = crc32c::crc32c(&frame[..HEAD_CHECKED]);
        frame[HEAD_CHECKED..HEAD_BYTES].copy_from_slice(&head.to_le_bytes());
        self.append(&frame)?;
        self.meta.count += u64::from(count);
        Ok(())
    }

    fn append(&mut self, frame: &[u8]) -> Result<(), PortError> {
        let is_new = self.file.is_none();
        let file = match self.file.take() {
            Some(file) => file,
            None => File::create(&*self.disk, PATH)?,
        };
        file.write(frame, self.meta.length)?;
        file.sync()?;
        if is_new {
            sync_dir(&*self.disk, DIR)?;
        }
        self.meta.length += frame.len() as u64;
        self.meta.checksum = crc32c::crc32c_append(self.meta.checksum, &frame[..HEAD_BYTES]);
        self.file = Some(file);
        Ok(())
    }

    /// What the manifest must say: nothing before the first account.
    pub fn metas(&self) -> Vec<FileMeta> {
        self.file.iter().map(|_| self.meta.clone()).collect()
    }
}
