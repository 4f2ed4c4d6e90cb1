//! A file of rows of one length, appended to, zeroed ahead, and rewritten when a row must go.
//!
//! Header (one sector): magic `SLDR`, format u16, kind u16, payload length u32, CRC32C of these.
//! Row: payload, number of rows that were durable when it was written (u32), CRC32C over the row's
//! number and both. That count tells a row that a crash cut off from one that changed later.

use super::bytes::{doing, flushing, narrow, read_exact, u16_at, u32_at, wide};
use super::{replace, tail};
use crate::limits::{ROWS_GROWTH_BYTES_MAX, ROWS_GROWTH_BYTES_MIN, SECTOR_BYTES};
use engine::port::{Disk, DiskFile, OpenMode, PortError, PortFault};
use std::sync::Arc;

const MAGIC: [u8; 4] = *b"SLDR";
const FORMAT: u16 = 1;
const HEADER_BYTES: u64 = SECTOR_BYTES;
const TRAILER_BYTES: usize = 8;

/// What the rows are; numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum RowKind {
    /// Pseudonyms of a Vault.
    Vault = 1,
    /// Keys of a raw store.
    RawKeys = 2,
}

/// An open file of rows. Its owner sees to it that one thread at a time uses it.
pub(crate) struct RowFile {
    disk: Arc<dyn Disk>,
    path: String,
    kind: RowKind,
    payload: usize,
    file: Arc<dyn DiskFile>,
    rows: u32,
    durable: u32,
    zeroed_to: u64,
    /// Counts rewrites: a flush of the file before one says nothing about the file after it.
    generation: u32,
}

/// What a flush outside the owner's lock needs.
pub(crate) struct RowFlush {
    file: Arc<dyn DiskFile>,
    rows: u32,
    generation: u32,
}

impl RowFlush {
    pub(crate) fn order(&self, path: &str) -> Result<(), PortError> {
        self.file.order().map_err(flushing(path))
    }
}

