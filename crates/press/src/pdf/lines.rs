//! The lines of a statement on paper: blocks, sections with subtotals, and on every page break
//! the sum so far.

use super::flow::Flow;
use super::table::{Cell, Line, Look, Table};
use crate::blocks::{Block, Group, Item, Part};
use crate::document::{Document, Language, Row};
use crate::figure;
use crate::words::{self, Word};
use settle::ledger::Decimal;

/// A row of the table with what the block has come to after it.
struct Placed {
    line: Line,
    /// What the block has come to; `None` before anything counts and after the last sum.
    reached: Option<Decimal>,
    /// Whether the row may not be the last one of its page.
    keep: bool,
}

/// The columns between description and amount that are printed where any line fills them.
const OPTIONAL: [Word; 4] = [Word::Quantity, Word::Base, Word::Rate, Word::Detail];
/// Place of the columns in a full row: description, the optional ones, amount.
const DETAIL: usize = 4;
const AMOUNT: usize = 5;

/// Prints all lines.
pub(crate) fn print(flow: &mut Flow, document: &Document, blocks: &[Block<'_>]) {
    for (at, block) in blocks.iter().enumerate() {
        let is_last = at + 1 == blocks.len();
        let title = if is_last { Word::Settlement } else { Word::Basis };
        let mut rows = rows_of(block, document.language, is_last);
        let header = narrow(&mut rows, document.language);
        let lines: Vec<Line> = rows.iter().map(|row| row.line.clone()).collect();
        let words = title.of(document.language);
        let heading = match blocks.len() {
            1 => format!("{words} ({})", block.asset.code),
            _ => format!("{}. {words} ({})", at + 1, block.asset.code),
        };
        flow.heading(&heading, 62_000);
        let mut table = Table::fit(flow, &header, &lines, 0);
        table.header(flow, false);
        paginate(flow, &mut table, &rows, (block, document));
    }
}

fn paginate(
    flow: &mut Flow,
    table: &mut Table,
    rows: &[Placed],
    (block, document): (&Block<'_>, &Document),
) {
    let columns = rows.first().map_or(2, |row| row.line.cells.len());
    let carry = |word: Word, sum: Decimal| {
        let mut cells = vec![Cell::Empty; columns];
        cells[0] = Cell::Text(word.of(document.language).to_owned());
        cells[columns - 1] = Cell::Figure(figure::amount(sum, figure::decimals(block.asset)));
        Line { look: Look::Carry, ..Line::plain(cells) }
    };
    let room = table.height(flow, &carry(Word::CarriedForward, Decimal::ZERO));
    let mut reached = None;
    for (at, row) in rows.iter().enumerate() {
        let mut needed = table.height(flow, &row.line);
        let mut next = at;
        while rows[next].keep && next + 1 < rows.len() {
            next += 1;
            needed += table.height(flow, &rows[next].line);
        }
        let ends = at + 1 == rows.len();
        if !flow.fits(needed + if ends { 0 } else { room }) {
            if let Some(sum) = reached {
                table.line(flow, &carry(Word::CarriedForward, sum));
            }
            flow.turn();
            table.header(flow, true);
            if let Some(sum) = reached {
                table.line(flow, &carry(Word::BroughtForward, sum));
            }
        }
        table.line(flow, &row.line);
        reached = row.reached.or(reached);
    }
}

fn rows_of(block: &Block<'_>, language: Language, is_last: bool) -> Vec<Placed> {
    let mut rows = Vec::new();
    let mut sum = None;
    // What the block comes to may have a name of its own: that of a result at its end.
    let end = block.groups.last().and_then(|group| group.items.last());
    let end = end.filter(|item| !is_last && matches!(item.part, Part::Reached(_)));
    for group in &block.groups {
        let is_end = |item: &&Item<'_>| end.is_some_and(|end| item.row.id == end.row.id);
        let shown: Vec<&Item<'_>> = group.items.iter().filter(|item| !is_end(item)).collect();
        if shown.is_empty() {
            continue;
        }
        let mut cells = vec![Cell::Empty; AMOUNT + 1];
        cells[0] = Cell::Text(words::section(group.section, language).to_owned());
        let line = Line { look: Look::Section, ..Line::plain(cells) };
        rows.push(Placed { line, reached: None, keep: true });
        let mut open = group.counted() > 1 && block.groups.len() > 1;
        for item in shown {
            if matches!(item.part, Part::Counts(_)) {
                // The block was checked to add up: what it came to is what the line states.
                sum = Some(item.row.running);
            }
            let is_sum =
                matches!(item.part, Part::Reached(_)) && sum == Some(block_at(group, item));
            if is_sum && std::mem::take(&mut open) {
                let line = subtotal(group, block, language);
                rows.push(Placed { line, reached: sum, keep: false });
            }
            rows.push(Placed { line: line_of(item, language), reached: sum, keep: false });
        }
        if open {
            rows.push(Placed { line: subtotal(group, block, language), reached: sum, keep: false });
        }
    }
    rows.push(Placed { line: total(block, end, is_last, language), reached: None, keep: false });
    rows
}

/// What the block came to with the last counted line of the group.
fn block_at(group: &Group<'_>, otherwise: &Item<'_>) -> Decimal {
    let counts = |item: &&Item<'_>| matches!(item.part, Part::Counts(_));
    group.items.iter().rev().find(counts).unwrap_or(otherwise).row.running
}

fn total(block: &Block<'_>, end: Option<&Item<'_>>, is_last: bool, language: Language) -> Line {
    let word = if is_last { Word::Payable } else { Word::BasisTotal };
    let name = end.map_or(word.of(language), |item| item.row.title.as_str());
    let mut cells = vec![Cell::Empty; AMOUNT + 1];
    cells[0] = Cell::Text(format!("{name} ({})", block.asset.code));
    cells[AMOUNT] = Cell::Figure(figure::amount(block.total, figure::decimals(block.asset)));
    Line { look: Look::Total, ..Line::plain(cells) }
}

fn line_of(item: &Item<'_>, language: Language) -> Line {
    let row = item.row;
    let scale = figure::decimals(&row.asset);
    let mut cells = vec![Cell::Empty; AMOUNT + 1];
    cells[0] = Cell::Text(row.title.clone());
    let optional = [
        row.quantity.map(figure::plain),
        row.base.map(|base| figure::amount(base, scale)),
        row.rate.map(|rate| rate_of(row, rate)),
    ];
    for (at, figure) in optional.into_iter().enumerate() {
        cells[at + 1] = figure.map_or(Cell::Empty, Cell::Figure);
    }
    let look = match item.part {
        Part::Counts(amount) => {
            cells[AMOUNT] = Cell::Figure(figure::amount(amount, scale));
            Look::Plain
        }
        Part::Stated(amount) => {
            cells[DETAIL] = Cell::Figure(figure::amount(amount, scale));
            Look::Quiet
        }
        Part::Reached(amount) => {
            cells[AMOUNT] = Cell::Figure(figure::amount(amount, scale));
            Look::Sum
        }
        Part::None => Look::Quiet,
    };
    Line { cells, under: under(row, language), look, indent: row.depth.min(3) }
}

/// A fraction is a percentage; what is so much for each is an amount.
fn rate_of(row: &Row, rate: Decimal) -> figure::Figure {
    if row.is_unit_rate() { figure::plain(rate) } else { figure::percent(rate) }
}

/// The small print of a row: classes, measures that its title does not name, notes.
fn under(row: &Row, language: Language) -> String {
    let mut parts: Vec<String> = Vec::new();
    let class = [&row.label, &row.sublabel].into_iter().filter(|word| !word.is_empty());
    let class: Vec<&str> = class.map(String::as_str).collect();
    if !class.is_empty() {
        parts.push(class.join(" / "));
    }
    let others: Vec<&str> =
        row.measures.iter().filter(|name| **name != row.title).map(String::as_str).collect();
    if !others.is_empty() {
        let of = Word::Measure.of(language);
        parts.push(format!("{of}: {}", others.join(", ")));
    }
    parts.extend(row.notes.iter().cloned());
    parts.join("  ·  ")
}

fn subtotal(group: &Group<'_>, block: &Block<'_>, language: Language) -> Line {
    let mut cells = vec![Cell::Empty; AMOUNT + 1];
    let section = words::section(group.section, language);
    let word = Word::Subtotal.of(language);
    cells[0] = Cell::Text(
        words::pick(
            language,
            &format!("{word}: {}", section.to_lowercase()),
            &format!("{section} {word}"),
        )
        .to_owned(),
    );
    cells[AMOUNT] = Cell::Figure(figure::amount(group.subtotal, figure::decimals(block.asset)));
    Line { look: Look::Sum, ..Line::plain(cells) }
}

/// Takes the optional columns out that no row fills; returns the header of what stays.
fn narrow(rows: &mut [Placed], language: Language) -> Vec<&'static str> {
    let is_used = |at: usize| rows.iter().any(|row| row.line.cells[at] != Cell::Empty);
    let used: Vec<bool> = (0..=AMOUNT).map(|at| at == 0 || at == AMOUNT || is_used(at)).collect();
    for row in &mut *rows {
        let cells = std::mem::take(&mut row.line.cells).into_iter().zip(&used);
        row.line.cells = cells.filter(|(_, used)| **used).map(|(cell, _)| cell).collect();
    }
    let words = [Word::Description].into_iter().chain(OPTIONAL).chain([Word::Amount]);
    let words = words.zip(&used).filter(|(_, used)| **used);
    words.map(|(word, _)| word.of(language)).collect()
}
