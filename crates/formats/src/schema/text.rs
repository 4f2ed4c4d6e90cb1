//! The text of a schema without what does not count.

use super::{DEPTH_MAX, SchemaError};
use serde_json::Value;
use std::fmt::Write;

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

/// A JSON text with the fields of every object ascending by name, and no space.
pub(super) fn sort(text: &str) -> String {
    let mut out = String::new();
    if let Ok(value) = serde_json::from_str(text) {
        put(&value, &mut out);
    }
    out
}

fn put(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            for (at, (name, value)) in fields.into_iter().enumerate() {
                out.push(if at == 0 { '{' } else { ',' });
                // A formatter that writes to a text does not fail.
                let _ = write!(out, "{}:", Value::String(name.clone()));
                put(value, out);
            }
            out.push_str(if map.is_empty() { "{}" } else { "}" });
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                put(item, out);
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// Refuses a text whose brackets nest too deep, before anything reads it by recursion. Those in
/// strings and comments count too: no schema has so many.
pub(super) fn bounded(text: &str) -> Result<(), SchemaError> {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' | b'(' | b'<' => depth += 1,
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    if most > DEPTH_MAX {
        return Err(SchemaError(format!("it nests deeper than {DEPTH_MAX} levels")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_between_tokens_does_not_count_and_order_only_until_it_is_sorted() {
        for (text, small, sorted) in [
            (
                "{ \"b\" : 1.00,\n\"a\":\" x \\\" y \" }",
                "{\"b\":1.00,\"a\":\" x \\\" y \"}",
                "{\"a\":\" x \\\" y \",\"b\":1.0}",
            ),
            ("\"string\"", "\"string\"", "\"string\""),
            ("[ {}, [ ], \"\\\\\" , 1]", "[{},[],\"\\\\\",1]", "[{},[],\"\\\\\",1]"),
        ] {
            assert_eq!((minify(text).as_str(), sort(text).as_str()), (small, sorted));
        }
    }
}
