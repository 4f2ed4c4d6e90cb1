//! What the fuzz targets of workbooks and Parquet begin with: small whole files in every shape
//! that the decoders know, since chance alone makes no archive and no footer.
//!
//! `fuzz/seeds/formats_xlsx` and `formats_parquet` are written again with `SALDO_BLESS=1`; all that
//! is in them follows from one number.
#![allow(clippy::unwrap_used, clippy::float_arithmetic)] // a test may panic; cells are floats

mod common;

use common::{Keep, mapping};
use formats::{Input, decode};
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook};
use std::path::PathBuf;
use std::sync::Arc;

const SEED: u64 = 7;

/// Numbers that look like chance and repeat.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        u32::try_from(self.0 >> 33).unwrap() % bound
    }

    fn word(&mut self) -> String {
        let letters = ["a", "z", "주문", "é", "\"", "0", " ", "😀"];
        let length = 1 + self.below(4);
        (0..length).map(|_| letters[self.below(8) as usize]).collect()
    }
}

const SCHEMA: &str = "message rows {
    required binary a (UTF8);
    optional double b;
    required int64 c (DECIMAL(18,3));
    optional int64 at (TIMESTAMP(NANOS,true));
    required int32 day (DATE);
    required boolean yes;
    required fixed_len_byte_array(9) wide (DECIMAL(20,2));
}";

/// Rows of one group, and whether optional values are there.
const GROUP: usize = 5;
const THERE: [i16; GROUP] = [1, 0, 1, 1, 0];

fn table(compression: Compression, groups: u32, dictionary: bool) -> Vec<u8> {
    let schema = Arc::new(parquet::schema::parser::parse_message_type(SCHEMA).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(dictionary)
        .set_created_by("saldo".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut chance = Chance(SEED);
    for _ in 0..groups {
        let mut group = writer.next_row_group().unwrap();
        fill(&mut group, &mut chance);
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn fill<W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    chance: &mut Chance,
) {
    macro_rules! column {
        ($type:ty, $values:expr, $levels:expr) => {{
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<$type>().write_batch(&$values, $levels, None).unwrap();
            column.close().unwrap();
        }};
    }
    let words: Vec<ByteArray> =
        (0..GROUP).map(|_| ByteArray::from(chance.word().into_bytes())).collect();
    column!(ByteArrayType, words, None);
    let doubles = [0, 1, 2].map(|_| f64::from(chance.below(1 << 20)) / 100.0);
    column!(DoubleType, doubles, Some(&THERE[..]));
    let cents: Vec<i64> = (0..GROUP).map(|_| i64::from(chance.below(1 << 30)) - 500).collect();
    column!(Int64Type, cents, None);
    let times = [0, 1, 2].map(|_| 1_772_323_205_000_000_000 + i64::from(chance.below(1 << 30)));
    column!(Int64Type, times, Some(&THERE[..]));
    let days: Vec<i32> =
        (0..GROUP).map(|_| 20_000 + i32::try_from(chance.below(900)).unwrap()).collect();
    column!(Int32Type, days, None);
    let flags: Vec<bool> = (0..GROUP).map(|_| chance.below(2) == 1).collect();
    column!(BoolType, flags, None);
    let wide: Vec<FixedLenByteArray> = (0..GROUP)
        .map(|_| {
            let mut bytes = vec![0; 9];
            bytes[5..].copy_from_slice(&chance.below(1 << 31).to_be_bytes());
            FixedLenByteArray::from(bytes)
        })
        .collect();
    column!(FixedLenByteArrayType, wide, None);
}

fn tables() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("plain", table(Compression::UNCOMPRESSED, 1, false)),
        ("dictionary", table(Compression::UNCOMPRESSED, 1, true)),
        ("two-groups", table(Compression::SNAPPY, 2, true)),
        ("gzip", table(Compression::GZIP(GzipLevel::default()), 1, true)),
        ("lz4", table(Compression::LZ4_RAW, 1, true)),
        ("zstd", table(Compression::ZSTD(ZstdLevel::default()), 1, true)),
        ("brotli", table(Compression::BROTLI(BrotliLevel::default()), 1, true)),
    ]
}

fn workbook(sheets: u32, rows: u32, strange: bool) -> Vec<u8> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2026, 3, 1).unwrap();
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let mut chance = Chance(SEED);
    for _ in 0..sheets {
        let sheet = book.add_worksheet();
        for (column, name) in [(0, "a"), (1, "b"), (2, "c"), (3, "at"), (4, "yes")] {
            sheet.write(0, column, name).unwrap();
        }
        for row in 1..=rows {
            let at = ExcelDateTime::from_ymd(2026, 3, 1 + u8::try_from(row).unwrap()).unwrap();
            sheet.write(row, 0, chance.word()).unwrap();
            sheet.write(row, 1, f64::from(chance.below(1 << 20)) / 100.0).unwrap();
            sheet.write(row, 2, chance.below(1 << 30)).unwrap();
            sheet.write_with_format(row, 3, &at, &date).unwrap();
            sheet.write(row, 4, chance.below(2) == 1).unwrap();
        }
        if strange {
            sheet.write_formula(rows + 1, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
            sheet.merge_range(rows + 2, 0, rows + 2, 3, "merged", &Format::new()).unwrap();
            sheet.write(rows + 40, 2, -0.5).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn workbooks() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("one-sheet", workbook(1, 3, false)),
        ("three-sheets", workbook(3, 2, false)),
        ("formula-and-gaps", workbook(1, 2, true)),
        ("head-alone", workbook(1, 0, false)),
    ]
}

/// The committed seeds are those made here, and a decoder reads rows in them.
fn check(folder: &str, format: &str, made: Vec<(&str, Vec<u8>)>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(folder);
    let yaml = format!(
        "source: s\nformat: {format}\noccurred_at: 2026-01-01T00:00:00Z\nasset: EUR\n\
         events:\n  - {{ kind: k, id: 'r{{@row}}', amount: '1' }}\n"
    );
    let mapping = mapping(&yaml);
    let mut rows = 0;
    for (name, bytes) in made {
        let path = folder.join(name);
        if std::env::var_os("SALDO_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        let committed = std::fs::read(&path).unwrap_or_default();
        assert!(committed == bytes, "{} differs: SALDO_BLESS=1 writes it", path.display());
        assert!(bytes.len() < 10_000, "{name} is {} bytes: a seed is small", bytes.len());
        let mut keep = Keep::default();
        let found = decode(&mapping, Input::bytes(&committed), 0, &mut keep);
        let summary = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(summary.rows > 0 || name == "head-alone", "{name}: {summary:?}");
        rows += summary.rows;
    }
    assert!(rows > 5, "{rows} rows in all of {}", folder.display());
}

#[test]
fn seeds_of_parquet() {
    check("formats_parquet", "parquet", tables());
}

#[test]
fn seeds_of_workbooks() {
    check("formats_xlsx", "xlsx", workbooks());
}
