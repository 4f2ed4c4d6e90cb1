//! How deep a text nests, for languages with brackets whose readers go down with them: JSON, Avro,
//! Protobuf, Cedar. Told before anything is read by recursion, since a stack that ends ends the
//! process, and nothing contains that.

/// Refuses a text whose brackets nest deeper than `most`. Brackets in strings and comments are
/// passed over, so that none there can hide those that count; a text whose strings, comments or
/// brackets cannot be told for certain is refused. `<` may be a bracket or a comparison.
///
/// # Errors
/// What is wrong, in words.
pub fn bounded(text: &str, most: usize) -> Result<(), String> {
    let (mut rest, mut open) = (text.as_bytes(), Vec::new());
    while let [byte, after @ ..] = rest {
        rest = match (byte, after) {
            (b'"' | b'\'', _) => string(*byte, after)?,
            (b'/', [b'/', ..]) | (b'#', _) => line(after),
            (b'/', [b'*', after @ ..]) => block(after)?,
            _ => after,
        };
        match byte {
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'(' => open.push(b')'),
            b'<' => open.push(b'>'),
            b'>' => {
                open.pop_if(|end| *end == b'>');
            }
            b'}' | b']' | b')' => {
                while open.pop_if(|end| *end == b'>').is_some() {}
                if open.pop() != Some(*byte) {
                    return Err("its brackets do not fit together".to_owned());
                }
            }
            _ => {}
        }
        if open.len() > most {
            return Err(format!("it nests deeper than {most} levels"));
        }
    }
    Ok(())
}

/// What follows a string that `quote` began.
fn string(quote: u8, mut rest: &[u8]) -> Result<&[u8], String> {
    loop {
        rest = match rest {
            [byte, after @ ..] if *byte == quote => return Ok(after),
            [b'\\', escaped, after @ ..] if is_escape(*escaped) => after,
            [b'\\' | b'\n' | 0, ..] | [] => {
                return Err("a string in it has no end, or an unknown escape".to_owned());
            }
            [_, after @ ..] => after,
        };
    }
}

/// Whether a letter may follow a backslash in any of the languages.
fn is_escape(letter: u8) -> bool {
    matches!(letter, b'0'..=b'7') || b"abfnrtvxXuU?/*\\'\"".contains(&letter)
}

/// What follows the line.
fn line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default()
}

/// What follows a comment of several lines; readers do not agree on one within another.
fn block(mut rest: &[u8]) -> Result<&[u8], String> {
    loop {
        rest = match rest {
            [b'*', b'/', after @ ..] => return Ok(after),
            [b'/', b'*', ..] | [] => {
                return Err("a comment in it has no end, or another in it".to_owned());
            }
            [_, after @ ..] => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 64;

    #[test]
    fn brackets_in_strings_and_comments_neither_count_nor_hide_others() {
        let nested = |aside: &str| format!("message A {{{aside}").repeat(MOST + 1);
        let wide = |aside: &str| format!("message A {{{aside}}}").repeat(MOST + 1);
        for (text, holds) in [
            (nested(""), false),
            (nested(" // }\n"), false),
            (nested(" # }\n"), false),
            (nested(" /* } */"), false),
            (nested(" option a = \"}\";"), false),
            (nested(" option a = '}';"), false),
            (nested(" option a = \"\\\"}\";"), false),
            (nested(" ) "), false),
            (nested(" > "), false),
            ("(1 > ".repeat(MOST + 1), false),
            ("a < ".repeat(MOST + 1), false),
            ("when { (a < b) && c > d };".repeat(MOST + 1), true),
            ("map<string, string> a = 1;".repeat(MOST + 1), true),
            ("}".to_owned(), false),
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
            assert_eq!(bounded(&text, MOST).is_ok(), holds, "{}", text.get(..40).unwrap_or(&text));
        }
    }
}
