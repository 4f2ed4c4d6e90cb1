//! Parquet, row by row. Doubles are spelled as shortly as they can be told apart, decimals and
//! integers exactly; timestamps as RFC 3339, without an offset where the file says that they
//! are local.

use super::End;
use super::input::{Input, open};
use super::machine::Machine;
use super::table::{self, TableRow};
use crate::code::NOT_PARQUET;
use crate::contain::contained;
use crate::error::FormatError;
use crate::eval::Cell;
use book::mapping::Mapping;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{ChunkReader, FileReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::{Field, Row};

pub(super) fn read(
    mapping: &Mapping,
    input: Input<'_>,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    match input {
        Input::Path(path) => rows(mapping, open(path)?, machine),
        reader @ Input::Reader { .. } => {
            rows(mapping, bytes::Bytes::from(reader.whole()?), machine)
        }
    }
}

fn rows<R: ChunkReader + 'static>(
    mapping: &Mapping,
    bytes: R,
    machine: &mut Machine<'_, '_>,
) -> Result<(), End> {
    let length = bytes.len();
    let reader = guarded(|| SerializedFileReader::new(bytes).map_err(|error| error.to_string()))?;
    let file = reader.metadata().file_metadata();
    let count = u64::try_from(file.num_rows()).unwrap_or(0).max(1);
    let (names, local): (Vec<String>, Vec<Stamp>) = file
        .schema()
        .get_fields()
        .iter()
        .map(|field| (field.name().to_owned(), Stamp::of(field.get_basic_info())))
        .unzip();
    let fields = table::fields(mapping, &names)?;
    let mut iterator = guarded(|| reader.get_row_iter(None).map_err(|error| error.to_string()))?;
    let (mut cells, mut raw, mut row) = (Vec::new(), Vec::new(), 0u64);
    loop {
        let next = guarded(|| {
            let Some(next) = iterator.next() else { return Ok(false) };
            let next: Row = next.map_err(|error| error.to_string())?;
            cells.clear();
            let columns = next.get_column_iter().zip(&local);
            cells.extend(columns.map(|((_, field), stamp)| convert(field, *stamp)));
            Ok(true)
        })?;
        if !next {
            return Ok(());
        }
        row += 1;
        table::render(&names, &cells, &mut raw);
        machine.row(&TableRow { cells: &cells, fields: &fields }, &raw)?;
        machine.tick(length.saturating_mul(row) / count);
    }
}

/// How the integers of a timestamp column are to be read.
#[derive(Clone, Copy)]
struct Stamp {
    is_local: bool,
    is_nanos: bool,
}

impl Stamp {
    fn of(info: &parquet::schema::types::BasicTypeInfo) -> Self {
        match info.logical_type_ref() {
            Some(LogicalType::Timestamp(stamp)) => Self {
                is_local: !stamp.is_adjusted_to_u_t_c,
                is_nanos: stamp.unit == TimeUnit::NANOS,
            },
            _ => Self { is_local: false, is_nanos: false },
        }
    }
}

fn convert(field: &Field, stamp: Stamp) -> Cell<'static> {
    let number = |text: String| Cell::Number(text.into());
    match field {
        Field::Null => Cell::Null,
        Field::Bool(truth) => Cell::Truth(*truth),
        Field::Long(value) if stamp.is_nanos => instant(i128::from(*value), stamp),
        Field::TimestampMillis(value) => instant(i128::from(*value) * 1_000_000, stamp),
        Field::TimestampMicros(value) => instant(i128::from(*value) * 1_000, stamp),
        Field::Byte(value) => number(value.to_string()),
        Field::Short(value) => number(value.to_string()),
        Field::Int(value) => number(value.to_string()),
        Field::Long(value) => number(value.to_string()),
        Field::UByte(value) => number(value.to_string()),
        Field::UShort(value) => number(value.to_string()),
        Field::UInt(value) => number(value.to_string()),
        Field::ULong(value) => number(value.to_string()),
        Field::Float(value) if value.is_finite() => number(value.to_string()),
        Field::Double(value) if value.is_finite() => number(value.to_string()),
        Field::Decimal(_) => number(field.to_string()),
        Field::Str(text) => Cell::Text(text.clone().into()),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => Cell::Text(text.to_owned().into()),
            Err(_) => Cell::Tree,
        },
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => Cell::Tree,
        other => Cell::Text(other.to_string().into()),
    }
}

fn instant(nanos: i128, stamp: Stamp) -> Cell<'static> {
    match jiff::Timestamp::from_nanosecond(nanos) {
        Ok(at) => {
            let text = at.to_string();
            let text = if stamp.is_local { text.trim_end_matches('Z') } else { &text };
            Cell::Text(text.to_owned().into())
        }
        Err(_) => Cell::Number(nanos.to_string().into()),
    }
}

fn failed(detail: impl Into<String>) -> FormatError {
    FormatError::new(NOT_PARQUET, detail)
}

/// What a reader that may panic gives.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, FormatError> {
    contained(read).unwrap_or_else(|| Err("its reader gave up".to_owned())).map_err(failed)
}
