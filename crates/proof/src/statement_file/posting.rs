//! Posting given events again by the rules.

use std::collections::{BTreeMap, BTreeSet};

use ledger::rules::TimeBasis;
use ledger::time::Bucket;
use ledger::totals::TotalOverflow;
use ledger::{EventView, Rules, Total};

use settle::measure::{DAY, EVENT, account_of};
use settle::scope::Part;
use settle::{Grain, Period, PeriodKind, Scope};

use super::given::{Events, Posts, admit};

/// Sums by path and asset. Dimensions of people are left out of finer paths: events do not have
/// them.
pub(super) type Sums = BTreeMap<(String, String), Total>;

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
    /// The zone whose days count.
    pub(super) zone: &'a str,
}

/// One side of a posting.
struct Side {
    account: String,
    asset: String,
    total: Total,
    /// `None` where it is that of an event that was not given.
    at: Option<i64>,
}

impl Poster<'_> {
    /// Whether the agreement reads anything of what the event at a place posts.
    pub(super) fn touch(&self, at: usize, posts: Posts) -> Touch {
        let from = self.from(at, posts);
        let sides = self.sides(at, posts);
        let reads = |side: &Side, at: Option<i64>| self.parts(side, &from, at).next().is_some();
        if sides.iter().any(|side| side.at.is_some() && reads(side, side.at)) {
            Touch::Something
        } else if sides.iter().any(|side| side.at.is_none() && reads(side, None)) {
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
        let from = self.from(at, posts);
        for side in self.sides(at, posts).into_iter().filter(|side| side.at.is_some()) {
            let grains: BTreeSet<Grain> = self
                .parts(&side, &from, side.at)
                .map(|part| self.scope.needs()[part.need].grain.clone())
                .collect();
            let paths: BTreeSet<String> =
                grains.iter().map(|grain| self.path_at(&side, grain, &from)).collect();
            for path in paths {
                sums.entry((path, side.asset.clone())).or_default().add(side.total)?;
            }
        }
        Ok(())
    }

    /// The event whose legs and dimensions count.
    fn from(&self, at: usize, posts: Posts) -> EventView<'_> {
        match posts {
            Posts::Legs => self.events.view(at),
            Posts::Reversal(original) => self.events.view(original),
        }
    }

    /// The parts of the scope that read a side, at a time or at any.
    fn parts<'s>(
        &'s self,
        side: &'s Side,
        from: &'s EventView<'_>,
        at: Option<i64>,
    ) -> impl Iterator<Item = &'s Part<'s>> {
        self.scope.parts().iter().filter(move |part| {
            part.reads_account(&side.account, &side.asset)
                && at.is_none_or(|at| part.span.contains(at))
                && part.matcher.selects(|dim| self.value(dim, from, at))
        })
    }

    /// The path of a finer sum, without the dimensions of people.
    fn path_at(&self, side: &Side, grain: &Grain, from: &EventView<'_>) -> String {
        let by: Vec<String> =
            grain.by.iter().filter(|dim| !is_personal(self.events.rules, dim)).cloned().collect();
        let values: Vec<String> = by.iter().map(|dim| self.value(dim, from, side.at)).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let mut path = side.account.clone();
        Grain { by, window: grain.window }.push(&mut path, &values);
        path
    }

    /// The value of a dimension, as finer sums have it.
    fn value(&self, dim: &str, from: &EventView<'_>, at: Option<i64>) -> String {
        let rules = self.events.rules;
        match dim {
            "kind" => from.kind.to_owned(),
            "source" => from.source.to_owned(),
            EVENT => format!("{} {}", from.source, from.id),
            DAY => {
                let start = at.map(|at| Bucket::of(at).start_nanos());
                let day = start.map(|at| Period::containing(PeriodKind::Day, at, self.zone));
                day.and_then(Result::ok).map(|day| day.to_string()).unwrap_or_default()
            }
            _ => {
                let value = from.dim(dim).unwrap_or_default();
                let is_party = rules.dims.iter().any(|found| found.name == dim && found.party);
                let means = |party: &&ledger::rules::Party| {
                    party.name == value || party.aliases.iter().any(|alias| alias == value)
                };
                let party = rules.parties.iter().find(means).filter(|_| is_party);
                party.map_or(value, |party| &party.name).to_owned()
            }
        }
    }

    /// The sides of the event's postings, at any time.
    fn sides(&self, at: usize, posts: Posts) -> Vec<Side> {
        let (own, target) = (self.events.view(at), self.target_time(at));
        let (from, reverse) = (self.from(at, posts), matches!(posts, Posts::Reversal(_)));
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
                let Some(account) = self.path(template, &from) else { continue };
                let at = match rules.templates[usize::from(template)].basis {
                    TimeBasis::Original if own.reference.is_some() => target,
                    TimeBasis::Original | TimeBasis::Occurred => Some(own.occurred_at),
                };
                let amount = if debits ^ reverse { minor } else { -minor };
                let (asset, total) = (asset.clone(), one_side(amount));
                sides.push(Side { account, asset, total, at });
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

/// The path of a row without the dimensions of people, which no event shows.
pub(super) fn impersonal(path: &str, rules: &Rules) -> String {
    let (account, rest) = account_of(path);
    let mut kept = account.to_owned();
    for part in rest.split('*').skip(1) {
        if !part.split_once('=').is_some_and(|(dim, _)| is_personal(rules, dim)) {
            kept.push('*');
            kept.push_str(part);
        }
    }
    kept
}

fn is_personal(rules: &Rules, dim: &str) -> bool {
    rules.dims.iter().any(|found| found.name == dim && found.personal)
}

/// A posting's side: above zero a debit, below zero a credit.
fn one_side(amount: i128) -> Total {
    if amount < 0 { Total::of_credit(-amount) } else { Total::of_debit(amount) }
}
