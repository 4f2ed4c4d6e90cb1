//! JSON strings: finding their end eight bytes at a time, and resolving escapes.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Position of the first quote, backslash or control character at or after `at`.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let (quote, escape) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        // Each term marks zero bytes (or bytes below 0x20); borrows only spoil bytes above the
        // first mark, and the lowest mark is the one taken.
        let marks = (quote.wrapping_sub(ONES) & !quote)
            | (escape.wrapping_sub(ONES) & !escape)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let marks = marks & HIGH;
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).map(|found| at + found)
}

/// Resolves the string whose text begins at `start` and whose first escape is at `at`; appends
/// it to `arena` and returns the position after its closing quote.
pub(crate) fn unescape(
    line: &str,
    start: usize,
    mut at: usize,
    arena: &mut String,
) -> Option<usize> {
    let bytes = line.as_bytes();
    arena.push_str(&line[start..at]);
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at = escape(bytes, at + 1, arena)?,
            _ => return None,
        }
        let end = plain_end(bytes, at)?;
        arena.push_str(line.get(at..end)?);
        at = end;
    }
}

fn escape(bytes: &[u8], at: usize, arena: &mut String) -> Option<usize> {
    arena.push(match bytes.get(at)? {
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes, at + 1, arena),
        _ => return None,
    });
    Some(at + 1)
}

/// `at` is after the `u`; a high surrogate demands the low one right behind it.
fn unicode(bytes: &[u8], at: usize, arena: &mut String) -> Option<usize> {
    let high = hex4(bytes, at)?;
    let (code, end) = if (0xd800..0xdc00).contains(&high) {
        if bytes.get(at + 4..at + 6)? != b"\\u" {
            return None;
        }
        let low = hex4(bytes, at + 6)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        (0x10000 + ((high - 0xd800) << 10) + low, at + 10)
    } else {
        (high, at + 4)
    };
    arena.push(char::from_u32(code)?);
    Some(end)
}

/// Four hexadecimal digits.
pub(super) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}
