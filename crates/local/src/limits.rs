//! Every limit of what is kept on one disk, with its reason.

// Those of a frame hold in every Log.
pub use engine::port::frame::{
    FRAME_BYTES_MAX, FRAME_FIXED_BYTES, FRAME_HEADER_BYTES_MAX, FRAME_RECORDS_BYTES_MAX,
    FRAME_RECORDS_MAX,
};

/// Bytes of a segment of the Log. Rolling to the next costs three flushes, and a scan without a
/// hint reads whole segments; 64 MiB makes both rare and short.
pub const LOG_SEGMENT_BYTES: u64 = 64 << 20;
/// Bytes of the first segment; each next one is four times as large up to the limit, so that a
/// small ledger takes little disk.
pub const FIRST_SEGMENT_BYTES: u64 = 1 << 20;
/// How much larger the next segment is.
pub const SEGMENT_GROWTH: u64 = 4;
/// Bytes of a segment's header: a sector of its own, so that no later write can tear it.
pub const SEGMENT_HEADER_BYTES: u64 = SECTOR_BYTES;
/// Bytes that a disk writes as one.
pub const SECTOR_BYTES: u64 = 512;
/// Segment files held open; the system's usual limit for a process is 1,024.
pub const OPEN_SEGMENTS_MAX: usize = 128;
/// Bytes of frames that share one entry (16 bytes) of the directory in memory: 0.05 % of the Log
/// at most, and a fetch walks over less than this.
pub const DIRECTORY_STEP_BYTES: u64 = 32 << 10;
/// Bytes that a reader asks the disk for at once.
pub const READ_BYTES: usize = 1 << 20;
/// Frames are gathered up to this many bytes for one write.
pub const WRITE_BYTES: usize = 1 << 20;

/// Bytes that are zeroed ahead at once.
pub const ZERO_BYTES: usize = 1 << 20;

/// Bytes of a block of the redo file: what the system caches as one, so that no write reads first.
pub const REDO_BLOCK_BYTES: u64 = 4 << 10;
/// Bytes of each half of the redo file: some thousand frames of one event, and a file that a small
/// ledger can afford. Settling a half flushes about as much.
pub const REDO_HALF_BYTES: u64 = 4 << 20;
/// Bytes of a half at most, as a file may state them: both are read when it is opened.
pub const REDO_HALF_BYTES_MAX: u64 = 64 << 20;
/// Most bytes of a write that goes to the redo file: larger ones are worth a flush of their own,
/// and would be written twice.
pub const REDO_WRITE_BYTES_MAX: usize = 64 << 10;
/// Staged bytes that are written though nobody has asked yet.
pub const REDO_GROUP_BYTES_MAX: usize = 1 << 20;

/// Bytes by which a file of rows grows at least; in between, it doubles.
pub const ROWS_GROWTH_BYTES_MIN: u64 = 4 << 10;
/// Bytes by which a file of rows grows at most.
pub const ROWS_GROWTH_BYTES_MAX: u64 = 256 << 10;
/// Rows of the Vault: all are in memory, about 75 bytes each.
pub const VAULT_ROWS_MAX: usize = 16 << 20;
/// Subjects found without a keyed hash, 32 bytes each; beyond, the table starts anew.
pub const VAULT_RECENT_MAX: usize = 1 << 20;
/// Bytes of a subject: a personal dimension is a short value.
pub const SUBJECT_BYTES_MAX: usize = 64 << 10;

/// Bytes of one raw block: the rows of one batch.
pub const RAW_BLOCK_BYTES_MAX: usize = 64 << 20;
/// Bytes of a segment of raw blocks.
pub const RAW_SEGMENT_BYTES: u64 = 32 << 20;
/// Bytes of the name of a source.
pub const SOURCE_BYTES_MAX: usize = 64;

const _: () = assert!((FRAME_BYTES_MAX as u64) < LOG_SEGMENT_BYTES, "a frame fits in a segment");
const _: () = assert!(LOG_SEGMENT_BYTES <= u32::MAX as u64, "offsets in a segment fit in u32");
const _: () = assert!(FIRST_SEGMENT_BYTES <= RAW_SEGMENT_BYTES, "growth goes up");
const _: () = assert!(RAW_SEGMENT_BYTES <= LOG_SEGMENT_BYTES, "growth goes up");
const _: () = assert!(SEGMENT_HEADER_BYTES.is_multiple_of(SECTOR_BYTES), "whole sectors");
const _: () = assert!(
    (REDO_GROUP_BYTES_MAX + REDO_WRITE_BYTES_MAX) as u64 <= REDO_HALF_BYTES / 2,
    "a record fits in a half, with its stamps"
);
const _: () = assert!(REDO_HALF_BYTES.is_multiple_of(REDO_BLOCK_BYTES), "whole blocks");
const _: () = assert!(VAULT_ROWS_MAX <= u32::MAX as usize, "rows are numbered with u32");
const _: () = assert!(VAULT_RECENT_MAX <= VAULT_ROWS_MAX, "a cache is not larger than the truth");
const _: () = assert!(RAW_BLOCK_BYTES_MAX <= u32::MAX as usize, "lengths fit in u32");
