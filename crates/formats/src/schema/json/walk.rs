//! Whether a new JSON Schema allows whatever an old one allowed.
//!
//! The answer errs to one side: where it says that nothing breaks, nothing breaks; a difference
//! whose effect cannot be told within bounds counts as one that breaks. `default` changes nothing,
//! since what checks rows does not fill them.

use super::super::Change;
use super::node::{Node, Part, flatten, flatten_old};
use super::{Json, array, object, scalar};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Most comparisons of two places: choices within choices multiply.
const STEPS_MAX: u32 = 50_000;
/// Most places below one another.
const DEPTH_MAX: u32 = 48;
/// Most values that are tried one by one.
const VALUES_MAX: usize = 1_000;

/// Words that only the same words in the old schema can be known to imply: those of a group say
/// something together.
const OPAQUE: [&[&str]; 3] = [
    &["if", "then", "else"],
    &["contains", "minContains", "maxContains"],
    &["$dynamicRef", "$recursiveRef", "unevaluatedProperties", "unevaluatedItems"],
];
/// Comparisons after which places are no longer compared by their text first.
const TEXT_STEPS_MAX: u32 = 2_000;

/// Every change that keeps `new` from reading what `old` allows.
pub(in crate::schema) fn reads(new: &Json, old: &Json) -> Vec<Change> {
    let mut walk = Walk { open: HashSet::new(), patterns: HashMap::new(), steps: 0, depth: 0 };
    walk.implies(&[one(Node::root(old))], Node::root(new), "#")
}

