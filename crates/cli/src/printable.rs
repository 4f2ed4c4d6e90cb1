//! What came from outside, made harmless for a terminal: a character that moves the cursor, hides
//! text or turns its direction is shown as its number instead of being obeyed.

use std::borrow::Cow;

/// Text of several lines: ends of lines stay.
pub fn text(text: &str) -> Cow<'_, str> {
    shown(text, |c| c != '\n' && is_obeyed(c), |c| format!("\\u{{{:x}}}", u32::from(c)))
}

/// A cell of a table: ends of lines are shown too.
pub fn cell(text: &str) -> Cow<'_, str> {
    shown(text, is_obeyed, |c| format!("\\u{{{:x}}}", u32::from(c)))
}

/// JSON, in which such characters can stand within strings only: the same document.
pub fn json(text: &str) -> Cow<'_, str> {
    shown(text, |c| c != '\n' && is_obeyed(c), |c| format!("\\u{:04x}", u32::from(c)))
}

/// Controls of C0 and C1, separators of lines, and what turns the direction of text.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shown(text: &str, hides: impl Fn(char) -> bool, show: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hides(c) {
            out.push_str(&show(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        for (raw, as_text, as_cell) in [
            ("plain, 한국어, é", "plain, 한국어, é", "plain, 한국어, é"),
            ("two\nlines", "two\nlines", "two\\u{a}lines"),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("a\rb\u{9b}2J\u{7f}", "a\\u{d}b\\u{9b}2J\\u{7f}", "a\\u{d}b\\u{9b}2J\\u{7f}"),
            (
                "x\u{202e}y\u{2066}\u{2028}",
                "x\\u{202e}y\\u{2066}\\u{2028}",
                "x\\u{202e}y\\u{2066}\\u{2028}",
            ),
        ] {
            assert_eq!((&*text(raw), &*cell(raw)), (as_text, as_cell));
        }
    }

    #[test]
    fn json_stays_the_same_document() {
        let value = serde_json::json!({ "a\u{202e}": "\u{9b}2J\u{1b}[0m\n\u{7f}" });
        let written = format!("{value:#}");
        let shown = json(&written);
        assert!(!shown.contains(|c| c != '\n' && is_obeyed(c)), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
