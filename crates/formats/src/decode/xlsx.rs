//! Workbooks of Excel, row by row; the first row with cells names the columns.
//!
//! A cell's number comes from the reader as the binary fraction that Excel itself calculates
//! with. Its shortest decimal spelling is the text in the file for every number of up to 15
//! digits, which is all that Excel keeps, so amounts are exact; longer spellings are handed on
//! as they are, and fail later for having too many decimals rather than being rounded here.

use super::End;
use super::input::{Input, open};
use super::machine::Machine;
use super::table::{self, TableRow};
use crate::code::NOT_XLSX;
use crate::contain::contained;
use crate::error::FormatError;
use crate::eval::Cell;
use book::mapping::Mapping;
use calamine::{DataRef, Reader, Xlsx};
use std::io::{BufReader, Cursor, Read, Seek};

pub(super) fn read(
    mapping: &Mapping,
    input: Input<'_>,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    match input {
        Input::Path(path) => sheet(mapping, BufReader::new(open(path)?), machine),
        reader @ Input::Reader { .. } => sheet(mapping, Cursor::new(reader.whole()?), machine),
    }
}

fn sheet<R: Read + Seek>(
    mapping: &Mapping,
    bytes: R,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    let mut book: Xlsx<R> = guarded(|| Xlsx::new(bytes).map_err(|error| error.to_string()))?;
    let first = || book.sheet_names().first().cloned();
    let name = mapping.sheet.clone().or_else(first).ok_or_else(|| failed("it has no sheet"))?;
    let mut cells =
        guarded(|| book.worksheet_cells_reader(&name).map_err(|error| error.to_string()))?;
    let mut rows = Rows::default();
    loop {
        let next = guarded(|| {
            let cell = cells.next_cell().map_err(|error| error.to_string())?;
            Ok(cell.map(|cell| (cell.get_position(), convert(cell.get_value()))))
        })?;
        let line = next.as_ref().map(|((line, _), _)| *line);
        if line != rows.line {
            rows.end(mapping, machine)?;
            rows.line = line;
        }
        match next {
            Some(((_, column), cell)) => rows.put(column as usize, cell),
            None => return Ok(()),
        }
    }
}

/// The row being put together, and what is known of the columns.
#[derive(Default)]
struct Rows {
    line: Option<u32>,
    cells: Vec<Cell<'static>>,
    header: Option<(Vec<String>, Vec<Option<usize>>)>,
    raw: Vec<u8>,
}

impl Rows {
    fn put(&mut self, column: usize, cell: Cell<'static>) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Null);
        }
        self.cells[column] = cell;
    }

    fn end(&mut self, mapping: &Mapping, machine: &mut Machine<'_, '_>) -> Result<(), End> {
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().all(|cell| *cell == Cell::Null) {
            return Ok(());
        }
        let Some((names, fields)) = &self.header else {
            let name = |cell: &Cell<'_>| match cell {
                Cell::Text(text) | Cell::Number(text) => text.trim().to_owned(),
                _ => String::new(),
            };
            let names: Vec<String> = cells.iter().map(name).collect();
            let fields = table::fields(mapping, &names)?;
            self.header = Some((names, fields));
            return Ok(());
        };
        table::render(names, &cells, &mut self.raw);
        machine.row(&TableRow { cells: &cells, fields }, &self.raw)?;
        machine.tick(u64::from(self.line.unwrap_or(0)));
        Ok(())
    }
}

fn convert(value: &DataRef<'_>) -> Cell<'static> {
    match value {
        DataRef::Empty | DataRef::Error(_) => Cell::Null,
        DataRef::Int(number) => Cell::Number(number.to_string().into()),
        DataRef::Float(number) if number.is_finite() => Cell::Number(number.to_string().into()),
        DataRef::Float(number) => Cell::Text(number.to_string().into()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::Text(text.clone().into())
        }
        DataRef::SharedString(text) => Cell::Text((*text).to_owned().into()),
        DataRef::Bool(truth) => Cell::Truth(*truth),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
            let part = if milli == 0 { String::new() } else { format!(".{milli:03}") };
            Cell::Text((date + &part).into())
        }
    }
}

fn failed(detail: impl Into<String>) -> FormatError {
    FormatError::new(NOT_XLSX, detail)
}

/// What a reader that may panic gives.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, FormatError> {
    contained(read).unwrap_or_else(|| Err("its reader gave up".to_owned())).map_err(failed)
}
