//! Expressions and templates from text, by precedence, with the place of every mistake.

use super::code::{EXPRESSION_TYPE, UNKNOWN_FUNCTION, UNKNOWN_MAP};
use super::expr::{Compare, Expr, Function, Kind, Operation, Part, Template};
use super::lex::{Mistake, Token, tokens};
use super::{Column, ValueMap};
use crate::suggest;
use ledger::Rounding;

/// Deepest nesting of one expression: it is parsed and computed recursively.
const DEPTH_MAX: usize = 48;

const FUNCTIONS: &[&str] = &[
    "round",
    "div",
    "abs",
    "present",
    "missing",
    "starts_with",
    "ends_with",
    "contains",
    "lower",
    "upper",
    "trim",
    "map",
];

const ROUNDINGS: &[(&str, Rounding)] = &[
    ("half_up", Rounding::HalfUp),
    ("half_even", Rounding::HalfEven),
    ("half_down", Rounding::HalfDown),
    ("down", Rounding::Down),
    ("up", Rounding::Up),
    ("floor", Rounding::Floor),
    ("ceiling", Rounding::Ceiling),
];

/// What expressions may name, and the columns that they do name.
pub(super) struct Scope<'m> {
    pub(super) maps: &'m [ValueMap],
    pub(super) joins: Vec<String>,
    /// Whether a dotted path and `$.` are paths into JSON.
    pub(super) json: bool,
    pub(super) columns: Vec<Column>,
}

impl Scope<'_> {
    fn column(&mut self, column: Column) -> Expr {
        let at = self.columns.iter().position(|known| *known == column).unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        });
        Expr::Column(at)
    }
}

/// An expression that fills `text`.
pub(super) fn expression(text: &str, scope: &mut Scope<'_>) -> Result<Expr, Mistake> {
    let chars: Vec<char> = text.chars().collect();
    whole(&chars, 0, scope)
}

/// A template.
pub(super) fn template(text: &str, scope: &mut Scope<'_>) -> Result<Template, Mistake> {
    let chars: Vec<char> = text.chars().collect();
    let (mut parts, mut literal, mut at) = (Vec::new(), String::new(), 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('{', Some('{')) | ('}', Some('}')) => {
                literal.push(chars[at]);
                at += 2;
            }
            ('{', _) => {
                let length = closing(&chars[at + 1..])
                    .ok_or_else(|| Mistake::new(at, "{ is opened and not closed", ""))?;
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                let value = whole(&chars[at + 1..at + 1 + length], at + 1, scope)?;
                if value.kind() == Kind::Truth {
                    let message = "a condition has no text".to_owned();
                    return Err(Mistake::coded(EXPRESSION_TYPE, at + 1, message, ""));
                }
                parts.push(Part::Value(value));
                at += length + 2;
            }
            ('}', _) => return Err(Mistake::new(at, "} closes nothing", "write }} for a brace")),
            (other, _) => {
                literal.push(other);
                at += 1;
            }
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(Template(parts))
}

/// Position of the `}` that ends an expression: not one inside quotes.
fn closing(chars: &[char]) -> Option<usize> {
    let mut quote = None;
    chars.iter().position(|c| {
        if let Some(open) = quote {
            quote = Some(open).filter(|open| open != c);
            return false;
        }
        quote = Some(*c).filter(|c| matches!(c, '\'' | '"' | '`'));
        *c == '}'
    })
}

fn whole(chars: &[char], offset: usize, scope: &mut Scope<'_>) -> Result<Expr, Mistake> {
    let tokens = tokens(chars, offset)?;
    let end = offset + chars.len();
    let mut parser = Parser { tokens, at: 0, end, depth: 0, scope };
    let expr = parser.either()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some((at, _)) => Err(Mistake::new(*at, "the expression could have ended before this", "")),
    }
}

struct Parser<'p, 'm> {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
    depth: usize,
    scope: &'p mut Scope<'m>,
}

type Parsed = Result<Expr, Mistake>;

