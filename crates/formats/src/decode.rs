//! Files of rows to event drafts, by a mapping. Rows are read one after the other with bounded
//! memory (JSON documents whole, up to a limit); a bad row never stops a file.

mod build;
mod control;
mod csv;
mod input;
mod join;
mod json;
mod machine;
mod native;
mod ndjson;
mod parquet;
mod table;
mod transcode;
mod window;
mod xlsx;

use crate::error::FormatError;
use crate::sink::{Sink, Stop, Summary};
use book::mapping::{Format, Mapping};
use machine::Machine;

pub use input::{Input, WHOLE_BYTES_MAX};
pub use native::decode_events;

/// Decodes a file: every row becomes events, a reason, or is passed over, in the file's order.
///
/// Rows up to and including `resume_after_row` are read again, for row numbers and control
/// totals, and not handed over: an ingest that was stopped continues after the last row that it
/// keeps.
///
/// # Errors
/// [`FormatError`] when the file cannot be read at all, or not any further; what was handed
/// over before stays handed over.
pub fn decode(
    mapping: &Mapping,
    input: Input<'_>,
    resume_after_row: u64,
    sink: &mut dyn Sink,
) -> Result<Summary, FormatError> {
    let tables = join::load_all(mapping, input.directory().as_deref())?;
    let mut machine = Machine::new(mapping, tables, resume_after_row, sink);
    let result = match mapping.format {
        Format::Csv => csv::read(mapping, input, &mut machine),
        Format::Ndjson => ndjson::read(mapping, input, &mut machine),
        Format::Json => json::read(mapping, input, &mut machine),
        Format::Xlsx => xlsx::read(mapping, input, &mut machine),
        Format::Parquet => parquet::read(mapping, input, &mut machine),
    };
    match result {
        Ok(()) => Ok(machine.finish(false)),
        Err(End::Stopped) => Ok(machine.finish(true)),
        Err(End::Failed(error)) => Err(error),
    }
}

/// Why reading ends before the end of the file.
enum End {
    /// The sink wants no more.
    Stopped,
    /// The file cannot be read further.
    Failed(FormatError),
}

impl From<Stop> for End {
    fn from(_: Stop) -> Self {
        Self::Stopped
    }
}

impl From<FormatError> for End {
    fn from(error: FormatError) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(FormatError::io(&error))
    }
}
