//! The fast road: the declared shape, any order of keys, any white space. Whatever it does not
//! expect, be it wrong or only unusual, is `None` and goes down the slow road.

use super::META_DEPTH_MAX;
use super::field::{Fields, Span};
use super::text::{hex4, plain_end, unescape};
use crate::time::rfc3339;
use ledger::Decimal;

/// Reads a line that is one event and nothing else.
pub(super) fn read(line: &str, arena: &mut String, dims: &mut Vec<(Span, Span)>) -> Option<Fields> {
    let mut cursor = Cursor { line, bytes: line.as_bytes(), at: 0 };
    let mut fields = Fields::default();
    let mut seen = 0u16;
    cursor.object(|cursor| {
        let key = cursor.key()?;
        let bit = cursor.field(key, &mut fields, arena, dims)?;
        let before = seen;
        seen |= bit;
        (seen != before).then_some(())
    })?;
    cursor.white();
    (cursor.at == line.len()).then_some(fields)
}

struct Cursor<'l> {
    line: &'l str,
    bytes: &'l [u8],
    at: usize,
}

impl<'l> Cursor<'l> {
    /// Reads the value of `key`; returns a bit of its own for each key.
    fn field(
        &mut self,
        key: &str,
        fields: &mut Fields,
        arena: &mut String,
        dims: &mut Vec<(Span, Span)>,
    ) -> Option<u16> {
        Some(match key {
            "source" => set(&mut fields.source, self.string(arena)?, 1),
            "id" => set(&mut fields.id, self.string(arena)?, 2),
            "kind" => set(&mut fields.kind, self.string(arena)?, 4),
            "occurred_at" => {
                let span = self.string(arena)?;
                fields.occurred_at = Some(rfc3339(span.text(self.line, arena).as_bytes())?);
                8
            }
            "amount" => {
                let span = self.string(arena)?;
                fields.amount = Decimal::parse(span.text(self.line, arena).as_bytes()).ok();
                fields.amount?;
                16
            }
            "asset" => set(&mut fields.asset, self.string(arena)?, 32),
            "dims" => {
                self.object(|cursor| {
                    let name = cursor.string(arena)?;
                    cursor.colon()?;
                    dims.push((name, cursor.string(arena)?));
                    Some(())
                })?;
                64
            }
            "ref" => {
                self.reference(fields, arena)?;
                128
            }
            "meta" => {
                self.skip(META_DEPTH_MAX)?;
                256
            }
            _ => return None,
        })
    }

    fn reference(&mut self, fields: &mut Fields, arena: &mut String) -> Option<()> {
        if self.peek()? == b'"' {
            fields.ref_id = Some(self.string(arena)?);
            return Some(());
        }
        self.object(|cursor| {
            let key = cursor.key()?;
            let place = match key {
                "source" => &mut fields.ref_source,
                "id" => &mut fields.ref_id,
                _ => return None,
            };
            place.replace(cursor.string(arena)?).is_none().then_some(())
        })?;
        fields.ref_id.map(|_| ())
    }

    /// `{`, any number of what `member` reads, `}`.
    #[inline]
    fn object(&mut self, mut member: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        self.white();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.white();
            member(self)?;
            self.white();
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A key without escapes, and its colon.
    #[inline]
    fn key(&mut self) -> Option<&'l str> {
        self.expect(b'"')?;
        let start = self.at;
        let end = plain_end(self.bytes, start)?;
        self.at = end;
        self.expect(b'"')?;
        let key = self.line.get(start..end)?;
        self.colon()?;
        Some(key)
    }

    #[inline]
    fn colon(&mut self) -> Option<()> {
        self.white();
        self.expect(b':')?;
        self.white();
        Some(())
    }

    #[inline]
    fn string(&mut self, arena: &mut String) -> Option<Span> {
        self.expect(b'"')?;
        let start = self.at;
        let end = plain_end(self.bytes, start)?;
        match self.bytes[end] {
            b'"' => {
                self.at = end + 1;
                Span::of_line(start, end)
            }
            b'\\' => {
                let from = arena.len();
                self.at = unescape(self.line, start, end, arena)?;
                Span::of_arena(from, arena)
            }
            _ => None,
        }
    }

    /// Any JSON value, at most `depth` levels of arrays and objects.
    fn skip(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' => {
                let depth = depth.checked_sub(1)?;
                self.object(|cursor| {
                    cursor.skip_string()?;
                    cursor.colon()?;
                    cursor.skip(depth)
                })
            }
            b'[' => self.skip_array(depth.checked_sub(1)?),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn skip_array(&mut self, depth: usize) -> Option<()> {
        self.expect(b'[')?;
        self.white();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.white();
            self.skip(depth)?;
            self.white();
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            self.at = plain_end(self.bytes, self.at)?;
            match (self.next()?, self.peek()) {
                (b'"', _) => return Some(()),
                (b'\\', Some(b'u')) => {
                    hex4(self.bytes, self.at + 1)?;
                    self.at += 5;
                }
                (b'\\', Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => {
                    self.at += 1;
                }
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let digits = |cursor: &mut Self| {
            let start = cursor.at;
            while cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                cursor.at += 1;
            }
            (cursor.at > start).then_some(start)
        };
        if self.peek()? == b'-' {
            self.at += 1;
        }
        let start = digits(self)?;
        if self.bytes[start] == b'0' && self.at > start + 1 {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            digits(self)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            digits(self)?;
        }
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.bytes.get(self.at..self.at + word.len())? == word;
        self.at += word.len();
        found.then_some(())
    }

    #[inline]
    fn white(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }
}

#[inline]
fn set(place: &mut Option<Span>, span: Span, bit: u16) -> u16 {
    *place = Some(span);
    bit
}
