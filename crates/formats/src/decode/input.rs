//! Where the bytes come from.

use crate::code::TOO_LARGE;
use crate::error::FormatError;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most bytes of what is read whole: JSON documents, and workbooks and Parquet that come from
/// a reader.
pub const WHOLE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A file, or bytes from elsewhere.
pub enum Input<'i> {
    /// A file; joined files are looked for in its directory.
    Path(&'i Path),
    /// Bytes that are read once.
    Reader {
        /// The bytes.
        reader: Box<dyn Read + 'i>,
        /// Where joined files are looked for.
        directory: Option<&'i Path>,
    },
}

impl<'i> Input<'i> {
    /// Bytes in memory, without a directory.
    pub fn bytes(bytes: &'i [u8]) -> Self {
        Self::Reader { reader: Box::new(bytes), directory: None }
    }

    pub(super) fn directory(&self) -> Option<PathBuf> {
        match self {
            Self::Path(path) => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                Some(parent.unwrap_or(Path::new(".")).to_owned())
            }
            Self::Reader { directory, .. } => directory.map(Path::to_owned),
        }
    }

    /// To be read from beginning to end.
    pub(super) fn open(self) -> Result<Box<dyn Read + 'i>, FormatError> {
        match self {
            Self::Path(path) => Ok(Box::new(open(path)?)),
            Self::Reader { reader, .. } => Ok(reader),
        }
    }

    /// All of it in memory.
    pub(super) fn whole(self) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        let reader = self.open()?;
        reader
            .take(WHOLE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| FormatError::io(&error))?;
        if bytes.len() as u64 > WHOLE_BYTES_MAX {
            let limit = format!("the limit is {WHOLE_BYTES_MAX} bytes");
            return Err(FormatError::new(TOO_LARGE, limit));
        }
        Ok(bytes)
    }
}

/// Opens a file, naming it in the error.
pub(super) fn open(path: &Path) -> Result<File, FormatError> {
    File::open(path).map_err(|error| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        FormatError::new(crate::code::CANNOT_OPEN, format!("{name}: {error}"))
    })
}
