//! Immutable runs of totals: rows sorted by bucket and account in checksummed blocks, with a
//! directory at the end so that a period reads only its blocks.
//!
//! A directory entry is 32 bytes: first bucket i32, last bucket i32, offset u64, length u32,
//! CRC32C of the block u32, rows u32, zero u32. The manifest has the number of entries and the
//! CRC32C of the directory. All little-endian.

use super::code;
use crate::store::file::{Fields, File};
use engine::port::{Disk, OpenMode, PortError, TotalRow};
use ledger::time::Bucket;

/// Rows of a full block: about 40 KB.
const BLOCK_ROWS: u32 = 4096;
const ENTRY_BYTES: usize = 32;

/// What the manifest says about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMeta {
    /// Its number, part of its path.
    pub number: u64,
    /// Rows in it.
    pub rows: u64,
    /// Blocks in it.
    pub blocks: u64,
    /// Length of the file in bytes.
    pub length: u64,
    /// CRC32C of its directory, begun with its number.
    pub checksum: u32,
}

/// The path of run `number`.
pub fn path_of(number: u64) -> String {
    format!("totals/{number:010}.run")
}

impl RunMeta {
    /// Its path.
    pub fn path(&self) -> String {
        path_of(self.number)
    }
}

struct Block {
    first: Bucket,
    last: Bucket,
    offset: u64,
    length: u32,
    checksum: u32,
    rows: u32,
}

impl Block {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first.0.to_le_bytes());
        out.extend_from_slice(&self.last.0.to_le_bytes());
        out.extend_from_slice(&self.offset.to_le_bytes());
        for number in [self.length, self.checksum, self.rows, 0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        Some(Self {
            first: Bucket(fields.i32()?),
            last: Bucket(fields.i32()?),
            offset: fields.u64()?,
            length: fields.u32()?,
            checksum: fields.u32()?,
            rows: fields.u32()?,
        })
    }
}

/// A run that can be read.
pub struct Run {
    /// What the manifest says about it.
    pub meta: RunMeta,
    file: File,
    blocks: Vec<Block>,
}

fn directory_checksum(number: u64, directory: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&number.to_le_bytes()), directory)
}

impl Run {
    /// Opens a run and verifies its directory; blocks are verified when they are read.
    pub fn open(disk: &dyn Disk, meta: RunMeta) -> Result<Self, PortError> {
        let file = File::open(disk, &meta.path(), OpenMode::Read, meta.length)?;
        let corrupt = || PortError::corrupt(format!("{} directory", meta.path()));
        let bytes = meta.blocks.checked_mul(ENTRY_BYTES as u64).ok_or_else(corrupt)?;
        let offset = meta.length.checked_sub(bytes).ok_or_else(corrupt)?;
        let mut directory = vec![0; usize::try_from(bytes).map_err(|_| corrupt())?];
        file.read(&mut directory, offset)?;
        if directory_checksum(meta.number, &directory) != meta.checksum {
            return Err(corrupt());
        }
        let blocks = directory.chunks_exact(ENTRY_BYTES).filter_map(Block::read).collect();
        Ok(Self { meta, file, blocks })
    }

    fn read_block(&self, block: &Block, bytes: &mut Vec<u8>) -> Result<(), PortError> {
        bytes.resize(block.length as usize, 0);
        self.file.read(bytes, block.offset)?;
        if crc32c::crc32c(bytes) == block.checksum { Ok(()) } else { Err(self.corrupt(block)) }
    }

    fn corrupt(&self, block: &Block) -> PortError {
        PortError::corrupt(format!("{} at {}", self.meta.path(), block.offset))
    }

