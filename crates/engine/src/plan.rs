//! What a changed book would do on real history: every period that has figures, rated under both
//! books as everything posted so far has it. Nothing is recorded.

use crate::close::{Terms, chain};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::gather::Ask;
use crate::sums::ALWAYS;
use book::Compiled;
use ledger::time::Span;
use settle::{AccountSum, Agreement, Left, Need, Period, Previous, Scope, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// The history under both books.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Each period of each agreement whose terms, or whose measures, are not the same in both;
    /// ascending by agreement and time.
    pub periods: Vec<PeriodPlan>,
    /// Older periods that were left out.
    pub left_out: u64,
}

/// One period under both books.
#[derive(Clone, Debug)]
pub struct PeriodPlan {
    /// Name of the agreement.
    pub agreement: String,
    /// The period.
    pub period: Period,
    /// Whether it is closed: its statement stays, and the difference would be a correction.
    pub closed: bool,
    /// Under the book in force.
    pub before: Rated,
    /// Under the changed book.
    pub after: Rated,
}

/// What rating gives.
#[derive(Clone, Debug)]
pub enum Rated {
    /// A statement.
    Statement(Box<Statement>),
    /// The book has no terms for the period.
    Absent,
    /// The terms cannot be rated: why.
    Refused(String),
}

/// One agreement in both books, with the periods that are rated.
struct Subject {
    agreement: String,
    periods: Vec<(Period, Span)>,
}

/// What a scope asks for, so that two books that ask the same are answered together.
type Question = (Vec<Need>, (i64, i64), String);

impl Engine {
    /// Rates the latest `periods_max` periods of each agreement that is not the same in the book
    /// in force and in `changed`, or of all agreements where `all`.
    ///
    /// # Errors
    /// When no book is recorded, or a port fails; what cannot be rated is in the result.
    pub fn plan(
        &self,
        changed: &Compiled,
        (periods_max, all): (usize, bool),
    ) -> Result<Plan, EngineError> {
        let current = self.state.books.current();
        let current = current.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
        let in_force = &current.compiled;
        let mut plan = Plan::default();
        let Some(history) = self.history()? else { return Ok(plan) };
        let mut subjects = Vec::new();
        for name in names(in_force, changed) {
            if all || differs(&name, in_force, changed) {
                let known = |book| named(book, &name).next();
                let Some(like) = known(changed).or_else(|| known(in_force)) else { continue };
                let (periods, left_out) = periods(like, history, periods_max)?;
                plan.left_out += left_out;
                subjects.push(Subject { agreement: name, periods });
            }
        }
        let [before, after] = self.rate_all([in_force, changed], &subjects)?;
        for (subject, (before, after)) in subjects.iter().zip(before.into_iter().zip(after)) {
            let rated = before.into_iter().zip(after);
            for ((period, _), (before, after)) in subject.periods.iter().zip(rated) {
                let closed = self.closed(&subject.agreement, &period.to_string())?.is_some();
                let (agreement, period) = (subject.agreement.clone(), *period);
                plan.periods.push(PeriodPlan { agreement, period, closed, before, after });
            }
        }
        Ok(plan)
    }

    /// From the first quarter of an hour with a posting to the end of the last one.
    fn history(&self) -> Result<Option<(i64, i64)>, EngineError> {
        let mut bounds: Option<(i32, i32)> = None;
        self.store().totals(ALWAYS.0, ALWAYS.1, &mut |row| {
            let at = row.bucket.0;
            bounds = Some(bounds.map_or((at, at), |(a, b)| (a.min(at), b.max(at))));
        })?;
        let nanos = |bucket: i32| ledger::time::Bucket(bucket).start_nanos();
        Ok(bounds.map(|(first, last)| (nanos(first), nanos(last))))
    }

    /// The statements of every subject under each book, oldest first, each with what the one
    /// before left. The sums of all are gathered together.
    fn rate_all(
        &self,
        books: [&Compiled; 2],
        subjects: &[Subject],
    ) -> Result<[Vec<Vec<Rated>>; 2], EngineError> {
        let (mut terms, mut spans) = (Vec::new(), Vec::new());
        for book in books {
            for subject in subjects {
                for (_, span) in &subject.periods {
                    terms.push(Terms::in_book(book, &subject.agreement, *span).ok());
                    spans.push(*span);
                }
            }
        }
        let scopes: Vec<Option<Result<Scope<'_>, EngineError>>> = terms
            .iter()
            .zip(&spans)
            .map(|(terms, span)| terms.as_ref().map(|terms| terms.scope(*span)))
            .collect();
        let sums = self.gather_once(&terms, &scopes, &spans)?;
        let mut jobs = terms.iter().zip(&scopes).zip(&sums);
        let mut all = [Vec::new(), Vec::new()];
        for rated in &mut all {
            for subject in subjects {
                let mut left = self.left_before(subject)?;
                let periods = subject.periods.iter().zip(&mut jobs);
                let statements =
                    periods.map(|((period, span), ((terms, scope), sums))| match (terms, scope) {
                        (None, _) | (_, None) => Rated::Absent,
                        (_, Some(Err(error))) => Rated::Refused(error.to_string()),
                        (Some(terms), Some(Ok(_))) => {
                            rate_next(terms, (*period, *span), sums, &mut left)
                        }
                    });
                rated.push(statements.collect());
            }
        }
        Ok(all)
    }

