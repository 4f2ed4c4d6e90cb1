//! Which accounts a term means, prepared once for many paths.

use super::grain::{account_of, part_of};
use super::{Grain, Seg, Selection, Term};
use crate::effect::is_settlement;
use crate::error::SettleError;
use ledger::account::{push_escaped, unescape};
use std::collections::BTreeSet;

impl Term {
    /// Whether the account path has this term's segments.
    pub fn matches(&self, path: &str) -> bool {
        let literal = matches!(self.template.first(), Some(Seg::Literal(_)));
        if !literal && is_settlement(path) {
            return false;
        }
        let mut parts = account_of(path).0.split(':');
        self.template.iter().all(|seg| match (seg, parts.next()) {
            (Seg::Literal(text), Some(part)) => text == part,
            (_, part) => part.is_some(),
        }) && parts.next().is_none()
    }

    /// The named dimensions of a path that matches, with their values as events have them;
    /// `None` when it does not match.
    pub fn dims<'a>(&'a self, path: &str) -> Option<Vec<(&'a str, String)>> {
        self.matches(path).then(|| {
            let pairs = self.template.iter().zip(account_of(path).0.split(':'));
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
    grain: Grain,
    /// Selected dimensions that the account paths lack, with their values, escaped.
    finer: Vec<(String, BTreeSet<String>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Want<'a> {
    Text(&'a str),
    /// Escaped, as paths have them.
    OneOf(BTreeSet<String>),
    Any,
}

impl<'a> Matcher<'a> {
    /// Prepares `term` of the measure named `measure`, for sums of accounts over the period.
    ///
    /// # Errors
    /// As of [`Matcher::at`].
    pub fn new(term: &'a Term, measure: &str, selection: &Selection) -> Result<Self, SettleError> {
        Self::at(term, measure, selection, &Grain::default())
    }

    /// Prepares `term` of the measure named `measure`, for sums of a grain.
    ///
    /// # Errors
    /// [`SettleError::DimUnknown`] when the selection names a dimension that neither the term's
    /// accounts nor the grain have: what it asks for cannot be told apart there.
    pub fn at(
        term: &'a Term,
        measure: &str,
        selection: &Selection,
        grain: &Grain,
    ) -> Result<Self, SettleError> {
        let lacks = |dim: &&String| term.position(dim).is_none() && !grain.by.contains(dim);
        if let Some(dim) = selection.dims.keys().find(lacks) {
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
        let finer = selection.dims.iter().filter(|(dim, _)| term.position(dim).is_none());
        let finer = finer.map(|(dim, values)| {
            (dim.clone(), values.iter().map(|value| escaped(value)).collect())
        });
        Ok(Self {
            begin: begin.join(":"),
            end: end.join(":"),
            wants,
            grain: grain.clone(),
            finer: finer.collect(),
        })
    }

    /// Whether the path of a sum matches.
    pub fn matches(&self, path: &str) -> bool {
        let (account, rest) = account_of(path);
        self.matches_rest(rest) && self.matches_account(account)
    }

    /// Whether what follows the account's own path matches.
    pub(super) fn matches_rest(&self, rest: &str) -> bool {
        let selected = |(dim, values): &(String, BTreeSet<String>)| {
            part_of(rest, dim).is_some_and(|value| values.contains(value))
        };
        self.grain.holds(rest) && self.finer.iter().all(selected)
    }

    /// Whether it matches the same accounts as another one, whatever their grains.
    pub fn matches_same_accounts(&self, other: &Matcher<'_>) -> bool {
        self.wants == other.wants
    }

    /// The selected dimensions that account paths lack, each with its values, escaped.
    pub fn finer(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.finer.iter().map(|(dim, values)| (dim.as_str(), values))
    }

    /// Whether values of dimensions that account paths lack decide what matches.
    pub fn is_selective(&self) -> bool {
        !self.finer.is_empty()
    }

    /// Whether something with these values, as events have them, is selected, as far as the
    /// account does not tell.
    pub fn selects(&self, mut value: impl FnMut(&str) -> String) -> bool {
        self.finer.iter().all(|(dim, values)| values.contains(&escaped(&value(dim))))
    }

    /// Whether the account path matches, whatever the grain.
    pub fn matches_account(&self, path: &str) -> bool {
        if !path.starts_with(&self.begin) || !path.ends_with(&self.end) {
            return false;
        }
        // Only a term that says so means the accounts of statements.
        if self.begin.is_empty() && is_settlement(path) {
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
