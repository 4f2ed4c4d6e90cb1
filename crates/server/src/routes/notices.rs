//! Fixes and corrections that touch a party: what changed figures after they were seen.

use crate::ask::no_such;
use crate::cache::Depends;
use crate::extract::Params;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::scope::{Scope, names_one_of};
use crate::view::{amount, period};
use api::Problem;
use api::periods::{CommandNotice, CorrectionNotice, Moved, Notices};
use axum::{Extension, Json};
use node::clock::{now_nanos, show_time};
use node::engine::Engine;
use node::engine::query::{self, PeriodNotices};
use node::{NodeError, Session};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;

/// Which notices.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this agreement; else of every one.
    #[serde(default)]
    agreement: Option<String>,
    /// Of this period.
    #[serde(default)]
    period: Option<String>,
}

/// Commands and corrections that changed figures of a period, by agreement and period.
#[utoipa::path(get, path = "/v1/notices", params(Which), responses(
    (status = 200, body = Vec<Notices>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    asker: Asker,
    Params(which): Params<Which>,
) -> Result<(Extension<Depends>, Json<Vec<Notices>>), Refusal> {
    let Which { agreement, period } = which;
    let names = asker.read(move |session, scope| match agreement {
        Some(name) if scope.agreement(&session.operator.engine, &name)? => Ok(vec![name]),
        Some(_) => Err(no_such()),
        None => Ok(agreements(session, scope)),
    });
    let mut all = Vec::new();
    for name in names.await? {
        // One agreement at a time: in between, others are consumed.
        let period = period.clone();
        let found = asker.read(move |session, scope| {
            Ok(of_agreement(&session.operator.engine, scope, &name, period.as_deref())?)
        });
        let some =
            |notices: &Notices| !notices.commands.is_empty() || !notices.corrections.is_empty();
        all.extend(found.await?.into_iter().filter(some));
    }
    Ok((Extension(Depends::OnEverything), Json(all)))
}

/// The agreements that are seen, by name.
fn agreements(session: &Session, scope: &Scope) -> Vec<String> {
    let book = session.operator.engine.state().books.current();
    let seen = book.into_iter().flat_map(|book| scope.agreements(book));
    let names: BTreeSet<String> = seen.map(|agreement| agreement.name.clone()).collect();
    names.into_iter().collect()
}

fn of_agreement(
    engine: &Engine,
    scope: &Scope,
    name: &str,
    period: Option<&str>,
) -> Result<Vec<Notices>, NodeError> {
    let found = engine.notices(name, period)?;
    let Some(book) = engine.state().books.current() else { return Ok(Vec::new()) };
    let others = scope.others(book);
    let seen = period::periods(engine, scope, name, &period::Which::all(now_nanos()))?;
    let seen: BTreeSet<String> = seen.into_iter().map(|period| period.period).collect();
    let seen = |notices: &&PeriodNotices| {
        scope.party().is_none() || seen.contains(notices.period.as_str())
    };
    let teller = Teller { engine, scope, others };
    let found = found.iter().filter(seen);
    Ok(found.map(|notices| teller.notices(name, notices)).collect())
}

/// Tells notices without the names of other counterparties.
struct Teller<'e> {
    engine: &'e Engine,
    scope: &'e Scope,
    others: BTreeSet<&'e str>,
}

impl Teller<'_> {
    fn notices(&self, agreement: &str, notices: &PeriodNotices) -> Notices {
        Notices {
            agreement: agreement.to_owned(),
            period: notices.period.clone(),
            commands: notices.commands.iter().map(|notice| self.command(notice)).collect(),
            corrections: notices.corrections.iter().map(correction).collect(),
        }
    }

    fn command(&self, notice: &query::CommandNotice) -> CommandNotice {
        let hidden = self.scope.is_of_another(self.engine, &notice.event.0);
        let given = |text: &String| (!text.is_empty() && !hidden).then(|| text.clone());
        let named = |text: &String| if hidden { "*".to_owned() } else { text.clone() };
        let moved = notice.moved.iter().map(|((account, asset), minor)| Moved {
            account: if names_one_of(account, &self.others) { "*" } else { account }.to_owned(),
            asset: asset.clone(),
            amount: amount(*minor, self.engine.asset_scale(asset)),
        });
        CommandNotice {
            position: notice.position,
            sequence: notice.sequence,
            at: show_time(notice.at),
            by: notice.author.clone(),
            command: notice.command.to_owned(),
            reason: given(&notice.reason),
            source: named(&notice.event.0),
            event: named(&notice.event.1),
            before: given(&notice.before),
            after: given(&notice.after),
            moved: moved.collect(),
            late: notice.late,
            correction: notice.correction.clone(),
        }
    }
}

fn correction(notice: &query::CorrectionNotice) -> CorrectionNotice {
    CorrectionNotice {
        line: notice.line.clone(),
        corrects: notice.corrects.clone(),
        was: notice.change.0.clone(),
        now: notice.change.1.clone(),
        asset: notice.asset.clone(),
        closed_at: show_time(notice.at),
    }
}
