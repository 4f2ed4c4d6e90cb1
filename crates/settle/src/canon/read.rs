//! Reading canonical documents from hostile bytes: bounded in size and depth, never panicking.

use super::{Value, not_canonical};
use crate::error::SettleError;
use crate::limits::{DEPTH_MAX, ENCODED_BYTES_MAX};
use std::collections::BTreeMap;

/// Reads one document that fills `bytes`.
pub(crate) fn read(bytes: &[u8], what: &'static str) -> Result<Value, SettleError> {
    if bytes.len() > ENCODED_BYTES_MAX {
        return Err(not_canonical(what, format!("byte {ENCODED_BYTES_MAX}: too long")));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| not_canonical(what, format!("byte {}", e.valid_up_to())))?;
    let mut reader = Reader { text, at: 0 };
    match reader.value(0).filter(|_| reader.at == text.len()) {
        Some(value) => Ok(value),
        None => Err(not_canonical(what, format!("byte {}", reader.at))),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` if it comes next.
    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(Value::Text),
            b'[' => self.list(depth),
            b'{' => self.map(depth),
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut items = Vec::new();
        if self.skip(b']') {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.skip(b']') {
                return Some(Value::List(items));
            }
            if !self.skip(b',') {
                return None;
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut pairs = BTreeMap::new();
        if self.skip(b'}') {
            return Some(Value::Map(pairs));
        }
        loop {
            let key = self.string()?;
            if !self.skip(b':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            if pairs.insert(key, value).is_some() {
                return None;
            }
            if self.skip(b'}') {
                return Some(Value::Map(pairs));
            }
            if !self.skip(b',') {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if !self.skip(b'"') {
            return None;
        }
        let mut out = String::new();
        loop {
            // Quotes and backslashes are single bytes, so each piece ends between characters.
            let rest = self.text.get(self.at..)?;
            let length = rest.find(['"', '\\'])?;
            out.push_str(&rest[..length]);
            self.at += length + 1;
            if rest.as_bytes()[length] == b'"' {
                return Some(out);
            }
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        let (found, length) = match rest.as_bytes() {
            [quoted @ (b'"' | b'\\'), ..] => (char::from(*quoted), 1),
            [b'u', b'0', b'0', ..] => {
                let hex = rest.get(3..5)?;
                (char::from(u8::from_str_radix(hex, 16).ok()?), 5)
            }
            _ => return None,
        };
        self.at += length;
        Some(found)
    }
}