impl RowFile {
    /// Opens the file, or makes it, and visits the payload of every row. A torn tail is cut.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        path: &str,
        kind: RowKind,
        payload: usize,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), PortError>,
    ) -> Result<Self, PortError> {
        replace::finish(&*disk, path)?;
        if !disk.exists(path) {
            write_file(&*disk, path, kind, payload, &[])?;
        }
        let file = disk.open(path, OpenMode::Write).map_err(doing("opening", path))?;
        let zeroed_to = file.len().map_err(doing("measuring", path))?;
        let path = path.to_owned();
        let (rows, durable, generation) = (0, 0, 0);
        let mut rows =
            Self { disk, path, kind, payload, file, rows, durable, zeroed_to, generation };
        rows.scan(visit)?;
        Ok(rows)
    }

    fn row_bytes(&self) -> usize {
        self.payload + TRAILER_BYTES
    }

    fn offset(&self, row: u32) -> u64 {
        HEADER_BYTES + u64::from(row) * wide(self.row_bytes())
    }

    fn scan(
        &mut self,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        let length = narrow(self.zeroed_to);
        let mut bytes = vec![0; length];
        read_exact(&*self.file, &mut bytes, 0).map_err(doing("reading", &self.path))?;
        self.check_header(&bytes)?;
        let table = &bytes[narrow(HEADER_BYTES)..];
        for row in table.chunks_exact(self.row_bytes()) {
            let Some(durable) = checked(row, self.rows) else { break };
            self.durable = self.durable.max(durable);
            visit(&row[..self.payload])?;
            self.rows += 1;
        }
        self.judge_tail(table)?;
        // Also what a killed process had not flushed is durable from here on.
        let (from, to) = (self.offset(self.durable), self.offset(self.rows));
        let written = tail::write_again(&*self.file, from, to);
        written.map_err(doing("writing", &self.path))?;
        self.file.sync().map_err(flushing(&self.path))?;
        self.durable = self.rows;
        Ok(())
    }

    fn check_header(&self, bytes: &[u8]) -> Result<(), PortError> {
        let corrupt = || PortError::corrupt(format!("{}: its header", self.path));
        let header = bytes.get(..narrow(HEADER_BYTES)).ok_or_else(corrupt)?;
        let wanted = header_bytes(self.kind, self.payload);
        if header == wanted {
            return Ok(());
        }
        let sum = u32_at(header, 12).ok_or_else(corrupt)?;
        if header.starts_with(&MAGIC) && sum == crc32c::crc32c(&header[..12]) {
            let (format, kind) = (u16_at(header, 4), u16_at(header, 6));
            let what = format!("{}: format {format:?}, kind {kind:?}", self.path);
            return Err(PortError::new(PortFault::UnknownFormat, what));
        }
        Err(corrupt())
    }

    /// What follows the last good row must be zeros, or the torn rest of what was never flushed.
    fn judge_tail(&self, table: &[u8]) -> Result<(), PortError> {
        let bad = self.offset(self.rows);
        let claimed_end = bad + wide(self.row_bytes());
        let failed = doing("reading", &self.path);
        let judged = tail::judge(&*self.file, bad, claimed_end).map_err(failed)?;
        if judged.dirty_end == bad {
            return Ok(());
        }
        let later = table.chunks_exact(self.row_bytes()).zip(0..).skip(narrow(self.rows.into()));
        let durable = later.filter_map(|(row, number)| checked(row, number)).max();
        if durable.is_some_and(|durable| durable > self.rows) || !judged.torn {
            return Err(PortError::corrupt(format!("{}: offset {bad}", self.path)));
        }
        tail::clear(&*self.file, bad, judged.dirty_end).map_err(doing("cutting", &self.path))
    }

    /// Appends payloads, one after another.
    pub(crate) fn append(&mut self, payloads: &[u8]) -> Result<(), PortError> {
        let count = payloads.len() / self.payload;
        let mut bytes = Vec::with_capacity(count * self.row_bytes());
        encode(&mut bytes, payloads, self.payload, self.rows, self.durable);
        let from = self.offset(self.rows);
        let end = from + wide(bytes.len());
        let failed = doing("writing", &self.path);
        if end > self.zeroed_to {
            let to = end + end.clamp(ROWS_GROWTH_BYTES_MIN, ROWS_GROWTH_BYTES_MAX);
            tail::clear(&*self.file, self.zeroed_to, to).map_err(failed)?;
            self.zeroed_to = to;
        }
        self.file.stage_at(&bytes, from).map_err(failed)?;
        self.rows += u32::try_from(count).unwrap_or(u32::MAX);
        Ok(())
    }

    /// What must be flushed, or nothing.
    pub(crate) fn to_flush(&self) -> Option<RowFlush> {
        let (rows, generation) = (self.rows, self.generation);
        let file = Arc::clone(&self.file);
        (self.durable < rows).then_some(RowFlush { file, rows, generation })
    }

    /// Takes note of a flush that succeeded.
    pub(crate) fn flushed(&mut self, flush: &RowFlush) {
        if flush.generation == self.generation {
            self.durable = self.durable.max(flush.rows);
        }
    }

    /// Replaces all rows; nothing of those left out stays on the disk.
    pub(crate) fn rewrite(&mut self, payloads: &[u8]) -> Result<(), PortError> {
        self.file = write_file(&*self.disk, &self.path, self.kind, self.payload, payloads)?;
        self.zeroed_to = self.file.len().map_err(doing("measuring", &self.path))?;
        self.rows = u32::try_from(payloads.len() / self.payload).unwrap_or(u32::MAX);
        self.durable = self.rows;
        self.generation += 1;
        Ok(())
    }

    /// The path, for messages.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

fn header_bytes(kind: RowKind, payload: usize) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(FORMAT.to_le_bytes());
    header.extend((kind as u16).to_le_bytes());
    header.extend(u32::try_from(payload).unwrap_or(u32::MAX).to_le_bytes());
    header.extend(crc32c::crc32c(&header).to_le_bytes());
    header.resize(narrow(HEADER_BYTES), 0);
    header
}

fn checksum(number: u32, body: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&number.to_le_bytes()), body)
}

/// The durable count of a good row.
fn checked(row: &[u8], number: u32) -> Option<u32> {
    let body = row.len() - 4;
    let good = u32_at(row, body)? == checksum(number, &row[..body]);
    if good { u32_at(row, body - 4) } else { None }
}

fn encode(bytes: &mut Vec<u8>, payloads: &[u8], payload: usize, first: u32, durable: u32) {
    for (number, row) in (first..).zip(payloads.chunks_exact(payload)) {
        let start = bytes.len();
        bytes.extend_from_slice(row);
        bytes.extend(durable.to_le_bytes());
        let sum = checksum(number, &bytes[start..]);
        bytes.extend(sum.to_le_bytes());
    }
}

/// Writes a whole file and puts it in place.
fn write_file(
    disk: &dyn Disk,
    path: &str,
    kind: RowKind,
    payload: usize,
    payloads: &[u8],
) -> Result<Arc<dyn DiskFile>, PortError> {
    let new = replace::new_path(path);
    let file = disk.open(&new, OpenMode::Create).map_err(doing("making", &new))?;
    let failed = doing("writing", &new);
    file.set_len(0).map_err(failed)?;
    let mut bytes = header_bytes(kind, payload);
    encode(&mut bytes, payloads, payload, 0, 0);
    file.write_at(&bytes, 0).map_err(failed)?;
    replace::swap(disk, path, &*file)?;
    Ok(file)
}
