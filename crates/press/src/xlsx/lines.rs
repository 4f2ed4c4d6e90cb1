//! The sheet of lines: sections with their sums, blocks with theirs, and what is payable.

use super::cell::{Look, Sheet, name};
use crate::blocks::{Block, Group, Item, Part};
use crate::document::{Document, Effect, Language, Row, Status};
use crate::error::PressError;
use crate::figure;
use crate::words::{self, Word, pick};
use rust_xlsxwriter::Worksheet;

/// Columns: what they are called, their width in characters, whether they hold numbers. Those up
/// to the notes are printed; the others are for sorting and filtering.
const COLUMNS: [(Word, u32, bool); 16] = [
    (Word::Section, 20, false),
    (Word::Description, 40, false),
    (Word::Quantity, 11, true),
    (Word::Base, 18, true),
    (Word::Rate, 9, true),
    (Word::Detail, 18, true),
    (Word::Amount, 19, true),
    (Word::Running, 19, true),
    (Word::Currency, 9, false),
    (Word::Notes, 30, false),
    (Word::Kind, 18, false),
    (Word::Type, 12, false),
    (Word::Subtype, 14, false),
    (Word::Effect, 10, false),
    (Word::Measures, 24, false),
    (Word::Line, 44, false),
];
const QUANTITY: u16 = 2;
const BASE: u16 = 3;
const RATE: u16 = 4;
const DETAIL: u16 = 5;
const AMOUNT: u16 = 6;
const CURRENCY: u16 = 8;
const NOTES: u16 = 9;
/// Row of the header, below what the statement is about.
const HEADER: u32 = 4;
/// Row and column of what is payable, at the top.
const PAYABLE: (u32, u16) = (2, AMOUNT);

/// A cell with a sum, and whether it is a number.
struct Summed {
    at: (u32, u16),
    is_number: bool,
}

