//! The story of a statement line: the lines it was taken of, the measures these read, the accounts
//! behind them, and some of the events behind those.

use super::scan::{self, Touch};
use super::taken::taken_of;
use crate::close::{self, Closed};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use ledger::Total;
use settle::measure::DAY;
use settle::{AccountSum, Agreement, Line, LineKind, Scope, Selection, Statement};
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
        let terms = close::Terms::of(revision, &statement.agreement, closed.span)?;
        let scope = terms.scope(closed.span)?;
        let (engine, read) = (self, BTreeMap::new());
        let mut reader = Reader {
            engine,
            closed: &closed,
            agreement: rated,
            statement: &statement,
            scope: &scope,
            read,
        };
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

/// SHA-256 of the statement's body, hexadecimal.
pub fn body_sha256(statement: &Statement) -> String {
    scan::hex(&proof::digest::sha256(&statement.body()).0)
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
    statement: &'e Statement,
    scope: &'e Scope<'e>,
    read: BTreeMap<Asked, MeasureStory>,
}

/// A measure, the selection in force, what the line read of it, and the group the line is of.
type Asked = (String, Selection, u64, String);

impl Reader<'_> {
    fn part(&mut self, lines: &[Line], at: usize) -> Result<LinePart, EngineError> {
        let line = lines[at].clone();
        if line.kind == LineKind::Correction {
            let taken_of = corrected(&line).into_iter().collect();
            return Ok(LinePart { line, measures: Vec::new(), taken_of });
        }
        let selection = self.agreement.selection_at(&line.path);
        let selection = selection.ok_or_else(|| {
            EngineError::Unknown(format!("the step of line {} in its agreement", line.id))
        })?;
        let mut measures = Vec::new();
        for reading in &line.readings {
            let group = line.path.split_once('/').map_or("", |(_, part)| part).to_owned();
            let key = (reading.measure.clone(), selection.clone(), reading.count, group);
            let story = match self.read.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unread) => {
                    let story = measure_story(self.engine, self.closed, self.scope, unread.key())?;
                    unread.insert(story)
                }
            };
            measures.push(story.clone());
        }
        let taken = taken_of(self.agreement, lines, at);
        let mut taken_of: Vec<String> =
            taken.into_iter().map(|place| lines[place].id.clone()).collect();
        if line.kind == LineKind::Net {
            taken_of.extend(self.netted(&line)?);
        }
        if line.kind == LineKind::BroughtForward {
            taken_of.extend(self.brought_from(&line)?);
        }
        Ok(LinePart { line, measures, taken_of })
    }

    /// The statements that a line nets: those whose periods end in this one, as far as they were
    /// there.
    fn netted(&self, line: &Line) -> Result<Vec<String>, EngineError> {
        let agreement = line.path.rsplit('/').next().unwrap_or_default();
        let mut found = Vec::new();
        for (_, closed) in self.engine.closed_of(agreement)? {
            let ends = self.closed.span.contains(closed.span.end - 1);
            let there = closed.sequence.is_some();
            if ends && there && closed.statement_position < self.closed.position {
                found.push((closed.span.start, Statement::parse(&closed.body)?.id()));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The line of the statement before that states what a line brings forward; the whole
    /// statement where no line does.
    fn brought_from(&self, line: &Line) -> Result<Option<String>, EngineError> {
        let Some(previous) = &self.statement.previous else { return Ok(None) };
        let Some(id) = settle::LineId::parse(&previous.id) else { return Ok(None) };
        let Some(closed) = self.engine.closed(id.agreement, &id.period.to_string())? else {
            return Ok(None);
        };
        let before = Statement::parse(&closed.body)?;
        let step = |line: &Line| line.name.split('/').next().map(str::to_owned);
        let states =
            |other: &&Line| other.kind == LineKind::CarriedForward && step(other) == step(line);
        let found = before.lines.iter().find(states).map(|line| line.id.clone());
        Ok(Some(found.unwrap_or_else(|| previous.id.clone())))
    }
}

/// What a correction corrects: a line, or a statement where it is about a balance or the whole.
fn corrected(line: &Line) -> Option<String> {
    let corrects = line.notes.get("corrects")?;
    let (statement, path) = corrects.split_once('/').unwrap_or((corrects, ""));
    let whole = path.is_empty() || path.starts_with("balance.");
    Some(if whole { statement } else { corrects }.to_owned())
}

/// The sums that a line read of a measure: those of the grain, and where need be of the one group,
/// that have as many postings.
fn sums_read<'s>(
    scope: &Scope<'_>,
    sums: &'s [AccountSum],
    (measure, selection, count, group): &Asked,
) -> Result<(usize, Vec<&'s AccountSum>), EngineError> {
    let needs = scope.needs().iter().enumerate();
    let needs = needs.filter(|(_, need)| need.measure == *measure && need.selection == *selection);
    let mut first = None;
    for (place, _) in needs {
        let all = scope.counted(place, sums)?;
        let of_group = |sum: &&&AccountSum| {
            settle::measure::dims_of(&sum.path).iter().any(|(_, value)| group.contains(value))
        };
        let some: Vec<&AccountSum> = all.iter().filter(of_group).copied().collect();
        let counts = |sums: &[&AccountSum]| sums.iter().map(|sum| sum.total.count).sum::<u64>();
        for found in [all, some] {
            if counts(&found) == *count {
                return Ok((place, found));
            }
            first.get_or_insert((place, found));
        }
    }
    Ok(first.unwrap_or_default())
}

fn measure_story(
    engine: &Engine,
    closed: &Closed,
    scope: &Scope<'_>,
    asked: &Asked,
) -> Result<MeasureStory, EngineError> {
    let part = |sum: &AccountSum| AccountPart {
        path: sum.path.clone(),
        asset: sum.asset.clone(),
        total: sum.total,
    };
    let (need, sums) = sums_read(scope, &closed.sums, asked)?;
    let mut accounts: Vec<AccountPart> = sums.into_iter().map(part).collect();
    accounts.sort_by(|a, b| b.total.count.cmp(&a.total.count).then(a.path.cmp(&b.path)));
    // Only what the sums at the cut hold: the same account in another asset is another agreement's.
    let held: BTreeSet<_> = accounts
        .iter()
        .map(|part| (settle::measure::account_of(&part.path).0, &*part.asset))
        .collect();
    let mut wanted = Vec::new();
    engine.store().accounts(&mut |_, path, asset| {
        // No event stands behind what statements came to.
        wanted.push(held.contains(&(path, asset)) && !settle::is_settlement(path));
    })?;
    let finer = scope.needs().get(need).map(|need| need.grain.by.clone()).unwrap_or_default();
    let finer: Vec<&str> = finer.iter().map(String::as_str).filter(|dim| *dim != DAY).collect();
    let values: BTreeSet<Vec<String>> = accounts
        .iter()
        .map(|part| {
            let dims = settle::measure::dims_of(&part.path).into_iter();
            dims.filter(|(dim, _)| *dim != DAY).map(|(_, value)| value).collect()
        })
        .collect();
    let span = scope.parts().iter().find(|part| part.need == need).map(|part| part.span);
    let mut events = Vec::new();
    let buckets = crate::sums::buckets_of(span.unwrap_or(closed.span))?;
    scan::touches(engine, buckets, &wanted, &mut |touch: Touch| {
        if touch.by < closed.position && events.last() != Some(&touch.position) {
            let own = finer.is_empty()
                || values.contains(&scan::group_of(engine, touch.position, &finer)?);
            if own {
                events.push(touch.position);
            }
        }
        Ok(events.len() < EVENTS_LISTED_MAX)
    })?;
    Ok(MeasureStory { name: asked.0.clone(), accounts, events })
}
