//! What a query may be, looked at before it is validated: validation itself takes work that an
//! attacker could make large.
//!
//! First the text (bytes, tokens, brackets), then what it says once fragments are put in their
//! places: depth, fields, aliases, directives. Each fragment is measured once, so that fragments
//! within fragments cost nothing.

use super::error;
use crate::limits;
use api::code::{BAD_QUERY, QUERY_TOO_LARGE};
use async_graphql::parser::types::{FragmentDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Request, ServerError};
use std::collections::{HashMap, HashSet};

/// Refuses what is beyond a limit; whether it is a subscription.
pub fn check(request: &mut Request) -> Result<bool, ServerError> {
    text(&request.query)?;
    let named = request.operation_name.clone();
    let bad = |what: String| error(&BAD_QUERY, what);
    let document = request.parsed_query().map_err(|error| bad(error.message))?;
    let mut sizes =
        Sizes { fragments: &document.fragments, known: HashMap::new(), open: HashSet::new() };
    let mut kind = None;
    for (name, operation) in document.operations.iter() {
        let size = sizes.of(&operation.node.selection_set.node)?;
        let own = operation.node.directives.len();
        Size { directives: size.directives + own, ..size }.allowed()?;
        let is_it =
            named.as_ref().is_none_or(|named| name.is_some_and(|name| name.as_str() == named));
        if is_it {
            kind = Some(operation.node.ty);
        }
    }
    // A fragment that nothing uses is looked at all the same.
    for name in document.fragments.keys() {
        sizes.fragment(name)?.allowed()?;
    }
    Ok(kind == Some(OperationType::Subscription))
}

fn too_large(what: &str, found: usize, most: usize) -> Result<(), ServerError> {
    if found <= most {
        return Ok(());
    }
    Err(error(&QUERY_TOO_LARGE, format!("{what}: {found}, at most {most}")))
}

/// Counts bytes, tokens and brackets, without reading what they mean.
fn text(query: &str) -> Result<(), ServerError> {
    too_large("bytes", query.len(), limits::QUERY_BYTES_MAX)?;
    let (mut tokens, mut open, mut deepest, mut rest) = (0, 0usize, 0, query.as_bytes());
    while let Some(first) = rest.first() {
        let length = match first {
            b'#' => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            b'"' => string(rest),
            byte if is_word(*byte) => run(rest, is_word),
            _ => 1,
        };
        match first {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
        let nothing = first.is_ascii_whitespace() || matches!(first, b',' | b'#');
        tokens += usize::from(!nothing);
        rest = rest.get(length..).unwrap_or_default();
    }
    too_large("tokens", tokens, limits::QUERY_TOKENS_MAX)?;
    too_large("brackets within brackets", deepest, limits::QUERY_BRACKETS_MAX)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn run(text: &[u8], of: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !of(*byte)).unwrap_or(text.len())
}

/// The length of the string that a text begins with, its quotes included: of one line, or a block
/// between three quotes.
fn string(text: &[u8]) -> usize {
    const BLOCK: &[u8] = b"\"\"\"";
    let quote: &[u8] = if text.starts_with(BLOCK) { BLOCK } else { b"\"" };
    let mut at = quote.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        // An escape: of three quotes in a block, of one character elsewhere.
        at += if rest[0] != b'\\' {
            1
        } else if quote == BLOCK {
            if rest[1..].starts_with(BLOCK) { 1 + BLOCK.len() } else { 1 }
        } else {
            2
        };
    }
    text.len()
}

/// What a selection comes to with its fragments in place.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    depth: usize,
    /// Depth below `__schema` and `__type`, which tools ask for in depth.
    told_depth: usize,
    fields: usize,
    aliases: usize,
    directives: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.told_depth = self.told_depth.max(other.told_depth);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
    }

    fn allowed(self) -> Result<(), ServerError> {
        too_large("fields within fields", self.depth, limits::QUERY_DEPTH_MAX)?;
        let told = limits::QUERY_INTROSPECTION_DEPTH_MAX;
        too_large("fields within fields of the schema", self.told_depth, told)?;
        too_large("fields", self.fields, limits::QUERY_FIELDS_MAX)?;
        too_large("aliases", self.aliases, limits::QUERY_ALIASES_MAX)?;
        too_large("directives", self.directives, limits::QUERY_DIRECTIVES_MAX)
    }
}

/// Measures selections, each fragment once.
struct Sizes<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    known: HashMap<&'d Name, Size>,
    open: HashSet<&'d Name>,
}

impl<'d> Sizes<'d> {
    fn of(&mut self, set: &'d SelectionSet) -> Result<Size, ServerError> {
        let mut size = Size::default();
        for item in &set.items {
            size.directives += item.node.directives().len();
            match &item.node {
                Selection::Field(field) => {
                    let mut inner = self.of(&field.node.selection_set.node)?;
                    let name = field.node.name.node.as_str();
                    if name == "__schema" || name == "__type" {
                        inner.told_depth = inner.depth + 1;
                        inner.depth = 0;
                    }
                    // A page lies between a list and its items, and leads no deeper.
                    inner.depth += usize::from(name != "items");
                    inner.fields = inner.fields.saturating_add(1);
                    inner.aliases += usize::from(field.node.alias.is_some());
                    size.add(inner);
                }
                Selection::InlineFragment(part) => {
                    size.add(self.of(&part.node.selection_set.node)?);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some((name, _)) = self.fragments.get_key_value(name) {
                        size.add(self.fragment(name)?);
                    }
                }
            }
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'d Name) -> Result<Size, ServerError> {
        if let Some(size) = self.known.get(name) {
            return Ok(*size);
        }
        if !self.open.insert(name) {
            return Err(error(&BAD_QUERY, format!("the fragment {name} is within itself")));
        }
        let mut size = Size::default();
        if let Some(fragment) = self.fragments.get(name) {
            size = self.of(&fragment.node.selection_set.node)?;
            size.directives += fragment.node.directives.len();
        }
        self.open.remove(name);
        self.known.insert(name, size);
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_where_the_parser_ends_them() {
        for (text, length) in [
            ("\"ab\" {", 4),
            ("\"a\\\"b\" {", 6),
            ("\"\" {", 2),
            ("\"\"\"a\"b\"\"\" {", 9),
            ("\"\"\"\"\"\" {", 6),
            ("\"\"\"a\\\"\"\"b\"\"\" {", 12),
            ("\"open {", 7),
            ("\"\"\"open\" {", 10),
        ] {
            assert_eq!(string(text.as_bytes()), length, "{text}");
        }
    }
}
