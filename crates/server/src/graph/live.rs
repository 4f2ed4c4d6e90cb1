//! Live figures: an answer at once, and another whenever something was posted.

use super::asker;
use super::nodes::StatementNode;
use crate::guard::Asker;
use crate::limits::{LIVE_INTERVAL, LIVE_MAX};
use crate::policy::Action;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::view;
use api::status::Status;
use async_graphql::futures_util::StreamExt as _;
use async_graphql::futures_util::stream::{Stream, unfold};
use async_graphql::{Context, Result, Subscription};
use node::Session;
use std::time::Instant;
use tokio::sync::watch;

/// The root of subscriptions.
pub struct Live;

#[Subscription]
#[allow(clippy::unused_async)] // fields of a subscription are
impl Live {
    /// Where the operator stands.
    async fn status(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Status>>> {
        let asker = asker(ctx, Action::SeeStatus)?.clone();
        Ok(follow(asker, |session, _| Ok(view::status::document(&session.operator.engine)?)))
    }

    /// What the statement of a period would be if it were closed now.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        agreement: String,
        period: String,
    ) -> Result<impl Stream<Item = Result<StatementNode>>> {
        let asker = asker(ctx, Action::SeeStatements)?.clone();
        let of = (agreement, period);
        let stream = follow(asker, move |session, scope| {
            let engine = &session.operator.engine;
            let found = view::statement::find(engine, scope, (&of.0, &of.1), true)?;
            let (found, _) = found.ok_or_else(crate::ask::no_such)?;
            Ok(view::statement::document(engine, &found, None)?)
        });
        Ok(stream.map(|found| found.map(StatementNode::from)))
    }
}

/// What `read` gives, at once and after each change, until the subscription has lived its time, its
/// credential ends, the operator stops, or something is refused.
fn follow<R: Send + 'static>(
    asker: Asker,
    read: impl Fn(&Session, &Scope) -> Result<R, Refusal> + Clone + Send + Sync + 'static,
) -> impl Stream<Item = Result<R>> {
    let moved = asker.tenant.reached.clone();
    let begun = Instant::now();
    let state = Some((asker, moved, None::<Instant>));
    unfold(state, move |state| {
        let read = read.clone();
        async move {
            let (asker, mut moved, last) = state?;
            if let Some(last) = last
                && (!next(&mut moved, (begun, last)).await || !asker.still_holds())
            {
                return None;
            }
            moved.borrow_and_update();
            let found = asker.read(read).await;
            // A refusal is the last that is told.
            let more = found.is_ok().then(|| (asker, moved, Some(Instant::now())));
            Some((found.map_err(Into::into), more))
        }
    })
}

/// Waits for a change, and no less than the interval; whether there is more to tell.
async fn next(moved: &mut watch::Receiver<u64>, (begun, last): (Instant, Instant)) -> bool {
    let end = begun + LIVE_MAX;
    tokio::time::sleep_until((last + LIVE_INTERVAL).into()).await;
    matches!(tokio::time::timeout_at(end.into(), moved.changed()).await, Ok(Ok(())))
}
