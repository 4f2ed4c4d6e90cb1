//! CSV, record by record, each with its own text.

use super::End;
use super::input::Input;
use super::machine::Machine;
use super::table;
use super::transcode::{BAD, to_utf8};
use super::window::{RECORD_BYTES_MAX, Window};
use crate::code::{NOT_CSV, WRONG_ENCODING};
use crate::error::FormatError;
use crate::eval::{Cell, Row};
use crate::failure::Failure;
use book::mapping::Mapping;
use csv::{ByteRecord, Reader, ReaderBuilder};
use ledger::Reject;
use std::borrow::Cow;
use std::io::{ErrorKind, Read};

pub(super) fn read(
    mapping: &Mapping,
    input: Input<'_>,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    let (text, replaced) = to_utf8(input.open()?, &mapping.encoding);
    let mut records = Records::new(mapping, text);
    let names = match &mapping.csv.columns {
        Some(names) => names.clone(),
        None => header(&mut records, replaced)?,
    };
    let fields = table::fields(mapping, &names)?;
    while let Some(found) = records.next()? {
        let (failure, raw) = match found {
            Found::Record => {
                let raw = records.raw();
                match check(&records.record, raw, names.len(), replaced) {
                    Ok(()) => {
                        let row = CsvRow { record: &records.record, fields: &fields };
                        machine.row(&row, raw)?;
                        machine.tick(records.end);
                        continue;
                    }
                    Err(failure) => (failure, raw),
                }
            }
            Found::Unclosed => {
                (Failure::unreadable("a quote is opened and not closed"), records.line.as_slice())
            }
            Found::TooLong => {
                let reason = format!("the record is longer than {RECORD_BYTES_MAX} bytes");
                (Failure::new(Reject::RecordTooLarge, reason), records.line.as_slice())
            }
        };
        machine.bad(&failure, raw)?;
        machine.tick(records.end);
    }
    Ok(())
}

fn header<R: Read>(records: &mut Records<R>, replaced: bool) -> Result<Vec<String>, End> {
    match records.next()? {
        Some(Found::Record) => {}
        Some(_) | None => return Err(FormatError::new(NOT_CSV, "no first line").into()),
    }
    let name = |field: &[u8]| match std::str::from_utf8(field) {
        Ok(name) if !replaced || !name.contains(BAD) => Ok(name.trim().to_owned()),
        _ => Err(FormatError::new(WRONG_ENCODING, "the header has bytes that are no text")),
    };
    Ok(records.record.iter().map(name).collect::<Result<_, _>>()?)
}

fn check(record: &ByteRecord, raw: &[u8], names: usize, replaced: bool) -> Result<(), Failure> {
    match std::str::from_utf8(raw) {
        Ok(text) if !replaced || !text.contains(BAD) => {}
        _ => return Err(Failure::unreadable("the row has bytes that are no text")),
    }
    if record.len() != names {
        let found = record.len();
        return Err(Failure::unreadable(format!("the row has {found} fields, and not {names}")));
    }
    Ok(())
}

enum Found {
    Record,
    /// The quote that begins in this line is never closed.
    Unclosed,
    TooLong,
}

/// Records with their text; after a broken one reading goes on with the line after its first.
struct Records<'m, R> {
    mapping: &'m Mapping,
    reader: Option<Reader<Window<R>>>,
    record: ByteRecord,
    /// The first line of a broken record.
    line: Vec<u8>,
    /// Offset at which the reader at hand began.
    origin: u64,
    end: u64,
}

impl<'m, R: Read> Records<'m, R> {
    fn new(mapping: &'m Mapping, text: R) -> Self {
        let reader = Some(reader(mapping, Window::new(text)));
        let record = ByteRecord::new();
        Self { mapping, reader, record, line: Vec::new(), origin: 0, end: 0 }
    }

    fn next(&mut self) -> Result<Option<Found>, End> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let start = self.origin + reader.position().byte();
        reader.get_mut().begin(start);
        match reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                self.end = self.origin + reader.position().byte();
                let raw = reader.get_ref().since_mark(self.end);
                let quote = self.mapping.csv.quote;
                if raw.contains(&b'\n')
                    && memchr::memchr_iter(quote, raw).count() % 2 == 1
                    && reader.get_ref().is_end(self.end)
                {
                    return self.resume(Found::Unclosed).map(Some);
                }
                Ok(Some(Found::Record))
            }
            Ok(false) => Ok(None),
            Err(error) => match error.into_kind() {
                csv::ErrorKind::Io(error) if error.kind() == ErrorKind::FileTooLarge => {
                    self.resume(Found::TooLong).map(Some)
                }
                csv::ErrorKind::Io(error) => Err(error.into()),
                other => Err(FormatError::new(NOT_CSV, format!("{other:?}")).into()),
            },
        }
    }

    fn resume(&mut self, found: Found) -> Result<Found, End> {
        if let Some(old) = self.reader.take() {
            let mut window = old.into_inner();
            (self.line, self.origin) = window.back_to_next_line()?;
            self.end = self.origin;
            self.reader = Some(reader(self.mapping, window));
        }
        Ok(found)
    }

    /// The text of the record at hand, without its line end.
    fn raw(&self) -> &[u8] {
        let window = self.reader.as_ref().map(Reader::get_ref);
        let raw = window.map_or(&[][..], |window| window.since_mark(self.end));
        let start = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let raw = &raw[start..];
        let end = raw.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        &raw[..raw.len() - end]
    }
}

fn reader<R: Read>(mapping: &Mapping, window: Window<R>) -> Reader<Window<R>> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(mapping.csv.delimiter)
        .quote(mapping.csv.quote)
        .buffer_capacity(32 * 1024)
        .from_reader(window)
}

struct CsvRow<'r> {
    record: &'r ByteRecord,
    fields: &'r [Option<usize>],
}

impl Row for CsvRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let field = self.fields.get(column).copied().flatten();
        match field.and_then(|field| self.record.get(field)).map(std::str::from_utf8) {
            Some(Ok(text)) => Cell::Text(Cow::Borrowed(text)),
            _ => Cell::Null,
        }
    }
}
