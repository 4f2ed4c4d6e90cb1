//! Words of an expression, each with the place of its first character.

use super::code::EXPRESSION;
use ledger::Decimal;
use ledger::code::Code;

/// A mistake in an expression: characters from its beginning, and what is wrong.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    pub(super) at: usize,
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Mistake {
    pub(super) fn new(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, code: EXPRESSION, message: message.into(), hint: hint.into() }
    }

    pub(super) fn coded(code: Code, at: usize, message: String, hint: &str) -> Self {
        Self { at, code, message, hint: hint.to_owned() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word.
    Word(String),
    /// A column in backquotes.
    Column(String),
    Text(String),
    Number(Decimal),
    Symbol(&'static str),
}

const SYMBOLS: &[&str] =
    &["==", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",", ".", "$", "^", "@"];

/// The tokens of `text`, with their places counted in characters from `offset`.
pub(super) fn tokens(text: &[char], offset: usize) -> Result<Vec<(usize, Token)>, Mistake> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&first) = text.get(at) {
        let start = at;
        let token = if first.is_whitespace() {
            at += 1;
            continue;
        } else if first.is_ascii_digit() {
            at = run(text, at, |c| c.is_ascii_digit() || c == '.');
            number(&text[start..at], offset + start)?
        } else if first.is_alphabetic() || first == '_' {
            at = run(text, at, |c| c.is_alphanumeric() || c == '_');
            Token::Word(text[start..at].iter().collect())
        } else if matches!(first, '\'' | '"' | '`') {
            let length = text[at + 1..].iter().position(|c| *c == first).ok_or_else(|| {
                Mistake::new(offset + start, format!("{first} is opened and not closed"), "")
            })?;
            at += length + 2;
            let inner: String = text[start + 1..at - 1].iter().collect();
            if first == '`' { Token::Column(inner) } else { Token::Text(inner) }
        } else {
            let symbol = symbol(&text[at..]).ok_or_else(|| {
                let hint = "names with other characters than letters go in backquotes";
                Mistake::new(offset + start, format!("`{first}` has no meaning here"), hint)
            })?;
            at += symbol.len();
            Token::Symbol(symbol)
        };
        found.push((offset + start, token));
    }
    Ok(found)
}

fn run(text: &[char], start: usize, holds: impl Fn(char) -> bool) -> usize {
    text[start..].iter().position(|c| !holds(*c)).map_or(text.len(), |length| start + length)
}

fn number(text: &[char], at: usize) -> Result<Token, Mistake> {
    let digits: String = text.iter().collect();
    match digits.parse() {
        Ok(number) => Ok(Token::Number(number)),
        Err(_) => Err(Mistake::new(at, format!("`{digits}` is not a decimal number"), "")),
    }
}

fn symbol(text: &[char]) -> Option<&'static str> {
    let fits = |symbol: &&&str| {
        symbol.len() <= text.len() && symbol.chars().zip(text).all(|(a, b)| a == *b)
    };
    SYMBOLS.iter().find(fits).copied()
}
