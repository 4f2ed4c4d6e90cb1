//! What is read for the levels of one query, and how often.

use super::batch::Batch;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::view::page::Cut;
use crate::view::{agreement, event, line, period, statement};
use api::agreements::{Agreement, AgreementVersion, Period};
use api::figures::Page;
use api::statement::Statement;
use api::story::{EventStory, LineStory};
use node::clock::now_nanos;
use node::{NodeError, Session};
use std::sync::atomic::{AtomicU64, Ordering};

/// Periods of an agreement that are asked for: name, states and times, cursor, most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeriodsOf {
    /// The agreement.
    pub agreement: String,
    /// Those in this state.
    pub state: Option<String>,
    /// Those that end after this, nanoseconds UTC.
    pub from: i64,
    /// Those that begin before this.
    pub to: i64,
    /// After this one.
    pub after: Option<String>,
    /// At most so many.
    pub first: usize,
}

/// Statement of an agreement and a period, closed or as it is now.
pub type StatementOf = (String, String, bool);

/// What is read for one query.
#[derive(Default)]
pub struct Loaders {
    roots: AtomicU64,
    agreements: Batch<String, Vec<Agreement>>,
    versions: Batch<String, Vec<AgreementVersion>>,
    periods: Batch<PeriodsOf, Page<Period>>,
    statements: Batch<StatementOf, Option<Statement>>,
    lines: Batch<String, Option<LineStory>>,
    events: Batch<(String, String), Option<EventStory>>,
}

impl Loaders {
    /// How many times the engine was read.
    pub fn reads(&self) -> u64 {
        let levels = [
            self.agreements.reads(),
            self.versions.reads(),
            self.periods.reads(),
            self.statements.reads(),
            self.lines.reads(),
            self.events.reads(),
        ];
        levels.iter().sum::<u64>() + self.roots.load(Ordering::Relaxed)
    }

    /// One read for a field of the root.
    ///
    /// # Errors
    /// What `read` refuses.
    pub async fn root<R: Send + 'static>(
        &self,
        asker: &Asker,
        read: impl FnOnce(&Session, &Scope) -> Result<R, Refusal> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.roots.fetch_add(1, Ordering::Relaxed);
        asker.read(read).await
    }

    /// The agreements that a party pays or is paid by.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn agreements(&self, asker: &Asker, of: String) -> Result<Vec<Agreement>, Refusal> {
        let read = |session: &Session, scope: &Scope, of: &String| {
            let mut found = agreement::agreements(&session.operator.engine, scope, now_nanos());
            found.retain(|agreement| agreement.from == *of || agreement.to == *of);
            Ok(found)
        };
        self.agreements.load(asker, of, read).await
    }

    /// The versions of an agreement.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn versions(
        &self,
        asker: &Asker,
        of: String,
    ) -> Result<Vec<AgreementVersion>, Refusal> {
        let read = |session: &Session, scope: &Scope, of: &String| {
            Ok(agreement::versions(&session.operator.engine, scope, of)?)
        };
        self.versions.load(asker, of, read).await
    }

    /// Periods of an agreement.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn periods(&self, asker: &Asker, of: PeriodsOf) -> Result<Page<Period>, Refusal> {
        let read = |session: &Session, scope: &Scope, of: &PeriodsOf| {
            let PeriodsOf { state, from, to, .. } = of.clone();
            let which = period::Which { from, to, state, now: now_nanos() };
            let engine = &session.operator.engine;
            let found = period::periods(engine, scope, &of.agreement, &which)?;
            let cut = Cut { after: of.after.clone(), limit: of.first };
            Ok(cut.page(found, period::cursor))
        };
        self.periods.load(asker, of, read).await
    }

    /// A statement; none where the period is not closed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn statement(
        &self,
        asker: &Asker,
        of: StatementOf,
    ) -> Result<Option<Statement>, Refusal> {
        let read = |session: &Session, scope: &Scope, of: &StatementOf| {
            let engine = &session.operator.engine;
            let found = statement::find(engine, scope, (&of.0, &of.1), of.2)?;
            let made =
                found.map(|(found, closed)| statement::document(engine, &found, closed.as_ref()));
            Ok(made.transpose()?)
        };
        self.statements.load(asker, of, read).await
    }

    /// The story of a line of a closed statement.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn line(&self, asker: &Asker, id: String) -> Result<Option<LineStory>, Refusal> {
        let read = |session: &Session, scope: &Scope, id: &String| {
            let engine = &session.operator.engine;
            let mut parts = id.split(':');
            let of = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let seen = statement::find(engine, scope, of, false)?.is_some();
            let story = || line::story(engine, scope, id);
            Ok(seen.then(story).transpose()?)
        };
        self.lines.load(asker, id, read).await
    }

    /// The story of an event; none where there is no such event.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn event(
        &self,
        asker: &Asker,
        of: (String, String),
    ) -> Result<Option<EventStory>, Refusal> {
        let read = |session: &Session, scope: &Scope, of: &(String, String)| {
            let engine = &session.operator.engine;
            if !scope.source(engine, &of.0) {
                return Ok(None);
            }
            let found = match engine.event_story(&of.0, &of.1) {
                Err(node::engine::EngineError::Unknown(_)) => return Ok(None),
                found => found.map_err(NodeError::from)?,
            };
            Ok(Some(event::story(session, scope, &found)?))
        };
        self.events.load(asker, of, read).await
    }
}
