//! JSON in one form alone (RFC 8785, the JSON Canonicalization Scheme): no space, fields ascending
//! by the UTF-16 of their names, the fewest escapes, numbers as ECMAScript writes them.
//!
//! Numbers are doubles there, and others are rounded. Whoever must not lose a digit looks at
//! [`Canonical::is_exact`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Most levels of nesting: reading goes down with them.
const DEPTH_MAX: usize = 128;

/// A text in its one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    /// The text.
    pub text: String,
    /// Whether every number in it is the one that was given.
    pub is_exact: bool,
}

/// The one form of a JSON text.
///
/// # Errors
/// It is no JSON, two fields of an object have one name, a number is beyond doubles, or it nests
/// deeper than 128 levels: one sentence.
pub fn canonical(text: &str) -> Result<Canonical, String> {
    // After this only what the scheme itself demands can be wrong.
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| error.to_string())?;
    let mut reader = Reader { rest: text, is_exact: true };
    let text = reader.value(0)?;
    Ok(Canonical { text, is_exact: reader.is_exact })
}

/// Reads a text that is known to be JSON.
struct Reader<'t> {
    rest: &'t str,
    is_exact: bool,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Result<String, String> {
        if depth > DEPTH_MAX {
            return Err(format!("it nests deeper than {DEPTH_MAX} levels"));
        }
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => self.string().map(|text| quoted(&text)),
            Some('t' | 'f' | 'n') => Ok(self.while_in(|c| c.is_ascii_lowercase()).to_owned()),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<String, String> {
        // The order of UTF-16 is not that of bytes: what is beyond the first plane comes earlier.
        let mut fields: BTreeMap<Vec<u16>, String> = BTreeMap::new();
        self.skip();
        while self.peek() != Some('}') {
            let name = self.string()?;
            self.peek(); // space before the colon
            self.skip();
            let field = format!("{}:{}", quoted(&name), self.value(depth + 1)?);
            if fields.insert(name.encode_utf16().collect(), field).is_some() {
                return Err(format!("two fields of one object have the name {}", quoted(&name)));
            }
            if self.peek() == Some(',') {
                self.skip();
                self.peek();
            }
        }
        self.skip();
        Ok(format!("{{{}}}", fields.into_values().collect::<Vec<_>>().join(",")))
    }

    fn array(&mut self, depth: usize) -> Result<String, String> {
        let mut items = Vec::new();
        self.skip();
        while self.peek() != Some(']') {
            items.push(self.value(depth + 1)?);
            if self.peek() == Some(',') {
                self.skip();
            }
        }
        self.skip();
        Ok(format!("[{}]", items.join(",")))
    }

    fn string(&mut self) -> Result<String, String> {
        let (mut escaped, mut end) = (false, self.rest.len());
        for (at, letter) in self.rest.char_indices().skip(1) {
            if letter == '"' && !escaped {
                end = at + 1;
                break;
            }
            escaped = letter == '\\' && !escaped;
        }
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        serde_json::from_str(token).map_err(|error| error.to_string())
    }

    fn number(&mut self) -> Result<String, String> {
        let token = self.while_in(|c| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let number: f64 = token.parse().map_err(|_| format!("`{token}` is no number"))?;
        if !number.is_finite() {
            return Err(format!("the number {token} is beyond what a double holds"));
        }
        let text = ecma(number);
        self.is_exact &= digits(token) == digits(&text);
        Ok(text)
    }

    /// What comes next, after space.
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.rest.chars().next()
    }

    /// Passes one ASCII letter.
    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn while_in(&mut self, is_in: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|letter| !is_in(letter)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }
}

/// A string with the escapes that must be, and no other.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a text does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A finite double as ECMAScript writes it: the fewest digits that mean it, an exponent where it
/// has more than 21 digits before the point or more than 6 zeros after it.
fn ecma(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    // The fewest digits, of two as near those that end even, which those of the standard library
    // need not do.
    let written = serde_json::to_string(&number.abs()).unwrap_or_default();
    let (_, digits, last) = digits(&written);
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let exponent = i32::try_from(last).unwrap_or(0) + count - 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let point = usize::try_from(exponent + 1).unwrap_or(0);
    match exponent {
        0..=20 if count <= exponent + 1 => format!("{sign}{digits}{}", zeros(exponent + 1 - count)),
        0..=20 => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
        -6..=-1 => format!("{sign}0.{}{digits}", zeros(-exponent - 1)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{point}{rest}e{exponent:+}")
        }
    }
}

/// The digits of a number as it is written, without zeros at either end, and the power of ten of
/// the last: equal for equal numbers.
fn digits(token: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: String = whole.chars().chain(part.chars()).filter(char::is_ascii_digit).collect();
    let kept = all.trim_end_matches('0');
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    let narrow = |length: usize| i64::try_from(length).unwrap_or(0);
    let last =
        exponent.saturating_add(narrow(all.len() - kept.len())).saturating_sub(narrow(part.len()));
    let kept = kept.trim_start_matches('0').to_owned();
    if kept.is_empty() { (false, kept, 0) } else { (token.starts_with('-'), kept, last) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    /// The samples of RFC 8785, Appendix B: the bits of a double, and how it is written.
    #[test]
    fn numbers_of_the_appendix() {
        for (bits, text) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            let number = f64::from_bits(bits);
            assert_eq!(ecma(number), text, "{bits:x}");
            assert_eq!(text.parse::<f64>().unwrap().to_bits() << 1, bits << 1, "{text}");
        }
    }

    #[test]
    fn one_form_and_what_was_lost() {
        for (text, form, is_exact) in [
            (" { \"b\" : 1.00 , \"a\" : [ ] } ", "{\"a\":[],\"b\":1}", true),
            (
                "[true,false,null,\"\\u0041\\/\\u001f\\n\"]",
                "[true,false,null,\"A/\\u001f\\n\"]",
                true,
            ),
            ("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2}", "{\"\u{1f600}\":2,\"\u{fb33}\":1}", true),
            ("[0.1, 1e2, 1E-7, -0.0, 10e-1]", "[0.1,100,1e-7,0,1]", true),
            ("9007199254740993", "9007199254740992", false),
            ("0.10000000000000000001", "0.1", false),
            ("1e-400", "0", false),
            ("\"\\\\\"", "\"\\\\\"", true),
            ("[0e9223372036854775807, 1e-9223372036854775808]", "[0,0]", false),
        ] {
            let found = canonical(text).unwrap();
            assert_eq!((found.text.as_str(), found.is_exact), (form, is_exact), "{text}");
            assert_eq!(canonical(form).unwrap().text, form, "its form is its own");
        }
        for (text, said) in [
            ("{\"a\":1,\"\\u0061\":2}", "two fields"),
            ("1e400", "number"),
            ("{", "EOF"),
            ("\"\\ud800\"", "hex escape"),
            ("01", "invalid number"),
        ] {
            let error = canonical(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(canonical(&"[".repeat(200)).is_err());
        let deep = format!("{}{}", "[".repeat(130), "]".repeat(130));
        assert!(canonical(&deep).is_err());
    }
}
