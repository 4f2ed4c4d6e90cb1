//! What was turned away at the door, by source and by code.
//!
//! Kept under `refused:`, the source, 0 and the code: u8 1, u64 count.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Table;
use crate::wire::{BadBytes, Reader, Writer};

const PREFIX: &[u8] = b"refused:";

/// How often requests of a source were refused with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// The source.
    pub source: String,
    /// The stable code.
    pub code: String,
    /// How often.
    pub count: u64,
}

pub(crate) fn key(source: &str, code: &str) -> Vec<u8> {
    [PREFIX, source.as_bytes(), &[0], code.as_bytes()].concat()
}

pub(crate) fn value(count: u64) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u8(1).u64(count);
    writer.bytes
}

pub(crate) fn count(bytes: &[u8]) -> Result<u64, BadBytes> {
    let mut reader = Reader::new(bytes);
    if reader.u8()? != 1 {
        return Err(BadBytes);
    }
    let count = reader.u64()?;
    reader.end()?;
    Ok(count)
}

impl Engine {
    /// Every refusal at the door, by source and code, ascending.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn refusals(&self) -> Result<Vec<Refusals>, EngineError> {
        let (mut found, mut bad) = (Vec::new(), None);
        self.store().documents(Table::Meta, PREFIX, &mut |key, value| {
            let Some(name) = key.strip_prefix(PREFIX) else { return false };
            let name = str::from_utf8(name).ok().and_then(|name| name.split_once('\0'));
            match (name, count(value)) {
                (Some((source, code)), Ok(count)) => {
                    let (source, code) = (source.to_owned(), code.to_owned());
                    found.push(Refusals { source, code, count });
                }
                _ => bad = Some(BadBytes),
            }
            bad.is_none()
        })?;
        bad.map_or(Ok(found), |error| Err(error.into()))
    }
}