pub(crate) fn write(
    sheet: &mut Worksheet,
    document: &Document,
    blocks: &[Block<'_>],
) -> Result<(), PressError> {
    let mut sheet = Sheet { sheet, language: document.language };
    head(&mut sheet, document)?;
    sheet.header(HEADER, &COLUMNS)?;
    let mut row = HEADER + 1;
    let mut last = None;
    for (at, block) in blocks.iter().enumerate() {
        let is_last = at + 1 == blocks.len();
        last = Some(write_block(&mut sheet, block, (is_last, at + 1), &mut row)?);
        row += 1;
    }
    sheet.sheet.set_print_area(0, 0, row, NOTES)?;
    let look = (figure::decimals(&document.asset), Look::Total);
    match last {
        Some(total) => {
            let formula = format!("={}", name(total.at));
            sheet.formula(PAYABLE, &formula, (document.payable, total.is_number), look)?;
        }
        None => {
            sheet.amount(PAYABLE, document.payable, look)?;
        }
    }
    Ok(())
}

fn head(sheet: &mut Sheet<'_>, document: &Document) -> Result<(), PressError> {
    let language = document.language;
    let statement = Word::Statement.of(language);
    let title = format!("{statement} · {}", document.agreement.shown());
    sheet.text((0, 0), &title, Look::Bold)?;
    let status = match document.status {
        Status::Draft => Word::Draft,
        Status::Closed => Word::Closed,
    };
    let days = document.days.as_ref().map(|(first, last)| format!(" ({first} – {last})"));
    let period = format!("{}{} {}", document.period, days.unwrap_or_default(), document.zone);
    let issuer = document.issuer.shown();
    let facts = [issuer, document.id.as_str(), &period, status.of(language)];
    sheet.text((1, 0), &facts.join("  ·  "), Look::Plain)?;
    let (from, to) = (document.from.shown(), document.to.shown());
    let (payer, payee) = if document.payable.is_negative() { (to, from) } else { (from, to) };
    let (en, ko) = (format!("{payer} pays {payee}"), format!("{payer} → {payee} 지급"));
    let who = if document.payable.is_zero() {
        Word::NothingPayable.of(language)
    } else {
        pick(language, &en, &ko)
    };
    sheet.text((2, 0), who, Look::Bold)?;
    sheet.text((2, AMOUNT - 1), Word::Payable.of(language), Look::Total)?;
    sheet.text((2, CURRENCY), &document.asset.code, Look::Bold)?;
    let hash = format!("{}: {}", Word::BodyHash.of(language), document.body_hash);
    sheet.text((3, 0), &hash, Look::Quiet)
}

fn write_block(
    sheet: &mut Sheet<'_>,
    block: &Block<'_>,
    (is_last, number): (bool, usize),
    row: &mut u32,
) -> Result<Summed, PressError> {
    let language = sheet.language;
    let title = if is_last { Word::Settlement } else { Word::Basis };
    sheet.text((*row, 0), &format!("{number}. {}", title.of(language)), Look::Bold)?;
    *row += 1;
    let mut sums = Vec::new();
    for group in &block.groups {
        let first = *row;
        let mut is_number = true;
        for item in &group.items {
            is_number &= write_line(sheet, item, *row)?;
            *row += 1;
        }
        if group.counted() > 0 {
            let sum = (first, *row - 1);
            sums.push(subtotal(sheet, (group, block), (sum, is_number), *row)?);
            *row += 1;
        }
    }
    let at = (*row, AMOUNT);
    *row += 1;
    let word = if is_last { Word::Payable } else { Word::BasisTotal };
    for column in 0..=CURRENCY {
        sheet.text((at.0, column), "", Look::Total)?;
    }
    sheet.text((at.0, 0), word.of(language), Look::Total)?;
    sheet.text((at.0, CURRENCY), &block.asset.code, Look::Total)?;
    let works = sums.iter().all(|sum| sum.is_number);
    let formula = total_formula(&sums);
    let look = (figure::decimals(block.asset), Look::Total);
    let is_number = sheet.formula(at, &formula, (block.total, works), look)?;
    Ok(Summed { at, is_number })
}

/// `=SUM(J8,J12)`, in several sums where there are more cells than one takes.
fn total_formula(sums: &[Summed]) -> String {
    const ARGUMENTS_MAX: usize = 200;
    let sum = |part: &[Summed]| {
        let cells: Vec<String> = part.iter().map(|sum| name(sum.at)).collect();
        format!("SUM({})", cells.join(","))
    };
    let parts: Vec<String> = sums.chunks(ARGUMENTS_MAX).map(sum).collect();
    if parts.is_empty() { "=0".to_owned() } else { format!("={}", parts.join("+")) }
}

fn subtotal(
    sheet: &mut Sheet<'_>,
    (group, block): (&Group<'_>, &Block<'_>),
    ((first, last), works): ((u32, u32), bool),
    row: u32,
) -> Result<Summed, PressError> {
    let section = words::section(group.section, sheet.language);
    let subtotal = Word::Subtotal.of(sheet.language);
    let (en, ko) = (format!("{subtotal}: {section}"), format!("{section} {subtotal}"));
    sheet.text((row, 0), pick(sheet.language, &en, &ko), Look::Sum)?;
    for column in 1..=CURRENCY {
        sheet.text((row, column), "", Look::Sum)?;
    }
    sheet.text((row, CURRENCY), &block.asset.code, Look::Sum)?;
    let at = (row, AMOUNT);
    let formula = format!("=SUM({}:{})", name((first, AMOUNT)), name((last, AMOUNT)));
    let look = (figure::decimals(block.asset), Look::Sum);
    let is_number = sheet.formula(at, &formula, (group.subtotal, works), look)?;
    Ok(Summed { at, is_number })
}

/// Writes a line; whether its amount can be summed by the spreadsheet.
fn write_line(sheet: &mut Sheet<'_>, item: &Item<'_>, row: u32) -> Result<bool, PressError> {
    let line = item.row;
    let language = sheet.language;
    let look = if matches!(item.part, Part::Counts(_)) { Look::Plain } else { Look::Quiet };
    let texts = [
        (0, words::section(line.section, language).to_owned()),
        (1, format!("{}{}", "   ".repeat(usize::from(line.depth.min(3))), line.title)),
        (CURRENCY, line.asset.code.clone()),
        (NOTES, line.notes.join("; ")),
        (10, words::kind(&line.kind, language).unwrap_or(&line.kind).to_owned()),
        (11, line.label.clone()),
        (12, line.sublabel.clone()),
        (13, effect(line.effect, language).to_owned()),
        (14, line.measures.join(", ")),
        (15, line.id.clone()),
    ];
    for (column, text) in &texts {
        sheet.text((row, *column), text, look)?;
    }
    figures(sheet, line, (row, look))?;
    let scale = figure::decimals(&line.asset);
    match item.part {
        Part::Counts(amount) => sheet.amount((row, AMOUNT), amount, (scale, look)),
        Part::Stated(amount) | Part::Reached(amount) => {
            sheet.amount((row, DETAIL), amount, (scale, look)).map(|_| true)
        }
        Part::None => Ok(true),
    }
}

fn figures(sheet: &mut Sheet<'_>, line: &Row, (row, look): (u32, Look)) -> Result<(), PressError> {
    let scale = figure::decimals(&line.asset);
    if let Some(quantity) = line.quantity {
        sheet.amount((row, QUANTITY), quantity, (0, look))?;
    }
    if let Some(base) = line.base {
        sheet.amount((row, BASE), base, (scale, look))?;
    }
    match line.rate {
        Some(rate) if line.is_unit_rate() => {
            sheet.amount((row, RATE), rate, (0, look))?;
        }
        Some(rate) => {
            sheet.percent((row, RATE), rate, look)?;
        }
        None => {}
    }
    if line.amount.is_some() {
        sheet.amount((row, AMOUNT + 1), line.running, (scale, look))?;
    }
    Ok(())
}

fn effect(effect: Effect, language: Language) -> &'static str {
    match effect {
        Effect::Set => pick(language, "begins", "기준"),
        Effect::Add => pick(language, "adds", "가산"),
        Effect::Subtract => pick(language, "deducts", "차감"),
        Effect::Keep => pick(language, "states", "표시"),
    }
}
