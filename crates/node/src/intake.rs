//! Intake: files to frames in the Log, in parallel, with bounded memory, resumable at any point.
//!
//! Producers decode rows, replace people by pseudonyms, keep the raw rows, and prepare frames;
//! the pipeline appends them in order, waits for the flush, and lets the engine consume them. A
//! frame enters the Log only when the Vault and the raw rows that it refers to are durable.

pub mod build;
pub mod checks;
pub mod code;
mod file;
pub mod lines;
mod mapped;
mod meter;
mod pipeline;
mod shapes;

pub(crate) use file::checks as checks_of;
pub use file::{FileReport, Job, ingest};
pub use meter::{Meter, Timings};

/// Most records of one frame: one flush, one commit; keeps the engine's working set in cache.
pub const FRAME_RECORDS_MAX: usize = 8192;
/// Most bytes of raw rows of one frame.
pub const FRAME_RAW_BYTES_MAX: usize = 8 << 20;
/// Frames that may be on their way at once: bounds memory and lets flushes overlap with work.
pub const FRAMES_IN_FLIGHT_MAX: usize = 4;
