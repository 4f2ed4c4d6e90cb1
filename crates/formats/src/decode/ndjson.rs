//! One JSON object to a line, by mapping.

use super::End;
use super::input::Input;
use super::json::JsonRow;
use super::machine::Machine;
use super::transcode::{BAD, to_utf8};
use crate::failure::Failure;
use crate::json::{Node, Value, parse};
use crate::lines::{LINE_BYTES_MAX, Line, LineReader};
use book::mapping::Mapping;
use ledger::Reject;

pub(super) fn read(
    mapping: &Mapping,
    input: Input<'_>,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    let (text, replaced) = to_utf8(input.open()?, &mapping.encoding);
    let mut lines = LineReader::new(text);
    loop {
        let offset = lines.offset();
        match lines.next_line()? {
            None => return Ok(()),
            Some(Line::TooLong(head)) => machine.bad(&too_long(), head)?,
            Some(Line::Whole(line)) => match object(line, replaced) {
                Ok(node) => {
                    let row = JsonRow { columns: &mapping.columns, around: &[&node] };
                    machine.row(&row, line)?;
                }
                Err(failure) => machine.bad(&failure, line)?,
            },
        }
        machine.tick(offset);
    }
}

/// The failure of a line beyond the limit.
pub(super) fn too_long() -> Failure {
    let reason = format!("the line is longer than {LINE_BYTES_MAX} bytes");
    Failure::new(Reject::RecordTooLarge, reason)
}

fn object(line: &[u8], replaced: bool) -> Result<Node<'_>, Failure> {
    let text = std::str::from_utf8(line).ok().filter(|text| !replaced || !text.contains(BAD));
    let text = text.ok_or_else(|| Failure::unreadable("the line has bytes that are no text"))?;
    let node = parse(text)
        .map_err(|at| Failure::unreadable(format!("the line is not JSON from byte {at}")))?;
    match node.value {
        Value::Object(_) => Ok(node),
        _ => Err(Failure::unreadable("the line is not a JSON object")),
    }
}
