//! Every statement at its cut, from the batch road's sums: those it was rated from, the closed
//! periods that late facts had changed by then, and the body.

use super::VerifyReport;
use super::effects::Effects;
use crate::batch::{CutView, FineView, Recomputed};
use crate::books::Books;
use crate::close::chain::{self, Chain};
use crate::close::{Closed, Terms};
use crate::effect::Settled;
use crate::error::EngineError;
use crate::port::Position;
use ledger::time::Span;
use settle::measure::DAY;
use settle::{AccountSum, Grain, Scope, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// A closed period: agreement, period, result.
type Period = (String, String, Closed);

/// The terms of every closed period.
pub struct Plans<'b> {
    books: &'b Books,
    terms: Vec<Terms<'b>>,
}

/// The sums that the batch road is asked for.
#[derive(Default)]
pub struct Views<'a> {
    /// Of accounts.
    pub cuts: Vec<CutView>,
    /// Finer ones.
    pub fine: Vec<FineView<'a>>,
}

/// What a list of views is told apart by.
type Key = (Vec<String>, String, Span, Position);

impl<'b> Plans<'b> {
    /// The terms under which `closed` was rated.
    ///
    /// # Errors
    /// When the book does not have them.
    pub fn new(books: &'b Books, closed: &[Period]) -> Result<Self, EngineError> {
        let of = |(agreement, _, closed): &Period| {
            Terms::of(books.get(closed.revision)?, agreement, closed.span)
        };
        Ok(Self { books, terms: closed.iter().map(of).collect::<Result<_, _>>()? })
    }

    /// What the batch road must recompute: for each close the sums of its period, and of every
    /// period of the agreement that was closed before.
    ///
    /// # Errors
    /// When a measure lacks what is asked of it.
    pub fn views(&self, closed: &[Period]) -> Result<Views<'_>, EngineError> {
        let same = Same::new(closed);
        let mut plain = BTreeSet::new();
        let mut fine: BTreeMap<Key, FineView<'_>> = BTreeMap::new();
        for (at, (agreement, _, later)) in closed.iter().enumerate() {
            let position = same.of(later.position);
            for (place, (other, _, earlier)) in closed.iter().enumerate() {
                let counts = at == place || earlier.position < later.position;
                if other != agreement || !counts {
                    continue;
                }
                let terms = &self.terms[place];
                let scope = terms.scope(earlier.span)?;
                let zone = terms.agreement.zone.as_str();
                for part in scope.parts() {
                    let grain = &scope.needs()[part.need].grain;
                    if grain.by.is_empty() {
                        plain.insert((part.span.start, part.span.end, position));
                        continue;
                    }
                    let key = key(grain, part.span, zone, position);
                    let view = fine.entry(key).or_insert_with(|| FineView {
                        grain: Grain { by: grain.by.clone(), window: None },
                        span: part.span,
                        zone,
                        parts: Vec::new(),
                        position,
                    });
                    view.parts.push(part.clone());
                }
            }
        }
        let plain = plain.into_iter().enumerate();
        let cuts = plain.map(|(id, (start, end, position))| {
            let span = Span { start, end };
            CutView { id, span, position }
        });
        Ok(Views { cuts: cuts.collect(), fine: fine.into_values().collect() })
    }
}

fn key(grain: &Grain, span: Span, zone: &str, position: Position) -> Key {
    let dated = grain.by.iter().any(|dim| dim == DAY);
    let zone = if dated { zone.to_owned() } else { String::new() };
    (grain.by.clone(), zone, span, position)
}

/// Closes with nothing but closes between them: what was posted before them is the same.
struct Same {
    first: BTreeMap<Position, Position>,
}

impl Same {
    fn new(closed: &[Period]) -> Self {
        let own = closed.iter().flat_map(|(.., closed)| {
            [closed.position, closed.statement_position.max(closed.position)]
        });
        let mut first = BTreeMap::new();
        for position in own.collect::<BTreeSet<_>>() {
            let before = position.checked_sub(1).and_then(|before| first.get(&before).copied());
            first.insert(position, before.unwrap_or(position));
        }
        Self { first }
    }

    fn of(&self, position: Position) -> Position {
        self.first.get(&position).copied().unwrap_or(position)
    }
}

/// What was recomputed, found again by what was asked.
struct Answers<'a> {
    recomputed: &'a Recomputed,
    /// What the statements before have moved.
    effects: Effects,
    same: Same,
    plain: BTreeMap<(i64, i64, Position), usize>,
    fine: BTreeMap<Key, usize>,
}

