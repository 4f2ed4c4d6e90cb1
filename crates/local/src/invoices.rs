//! Tax invoices as files: one a document, named by its id, never written twice.

use crate::disk::bytes::{doing, make_dir, narrow, read_exact};
use crate::disk::replace;
use engine::port::invoice::InvoicePort;
use engine::port::{Disk, OpenMode, PortError};
use std::fmt::Write as _;
use std::sync::Arc;

/// A directory of tax invoices.
pub struct FileInvoices {
    disk: Arc<dyn Disk>,
    dir: String,
}

impl FileInvoices {
    /// The directory `dir`, made when absent.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(disk: Arc<dyn Disk>, dir: &str) -> Result<Self, PortError> {
        make_dir(&*disk, dir)?;
        Ok(Self { disk, dir: dir.to_owned() })
    }

    /// Letters, digits, `-` and `_` stand for themselves; other bytes are `%` and two digits.
    fn path(&self, id: &str) -> String {
        let mut path = format!("{}/", self.dir);
        for byte in id.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
                path.push(char::from(byte));
            } else {
                // Writing to a text cannot fail.
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path + ".json"
    }
}

impl InvoicePort for FileInvoices {
    fn hand_over(&self, id: &str, document: &[u8]) -> Result<(), PortError> {
        let path = self.path(id);
        replace::finish(&*self.disk, &path)?;
        match self.handed_over(id)? {
            Some(there) if there == document => return Ok(()),
            Some(_) => {
                return Err(PortError::corrupt(format!("{path} holds another tax invoice {id}")));
            }
            None => {}
        }
        let new = replace::new_path(&path);
        let file = self.disk.open(&new, OpenMode::Create).map_err(doing("making", &new))?;
        file.write_at(document, 0).map_err(doing("writing", &new))?;
        replace::swap(&*self.disk, &path, &*file)
    }

    fn handed_over(&self, id: &str) -> Result<Option<Vec<u8>>, PortError> {
        let path = self.path(id);
        if !self.disk.exists(&path) {
            return Ok(None);
        }
        let file = self.disk.open(&path, OpenMode::Read).map_err(doing("opening", &path))?;
        let length = file.len().map_err(doing("measuring", &path))?;
        let mut bytes = vec![0; narrow(length)];
        read_exact(&*file, &mut bytes, 0).map_err(doing("reading", &path))?;
        Ok(Some(bytes))
    }
}
