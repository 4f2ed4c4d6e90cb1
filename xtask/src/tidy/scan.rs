//! A scanner for Rust text that tells code from comments and literals, and nothing more.
//!
//! It does not parse: the rules of tidy need only to know that a brace or a word is really code.
//! Every mask has the length of the text, so an offset means the same place in all of them.

/// A Rust file split into masks of equal length: what is not of the kind is blanked, newlines stay.
#[derive(Debug)]
pub struct Source<'t> {
    /// The text as it is in the file.
    pub text: &'t str,
    /// Code only: comments, and what stands inside quotes, are spaces. The quotes stay.
    pub code: String,
    /// Comments only, with their markers.
    pub comments: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Quoted,
}

impl<'t> Source<'t> {
    /// Splits `text`; whatever it holds, even broken Rust, gives masks of the same length.
    pub fn new(text: &'t str) -> Self {
        let kinds = kinds(text.as_bytes());
        let mask = |kind| {
            let keep = |(i, byte): (usize, &u8)| match *byte {
                b'\n' => b'\n',
                byte if kinds[i] == kind && byte.is_ascii() => byte,
                // A letter beyond ASCII: kept as something that is part of a word.
                _ if kinds[i] == kind => b'_',
                _ => b' ',
            };
            text.as_bytes().iter().enumerate().map(keep).map(char::from).collect()
        };
        Self { text, code: mask(Kind::Code), comments: mask(Kind::Comment) }
    }

    /// The line, counted from 1, on which the byte at `offset` stands.
    pub fn line_of(&self, offset: usize) -> usize {
        1 + self.code[..offset].matches('\n').count()
    }
}

/// What each byte of the text belongs to.
fn kinds(text: &[u8]) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; text.len()];
    let mut at = 0;
    while at < text.len() {
        let (kind, inner, end) = match &text[at..] {
            [b'/', b'/', ..] => (Kind::Comment, at, line_end(text, at)),
            [b'/', b'*', ..] => (Kind::Comment, at, block_end(text, at)),
            [b'"', ..] => (Kind::Quoted, at + 1, quote_end(text, at + 1)),
            [b'r', ..] if !after_word(text, at, b"bc") && raw(text, at).is_some() => {
                let (inner, end) = raw(text, at).unwrap_or((at, at + 1));
                (Kind::Quoted, inner, end)
            }
            [b'\'', ..] => match char_end(text, at + 1) {
                Some(end) => (Kind::Quoted, at + 1, end),
                None => (Kind::Code, at, at + 1),
            },
            _ => (Kind::Code, at, at + 1),
        };
        let last = if kind == Kind::Quoted { end.max(inner + 1) - 1 } else { end };
        kinds[inner.min(text.len())..last.min(text.len())].fill(kind);
        at = end.max(at + 1);
    }
    kinds
}

fn line_end(text: &[u8], from: usize) -> usize {
    text[from..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |n| from + n)
}

/// The end of a block comment that begins at `from`; they nest.
fn block_end(text: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < text.len() {
        match &text[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// The offset just behind the quote that closes a string whose inside begins at `from`.
fn quote_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// For `r"`, `r#"` and so on at `at`: where the inside begins, and the offset behind it all.
///
/// The quoted range ends before the first byte that closes it, so that a closing `"##` stays code.
fn raw(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let hashes = text[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let inner = at + 1 + hashes + 1;
    if text.get(inner - 1) != Some(&b'"') {
        return None;
    }
    let closes = |tail: &[u8]| {
        tail[0] == b'"' && tail[1..].iter().take(hashes).filter(|b| **b == b'#').count() == hashes
    };
    let close = (inner..text.len()).find(|i| closes(&text[*i..]));
    Some((inner, close.map_or(text.len(), |i| i + 1)))
}

/// Whether the byte at `at` continues a word, other than one of the one-letter `prefixes` alone.
fn after_word(text: &[u8], at: usize, prefixes: &[u8]) -> bool {
    let word = |i: usize| at >= i && is_word(text[at - i]);
    word(1) && (word(2) || !prefixes.contains(&text[at - 1]))
}

/// The end of a character literal whose inside begins at `from`, or none for a lifetime.
fn char_end(text: &[u8], from: usize) -> Option<usize> {
    let first = *text.get(from)?;
    if first == b'\\' {
        let close = text.get(from + 2..)?.iter().position(|byte| *byte == b'\'')?;
        return Some(from + 2 + close + 1);
    }
    let width = match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    (text.get(from + width) == Some(&b'\'')).then_some(from + width + 1)
}

/// Whether a byte can be part of an identifier or a number.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The offsets at which `word` stands in `code` as a whole word.
pub fn words<'c>(code: &'c str, word: &'c str) -> impl Iterator<Item = usize> + 'c {
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = *at == 0 || !is_word(bytes[at - 1]);
        let after = bytes.get(at + word.len()).is_none_or(|byte| !is_word(*byte));
        let bounded = |edge: Option<u8>| edge.is_some_and(is_word);
        (before || !bounded(word.bytes().next())) && (after || !bounded(word.bytes().last()))
    })
}

/// The offset of the first byte from `from` on that is not white space.
pub fn skip_space(code: &str, from: usize) -> usize {
    let rest = &code.as_bytes()[from.min(code.len())..];
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// From `from`, the end of the item: behind its closing brace, or behind a `;` outside brackets.
///
/// Gives the offset of the opening brace too, when there is one. An unfinished item ends the text.
pub fn item_end(code: &str, from: usize) -> (Option<usize>, usize) {
    let (mut round, mut curly, mut open) = (0_i32, 0_i32, None);
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round -= 1,
            b'{' => {
                if round == 0 && curly == 0 {
                    open = open.or(Some(at));
                }
                curly += 1;
            }
            b'}' => {
                curly -= 1;
                if curly < 0 {
                    return (None, at);
                }
                if curly == 0 && round == 0 {
                    return (open, at + 1);
                }
            }
            b';' if round == 0 && curly == 0 => return (None, at + 1),
            _ => {}
        }
    }
    (open, code.len())
}
