//! Rows of named columns: which field each column of a mapping is, and rows of cells.

use crate::code::{COLUMN_TWICE, NO_COLUMN};
use crate::error::FormatError;
use crate::eval::{Cell, Row};
use book::mapping::{Column, Mapping};

/// For each column of the mapping the index of its field in a file with these columns.
pub(super) fn fields(
    mapping: &Mapping,
    names: &[String],
) -> Result<Vec<Option<usize>>, FormatError> {
    let field = |column: &Column| {
        let Column::Row(path) = column else { return Ok(None) };
        let wanted = path.join(".");
        let mut found = names.iter().enumerate().filter(|(_, name)| **name == wanted);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(Some(at)),
            (None, _) => Err(FormatError::new(NO_COLUMN, format!("`{wanted}`"))),
            (Some(_), Some(_)) => Err(FormatError::new(COLUMN_TWICE, format!("`{wanted}`"))),
        }
    };
    mapping.columns.iter().map(field).collect()
}

/// A row of cells that are not text of their own.
pub(super) struct TableRow<'r> {
    pub(super) cells: &'r [Cell<'static>],
    pub(super) fields: &'r [Option<usize>],
}

impl Row for TableRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let field = self.fields.get(column).copied().flatten();
        match field.and_then(|field| self.cells.get(field)) {
            Some(Cell::Text(text)) => Cell::Text(text.as_ref().into()),
            Some(Cell::Number(text)) => Cell::Number(text.as_ref().into()),
            Some(Cell::Truth(truth)) => Cell::Truth(*truth),
            Some(Cell::Tree) => Cell::Tree,
            Some(Cell::Null) | None => Cell::Null,
        }
    }
}

/// The row as a JSON object, numbers as spelled.
pub(super) fn render(names: &[String], cells: &[Cell<'static>], out: &mut Vec<u8>) {
    out.clear();
    out.push(b'{');
    for (at, (name, cell)) in names.iter().zip(cells).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        string(name, out);
        out.push(b':');
        match cell {
            Cell::Text(text) => string(text, out),
            Cell::Number(text) => out.extend_from_slice(text.as_bytes()),
            Cell::Truth(truth) => out.extend_from_slice(truth.to_string().as_bytes()),
            Cell::Null | Cell::Tree => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}

fn string(text: &str, out: &mut Vec<u8>) {
    let quoted = serde_json::Value::from(text).to_string();
    out.extend_from_slice(quoted.as_bytes());
}
