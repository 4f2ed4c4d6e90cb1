//! A statement as a workbook: lines with working sums, measures, balances, corrections.
//!
//! A spreadsheet reckons in binary fractions of 15 digits. A figure that fits is a number; one
//! that does not is text with a note, so that nothing is rounded in silence. Sums are formulas,
//! and beside each formula stands its exact value.

mod cell;
mod lines;
mod lists;

use crate::Printed;
use crate::blocks::{self, Which};
use crate::document::Document;
use crate::error::PressError;
use crate::text::clean;
use crate::words::Word;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use std::collections::BTreeSet;

impl From<XlsxError> for PressError {
    fn from(error: XlsxError) -> Self {
        Self::NotMade { reason: error.to_string() }
    }
}

/// The statement as an XLSX file.
///
/// # Errors
/// [`PressError::NotAddingUp`] when the lines do not come to what the document says;
/// [`PressError::NotMade`].
pub fn xlsx(document: &Document) -> Result<Printed, PressError> {
    let mut unprintable = BTreeSet::new();
    let mut document = document.clone();
    document.each_text(&mut |text| {
        *text = clean(text, &mut |char| {
            unprintable.insert(char);
        });
    });
    let blocks = blocks::of(&document, Which::All)?;
    let language = document.language;
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(format!("{} {}", Word::Statement.of(language), document.id))
        .set_company(document.issuer.shown())
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    let sheet = named(&mut workbook, Word::Statement, &document)?;
    lines::write(sheet, &document, &blocks)?;
    lists::measures(named(&mut workbook, Word::Measures, &document)?, &document)?;
    lists::balances(named(&mut workbook, Word::Balances, &document)?, &document)?;
    lists::corrections(named(&mut workbook, Word::CorrectionsShort, &document)?, &document)?;
    Ok(Printed { bytes: workbook.save_to_buffer()?, unprintable })
}

/// A new sheet, set up for A4.
fn named<'w>(
    workbook: &'w mut Workbook,
    name: Word,
    document: &Document,
) -> Result<&'w mut Worksheet, PressError> {
    const A4: u8 = 9;
    let sheet = workbook.add_worksheet();
    sheet.set_name(name.of(document.language))?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    let id = document.id.replace('&', "&&");
    sheet.set_footer(format!("&L{id}&R&P / &N"));
    Ok(sheet)
}
