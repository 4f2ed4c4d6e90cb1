//! Account templates: `play:{provider}:{game}:stakes`.

use crate::code;
use crate::diagnostic::{Placed, Reporter};

/// Longest template in bytes, and most parts: an account's path is a key.
const TEMPLATE_BYTES_MAX: usize = 256;
const PARTS_MAX: usize = 16;

/// One part between colons.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Fixed text.
    Literal(String),
    /// `{dimension}`, `{source}` or `{kind}`.
    Named(String),
    /// `*`: anything, in measures only.
    Any,
}

/// Reads a template; `*` is allowed where `with_any` says so. Columns of mistakes are those of the
/// template's beginning: quotes and folding make finer ones guesses.
pub fn parse(
    text: &Placed<String>,
    with_any: bool,
    reporter: &mut Reporter<'_>,
) -> Option<Vec<Part>> {
    let mut wrong = |message: String| {
        reporter.error(code::BAD_TEMPLATE, text.place, message, code::BAD_TEMPLATE.hint);
    };
    if text.value.len() > TEMPLATE_BYTES_MAX || text.value.split(':').count() > PARTS_MAX {
        wrong(format!("the template has more than {PARTS_MAX} parts or 256 bytes"));
        return None;
    }
    let mut parts = Vec::new();
    for part in text.value.split(':') {
        let named = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        parts.push(match (part, named) {
            ("*", _) if with_any => Part::Any,
            (_, Some(name)) if ledger::name::is_word(name.as_bytes()) => {
                Part::Named(name.to_owned())
            }
            (text, None) if is_literal(text) => Part::Literal(text.to_owned()),
            ("", _) => {
                wrong("the template has an empty part".to_owned());
                return None;
            }
            (other, _) => {
                wrong(format!("`{other}` is not a part of an account"));
                return None;
            }
        });
    }
    Some(parts)
}

/// Whether the account is one that statements post on.
pub fn is_settlement(parts: &[Part]) -> bool {
    matches!(parts.first(), Some(Part::Literal(text)) if text == settle::effect::ROOT)
}

/// Reports an account that is, or by the value of a dimension could be, one of statements.
pub fn refuse_settlement(text: &Placed<String>, parts: &[Part], reporter: &mut Reporter<'_>) {
    let could_be = !matches!(parts.first(), Some(Part::Literal(_))) && parts.len() == 3;
    if could_be || is_settlement(parts) {
        let code = code::SETTLEMENT_ACCOUNT;
        reporter.error(code, text.place, code.title, code.hint);
    }
}

fn is_literal(text: &str) -> bool {
    let is_kept = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    !text.is_empty() && text.bytes().all(is_kept)
}
