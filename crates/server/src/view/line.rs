//! The story of a statement line: what it was taken of, and what stands behind its measures.

use super::{statement, totals};
use crate::scope::{Scope, masked, names_one_of};
use api::figures::TotalRow;
use api::story::{EventName, LinePart, LineStory, MeasureStory};
use node::NodeError;
use node::engine::Engine;
use node::engine::books::Revision;
use node::engine::query;
use node::ledger::Total;
use std::collections::BTreeMap;

/// The story of the line of a closed statement with this id, as far as it is seen.
///
/// # Errors
/// When there is no such line; a failing port.
pub fn story(engine: &Engine, scope: &Scope, id: &str) -> Result<LineStory, NodeError> {
    let found = engine.line_story(id)?;
    let book = engine.state().books.get(found.closed.revision)?;
    let teller = Teller { engine, scope, book, scale: found.statement.asset.scale };
    let earlier = found.earlier.iter().map(|part| teller.part(part));
    Ok(LineStory {
        statement: found.statement.id(),
        closed_at_position: found.closed.position,
        book_revision: found.closed.revision,
        line: teller.part(&found.line)?,
        earlier: earlier.collect::<Result<_, _>>()?,
    })
}

struct Teller<'e> {
    engine: &'e Engine,
    scope: &'e Scope,
    book: &'e Revision,
    scale: u8,
}

impl Teller<'_> {
    fn part(&self, part: &query::LinePart) -> Result<LinePart, NodeError> {
        let measures = part.measures.iter().map(|measure| self.measure(measure));
        Ok(LinePart {
            line: statement::line(&part.line, self.scale),
            taken_of: part.taken_of.clone(),
            measures: measures.collect::<Result<_, _>>()?,
        })
    }

    fn measure(&self, story: &query::MeasureStory) -> Result<MeasureStory, NodeError> {
        let mut events = Vec::new();
        for position in &story.events {
            let located = self.engine.find(*position)?;
            let source = located.source().to_owned();
            if self.scope.source(self.engine, &source) {
                let id = String::from_utf8_lossy(located.id()).into_owned();
                let trace_id = located.trace().map(|trace| trace.to_string());
                events.push(EventName { position: *position, source, id, trace_id });
            }
        }
        Ok(MeasureStory { measure: story.name.clone(), accounts: self.accounts(story), events })
    }

    /// The accounts behind a measure; those that name somebody else come together under a path
    /// without names.
    fn accounts(&self, story: &query::MeasureStory) -> Vec<TotalRow> {
        let others = self.scope.others(self.book);
        let measures = self.book.compiled.measures.iter();
        let measure = measures.clone().find(|measure| measure.name == story.name);
        let (mut rows, mut hidden) = (Vec::new(), BTreeMap::<_, Total>::new());
        for account in &story.accounts {
            if names_one_of(&account.path, &others) {
                let key = (masked(&account.path, measure), account.asset.clone());
                // The sum of sums that one statement was rated from: it has room.
                let _ = hidden.entry(key).or_default().add(account.total);
            } else {
                rows.push((account.path.clone(), account.asset.clone(), account.total));
            }
        }
        rows.extend(hidden.into_iter().map(|((path, asset), total)| (path, asset, total)));
        rows.sort_by(|a, b| b.2.count.cmp(&a.2.count).then_with(|| a.0.cmp(&b.0)));
        let row = |(path, asset, total): &(String, String, Total)| {
            totals::row(self.engine, path, asset, *total)
        };
        rows.iter().map(row).collect()
    }
}
