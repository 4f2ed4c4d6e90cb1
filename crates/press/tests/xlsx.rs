//! The workbook, read back: figures as they are, formulas with their exact values, text that
//! stays text.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use common::{Says, add, hostile, long, negative, usual};
use press::document::{Document, Effect, Language, Section};
use std::collections::BTreeMap;
use std::io::Cursor;

const AMOUNT: u32 = 6;

struct Book {
    names: Vec<String>,
    values: Range<Data>,
    formulas: BTreeMap<(u32, u32), String>,
    others: Vec<Range<Data>>,
}

fn read(document: &Document) -> Book {
    let bytes = press::xlsx(document).unwrap().bytes;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let values = book.worksheet_range(&names[0]).unwrap();
    let found = book.worksheet_formula(&names[0]).unwrap();
    let start = found.start().unwrap_or_default();
    let formulas =
        found.used_cells().filter(|(.., text)| !text.is_empty()).map(|(row, column, text)| {
            let place =
                (u32::try_from(row).unwrap() + start.0, u32::try_from(column).unwrap() + start.1);
            (place, text.clone())
        });
    let formulas = formulas.collect();
    let others = names[1..].iter().map(|name| book.worksheet_range(name).unwrap()).collect();
    Book { names, values, formulas, others }
}

impl Book {
    fn number(&self, at: (u32, u32)) -> f64 {
        match self.values.get_value(at) {
            Some(Data::Float(number)) => *number,
            other => panic!("{at:?} is no number: {other:?}"),
        }
    }

    /// What a formula of ours gives: sums of cells and ranges of one column, differences.
    fn reckon(&self, formula: &str) -> f64 {
        let cell = |name: &str| {
            let row: u32 =
                name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap();
            (row - 1, u32::from(name.as_bytes()[0] - b'A'))
        };
        let sum = |inner: &str| -> f64 {
            inner
                .split(',')
                .map(|part| match part.split_once(':') {
                    Some((first, last)) => {
                        let (first, last) = (cell(first), cell(last));
                        (first.0..=last.0)
                            .filter_map(|row| match self.values.get_value((row, first.1)) {
                                Some(Data::Float(number)) => Some(*number),
                                _ => None,
                            })
                            .sum()
                    }
                    None => self.number(cell(part)),
                })
                .sum()
        };
        let parts = formula.split('+').map(|part| match part.strip_prefix("SUM(") {
            Some(inner) => sum(inner.trim_end_matches(')')),
            None => self.number(cell(part)),
        });
        parts.sum()
    }

    fn texts(&self) -> Vec<String> {
        let sheets = std::iter::once(&self.values).chain(&self.others);
        let cells = sheets.flat_map(|sheet| sheet.used_cells().map(|(.., data)| data.clone()));
        cells
            .filter_map(|data| match data {
                Data::String(text) => Some(text),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for document in [usual(Language::En), usual(Language::Ko), hostile()] {
        let first = press::xlsx(&document).unwrap().bytes;
        assert_eq!(first, press::xlsx(&document.clone()).unwrap().bytes);
    }
}

#[test]
fn formulas_come_to_the_figures_beside_them() {
    let documents = [usual(Language::En), negative(Language::Ko), long(Language::En, 200)];
    for document in documents {
        let book = read(&document);
        assert!(book.formulas.len() > 2, "{:?}", book.formulas);
        for (at, formula) in &book.formulas {
            let (stated, reckoned) = (book.number(*at), book.reckon(formula));
            assert!((stated - reckoned).abs() < 1e-6, "{formula} is {reckoned}, not {stated}");
        }
        let payable: f64 = document.payable.to_string().parse().unwrap();
        assert_eq!(book.number((2, AMOUNT)).to_bits(), payable.to_bits(), "payable at the top");
        assert!(book.formulas.contains_key(&(2, AMOUNT)));
    }
}

#[test]
fn lines_are_numbers_as_stated() {
    let document = usual(Language::En);
    let book = read(&document);
    let column: Vec<f64> = (5..u32::try_from(book.values.height()).unwrap())
        .filter(|row| !book.formulas.contains_key(&(*row, AMOUNT)))
        .filter_map(|row| match book.values.get_value((row, AMOUNT)) {
            Some(Data::Float(number)) => Some(*number),
            _ => None,
        })
        .collect();
    let wanted = [
        1_284_310.55,
        -96_323.29,
        -25_686.211,
        131_230.104_9,
        -0.004_9,
        1250.0,
        -4210.4,
        12_826.97,
        -4232.9,
        -6843.19,
        5120.0,
        -118.4,
        0.0,
    ];
    assert_eq!(column, wanted);
}

#[test]
fn sheets_are_named_in_both_languages() {
    for (language, names) in [
        (Language::En, ["Statement", "Measures", "Balances", "Corrections"]),
        (Language::Ko, ["정산서", "지표", "잔액", "정정"]),
    ] {
        let book = read(&usual(language));
        assert_eq!(book.names, names);
        for sheet in &book.others {
            assert!(sheet.height() >= 2, "a sheet is empty");
        }
    }
}

#[test]
fn what_a_spreadsheet_would_round_is_text() {
    let mut document = common::empty(Language::En, ("BTC", 8));
    let says = |path| Says { path, title: "All".to_owned(), kind: "sum", section: Section::Earned };
    add(&mut document, says("10-all"), Effect::Set, "12345678901.12345678");
    add(&mut document, says("20-more"), Effect::Add, "0.5");
    let book = read(&document);
    let texts = book.texts();
    for figure in ["12345678901.12345678", "12345678901.62345678"] {
        assert!(texts.iter().any(|text| text == figure), "{figure} is not there: {texts:?}");
    }
    assert!(book.formulas.is_empty(), "a formula would round: {:?}", book.formulas);
}

#[test]
fn text_stays_text() {
    let document = hostile();
    let book = read(&document);
    let texts = book.texts();
    for begin in ["+1+1", "-2+3", "@SUM(A1:A9)"] {
        assert!(
            texts.iter().any(|text| text.starts_with(begin)),
            "{begin} is not there: {texts:?}"
        );
    }
    for formula in book.formulas.values() {
        let own = formula.strip_prefix("SUM(").unwrap_or(formula);
        assert!(own.chars().all(|c| c.is_ascii_alphanumeric() || ":,()+".contains(c)), "{formula}");
    }
    let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!texts.iter().any(|text| text.contains(hidden)), "{texts:?}");
    assert!(press::xlsx(&document).unwrap().unprintable.contains(&'\u{202e}'));
}
