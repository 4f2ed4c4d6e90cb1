//! The manifest: what a checkpoint consists of. Whatever it does not name is not part of the
//! Store; whatever it names must be there as it says.

use crate::{index, totals};
use engine::port::Position;

/// Format of the manifest and of every file that it names. It is raised when any of them changes.
pub const FORMAT: u64 = 1;

/// A file that is appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMeta {
    /// Its path.
    pub path: String,
    /// Bytes of it that count.
    pub length: u64,
    /// Things in it.
    pub count: u64,
    /// CRC32C of the heads of these things.
    pub checksum: u32,
}

/// How many documents a table has, and the sum of their checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents.
    pub count: u64,
    /// Sum of the checksums of the documents.
    pub sum: u64,
}

/// Everything that one checkpoint made durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The position after the last record.
    pub position: Position,
    /// The engine's state.
    pub state: Vec<u8>,
    /// Number of checkpoints before this one.
    pub generation: u64,
    /// The last checkpoint that changed the verification database.
    pub verification: u64,
    /// Runs of the index, oldest first.
    pub index: Vec<index::RunMeta>,
    /// Runs of totals, oldest first.
    pub totals: Vec<totals::RunMeta>,
    /// The accounts file, once there is one.
    pub accounts: Vec<FileMeta>,
    /// Segments of blocks, in order.
    pub blocks: Vec<FileMeta>,
    /// Files of full tiles.
    pub tiles: Vec<FileMeta>,
    /// By number of the table.
    pub tallies: Vec<Tally>,
}

/// One row of the manifest's table of parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: u8,
    /// Path, of files.
    pub path: String,
    /// Number of a run or table.
    pub number: u64,
    /// Bytes.
    pub length: u64,
    /// Keys, rows, blocks, tiles or documents.
    pub count: u64,
    /// Lowest position, or number of blocks.
    pub low: u64,
    /// Highest position.
    pub high: u64,
    /// Checksum, or sum of checksums.
    pub checksum: u64,
}

const INDEX: u8 = 1;
const TOTALS: u8 = 2;
const ACCOUNTS: u8 = 3;
const BLOCKS: u8 = 4;
const TILES: u8 = 5;
const TALLY: u8 = 6;

fn file_part(kind: u8, meta: &FileMeta) -> Part {
    let FileMeta { path, length, count, checksum } = meta.clone();
    Part { kind, path, length, count, checksum: checksum.into(), ..Part::default() }
}

impl Manifest {
    /// The rows of its table of parts, in order.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for run in &self.index {
            let (number, length, count) = (run.number, run.length(), run.count);
            let (low, high, checksum) = (run.low, run.high, run.checksum.into());
            let path = run.path();
            parts.push(Part { kind: INDEX, path, number, length, count, low, high, checksum });
        }
        for run in &self.totals {
            let (number, length, count) = (run.number, run.length, run.rows);
            let (low, high, checksum) = (run.blocks, 0, run.checksum.into());
            let path = run.path();
            parts.push(Part { kind: TOTALS, path, number, length, count, low, high, checksum });
        }
        let lists = [(ACCOUNTS, &self.accounts), (BLOCKS, &self.blocks), (TILES, &self.tiles)];
        for (kind, metas) in lists {
            parts.extend(metas.iter().map(|meta| file_part(kind, meta)));
        }
        for (number, tally) in (0..).zip(&self.tallies) {
            let (count, checksum) = (tally.count, tally.sum);
            parts.push(Part { kind: TALLY, number, count, checksum, ..Part::default() });
        }
        parts
    }

    /// Adds a row of the table of parts; false when its kind is not known.
    pub fn add_part(&mut self, part: Part) -> bool {
        let Part { kind, path, number, length, count, low, high, checksum } = part;
        let Ok(narrow) = u32::try_from(checksum).or(if kind == TALLY { Ok(0) } else { Err(()) })
        else {
            return false;
        };
        let file = FileMeta { path, length, count, checksum: narrow };
        match kind {
            INDEX => {
                self.index.push(index::RunMeta { number, count, low, high, checksum: narrow });
            }
            TOTALS => {
                let (rows, blocks) = (count, low);
                let meta = totals::RunMeta { number, rows, blocks, length, checksum: narrow };
                self.totals.push(meta);
            }
            ACCOUNTS => self.accounts.push(file),
            BLOCKS => self.blocks.push(file),
            TILES => self.tiles.push(file),
            TALLY => self.tallies.push(Tally { count, sum: checksum }),
            _ => return false,
        }
        true
    }

    /// Checksum over all of it.
    pub fn checksum(&self) -> u32 {
        let mut bytes = Vec::new();
        for number in [FORMAT, self.position, self.generation, self.verification] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.state);
        for part in self.parts() {
            bytes.push(part.kind);
            bytes.extend_from_slice(part.path.as_bytes());
            for number in [part.number, part.length, part.count, part.low, part.high, part.checksum]
            {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        crc32c::crc32c(&bytes)
    }

    /// Whether a file at `path` belongs to it.
    pub fn names(&self, path: &str) -> bool {
        self.parts().iter().any(|part| part.path == path)
    }
}
