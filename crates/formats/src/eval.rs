//! What expressions and templates of a mapping are for one row.

pub(crate) mod number;
pub(crate) mod when;

use crate::failure::Failure;
use book::mapping::{Column, Compare, Expr, Mapping, Operation, Part, Template, expr::Function};
use ledger::{Decimal, DecimalError, Rounding};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Most decimals of an exact quotient: no asset has more.
const QUOTIENT_SCALE_MAX: u8 = 18;

/// What stands in a row under a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'r> {
    Null,
    /// Text, in which numbers are spelled as the mapping says.
    Text(Cow<'r, str>),
    /// A number of the format itself, with a point and perhaps an exponent.
    Number(Cow<'r, str>),
    Truth(bool),
    /// A list or an object.
    Tree,
}

/// A row of any format.
pub(crate) trait Row {
    /// What stands under the column with this index in the mapping.
    fn cell(&self, column: usize) -> Cell<'_>;
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// A column has none.
    Missing(String),
    /// What is there cannot be used.
    Bad(Failure),
}

impl Lack {
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Missing(column) => Failure::missing(format!("the column `{column}` is empty")),
            Self::Bad(failure) => failure,
        }
    }
}

impl From<Failure> for Lack {
    fn from(failure: Failure) -> Self {
        Self::Bad(failure)
    }
}

/// Computes values of one row.
pub(crate) struct Eval<'e> {
    pub(crate) mapping: &'e Mapping,
    pub(crate) row: &'e dyn Row,
    pub(crate) number: u64,
}

