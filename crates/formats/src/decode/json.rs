//! A JSON document with rows somewhere inside it. It is read whole, up to a limit.

use super::End;
use super::input::Input;
use super::machine::Machine;
use super::transcode::to_utf8;
use crate::code::{NO_ROWS, NOT_JSON, WRONG_ENCODING};
use crate::error::FormatError;
use crate::eval::{Cell, Row};
use crate::failure::Failure;
use crate::json::{Node, Value, parse};
use book::mapping::{Column, Mapping};

pub(super) fn read(
    mapping: &Mapping,
    input: Input<'_>,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    let bytes = input.whole()?;
    let mut text = Vec::new();
    let (mut decoded, _) = to_utf8(Box::new(bytes.as_slice()), &mapping.encoding);
    std::io::Read::read_to_end(&mut decoded, &mut text)?;
    let text = std::str::from_utf8(&text).map_err(|error| {
        FormatError::new(WRONG_ENCODING, format!("byte {}", error.valid_up_to()))
    })?;
    let root = parse(text)
        .map_err(|at| FormatError::new(NOT_JSON, format!("it is none from byte {at}")))?;
    let mut walk = Walk { mapping, text, machine, found: false };
    let rows: Vec<&str> = mapping.rows.iter().map(String::as_str).collect();
    walk.visit(&mut vec![&root], &rows)?;
    if walk.found { Ok(()) } else { Err(FormatError::new(NO_ROWS, rows.join(".")).into()) }
}

struct Walk<'w, 'm, 's> {
    mapping: &'w Mapping,
    text: &'w str,
    machine: &'w mut Machine<'m, 's>,
    found: bool,
}

impl Walk<'_, '_, '_> {
    /// The last of `around` is the node at hand, the others the objects that hold it.
    fn visit<'t>(&mut self, around: &mut Vec<&'t Node<'t>>, path: &[&str]) -> Result<(), End> {
        let Some(node) = around.last().copied() else { return Ok(()) };
        match (&node.value, path) {
            (Value::List(items), _) => {
                self.found |= path.is_empty();
                around.pop();
                for item in items {
                    around.push(item);
                    // A list in a list is a row that is none, not further rows.
                    if matches!(item.value, Value::List(_)) {
                        self.row(around)?;
                    } else {
                        self.visit(around, path)?;
                    }
                    around.pop();
                }
                around.push(node);
                Ok(())
            }
            (_, []) => {
                self.found = true;
                self.row(around)
            }
            (_, [name, rest @ ..]) => {
                let Some(next) = node.member(name) else { return Ok(()) };
                around.push(next);
                let visited = self.visit(around, rest);
                around.pop();
                visited
            }
        }
    }

    fn row(&mut self, around: &[&Node<'_>]) -> Result<(), End> {
        let Some(node) = around.last() else { return Ok(()) };
        let raw = &self.text.as_bytes()[node.start..node.end];
        if matches!(node.value, Value::Object(_)) {
            self.machine.row(&JsonRow { columns: &self.mapping.columns, around }, raw)?;
        } else {
            self.machine.bad(&Failure::unreadable("the row is not a JSON object"), raw)?;
        }
        self.machine.tick(node.end as u64);
        Ok(())
    }
}

/// An object, and those around it from the root on.
pub(super) struct JsonRow<'r, 't> {
    pub(super) columns: &'r [Column],
    pub(super) around: &'r [&'r Node<'t>],
}

impl Row for JsonRow<'_, '_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let last = self.around.len() - 1;
        let node = match self.columns.get(column) {
            Some(Column::Row(path)) => self.around[last].at(path),
            Some(Column::Document(path)) => self.around[0].at(path),
            Some(Column::Parent { levels, path }) => {
                last.checked_sub(*levels).and_then(|at| self.around[at].at(path))
            }
            Some(Column::Join { .. }) | None => None,
        };
        match node.map(|node| &node.value) {
            None | Some(Value::Null) => Cell::Null,
            Some(Value::Truth(truth)) => Cell::Truth(*truth),
            Some(Value::Number(text)) => Cell::Number((*text).into()),
            Some(Value::Plain(text)) => Cell::Text((*text).into()),
            Some(Value::Owned(text)) => Cell::Text(text.as_str().into()),
            Some(Value::List(_) | Value::Object(_)) => Cell::Tree,
        }
    }
}
