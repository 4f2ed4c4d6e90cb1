//! Posting given events again by the rules.

use std::collections::BTreeMap;

use ledger::rules::TimeBasis;
use ledger::time::Span;
use ledger::totals::TotalOverflow;
use ledger::{EventView, Total};

use settle::Scope;

use super::given::{Events, Posts, admit};

/// Sums by account path; all in the agreement's asset.
pub(super) type Sums = BTreeMap<String, Total>;

/// What of an event's postings the agreement reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Touch {
    /// Nothing.
    Nothing,
    /// Something.
    Something,
    /// That depends on the time of an event that was not given.
    Unknown,
}

pub(super) struct Poster<'a> {
    pub(super) events: &'a Events<'a>,
    pub(super) scope: &'a Scope<'a>,
    pub(super) span: Span,
}

/// One side of a posting.
struct Side {
    path: String,
    total: Total,
    /// `None` where it is that of an event that was not given.
    at: Option<i64>,
}

impl Poster<'_> {
    /// Whether the agreement reads anything of what the event at a place posts.
    pub(super) fn touch(&self, at: usize, posts: Posts) -> Touch {
        let sides = self.sides(at, posts);
        let inside = |side: &Side| side.at.map(|at| self.span.contains(at));
        if sides.iter().any(|side| inside(side) == Some(true)) {
            Touch::Something
        } else if sides.iter().any(|side| inside(side).is_none()) {
            Touch::Unknown
        } else {
            Touch::Nothing
        }
    }

    /// Adds what the event at a place posts, as far as the agreement reads it.
    pub(super) fn post(
        &self,
        at: usize,
        posts: Posts,
        sums: &mut Sums,
    ) -> Result<(), TotalOverflow> {
        for side in self.sides(at, posts) {
            if side.at.is_some_and(|at| self.span.contains(at)) {
                sums.entry(side.path).or_default().add(side.total)?;
            }
        }
        Ok(())
    }

    /// The sides of the event's postings on accounts that the agreement reads, at any time.
    fn sides(&self, at: usize, posts: Posts) -> Vec<Side> {
        let (own, target) = (self.events.view(at), self.target_time(at));
        let (from, reverse) = match posts {
            Posts::Legs => (own, false),
            Posts::Reversal(original) => (self.events.view(original), true),
        };
        let rules = self.events.rules;
        let Some((kind, (asset, minor))) =
            admit(rules, &from).ok().and_then(|admitted| Some((admitted.kind, admitted.money?)))
        else {
            return Vec::new();
        };
        let asset = &rules.assets[usize::from(asset)].code;
        let mut sides = Vec::new();
        for leg in &rules.kinds[usize::from(kind)].legs {
            for (template, debits) in [(leg.debit, true), (leg.credit, false)] {
                let Some(path) = self.path(template, &from) else { continue };
                if self.scope.reads(&path, asset) {
                    let at = match rules.templates[usize::from(template)].basis {
                        TimeBasis::Original if own.reference.is_some() => target,
                        TimeBasis::Original | TimeBasis::Occurred => Some(own.occurred_at),
                    };
                    let amount = if debits ^ reverse { minor } else { -minor };
                    sides.push(Side { path, total: one_side(amount), at });
                }
            }
        }
        sides
    }

    fn target_time(&self, at: usize) -> Option<i64> {
        let target = self.events.target(&self.events.view(at))?;
        Some(self.events.view(target).occurred_at)
    }

    fn path(&self, template: u16, event: &EventView<'_>) -> Option<String> {
        let mut path = String::new();
        self.events.rules.push_path(template, event, &mut path)?;
        Some(path)
    }
}

/// A posting's side: above zero a debit, below zero a credit.
fn one_side(amount: i128) -> Total {
    if amount < 0 { Total::of_credit(-amount) } else { Total::of_debit(amount) }
}
