//! Types, numbers and texts.

use super::super::Change;
use super::node::Part;
use serde_json::{Number, Value};
use std::cmp::Ordering;

pub(super) const OBJECT: u8 = 1;
pub(super) const ARRAY: u8 = 2;
pub(super) const STRING: u8 = 4;
const NUMBERS: u8 = INTEGER | 16;
const INTEGER: u8 = 8;
const ALL: u8 = 127;
/// Each set of types that a schema can name, with its name.
const NAMES: [(&str, u8); 7] = [
    ("object", OBJECT),
    ("array", ARRAY),
    ("string", STRING),
    ("integer", INTEGER),
    ("number", NUMBERS),
    ("boolean", 32),
    ("null", 64),
];

fn named(name: &Value) -> u8 {
    let name = name.as_str().unwrap_or_default();
    NAMES.iter().find(|(word, _)| *word == name).map_or(0, |(_, set)| *set)
}

/// The types that a part allows.
pub(super) fn types_of(value: &Value) -> u8 {
    match value {
        Value::Bool(false) => 0,
        Value::Bool(true) => ALL,
        _ => match value.get("type") {
            Some(Value::Array(list)) => list.iter().fold(0, |set, name| set | named(name)),
            Some(name) => named(name),
            None => match listed(value) {
                Some(values) => values.iter().fold(0, |set, value| set | type_of(value)),
                None => ALL,
            },
        },
    }
}

/// The values that a part lists.
pub(super) fn listed(value: &Value) -> Option<Vec<&Value>> {
    match (value.get("const"), value.get("enum")) {
        (Some(one), _) => Some(vec![one]),
        (None, Some(Value::Array(list))) => Some(list.iter().collect()),
        _ => None,
    }
}

/// The type of one value.
pub(super) fn type_of(value: &Value) -> u8 {
    match value {
        Value::Object(_) => OBJECT,
        Value::Array(_) => ARRAY,
        Value::String(_) => STRING,
        Value::Number(number) if number.is_i64() || number.is_u64() => INTEGER,
        // 2.0 is an integer too.
        Value::Number(_) => NUMBERS,
        Value::Bool(_) => 32,
        Value::Null => 64,
    }
}

/// The types that all parts together allow.
pub(super) fn types(parts: &[Part<'_>]) -> u8 {
    parts.iter().fold(ALL, |set, part| set & types_of(part.node.value))
}

fn show(set: u8) -> String {
    let mut left = set;
    let mut words = Vec::new();
    for (name, types) in [NAMES[4], NAMES[0], NAMES[1], NAMES[2], NAMES[3], NAMES[5], NAMES[6]] {
        if left & types == types {
            left &= !types;
            words.push(name);
        }
    }
    match set {
        0 => "nothing".to_owned(),
        ALL => "anything".to_owned(),
        _ => words.join(" or "),
    }
}

/// What of types, numbers and texts `new` forbids that `old` allows.
pub(super) fn check(old: &[Part<'_>], new: &Value, path: &str, found: &mut Vec<Change>) {
    let (allowed, wanted) = (types(old), types_of(new));
    if allowed & !wanted != 0 && (new.get("type").is_some() || new == &Value::Bool(false)) {
        let what = format!("the type was {} and is {}", show(allowed), show(wanted));
        found.push(Change::at(path, what));
        return;
    }
    let checks = Checks { old, new, path };
    if allowed & STRING != 0 {
        checks.bound("minLength", true, found);
        checks.bound("maxLength", false, found);
        checks.same("pattern", found);
    }
    if allowed & ARRAY != 0 {
        checks.bound("minItems", true, found);
        checks.bound("maxItems", false, found);
        if new.get("uniqueItems") == Some(&Value::Bool(true)) {
            checks.same("uniqueItems", found);
        }
    }
    if allowed & OBJECT != 0 {
        checks.bound("minProperties", true, found);
        checks.bound("maxProperties", false, found);
    }
    if allowed & NUMBERS != 0 {
        checks.range(true, found);
        checks.range(false, found);
        checks.multiple(found);
    }
}

struct Checks<'c> {
    old: &'c [Part<'c>],
    new: &'c Value,
    path: &'c str,
}

