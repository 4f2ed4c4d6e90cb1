//! Every limit of the door, with its reason.

/// How long a read waits for the position that it demands: frames are applied in milliseconds, so
/// that one which takes longer should not hold a connection.
pub const AFTER_WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(5);
/// Most bytes of answers that are kept for one operator: some thousand statements.
pub const CACHE_BYTES_MAX: usize = 64 << 20;
/// Most answers that are kept for one operator: their keys take memory too.
pub const CACHE_ENTRIES_MAX: usize = 10_000;
/// Most bytes of a body, after decompression: a bulk of some ten thousand events. Larger files come
/// in several requests, so that an answer never takes long and memory stays bounded.
pub const BODY_BYTES_MAX: usize = 32 << 20;
/// Longest `Idempotency-Key`, bytes between its quotes: it is kept in the Log with the command.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Most rows of one page of a list.
pub const PAGE_ROWS_MAX: usize = 1000;
/// Rows of a page where the request does not say.
pub const PAGE_ROWS_DEFAULT: usize = 100;
