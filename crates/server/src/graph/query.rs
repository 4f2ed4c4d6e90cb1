//! Where a query begins.

use super::nodes::{AgreementNode, Pages, PartyNode, StatementNode, cut, many};
use super::{asker, asker_of_event, loaders};
use crate::ask::quarter;
use crate::guard::Asker;
use crate::policy::Action;
use crate::policy::cedar::Resource;
use crate::view;
use api::figures::{MeasureRow, TotalRow};
use api::status::Status;
use api::story::EventStory;
use async_graphql::{Context, Object, Result};
use node::clock::now_nanos;
use node::ledger::account::Pattern;

/// The root.
pub struct Query;

/// What a list of all accounts, or all events of a period, costs beside its items.
const FIGURES: usize = 100;

#[Object]
impl Query {
    /// Where the operator stands.
    async fn status(&self, ctx: &Context<'_>) -> Result<Status> {
        let asker = asker(ctx, Action::SeeStatus)?;
        let found = loaders(ctx)?
            .root(asker, |session, _| Ok(view::status::document(&session.operator.engine)?));
        Ok(found.await?)
    }

    /// Companies of the book: all of them, or to a counterparty itself and those that it has
    /// agreements with.
    #[graphql(complexity = "many(first, child_complexity)")]
    async fn parties(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10)] first: usize,
        after: Option<String>,
    ) -> Result<Pages<PartyNode>> {
        let asker = asker(ctx, Action::SeeAgreements)?;
        let cut = cut(first, after)?;
        let found = loaders(ctx)?.root(asker, move |session, scope| {
            let found = view::agreement::parties(&session.operator.engine, scope);
            Ok(cut.page(found, |party| party.party.clone()))
        });
        Ok(Pages::of(found.await?, PartyNode::from))
    }

    /// One company.
    async fn party(&self, ctx: &Context<'_>, name: String) -> Result<Option<PartyNode>> {
        let asker = ctx.data::<Asker>()?;
        asker.may(Action::SeeAgreements, Resource::Party(name.clone()))?;
        let found = loaders(ctx)?.root(asker, move |session, scope| {
            let found = view::agreement::parties(&session.operator.engine, scope);
            Ok(found.into_iter().find(|party| party.party == name))
        });
        Ok(found.await?.map(PartyNode::from))
    }

    /// Agreements, each as it holds now.
    #[graphql(complexity = "many(first, child_complexity)")]
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10)] first: usize,
        after: Option<String>,
    ) -> Result<Pages<AgreementNode>> {
        let asker = asker(ctx, Action::SeeAgreements)?;
        let cut = cut(first, after)?;
        let found = loaders(ctx)?.root(asker, move |session, scope| {
            let engine = &session.operator.engine;
            let found = view::agreement::agreements(engine, scope, now_nanos());
            Ok(cut.page(found, |agreement| agreement.agreement.clone()))
        });
        Ok(Pages::of(found.await?, AgreementNode::from))
    }

    /// One agreement as it holds now.
    async fn agreement(&self, ctx: &Context<'_>, name: String) -> Result<Option<AgreementNode>> {
        let asker = asker(ctx, Action::SeeAgreements)?;
        let found = loaders(ctx)?.root(asker, move |session, scope| {
            let engine = &session.operator.engine;
            let found = view::agreement::agreements(engine, scope, now_nanos());
            Ok(found.into_iter().find(|agreement| agreement.agreement == name))
        });
        Ok(found.await?.map(AgreementNode::from))
    }

    /// The statement of a period; null until it is closed, or with `draft` what it comes to now.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        agreement: String,
        period: String,
        #[graphql(default)] draft: bool,
    ) -> Result<Option<StatementNode>> {
        let asker = asker(ctx, Action::SeeStatements)?;
        let found = loaders(ctx)?.statement(asker, (agreement, period, draft)).await?;
        Ok(found.map(StatementNode::from))
    }

    /// One event by its source and id.
    async fn event(
        &self,
        ctx: &Context<'_>,
        source: String,
        id: String,
    ) -> Result<Option<EventStory>> {
        let asker = asker_of_event(ctx, &source)?;
        Ok(loaders(ctx)?.event(asker, (source, id)).await?)
    }

    /// Debits, credits and counts per account; `account` is a path whose segments may be `*`,
    /// `from` and `to` are on quarters of an hour UTC.
    #[graphql(complexity = "many(first, child_complexity) + FIGURES")]
    async fn totals(
        &self,
        ctx: &Context<'_>,
        account: Option<String>,
        from: Option<String>,
        to: Option<String>,
        #[graphql(default = 10)] first: usize,
        after: Option<String>,
    ) -> Result<Pages<TotalRow>> {
        let asker = asker(ctx, Action::SeeFigures)?;
        let cut = cut(first, after)?;
        let span = (quarter(from.as_deref())?, quarter(to.as_deref())?);
        let pattern = account.as_deref().map(Pattern::new);
        let found = loaders(ctx)?.root(asker, move |session, scope| {
            let engine = &session.operator.engine;
            Ok(view::totals::page(engine, scope, pattern.as_ref(), span, &cut)?)
        });
        Ok(Pages::of(found.await?, |row| row))
    }

    /// A measure of the book for a period, in its own zone or another, by dimensions.
    #[graphql(complexity = "many(first, child_complexity) + FIGURES")]
    #[allow(clippy::too_many_arguments)] // they are the arguments of the field
    async fn measure(
        &self,
        ctx: &Context<'_>,
        name: String,
        period: String,
        zone: Option<String>,
        #[graphql(default)] by: Vec<String>,
        #[graphql(default = 10)] first: usize,
        after: Option<String>,
    ) -> Result<Pages<MeasureRow>> {
        let asker = asker(ctx, Action::SeeFigures)?;
        let cut = cut(first, after)?;
        let found = loaders(ctx)?.root(asker, move |session, scope| {
            let by: Vec<&str> = by.iter().map(String::as_str).collect();
            let engine = &session.operator.engine;
            let over = (period.as_str(), zone.as_deref());
            let rows = view::measure::of_period(engine, scope, &name, over, &by)?;
            Ok(cut.page(rows, view::measure::cursor))
        });
        Ok(Pages::of(found.await?, |row| row))
    }
}
