//! YAML text to a tree of values that know their places. Scalars keep their spelling and whether
//! they were quoted: what `NO` or `1.50` means is for whoever reads them to say.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use crate::code;
use crate::diagnostic::{Place, Reporter};

/// Largest file in bytes: a book is written by hand and read whole.
pub const FILE_BYTES_MAX: usize = 1 << 20;
/// Deepest nesting: trees are walked recursively.
pub const DEPTH_MAX: usize = 32;
/// Most values in one file.
pub const NODES_MAX: usize = 100_000;

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: empty, `~` or `null`.
    Null,
    /// A scalar without quotes, as spelled.
    Plain(String),
    /// A scalar in quotes, or a block of text, without them.
    Quoted(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file; keys are unique.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key begins.
    pub key_place: Place,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// What the node is, for messages: “a list”.
    pub fn described(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Plain(text) if looks_numeric(text) => "a number",
            Value::Plain(_) | Value::Quoted(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Whether other readers of YAML would take the unquoted `text` for a number.
pub fn looks_numeric(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-', '.']);
    digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

/// Reads one document. Mistakes go to `reporter`; `None` when nothing of the file can be trusted.
pub fn parse(bytes: &[u8], reporter: &mut Reporter<'_>) -> Option<Node> {
    if bytes.len() > FILE_BYTES_MAX {
        reporter.error(code::FILE_TOO_LARGE, Place::START, code::FILE_TOO_LARGE.title, "");
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let place = place_after(&bytes[..error.valid_up_to()]);
            reporter.error(code::NOT_UTF8, place, code::NOT_UTF8.title, code::NOT_UTF8.hint);
            return None;
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { reporter, open: Vec::new(), root: None, nodes: 0, documents: 0 };
    let options = serde_saphyr::granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    for next in Parser::new_from_str_with_options(text, options) {
        builder.push(next)?;
    }
    let empty = Node { place: Place::START, value: Value::Map(Vec::new()) };
    Some(builder.root.unwrap_or(empty))
}

/// The place that follows `bytes`, which are UTF-8.
fn place_after(bytes: &[u8]) -> Place {
    let text = String::from_utf8_lossy(bytes);
    let line = text.matches('\n').count() + 1;
    let column = text.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Place { line: short(line), column: short(column) }
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn place_of(span: Span) -> Place {
    Place { line: short(span.start.line().max(1)), column: short(span.start.col() + 1) }
}

/// A collection that has begun and not ended.
enum Open {
    List(Place, Vec<Node>),
    Map(Place, Mapping),
}

/// A mapping that has begun and not ended.
#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    /// The line of each key so far.
    lines: BTreeMap<String, u32>,
    /// The key whose value comes next.
    key: Option<Key>,
}

/// A key whose value is not there yet; without text when it is no scalar, or a repeat.
struct Key {
    text: Option<String>,
    place: Place,
}

struct Builder<'r, 'a> {
    reporter: &'r mut Reporter<'a>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
}

impl Builder<'_, '_> {
    fn push(&mut self, next: Result<(Event<'_>, Span), ScanError>) -> Option<()> {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => return self.stop(&error),
        };
        let place = place_of(span);
        if let Event::Scalar(_, _, anchor, tag)
        | Event::SequenceStart(_, anchor, tag)
        | Event::MappingStart(_, anchor, tag) = &event
            && (*anchor != 0 || tag.is_some())
        {
            self.reporter.error(code::NO_ANCHORS, place, code::NO_ANCHORS.title, "write it out");
        }
        match event {
            Event::DocumentStart(..) => return self.document(place),
            Event::Scalar(text, style, _, _) => self.scalar(&text, style, place)?,
            Event::SequenceStart(..) => self.begin(Open::List(place, Vec::new()))?,
            Event::MappingStart(..) => self.begin(Open::Map(place, Mapping::default()))?,
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let message = code::NO_ANCHORS.title;
                self.reporter.error(code::NO_ANCHORS, place, message, "write it out");
                self.add(Node { place, value: Value::Null })?;
            }
            _ => {}
        }
        Some(())
    }

    fn stop(&mut self, error: &ScanError) -> Option<()> {
        let at = error.marker();
        let place = Place { line: short(at.line().max(1)), column: short(at.col() + 1) };
        let mut info = error.info();
        info.truncate(info.find('\n').unwrap_or(info.len()));
        self.reporter.error(code::SYNTAX, place, format!("not valid YAML: {info}"), "");
        None
    }

    fn document(&mut self, place: Place) -> Option<()> {
        self.documents += 1;
        if self.documents > 1 {
            let code = code::SEVERAL_DOCUMENTS;
            self.reporter.error(code, place, code.title, code.hint);
            return None;
        }
        Some(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, place: Place) -> Option<()> {
        let value = match (style, text) {
            (ScalarStyle::Plain, "" | "~" | "null") => Value::Null,
            (ScalarStyle::Plain, text) => Value::Plain(text.to_owned()),
            (_, text) => Value::Quoted(text.to_owned()),
        };
        self.add(Node { place, value })
    }

    fn begin(&mut self, open: Open) -> Option<()> {
        if self.open.len() >= DEPTH_MAX {
            let (Open::List(place, _) | Open::Map(place, _)) = open;
            self.reporter.error(code::TOO_DEEP, place, code::TOO_DEEP.title, code::TOO_DEEP.hint);
            return None;
        }
        self.open.push(open);
        Some(())
    }

    fn end(&mut self) {
        let node = match self.open.pop() {
            Some(Open::List(place, items)) => Node { place, value: Value::List(items) },
            Some(Open::Map(place, map)) => Node { place, value: Value::Map(map.entries) },
            None => return,
        };
        // Its place in the parent was counted when it began.
        let _ = self.add(node);
    }

    fn add(&mut self, node: Node) -> Option<()> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let code = code::TOO_DEEP;
            self.reporter.error(code, node.place, code.title, code.hint);
            return None;
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, map)) => match map.key.take() {
                None => map.key = Some(read_key(node, &mut map.lines, self.reporter)),
                Some(Key { text: Some(key), place }) => {
                    map.entries.push(Entry { key, key_place: place, value: node });
                }
                Some(Key { text: None, .. }) => {}
            },
        }
        Some(())
    }
}

fn read_key(node: Node, lines: &mut BTreeMap<String, u32>, reporter: &mut Reporter<'_>) -> Key {
    let place = node.place;
    let described = node.described();
    let (Value::Plain(text) | Value::Quoted(text)) = node.value else {
        let message = format!("a key must be text, but this is {described}");
        reporter.error(code::WRONG_TYPE, place, message, "");
        return Key { text: None, place };
    };
    if let Some(line) = lines.get(&text) {
        let message = format!("the key `{text}` stands twice");
        reporter.error(code::DUPLICATE_KEY, place, message, format!("the first is in line {line}"));
        return Key { text: None, place };
    }
    lines.insert(text.clone(), place.line);
    Key { text: Some(text), place }
}
