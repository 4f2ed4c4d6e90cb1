//! Rows packed by what lines have in common: each line is told as differences from the one before
//! it, found again at every quote. It costs a fraction of writing what it saves.
//!
//! A packed block is the length of the rows (u32), then steps. A step is two numbers (LEB128) and
//! bytes: so many bytes to copy from where the line before is followed, and so many bytes that are
//! given. After a step that ends a line, the line that it ended is followed from its beginning;
//! after any other, the line that is followed goes on at its next quote.

/// Longest number of a step in bytes: 32 bits.
const NUMBER_BYTES_MAX: usize = 5;

/// Appends `rows` packed to `out`; false, and nothing of use appended, when that is no shorter.
pub(super) fn pack(rows: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let Ok(length) = u32::try_from(rows.len()) else { return false };
    out.extend_from_slice(&length.to_le_bytes());
    let (mut before, mut at) = (0..0, 0);
    while at < rows.len() {
        let end = memchr::memchr(b'\n', &rows[at..]).map_or(rows.len(), |end| at + end + 1);
        pack_line(&rows[at..end], &rows[before], out);
        if out.len() - start >= rows.len() {
            return false;
        }
        (before, at) = (at..end, end);
    }
    out.len() - start < rows.len()
}

fn pack_line(mut line: &[u8], mut before: &[u8], out: &mut Vec<u8>) {
    while !line.is_empty() {
        let copied = same(line, before);
        (line, before) = (&line[copied..], &before[copied..]);
        let quote = next_quote(before);
        // Where the line before has no other quote, the rest is given.
        let given = if quote < before.len() { next_quote(line) } else { line.len() };
        match (u8::try_from(copied), u8::try_from(given)) {
            (Ok(copied @ ..0x80), Ok(given @ ..0x80)) => out.extend_from_slice(&[copied, given]),
            _ => {
                put(copied, out);
                put(given, out);
            }
        }
        out.extend_from_slice(&line[..given]);
        (line, before) = (&line[given..], &before[quote..]);
    }
}

/// The rows of packed bytes; nothing when they are not packed rows of at most `most` bytes.
pub(super) fn unpack(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let (length, mut steps) = packed.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > most {
        return None;
    }
    let mut rows: Vec<u8> = Vec::with_capacity(length);
    let (mut line, mut follow, mut follow_end) = (0, 0, 0);
    while rows.len() < length {
        let (copied, given) = (take(&mut steps)?, take(&mut steps)?);
        if copied > follow_end - follow {
            return None;
        }
        rows.extend_from_within(follow..follow + copied);
        let (bytes, rest) = steps.split_at_checked(given)?;
        rows.extend_from_slice(bytes);
        steps = rest;
        if rows.len() > length {
            return None;
        }
        if rows.last() == Some(&b'\n') && copied + given > 0 {
            (follow, follow_end, line) = (line, rows.len(), rows.len());
        } else {
            follow += copied;
            follow += next_quote(&rows[follow..follow_end]);
        }
    }
    (steps.is_empty() && rows.len() == length).then_some(rows)
}

/// How many bytes two texts have in common at their beginning.
fn same(a: &[u8], b: &[u8]) -> usize {
    let (a_words, _) = a.as_chunks::<8>();
    let (b_words, _) = b.as_chunks::<8>();
    let mut at = 0;
    for (x, y) in a_words.iter().zip(b_words) {
        let differs = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if differs != 0 {
            return at + differs.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + a[at..].iter().zip(&b[at..]).take_while(|(x, y)| x == y).count()
}

/// Where the first quote is, or the end.
fn next_quote(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let zeros = u64::from_le_bytes(*word) ^ (ONES * 0x22);
        // The lowest mark is right; borrows spoil those above it only.
        let marks = zeros.wrapping_sub(ONES) & !zeros & (ONES << 7);
        if marks != 0 {
            return at * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let before = bytes.len() - rest.len();
    rest.iter().position(|byte| *byte == b'"').map_or(bytes.len(), |at| before + at)
}

#[allow(clippy::cast_possible_truncation)] // seven bits at a time
fn put(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for place in 0..NUMBER_BYTES_MAX {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn check(rows: &[u8], packs: bool) -> Vec<u8> {
        let mut packed = Vec::new();
        assert_eq!(pack(rows, &mut packed), packs, "{}", String::from_utf8_lossy(rows));
        if packs {
            assert!(packed.len() < rows.len());
            assert_eq!(unpack(&packed, rows.len()).as_deref(), Some(rows));
            assert_eq!(unpack(&packed, rows.len() - 1), None, "rows are bounded");
        }
        packed
    }

    fn events() -> Vec<u8> {
        let mut rows = String::new();
        for n in 0..40_u32 {
            let reference =
                if n % 3 == 1 { format!(",\"ref\":\"t-{}\"", n - 1) } else { String::new() };
            let _ = writeln!(
                rows,
                "{{\"id\":\"t-{n}\",\"amount\":\"{}\",\"dims\":{{\"player\":\"p-{}\"}}{reference},\
                 \"meta\":{{\"session\":\"{:x}\"}}}}",
                n * n * 77,
                n % 7,
                n.wrapping_mul(0x9E37_79B9),
            );
            if n % 11 == 10 {
                rows.push_str(&" ".repeat(rows.len() % 50));
                rows.push_str("\n\n");
            }
        }
        rows.into_bytes()
    }

    #[test]
    fn rows_come_back() {
        check(b"", false);
        check(b"a", false);
        check(b"\"\"\"\"", false);
        check(b"no newline at the end and nothing before", false);
        check(
            b"{\"a\":\"one\"}\n{\"a\":\"two\"}\n{\"a\":\"\"}\n{\"a\":\"one more\"}\n{\"a\":\"x\"}",
            true,
        );
        check(&b"the same line\r\n".repeat(9), true);
        check(&b"\n".repeat(200), false);
        let packed = check(&events(), true);
        assert!(packed.len() * 3 < events().len() * 2, "{} of {}", packed.len(), events().len());
    }

    #[test]
    fn what_is_cut_or_changed_is_refused_or_bounded() {
        let (rows, mut packed) = (events(), Vec::new());
        assert!(pack(&rows, &mut packed));
        for length in 0..packed.len() {
            assert_eq!(unpack(&packed[..length], rows.len()), None, "{length} bytes");
        }
        for at in 0..packed.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = packed.clone();
                changed[at] = value;
                let found = unpack(&changed, rows.len());
                assert!(found.is_none_or(|found| found.len() <= rows.len()));
            }
        }
    }
}
