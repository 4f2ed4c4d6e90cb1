//! The nodes of the graph: documents of `api`, and the fields that lead from one to the next.

use super::loaders::PeriodsOf;
use super::{asker, asker_of_event, loaders};
use crate::ask::time;
use crate::limits::GRAPH_FIRST_MAX;
use crate::policy::Action;
use crate::refusal::Refusal;
use crate::view::page::Cut;
use crate::view::period::STATES;
use api::agreements::{Agreement, AgreementVersion, Party, Period};
use api::code;
use api::figures::{MeasureRow, Page, TotalRow};
use api::statement::{Line, Reading, Statement};
use api::story::{EventName, EventStory, MeasureStory};
use async_graphql::{Context, MergedObject, Object, OutputType, Result, SimpleObject};

/// What a list of this length costs, each item of which costs so much.
pub fn many(length: usize, each: usize) -> usize {
    length.min(GRAPH_FIRST_MAX) * each.min(1 << 24) + 1
}

/// Lines of a statement, as costs go.
const LINES: usize = 10;
/// Measures of a line, as costs go.
const MEASURES: usize = 2;
/// What following a line to its accounts and events costs: journal blocks are read for it.
const STORY: usize = 200;

/// The page asked for.
///
/// # Errors
/// [`code::BAD_PARAMETER`].
pub fn cut(first: usize, after: Option<String>) -> Result<Cut, Refusal> {
    if (1..=GRAPH_FIRST_MAX).contains(&first) {
        return Ok(Cut { after, limit: first });
    }
    let what = format!("first {first}; it is 1 to {GRAPH_FIRST_MAX}");
    Err(Refusal::of(&code::BAD_PARAMETER, what))
}

/// A page of a list.
#[derive(SimpleObject)]
#[graphql(concrete(name = "PartyPage", params(PartyNode)))]
#[graphql(concrete(name = "AgreementPage", params(AgreementNode)))]
#[graphql(concrete(name = "PeriodPage", params(PeriodNode)))]
#[graphql(concrete(name = "TotalPage", params(TotalRow)))]
#[graphql(concrete(name = "MeasurePage", params(MeasureRow)))]
pub struct Pages<T: OutputType> {
    /// What is on the page.
    items: Vec<T>,
    /// What `after` must be for the next page; null on the last.
    next: Option<String>,
}

impl<T: OutputType> Pages<T> {
    /// A page of documents as nodes.
    pub fn of<D>(page: Page<D>, node: impl Fn(D) -> T) -> Self {
        Self { items: page.items.into_iter().map(node).collect(), next: page.next }
    }
}

/// A company of the book.
#[derive(MergedObject)]
#[graphql(name = "Party")]
pub struct PartyNode(Party, PartyLinks);

impl From<Party> for PartyNode {
    fn from(party: Party) -> Self {
        let links = PartyLinks { party: party.party.clone() };
        Self(party, links)
    }
}

/// What leads on from a party.
pub struct PartyLinks {
    party: String,
}

#[Object]
impl PartyLinks {
    /// The agreements that it pays or is paid by, each as it holds now.
    #[graphql(complexity = "many(first, child_complexity)")]
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10)] first: usize,
        after: Option<String>,
    ) -> Result<Pages<AgreementNode>> {
        let asker = asker(ctx, Action::SeeAgreements)?;
        let cut = cut(first, after)?;
        let found = loaders(ctx)?.agreements(asker, self.party.clone()).await?;
        let page = cut.page(found, |agreement| agreement.agreement.clone());
        Ok(Pages::of(page, AgreementNode::from))
    }
}

/// An agreement: the version in force now, or the last one where none is.
#[derive(MergedObject)]
#[graphql(name = "Agreement")]
pub struct AgreementNode(Agreement, AgreementLinks);

impl From<Agreement> for AgreementNode {
    fn from(agreement: Agreement) -> Self {
        let links = AgreementLinks { agreement: agreement.agreement.clone() };
        Self(agreement, links)
    }
}

/// What leads on from an agreement.
pub struct AgreementLinks {
    agreement: String,
}

#[Object]
impl AgreementLinks {
    /// Its versions in the book in force, and who signed them.
    #[graphql(complexity = "many(MEASURES, child_complexity)")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<AgreementVersion>> {
        let asker = asker(ctx, Action::SeeAgreements)?;
        Ok(loaders(ctx)?.versions(asker, self.agreement.clone()).await?)
    }

    /// Its periods in order of time; `state` is `open`, `provisional`, `closing` or `closed`.
    #[graphql(complexity = "many(first, child_complexity)")]
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10)] first: usize,
        after: Option<String>,
        state: Option<String>,
        from: Option<String>,
        to: Option<String>,
    ) -> Result<Pages<PeriodNode>> {
        let asker = asker(ctx, Action::SeeAgreements)?;
        cut(first, None)?;
        if let Some(state) = state.as_ref().filter(|state| !STATES.contains(&state.as_str())) {
            let what = format!("state `{state}`; there is {}", STATES.join(", "));
            return Err(Refusal::of(&code::BAD_PARAMETER, what).into());
        }
        let of = PeriodsOf {
            agreement: self.agreement.clone(),
            state,
            from: time(from.as_deref(), i64::MIN)?,
            to: time(to.as_deref(), i64::MAX)?,
            after,
            first,
        };
        Ok(Pages::of(loaders(ctx)?.periods(asker, of).await?, PeriodNode::from))
    }
}

/// A period of an agreement.
#[derive(MergedObject)]
#[graphql(name = "Period")]
pub struct PeriodNode(Period, PeriodLinks);

