//! Values in addresses.

use std::fmt::Write as _;

/// A value as one segment of a path, or as the value of a field of a query or a form.
pub fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        for (value, text) in [
            ("a-1._~", "a-1._~"),
            ("a b/c?d&e", "a%20b%2Fc%3Fd%26e"),
            ("정산", "%EC%A0%95%EC%82%B0"),
        ] {
            assert_eq!(escaped(value), text);
        }
    }
}
