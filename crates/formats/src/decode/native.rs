//! Files in the native event shape, line by line, to the same sink as mapped files.

use super::input::Input;
use super::ndjson::too_long;
use crate::error::FormatError;
use crate::lines::{Line, LineReader};
use crate::scan::{Scanner, Spare};
use crate::sink::{Sink, Summary};

const TICK_ROWS: u64 = 8192;

/// Decodes a file of events, one JSON object to a line.
///
/// `default_source` and the row that `resume_after_row` names are as for [`Scanner::scan`] and
/// [`super::decode`]. Whoever wants every core splits the file into lines itself and scans them
/// with a [`Scanner`] per thread.
///
/// # Errors
/// [`FormatError`] when the file cannot be read.
pub fn decode_events(
    default_source: &str,
    input: Input<'_>,
    resume_after_row: u64,
    sink: &mut dyn Sink,
) -> Result<Summary, FormatError> {
    let mut lines = LineReader::new(input.open()?);
    let (mut scanner, mut spare) = (Scanner::default(), Spare::default());
    let mut summary = Summary::default();
    loop {
        let offset = lines.offset();
        let Some(line) = lines.next_line().map_err(|error| FormatError::io(&error))? else {
            return Ok(summary);
        };
        summary.rows += 1;
        let row = summary.rows;
        if row.is_multiple_of(TICK_ROWS) {
            sink.progress(row, offset);
        }
        if row <= resume_after_row {
            continue;
        }
        let (failure, raw) = match line {
            Line::TooLong(head) => (too_long(), head),
            Line::Whole(line) => {
                let mut draft = spare.take();
                match scanner.scan(line, default_source, &mut draft) {
                    Ok(()) => {
                        summary.events += 1;
                        let sent = sink.event(row, &mut draft, line);
                        spare.put(draft);
                        if sent.is_err() {
                            return Ok(Summary { stopped: true, ..summary });
                        }
                        continue;
                    }
                    Err(failure) => (failure, line),
                }
            }
        };
        summary.bad += 1;
        if sink.bad(row, &failure, raw).is_err() {
            return Ok(Summary { stopped: true, ..summary });
        }
    }
}
