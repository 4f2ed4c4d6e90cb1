//! Checks of identifiers: names of operators and sources, event ids, kinds, assets.

use crate::limits;

/// Whether `bytes` is an operator or source name: `[a-z0-9-]{1,64}`.
pub fn is_name(bytes: &[u8]) -> bool {
    (1..=limits::NAME_BYTES_MAX).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

/// Whether `text` is an event id: 1 to 128 bytes of UTF-8 without control characters.
pub fn is_event_id(text: &str) -> bool {
    (1..=limits::ID_BYTES_MAX).contains(&text.len())
        && if text.is_ascii() {
            text.bytes().all(|b| (0x20..0x7f).contains(&b))
        } else {
            !text.chars().any(char::is_control)
        }
}

/// Whether `bytes` is a kind or dimension name: `[a-z][a-z0-9_-]*`, at most 64 bytes.
pub fn is_word(bytes: &[u8]) -> bool {
    (1..=limits::KIND_BYTES_MAX).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_' || *b == b'-')
}

/// Whether `bytes` is an asset code: `[A-Z0-9]{1,16}` beginning with a letter.
pub fn is_asset_code(bytes: &[u8]) -> bool {
    (1..=limits::ASSET_BYTES_MAX).contains(&bytes.len())
        && bytes[0].is_ascii_uppercase()
        && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_words_ids_and_assets() {
        for (text, name, word, asset) in [
            ("studio-a", true, true, false),
            ("Studio", false, false, false),
            ("9x", true, false, false),
            ("a_b", false, true, false),
            ("EUR", false, false, true),
            ("1EUR", false, false, false),
            ("", false, false, false),
        ] {
            let bytes = text.as_bytes();
            assert_eq!(is_name(bytes), name, "{text} as a name");
            assert_eq!(is_word(bytes), word, "{text} as a word");
            assert_eq!(is_asset_code(bytes), asset, "{text} as an asset");
        }
        assert!(!is_name("a".repeat(65).as_bytes()) && is_name("a".repeat(64).as_bytes()));
        for (id, good) in
            [("t-81", true), ("", false), ("a\u{7f}", false), ("주문 1", true), ("a\u{85}", false)]
        {
            assert_eq!(is_event_id(id), good, "{id:?}");
        }
    }
}
