//! From trees to typed values, with every mistake reported: a broken part does not hide the next.
//! One definition gives the Rust type, its reader and its JSON Schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::code;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::suggest;
use crate::yaml::{Entry, Node, Value};

/// A type that can be read from a node.
pub trait Read: Sized {
    /// Reads it; what is wrong goes to `reporter`, and `None` means that nothing usable is left.
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self>;
}

/// Reports that `node` is not what is `expected` (“a list”).
pub fn wrong_type(node: &Node, expected: &str, reporter: &mut Reporter<'_>) {
    let message = format!("{expected} is needed here, but this is {}", node.described());
    reporter.error(code::WRONG_TYPE, node.place, message, "");
}

impl Read for String {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        match &node.value {
            Value::Plain(text) | Value::Quoted(text) if text.is_empty() => {
                reporter.error(code::EMPTY, node.place, code::EMPTY.title, "");
                None
            }
            Value::Plain(text) | Value::Quoted(text) => Some(text.clone()),
            _ => {
                wrong_type(node, "text", reporter);
                None
            }
        }
    }
}

impl Read for bool {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        match &node.value {
            Value::Plain(text) if text == "true" => return Some(true),
            Value::Plain(text) if text == "false" => return Some(false),
            _ => wrong_type(node, "`true` or `false`", reporter),
        }
        None
    }
}

impl Read for u32 {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let number = match &node.value {
            Value::Plain(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = "a whole number from 0 to 4294967295 is needed here";
            reporter.error(code::NOT_A_NUMBER, node.place, message, "");
        }
        number
    }
}

impl Read for u8 {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let number = match &node.value {
            Value::Plain(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = "a whole number from 0 to 255 is needed here";
            reporter.error(code::NOT_A_NUMBER, node.place, message, "");
        }
        number
    }
}

impl Read for i8 {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let number = match &node.value {
            Value::Plain(text) if !text.starts_with('+') => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = "a whole number from -128 to 127 is needed here";
            reporter.error(code::NOT_A_NUMBER, node.place, message, "");
        }
        number
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        T::read(node, reporter).map(Some)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        T::read(node, reporter).map(Box::new)
    }
}

impl<T: Read> Read for Placed<T> {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        T::read(node, reporter).map(|value| Self { value, place: node.place })
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            wrong_type(node, "a list", reporter);
            return None;
        };
        Some(items.iter().filter_map(|item| T::read(item, reporter)).collect())
    }
}

/// A mapping from names to bodies in the order of the file. A name whose body is broken stays, so
/// that what refers to it is not reported as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T>(pub Vec<(Placed<String>, Option<T>)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    /// All names, those with broken bodies included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }

    /// The names whose bodies could be read.
    pub fn sound(&self) -> impl Iterator<Item = (&Placed<String>, &T)> {
        self.0.iter().filter_map(|(name, body)| Some((name, body.as_ref()?)))
    }
}

impl<T: Read> Read for Named<T> {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            wrong_type(node, "a mapping from names", reporter);
            return None;
        };
        let read = |entry: &Entry| {
            let name = Placed { value: entry.key.clone(), place: entry.key_place };
            (name, T::read(&entry.value, reporter))
        };
        Some(Self(entries.iter().map(read).collect()))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        std::collections::BTreeMap::<String, T>::json_schema(generator)
    }
}

impl<T: JsonSchema> JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// The entries of a record, checked for keys that it does not have.
pub struct Fields<'n> {
    place: Place,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// The fields of `node`; keys other than `known` are reported.
    pub fn of(node: &'n Node, known: &[&str], reporter: &mut Reporter<'_>) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let expected = format!("a mapping with {}", suggest::listed(known));
            wrong_type(node, &expected, reporter);
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("the key `{}` is not known here", entry.key);
            let hint = suggest::hint(&entry.key, known.iter().copied());
            reporter.error(code::UNKNOWN_KEY, entry.key_place, message, hint);
        }
        Some(Self { place: node.place, entries })
    }

    /// The value of `key`, which must be there.
    pub fn required<T: Read>(&self, key: &str, reporter: &mut Reporter<'_>) -> Option<T> {
        if let Some(node) = self.find(key) {
            return T::read(node, reporter);
        }
        let message = format!("the key `{key}` is missing");
        reporter.error(code::MISSING_KEY, self.place, message, "");
        None
    }

    /// The value of `key`, or the default where it is not there.
    pub fn optional<T: Read + Default>(&self, key: &str, reporter: &mut Reporter<'_>) -> Option<T> {
        match self.find(key) {
            Some(node) => T::read(node, reporter),
            None => Some(T::default()),
        }
    }

    /// Where the value of `key` stands; where it is not there, the whole record.
    pub fn place(&self, key: &str) -> Place {
        self.find(key).map_or(self.place, |node| node.place)
    }

    fn find(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

/// The only entry of a mapping with one key; anything else is reported.
pub fn only_entry<'n>(
    node: &'n Node,
    known: &[&str],
    reporter: &mut Reporter<'_>,
) -> Option<&'n Entry> {
    match &node.value {
        Value::Map(entries) if entries.len() == 1 => entries.first(),
        _ => {
            let expected = format!("a mapping with one key of {}", suggest::listed(known));
            wrong_type(node, &expected, reporter);
            None
        }
    }
}

/// Reports that `written` is none of `known`.
pub fn not_one_of(place: Place, written: &str, known: &[&str], reporter: &mut Reporter<'_>) {
    let message = format!("`{written}` is not one of {}", suggest::listed(known));
    let near = suggest::nearest(written, known);
    let hint = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
    reporter.error(code::NOT_ONE_OF, place, message, hint);
}
