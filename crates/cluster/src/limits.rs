//! Every limit of what is kept on services, with its reason.

use engine::port::frame::FRAME_BYTES_MAX;
use std::time::Duration;

/// How long one call waits for a service before it gives up with "cannot be reached": longer than
/// a broker or a primary takes to come back after a restart.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// What a call may take beyond it: the driver notices a time limit about once a second.
pub const PATIENCE_GRACE: Duration = Duration::from_secs(5);
/// How often a waiting call looks whether it should stop.
pub const GLANCE: Duration = Duration::from_millis(100);

/// Bytes of one Kafka message: the largest frame and its envelope. Frames are not split; topics
/// are made with this as their limit.
pub const MESSAGE_BYTES_MAX: usize = FRAME_BYTES_MAX + (64 << 10);
/// Messages that wait in memory for the broker, in KiB; then `append` waits.
pub const QUEUE_KIB_MAX: usize = 256 << 10;
/// Bytes of the partition that share one entry (about 40 bytes) of the table of places: a fetch
/// passes over less than this and one frame.
pub const PLACE_STEP_BYTES: u64 = 64 << 10;
/// Bytes of decoded frames that are kept for `fetch`.
pub const CACHE_BYTES_MAX: usize = 32 << 20;
/// Offsets within which a search by position stops halving and reads on.
pub const SEARCH_SPAN_OFFSETS: i64 = 16;

/// Keys after which a checkpoint is due: bounds replay after a takeover to a few seconds.
pub const CHECKPOINT_KEYS: usize = 200_000;
/// Bytes of blocks, tiles and documents after which a checkpoint is due: bounds one transaction.
pub const CHECKPOINT_BYTES: u64 = 64 << 20;
/// Rows of totals in memory after which a checkpoint is due.
pub const CHECKPOINT_TOTALS: usize = 500_000;
/// Records after which a checkpoint is due even when they add no key.
pub const CHECKPOINT_RECORDS: u64 = 1_000_000;
/// Keys of the smallest tier of runs: smaller ones come from checkpoints of single commands.
pub const RUN_KEYS_MIN: usize = 4096;
/// Keys of a run that is merged no further: 12 bytes a key make a value of 48 MiB.
pub const RUN_KEYS_MAX: usize = 4 << 20;
/// Runs of one tier that are merged into one: few runs to ask, each key rewritten few times.
pub const MERGE_FAN: usize = 4;
/// Rows that are asked for at once where there may be many.
pub const PAGE_ROWS: i64 = 4096;
/// Blocks that are asked for at once: each is read whole.
pub const PAGE_BLOCKS: i64 = 4;
/// Bytes of a schema's name that are a shard's: PostgreSQL takes 63 of all.
pub const SHARD_NAME_BYTES_MAX: usize = 40;
/// Bytes of one document or block: PostgreSQL takes 1 GiB, of which the driver holds two copies.
pub const VALUE_BYTES_MAX: usize = 256 << 20;

const _: () = assert!(MESSAGE_BYTES_MAX < QUEUE_KIB_MAX * 1024, "a message fits in the queue");
const _: () = assert!(CACHE_BYTES_MAX > MESSAGE_BYTES_MAX, "a frame fits in the cache");