impl From<Period> for PeriodNode {
    fn from(period: Period) -> Self {
        let links =
            PeriodLinks { agreement: period.agreement.clone(), period: period.period.clone() };
        Self(period, links)
    }
}

/// What leads on from a period.
pub struct PeriodLinks {
    agreement: String,
    period: String,
}

#[Object]
impl PeriodLinks {
    /// Its statement; null until it is closed, or with `draft` what it comes to now.
    #[graphql(complexity = "child_complexity + if draft { STORY } else { 1 }")]
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] draft: bool,
    ) -> Result<Option<StatementNode>> {
        let asker = asker(ctx, Action::SeeStatements)?;
        let of = (self.agreement.clone(), self.period.clone(), draft);
        Ok(loaders(ctx)?.statement(asker, of).await?.map(StatementNode::from))
    }
}

/// What one agreement comes to for one period.
#[derive(MergedObject)]
#[graphql(name = "Statement")]
pub struct StatementNode(Statement, StatementLinks);

impl From<Statement> for StatementNode {
    fn from(mut statement: Statement) -> Self {
        let lines = std::mem::take(&mut statement.lines);
        let links = StatementLinks { lines, closed: statement.closed };
        Self(statement, links)
    }
}

/// What leads on from a statement.
pub struct StatementLinks {
    lines: Vec<Line>,
    closed: bool,
}

#[Object]
impl StatementLinks {
    /// What each step did, in order; those of one section where it is named.
    #[graphql(complexity = "many(LINES, child_complexity)")]
    async fn lines(&self, section: Option<String>) -> Vec<LineNode> {
        let wanted = |line: &&Line| section.as_ref().is_none_or(|name| *name == line.section);
        let node = |line: &Line| LineNode::of(line.clone(), self.closed);
        self.lines.iter().filter(wanted).map(node).collect()
    }
}

/// One thing that one step did.
#[derive(MergedObject)]
#[graphql(name = "Line")]
pub struct LineNode(Line, LineLinks);

impl LineNode {
    fn of(mut line: Line, closed: bool) -> Self {
        let readings = std::mem::take(&mut line.measures);
        // What stands behind a draft changes while it is looked at.
        let story = closed.then(|| line.id.clone());
        Self(line, LineLinks { readings, story })
    }
}

/// What leads on from a line.
pub struct LineLinks {
    readings: Vec<Reading>,
    story: Option<String>,
}

#[Object]
impl LineLinks {
    /// Every measure that it read.
    #[graphql(complexity = "many(MEASURES, child_complexity)")]
    async fn measures(&self) -> Vec<MeasureNode> {
        let links = |at| MeasureLinks { line: self.story.clone(), at };
        let readings = self.readings.iter().cloned().enumerate();
        readings.map(|(at, reading)| MeasureNode(reading, links(at))).collect()
    }

    /// Ids of the earlier lines, or statements, that it was taken of; none of a draft.
    #[graphql(complexity = "STORY")]
    async fn taken_of(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let asker = asker(ctx, Action::SeeStatements)?;
        let Some(id) = self.story.clone() else { return Ok(Vec::new()) };
        let story = loaders(ctx)?.line(asker, id).await?;
        Ok(story.map(|story| story.line.taken_of).unwrap_or_default())
    }
}

/// A measure as a line read it.
#[derive(MergedObject)]
#[graphql(name = "Measure")]
pub struct MeasureNode(Reading, MeasureLinks);

/// What leads on from a measure.
pub struct MeasureLinks {
    line: Option<String>,
    at: usize,
}

impl MeasureLinks {
    async fn story(&self, ctx: &Context<'_>) -> Result<Option<MeasureStory>> {
        let asker = asker(ctx, Action::SeeStatements)?;
        let Some(id) = self.line.clone() else { return Ok(None) };
        let story = loaders(ctx)?.line(asker, id).await?;
        Ok(story.and_then(|mut story| {
            (self.at < story.line.measures.len()).then(|| story.line.measures.swap_remove(self.at))
        }))
    }
}

#[Object]
impl MeasureLinks {
    /// The accounts that it is made from, those with the most postings first; none of a draft.
    #[graphql(complexity = "child_complexity + STORY")]
    async fn accounts(&self, ctx: &Context<'_>) -> Result<Vec<TotalRow>> {
        Ok(self.story(ctx).await?.map(|story| story.accounts).unwrap_or_default())
    }

    /// The first events posted on them; to a counterparty those of its own sources.
    #[graphql(complexity = "many(LINES, child_complexity) + STORY")]
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<EventNode>> {
        let events = self.story(ctx).await?.map(|story| story.events).unwrap_or_default();
        Ok(events.into_iter().map(EventNode::from).collect())
    }
}

/// An event behind a measure.
#[derive(MergedObject)]
#[graphql(name = "Event")]
pub struct EventNode(EventName, EventLinks);

impl From<EventName> for EventNode {
    fn from(name: EventName) -> Self {
        let links = EventLinks { source: name.source.clone(), id: name.id.clone() };
        Self(name, links)
    }
}

/// What leads on from an event.
pub struct EventLinks {
    source: String,
    id: String,
}

#[Object]
impl EventLinks {
    /// What came, what became of it, and where it is seen.
    #[graphql(complexity = "child_complexity + LINES")]
    async fn story(&self, ctx: &Context<'_>) -> Result<Option<EventStory>> {
        let asker = asker_of_event(ctx, &self.source)?;
        Ok(loaders(ctx)?.event(asker, (self.source.clone(), self.id.clone())).await?)
    }
}
