//! The story of a statement line: its rule, the measures it read, the accounts behind them, and
//! some of the events behind those.

use super::figures::matchers;
use super::scan::{self, Touch};
use crate::close::{self, Closed};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use ledger::Total;
use settle::{Line, Selection, Statement};
use std::collections::BTreeMap;

/// Events listed for a measure: enough to begin with, the count tells how many there are.
pub const EVENTS_LISTED_MAX: usize = 20;

/// Everything behind a line of a statement.
#[derive(Clone, Debug)]
pub struct LineStory {
    /// The statement.
    pub statement: Statement,
    /// The line.
    pub line: Line,
    /// The close it belongs to.
    pub closed: Closed,
    /// What it read.
    pub measures: Vec<MeasureStory>,
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
        let line = statement.lines.iter().find(|line| line.id == id).cloned();
        let line = line.ok_or_else(unknown)?;
        let selection = selection_of(&line);
        let mut measures = Vec::new();
        for reading in &line.readings {
            measures.push(self.measure_story(&closed, &reading.measure, &selection)?);
        }
        Ok(LineStory { statement, line, closed, measures })
    }

    fn measure_story(
        &self,
        closed: &Closed,
        name: &str,
        selection: &Selection,
    ) -> Result<MeasureStory, EngineError> {
        let revision = self.state.books.get(closed.revision)?;
        let measure = revision.compiled.measures.iter().find(|measure| measure.name == name);
        let measure = measure.ok_or_else(|| EngineError::Unknown(format!("measure {name}")))?;
        let matchers = matchers(measure, selection)?;
        let matches = |path: &str| matchers.iter().any(|matcher| matcher.matches(path));
        let mut accounts: Vec<AccountPart> = closed
            .sums
            .iter()
            .filter(|sum| matches(&sum.path))
            .map(|sum| AccountPart {
                path: sum.path.clone(),
                asset: sum.asset.clone(),
                total: sum.total,
            })
            .collect();
        accounts.sort_by(|a, b| b.total.count.cmp(&a.total.count).then(a.path.cmp(&b.path)));
        let mut wanted = Vec::new();
        self.store().accounts(&mut |_, path, _| wanted.push(matches(path)))?;
        let mut events = Vec::new();
        let buckets = crate::sums::buckets_of(closed.span)?;
        scan::touches(self, buckets, &wanted, &mut |touch: Touch| {
            if touch.position < closed.position && events.last() != Some(&touch.position) {
                events.push(touch.position);
            }
            Ok(events.len() < EVENTS_LISTED_MAX)
        })?;
        Ok(MeasureStory { name: name.to_owned(), accounts, events })
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

/// The selection in force at a line, from its notes: `dim.provider` names the values.
fn selection_of(line: &Line) -> Selection {
    let mut dims = BTreeMap::new();
    for (name, values) in &line.notes {
        if let Some(dim) = name.strip_prefix("dim.") {
            dims.insert(dim.to_owned(), values.split(',').map(str::to_owned).collect());
        }
    }
    Selection { dims }
}