    /// Visits the rows of the buckets `from <= bucket < to`.
    pub fn visit(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError> {
        let start = self.blocks.partition_point(|block| block.last < from);
        let mut bytes = Vec::new();
        for block in self.blocks[start..].iter().take_while(|block| block.first < to) {
            self.read_block(block, &mut bytes)?;
            let mut rest = bytes.as_slice();
            let mut row = code::start(block.first);
            for _ in 0..block.rows {
                code::next(&mut rest, &mut row).ok_or_else(|| self.corrupt(block))?;
                if from <= row.bucket && row.bucket < to {
                    visit(row);
                }
            }
        }
        Ok(())
    }

    /// The first and the last bucket of its rows.
    pub fn bounds(&self) -> Option<(Bucket, Bucket)> {
        Some((self.blocks.first()?.first, self.blocks.last()?.last))
    }

    /// A reader of its rows in order.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor {
            run: self,
            block: 0,
            rows_left: 0,
            bytes: Vec::new(),
            at: 0,
            row: code::start(Bucket(0)),
        }
    }
}

/// Reads the rows of a run in order.
pub struct Cursor<'a> {
    run: &'a Run,
    block: usize,
    rows_left: u32,
    bytes: Vec<u8>,
    at: usize,
    row: TotalRow,
}

impl Cursor<'_> {
    /// The next row, or nothing at the end.
    pub fn next_row(&mut self) -> Result<Option<TotalRow>, PortError> {
        while self.rows_left == 0 {
            let Some(block) = self.run.blocks.get(self.block) else { return Ok(None) };
            self.run.read_block(block, &mut self.bytes)?;
            self.rows_left = block.rows;
            self.row = code::start(block.first);
            self.at = 0;
            self.block += 1;
        }
        let mut rest = &self.bytes[self.at..];
        let next = code::next(&mut rest, &mut self.row);
        next.ok_or_else(|| self.run.corrupt(&self.run.blocks[self.block - 1]))?;
        self.at = self.bytes.len() - rest.len();
        self.rows_left -= 1;
        Ok(Some(self.row))
    }
}

/// Writes a run.
pub struct Writer {
    file: File,
    number: u64,
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    offset: u64,
    rows: u32,
    first: Bucket,
    last: TotalRow,
}

impl Writer {
    /// Begins run `number`.
    pub fn new(disk: &dyn Disk, number: u64) -> Result<Self, PortError> {
        Ok(Self {
            file: File::create(disk, &path_of(number))?,
            number,
            blocks: Vec::new(),
            bytes: Vec::new(),
            offset: 0,
            rows: 0,
            first: Bucket(0),
            last: code::start(Bucket(0)),
        })
    }

    /// Adds the next row; they come sorted by bucket and account, each key once.
    pub fn push(&mut self, row: &TotalRow) -> Result<(), PortError> {
        if self.rows == 0 {
            self.first = row.bucket;
            self.last = code::start(row.bucket);
        }
        code::put(&mut self.bytes, &self.last, row);
        self.last = *row;
        self.rows += 1;
        if self.rows == BLOCK_ROWS { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> Result<(), PortError> {
        self.file.write(&self.bytes, self.offset)?;
        self.blocks.push(Block {
            first: self.first,
            last: self.last.bucket,
            offset: self.offset,
            length: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            checksum: crc32c::crc32c(&self.bytes),
            rows: self.rows,
        });
        self.offset += self.bytes.len() as u64;
        self.bytes.clear();
        self.rows = 0;
        Ok(())
    }

    /// Ends the run and makes its bytes durable; its name needs a flush of the directory.
    pub fn finish(mut self) -> Result<Run, PortError> {
        if self.rows > 0 {
            self.end_block()?;
        }
        let mut directory = Vec::new();
        self.blocks.iter().for_each(|block| block.put(&mut directory));
        self.file.write(&directory, self.offset)?;
        self.file.sync()?;
        let meta = RunMeta {
            number: self.number,
            rows: self.blocks.iter().map(|block| u64::from(block.rows)).sum(),
            blocks: self.blocks.len() as u64,
            length: self.offset + directory.len() as u64,
            checksum: directory_checksum(self.number, &directory),
        };
        Ok(Run { meta, file: self.file, blocks: self.blocks })
    }
}
