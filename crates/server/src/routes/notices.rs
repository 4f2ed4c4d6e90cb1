//! Fixes and corrections that touch a party: what changed figures after they were seen.

use crate::ask::no_such;
use crate::cache::Depends;
use crate::extract::Params;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::view::notices;
use api::Problem;
use api::periods::Notices;
use axum::{Extension, Json};
use node::Session;
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
            Ok(notices::of(&session.operator.engine, scope, &name, period.as_deref())?)
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
