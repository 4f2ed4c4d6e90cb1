//! Sums finer than accounts, and over other spans than the period: what a step reads per player,
//! per event, per day, or over a window of several periods.
//!
//! Such a sum is an [`AccountSum`](super::AccountSum) whose path goes on after the account's with
//! parts that begin with `*`, a character that account paths always escape: so that one list of
//! sums holds them all, and one commitment covers them. `play:a:wins*player=p%3A7` is what player
//! `p:7` won; `play:a:wins*@0..900` is the account over another span, in nanoseconds UTC.

use ledger::account::{push_escaped, unescape};
use ledger::time::Span;

/// Dimensions that every event has beside those that books declare.
pub const OWN_DIMS: &[&str] = &[EVENT, DAY, "kind", "source"];
/// The dimension whose values are events: source and id, separated by a space.
pub const EVENT: &str = "event";
/// The dimension whose values are local days in the agreement's zone: `2026-03-31`.
pub const DAY: &str = "day";

/// What one group of sums is: by which dimensions beside the accounts' own, and over which span.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grain {
    /// Dimensions that the account paths lack, ascending.
    pub by: Vec<String>,
    /// The span, where it is not the period's.
    pub window: Option<(i64, i64)>,
}

impl Grain {
    /// Whether the sums are those of accounts over the period.
    pub fn is_plain(&self) -> bool {
        self.by.is_empty() && self.window.is_none()
    }

    /// The window as a span.
    pub fn span(&self) -> Option<Span> {
        self.window.map(|(start, end)| Span { start, end })
    }

    /// Appends what tells a sum of this grain from others; `values` are those of `by`, in order,
    /// as events have them.
    pub fn push(&self, path: &mut String, values: &[&str]) {
        for (dim, value) in self.by.iter().zip(values) {
            path.push('*');
            path.push_str(dim);
            path.push('=');
            push_escaped(path, value);
        }
        if let Some((start, end)) = self.window {
            path.extend(["*@", &start.to_string(), "..", &end.to_string()]);
        }
    }

    /// Whether the part of a path that [`account_of`] leaves belongs to this grain.
    pub(super) fn holds(&self, rest: &str) -> bool {
        let mut parts = rest.split('*').skip(1);
        let named = self.by.iter().all(|dim| {
            let value = parts.next().and_then(|part| part.strip_prefix(dim.as_str()));
            value.is_some_and(|value| value.starts_with('='))
        });
        let windowed = self.window.is_none_or(|(start, end)| {
            let found = parts.next().and_then(|part| part.strip_prefix('@'));
            found
                .and_then(|found| found.split_once(".."))
                .is_some_and(|(from, until)| from.parse() == Ok(start) && until.parse() == Ok(end))
        });
        named && windowed && parts.next().is_none()
    }
}

/// The account's own path, and what follows it.
pub fn account_of(path: &str) -> (&str, &str) {
    path.split_at(path.find('*').unwrap_or(path.len()))
}

/// The value of a dimension in what follows the account's own path, still escaped.
pub(super) fn part_of<'a>(rest: &'a str, dim: &str) -> Option<&'a str> {
    rest.split('*').skip(1).find_map(|part| part.strip_prefix(dim)?.strip_prefix('='))
}

/// The dimensions beside the account's own, with their values as events have them.
pub fn dims_of(path: &str) -> Vec<(&str, String)> {
    let parts = account_of(path).1.split('*').skip(1);
    parts.filter_map(|part| part.split_once('=')).map(|(dim, v)| (dim, unescape(v))).collect()
}
