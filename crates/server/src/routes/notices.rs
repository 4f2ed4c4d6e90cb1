//! Fixes and corrections that touch a party: what changed figures after they were seen.

use crate::cache::Depends;
use crate::extract::Params;
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::Problem;
use api::code;
use api::periods::{CommandNotice, CorrectionNotice, Moved, Notices};
use axum::{Extension, Json};
use node::clock::show_time;
use node::engine::Engine;
use node::engine::query;
use node::ledger::Decimal;
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
    let own = agreements(&asker);
    let names: Vec<String> = match which.agreement {
        Some(name) if own.contains(&name) => vec![name],
        Some(name) => return Err(Refusal::of(&code::NO_SUCH, format!("no agreement `{name}`"))),
        None => own.into_iter().collect(),
    };
    let mut all = Vec::new();
    for name in names {
        // One agreement at a time: in between, others are consumed.
        let found = asker.tenant.service.read(|session| {
            let engine = &session.operator.engine;
            let found = engine.notices(&name, which.period.as_deref())?;
            Ok::<_, node::NodeError>(
                found.iter().map(|notices| shown(engine, &name, notices)).collect::<Vec<_>>(),
            )
        })?;
        let some =
            |notices: &Notices| !notices.commands.is_empty() || !notices.corrections.is_empty();
        all.extend(found.into_iter().filter(some));
    }
    Ok((Extension(Depends::OnEverything), Json(all)))
}

/// The agreements that an asker may see, by name.
pub fn agreements(asker: &Asker) -> BTreeSet<String> {
    asker.tenant.service.read(|session| {
        let current = session.operator.engine.state().books.current();
        let known = current.map(|book| book.compiled.agreements.as_slice()).unwrap_or_default();
        let party = asker.party.as_ref();
        let own = known.iter().filter(|a| party.is_none_or(|p| a.from == *p || a.to == *p));
        own.map(|agreement| agreement.name.clone()).collect()
    })
}

fn shown(engine: &Engine, agreement: &str, notices: &query::PeriodNotices) -> Notices {
    Notices {
        agreement: agreement.to_owned(),
        period: notices.period.clone(),
        commands: notices.commands.iter().map(|notice| command(engine, notice)).collect(),
        corrections: notices.corrections.iter().map(correction).collect(),
    }
}

fn command(engine: &Engine, notice: &query::CommandNotice) -> CommandNotice {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let moved = notice.moved.iter().map(|((account, asset), minor)| Moved {
        account: account.clone(),
        asset: asset.clone(),
        amount: Decimal::from_minor(*minor, engine.asset_scale(asset)).to_string(),
    });
    CommandNotice {
        position: notice.position,
        sequence: notice.sequence,
        at: show_time(notice.at),
        by: notice.author.clone(),
        command: notice.command.to_owned(),
        reason: given(&notice.reason),
        source: notice.event.0.clone(),
        event: notice.event.1.clone(),
        before: given(&notice.before),
        after: given(&notice.after),
        moved: moved.collect(),
        late: notice.late,
        correction: notice.correction.clone(),
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
