//! Cells: exact numbers, or text that says why it is none.

use crate::document::Language;
use crate::error::PressError;
use crate::words::Word;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Formula, Note, Worksheet};
use settle::ledger::Decimal;

/// Digits that a spreadsheet keeps of any number.
const DIGITS_MAX: usize = 15;
/// Most decimals that a number format can have.
const DECIMALS_MAX: u8 = 30;
/// Longest formula that a spreadsheet reads.
const FORMULA_MAX: usize = 8_000;

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Quiet,
    Bold,
    Sum,
    Total,
}

impl Look {
    fn format(self) -> Format {
        let format = Format::new().set_align(FormatAlign::Top);
        match self {
            Self::Plain => format,
            Self::Quiet => format.set_font_color(Color::RGB(0x5c_65_72)),
            Self::Bold => format.set_bold(),
            Self::Sum => format.set_bold().set_border_top(FormatBorder::Thin),
            Self::Total => format
                .set_bold()
                .set_border_top(FormatBorder::Medium)
                .set_background_color(Color::RGB(0xf0_f4_f9)),
        }
    }
}

/// A sheet with the language of its notes.
pub(crate) struct Sheet<'s> {
    pub(crate) sheet: &'s mut Worksheet,
    pub(crate) language: Language,
}

impl Sheet<'_> {
    /// Writes text, which stays text whatever it begins with.
    pub(crate) fn text(
        &mut self,
        at: (u32, u16),
        text: &str,
        look: Look,
    ) -> Result<(), PressError> {
        let mut format = look.format();
        if text.starts_with(['=', '+', '-', '@']) {
            format = format.set_quote_prefix();
        }
        if text.is_empty() {
            self.sheet.write_blank(at.0, at.1, &format)?;
        } else {
            self.sheet.write_string_with_format(at.0, at.1, text, &format)?;
        }
        Ok(())
    }

    /// Writes an amount with at least `scale` decimals; whether it is a number there.
    pub(crate) fn amount(
        &mut self,
        at: (u32, u16),
        amount: Decimal,
        (scale, look): (u8, Look),
    ) -> Result<bool, PressError> {
        let amount = amount.canonical();
        let decimals = amount.scale().max(scale);
        self.number(at, amount, (&decimals_format("#,##0", decimals), look))
    }

    /// Writes a fraction as a percentage; whether it is a number there.
    pub(crate) fn percent(
        &mut self,
        at: (u32, u16),
        fraction: Decimal,
        look: Look,
    ) -> Result<bool, PressError> {
        let fraction = fraction.canonical();
        let format = decimals_format("0", fraction.scale().saturating_sub(2)) + "%";
        self.number(at, fraction, (&format, look))
    }

    fn number(
        &mut self,
        at: (u32, u16),
        number: Decimal,
        (format, look): (&str, Look),
    ) -> Result<bool, PressError> {
        let text = number.to_string();
        if let Some(value) = exact(number) {
            let format = look.format().set_num_format(format);
            self.sheet.write_number_with_format(at.0, at.1, value, &format)?;
            return Ok(true);
        }
        let format = look.format().set_align(FormatAlign::Right);
        self.sheet.write_string_with_format(at.0, at.1, text, &format)?;
        let note = Note::new(Word::AsText.of(self.language)).add_author_prefix(false);
        self.sheet.insert_note(at.0, at.1, &note)?;
        Ok(false)
    }

    /// Writes a formula with its exact value beside it; where the value is no exact number, or
    /// `works` says that the formula would not find numbers, the value alone.
    pub(crate) fn formula(
        &mut self,
        at: (u32, u16),
        formula: &str,
        (value, works): (Decimal, bool),
        (scale, look): (u8, Look),
    ) -> Result<bool, PressError> {
        let value = value.canonical();
        if !works || exact(value).is_none() || formula.len() > FORMULA_MAX {
            return self.amount(at, value, (scale, look));
        }
        let decimals = value.scale().max(scale);
        let format = look.format().set_num_format(decimals_format("#,##0", decimals));
        let formula = Formula::new(formula).set_result(value.to_string());
        self.sheet.write_formula_with_format(at.0, at.1, formula, &format)?;
        Ok(true)
    }

    /// Writes the names of columns, in the row `row`, which stays in sight and comes again on
    /// every printed page.
    pub(crate) fn header(
        &mut self,
        row: u32,
        columns: &[(Word, u32, bool)],
    ) -> Result<(), PressError> {
        for (at, (word, width, is_number)) in (0..).zip(columns) {
            let align = if *is_number { FormatAlign::Right } else { FormatAlign::Left };
            let format = Look::Bold
                .format()
                .set_align(align)
                .set_border_bottom(FormatBorder::Thin)
                .set_background_color(Color::RGB(0xf0_f4_f9));
            let text = word.of(self.language);
            self.sheet.write_string_with_format(row, at, text, &format)?;
            self.sheet.set_column_width(at, f64::from(*width))?;
        }
        self.sheet.set_freeze_panes(row + 1, 0)?;
        self.sheet.set_repeat_rows(row, row)?;
        Ok(())
    }
}

/// The number as a spreadsheet keeps it, where it keeps every digit.
fn exact(number: Decimal) -> Option<f64> {
    let digits = number.coefficient().unsigned_abs().to_string().len();
    let fits = digits <= DIGITS_MAX && number.scale() <= DECIMALS_MAX;
    fits.then(|| number.to_string().parse().ok()).flatten()
}

fn decimals_format(whole: &str, decimals: u8) -> String {
    let zeros = "0".repeat(usize::from(decimals.min(DECIMALS_MAX)));
    if zeros.is_empty() { whole.to_owned() } else { format!("{whole}.{zeros}") }
}

/// The name of a cell: `J12`.
pub(crate) fn name((row, column): (u32, u16)) -> String {
    rust_xlsxwriter::utility::row_col_to_cell(row, column)
}
