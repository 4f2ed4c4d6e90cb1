//! The Vault as one file of rows: keyed hash of who a person is, and a random pseudonym.
//!
//! The keyed hash is HMAC-SHA256 under the operator's vault key, cut to 16 bytes, so that the file
//! does not tell who is in it. In front of it stands a table by a faster keyed hash whose key
//! lives as long as the process. Erasing writes the file anew without the row and overwrites the
//! old one: nothing of the person stays.

mod table;

use crate::disk::bytes::{make_dir, parent};
use crate::disk::rows::{RowFile, RowKind};
use crate::limits::{SUBJECT_BYTES_MAX, VAULT_ROWS_MAX};
use crate::random::{self, Random};
use aws_lc_rs::hmac;
use engine::port::{Disk, PortError, PortFault, Pseudonym, Vault};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use table::{KeyedHash, ROW_BYTES, Table};

/// Random bytes asked for at once.
const RANDOM_BYTES: usize = 4096;

/// The pseudonyms of one operator in one file.
pub struct FileVault {
    key: hmac::Key,
    recent_key: [u8; 16],
    random: Random,
    inner: Mutex<Inner>,
    poison: OnceLock<(PortFault, String)>,
}

struct Inner {
    rows: RowFile,
    table: Table,
    /// Random bytes not yet used, at the end.
    spare: Vec<u8>,
    fresh: Vec<u8>,
}

impl FileVault {
    /// Opens the Vault's file `path`, or makes it; `key` is the operator's vault key.
    ///
    /// # Errors
    /// [`PortFault::Corrupt`] naming file and offset when stored bytes changed,
    /// [`PortFault::Limit`] when there are too many rows, or as the disk reports.
    pub fn open(
        disk: Arc<dyn Disk>,
        path: &str,
        key: &[u8; 32],
        random: Random,
    ) -> Result<Self, PortError> {
        make_dir(&*disk, parent(path))?;
        let mut table = Table::default();
        let rows = RowFile::open(disk, path, RowKind::Vault, ROW_BYTES, &mut |row| {
            table.load(row);
            check_rows(table.len())
        })?;
        let inner = Inner { rows, table, spare: Vec::new(), fresh: Vec::new() };
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            recent_key: random::array(&random)?,
            random,
            inner: Mutex::new(inner),
            poison: OnceLock::new(),
        })
    }

    /// Bytes of memory that the rows and their tables take.
    pub fn memory_bytes(&self) -> usize {
        self.lock().table.memory_bytes()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keyed(&self, subject: &str) -> KeyedHash {
        let tag = hmac::sign(&self.key, subject.as_bytes());
        let mut hash = [0; 16];
        hash.copy_from_slice(&tag.as_ref()[..16]);
        hash
    }

    fn recent(&self, subject: &str) -> u128 {
        let mut hasher = SipHasher13::new_with_key(&self.recent_key);
        hasher.write(subject.as_bytes());
        hasher.finish128().as_u128()
    }

    fn check_poison(&self) -> Result<(), PortError> {
        self.poison.get().map_or(Ok(()), |(fault, why)| {
            Err(PortError::new(*fault, format!("the vault stopped at an earlier error: {why}")))
        })
    }

    fn poisoned(&self, error: PortError) -> PortError {
        // The first error is the one to tell.
        let _ = self.poison.set((error.fault, error.what.clone()));
        error
    }

    /// The pseudonym of a subject that was not seen lately; a new one goes to `inner.fresh`.
    fn resolve(&self, inner: &mut Inner, subject: &str) -> Result<Pseudonym, PortError> {
        if subject.len() > SUBJECT_BYTES_MAX {
            let text = format!("a subject of more than {SUBJECT_BYTES_MAX} bytes");
            return Err(PortError::new(PortFault::Limit, text));
        }
        let hash = self.keyed(subject);
        if let Some(found) = inner.table.find(&hash) {
            return Ok(found);
        }
        check_rows(inner.table.len() + 1)?;
        let pseudonym = inner.draw(&self.random)?;
        inner.table.add(hash, pseudonym);
        inner.fresh.extend(hash);
        inner.fresh.extend(pseudonym);
        Ok(pseudonym)
    }

    fn answer(
        &self,
        inner: &mut Inner,
        subjects: &[&str],
        recent: &[u128],
        out: &mut Vec<Pseudonym>,
    ) -> Result<(), PortError> {
        for (subject, &recent) in subjects.iter().zip(recent) {
            let pseudonym = if let Some(found) = inner.table.find_recent(recent) {
                found
            } else {
                let found = self.resolve(inner, subject)?;
                inner.table.add_recent(recent, found);
                found
            };
            out.push(pseudonym);
        }
        Ok(())
    }
}

impl Inner {
    fn draw(&mut self, random: &Random) -> Result<Pseudonym, PortError> {
        if self.spare.len() < 16 {
            self.spare.resize(RANDOM_BYTES, 0);
            random::fill(random, &mut self.spare)?;
        }
        let from = self.spare.len() - 16;
        let mut pseudonym = [0; 16];
        pseudonym.copy_from_slice(&self.spare[from..]);
        self.spare.truncate(from);
        Ok(pseudonym)
    }

    fn write_fresh(&mut self) -> Result<(), PortError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        self.rows.append(&self.fresh)?;
        self.fresh.clear();
        Ok(())
    }
}

fn check_rows(rows: usize) -> Result<(), PortError> {
    if rows <= VAULT_ROWS_MAX {
        return Ok(());
    }
    Err(PortError::new(PortFault::Limit, format!("the vault has {VAULT_ROWS_MAX} rows")))
}

impl Vault for FileVault {
    fn pseudonyms(&self, subjects: &[&str], out: &mut Vec<Pseudonym>) -> Result<(), PortError> {
        let recent: Vec<_> = subjects.iter().map(|subject| self.recent(subject)).collect();
        out.reserve(subjects.len());
        let inner = &mut *self.lock();
        self.check_poison()?;
        let answered = self.answer(inner, subjects, &recent, out);
        // Also after a refusal: what is in the table must be in the file.
        inner.write_fresh().map_err(|error| self.poisoned(error))?;
        answered
    }

    fn flush(&self) -> Result<(), PortError> {
        self.check_poison()?;
        let inner = self.lock();
        let (flush, path) = (inner.rows.to_flush(), inner.rows.path().to_owned());
        drop(inner);
        let Some(flush) = flush else { return Ok(()) };
        flush.order(&path).map_err(|error| self.poisoned(error))?;
        self.lock().rows.flushed(&flush);
        Ok(())
    }

    fn find(&self, subject: &str) -> Option<Pseudonym> {
        self.lock().table.find(&self.keyed(subject))
    }

    fn erase(&self, subject: &str) -> Result<bool, PortError> {
        let inner = &mut *self.lock();
        self.check_poison()?;
        let (hash, recent) = (self.keyed(subject), self.recent(subject));
        if inner.table.find(&hash).is_none() {
            return Ok(false);
        }
        inner.table.remove(&hash, recent);
        let rows = inner.table.rows();
        inner.rows.rewrite(&rows).map_err(|error| self.poisoned(error))?;
        Ok(true)
    }

    fn len(&self) -> usize {
        self.lock().table.len()
    }
}
