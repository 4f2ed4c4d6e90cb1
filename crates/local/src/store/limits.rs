//! Every limit of the Store, each with its reason, in one place.

use engine::port::Position;

/// Positions take 36 bits of an entry of the memory index; the other 28 tell keys apart.
pub const POSITION_BITS: u32 = 36;
/// First position that does not fit: 68 thousand million records of one shard. The very last
/// number of 36 bits stays free because all ones marks an empty place.
pub const POSITION_END: Position = (1 << POSITION_BITS) - 1;
/// Memory of the index table unless asked for otherwise: about 16 million keys.
pub const INDEX_BYTES_DEFAULT: usize = 192 << 20;
/// Keys after which a checkpoint is due: bounds replay after a crash to a second or two.
pub const CHECKPOINT_KEYS: usize = 400_000;
/// Bytes after which a checkpoint is due: bounds what one flush has to write.
pub const CHECKPOINT_BYTES: u64 = 256 << 20;
/// Rows of totals in memory after which a checkpoint is due: 60 MiB at 60 bytes a row.
pub const CHECKPOINT_TOTALS: usize = 1_000_000;
/// Records after which a checkpoint is due even when they add no key.
pub const CHECKPOINT_RECORDS: u64 = 2_000_000;
/// Runs of like size that are merged into one: few runs to ask, each row rewritten few times.
pub const MERGE_FAN: usize = 4;
/// Longest block: its length is a u32, and it is read whole.
pub const BLOCK_BYTES_MAX: usize = 256 << 20;
/// Length at which a block segment is closed: archives and copies handle files of this size.
pub const SEGMENT_BYTES: u64 = 1 << 30;
/// Longest account path or asset code: lengths are u16 in the accounts file.
pub const ACCOUNT_BYTES_MAX: usize = u16::MAX as usize;
/// Accounts of one shard: ids are u32 and the arena's offsets too.
pub const ACCOUNT_ARENA_BYTES_MAX: usize = u32::MAX as usize;
/// Longest document: `SQLite` holds it in one value, and it is read whole.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;

const _: () = assert!((CHECKPOINT_KEYS as u64) * 13 < CHECKPOINT_BYTES);
const _: () = assert!((BLOCK_BYTES_MAX as u64) < SEGMENT_BYTES);