impl Eval<'_> {
    /// A template's text.
    pub(crate) fn template(&self, template: &Template) -> Result<String, Lack> {
        let mut out = String::new();
        for part in &template.0 {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Value(expr) => out.push_str(&self.text(expr)?),
            }
        }
        Ok(out)
    }

    /// A text.
    pub(crate) fn text<'v>(&'v self, expr: &'v Expr) -> Result<Cow<'v, str>, Lack> {
        match expr {
            Expr::Text(text) => Ok(Cow::Borrowed(text)),
            Expr::Column(column) => match self.row.cell(*column) {
                Cell::Text(text) if self.is_null(&text) => Err(self.missing(*column)),
                Cell::Text(text) | Cell::Number(text) => Ok(text),
                Cell::Truth(truth) => Ok(Cow::Borrowed(if truth { "true" } else { "false" })),
                Cell::Null => Err(self.missing(*column)),
                Cell::Tree => Err(self.bad(*column, "is a list or an object")),
            },
            Expr::Map { table, value, otherwise } => {
                let table = &self.mapping.maps[*table];
                if let Some(found) = table.get(&self.text(value)?) {
                    return Ok(Cow::Borrowed(found));
                }
                let Some(otherwise) = otherwise else {
                    let reason = format!("a value is not in the table `{}`", table.name);
                    return Err(Failure::form(reason).into());
                };
                self.text(otherwise)
            }
            Expr::Call(function, arguments) => {
                let text = self.text(&arguments[0])?;
                Ok(Cow::Owned(match function {
                    Function::Lower => text.to_lowercase(),
                    Function::Upper => text.to_uppercase(),
                    _ => text.trim().to_owned(),
                }))
            }
            _ => Ok(Cow::Owned(self.amount(expr)?.canonical().to_string())),
        }
    }

    /// A number.
    pub(crate) fn amount(&self, expr: &Expr) -> Result<Decimal, Lack> {
        match expr {
            Expr::Number(number) => Ok(*number),
            Expr::RowNumber => Ok(Decimal::from_minor(i128::from(self.number), 0)),
            Expr::Column(column) => self.column_number(*column),
            Expr::Negate(inner) => Ok(self.amount(inner)?.checked_neg().map_err(arithmetic)?),
            Expr::Absolute(inner) => {
                let number = self.amount(inner)?;
                if !number.is_negative() {
                    return Ok(number);
                }
                Ok(number.checked_neg().map_err(arithmetic)?)
            }
            Expr::Round(inner, scale, mode) => {
                let number = self.amount(inner)?;
                let rounded =
                    if number.scale() <= *scale { Ok(number) } else { number.round(*scale, *mode) };
                Ok(rounded.map_err(arithmetic)?)
            }
            Expr::Calculate(how, left, right) => {
                let (left, right) = (self.amount(left)?, self.amount(right)?);
                Ok(calculate(*how, left, right).map_err(arithmetic)?)
            }
            _ => Err(Failure::form("a text stands where a number is needed").into()),
        }
    }

    /// Whether a condition holds. A comparison with what is missing does not, but for `!=`.
    pub(crate) fn holds(&self, expr: &Expr) -> Result<bool, Failure> {
        Ok(match expr {
            Expr::And(left, right) => self.holds(left)? && self.holds(right)?,
            Expr::Or(left, right) => self.holds(left)? || self.holds(right)?,
            Expr::Not(inner) => !self.holds(inner)?,
            Expr::Present(inner) => known(self.present(inner))?.unwrap_or(false),
            Expr::Compare { how, left, right, numeric } => {
                let order = known(self.order(left, right, *numeric))?;
                order.map_or(*how == Compare::Unequal, |order| how.holds(order))
            }
            Expr::Call(function, arguments) => {
                let texts =
                    self.text(&arguments[0]).and_then(|a| Ok((a, self.text(&arguments[1])?)));
                known(texts)?.is_some_and(|(text, part)| match function {
                    Function::StartsWith => text.starts_with(&*part),
                    Function::EndsWith => text.ends_with(&*part),
                    _ => text.contains(&*part),
                })
            }
            _ => return Err(Failure::form("a value stands where a condition is needed")),
        })
    }

    fn order(&self, left: &Expr, right: &Expr, numeric: bool) -> Result<Ordering, Lack> {
        if numeric {
            return Ok(self.amount(left)?.cmp(&self.amount(right)?));
        }
        Ok(self.text(left)?.cmp(&self.text(right)?))
    }

    fn present(&self, expr: &Expr) -> Result<bool, Lack> {
        match expr {
            Expr::Column(column) if self.row.cell(*column) == Cell::Tree => Ok(true),
            _ => self.text(expr).map(|_| true),
        }
    }

    fn column_number(&self, column: usize) -> Result<Decimal, Lack> {
        let number = match self.row.cell(column) {
            Cell::Null => return Err(self.missing(column)),
            Cell::Text(text) if self.is_null(&text) => return Err(self.missing(column)),
            Cell::Text(text) => number::spelled(&text, self.mapping.numbers),
            Cell::Number(text) => number::native(&text),
            Cell::Truth(_) | Cell::Tree => None,
        };
        number.ok_or_else(|| self.bad(column, "is not a decimal number"))
    }

    fn is_null(&self, text: &str) -> bool {
        text.is_empty() || self.mapping.nulls.iter().any(|null| null == text)
    }

    fn missing(&self, column: usize) -> Lack {
        Lack::Missing(self.name(column))
    }

    fn bad(&self, column: usize, what: &str) -> Lack {
        Failure::form(format!("the column `{}` {what}", self.name(column))).into()
    }

    fn name(&self, column: usize) -> String {
        self.mapping.columns.get(column).map(Column::to_string).unwrap_or_default()
    }
}

/// `None` for what is missing.
fn known<T>(value: Result<T, Lack>) -> Result<Option<T>, Failure> {
    match value {
        Ok(value) => Ok(Some(value)),
        Err(Lack::Missing(_)) => Ok(None),
        Err(Lack::Bad(failure)) => Err(failure),
    }
}

fn calculate(how: Operation, left: Decimal, right: Decimal) -> Result<Decimal, DecimalError> {
    match how {
        Operation::Add => left.checked_add(right),
        Operation::Subtract => left.checked_sub(right),
        Operation::Multiply => left.checked_mul(right),
        Operation::Divide(scale, mode) => left.checked_div(right, scale, mode),
        Operation::DivideExactly => {
            let quotient = left.checked_div(right, QUOTIENT_SCALE_MAX, Rounding::Down)?;
            let exact = quotient.canonical().checked_mul(right)? == left;
            if exact { Ok(quotient.canonical()) } else { Err(DecimalError::Inexact) }
        }
    }
}

fn arithmetic(error: DecimalError) -> Failure {
    let reason = match error {
        DecimalError::Inexact => "a quotient is not exact: round it with `div` in the mapping",
        DecimalError::DivisionByZero => "a division by zero",
        DecimalError::Overflow | DecimalError::Syntax => "a number has more than 38 digits",
    };
    Failure::form(reason)
}
