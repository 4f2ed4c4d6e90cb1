//! The other sheets: measures, balances, corrections.

use super::cell::{Look, Sheet, name};
use crate::document::Document;
use crate::error::PressError;
use crate::figure;
use crate::words::Word;
use rust_xlsxwriter::Worksheet;
use settle::ledger::Decimal;

pub(crate) fn measures(sheet: &mut Worksheet, document: &Document) -> Result<(), PressError> {
    let mut sheet = begin(
        sheet,
        document,
        &[
            (Word::Measure, 36, false),
            (Word::MeasureName, 24, false),
            (Word::ReadBy, 30, false),
            (Word::Value, 22, true),
            (Word::Currency, 9, false),
            (Word::Postings, 14, true),
        ],
    )?;
    for (row, measure) in (1..).zip(&document.measures) {
        sheet.text((row, 0), &measure.title, Look::Plain)?;
        sheet.text((row, 1), &measure.name, Look::Plain)?;
        sheet.text((row, 2), &measure.line, Look::Plain)?;
        sheet.amount((row, 3), measure.value, (figure::decimals(&measure.asset), Look::Plain))?;
        sheet.text((row, 4), &measure.asset.code, Look::Plain)?;
        let count = Decimal::from_minor(measure.count.into(), 0);
        sheet.amount((row, 5), count, (0, Look::Plain))?;
    }
    none(&mut sheet, document.measures.is_empty(), Word::NoMeasures)
}

pub(crate) fn balances(sheet: &mut Worksheet, document: &Document) -> Result<(), PressError> {
    let mut sheet = begin(
        sheet,
        document,
        &[
            (Word::Balance, 40, false),
            (Word::OpeningBalance, 22, true),
            (Word::Change, 22, true),
            (Word::ClosingBalance, 22, true),
            (Word::Currency, 9, false),
        ],
    )?;
    for (row, balance) in (1..).zip(&document.balances) {
        sheet.text((row, 0), &balance.title, Look::Plain)?;
        let figures = [balance.opening, balance.closing];
        compared(&mut sheet, (row, [1, 3, 2]), figures, document)?;
        sheet.text((row, 4), &document.asset.code, Look::Plain)?;
    }
    none(&mut sheet, document.balances.is_empty(), Word::NoBalances)
}

pub(crate) fn corrections(sheet: &mut Worksheet, document: &Document) -> Result<(), PressError> {
    let mut sheet = begin(
        sheet,
        document,
        &[
            (Word::Description, 40, false),
            (Word::Corrects, 44, false),
            (Word::Was, 22, true),
            (Word::Now, 22, true),
            (Word::Difference, 22, true),
            (Word::Currency, 9, false),
            (Word::Line, 30, false),
        ],
    )?;
    for (row, correction) in (1..).zip(&document.corrections) {
        sheet.text((row, 0), &correction.title, Look::Plain)?;
        sheet.text((row, 1), &correction.of, Look::Plain)?;
        compared(&mut sheet, (row, [2, 3, 4]), [correction.was, correction.now], document)?;
        sheet.text((row, 5), &document.asset.code, Look::Plain)?;
        sheet.text((row, 6), &correction.line, Look::Plain)?;
    }
    none(&mut sheet, document.corrections.is_empty(), Word::NoCorrections)
}

fn begin<'s>(
    sheet: &'s mut Worksheet,
    document: &Document,
    columns: &[(Word, u32, bool)],
) -> Result<Sheet<'s>, PressError> {
    let mut sheet = Sheet { sheet, language: document.language };
    sheet.header(0, columns)?;
    Ok(sheet)
}

/// Writes what was and what is, and the difference as a formula.
fn compared(
    sheet: &mut Sheet<'_>,
    (row, [was_at, now_at, difference_at]): (u32, [u16; 3]),
    [was, now]: [Decimal; 2],
    document: &Document,
) -> Result<(), PressError> {
    let look = (figure::decimals(&document.asset), Look::Plain);
    let numbers =
        [sheet.amount((row, was_at), was, look)?, sheet.amount((row, now_at), now, look)?];
    let wrong = |_| PressError::NotAddingUp { at: document.id.clone() };
    let difference = now.checked_sub(was).map_err(wrong)?;
    let formula = format!("={}-{}", name((row, now_at)), name((row, was_at)));
    let works = numbers == [true, true];
    sheet.formula((row, difference_at), &formula, (difference, works), look)?;
    Ok(())
}

/// Says that a list is empty.
fn none(sheet: &mut Sheet<'_>, is_empty: bool, word: Word) -> Result<(), PressError> {
    if is_empty {
        let text = word.of(sheet.language);
        sheet.text((1, 0), text, Look::Quiet)?;
    }
    Ok(())
}
