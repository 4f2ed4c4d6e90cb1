//! The story of a statement line: the lines it was taken of, the measures these read, the accounts
//! behind them, and some of the events behind those.

use super::figures::matchers;
use super::scan::{self, Touch};
use super::taken::taken_of;
use crate::close::{self, Closed};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use ledger::Total;
use settle::{AccountSum, Agreement, Line, Selection, Statement};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Events listed for a measure: enough to begin with, the count tells how many there are.
pub const EVENTS_LISTED_MAX: usize = 20;

/// Everything behind a line of a statement.
#[derive(Clone, Debug)]
pub struct LineStory {
    /// The statement.
    pub statement: Statement,
    /// The close it belongs to.
    pub closed: Closed,
    /// The line.
    pub line: LinePart,
    /// The earlier lines that it was taken of, and those that these were taken of, and so on down
    /// to lines that stand on measures alone; nearest first, each once.
    pub earlier: Vec<LinePart>,
}

/// A line and what it stands on.
#[derive(Clone, Debug)]
pub struct LinePart {
    /// The line.
    pub line: Line,
    /// What it read, under the selection in force at the line.
    pub measures: Vec<MeasureStory>,
    /// Ids of the earlier lines that it was taken of.
    pub taken_of: Vec<String>,
}

/// A measure behind a line.
#[derive(Clone, Debug)]
pub struct MeasureStory {
    /// Its name.
    pub name: String,
    /// The accounts it is made from, those with the most postings first.
    pub accounts: Vec<AccountPart>,
    /// The first events posted on them, by position.
    pub events: Vec<Position>,
}

/// An account behind a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPart {
    /// Its path.
    pub path: String,
    /// Code of its asset.
    pub asset: String,
    /// What was posted in the period, before the cut.
    pub total: Total,
}

impl Engine {
    /// The story of the line with this id: `agreement:period:version/path`.
    ///
    /// # Errors
    /// [`EngineError::Unknown`]; a failing port.
    pub fn line_story(&self, id: &str) -> Result<LineStory, EngineError> {
        let unknown = || {
            EngineError::Unknown(format!(
                "no statement line {id}; `saldo statement` shows the ids of all lines"
            ))
        };
        let mut parts = id.splitn(3, ':');
        let (agreement, period) =
            (parts.next().ok_or_else(unknown)?, parts.next().ok_or_else(unknown)?);
        let closed = self.closed(agreement, period)?.ok_or_else(unknown)?;
        let statement = Statement::parse(&closed.body)?;
        let at = statement.lines.iter().position(|line| line.id == id).ok_or_else(unknown)?;
        let revision = self.state.books.get(closed.revision)?;
        let rated = revision.compiled.agreements.iter();
        let mut rated = rated.filter(|terms| {
            terms.name == statement.agreement && terms.version == statement.version
        });
        let rated = rated.next().ok_or_else(unknown)?;
        let mut reader =
            Reader { engine: self, closed: &closed, agreement: rated, read: BTreeMap::new() };
        let line = reader.part(&statement.lines, at)?;
        let mut earlier = Vec::new();
        for place in behind(rated, &statement.lines, at) {
            earlier.push(reader.part(&statement.lines, place)?);
        }
        Ok(LineStory { statement, closed, line, earlier })
    }

    /// The statement of a closed period.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] when it is not closed; a failing port.
    pub fn statement(
        &self,
        agreement: &str,
        period: &str,
    ) -> Result<(Statement, Closed), EngineError> {
        let closed = self.closed(agreement, period)?.ok_or_else(|| {
            EngineError::Unknown(format!(
                "{agreement} is not closed for {period}; `saldo close {period}` closes it"
            ))
        })?;
        Ok((Statement::parse(&closed.body)?, closed))
    }

    /// What the statement of a period would be if it were closed now; nothing is recorded.
    ///
    /// # Errors
    /// When it cannot be rated; a failing port.
    pub fn draft_statement(&self, agreement: &str, period: &str) -> Result<Statement, EngineError> {
        let span = self.period_span(agreement, period)?;
        let closed = close::freeze(self, agreement, period, span, (self.store.position(), 0))?;
        Ok(Statement::parse(&closed.body)?)
    }
}

/// Every line that the line at `at` stands on, nearest first.
fn behind(agreement: &Agreement, lines: &[Line], at: usize) -> Vec<usize> {
    let mut wanted = BTreeSet::from([at]);
    // A line is taken of earlier ones only, so one walk towards the first finds them all.
    for place in (0..=at).rev() {
        if wanted.contains(&place) {
            wanted.extend(taken_of(agreement, lines, place));
        }
    }
    wanted.remove(&at);
    wanted.into_iter().rev().collect()
}

/// Reads the measures of the lines of one closed period, each once for each selection.
struct Reader<'e> {
    engine: &'e Engine,
    closed: &'e Closed,
    agreement: &'e Agreement,
    read: BTreeMap<(String, Selection), MeasureStory>,
}

impl Reader<'_> {
    fn part(&mut self, lines: &[Line], at: usize) -> Result<LinePart, EngineError> {
        let line = lines[at].clone();
        let selection = self.agreement.selection_at(&line.path);
        let selection = selection.ok_or_else(|| {
            EngineError::Unknown(format!("the step of line {} in its agreement", line.id))
        })?;
        let mut measures = Vec::new();
        for reading in &line.readings {
            let key = (reading.measure.clone(), selection.clone());
            let story = match self.read.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unread) => {
                    let (name, selection) = unread.key();
                    let story = measure_story(self.engine, self.closed, name, selection)?;
                    unread.insert(story)
                }
            };
            measures.push(story.clone());
        }
        let taken = taken_of(self.agreement, lines, at);
        let taken_of = taken.into_iter().map(|place| lines[place].id.clone()).collect();
        Ok(LinePart { line, measures, taken_of })
    }
}

fn measure_story(
    engine: &Engine,
    closed: &Closed,
    name: &str,
    selection: &Selection,
) -> Result<MeasureStory, EngineError> {
    let revision = engine.state.books.get(closed.revision)?;
    let measure = revision.compiled.measures.iter().find(|measure| measure.name == name);
    let measure = measure.ok_or_else(|| EngineError::Unknown(format!("measure {name}")))?;
    let matchers = matchers(measure, selection)?;
    let matches = |path: &str| matchers.iter().any(|matcher| matcher.matches(path));
    let part = |sum: &AccountSum| AccountPart {
        path: sum.path.clone(),
        asset: sum.asset.clone(),
        total: sum.total,
    };
    let sums = closed.sums.iter().filter(|sum| matches(&sum.path));
    let mut accounts: Vec<AccountPart> = sums.map(part).collect();
    accounts.sort_by(|a, b| b.total.count.cmp(&a.total.count).then(a.path.cmp(&b.path)));
    // Only what the sums at the cut hold: the same account in another asset is another agreement's.
    let held: BTreeSet<_> = accounts.iter().map(|part| (&*part.path, &*part.asset)).collect();
    let mut wanted = Vec::new();
    engine.store().accounts(&mut |_, path, asset| wanted.push(held.contains(&(path, asset))))?;
    let mut events = Vec::new();
    let buckets = crate::sums::buckets_of(closed.span)?;
    scan::touches(engine, buckets, &wanted, &mut |touch: Touch| {
        if touch.by < closed.position && events.last() != Some(&touch.position) {
            events.push(touch.position);
        }
        Ok(events.len() < EVENTS_LISTED_MAX)
    })?;
    Ok(MeasureStory { name: name.to_owned(), accounts, events })
}
