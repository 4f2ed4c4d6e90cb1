//! Which accounts a term means, prepared once for many paths.

use super::{Seg, Selection, Term};
use crate::error::SettleError;
use ledger::account::{push_escaped, unescape};
use std::collections::BTreeSet;

impl Term {
    /// Whether the account path has this term's segments.
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = path.split(':');
        self.template.iter().all(|seg| match (seg, parts.next()) {
            (Seg::Literal(text), Some(part)) => text == part,
            (_, part) => part.is_some(),
        }) && parts.next().is_none()
    }

    /// The named dimensions of a path that matches, with their values as events have them;
    /// `None` when it does not match.
    pub fn dims<'a>(&'a self, path: &str) -> Option<Vec<(&'a str, String)>> {
        self.matches(path).then(|| {
            let pairs = self.template.iter().zip(path.split(':'));
            pairs.filter_map(|(seg, part)| Some((seg.dim()?, unescape(part)))).collect()
        })
    }

    /// Where in the template the dimension stands.
    pub fn position(&self, dim: &str) -> Option<usize> {
        self.template.iter().position(|seg| seg.dim() == Some(dim))
    }
}

impl Seg {
    /// The dimension's name, where it has one.
    pub fn dim(&self) -> Option<&str> {
        match self {
            Self::Dim(name) => Some(name),
            Self::Literal(_) | Self::Any => None,
        }
    }
}

impl std::fmt::Display for Term {
    /// The template as books write it: `play:{provider}:{game}:stakes`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, seg) in self.template.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            match seg {
                Seg::Literal(text) => write!(f, "{colon}{text}")?,
                Seg::Dim(name) => write!(f, "{colon}{{{name}}}")?,
                Seg::Any => write!(f, "{colon}*")?,
            }
        }
        Ok(())
    }
}

/// A term under a selection. Matching a path allocates nothing.
#[derive(Clone, Debug)]
pub struct Matcher<'a> {
    /// What the path must begin and end with: most paths fail here, at the price of two
    /// comparisons.
    begin: String,
    end: String,
    wants: Vec<Want<'a>>,
}

#[derive(Clone, Debug)]
enum Want<'a> {
    Text(&'a str),
    /// Escaped, as paths have them.
    OneOf(BTreeSet<String>),
    Any,
}

impl<'a> Matcher<'a> {
    /// Prepares `term` of the measure named `measure`.
    ///
    /// # Errors
    /// [`SettleError::DimUnknown`] when the selection names a dimension that the term's accounts
    /// do not have: what it asks for cannot be told apart there.
    pub fn new(term: &'a Term, measure: &str, selection: &Selection) -> Result<Self, SettleError> {
        if let Some(dim) = selection.dims.keys().find(|dim| term.position(dim).is_none()) {
            let (measure, dim) = (measure.to_owned(), dim.clone());
            return Err(SettleError::DimUnknown { measure, dim });
        }
        let want = |seg: &'a Seg| match seg {
            Seg::Literal(text) => Want::Text(text),
            Seg::Any => Want::Any,
            Seg::Dim(name) => match selection.dims.get(name) {
                None => Want::Any,
                Some(values) => Want::OneOf(values.iter().map(|v| escaped(v)).collect()),
            },
        };
        let literal = |seg: &Seg| match seg {
            Seg::Literal(text) => Some(text.clone()),
            Seg::Dim(_) | Seg::Any => None,
        };
        let begin: Vec<_> = term.template.iter().map_while(literal).collect();
        let mut end: Vec<_> = term.template.iter().rev().map_while(literal).collect();
        end.reverse();
        let wants = term.template.iter().map(want).collect();
        Ok(Self { begin: begin.join(":"), end: end.join(":"), wants })
    }

    /// Whether the account path matches.
    pub fn matches(&self, path: &str) -> bool {
        if !path.starts_with(&self.begin) || !path.ends_with(&self.end) {
            return false;
        }
        let mut parts = path.split(':');
        self.wants.iter().all(|want| {
            parts.next().is_some_and(|part| match want {
                Want::Text(text) => *text == part,
                Want::OneOf(values) => values.contains(part),
                Want::Any => true,
            })
        }) && parts.next().is_none()
    }
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    push_escaped(&mut out, value);
    out
}
