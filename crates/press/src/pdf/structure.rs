//! The logical structure as objects of the file.

use super::tree::{Child, Role, Tree};
use pdf_writer::types::{StructRole, TableHeaderScope};
use pdf_writer::{Finish, Pdf, Ref};

/// Writes the tree: its root is `root`, its elements begin at `first`, and `pages` are the pages
/// with the elements that their content belongs to.
pub(crate) fn write(
    pdf: &mut Pdf,
    tree: &Tree,
    (root, first, parents): (Ref, i32, Ref),
    pages: &[(Ref, &[usize])],
) {
    let id = |node: usize| Ref::new(first + i32::try_from(node).unwrap_or(i32::MAX - first));
    for (node, element) in tree.elements.iter().enumerate() {
        let parent = if node == Tree::ROOT { root } else { id(element.parent) };
        let mut written = pdf.struct_element(id(node));
        written.kind(role(element.role)).parent(parent);
        let mut children = written.children();
        for child in &element.children {
            match child {
                Child::Element(child) => {
                    children.struct_element(id(*child));
                }
                Child::Content(page, number) => {
                    let number = i32::try_from(*number).unwrap_or(i32::MAX);
                    children.marked_content_ref().page(pages[*page].0).marked_content_id(number);
                }
            }
        }
        children.finish();
        if element.role == Role::HeaderCell {
            let scope = match tree.elements[element.parent].children.first() {
                Some(Child::Element(first)) if *first == node && !is_head(tree, element.parent) => {
                    TableHeaderScope::Row
                }
                _ => TableHeaderScope::Column,
            };
            written.attributes().push().table().scope(scope);
        }
    }
    let mut numbers = pdf.indirect(parents).start::<pdf_writer::writers::NumberTree<'_, Ref>>();
    let mut entries = numbers.nums();
    let lists = (0..).zip(parents.get() + 1..).take(pages.len());
    lists.for_each(|(page, list)| {
        entries.insert(page, Ref::new(list));
    });
    entries.finish();
    numbers.finish();
    for (at, (_, owners)) in pages.iter().enumerate() {
        let list = Ref::new(parents.get() + 1 + i32::try_from(at).unwrap_or(0));
        pdf.indirect(list).array().items(owners.iter().map(|node| id(*node)));
    }
}

/// Whether the row is a head: header cells only.
fn is_head(tree: &Tree, row: usize) -> bool {
    tree.elements[row].children.iter().all(|child| match child {
        Child::Element(cell) => tree.elements[*cell].role == Role::HeaderCell,
        Child::Content(..) => false,
    })
}

fn role(role: Role) -> StructRole {
    match role {
        Role::Document => StructRole::Document,
        Role::Heading1 => StructRole::H1,
        Role::Heading2 => StructRole::H2,
        Role::Paragraph => StructRole::P,
        Role::Table => StructRole::Table,
        Role::Row => StructRole::TR,
        Role::HeaderCell => StructRole::TH,
        Role::Cell => StructRole::TD,
    }
}
