//! A counterparty's own events, as a proof check compares them: from lines to canonical bytes.

use formats::{Scanner, Spare};

/// The canonical bytes of each line of NDJSON, made as `operator` makes them; personal dimensions
/// are those that `is_personal` names. Empty lines are passed over.
///
/// # Errors
/// The line's number, from 1, and why it is no event.
pub fn events(
    bytes: &[u8],
    operator: &str,
    is_personal: impl Fn(&str) -> bool,
) -> Result<Vec<Vec<u8>>, (usize, String)> {
    events_of(bytes, operator, "", is_personal)
}

/// [`events`] of one source, which lines need not name.
///
/// # Errors
/// As [`events`].
pub fn events_of(
    bytes: &[u8],
    operator: &str,
    source: &str,
    is_personal: impl Fn(&str) -> bool,
) -> Result<Vec<Vec<u8>>, (usize, String)> {
    let (mut scanner, mut spare, mut found) = (Scanner::default(), Spare::default(), Vec::new());
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let mut draft = spare.take();
        let read = scanner.scan(line, source, &mut draft);
        read.map_err(|failure| (at + 1, failure.to_string()))?;
        draft.check_envelope().map_err(|reject| (at + 1, reject.to_string()))?;
        let mut canonical = Vec::new();
        draft.encode(operator, &is_personal, &mut canonical);
        found.push(canonical);
        spare.put(draft);
    }
    Ok(found)
}
