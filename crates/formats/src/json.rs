//! JSON values that know their place in the text, with numbers as spelled.

use crate::scan::text::{plain_end, unescape};

/// Deepest nesting that is read.
pub(crate) const DEPTH_MAX: usize = 64;

/// A value and where it stands in the text.
#[derive(Debug)]
pub(crate) struct Node<'t> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: Value<'t>,
}

#[derive(Debug)]
pub(crate) enum Value<'t> {
    Null,
    Truth(bool),
    Number(&'t str),
    /// Without escapes.
    Plain(&'t str),
    /// With its escapes resolved.
    Owned(String),
    List(Vec<Node<'t>>),
    /// In the order of the text; the first of repeated names counts.
    Object(Vec<(Node<'t>, Node<'t>)>),
}

impl<'t> Node<'t> {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(text) => Some(text),
            Value::Owned(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Node<'t>> {
        let Value::Object(members) = &self.value else { return None };
        members.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value)
    }

    pub(crate) fn at(&self, path: &[String]) -> Option<&Node<'t>> {
        path.iter().try_fold(self, |node, name| node.member(name))
    }
}

/// The one value that `text` is; the byte at which it is none.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, usize> {
    let mut parser = Parser { text, at: 0 };
    parser.white();
    let node = parser.value(DEPTH_MAX).ok_or(parser.at)?;
    parser.white();
    if parser.at == text.len() { Ok(node) } else { Err(parser.at) }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn value(&mut self, depth: usize) -> Option<Node<'t>> {
        let start = self.at;
        let value = match self.peek()? {
            b'"' => self.string()?,
            b'{' => Value::Object(self.list(b'}', depth.checked_sub(1)?, Self::member)?),
            b'[' => Value::List(self.list(b']', depth.checked_sub(1)?, Self::value)?),
            b't' => self.word("true", Value::Truth(true))?,
            b'f' => self.word("false", Value::Truth(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => self.number()?,
        };
        Some(Node { start, end: self.at, value })
    }

    fn list<T>(
        &mut self,
        close: u8,
        depth: usize,
        item: fn(&mut Self, usize) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.at += 1;
        let mut items = Vec::new();
        self.white();
        if self.peek()? == close {
            self.at += 1;
            return Some(items);
        }
        loop {
            self.white();
            items.push(item(self, depth)?);
            self.white();
            let next = self.peek()?;
            if next != b',' && next != close {
                return None;
            }
            self.at += 1;
            if next == close {
                return Some(items);
            }
        }
    }

    fn member(&mut self, depth: usize) -> Option<(Node<'t>, Node<'t>)> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        let key = Node { value: self.string()?, start, end: self.at };
        self.white();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.white();
        Some((key, self.value(depth)?))
    }

    fn string(&mut self) -> Option<Value<'t>> {
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start)?;
        if self.text.as_bytes()[end] == b'"' {
            self.at = end + 1;
            return Some(Value::Plain(&self.text[start..end]));
        }
        let mut owned = String::new();
        self.at = unescape(self.text, start, end, &mut owned)?;
        Some(Value::Owned(owned))
    }

    fn number(&mut self) -> Option<Value<'t>> {
        let start = self.at;
        self.pass(|byte| byte == b'-', 1);
        let whole = self.at;
        if self.pass(|byte| byte.is_ascii_digit(), usize::MAX) == 0 {
            return None;
        }
        if self.text.as_bytes()[whole] == b'0' && self.at > whole + 1 {
            return None;
        }
        let digits = |parser: &mut Self| parser.pass(|byte| byte.is_ascii_digit(), usize::MAX);
        if self.pass(|byte| byte == b'.', 1) == 1 && digits(self) == 0 {
            return None;
        }
        if self.pass(|byte| matches!(byte, b'e' | b'E'), 1) == 1 {
            self.pass(|byte| matches!(byte, b'+' | b'-'), 1);
            if digits(self) == 0 {
                return None;
            }
        }
        Some(Value::Number(&self.text[start..self.at]))
    }

    /// Passes over at most `most` bytes for which `holds`, and says how many there were.
    fn pass(&mut self, holds: fn(u8) -> bool, most: usize) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take(most).take_while(|byte| holds(**byte)).count();
        self.at += count;
        count
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Option<Value<'t>> {
        let found = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found.then_some(value)
    }

    fn white(&mut self) {
        self.pass(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'), usize::MAX);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
