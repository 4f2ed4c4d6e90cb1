//! Places in a schema, and what stands there once references and `allOf` are followed.

use super::Json;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A document, with where each of its named places is.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Value,
    /// JSON pointers by identifier, and by anchor with `#` before it.
    places: HashMap<String, String>,
}

/// A place in a schema: the schema there, and the document that its references are about.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) json: &'a Json,
    pub(super) document: &'a Document,
    pub(super) value: &'a Value,
}

/// Something that holds of every value: one of several schemas that hold together.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) node: Node<'a>,
    /// Its choices (`anyOf`, `oneOf`) were taken out: they were looked at one by one.
    pub(super) chosen: bool,
    /// Its reference was followed: what it leads to is another part.
    pub(super) followed: bool,
    /// What its `allOf` and its reference lead to are parts already.
    pub(super) flat: bool,
}

/// The words that lead to other schemas.
const REFERS: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
/// Words that came with draft 2019-09.
const LATER: [&str; 7] = [
    "dependentRequired",
    "dependentSchemas",
    "maxContains",
    "minContains",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
];

impl Document {
    pub(super) fn new(root: Value) -> Self {
        let mut places = HashMap::new();
        name_places(&root, &mut String::new(), &mut places);
        Self { root, places }
    }
}

/// Every place that is named in a document; the first of a name counts.
fn name_places(value: &Value, pointer: &mut String, places: &mut HashMap<String, String>) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            let mut named = |name: String| {
                places.entry(name).or_insert_with(|| pointer.clone());
            };
            for word in ["$id", "id"] {
                if let Some(id) = map.get(word).and_then(Value::as_str) {
                    named(id.to_owned());
                }
            }
            for word in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = map.get(word).and_then(Value::as_str) {
                    named(format!("#{anchor}"));
                }
            }
            for (name, value) in map {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                name_places(value, pointer, places);
                pointer.truncate(length);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&at.to_string());
                name_places(value, pointer, places);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

impl<'a> Node<'a> {
    pub(super) fn root(json: &'a Json) -> Self {
        Self { json, document: &json.own, value: &json.own.root }
    }

    pub(super) fn at(self, value: &'a Value) -> Self {
        Self { value, ..self }
    }

    pub(super) fn is_anything(self) -> bool {
        self.value == &Value::Bool(true) || self.value.as_object().is_some_and(Map::is_empty)
    }

    /// What stands under a word, where the draft of the document knows it.
    pub(super) fn get(self, word: &str) -> Option<&'a Value> {
        let found = self.value.get(word)?;
        let is_known = match word {
            "dependencies" => !self.is_later(),
            _ if LATER.contains(&word) => self.is_later(),
            _ => true,
        };
        is_known.then_some(found)
    }

    /// Where a word leads that holds a schema.
    pub(super) fn child(self, word: &str) -> Option<Self> {
        let value = self.get(word)?;
        (value.is_object() || value.is_boolean()).then_some(self.at(value))
    }

    /// The schemas in a word that holds a list of them.
    pub(super) fn children(self, word: &str) -> Vec<Self> {
        let list = self.get(word).and_then(Value::as_array);
        list.map(|list| list.iter().map(|value| self.at(value)).collect()).unwrap_or_default()
    }

    /// The schemas in a word that holds them by name.
    pub(super) fn named(self, word: &str) -> impl Iterator<Item = (&'a str, Self)> {
        let map = self.get(word).and_then(Value::as_object);
        map.into_iter().flatten().map(move |(name, value)| (name.as_str(), self.at(value)))
    }

    /// Whether it may be compared with another by its text.
    pub(super) fn is_closed(self) -> bool {
        closed(self.value)
    }

    /// Whether the document is of draft 2019-09 or later: words beside `$ref` count.
    pub(super) fn is_later(self) -> bool {
        let draft = self.document.root.get("$schema").and_then(Value::as_str).unwrap_or_default();
        draft.contains("2019-09") || draft.contains("2020-12")
    }

    /// What a reference leads to.
    fn follow(self, reference: &str) -> Option<Self> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (document, base) = if uri.is_empty() {
            (self.document, &self.document.root)
        } else if let Some(place) = self.document.places.get(uri) {
            (self.document, self.document.root.pointer(place)?)
        } else {
            let others = &self.json.others;
            let (_, other) = others.iter().find(|(name, _)| super::is_named(uri, name))?;
            (other, &other.root)
        };
        let value = if fragment.is_empty() {
            base
        } else if fragment.starts_with('/') {
            base.pointer(&fragment.replace("%25", "%"))?
        } else {
            document.root.pointer(document.places.get(&format!("#{fragment}"))?)?
        };
        Some(Self { document, value, ..self })
    }
}

fn closed(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().all(|(name, value)| !REFERS.contains(&name.as_str()) && closed(value))
        }
        Value::Array(list) => list.iter().all(closed),
        _ => true,
    }
}

/// Everything that holds where `parts` all hold, with references and `allOf` followed. A reference
/// that leads nowhere known stays in its part, where nothing is known of it.
pub(super) fn flatten<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<Part<'a>> {
    let mut next: Vec<Part<'a>> = parts.into_iter().collect();
    let mut found: Vec<Part<'a>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while let Some(mut part) = next.pop() {
        let node = part.node;
        if !seen.insert((std::ptr::from_ref(node.value) as usize, part.chosen)) {
            continue; // it holds already
        }
        if part.flat {
            found.push(part);
            continue;
        }
        part.flat = true;
        let reference = node.get("$ref").and_then(Value::as_str);
        if let Some(target) = reference.and_then(|to| node.follow(to)) {
            next.push(Part { node: target, chosen: false, followed: false, flat: false });
            if !node.is_later() {
                continue;
            }
            part.followed = true;
        }
        let all = node.children("allOf").into_iter();
        next.extend(all.map(|node| Part { node, chosen: false, followed: false, flat: false }));
        found.push(part);
    }
    found
}

/// As [`flatten`], of what was allowed: of words beside a reference that leads nowhere known only
/// those count that count beside any.
pub(super) fn flatten_old<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<Part<'a>> {
    let mut found = flatten(parts);
    found.retain(|part| part.node.get("$ref").is_none() || part.node.is_later());
    found
}
