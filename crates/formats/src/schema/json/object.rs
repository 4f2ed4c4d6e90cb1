//! Objects: fields by name, by pattern, and the rest; which are required, and what depends on them.

use super::super::Change;
use super::node::{Node, Part};
use super::walk::{Walk, one};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// Checks the fields of `new` against those of `old`.
pub(super) fn check(
    walk: &mut Walk,
    old: &[Part<'_>],
    new: Node<'_>,
    path: &str,
    found: &mut Vec<Change>,
) {
    required(old, new, path, found);
    by_name(walk, old, new, path, found);
    by_pattern(walk, old, new, path, found);
    rest(walk, old, new, path, found);
    depending(walk, old, new, path, found);
    if let Some(names) = new.child("propertyNames") {
        let were: Vec<_> =
            old.iter().filter_map(|part| part.node.child("propertyNames")).map(one).collect();
        found.extend(walk.implies(&were, names, &format!("{path}/propertyNames")));
    }
}

fn names(node: Node<'_>) -> Vec<&str> {
    let list = node.get("required").and_then(Value::as_array);
    list.map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

fn required(old: &[Part<'_>], new: Node<'_>, path: &str, found: &mut Vec<Change>) {
    let before: HashSet<&str> = old.iter().flat_map(|part| names(part.node)).collect();
    for name in names(new) {
        if !before.contains(name) {
            let path = format!("{path}/required/{name}");
            found.push(Change::at(&path, format!("`{name}` is required now, and was not before")));
        }
    }
}

/// What a schema says of the field with this name.
fn field<'a>(walk: &mut Walk, node: Node<'a>, name: &str) -> Vec<Node<'a>> {
    let mut found: Vec<Node<'a>> = Vec::new();
    let own = node.get("properties").and_then(|map| map.get(name));
    found.extend(own.map(|value| node.at(value)));
    for (pattern, schema) in node.named("patternProperties") {
        if walk.matches(pattern, name) {
            found.push(schema);
        }
    }
    if found.is_empty() {
        found.extend(node.child("additionalProperties"));
    }
    found
}

fn by_name(walk: &mut Walk, old: &[Part<'_>], new: Node<'_>, path: &str, found: &mut Vec<Change>) {
    let nodes = old.iter().map(|part| part.node).chain([new]);
    let known: BTreeSet<&str> =
        nodes.flat_map(|node| node.named("properties").map(|(name, _)| name)).collect();
    for name in known {
        let were: Vec<_> =
            old.iter().flat_map(|part| field(walk, part.node, name)).map(one).collect();
        let path = format!("{path}/properties/{name}");
        for now in field(walk, new, name) {
            if now.value == &Value::Bool(false)
                && !were.iter().any(|was| was.node.value == &Value::Bool(false))
            {
                found.push(Change::at(&path, format!("`{name}` is not allowed any more")));
                continue;
            }
            let broken = walk.implies(&were, now, &path);
            if were.is_empty() && !broken.is_empty() {
                let what = format!("`{name}` could be anything before, and has a schema now");
                found.push(Change::at(&path, what));
            } else {
                found.extend(broken);
            }
        }
    }
}

/// What a schema says of fields that are not known by name: each possibility by itself.
fn possible<'a>(node: Node<'a>, without: &[&str]) -> Vec<Option<Node<'a>>> {
    let patterns = node.named("patternProperties");
    let patterns = patterns.filter(|(pattern, _)| !without.contains(pattern));
    let patterns = patterns.map(|(_, schema)| Some(schema));
    patterns.chain([node.child("additionalProperties")]).collect()
}

/// Whether one of the old schemas implies `now` for every field that it may be about.
fn covered(
    walk: &mut Walk,
    old: &[Part<'_>],
    now: Node<'_>,
    without: &[&str],
    path: &str,
) -> Vec<Change> {
    let mut first = Vec::new();
    for part in old {
        let mut broken = Vec::new();
        for was in possible(part.node, without) {
            let were: Vec<_> = was.into_iter().map(one).collect();
            broken.extend(walk.implies(&were, now, path));
        }
        if broken.is_empty() {
            return broken;
        }
        // The most telling answer is that of a schema which says something of the rest.
        if first.is_empty() || part.node.get("additionalProperties").is_some() {
            first = broken;
        }
    }
    if old.is_empty() { walk.implies(&[], now, path) } else { first }
}

fn by_pattern(
    walk: &mut Walk,
    old: &[Part<'_>],
    new: Node<'_>,
    path: &str,
    found: &mut Vec<Change>,
) {
    for (pattern, now) in new.named("patternProperties") {
        let same: Vec<_> = old
            .iter()
            .filter_map(|part| {
                Some(part.node.at(part.node.get("patternProperties")?.get(pattern)?))
            })
            .map(one)
            .collect();
        let path = format!("{path}/patternProperties/{pattern}");
        if same.is_empty() {
            found.extend(covered(walk, old, now, &[], &path));
        } else {
            found.extend(walk.implies(&same, now, &path));
        }
    }
}

fn rest(walk: &mut Walk, old: &[Part<'_>], new: Node<'_>, path: &str, found: &mut Vec<Change>) {
    let Some(now) = new.child("additionalProperties") else { return };
    let patterns: Vec<&str> = new.named("patternProperties").map(|(pattern, _)| pattern).collect();
    let path = format!("{path}/additionalProperties");
    let broken = covered(walk, old, now, &patterns, &path);
    if !broken.is_empty() && now.value == &Value::Bool(false) {
        found.push(Change::at(&path, "other fields are not allowed any more"));
    } else {
        found.extend(broken);
    }
}

/// The words for what a schema demands where a field is there.
const DEPENDING: [&str; 3] = ["dependencies", "dependentRequired", "dependentSchemas"];

/// What a schema demands where the field with this name is there.
fn depended<'a>(node: Node<'a>, name: &str) -> Vec<Node<'a>> {
    let each = DEPENDING.into_iter().filter_map(|word| node.get(word)?.get(name));
    each.map(|value| node.at(value)).collect()
}

fn depending(
    walk: &mut Walk,
    old: &[Part<'_>],
    new: Node<'_>,
    path: &str,
    found: &mut Vec<Change>,
) {
    let always: HashSet<&str> = old.iter().flat_map(|part| names(part.node)).collect();
    let demands = DEPENDING.into_iter();
    let demands =
        demands.flat_map(|word| new.named(word).map(move |(name, now)| (word, name, now)));
    for (word, name, now) in demands {
        let before: Vec<Node<'_>> = old.iter().flat_map(|part| depended(part.node, name)).collect();
        let path = format!("{path}/{word}/{name}");
        if let Some(wanted) = now.value.as_array() {
            let given = |field: &Value| {
                let listed =
                    |was: &Node<'_>| was.value.as_array().is_some_and(|list| list.contains(field));
                before.iter().any(listed) || field.as_str().is_some_and(|f| always.contains(f))
            };
            if let Some(field) = wanted.iter().find(|field| !given(field)) {
                found.push(Change::at(&path, format!("`{name}` demands {field} now")));
            }
            continue;
        }
        // The schema held where the field was there, or always.
        let mut were = old.to_vec();
        were.extend(before.into_iter().filter(|was| !was.value.is_array()).map(one));
        found.extend(walk.implies(&were, now, &path));
    }
}
