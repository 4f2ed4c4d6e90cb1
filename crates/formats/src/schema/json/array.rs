//! Arrays: items by their place, and the rest.

use super::super::Change;
use super::node::{Node, Part};
use super::walk::{Walk, one};
use serde_json::Value;

/// What a schema says of the items: those by place, and the rest.
struct Items<'a> {
    first: Vec<Node<'a>>,
    rest: Option<Node<'a>>,
    /// The words that they stand under.
    words: (&'static str, &'static str),
}

fn items(node: Node<'_>) -> Items<'_> {
    if node.get("prefixItems").is_some() {
        let words = ("prefixItems", "items");
        return Items { first: node.children("prefixItems"), rest: node.child("items"), words };
    }
    match node.get("items") {
        // Without a list of items `additionalItems` says nothing.
        Some(Value::Array(_)) => Items {
            first: node.children("items"),
            rest: node.child("additionalItems"),
            words: ("items", "additionalItems"),
        },
        _ => Items { first: Vec::new(), rest: node.child("items"), words: ("items", "items") },
    }
}

impl<'a> Items<'a> {
    fn at(&self, place: usize) -> Option<Node<'a>> {
        self.first.get(place).copied().or(self.rest)
    }
}

/// Checks the items of `new` against those of `old`.
pub(super) fn check(
    walk: &mut Walk,
    old: &[Part<'_>],
    new: Node<'_>,
    path: &str,
    found: &mut Vec<Change>,
) {
    let now = items(new);
    let before: Vec<Items<'_>> = old.iter().map(|part| items(part.node)).collect();
    let most = old.iter().filter_map(|part| part.node.get("maxItems")?.as_u64()).min();
    let places = before.iter().map(|items| items.first.len()).chain([now.first.len()]).max();
    let places = places.unwrap_or(0);
    for place in 0..places {
        if most.is_some_and(|most| place as u64 >= most) {
            return;
        }
        if let Some(item) = now.at(place) {
            let were: Vec<_> = before.iter().filter_map(|items| items.at(place)).map(one).collect();
            let word = if place < now.first.len() { now.words.0 } else { now.words.1 };
            found.extend(walk.implies(&were, item, &format!("{path}/{word}/{place}")));
        }
    }
    if most.is_some_and(|most| places as u64 >= most) {
        return;
    }
    if let Some(rest) = now.rest {
        let were: Vec<_> = before.iter().filter_map(|items| items.rest).map(one).collect();
        found.extend(walk.implies(&were, rest, &format!("{path}/{}", now.words.1)));
    }
}
