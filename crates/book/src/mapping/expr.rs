//! The small language of mappings, as a tree. There are no floats and no silent rounding in it.
//!
//! Texts in quotes (`'C'` or `"C"`), exact decimals, columns (`Bet`, `` `Customer ID` ``, a path
//! `a.b`, a joined column `order.status`, a path from the root of a JSON document `$.a.b`, or
//! from the objects around the row, `^.a` and `^^.a`), the row's number `@row`; `+ - * /`,
//! `= != < <= > >=`, `and or not`, parentheses. `/` must come out exactly within 18 decimals;
//! `div(a, b, 4, half_even)` and `round(a, 2, half_up)` round as told. `present(a)`,
//! `missing(a)`, `abs(a)`, `starts_with(a, b)`, `ends_with`, `contains`,
//! `lower`, `upper`, `trim`, `map(table, a)`, `map(table, a, otherwise)`. In a template every
//! `{expression}` is replaced by its value, and `{{` and `}}` stand for braces.

use ledger::{Decimal, Rounding};

/// A value to be computed from a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A column, by index in the mapping.
    Column(usize),
    /// The row's number in the file, from 1.
    RowNumber,
    /// A text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// The number with the other sign.
    Negate(Box<Expr>),
    /// The number without its sign.
    Absolute(Box<Expr>),
    /// Two numbers to one.
    Calculate(Operation, Box<Expr>, Box<Expr>),
    /// A number to fewer decimals.
    Round(Box<Expr>, u8, Rounding),
    /// Two values against each other: as numbers when `numeric`, else as texts.
    Compare {
        /// How.
        how: Compare,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
        /// As numbers.
        numeric: bool,
    },
    /// Both hold.
    And(Box<Expr>, Box<Expr>),
    /// One holds.
    Or(Box<Expr>, Box<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// There is a value.
    Present(Box<Expr>),
    /// A text to a text or a condition.
    Call(Function, Vec<Expr>),
    /// A value looked up in a table, by index in the mapping.
    Map {
        /// Index of the table.
        table: usize,
        /// What is looked up.
        value: Box<Expr>,
        /// What it is when the table lacks it.
        otherwise: Option<Box<Expr>>,
    },
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The sum.
    Add,
    /// The difference.
    Subtract,
    /// The product.
    Multiply,
    /// The quotient, which must be exact within 18 decimals.
    DivideExactly,
    /// The quotient rounded as told.
    Divide(u8, Rounding),
}

/// Comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Same.
    Equal,
    /// Not the same.
    Unequal,
    /// Smaller.
    Less,
    /// Smaller or the same.
    AtMost,
    /// Larger.
    Greater,
    /// Larger or the same.
    AtLeast,
}

impl Compare {
    /// Whether it holds for sides in this order.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

/// Functions of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The first begins with the second.
    StartsWith,
    /// The first ends with the second.
    EndsWith,
    /// The first has the second in it.
    Contains,
    /// In small letters.
    Lower,
    /// In capitals.
    Upper,
    /// Without white space around it.
    Trim,
}

/// What an expression is known to be before any row is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A column: text or number, as it is used.
    Any,
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Truth,
}

impl Expr {
    /// What it is known to be.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Column(_) => Kind::Any,
            Self::Text(_) | Self::Map { .. } => Kind::Text,
            Self::RowNumber
            | Self::Number(_)
            | Self::Negate(_)
            | Self::Absolute(_)
            | Self::Calculate(..)
            | Self::Round(..) => Kind::Number,
            Self::Compare { .. }
            | Self::And(..)
            | Self::Or(..)
            | Self::Not(_)
            | Self::Present(_) => Kind::Truth,
            Self::Call(function, _) => match function {
                Function::StartsWith | Function::EndsWith | Function::Contains => Kind::Truth,
                Function::Lower | Function::Upper | Function::Trim => Kind::Text,
            },
        }
    }
}

/// Text with values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Stands as it is.
    Literal(String),
    /// Is replaced by its value.
    Value(Expr),
}

impl Template {
    /// The text, when nothing in it depends on the row.
    pub fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}
