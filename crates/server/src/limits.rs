//! Every limit of the door, with its reason.

/// Most bytes of a body, after decompression: a bulk of some ten thousand events. Larger files come
/// in several requests, so that an answer never takes long and memory stays bounded.
pub const BODY_BYTES_MAX: usize = 32 << 20;
/// Most rows of one page of a list.
pub const PAGE_ROWS_MAX: usize = 1000;
/// Rows of a page where the request does not say.
pub const PAGE_ROWS_DEFAULT: usize = 100;
