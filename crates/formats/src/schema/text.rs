//! The text of a schema without what does not count.

use super::{DEPTH_MAX, SchemaError};

/// A JSON text without the space between its tokens. Tokens stay as they are written: a number
/// read and written again may be another.
pub(super) fn minify(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(text.len()), false, false);
    for letter in text.chars() {
        if quoted {
            out.push(letter);
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
        } else if !matches!(letter, ' ' | '\t' | '\n' | '\r') {
            out.push(letter);
            quoted = letter == '"';
        }
    }
    out
}

/// Refuses a text whose brackets nest too deep, before anything reads it by recursion. Brackets in
/// strings and comments are passed over, so that none there can hide those that count; a text whose
/// strings and comments cannot be told for certain is refused.
pub(super) fn bounded(text: &str) -> Result<(), SchemaError> {
    let (mut rest, mut depth) = (text.as_bytes(), 0_usize);
    while let [byte, after @ ..] = rest {
        rest = match (byte, after) {
            (b'"' | b'\'', _) => string(*byte, after)?,
            (b'/', [b'/', ..]) | (b'#', _) => line(after),
            (b'/', [b'*', after @ ..]) => block(after)?,
            _ => after,
        };
        match byte {
            b'{' | b'[' | b'(' | b'<' => depth += 1,
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(SchemaError(format!("it nests deeper than {DEPTH_MAX} levels")));
        }
    }
    Ok(())
}

/// What follows a string that `quote` began.
fn string(quote: u8, mut rest: &[u8]) -> Result<&[u8], SchemaError> {
    loop {
        rest = match rest {
            [byte, after @ ..] if *byte == quote => return Ok(after),
            [b'\\', escaped, after @ ..] if is_escape(*escaped) => after,
            [b'\\' | b'\n' | 0, ..] | [] => {
                return Err(SchemaError::of("a string in it has no end, or an unknown escape"));
            }
            [_, after @ ..] => after,
        };
    }
}

/// Whether a letter may follow a backslash, in JSON or in Protobuf.
fn is_escape(letter: u8) -> bool {
    matches!(letter, b'0'..=b'7') || b"abfnrtvxXuU?/\\'\"".contains(&letter)
}

/// What follows the line.
fn line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default()
}

/// What follows a comment of several lines; readers do not agree on one within another.
fn block(mut rest: &[u8]) -> Result<&[u8], SchemaError> {
    loop {
        rest = match rest {
            [b'*', b'/', after @ ..] => return Ok(after),
            [b'/', b'*', ..] | [] => {
                return Err(SchemaError::of("a comment in it has no end, or another in it"));
            }
            [_, after @ ..] => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_between_tokens_does_not_count() {
        for (text, small) in [
            ("{ \"b\" : 1.00,\n\"a\":\" x \\\" y \" }", "{\"b\":1.00,\"a\":\" x \\\" y \"}"),
            ("\"string\"", "\"string\""),
            ("[ {}, [ ], \"\\\\\" , 1]", "[{},[],\"\\\\\",1]"),
        ] {
            assert_eq!(minify(text), small);
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_neither_count_nor_hide_others() {
        let nested = |aside: &str| format!("message A {{{aside}").repeat(DEPTH_MAX + 1);
        let wide = |aside: &str| format!("message A {{{aside}}}").repeat(DEPTH_MAX + 1);
        for (text, holds) in [
            (nested(""), false),
            (nested(" // }\n"), false),
            (nested(" # }\n"), false),
            (nested(" /* } */"), false),
            (nested(" option a = \"}\";"), false),
            (nested(" option a = '}';"), false),
            (nested(" option a = \"\\\"}\";"), false),
            (wide(""), true),
            (wide(" // {\n"), true),
            (wide(" /* it's { */"), true),
            (wide(" option a = \"{\\\\\";"), true),
            (wide(" option a = '\"{';"), true),
            ("{\"pattern\": \"\\/[\\u0041\"}".repeat(80), true),
            ("/* a /* b */".to_owned(), false),
            ("\"no end".to_owned(), false),
            ("\"a\nb\"".to_owned(), false),
            ("\"\\q\"".to_owned(), false),
        ] {
            assert_eq!(bounded(&text).is_ok(), holds, "{}", text.get(..40).unwrap_or(&text));
        }
    }
}
