//! Pages being filled from top to bottom.

use super::font::{Fonts, Mp, Weight};
use super::tree::{Child, Node, Role, Tree};
use crate::error::PressError;

/// A4.
pub(crate) const PAGE_WIDTH: Mp = 595_276;
pub(crate) const PAGE_HEIGHT: Mp = 841_890;
/// Margins: 18 mm at the sides.
pub(crate) const LEFT: Mp = 51_024;
pub(crate) const RIGHT: Mp = PAGE_WIDTH - LEFT;
/// Where content begins on the first page and on the others, and ends.
const TOP_FIRST: Mp = 48_000;
const TOP: Mp = 74_000;
const BOTTOM: Mp = PAGE_HEIGHT - 62_000;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u8, pub(crate) u8, pub(crate) u8);

pub(crate) const INK: Color = Color(23, 27, 34);
pub(crate) const QUIET: Color = Color(92, 101, 114);
pub(crate) const ACCENT: Color = Color(19, 62, 112);
pub(crate) const ALERT: Color = Color(163, 38, 24);
pub(crate) const RULE: Color = Color(196, 202, 211);
pub(crate) const SHADE: Color = Color(240, 244, 249);

/// How text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) size: Mp,
    pub(crate) weight: Weight,
    pub(crate) color: Color,
}

impl Style {
    pub(crate) const fn regular(size: Mp) -> Self {
        Self { size, weight: Weight::Regular, color: INK }
    }

    pub(crate) const fn bold(size: Mp) -> Self {
        Self { size, weight: Weight::Bold, color: INK }
    }

    pub(crate) const fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// From one line to the next.
    pub(crate) fn lead(self) -> Mp {
        self.size * 7 / 5
    }
}

/// Something on a page; places are from its top left corner.
#[derive(Debug)]
pub(crate) enum Mark {
    /// A line of text; `y` is its base line, `content` its number on the page where it belongs
    /// to the structure.
    Text { x: Mp, y: Mp, style: Style, text: String, content: Option<usize> },
    /// A filled rectangle.
    Fill { x: Mp, y: Mp, width: Mp, height: Mp, color: Color },
}

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) marks: Vec<Mark>,
    /// The elements that its numbered content belongs to.
    pub(crate) owners: Vec<Node>,
}

/// The pages so far, and where the next thing goes.
pub(crate) struct Flow {
    pub(crate) fonts: Fonts,
    pub(crate) pages: Vec<Page>,
    pub(crate) tree: Tree,
    /// Top of what is still free.
    pub(crate) y: Mp,
}

impl Flow {
    pub(crate) fn new() -> Result<Self, PressError> {
        let (fonts, tree) = (Fonts::load()?, Tree::new());
        Ok(Self { fonts, pages: vec![Page::default()], tree, y: TOP_FIRST })
    }

    /// Whether so much still fits on the page.
    pub(crate) fn fits(&self, height: Mp) -> bool {
        self.y + height <= BOTTOM
    }

    /// Begins a page.
    pub(crate) fn turn(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
    }

    /// Begins a page where so much does not fit any more.
    pub(crate) fn keep(&mut self, height: Mp) {
        if !self.fits(height) {
            self.turn();
        }
    }

    /// Draws one line of text from `x` on, as content of `node`; `None` is decoration.
    pub(crate) fn text(&mut self, (x, y): (Mp, Mp), style: Style, text: &str, node: Option<Node>) {
        let number = self.pages.len() - 1;
        let page = &mut self.pages[number];
        let content = node.map(|node| {
            page.owners.push(node);
            let content = page.owners.len() - 1;
            self.tree.elements[node].children.push(Child::Content(number, content));
            content
        });
        page.marks.push(Mark::Text { x, y, style, text: text.to_owned(), content });
    }

    /// Draws one line of text that ends at `right`.
    pub(crate) fn text_to(
        &mut self,
        (right, y): (Mp, Mp),
        style: Style,
        text: &str,
        node: Option<Node>,
    ) {
        let width = self.fonts.width(text, style.size, style.weight);
        self.text((right - width, y), style, text, node);
    }

    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, (x, y): (Mp, Mp), (width, height): (Mp, Mp), color: Color) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(Mark::Fill { x, y, width, height, color });
        }
    }

    /// Writes a paragraph over the whole width, a page break wherever it falls.
    pub(crate) fn paragraph(&mut self, style: Style, text: &str) {
        let lines = self.fonts.wrap(text, (style.size, style.weight), RIGHT - LEFT, usize::MAX);
        let node = self.tree.add(Tree::ROOT, Role::Paragraph);
        for line in lines {
            self.keep(style.lead());
            self.y += style.lead();
            let base = self.y - style.size * 2 / 5;
            self.text((LEFT, base), style, &line, Some(node));
        }
    }

    /// Writes a heading, and begins a page where what follows it (`next`) would not fit.
    pub(crate) fn heading(&mut self, text: &str, next: Mp) {
        let style = Style::bold(10_500).colored(ACCENT);
        self.keep(26_000 + next);
        let node = self.tree.add(Tree::ROOT, Role::Heading2);
        self.y += 24_000;
        self.text((LEFT, self.y - 5_000), style, text, Some(node));
    }
}
