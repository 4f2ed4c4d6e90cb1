//! The periods of an agreement: closed ones, and those that something may be posted in.

use crate::scope::Scope;
use api::agreements::Period;
use node::NodeError;
use node::clock::show_time;
use node::engine::Engine;
use node::engine::close::Closed;
use node::ledger::time::{Bucket, Span};
use node::settle::statement::money;
use node::settle::{Agreement, Statement};
use std::collections::BTreeMap;

/// Every state that a period can be in.
pub const STATES: [&str; 4] = ["open", "provisional", "closing", "closed"];

/// Which periods; all of them where nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// Those that end after this, nanoseconds UTC.
    pub from: i64,
    /// Those that begin before this.
    pub to: i64,
    /// Those in this state.
    pub state: Option<String>,
    /// What time it is.
    pub now: i64,
}

impl Which {
    /// All of them, now.
    pub fn all(now: i64) -> Self {
        Self { from: i64::MIN, to: i64::MAX, state: None, now }
    }

    fn has(&self, span: Span) -> bool {
        self.from < span.end && span.start < self.to
    }
}

/// The cursor of a period in a list: its beginning, then its name.
pub fn cursor(period: &Period) -> String {
    format!("{}/{}", period.start, period.period)
}

/// The periods of an agreement that are seen, in order of time: those that were closed, and of the
/// versions in force those from the first posting to now.
///
/// # Errors
/// A failing port.
pub fn periods(
    engine: &Engine,
    scope: &Scope,
    agreement: &str,
    which: &Which,
) -> Result<Vec<Period>, NodeError> {
    let mut found = BTreeMap::new();
    for (name, closed) in engine.closed_of(agreement)? {
        if !which.has(closed.span) {
            continue;
        }
        let statement = Statement::parse(&closed.body)?;
        let seen = scope.statement(&statement);
        // A close that is not seen still takes its period: nobody else's is shown in its place.
        let period = seen.then(|| shown(&statement, &closed));
        found.insert((closed.span.start, name), period);
    }
    if let Some(book) = engine.state().books.current() {
        let bounds = engine.store().bounds()?;
        let named = scope.agreements(book).filter(|version| version.name == agreement);
        for version in named {
            for (name, span) in running(version, bounds, which) {
                let open = || Some(open(version, &name, span, which.now));
                found.entry((span.start, name.clone())).or_insert_with(open);
            }
        }
    }
    let mut periods: Vec<Period> = found.into_values().flatten().collect();
    periods.retain(|period| which.state.as_ref().is_none_or(|state| *state == period.state));
    Ok(periods)
}

/// The periods of a version from the first posting, or now, to the last one, or now.
fn running(
    version: &Agreement,
    bounds: Option<(Bucket, Bucket)>,
    which: &Which,
) -> Vec<(String, Span)> {
    let first = bounds.map_or(which.now, |(first, _)| first.start_nanos().min(which.now));
    let last = bounds.map_or(which.now, |(_, last)| last.start_nanos().max(which.now));
    let holds = version.effective;
    let from = first.max(holds.start).max(which.from);
    let until = last.min(holds.end.saturating_sub(1)).min(which.to.saturating_sub(1));
    let mut found = Vec::new();
    let mut next = version.cycle().containing(from, &version.zone).ok();
    while let Some(period) = next {
        let Ok(span) = version.span(period) else { break };
        if span.start > until {
            break;
        }
        // A period is rated by the version that holds for the whole of it.
        if holds.start <= span.start && span.end <= holds.end {
            found.push((period.to_string(), span));
        }
        next = version.cycle().next(period);
    }
    found
}

fn open(version: &Agreement, period: &str, span: Span, now: i64) -> Period {
    Period {
        agreement: version.name.clone(),
        period: period.to_owned(),
        start: show_time(span.start),
        end: show_time(span.end),
        state: if now < span.end { "open" } else { "provisional" }.to_owned(),
        version: version.version,
        from: version.from.clone(),
        to: version.to.clone(),
        asset: version.asset.code.clone(),
        payable: None,
        statement: None,
        closed_at: None,
        cut_position: None,
    }
}

fn shown(statement: &Statement, closed: &Closed) -> Period {
    Period {
        agreement: statement.agreement.clone(),
        period: statement.period.to_string(),
        start: show_time(closed.span.start),
        end: show_time(closed.span.end),
        state: if closed.sequence.is_some() { "closed" } else { "closing" }.to_owned(),
        version: statement.version,
        from: statement.from.clone(),
        to: statement.to.clone(),
        asset: statement.asset.code.clone(),
        payable: Some(money(statement.payable, statement.asset.scale)),
        statement: Some(statement.id()),
        closed_at: Some(show_time(closed.closed_at)),
        cut_position: Some(closed.position),
    }
}