impl Parser<'_, '_> {
    fn either(&mut self) -> Parsed {
        self.chain("or", Self::both, Expr::Or)
    }

    fn both(&mut self) -> Parsed {
        self.chain("and", Self::denied, Expr::And)
    }

    fn chain(
        &mut self,
        word: &str,
        side: fn(&mut Self) -> Parsed,
        join: fn(Box<Expr>, Box<Expr>) -> Expr,
    ) -> Parsed {
        let start = self.place();
        let mut left = side(self)?;
        while self.word(word) {
            demand(&left, Kind::Truth, start)?;
            let right_start = self.place();
            let right = side(self)?;
            demand(&right, Kind::Truth, right_start)?;
            left = join(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn denied(&mut self) -> Parsed {
        if !self.word("not") {
            return self.comparison();
        }
        self.deeper(|parser| {
            let start = parser.place();
            let inner = parser.denied()?;
            demand(&inner, Kind::Truth, start)?;
            Ok(Expr::Not(Box::new(inner)))
        })
    }

    fn comparison(&mut self) -> Parsed {
        let start = self.place();
        let left = self.sum()?;
        let how = match self.symbol(&["==", "=", "!=", "<", "<=", ">", ">="]) {
            None => return Ok(left),
            Some("==" | "=") => Compare::Equal,
            Some("!=") => Compare::Unequal,
            Some("<") => Compare::Less,
            Some("<=") => Compare::AtMost,
            Some(">") => Compare::Greater,
            Some(_) => Compare::AtLeast,
        };
        let right_start = self.place();
        let right = self.sum()?;
        let sides = (left.kind(), right.kind());
        let numeric = matches!(sides, (Kind::Number, _) | (_, Kind::Number));
        let wanted = if numeric { Kind::Number } else { Kind::Text };
        demand(&left, wanted, start)?;
        demand(&right, wanted, right_start)?;
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(Expr::Compare { how, left, right, numeric })
    }

    fn sum(&mut self) -> Parsed {
        self.arithmetic(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Parsed {
        self.arithmetic(&["*", "/"], Self::signed)
    }

    fn arithmetic(
        &mut self,
        symbols: &'static [&'static str],
        side: fn(&mut Self) -> Parsed,
    ) -> Parsed {
        let start = self.place();
        let mut left = side(self)?;
        while let Some(symbol) = self.symbol(symbols) {
            demand(&left, Kind::Number, start)?;
            let right_start = self.place();
            let right = side(self)?;
            demand(&right, Kind::Number, right_start)?;
            let operation = match symbol {
                "+" => Operation::Add,
                "-" => Operation::Subtract,
                "*" => Operation::Multiply,
                _ => Operation::DivideExactly,
            };
            left = Expr::Calculate(operation, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Parsed {
        if self.symbol(&["-"]).is_none() {
            return self.primary();
        }
        self.deeper(|parser| {
            let start = parser.place();
            let inner = parser.signed()?;
            demand(&inner, Kind::Number, start)?;
            Ok(Expr::Negate(Box::new(inner)))
        })
    }

    fn primary(&mut self) -> Parsed {
        let place = self.place();
        match self.next() {
            Some(Token::Number(number)) => Ok(Expr::Number(number)),
            Some(Token::Text(text)) => Ok(Expr::Text(text)),
            Some(Token::Column(name)) => self.column(name),
            Some(Token::Word(word)) if self.peek() == Some(&Token::Symbol("(")) => {
                self.deeper(|parser| parser.call(&word, place))
            }
            Some(Token::Word(word)) => self.column(word),
            Some(Token::Symbol("(")) => self.deeper(|parser| {
                let inner = parser.either()?;
                parser.expect(")")?;
                Ok(inner)
            }),
            Some(Token::Symbol("@")) if self.word("row") => Ok(Expr::RowNumber),
            Some(Token::Symbol("@")) => Err(Mistake::new(place, "only `@row` begins with @", "")),
            Some(Token::Symbol("$")) => {
                if !self.scope.json {
                    let message = "`$.` is the root of a JSON document";
                    return Err(Mistake::new(place, message, "leave it out"));
                }
                self.expect(".")?;
                let first = self.name()?;
                let path = self.path(first)?;
                Ok(self.scope.column(Column::Document(path)))
            }
            Some(Token::Symbol("^")) => self.parent(place),
            Some(Token::Symbol(symbol)) => {
                Err(Mistake::new(place, format!("a value is needed before `{symbol}`"), ""))
            }
            None => Err(Mistake::new(self.end, "a value is missing at the end", "")),
        }
    }

    fn parent(&mut self, place: usize) -> Parsed {
        if !self.scope.json {
            return Err(Mistake::new(place, "`^.` is the parent of a row in JSON", "leave it out"));
        }
        let mut levels = 1;
        while self.symbol(&["^"]).is_some() {
            levels += 1;
        }
        self.expect(".")?;
        let first = self.name()?;
        let path = self.path(first)?;
        Ok(self.scope.column(Column::Parent { levels, path }))
    }

    fn column(&mut self, first: String) -> Parsed {
        let join = self.scope.joins.iter().position(|join| *join == first);
        let mut path = self.path(first)?;
        let column = match join {
            Some(join) if path.len() > 1 => {
                Column::Join { join, name: path.split_off(1).join(".") }
            }
            _ if self.scope.json => Column::Row(path),
            _ => Column::Row(vec![path.join(".")]),
        };
        Ok(self.scope.column(column))
    }

    fn path(&mut self, first: String) -> Result<Vec<String>, Mistake> {
        let mut path = vec![first];
        while self.symbol(&["."]).is_some() {
            path.push(self.name()?);
        }
        Ok(path)
    }

    fn name(&mut self) -> Result<String, Mistake> {
        let place = self.place();
        match self.next() {
            Some(Token::Word(name) | Token::Column(name)) => Ok(name),
            _ => Err(Mistake::new(place, "a name is needed after the dot", "")),
        }
    }

    fn call(&mut self, name: &str, place: usize) -> Parsed {
        self.expect("(")?;
        let expr = match name {
            "round" => {
                let value = self.typed(Kind::Number)?;
                let (scale, rounding) = self.rounding()?;
                Expr::Round(Box::new(value), scale, rounding)
            }
            "div" => {
                let left = self.typed(Kind::Number)?;
                self.expect(",")?;
                let right = self.typed(Kind::Number)?;
                let (scale, rounding) = self.rounding()?;
                let how = Operation::Divide(scale, rounding);
                Expr::Calculate(how, Box::new(left), Box::new(right))
            }
            "abs" => Expr::Absolute(Box::new(self.typed(Kind::Number)?)),
            "present" => Expr::Present(Box::new(self.either()?)),
            "missing" => Expr::Not(Box::new(Expr::Present(Box::new(self.either()?)))),
            "starts_with" => self.texts(Function::StartsWith, 2)?,
            "ends_with" => self.texts(Function::EndsWith, 2)?,
            "contains" => self.texts(Function::Contains, 2)?,
            "lower" => self.texts(Function::Lower, 1)?,
            "upper" => self.texts(Function::Upper, 1)?,
            "trim" => self.texts(Function::Trim, 1)?,
            "map" => self.map()?,
            other => {
                let hint = suggest::hint(other, FUNCTIONS.iter().copied());
                let message = format!("there is no function `{other}`");
                return Err(Mistake::coded(UNKNOWN_FUNCTION, place, message, &hint));
            }
        };
        let place = self.place();
        self.expect(")").map_err(|_| {
            let message = format!("`{name}` takes no more arguments, or ) is missing");
            Mistake::coded(UNKNOWN_FUNCTION, place, message, "")
        })?;
        Ok(expr)
    }

    fn map(&mut self) -> Parsed {
        let place = self.place();
        let Some(Token::Word(name) | Token::Text(name) | Token::Column(name)) = self.next() else {
            return Err(Mistake::new(place, "the name of a table is needed", ""));
        };
        let known = self.scope.maps;
        let Some(table) = known.iter().position(|map| map.name == name) else {
            let hint = suggest::hint(&name, known.iter().map(|map| map.name.as_str()));
            let message = format!("there is no table `{name}` under `maps`");
            return Err(Mistake::coded(UNKNOWN_MAP, place, message, &hint));
        };
        self.expect(",")?;
        let value = Box::new(self.typed(Kind::Text)?);
        let otherwise = match self.symbol(&[","]) {
            Some(_) => Some(Box::new(self.typed(Kind::Text)?)),
            None => None,
        };
        Ok(Expr::Map { table, value, otherwise })
    }

    fn texts(&mut self, function: Function, count: usize) -> Parsed {
        let mut arguments = vec![self.typed(Kind::Text)?];
        while arguments.len() < count {
            self.expect(",")?;
            arguments.push(self.typed(Kind::Text)?);
        }
        Ok(Expr::Call(function, arguments))
    }

    fn typed(&mut self, kind: Kind) -> Parsed {
        let place = self.place();
        let expr = self.either()?;
        demand(&expr, kind, place)?;
        Ok(expr)
    }

    /// `, 2, half_up`.
    fn rounding(&mut self) -> Result<(u8, Rounding), Mistake> {
        self.expect(",")?;
        let place = self.place();
        let scale = match self.next() {
            Some(Token::Number(number)) => number.to_minor(0).ok(),
            _ => None,
        };
        let scale = scale.and_then(|scale| u8::try_from(scale).ok()).filter(|scale| *scale <= 18);
        let scale = scale.ok_or_else(|| {
            Mistake::new(
                place,
                "a number of decimals from 0 to 18 is needed",
                "round(x, 2, half_up)",
            )
        })?;
        self.expect(",")?;
        let place = self.place();
        let word = match self.next() {
            Some(Token::Word(word)) => word,
            _ => String::new(),
        };
        let names: Vec<&str> = ROUNDINGS.iter().map(|(name, _)| *name).collect();
        let found = ROUNDINGS.iter().find(|(name, _)| *name == word);
        found.map(|(_, rounding)| (scale, *rounding)).ok_or_else(|| {
            let message = format!("a rounding is one of {}", suggest::listed(&names));
            Mistake::new(place, message, suggest::hint(&word, names.iter().copied()))
        })
    }

    fn deeper(&mut self, inner: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("the expression is nested more than {DEPTH_MAX} deep");
            return Err(Mistake::new(self.place(), message, ""));
        }
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(at, _)| *at)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned()?;
        self.at += 1;
        Some(token)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(next)) if next == word);
        self.at += usize::from(found);
        found
    }

    fn symbol(&mut self, symbols: &[&str]) -> Option<&'static str> {
        match self.peek() {
            Some(Token::Symbol(next)) if symbols.contains(next) => {
                let found = *next;
                self.at += 1;
                Some(found)
            }
            _ => None,
        }
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Mistake> {
        let place = self.place();
        match self.symbol(&[symbol]) {
            Some(_) => Ok(()),
            None => Err(Mistake::new(place, format!("`{symbol}` is needed here"), "")),
        }
    }
}

fn demand(expr: &Expr, wanted: Kind, at: usize) -> Result<(), Mistake> {
    let found = expr.kind();
    if found == wanted || (found == Kind::Any && wanted != Kind::Truth) {
        return Ok(());
    }
    let name = |kind| match kind {
        Kind::Any => "a column",
        Kind::Text => "a text",
        Kind::Number => "a number",
        Kind::Truth => "a condition",
    };
    let message = format!("{} is needed here, and this is {}", name(wanted), name(found));
    let hint = if wanted == Kind::Truth { "compare it, or ask `present(...)`" } else { "" };
    Err(Mistake::coded(EXPRESSION_TYPE, at, message, hint))
}
