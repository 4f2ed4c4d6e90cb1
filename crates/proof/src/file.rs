//! The outer form of proof files: JSON that a person can open, in exactly one spelling.
//!
//! A file is an object whose first fields are `saldo-proof` (the version, 1) and `type`; binary
//! values are base64 with padding. A file is refused unless writing what was read gives the same
//! bytes, so that nothing in it is passed over and no two files say the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::Hash;

pub(crate) const VERSION: u32 = 1;

/// Largest proof file in bytes that a parser looks at.
pub const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Why bytes are not a proof file.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum FileError {
    /// `E6050`
    #[error("this is not a proof file as Saldo writes it: {0}")]
    Malformed(String),
    /// `E6051`
    #[error("this is a proof file of version {version} and type {found:?}, not {wanted:?}")]
    Unknown {
        /// Its version.
        version: u64,
        /// Its type.
        found: String,
        /// What was asked for.
        wanted: &'static str,
    },
}

impl FileError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "E6050",
            Self::Unknown { .. } => "E6051",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

/// What kind of proof file these bytes are, by their field `type`; nothing else is checked.
pub fn file_type(bytes: &[u8]) -> Option<String> {
    header(bytes).ok().map(|header| header.kind)
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "saldo-proof")]
    version: u64,
    #[serde(rename = "type")]
    kind: String,
}

fn header(bytes: &[u8]) -> Result<Header, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(malformed("it is too large"));
    }
    serde_json::from_slice(bytes).map_err(malformed)
}

pub(crate) fn malformed(why: impl std::fmt::Display) -> FileError {
    FileError::Malformed(why.to_string())
}

/// The file's bytes: one field a line.
pub(crate) fn write<T: Serialize>(wire: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(wire).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads a file of type `wanted`, and refuses any spelling but that of [`write`].
pub(crate) fn read<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    wanted: &'static str,
) -> Result<T, FileError> {
    read_up_to(bytes, wanted, VERSION)
}

/// The same for a type of which there are versions from 1 to `last`.
pub(crate) fn read_up_to<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    wanted: &'static str,
    last: u32,
) -> Result<T, FileError> {
    check_header(bytes, wanted, last)?;
    let wire: T = serde_json::from_slice(bytes).map_err(malformed)?;
    if write(&wire) == bytes { Ok(wire) } else { Err(malformed("it was written another way")) }
}

/// Reads what travels inside other JSON, and so has no spelling of its own.
pub(crate) fn read_any_spelling<T: DeserializeOwned>(
    bytes: &[u8],
    wanted: &'static str,
) -> Result<T, FileError> {
    check_header(bytes, wanted, VERSION)?;
    serde_json::from_slice(bytes).map_err(malformed)
}

fn check_header(bytes: &[u8], wanted: &'static str, last: u32) -> Result<(), FileError> {
    let Header { version, kind } = header(bytes)?;
    if (u64::from(VERSION)..=u64::from(last)).contains(&version) && kind == wanted {
        return Ok(());
    }
    let found = kind.chars().take(64).collect();
    Err(FileError::Unknown { version, found, wanted })
}

/// Bytes as base64.
#[derive(Clone, Debug)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

impl Blob {
    /// Exactly `N` bytes.
    pub(crate) fn fixed<const N: usize>(&self) -> Result<[u8; N], FileError> {
        let found = self.0.as_slice().try_into();
        found.map_err(|_| malformed(format!("{} bytes instead of {N}", self.0.len())))
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

pub(crate) fn blobs(hashes: &[Hash]) -> Vec<Blob> {
    hashes.iter().map(|hash| Blob(hash.0.to_vec())).collect()
}

pub(crate) fn hashes(blobs: &[Blob]) -> Result<Vec<Hash>, FileError> {
    blobs.iter().map(|blob| blob.fixed().map(Hash)).collect()
}