pub(super) fn one(node: Node<'_>) -> Part<'_> {
    Part { node, chosen: false, followed: false, flat: false }
}

pub(super) struct Walk {
    /// What is being compared: it holds unless something else breaks.
    open: HashSet<(Vec<(usize, bool)>, usize)>,
    /// Patterns, compiled once; none for one that is none.
    patterns: HashMap<String, Option<Validator>>,
    steps: u32,
    depth: u32,
}

impl Walk {
    /// What `new` forbids of what all of `old` together allow.
    pub(super) fn implies(&mut self, old: &[Part<'_>], new: Node<'_>, path: &str) -> Vec<Change> {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.depth > DEPTH_MAX {
            return vec![Change::at(path, "the schemas are too entangled to be compared")];
        }
        let address = |value: &Value| std::ptr::from_ref(value) as usize;
        let olds = old.iter().map(|part| (address(part.node.value), part.chosen)).collect();
        let key = (olds, address(new.value));
        if !self.open.insert(key.clone()) {
            return Vec::new();
        }
        self.depth += 1;
        let old = flatten_old(old.iter().copied());
        let mut found = Vec::new();
        if scalar::types(&old) != 0 {
            for part in flatten([one(new)]) {
                found.extend(self.part(&old, part, path));
            }
        }
        self.depth -= 1;
        self.open.remove(&key);
        found
    }

    /// Whether a name is one that a pattern is about.
    pub(super) fn matches(&mut self, pattern: &str, name: &str) -> bool {
        let compiled = self
            .patterns
            .entry(pattern.to_owned())
            .or_insert_with(|| super::build(&json!({ "pattern": pattern }), Vec::new()).ok());
        let name = Value::String(name.to_owned());
        compiled.as_ref().is_some_and(|compiled| compiled.is_valid(&name))
    }

    fn part(&mut self, old: &[Part<'_>], part: Part<'_>, path: &str) -> Vec<Change> {
        let new = part.node;
        if new.is_anything() {
            return Vec::new();
        }
        let same = |part: &Part<'_>| !part.chosen && part.node.value == new.value;
        if self.steps < TEXT_STEPS_MAX && old.iter().any(same) && new.is_closed() {
            return Vec::new();
        }
        let direct = self.direct(old, part, path);
        if direct.is_empty() {
            return direct;
        }
        self.by_choice(old, part, path).unwrap_or(direct)
    }

    /// The same for each choice of the old schema by itself; nothing where it has none.
    fn by_choice(&mut self, old: &[Part<'_>], new: Part<'_>, path: &str) -> Option<Vec<Change>> {
        let at = old.iter().position(|part| {
            !part.chosen && (part.node.get("anyOf").is_some() || part.node.get("oneOf").is_some())
        })?;
        let node = old[at].node;
        let mut found = Vec::new();
        for word in ["anyOf", "oneOf"] {
            let choices = node.children(word);
            if choices.is_empty() {
                continue;
            }
            found.clear();
            for choice in choices {
                let mut parts = old.to_vec();
                parts[at].chosen = true;
                parts.push(one(choice));
                found.extend(self.implies(&parts, new.node, path));
            }
            if found.is_empty() {
                break;
            }
        }
        Some(found)
    }

    fn direct(&mut self, old: &[Part<'_>], part: Part<'_>, path: &str) -> Vec<Change> {
        let new = part.node;
        if let Some(values) = old.iter().find_map(|part| scalar::listed(part.node.value)) {
            return values_kept(old, &values, new, path);
        }
        let mut found = Vec::new();
        if scalar::listed(new.value).is_some() {
            let what = "only certain values are allowed now, and others were before";
            let word = if new.get("const").is_some() { "const" } else { "enum" };
            found.push(Change::at(&format!("{path}/{word}"), what));
        }
        scalar::check(old, new.value, path, &mut found);
        let allowed = scalar::types(old);
        if allowed & scalar::types_of(new.value) & scalar::OBJECT != 0 {
            object::check(self, old, new, path, &mut found);
        }
        if allowed & scalar::types_of(new.value) & scalar::ARRAY != 0 {
            array::check(self, old, new, path, &mut found);
        }
        self.choices(old, new, path, &mut found);
        self.not(old, new, path, &mut found);
        opaque(old, part, path, &mut found);
        found
    }

    /// The choices of the new schema: one must hold for all that was allowed, and of `oneOf` no
    /// other for any of it.
    fn choices(&mut self, old: &[Part<'_>], new: Node<'_>, path: &str, found: &mut Vec<Change>) {
        for word in ["anyOf", "oneOf"] {
            let choices = new.children(word);
            let same = |part: &Part<'_>| !part.chosen && part.node.get(word) == new.get(word);
            let closed = || choices.iter().all(|choice| choice.is_closed());
            if choices.is_empty() || (old.iter().any(same) && closed()) {
                continue;
            }
            let (mut first, mut holding) = (Vec::new(), None);
            for (at, choice) in choices.iter().enumerate() {
                let broken = self.implies(old, *choice, &format!("{path}/{word}/{at}"));
                if broken.is_empty() {
                    holding = Some(at);
                    break;
                }
                if first.is_empty() {
                    first = broken;
                }
            }
            let path = format!("{path}/{word}");
            let Some(holding) = holding else {
                if choices.len() == 1 {
                    found.append(&mut first);
                } else {
                    let what = "no choice allows all that was allowed before";
                    found.push(Change::at(&path, what));
                }
                continue;
            };
            let apart = |(at, choice): (usize, &Node<'_>)| {
                at == holding || disjoint(old, &[one(*choice)], DISJOINT_DEPTH_MAX)
            };
            if word == "oneOf" && !choices.iter().enumerate().all(apart) {
                let what = "what was allowed before may match more than one choice";
                found.push(Change::at(&path, what));
            }
        }
    }

    /// What the new schema excludes must have been excluded.
    fn not(&mut self, old: &[Part<'_>], new: Node<'_>, path: &str, found: &mut Vec<Change>) {
        let Some(now) = new.child("not") else { return };
        if disjoint(old, &[one(now)], DISJOINT_DEPTH_MAX) {
            return;
        }
        let before: Vec<Node<'_>> = old.iter().filter_map(|part| part.node.child("not")).collect();
        let path = format!("{path}/not");
        if !before.iter().any(|was| self.implies(&[one(now)], *was, &path).is_empty()) {
            found.push(Change::at(&path, "more is excluded than before"));
        }
    }
}

/// Words whose meaning is not looked into.
fn opaque(old: &[Part<'_>], part: Part<'_>, path: &str, found: &mut Vec<Change>) {
    let new = part.node;
    if new.get("$ref").is_some() && !part.followed {
        found.push(Change::at(&format!("{path}/$ref"), "the reference cannot be followed"));
    }
    for group in OPAQUE {
        let Some(word) = group.iter().find(|word| new.get(word).is_some()) else { continue };
        let same = |part: &Part<'_>| group.iter().all(|word| part.node.get(word) == new.get(word));
        let closed =
            || group.iter().all(|word| new.get(word).is_none_or(|at| new.at(at).is_closed()));
        // What is unevaluated depends on every other word.
        let is_told = !group.contains(&"unevaluatedItems");
        if !(is_told && old.iter().any(same) && closed()) {
            let kept = |word: &str| old.iter().any(|part| part.node.get(word) == new.get(word));
            let word = group.iter().find(|word| !kept(word)).unwrap_or(word);
            let what = format!("`{word}` was added or changed");
            found.push(Change::at(&format!("{path}/{word}"), what));
        }
    }
}

/// How far below one another fields are looked at for whether values can be told apart.
const DISJOINT_DEPTH_MAX: u32 = 4;

/// Whether it is plain that no value is allowed by both: by their types, by the values that they
/// list, or by those of a field that one of them requires.
fn disjoint(a: &[Part<'_>], b: &[Part<'_>], depth: u32) -> bool {
    let parts = flatten_old(a.iter().chain(b).copied());
    let types = scalar::types(&parts);
    if types == 0 {
        return true;
    }
    let mut lists = parts.iter().filter_map(|part| scalar::listed(part.node.value));
    if let Some(first) = lists.next() {
        let rest: Vec<_> = lists.collect();
        let in_all = |value: &&Value| rest.iter().all(|list| list.contains(value));
        if first.len() <= VALUES_MAX && !first.iter().any(in_all) {
            return true;
        }
    }
    if depth == 0 || types != scalar::OBJECT {
        return false;
    }
    let required = parts.iter().flat_map(|part| part.node.children("required"));
    let names: Vec<&str> = required.filter_map(|name| name.value.as_str()).collect();
    names.into_iter().take(VALUES_MAX).any(|name| {
        let fields: Vec<_> = parts.iter().filter_map(|part| named(part.node, name)).collect();
        fields.len() > 1 && disjoint(&fields, &[], depth - 1)
    })
}

/// What a schema says of one field by its name.
fn named<'a>(node: Node<'a>, name: &str) -> Option<Part<'a>> {
    Some(one(node.at(node.get("properties")?.get(name)?)))
}

/// What of the values that the old schema lists the new one forbids: each is tried.
fn values_kept(old: &[Part<'_>], values: &[&Value], new: Node<'_>, path: &str) -> Vec<Change> {
    let allowed = scalar::types(old);
    let values: Vec<&&Value> =
        values.iter().filter(|value| scalar::type_of(value) & allowed != 0).collect();
    let listed = scalar::listed(new.value);
    let breaks = |what: String| vec![Change::at(path, what)];
    if values.len() > VALUES_MAX {
        return breaks(format!("more than {VALUES_MAX} values are listed"));
    }
    if new.is_closed()
        && let Ok(validator) = super::build(new.value, Vec::new())
    {
        let broken = values.iter().find(|value| !validator.is_valid(value));
        return broken.map_or(Vec::new(), |value| {
            breaks(format!("the value {value} is not allowed any more"))
        });
    }
    match listed {
        Some(listed) if values.iter().all(|value| listed.contains(*value)) => Vec::new(),
        _ => breaks("the values listed before may not be allowed any more".to_owned()),
    }
}
