//! How results are shown: JSON for programs, CSV for spreadsheets, tables for people. Data goes
//! to stdout, talk to stderr.

use crate::errors::{Failure, OUTPUT, TERMINAL};
use crate::printable;
use clap::ValueEnum;
use node::ledger::Decimal;
use serde_json::Value;
use server::view::csv::record;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// How a result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people.
    Table,
    /// JSON: stable, documented, amounts as decimal strings.
    Json,
    /// Comma-separated values as in RFC 4180, with a header line.
    Csv,
}

/// How a statement is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Paper {
    /// A table for people.
    Table,
    /// JSON: stable, documented, amounts as decimal strings.
    Json,
    /// Comma-separated values as in RFC 4180, with a header line.
    Csv,
    /// A document to send: A4, fonts embedded, the same bytes for the same statement.
    Pdf,
    /// A workbook with working sums.
    Xlsx,
}

/// The language of what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Speech {
    /// English.
    En,
    /// Korean.
    Ko,
}

/// How a result without rows is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plain {
    /// Sentences for people.
    Text,
    /// JSON: stable, documented.
    Json,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, the same in CSV.
    pub name: String,
    /// Whether it holds numbers, which are aligned at their ends.
    pub is_number: bool,
}

impl Column {
    /// A column of words.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: false }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: true }
    }
}

/// A result with rows, in every form.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The columns of table and CSV.
    pub columns: Vec<Column>,
    /// The rows of table and CSV.
    pub cells: Vec<Vec<String>>,
    /// The same for programs.
    pub json: Value,
}

impl Rows {
    /// Prints the rows on stdout.
    ///
    /// # Errors
    /// When stdout takes nothing.
    pub fn print(&self, format: Format) -> Result<(), Failure> {
        match format {
            Format::Json => json(&self.json),
            Format::Csv => data(&self.csv()),
            Format::Table if self.cells.is_empty() => {
                talk("there is none");
                Ok(())
            }
            Format::Table => data(&self.table()),
        }
    }

    /// The rows as CSV.
    pub fn csv(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        std::iter::once(&names).chain(&self.cells).map(|row| record(row)).collect()
    }

    /// The rows as a table.
    pub fn table(&self) -> String {
        use comfy_table::presets::ASCII_FULL_CONDENSED;
        use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
        let mut table = Table::new();
        table.load_style(ASCII_FULL_CONDENSED);
        table.set_content_arrangement(ContentArrangement::Disabled);
        let aligned = |text: &str, column: &Column| {
            let alignment =
                if column.is_number { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(printable::cell(text)).set_alignment(alignment)
        };
        let header = self.columns.iter().map(|column| aligned(&column.name, column));
        table.set_header(header.collect::<Vec<_>>());
        for row in &self.cells {
            let cells = row.iter().zip(&self.columns);
            table.add_row(cells.map(|(cell, column)| aligned(cell, column)).collect::<Vec<_>>());
        }
        format!("{table}\n")
    }
}

/// Prints JSON on stdout, indented, with an end of line.
///
/// # Errors
/// When stdout takes nothing.
pub fn json(value: &Value) -> Result<(), Failure> {
    data(&printable::json(&indented(value)))
}

/// A document of JSON, its fields in the order of their names, with an end of line.
pub fn indented(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    format!("{value:#}\n")
}

/// Prints sentences on stdout; what in them came from outside does nothing to a terminal.
///
/// # Errors
/// When stdout takes nothing.
pub fn text(text: &str) -> Result<(), Failure> {
    data(&printable::text(text))
}

/// Prints data on stdout. A reader that has seen enough, as `head` does, is no error.
///
/// # Errors
/// When stdout takes nothing.
pub fn data(text: &str) -> Result<(), Failure> {
    bytes(None, text.as_bytes(), false)
}

/// Writes bytes to the file, or else to stdout; bytes that are no text (`is_binary`) never to a
/// terminal.
///
/// # Errors
/// When neither takes them; [`TERMINAL`].
pub fn bytes(file: Option<&Path>, bytes: &[u8], is_binary: bool) -> Result<(), Failure> {
    if let Some(path) = file {
        return std::fs::write(path, bytes).map_err(|error| Failure::file(path, &error));
    }
    if is_binary && std::io::stdout().is_terminal() {
        return Err(Failure::said(TERMINAL, "PDF and XLSX go to a file"));
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::said(OUTPUT, error))
        }
        _ => Ok(()),
    }
}

/// Tells people something on stderr.
pub fn talk(text: impl std::fmt::Display) {
    // Nobody listening is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{}", printable::text(&text.to_string()));
}

/// Minor units as a decimal string with the asset's decimals.
pub fn amount(minor: i128, scale: u8) -> String {
    Decimal::from_minor(minor, scale).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_asset() {
        for (minor, scale, text) in
            [(1_234_500, 4, "123.4500"), (-5, 2, "-0.05"), (7, 0, "7"), (0, 2, "0.00")]
        {
            assert_eq!(amount(minor, scale), text);
        }
    }
}