impl Checks<'_> {
    fn old_numbers(&self, word: &str) -> Vec<&Number> {
        self.old.iter().filter_map(|part| part.node.get(word)?.as_number()).collect()
    }

    /// A count that may become weaker and never stronger.
    fn bound(&self, word: &str, is_lower: bool, found: &mut Vec<Change>) {
        let Some(Value::Number(now)) = self.new.get(word) else { return };
        let weaker = |was: &&Number| {
            let order = compare(was, now);
            order == Ordering::Equal || (order == Ordering::Greater) == is_lower
        };
        let before = self.old_numbers(word);
        // A lower bound of 0 forbids nothing.
        if before.iter().any(weaker) || (is_lower && now.as_u64() == Some(0)) {
            return;
        }
        let was = before.first().map_or("not given".to_owned(), ToString::to_string);
        let path = format!("{}/{word}", self.path);
        found.push(Change::at(&path, format!("`{word}` was {was} and is {now}")));
    }

    /// The strictest bound of a schema: the number, and whether it is itself left out.
    fn bounds(value: &Value, is_lower: bool) -> Vec<(&Number, bool)> {
        let (word, without) = if is_lower {
            ("minimum", "exclusiveMinimum")
        } else {
            ("maximum", "exclusiveMaximum")
        };
        let mut bounds = Vec::new();
        // Draft 4 says by a flag whether the bound is left out.
        let flag = value.get(without) == Some(&Value::Bool(true));
        if let Some(Value::Number(number)) = value.get(word) {
            bounds.push((number, flag));
        }
        if let Some(Value::Number(number)) = value.get(without) {
            bounds.push((number, true));
        }
        bounds
    }

    fn range(&self, is_lower: bool, found: &mut Vec<Change>) {
        let word = if is_lower { "minimum" } else { "maximum" };
        for (now, without) in Self::bounds(self.new, is_lower) {
            let before = self.old.iter().flat_map(|part| Self::bounds(part.node.value, is_lower));
            let before: Vec<_> = before.collect();
            let holds = before.iter().any(|(was, was_without)| match compare(was, now) {
                Ordering::Equal => *was_without || !without,
                order => (order == Ordering::Greater) == is_lower,
            });
            if !holds {
                let was = before.first().map_or("not given".to_owned(), |(was, _)| was.to_string());
                let path = format!("{}/{word}", self.path);
                found.push(Change::at(&path, format!("the {word} was {was} and is {now}")));
            }
        }
    }

    fn multiple(&self, found: &mut Vec<Change>) {
        let Some(Value::Number(now)) = self.new.get("multipleOf") else { return };
        let before = self.old_numbers("multipleOf");
        let is_integer = types(self.old) & NUMBERS == INTEGER;
        if before.iter().any(|was| is_multiple(was, now)) || (is_integer && now.as_u64() == Some(1))
        {
            return;
        }
        let was = before.first().map_or("not given".to_owned(), ToString::to_string);
        let path = format!("{}/multipleOf", self.path);
        found.push(Change::at(&path, format!("`multipleOf` was {was} and is {now}")));
    }

    /// A word whose value must have been there before.
    fn same(&self, word: &str, found: &mut Vec<Change>) {
        let Some(now) = self.new.get(word) else { return };
        if self.old.iter().any(|part| part.node.get(word) == Some(now)) {
            return;
        }
        let had = self.old.iter().any(|part| part.node.get(word).is_some());
        let path = format!("{}/{word}", self.path);
        let what = if had { "changed" } else { "was added" };
        found.push(Change::at(&path, format!("`{word}` {what}")));
    }
}

fn compare(a: &Number, b: &Number) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// Whether every multiple of `was` is one of `now`.
fn is_multiple(was: &Number, now: &Number) -> bool {
    let (Some((was, a)), Some((now, b))) = (scaled(was), scaled(now)) else {
        return was == now;
    };
    let lift =
        |number: i128, by: u32| 10_i128.checked_pow(by).and_then(|by| number.checked_mul(by));
    match (lift(was, b.saturating_sub(a)), lift(now, a.saturating_sub(b))) {
        (Some(was), Some(now)) => now != 0 && was % now == 0,
        _ => false,
    }
}

/// A number as an integer and how many of its digits are decimals.
fn scaled(number: &Number) -> Option<(i128, u32)> {
    let text = number.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits: i128 = format!("{whole}{decimals}").parse().ok()?;
    Some((digits, u32::try_from(decimals.len()).ok()?))
}
