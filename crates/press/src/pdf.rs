//! A statement on paper: A4, with the sums of every page carried to the next.

mod closing;
mod embed;
mod flow;
mod font;
mod lines;
mod opening;
mod structure;
mod table;
mod tree;
mod write;

use crate::blocks::{self, Which};
use crate::document::Document;
use crate::error::PressError;
use crate::text::{REPLACEMENT, clean};
use crate::{Printed, words};
use flow::Flow;
use font::Fonts;
use std::collections::BTreeSet;

/// The statement as a PDF file.
///
/// # Errors
/// [`PressError::NotAddingUp`] when the lines do not come to what the document says;
/// [`PressError::NotMade`].
pub fn pdf(document: &Document) -> Result<Printed, PressError> {
    let (document, unprintable) = printable(document, &Fonts::load()?);
    let mut flow = Flow::new()?;
    let blocks = blocks::of(&document, Which::Telling)?;
    let groups = blocks.iter().flat_map(|block| &block.groups);
    let omitted = document.rows.len() - groups.map(|group| group.items.len()).sum::<usize>();
    opening::print(&mut flow, &document);
    lines::print(&mut flow, &document, &blocks);
    closing::print(&mut flow, &document, omitted, &unprintable);
    let bytes = write::write(flow, &document)?;
    Ok(Printed { bytes, unprintable })
}

/// The document with nothing in it that the fonts cannot draw.
fn printable(document: &Document, fonts: &Fonts) -> (Document, BTreeSet<char>) {
    let mut unprintable = BTreeSet::new();
    let mut document = document.clone();
    document.each_text(&mut |text| {
        let safe = clean(text, &mut |char| {
            unprintable.insert(char);
        });
        *text = safe
            .chars()
            .map(|char| {
                if fonts.has(char) {
                    return char;
                }
                if char != REPLACEMENT {
                    unprintable.insert(char);
                }
                REPLACEMENT
            })
            .collect();
    });
    (document, unprintable)
}

/// How a page is numbered.
fn page_of(document: &Document, page: usize, pages: usize) -> String {
    let en = format!("Page {page} of {pages}");
    let ko = format!("{page} / {pages} 쪽");
    words::pick(document.language, &en, &ko).to_owned()
}
