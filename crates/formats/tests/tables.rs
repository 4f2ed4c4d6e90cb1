//! Workbooks and Parquet: exact numbers, dates, several sheets, what is no such file.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::{Keep, mapping};
use formats::{Input, decode};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::sync::Arc;

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("cover").unwrap().write(0, 0, "nothing here").unwrap();
    let sheet = book.add_worksheet().set_name("rows").unwrap();
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (column, name) in [(0, "no"), (1, "paid"), (2, "at"), (3, "name")] {
        sheet.write(1, column, name).unwrap();
    }
    for (row, no, paid) in [(2, 1, 0.1), (4, 2, 1234.56), (6, 3, 123_456_789.012_345)] {
        sheet.write(row, 0, no).unwrap();
        sheet.write(row, 1, paid).unwrap();
        let at = ExcelDateTime::from_ymd(2026, 3, 1).unwrap().and_hms(9, 30, 5).unwrap();
        sheet.write_with_format(row, 2, &at, &date).unwrap();
        sheet.write(row, 3, "주문 \"x\"").unwrap();
    }
    sheet.write(9, 0, "last").unwrap();
    book.save_to_buffer().unwrap()
}

const XLSX: &str = "source: s\nformat: xlsx\nsheet: rows\n\
    times: { formats: ['%Y-%m-%dT%H:%M:%S'], zone: Asia/Seoul }\n\
    events: [{ kind: k, id: 'o-{no}', occurred_at: '{at}', amount: paid, asset: EUR,\n\
    \x20 dims: { name: '{name}' } }]\n";

#[test]
fn workbooks() {
    let mut keep = Keep::default();
    let summary = decode(&mapping(XLSX), Input::bytes(&workbook()), 0, &mut keep).unwrap();
    let amounts: Vec<_> = keep
        .events
        .iter()
        .map(|(row, e, _)| format!("{row} {} {}", e.id, e.amount.unwrap()))
        .collect();
    assert_eq!(amounts, ["1 o-1 0.1", "2 o-2 1234.56", "3 o-3 123456789.012345"]);
    assert_eq!(keep.events[0].1.occurred_at, 1_772_325_005_000_000_000);
    assert_eq!(
        keep.events[0].2,
        r#"{"no":1,"paid":0.1,"at":"2026-03-01T09:30:05","name":"주문 \"x\""}"#
    );
    assert_eq!((summary.rows, summary.bad), (4, 1));
    assert_eq!(keep.bad[0].1.reason, "the column `paid` is empty");
    for (sheet, bytes, code) in [
        ("rows", &b"PK\x03\x04 not a workbook"[..], "E3008"),
        ("none", &workbook(), "E3008"),
        ("cover", &workbook(), "E3006"),
    ] {
        let yaml = XLSX.replace("sheet: rows", &format!("sheet: {sheet}"));
        let error =
            decode(&mapping(&yaml), Input::bytes(bytes), 0, &mut Keep::default()).unwrap_err();
        assert_eq!(error.code.code, code, "{sheet} {error}");
    }
}

const SCHEMA: &str = "message rows {
    required binary id (UTF8);
    required double price;
    required int64 total (DECIMAL(18,3));
    optional int64 at (TIMESTAMP(NANOS,true));
    required int64 local (TIMESTAMP(MILLIS,false));
}";

fn table() -> Vec<u8> {
    let schema = Arc::new(parquet::schema::parser::parse_message_type(SCHEMA).unwrap());
    let mut bytes = Vec::new();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let ids: Vec<ByteArray> = ["a", "b"].map(ByteArray::from).into();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&[6.95, -53594.36], None, None).unwrap();
    column.close().unwrap();
    for (values, levels) in [
        (&[1_234_567, -5][..], None),
        (&[1_772_323_205_000_000_001], Some(&[1i16, 0][..])),
        (&[1_772_323_205_000, 0], None),
    ] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(values, levels, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_files() {
    let yaml = "source: s\nformat: parquet\n\
        times: { formats: [rfc3339, '%Y-%m-%dT%H:%M:%S'], zone: Asia/Seoul }\n\
        asset: EUR\nevents:\n\
        \x20 - { kind: utc, id: '{id}', occurred_at: '{at}', amount: price, when: present(at) }\n\
        \x20 - { kind: local, id: '{id}-l', occurred_at: '{local}', amount: total }\n";
    let mut keep = Keep::default();
    decode(&mapping(yaml), Input::bytes(&table()), 0, &mut keep).unwrap();
    let found: Vec<_> = keep
        .events
        .iter()
        .map(|(row, e, _)| format!("{row} {} {} {}", e.id, e.amount.unwrap(), e.occurred_at))
        .collect();
    assert_eq!(
        found,
        [
            "1 a 6.95 1772323205000000001",
            "1 a-l 1234.567 1772290805000000000",
            "2 b-l -0.005 -32400000000000"
        ]
    );
    assert_eq!(
        keep.events[2].2,
        r#"{"id":"b","price":-53594.36,"total":-0.005,"at":null,"local":"1970-01-01T00:00:00"}"#
    );
    for bytes in [&b""[..], b"PAR1PAR1", &table()[..100]] {
        let error =
            decode(&mapping(yaml), Input::bytes(bytes), 0, &mut Keep::default()).unwrap_err();
        assert_eq!(error.code.code, "E3009");
    }
}

/// Damage anywhere in a file gives an error or rows, never a panic or a hang.
#[test]
fn damaged_files_are_survived() {
    for (file, fuzz) in
        [(workbook(), formats::fuzz_xlsx as fn(&[u8])), (table(), formats::fuzz_parquet)]
    {
        for at in (0..file.len()).step_by(file.len() / 300 + 1) {
            for damage in [0u8, 0x7f, 0xff] {
                let mut bytes = file.clone();
                bytes[at] = damage;
                fuzz(&bytes);
            }
            fuzz(&file[..at]);
        }
    }
}
