//! Tables: columns as wide as their figures need, figures aligned at the decimal point, rows that
//! stay whole, headers that come again on every page.

use super::flow::{ACCENT, Flow, LEFT, QUIET, RIGHT, RULE, SHADE, Style};
use super::font::{Mp, Weight};
use super::tree::{Node, Role, Tree};
use crate::figure::Figure;

/// Space between columns, and above and below the text of a row.
const GAP: Mp = 13_000;
const PAD: Mp = 2_600;
/// Sizes of figures, the first one at which all columns fit is taken.
const SIZES: [Mp; 6] = [8_600, 7_800, 7_000, 6_000, 5_000, 4_000];
/// What the first column has at least.
const FIRST_MIN: Mp = 150_000;
/// Widest column of names but the first.
const NAME_MAX: Mp = 150_000;
/// Lines that a cell may take.
const LINES_MAX: usize = 6;
const INDENT: Mp = 10_000;

/// What is in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Figure(Figure),
}

/// How a row looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    /// Stated beside: in a quiet colour.
    Quiet,
    /// The name of what follows.
    Section,
    /// A sum, with a rule above its last column.
    Sum,
    /// The last sum, shaded.
    Total,
    /// What a page ends or begins with.
    Carry,
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) cells: Vec<Cell>,
    /// In small letters below the first cell.
    pub(crate) under: String,
    pub(crate) look: Look,
    pub(crate) indent: u8,
}

impl Line {
    pub(crate) fn plain(cells: Vec<Cell>) -> Self {
        Self { cells, under: String::new(), look: Look::Plain, indent: 0 }
    }
}

struct Column {
    left: Mp,
    right: Mp,
    /// Room behind the decimal point.
    part: Mp,
    is_figure: bool,
}

/// A table being printed.
pub(crate) struct Table {
    header: Vec<String>,
    columns: Vec<Column>,
    size: Mp,
    node: Node,
}

impl Table {
    /// Finds room for the columns of these rows. The first column is of names and takes what the
    /// others leave, each at least `least` wide; a column with any figure in it is one of figures.
    pub(crate) fn fit(flow: &mut Flow, header: &[&str], rows: &[Line], least: Mp) -> Self {
        let node = flow.tree.add(Tree::ROOT, Role::Table);
        let fitted = SIZES.into_iter().map(|size| (size, widths(flow, header, rows, size)));
        let room = RIGHT - LEFT;
        let fits = |widths: &[(Mp, Mp, bool)]| {
            widths[1..].iter().map(|(width, ..)| *width.max(&least) + GAP).sum::<Mp>() + FIRST_MIN
                <= room
        };
        let mut last = None;
        for (size, widths) in fitted {
            let done = fits(&widths);
            last = Some((size, widths));
            if done {
                break;
            }
        }
        let (size, widths) = last.unwrap_or((SIZES[0], Vec::new()));
        let mut right = RIGHT;
        let mut columns: Vec<Column> = Vec::new();
        for (at, (width, part, is_figure)) in widths.iter().enumerate().rev() {
            let width = (*width).max(least);
            let left = if at == 0 { LEFT } else { (right - width).max(LEFT) };
            columns.push(Column { left, right, part: *part, is_figure: *is_figure });
            right = left - GAP;
        }
        columns.reverse();
        Self { header: header.iter().map(|text| (*text).to_owned()).collect(), columns, size, node }
    }

    fn style(&self, look: Look) -> Style {
        match look {
            Look::Plain => Style::regular(self.size),
            Look::Quiet | Look::Carry => Style::regular(self.size).colored(QUIET),
            Look::Section | Look::Sum | Look::Total => Style::bold(self.size),
        }
    }

    /// How high the header is.
    pub(crate) fn header_height(&self) -> Mp {
        self.size * 7 / 5 + 2 * PAD + 2_000
    }

    /// How high a row is.
    pub(crate) fn height(&self, flow: &Flow, line: &Line) -> Mp {
        let style = self.style(line.look);
        let most = self.wrapped(flow, line).iter().map(Vec::len).max().unwrap_or(1).max(1);
        let under = self.under(flow, line).len();
        let extra = if line.look == Look::Section { 3_000 } else { 0 };
        times(style.lead(), most) + times(small(self.size).lead(), under) + 2 * PAD + extra
    }

    /// Prints the header; again and only for the eye when `again`.
    pub(crate) fn header(&mut self, flow: &mut Flow, again: bool) {
        let height = self.header_height();
        let top = flow.y;
        let style = Style::bold(small(self.size).size).colored(QUIET);
        let row = (!again).then(|| flow.tree.add(self.node, Role::Row));
        for (text, column) in self.header.iter().zip(&self.columns) {
            let cell = row.map(|row| flow.tree.add(row, Role::HeaderCell));
            let base = top + height - PAD - 3_000;
            if column.is_figure {
                flow.text_to((column.right, base), style, text, cell);
            } else {
                flow.text((column.left, base), style, text, cell);
            }
        }
        flow.fill((LEFT, top + height - 700), (RIGHT - LEFT, 700), QUIET);
        flow.y += height;
    }

