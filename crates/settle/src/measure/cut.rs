//! Measures cut by the close of a round: what belongs to a round counts on the day on which the
//! round closes, not on its own.
//!
//! All of it follows from sums by day, kind and round, over the period and the days before it that
//! the limit reaches: so that one commitment covers them, and whoever has them can tell the days
//! again. What counts on which day depends on days within the limit alone, so that two periods
//! never count the same twice and none is left out.

use super::grain::part_of;
use super::{AccountSum, DAY, Matcher, Measure, Need, Selection, Term};
use crate::error::SettleError;
use jiff::Span;
use jiff::civil::Date;
use ledger::account::unescape;
use std::collections::{BTreeMap, BTreeSet};

/// The dimension whose values are kinds of events.
const KIND: &str = "kind";
const DAY_NANOS: i64 = 86_400_000_000_000;

/// When what belongs together counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cut {
    /// The dimension that tells rounds apart; an event without it counts on its own day.
    pub by: String,
    /// The kinds of events that close a round.
    pub closed_by: BTreeSet<String>,
    /// The accounts that these kinds post to, by which they are seen; only the templates matter.
    pub seen_on: Vec<Term>,
    /// How many days an event waits for the close of its round, at most; then it counts.
    pub within_days: u16,
}

impl Cut {
    /// The dimensions by which sums tell rounds, beside those that are asked for.
    pub(super) fn dims(&self) -> [&str; 3] {
        [DAY, KIND, &self.by]
    }

    /// Who closes rounds: of the accounts of [`Cut::seen_on`], what these kinds posted.
    pub(crate) fn closing(&self) -> Selection {
        Selection { dims: [(KIND.to_owned(), self.closed_by.clone())].into() }
    }

    /// From where sums must be read to know what counts from `start` on, nanoseconds UTC: events
    /// that wait until then, and what closed their rounds before. A day more is for zones.
    pub(crate) fn reach(&self, start: i64) -> i64 {
        start.saturating_sub((i64::from(self.within_days) * 2 + 1).saturating_mul(DAY_NANOS))
    }

    /// The day on which something of `day` counts, given the days on which its round closed: its
    /// own where the round was closed before, else the first close, else the end of the limit.
    fn day(&self, day: Date, closes: Option<&BTreeSet<Date>>) -> Date {
        let limit = Span::new().days(self.within_days);
        let first = day.saturating_sub(limit);
        let last = day.saturating_add(limit);
        let near = || closes.into_iter().flat_map(|closes| closes.range(first..=last));
        if near().next().is_some_and(|close| *close <= day) {
            return day;
        }
        near().next().copied().unwrap_or(last)
    }
}

/// The sums at a need's grain that it counts, and the day on which each counts, which is one of
/// the days asked for. A measure that is not cut has none.
///
/// # Errors
/// As of [`super::measure_at`].
pub(crate) fn counted<'s>(
    measure: &Measure,
    sums: &'s [AccountSum],
    need: &Need,
) -> Result<Vec<(&'s AccountSum, Date)>, SettleError> {
    let (Some(cut), Some((first, end))) = (&measure.cut, need.days) else {
        return Ok(Vec::new());
    };
    let closes = closes(measure, cut, sums, need)?;
    let matcher = |term| Matcher::at(term, &measure.name, &need.selection, &need.grain);
    let matchers: Vec<_> = measure.terms.iter().map(matcher).collect::<Result<_, _>>()?;
    let mine = |sum: &&AccountSum| matchers.iter().any(|matcher| matcher.matches(&sum.path));
    let counts = |sum: &'s AccountSum| {
        let (own, round) = round_of(&sum.path, cut)?;
        let day = if round.is_empty() { own } else { cut.day(own, closes.get(round)) };
        (first..end).contains(&day).then_some((sum, day))
    };
    Ok(sums.iter().filter(mine).filter_map(counts).collect())
}

/// The sum, of the day on which it counts.
pub(super) fn on_day(sum: &AccountSum, day: Date) -> AccountSum {
    let (account, rest) = super::account_of(&sum.path);
    let mut path = account.to_owned();
    for part in rest.split('*').skip(1) {
        path.push('*');
        match part.strip_prefix(DAY).and_then(|part| part.strip_prefix('=')) {
            Some(_) => path.extend([DAY, "=", &day.to_string()]),
            None => path.push_str(part),
        }
    }
    AccountSum { path, ..sum.clone() }
}

/// The days on which each round closed.
fn closes<'s>(
    measure: &Measure,
    cut: &Cut,
    sums: &'s [AccountSum],
    need: &Need,
) -> Result<BTreeMap<&'s str, BTreeSet<Date>>, SettleError> {
    let selection = cut.closing();
    let matcher = |term| Matcher::at(term, &measure.name, &selection, &need.grain);
    let matchers: Vec<_> = cut.seen_on.iter().map(matcher).collect::<Result<_, _>>()?;
    let mut closes: BTreeMap<&str, BTreeSet<Date>> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.asset == need.asset) {
        // What was taken back on its day closes nothing.
        let stands = sum.total.debit != sum.total.credit || sum.total.debit == 0;
        if stands
            && matchers.iter().any(|matcher| matcher.matches(&sum.path))
            && let Some((day, round)) = round_of(&sum.path, cut)
        {
            closes.entry(round).or_default().insert(day);
        }
    }
    Ok(closes)
}

/// Day and round of a sum, the round as paths have it.
fn round_of<'p>(path: &'p str, cut: &Cut) -> Option<(Date, &'p str)> {
    let (_, rest) = super::account_of(path);
    let day = unescape(part_of(rest, DAY)?).parse().ok()?;
    Some((day, part_of(rest, &cut.by)?))
}
