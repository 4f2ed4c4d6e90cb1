//! The closed periods of one agreement in a row: each as last stated, rated again where late
//! facts changed it, with the opening that follows from the one before.

use super::closed::{Closed, Restated};
use super::terms::Terms;
use crate::books::Books;
use crate::error::EngineError;
use crate::port::Position;
use crate::query::scan::hex;
use ledger::Decimal;
use ledger::time::Span;
use proof::digest::sha256;
use settle::{AccountSum, Correction, Left, Previous, Scope, Statement, correction};
use std::collections::BTreeMap;

/// A closed period as a later close finds it.
#[derive(Clone, Debug)]
pub struct Link {
    /// The period, as people write it.
    pub period: String,
    /// Its close.
    pub closed: Closed,
    /// The body that was stated for it last: its own, or the one of the latest close that rated
    /// it again.
    pub stated: Vec<u8>,
}

/// What the closed periods leave for the next one.
#[derive(Debug)]
pub struct Chain {
    /// The statement before, balances, corrections.
    pub left: Left,
    /// The periods whose statement is another now.
    pub restated: Vec<Restated>,
}

/// The closed periods but `period`, in order of their time, each as last stated.
pub fn links(closed: Vec<(String, Closed)>, period: &str) -> Vec<Link> {
    let mut last: BTreeMap<String, (Position, Vec<u8>)> = BTreeMap::new();
    for (_, closed) in &closed {
        for Restated { period, body } in &closed.restated {
            let later = last.get(period).is_none_or(|(at, _)| *at < closed.position);
            if later {
                last.insert(period.clone(), (closed.position, body.clone()));
            }
        }
    }
    let others = closed.into_iter().filter(|(other, _)| other != period);
    let mut links: Vec<Link> = others
        .map(|(period, closed)| {
            let stated = last.remove(&period).map_or_else(|| closed.body.clone(), |(_, b)| b);
            Link { period, closed, stated }
        })
        .collect();
    links.sort_by_key(|link| (link.closed.span.start, link.closed.span.end));
    links
}

/// The terms that each period was rated under.
///
/// # Errors
/// When the book does not have them.
pub fn terms<'b>(
    books: &'b Books,
    agreement: &str,
    links: &[Link],
) -> Result<Vec<Terms<'b>>, EngineError> {
    let of = |link: &Link| Terms::of(books.get(link.closed.revision)?, agreement, link.closed.span);
    links.iter().map(of).collect()
}

/// What each period reads.
///
/// # Errors
/// When a measure lacks what is asked of it.
pub fn scopes<'t>(terms: &'t [Terms<'_>], links: &[Link]) -> Result<Vec<Scope<'t>>, EngineError> {
    terms.iter().zip(links).map(|(terms, link)| terms.scope(link.closed.span)).collect()
}

/// Which periods to rate again: those whose sums changed, and those whose opening may have.
pub fn to_rate(terms: &[Terms<'_>], changed: &[bool]) -> Vec<bool> {
    let mut before = false;
    let again = |(terms, changed): (&Terms<'_>, &bool)| {
        let keeps = terms.agreement.keeps_balances();
        let again = *changed || (before && keeps);
        before |= again && keeps;
        again
    };
    terms.iter().zip(changed).map(again).collect()
}

/// Rates again what has sums in `now`, in order, and finds what all of it leaves for a period of
/// `terms` over `span`.
///
/// # Errors
/// When a period cannot be rated.
pub fn follow(
    terms: &Terms<'_>,
    span: Span,
    (links, old): (&[Link], &[Terms<'_>]),
    now: Vec<Option<Vec<AccountSum>>>,
) -> Result<Chain, EngineError> {
    let mut closings: BTreeMap<String, BTreeMap<String, Decimal>> = BTreeMap::new();
    let mut chain = Chain { left: Left::default(), restated: Vec::new() };
    for ((link, old), now) in links.iter().zip(old).zip(now) {
        let stated = Statement::parse(&link.stated)?;
        let latest = match now {
            None => stated,
            Some(sums) => {
                let left = left_of(&stated, &closings);
                let rated = old.rate((&link.period, link.closed.span), &sums, &left)?;
                chain.note(terms, link, &stated, &rated)?;
                rated
            }
        };
        let before = link.closed.span.end <= span.start && old.agreement.keeps_balances();
        if before && terms.agreement.keeps_balances() {
            let body_hash = hex(&sha256(&link.closed.body).0);
            chain.left.previous = Some(Previous { id: latest.id(), body_hash });
            chain.left.balances.clone_from(&latest.closing);
        }
        closings.insert(latest.id(), latest.closing);
    }
    Ok(chain)
}

/// What a period began with: what was stated, but for balances that are others now.
fn left_of(stated: &Statement, closings: &BTreeMap<String, BTreeMap<String, Decimal>>) -> Left {
    let previous = stated.previous.clone();
    let known = previous.as_ref().and_then(|previous| closings.get(&previous.id));
    let balances = known.unwrap_or(&stated.opening).clone();
    Left { previous, balances, corrections: settle::correct::stated(stated) }
}

impl Chain {
    /// Notes a period that was rated again, where it came out as another.
    fn note(
        &mut self,
        terms: &Terms<'_>,
        link: &Link,
        stated: &Statement,
        rated: &Statement,
    ) -> Result<(), EngineError> {
        let body = rated.body();
        if body == link.stated {
            return Ok(());
        }
        let found: Option<Correction> = correction(stated, rated);
        if found.is_some() && stated.asset != terms.agreement.asset {
            return Err(EngineError::Blocked(format!(
                "late facts changed {}, which is in {}; its agreement is now in {}, so that they \
                 cannot be corrected there",
                stated.id(),
                stated.asset.code,
                terms.agreement.asset.code
            )));
        }
        self.left.corrections.extend(found);
        self.restated.push(Restated { period: link.period.clone(), body });
        Ok(())
    }
}