    /// Prints a row where it stands: that it fits is for the caller to see to.
    pub(crate) fn line(&mut self, flow: &mut Flow, line: &Line) {
        let height = self.height(flow, line);
        let (top, style) = (flow.y, self.style(line.look));
        self.ground(flow, line.look, (top, height));
        let row = (line.look != Look::Carry).then(|| flow.tree.add(self.node, Role::Row));
        let extra = if line.look == Look::Section { 3_000 } else { 0 };
        let first = top + extra + PAD + style.size;
        let wrapped = self.wrapped(flow, line);
        for (at, cell) in line.cells.iter().enumerate() {
            let Some(column) = self.columns.get(at) else { continue };
            let role = if at == 0 { Role::HeaderCell } else { Role::Cell };
            let node = row.map(|row| flow.tree.add(row, role));
            if let Cell::Figure(figure) = cell {
                figure_at(flow, (column, first), style, figure, node);
                continue;
            }
            let left = column.left + indent(at, line);
            let mut base = first;
            for text in &wrapped[at] {
                flow.text((left, base), style, text, node);
                base += style.lead();
            }
            if at == 0 {
                let style = small(self.size).colored(QUIET);
                base += style.size - self.size;
                for text in self.under(flow, line) {
                    flow.text((left, base), style, &text, node);
                    base += style.lead();
                }
            }
        }
        flow.y += height;
    }

    /// Prints all rows, with page breaks between them.
    pub(crate) fn print(&mut self, flow: &mut Flow, lines: &[Line]) {
        self.header(flow, false);
        for line in lines {
            if !flow.fits(self.height(flow, line)) {
                flow.turn();
                self.header(flow, true);
            }
            self.line(flow, line);
        }
    }

    /// What lies under a row: rules and shades.
    fn ground(&self, flow: &mut Flow, look: Look, (top, height): (Mp, Mp)) {
        let width = RIGHT - LEFT;
        match look {
            Look::Total => {
                flow.fill((LEFT, top), (width, height), SHADE);
                flow.fill((LEFT, top), (width, 900), ACCENT);
            }
            Look::Sum => {
                if let Some(last) = self.columns.last() {
                    let over = (last.left, top);
                    flow.fill(over, (last.right - last.left, 600), QUIET);
                }
            }
            Look::Section | Look::Carry => {}
            Look::Plain | Look::Quiet => {
                flow.fill((LEFT, top + height - 300), (width, 300), RULE);
            }
        }
    }

    /// The lines of every cell of names.
    fn wrapped(&self, flow: &Flow, line: &Line) -> Vec<Vec<String>> {
        let style = self.style(line.look);
        let cells = line.cells.iter().zip(&self.columns).enumerate();
        let wrap = |(at, (cell, column)): (usize, (&Cell, &Column))| match cell {
            Cell::Text(text) => {
                let mut right = column.right;
                if at == 0 && line.cells[1..].iter().all(|cell| *cell == Cell::Empty) {
                    right = RIGHT;
                }
                let width = right - column.left - indent(at, line);
                flow.fonts.wrap(text, (style.size, style.weight), width, LINES_MAX)
            }
            _ => Vec::new(),
        };
        cells.map(wrap).collect()
    }

    /// The small lines below the first cell.
    fn under(&self, flow: &Flow, line: &Line) -> Vec<String> {
        let Some(column) = self.columns.first().filter(|_| !line.under.is_empty()) else {
            return Vec::new();
        };
        let width = column.right - column.left - indent(0, line);
        flow.fonts.wrap(&line.under, (small(self.size).size, Weight::Regular), width, LINES_MAX)
    }
}

fn indent(at: usize, line: &Line) -> Mp {
    if at == 0 { INDENT * Mp::from(line.indent) } else { 0 }
}

fn small(size: Mp) -> Style {
    Style::regular(size * 5 / 6)
}

fn times(one: Mp, count: usize) -> Mp {
    one.saturating_mul(Mp::try_from(count).unwrap_or(Mp::MAX))
}

/// Draws a figure with its decimal point where the column has it.
fn figure_at(
    flow: &mut Flow,
    (column, base): (&Column, Mp),
    style: Style,
    figure: &Figure,
    node: Option<Node>,
) {
    let part = flow.fonts.width(&figure.part, style.size, style.weight);
    let right = column.right - (column.part - part).max(0);
    flow.text_to((right, base), style, &figure.text(), node);
}

/// Per column: width, room behind the decimal point, whether it holds figures.
fn widths(flow: &Flow, header: &[&str], rows: &[Line], size: Mp) -> Vec<(Mp, Mp, bool)> {
    let mut widths = Vec::new();
    for (at, title) in header.iter().enumerate() {
        let mut width = flow.fonts.width(title, small(size).size, Weight::Bold);
        let (mut whole, mut part, mut is_figure) = (0, 0, false);
        for line in rows {
            let bold = matches!(line.look, Look::Sum | Look::Total);
            let weight = if bold { Weight::Bold } else { Weight::Regular };
            match line.cells.get(at) {
                Some(Cell::Figure(figure)) => {
                    is_figure = true;
                    whole = whole.max(flow.fonts.width(&figure.whole, size, weight));
                    part = part.max(flow.fonts.width(&figure.part, size, weight));
                }
                Some(Cell::Text(text)) if at > 0 => {
                    width = width.max(flow.fonts.width(text, size, weight).min(NAME_MAX));
                }
                _ => {}
            }
        }
        widths.push((width.max(whole + part), part, is_figure));
    }
    widths
}
