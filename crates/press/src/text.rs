//! Names as they come, made safe to print: nothing may hide, turn or break the text around it.

/// What is shown for a character that cannot be printed.
pub(crate) const REPLACEMENT: char = '\u{fffd}';
/// Longest text in characters that is printed whole: a name is a few words.
const CHARS_MAX: usize = 600;

/// The text on one line: spaces of all kinds become one space, Hangul written in single letters is
/// put together, and characters that are invisible or turn the direction become
/// [`REPLACEMENT`]; they are added to `bad`.
pub(crate) fn clean(text: &str, bad: &mut impl FnMut(char)) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, char) in text.chars().enumerate() {
        if at == CHARS_MAX {
            out.push('…');
            break;
        }
        match char {
            _ if char.is_whitespace() => {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            }
            _ if is_hidden(char) => {
                bad(char);
                out.push(REPLACEMENT);
            }
            _ => push_composed(&mut out, char),
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Controls, marks of direction, joiners, variation selectors, tags: they print nothing.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Puts a letter of Hangul to the syllable before it where the two are one.
fn push_composed(out: &mut String, char: char) {
    let last = out.chars().next_back();
    let composed = last.and_then(|last| compose(last, char));
    if composed.is_some() {
        out.pop();
    }
    out.push(composed.unwrap_or(char));
}

/// The composition of Hangul by the arithmetic that Unicode states.
fn compose(first: char, second: char) -> Option<char> {
    const SYLLABLE: u32 = 0xac00;
    let (first, second) = (u32::from(first), u32::from(second));
    let code = match (first, second) {
        (0x1100..=0x1112, 0x1161..=0x1175) => {
            SYLLABLE + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
        }
        (SYLLABLE..=0xd7a3, 0x11a8..=0x11c2) if (first - SYLLABLE).is_multiple_of(28) => {
            first + (second - 0x11a7)
        }
        _ => return None,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (given, text, bad) in [
            ("Example Games", "Example Games", 0),
            ("  two\n\tlines\u{a0}here ", "two lines here", 0),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글", 0),
            ("a\u{202e}b", "a\u{fffd}b", 1),
            ("nul\0\u{7f}", "nul\u{fffd}\u{fffd}", 2),
            ("zero\u{200b}width", "zero\u{fffd}width", 1),
            ("", "", 0),
        ] {
            let mut count = 0;
            assert_eq!(clean(given, &mut |_| count += 1), text);
            assert_eq!(count, bad, "{given:?}");
        }
    }

    #[test]
    fn endless_names_are_cut_visibly() {
        let text = clean(&"x".repeat(5000), &mut |_| ());
        assert_eq!(text.chars().count(), CHARS_MAX + 1);
        assert!(text.ends_with('…'));
    }
}
