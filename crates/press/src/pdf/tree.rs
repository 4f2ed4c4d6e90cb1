//! The logical structure of a document: what screen readers, and programs that take text out of
//! it, go by.

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Document,
    Heading1,
    Heading2,
    Paragraph,
    Table,
    Row,
    HeaderCell,
    Cell,
}

/// Place of an element in the tree.
pub(crate) type Node = usize;

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) role: Role,
    pub(crate) parent: Node,
    pub(crate) children: Vec<Child>,
}

/// What an element holds, in reading order.
#[derive(Debug)]
pub(crate) enum Child {
    Element(Node),
    /// Marked content of a page: place of the page, and number of the content on it.
    Content(usize, usize),
}

/// The tree; the first element is the document.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) elements: Vec<Element>,
}

impl Tree {
    /// The element of the whole document.
    pub(crate) const ROOT: Node = 0;

    pub(crate) fn new() -> Self {
        let root = Element { role: Role::Document, parent: Self::ROOT, children: Vec::new() };
        Self { elements: vec![root] }
    }

    /// A new element, the last one in `parent`.
    pub(crate) fn add(&mut self, parent: Node, role: Role) -> Node {
        let node = self.elements.len();
        self.elements.push(Element { role, parent, children: Vec::new() });
        self.elements[parent].children.push(Child::Element(node));
        node
    }
}
