//! Bytes to event drafts: the native event shape line by line, and CSV, NDJSON, JSON, XLSX and
//! Parquet by a declared mapping. Beside that schemas: read, compared, and rows checked by them.
//!
//! It knows nothing of stores and networks, and decides nothing about an event's meaning: what
//! it hands over is a draft, or the reason why a row is none.

pub mod code;
mod contain;
pub mod decode;
pub mod error;
mod eval;
pub mod failure;
#[doc(hidden)]
pub mod fuzz;
pub mod jcs;
mod json;
pub mod lines;
pub mod nesting;
pub mod scan;
pub mod schema;
pub mod sink;
pub mod time;

pub use code::CODES;
pub use decode::{Input, decode, decode_events};
pub use error::FormatError;
pub use failure::Failure;
#[doc(hidden)]
pub use fuzz::{
    fuzz_csv, fuzz_jcs, fuzz_json, fuzz_mapping, fuzz_parquet, fuzz_scan, fuzz_schema, fuzz_xlsx,
};
pub use scan::{Scanner, Spare};
pub use sink::{ControlFinding, Sink, Stop, Summary};
