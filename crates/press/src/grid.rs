//! The statement as a plain grid of words and figures, for a terminal.

use crate::blocks::{self, Part, Which};
use crate::document::Document;
use crate::error::PressError;
use crate::figure;
use crate::text::clean;
use crate::words::{self, Word};

/// A grid of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// What the columns are called, and whether they hold figures.
    pub columns: Vec<(String, bool)>,
    /// The rows; figures aligned at their decimal point.
    pub rows: Vec<Vec<String>>,
}

/// The lines of the statement and what is payable.
///
/// # Errors
/// [`PressError::NotAddingUp`] when the lines do not come to what the document says.
pub fn grid(document: &Document) -> Result<Grid, PressError> {
    let mut document = document.clone();
    document.each_text(&mut |text| *text = clean(text, &mut |_| ()));
    let language = document.language;
    let mut rows: Vec<(Vec<String>, Vec<figure::Figure>)> = Vec::new();
    let blocks = blocks::of(&document, Which::All)?;
    for (at, block) in blocks.iter().enumerate() {
        for item in block.groups.iter().flat_map(|group| &group.items) {
            let row = item.row;
            let scale = figure::decimals(&row.asset);
            let show = |amount| figure::amount(amount, scale);
            let indent = "  ".repeat(usize::from(row.depth.min(3)));
            let rate = row.rate.map(|rate| {
                if row.is_unit_rate() { figure::plain(rate) } else { figure::percent(rate) }
            });
            let (detail, amount) = match item.part {
                Part::Counts(amount) => (None, Some(show(amount))),
                Part::Stated(amount) | Part::Reached(amount) => (Some(show(amount)), None),
                Part::None => (None, None),
            };
            let path = row.id.split_once('/').map_or(row.id.as_str(), |(_, path)| path);
            let section = words::section(row.section, language).to_owned();
            let mut title = indent + &row.title;
            if row.amount.is_none() && !row.notes.is_empty() {
                title = format!("{title} ({})", row.notes.join("; "));
            }
            let texts = vec![path.to_owned(), section, title];
            let figures = [row.quantity.map(figure::plain), row.base.map(show), rate];
            let figures =
                figures.into_iter().chain([detail, amount, row.amount.map(|_| show(row.running))]);
            rows.push((texts, figures.map(Option::unwrap_or_default).collect()));
        }
        let is_last = at + 1 == blocks.len();
        let word = if is_last { Word::Payable } else { Word::BasisTotal };
        let mut figures = vec![figure::Figure::default(); 6];
        figures[4] = figure::amount(block.total, figure::decimals(block.asset));
        let name = format!("{} {}", word.of(language), block.asset.code);
        rows.push((vec![String::new(), format!("= {name}"), String::new()], figures));
    }
    let texts = [Word::Line, Word::Section, Word::Description].map(|word| (word, false));
    let figures = [Word::Quantity, Word::Base, Word::Rate, Word::Detail, Word::Amount];
    let figures = figures.into_iter().chain([Word::Running]).map(|word| (word, true));
    let columns = texts.into_iter().chain(figures);
    let columns = columns.map(|(word, is_figure)| (word.of(language).to_owned(), is_figure));
    Ok(filled(columns.collect(), aligned(rows)))
}

/// Pads the part behind the decimal point to the widest of its column.
fn aligned(rows: Vec<(Vec<String>, Vec<figure::Figure>)>) -> Vec<Vec<String>> {
    let widest = |at: usize| {
        let parts = rows.iter().filter_map(|(_, figures)| figures.get(at));
        parts.map(|figure| figure.part.len()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..6).map(widest).collect();
    let row = |(mut texts, figures): (Vec<String>, Vec<figure::Figure>)| {
        for (figure, width) in figures.iter().zip(&widths) {
            let part = format!("{:<width$}", figure.part);
            texts.push(if figure.whole.is_empty() {
                String::new()
            } else {
                figure.whole.clone() + &part
            });
        }
        texts
    };
    rows.into_iter().map(row).collect()
}

/// The columns that any row fills.
fn filled(columns: Vec<(String, bool)>, rows: Vec<Vec<String>>) -> Grid {
    let used: Vec<bool> =
        (0..columns.len()).map(|at| rows.iter().any(|row| !row[at].is_empty())).collect();
    let keep = |row: Vec<String>| {
        row.into_iter().zip(&used).filter(|(_, used)| **used).map(|(text, _)| text).collect()
    };
    let columns = columns.into_iter().zip(&used).filter(|(_, used)| **used);
    Grid {
        columns: columns.map(|(column, _)| column).collect(),
        rows: rows.into_iter().map(keep).collect(),
    }
}
