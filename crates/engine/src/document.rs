//! The documents that the engine keeps in the Store's tables, versioned.

use crate::port::{Position, RawBlockId};
use crate::wire::{BadBytes, Reader, Writer};
use ledger::Reject;

/// The key of a position: big-endian, so that keys sort as positions do.
pub fn position_key(position: Position) -> Vec<u8> {
    position.to_be_bytes().to_vec()
}

/// The position of a key.
///
/// # Errors
/// [`BadBytes`].
pub fn key_position(key: &[u8]) -> Result<Position, BadBytes> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| BadBytes)
}

/// The key of a period of an agreement.
pub fn period_key(agreement: &str, period: &str) -> Vec<u8> {
    [agreement.as_bytes(), &[0], period.as_bytes()].concat()
}

/// A quarantined record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its source.
    pub source: String,
    /// Why.
    pub reject: Reject,
    /// Whether it was posted or waiting before, so that the index still leads to it.
    pub void: bool,
}

impl Quarantined {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.source).u16(self.reject as u16);
        writer.u8(self.void.into());
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let quarantined = Self {
            source: reader.text()?.to_owned(),
            reject: Reject::from_number(reader.u16()?).ok_or(BadBytes)?,
            void: reader.u8()? == 1,
        };
        reader.end()?;
        Ok(quarantined)
    }
}

/// A waiting record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingDocument {
    /// Its source.
    pub source: String,
    /// Hash of the key it waits for.
    pub reference: u64,
    /// When it happened, nanoseconds UTC.
    pub occurred_at: i64,
}

impl WaitingDocument {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.source).u64(self.reference).i64(self.occurred_at);
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let waiting = Self {
            source: reader.text()?.to_owned(),
            reference: reader.u64()?,
            occurred_at: reader.i64()?,
        };
        reader.end()?;
        Ok(waiting)
    }
}

/// A contest that nobody has resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// Source of both contents.
    pub source: String,
    /// Position of the content that is posted or waiting.
    pub first: Position,
    /// Earliest time that either content states, nanoseconds UTC.
    pub from: i64,
    /// Latest time that either content states.
    pub to: i64,
}

impl Contest {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.source).u64(self.first).i64(self.from).i64(self.to);
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let contest = Self {
            source: reader.text()?.to_owned(),
            first: reader.u64()?,
            from: reader.i64()?,
            to: reader.i64()?,
        };
        reader.end()?;
        Ok(contest)
    }
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its source.
    pub source: String,
    /// The mapping it was read by, or empty.
    pub mapping: String,
    /// Rows of it that are in the Log.
    pub rows_done: u64,
    /// Whether all of it is.
    pub complete: bool,
}

impl Feed {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.source).text(&self.mapping).u64(self.rows_done);
        writer.u8(self.complete.into());
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let feed = Self {
            source: reader.text()?.to_owned(),
            mapping: reader.text()?.to_owned(),
            rows_done: reader.u64()?,
            complete: reader.u8()? == 1,
        };
        reader.end()?;
        Ok(feed)
    }
}

/// What the stages found in one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationPage {
    /// Its source.
    pub source: String,
    /// When it was received, nanoseconds UTC.
    pub received_at: i64,
    /// Where its raw rows are.
    pub raw_block: RawBlockId,
    /// Records of the frame.
    pub records: u32,
    /// The records that failed: place in the frame, and why.
    pub failures: Vec<(u32, Reject)>,
}

impl VerificationPage {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.source).i64(self.received_at).u64(self.raw_block);
        writer.u32(self.records).u32(u32::try_from(self.failures.len()).unwrap_or(u32::MAX));
        for (at, reject) in &self.failures {
            writer.u32(*at).u16(*reject as u16);
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (source, received_at) = (reader.text()?.to_owned(), reader.i64()?);
        let (raw_block, records) = (reader.u64()?, reader.u32()?);
        let mut failures = Vec::new();
        for _ in 0..reader.u32()? {
            let at = reader.u32()?;
            failures.push((at, Reject::from_number(reader.u16()?).ok_or(BadBytes)?));
        }
        reader.end()?;
        Ok(Self { source, received_at, raw_block, records, failures })
    }
}
