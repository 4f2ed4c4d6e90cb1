//! The text of a schema without what does not count.

use super::{DEPTH_MAX, SchemaError};
use crate::nesting;

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

/// Refuses a text that nests too deep, before anything reads it by recursion.
pub(super) fn bounded(text: &str) -> Result<(), SchemaError> {
    nesting::bounded(text, DEPTH_MAX).map_err(SchemaError)
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
}