    /// The sums of every scope, those that ask the same gathered once, by time.
    fn gather_once(
        &self,
        terms: &[Option<Terms<'_>>],
        scopes: &[Option<Result<Scope<'_>, EngineError>>],
        spans: &[Span],
    ) -> Result<Vec<Vec<AccountSum>>, EngineError> {
        let mut questions: BTreeMap<(i64, Question), Vec<usize>> = BTreeMap::new();
        for (at, (terms, scope)) in terms.iter().zip(scopes).enumerate() {
            if let (Some(terms), Some(Ok(scope))) = (terms, scope) {
                let span = (spans[at].start, spans[at].end);
                let question = (scope.needs().to_vec(), span, terms.agreement.zone.clone());
                questions.entry((span.0, question)).or_default().push(at);
            }
        }
        let mut asks: Vec<Ask<'_>> = Vec::new();
        for places in questions.values() {
            if let Some((Some(terms), Some(Ok(scope)))) =
                places.first().map(|at| (&terms[*at], &scopes[*at]))
            {
                asks.push(terms.ask(scope));
            }
        }
        let gathered = self.gather(&asks)?;
        let mut sums = vec![Vec::new(); terms.len()];
        for (places, found) in questions.values().zip(gathered) {
            for at in places {
                sums[*at].clone_from(&found);
            }
        }
        Ok(sums)
    }

    /// What the last closed period before the first one that is rated left, as last stated.
    fn left_before(&self, subject: &Subject) -> Result<Left, EngineError> {
        let Some((_, span)) = subject.periods.first() else { return Ok(Left::default()) };
        let links = chain::links(self.closed_of(&subject.agreement)?, "");
        let before = links.iter().rfind(|link| link.closed.span.end <= span.start);
        before.map_or(Ok(Left::default()), |link| Ok(left_by(&Statement::parse(&link.stated)?)))
    }
}

/// Rates one period after what was left, and leaves what it leaves.
fn rate_next(
    terms: &Terms<'_>,
    (period, span): (Period, Span),
    sums: &[AccountSum],
    left: &mut Left,
) -> Rated {
    match terms.rate((&period.to_string(), span), sums, left) {
        Ok(statement) => {
            *left = left_by(&statement);
            Rated::Statement(Box::new(statement))
        }
        Err(error) => Rated::Refused(error.to_string()),
    }
}

/// What goes over to the statement after this one. The hash of the body is left out: nothing is
/// recorded that could be checked by it.
fn left_by(statement: &Statement) -> Left {
    let previous = Previous { id: statement.id(), body_hash: String::new() };
    Left { previous: Some(previous), balances: statement.closing.clone(), corrections: Vec::new() }
}

fn named<'b>(book: &'b Compiled, name: &str) -> impl Iterator<Item = &'b Agreement> {
    book.agreements.iter().filter(move |agreement| agreement.name == name)
}

fn names(a: &Compiled, b: &Compiled) -> BTreeSet<String> {
    a.agreements.iter().chain(&b.agreements).map(|agreement| agreement.name.clone()).collect()
}

/// Whether the agreement, or anything that it is rated from, is not the same in both books.
fn differs(name: &str, a: &Compiled, b: &Compiled) -> bool {
    let terms = |book| named(book, name).map(Agreement::encode).collect::<Vec<_>>();
    let measures = |book: &Compiled| {
        let read: BTreeSet<String> = named(book, name).flat_map(Agreement::measures).collect();
        let used = book.measures.iter().filter(|measure| read.contains(&measure.name));
        used.map(settle::Measure::encode).collect::<Vec<_>>()
    };
    terms(a) != terms(b) || measures(a) != measures(b) || a.quotes != b.quotes
}

/// The latest periods with figures, oldest first, and how many older ones there are.
fn periods(
    agreement: &Agreement,
    (first, last): (i64, i64),
    most: usize,
) -> Result<(Vec<(Period, Span)>, u64), EngineError> {
    let cycle = agreement.cycle();
    let zone = &agreement.zone;
    let mut found = Vec::new();
    let mut next = cycle.containing(first, zone).ok();
    while let Some(period) = next {
        let span = agreement.span(period)?;
        if span.start > last {
            break;
        }
        found.push((period, span));
        next = cycle.next(period);
    }
    let left_out = found.len().saturating_sub(most);
    found.drain(..left_out);
    Ok((found, left_out as u64))
}
