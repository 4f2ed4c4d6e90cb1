//! Numbers: no floating point in the crates that count money.

use super::scan::{is_word, words};
use super::{Look, Violation};

/// Crates in which no float may stand, tests included.
const EXACT: &[&str] = &["ledger", "settle"];

/// Refuses the float types and float literals.
pub fn check(look: &Look<'_>, found: &mut Vec<Violation>) {
    if !EXACT.contains(&look.place.krate) {
        return;
    }
    let what = "no floats where money is: count in integer units or exact decimals";
    for name in ["f32", "f64"] {
        for at in words(&look.source.code, name) {
            found.push(look.at(at, "float", what));
        }
    }
    for at in float_literals(&look.source.code) {
        found.push(look.at(at, "float", what));
    }
}

/// The offsets of float literals: `1.5`, `1.`, `2e9`, `1_f64`; not `0..9`, `pair.0.1`, `1.max(2)`.
fn float_literals(code: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
        let field = at > 0 && bytes[at - 1] == b'.' && bytes.get(at.wrapping_sub(2)) != Some(&b'.');
        if bytes[at].is_ascii_digit() && !field && is_float(&code[at..end], &code[end..]) {
            found.push(at);
        }
        at = end;
    }
    found
}

/// Whether the word `number`, which begins with a digit, is a float, given what follows it.
fn is_float(number: &str, rest: &str) -> bool {
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut next = rest.bytes();
    let point = next.next() == Some(b'.');
    let behind = next.next();
    let fraction = behind.is_none_or(|b| b.is_ascii_digit() || b != b'.' && !is_word(b));
    let radix = ["0x", "0b", "0o"].iter().any(|prefix| number.starts_with(prefix));
    let suffix = number.ends_with("f32") || number.ends_with("f64");
    let exponent = number.split_once(['e', 'E']).is_some_and(|(mantissa, power)| {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        digits(mantissa) && digits(power)
    });
    plain && point && fraction || !radix && (suffix || exponent)
}
