//! CSV files beside the input that rows look values up in, held in memory.

use super::input::open;
use crate::code::NO_JOIN;
use crate::error::FormatError;
use book::mapping::{Column, Join, Mapping};
use csv::StringRecord;
use std::collections::HashMap;
use std::path::Path;

/// Most bytes of the columns that a join keeps: they are held in memory.
const JOIN_BYTES_MAX: usize = 256 * 1024 * 1024;
/// What a kept row costs beside its text.
const ROW_BYTES: usize = 64;

/// The rows of one joined file, by key; of each only the columns that the mapping uses.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: HashMap<Box<str>, Vec<Box<str>>>,
    /// The kept columns, in the order of the values.
    columns: Vec<String>,
}

impl Table {
    pub(super) fn row(&self, key: &str) -> Option<&[Box<str>]> {
        self.rows.get(key).map(Vec::as_slice)
    }

    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// Loads every joined file of the mapping.
pub(super) fn load_all(
    mapping: &Mapping,
    directory: Option<&Path>,
) -> Result<Vec<Table>, FormatError> {
    let load = |(at, join): (usize, &Join)| {
        let problem =
            |detail: String| FormatError::new(NO_JOIN, format!("`{}`: {detail}", join.file));
        let directory =
            directory.as_ref().ok_or_else(|| problem("no directory is known".into()))?;
        let file = open(&directory.join(&join.file)).map_err(|e| problem(e.detail))?;
        let uses = |column: &Column| match column {
            Column::Join { join, name } if *join == at => Some(name.clone()),
            _ => None,
        };
        let columns = mapping.columns.iter().filter_map(uses).collect();
        load(join, columns, file).map_err(problem)
    };
    mapping.joins.iter().enumerate().map(load).collect()
}

fn load(join: &Join, columns: Vec<String>, file: impl std::io::Read) -> Result<Table, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(file);
    let header = reader.headers().map_err(|error| broken(&error))?;
    let field = |name: &String| {
        let found = header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        found.ok_or_else(|| format!("it has no column `{name}`"))
    };
    let key = field(&join.key)?;
    let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let mut table = Table { rows: HashMap::new(), columns };
    let (mut record, mut bytes) = (StringRecord::new(), 0);
    while reader.read_record(&mut record).map_err(|error| broken(&error))? {
        let values: Vec<Box<str>> =
            fields.iter().map(|field| record.get(*field).unwrap_or_default().into()).collect();
        bytes += ROW_BYTES + values.iter().map(|value| value.len()).sum::<usize>();
        if bytes > JOIN_BYTES_MAX {
            return Err(format!("it is larger than {JOIN_BYTES_MAX} bytes"));
        }
        let key: Box<str> = record.get(key).unwrap_or_default().into();
        if let Some(other) = table.rows.insert(key, values.clone())
            && other != values
        {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(format!("the key in line {line} was there before with other values"));
        }
    }
    Ok(table)
}

/// Without the values that the CSV reader would show.
fn broken(error: &csv::Error) -> String {
    match error.position() {
        Some(position) => format!("it is no CSV from line {}", position.line()),
        None => "it is no CSV".to_owned(),
    }
}