impl Answers<'_> {
    /// The sums of a period at a close, ascending by path and asset.
    fn sums(&self, (terms, scope): (&Terms<'_>, &Scope<'_>), at: Position) -> Vec<AccountSum> {
        let position = self.same.of(at);
        let mut grains: BTreeMap<&Grain, Span> = BTreeMap::new();
        for part in scope.parts() {
            grains.insert(&scope.needs()[part.need].grain, part.span);
        }
        let mut sums = Vec::new();
        for (grain, span) in grains {
            if grain.by.is_empty() {
                self.push_plain(scope, grain, (span.start, span.end, position), &mut sums);
                continue;
            }
            let key = key(grain, span, &terms.agreement.zone, position);
            let found = self.fine.get(&key).and_then(|at| self.recomputed.fine.get(*at));
            for sum in found.into_iter().flatten() {
                let mut path = sum.path.clone();
                Grain { by: Vec::new(), window: grain.window }.push(&mut path, &[]);
                if scope.reads(&path, &sum.asset) {
                    sums.push(AccountSum { path, ..sum.clone() });
                }
            }
        }
        sums.extend(self.effects.sums(scope, at));
        sums.sort_unstable_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
        sums
    }

    fn push_plain(
        &self,
        scope: &Scope<'_>,
        grain: &Grain,
        key: (i64, i64, Position),
        sums: &mut Vec<AccountSum>,
    ) {
        let Some(cut) = self.plain.get(&key).and_then(|at| self.recomputed.cuts.get(*at)) else {
            return;
        };
        for (account, total) in &cut.sums {
            let (account, asset) = &self.recomputed.accounts[*account as usize];
            let mut path = account.clone();
            grain.push(&mut path, &[]);
            if scope.reads(&path, asset) {
                sums.push(AccountSum { path, asset: asset.clone(), total: *total });
            }
        }
    }
}

/// Compares every statement with what follows from the raw events.
pub(super) fn compare(
    plans: &Plans<'_>,
    closed: &[Period],
    recomputed: &Recomputed,
    report: &mut VerifyReport,
) -> Result<Effects, EngineError> {
    report.checks.push(("statements", closed.len() as u64));
    let views = plans.views(closed)?;
    let plain = views.cuts.iter().enumerate();
    let plain = plain.map(|(at, cut)| ((cut.span.start, cut.span.end, cut.position), at));
    let fine = views.fine.iter().enumerate();
    let fine = fine.map(|(at, view)| (key(&view.grain, view.span, view.zone, view.position), at));
    let mut answers = Answers {
        recomputed,
        effects: Effects::default(),
        same: Same::new(closed),
        plain: plain.collect(),
        fine: fine.collect(),
    };
    // In the order of the closes: those that net read what others came to.
    let mut order: Vec<usize> = (0..closed.len()).collect();
    order.sort_unstable_by_key(|at| closed[*at].2.position);
    for at in order {
        let (_, period, result) = &closed[at];
        let found = statement(plans, closed, at, &answers, report)?;
        let compiled = &plans.books.get(result.revision)?.compiled;
        let settled = Settled::by(compiled, found, result.span)?;
        answers.effects.settle(period, result, settled);
    }
    let mut effects = answers.effects;
    recomputed.holds.iter().try_for_each(|(_, hold)| effects.hold(hold))?;
    Ok(effects)
}

fn statement(
    plans: &Plans<'_>,
    all: &[Period],
    at: usize,
    answers: &Answers<'_>,
    report: &mut VerifyReport,
) -> Result<Statement, EngineError> {
    let (agreement, period, closed) = &all[at];
    let name = format!("{agreement} {period}");
    let terms = &plans.terms[at];
    let scope = terms.scope(closed.span)?;
    let sums = answers.sums((terms, &scope), closed.position);
    if sums != closed.sums {
        let (mine, theirs) = (closed.sums.len(), sums.len());
        report.differ(format!(
            "{name}: the sums it was rated from ({mine} accounts) differ from those of the raw \
             events ({theirs} accounts)"
        ));
    }
    let before =
        |(other, _, earlier): &&Period| other == agreement && earlier.position < closed.position;
    let before: Vec<(String, Closed)> = all
        .iter()
        .filter(before)
        .map(|(_, period, closed)| (period.clone(), closed.clone()))
        .collect();
    let last = before.iter().map(|(_, closed)| closed.position).max().unwrap_or(0);
    let links = chain::links(before, period);
    let old = chain::terms(plans.books, agreement, &links)?;
    let scopes = chain::scopes(&old, &links)?;
    let at_cut = |position| {
        let pairs = old.iter().zip(&scopes);
        pairs.map(|(terms, scope)| answers.sums((terms, scope), position)).collect::<Vec<_>>()
    };
    let now = at_cut(closed.position);
    let nets = scopes.iter().any(|scope| answers.effects.are_read(scope));
    let same = answers.same.of(last) == answers.same.of(closed.position);
    let changed: Vec<bool> = if same && !nets {
        vec![false; links.len()]
    } else {
        now.iter().zip(at_cut(last)).map(|(now, then)| *now != then).collect()
    };
    let again = chain::to_rate(&old, &changed);
    let now = now.into_iter().zip(again).map(|(sums, again)| again.then_some(sums)).collect();
    let Chain { left, restated } = chain::follow(terms, closed.span, (&links, &old), now)?;
    if restated != closed.restated {
        report.differ(format!("{name}: what late events changed before it is not what it states"));
    }
    let rated = terms.rate((period, closed.span), &sums, &left)?;
    if rated.body() != closed.body {
        report.differ(format!("{name}: rated from the raw events it is another statement"));
    }
    Ok(rated)
}
