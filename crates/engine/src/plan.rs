//! What a changed book would do on real history: every period that has figures, rated under both
//! books as everything posted so far has it. Nothing is recorded.

use crate::close::{Closed, Terms, chain};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::gather::Reading;
use book::Compiled;
use ledger::time::Span;
use settle::{AccountSum, Agreement, Left, Need, Period, Previous, Scope, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The history under both books.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Each period of each agreement whose terms, or whose measures, are not the same in both;
    /// ascending by agreement and time.
    pub periods: Vec<PeriodPlan>,
    /// Older periods that were left out.
    pub left_out: u64,
    /// What was read beside totals.
    pub reading: Reading,
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

/// Terms by book and period, where the book has them.
type Termed<'b> = [Vec<Option<Terms<'b>>>; 2];
/// What they read, or why they cannot.
type Scoped<'t> = [Vec<Option<Result<Scope<'t>, EngineError>>>; 2];
/// The periods of one subject under each book.
type RatedPair = [Vec<Rated>; 2];
/// Subject, book, period.
type Place = (usize, usize, usize);

impl Subject {
    fn terms<'b>(&self, books: [&'b Compiled; 2]) -> Termed<'b> {
        books.map(|book| {
            let terms = |(_, span): &(Period, Span)| Terms::in_book(book, &self.agreement, *span);
            self.periods.iter().map(|period| terms(period).ok()).collect()
        })
    }

    fn scopes<'t>(&self, terms: &'t Termed<'_>) -> Scoped<'t> {
        terms.each_ref().map(|terms| {
            let pairs = terms.iter().zip(&self.periods);
            pairs.map(|(terms, (_, span))| Some(terms.as_ref()?.scope(*span))).collect()
        })
    }

    /// What the last closed period before the first one that is rated left, as last stated.
    fn left_before(&self, closed: &[(String, String, Closed)]) -> Result<Left, EngineError> {
        let Some((_, span)) = self.periods.first() else { return Ok(Left::default()) };
        let own = closed.iter().filter(|(agreement, ..)| *agreement == self.agreement);
        let own = own.map(|(_, period, closed)| (period.clone(), closed.clone())).collect();
        let links = chain::links(own, "");
        let before = links.iter().rfind(|link| link.closed.span.end <= span.start);
        before.map_or(Ok(Left::default()), |link| Ok(left_by(&Statement::parse(&link.stated)?)))
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let periods = self.periods.len();
        (0..2).flat_map(move |book| (0..periods).map(move |period| (book, period)))
    }
}

/// Most threads that rate: beyond, sums would take more memory than time is saved.
const THREADS_MAX: usize = 8;

/// The results of jobs, done by as many threads as there are cores.
fn side_by_side<T: Send>(
    jobs: usize,
    work: &(dyn Fn(usize) -> Result<T, EngineError> + Sync),
) -> Result<Vec<T>, EngineError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let next = AtomicUsize::new(0);
    let done = std::thread::scope(|scope| {
        let run = || {
            let taken = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            let taken = taken.take_while(|job| *job < jobs);
            taken.map(|job| Ok((job, work(job)?))).collect::<Result<Vec<_>, EngineError>>()
        };
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, EngineError>>()
    })?;
    let mut done: Vec<(usize, T)> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(job, _)| *job);
    Ok(done.into_iter().map(|(_, result)| result).collect())
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
        let closed = self.all_closed_without_sums()?;
        let is_closed = |agreement: &str, period: &str| {
            closed.iter().any(|(of, name, _)| of == agreement && name == period)
        };
        let (reading, rated) = self.rate_all([in_force, changed], &subjects, &closed)?;
        plan.reading = reading;
        for (subject, [before, after]) in subjects.iter().zip(rated) {
            let rated = before.into_iter().zip(after);
            for ((period, _), (before, after)) in subject.periods.iter().zip(rated) {
                let closed = is_closed(&subject.agreement, &period.to_string());
                let (agreement, period) = (subject.agreement.clone(), *period);
                plan.periods.push(PeriodPlan { agreement, period, closed, before, after });
            }
        }
        Ok(plan)
    }

    /// From the first quarter of an hour with a posting to the end of the last one.
    fn history(&self) -> Result<Option<(i64, i64)>, EngineError> {
        let bounds = self.store().bounds()?;
        Ok(bounds.map(|(first, last)| (first.start_nanos(), last.start_nanos())))
    }

    /// The statements of every subject under each book, oldest first, each with what the one
    /// before left. The sums of all are gathered together, and subjects rated side by side.
    fn rate_all(
        &self,
        books: [&Compiled; 2],
        subjects: &[Subject],
        closed: &[(String, String, Closed)],
    ) -> Result<(Reading, Vec<RatedPair>), EngineError> {
        let terms = subjects.iter().map(|subject| subject.terms(books)).collect::<Vec<_>>();
        let scopes: Vec<Scoped<'_>> =
            subjects.iter().zip(&terms).map(|(subject, terms)| subject.scopes(terms)).collect();
        let mut questions: BTreeMap<(i64, Question), Vec<Place>> = BTreeMap::new();
        for (at, subject) in subjects.iter().enumerate() {
            for (book, period) in subject.places() {
                let (terms, scope) = (&terms[at][book][period], &scopes[at][book][period]);
                if let (Some(terms), Some(Ok(scope))) = (terms, scope) {
                    let span = subject.periods[period].1;
                    let zone = terms.agreement.zone.clone();
                    let question = (scope.needs().to_vec(), (span.start, span.end), zone);
                    questions.entry((span.start, question)).or_default().push((at, book, period));
                }
            }
        }
        let (mut asks, mut asked) = (Vec::new(), BTreeMap::new());
        for places in questions.into_values() {
            let (at, book, period) = places[0];
            if let (Some(terms), Some(Ok(scope))) =
                (&terms[at][book][period], &scopes[at][book][period])
            {
                asked.extend(places.into_iter().map(|place| (place, asks.len())));
                asks.push(terms.ask_merged(scope));
            }
        }
        let gathered = self.read_for(&asks)?;
        let left = subjects.iter().map(|subject| subject.left_before(closed));
        let left = left.collect::<Result<Vec<_>, _>>()?;
        let rate = |at: usize| -> Result<[Vec<Rated>; 2], EngineError> {
            let mut lefts = [left[at].clone(), left[at].clone()];
            let mut rated = [Vec::new(), Vec::new()];
            for (period, (name, span)) in subjects[at].periods.iter().enumerate() {
                let mut known: Option<(usize, Vec<AccountSum>)> = None;
                for (book, rated) in rated.iter_mut().enumerate() {
                    let (terms, scope) = (&terms[at][book][period], &scopes[at][book][period]);
                    rated.push(match (terms, scope, asked.get(&(at, book, period))) {
                        (_, Some(Err(error)), _) => Rated::Refused(error.to_string()),
                        (Some(terms), _, Some(ask)) => {
                            let again = known.take().filter(|(known, _)| known == ask);
                            let sums = again.map_or_else(|| gathered.sums(*ask), |(_, s)| Ok(s))?;
                            let (_, sums) = known.insert((*ask, sums));
                            rate_next(terms, (*name, *span), sums, &mut lefts[book])
                        }
                        _ => Rated::Absent,
                    });
                }
            }
            Ok(rated)
        };
        Ok((gathered.reading(), side_by_side(subjects.len(), &rate)?))
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
