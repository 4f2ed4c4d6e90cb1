//! The keys that sign for the operator: checkpoints, receipts, proofs.

use super::keys::reload;
use crate::app::Tenant;
use crate::guard::Asker;
use crate::once::{Came, Keyed};
use crate::refusal::Refusal;
use api::Problem;
use api::access::OperatorKey;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use node::clock::show_time;
use node::{NodeError, Session, operator_key};
use std::sync::Arc;

/// The operator's public keys, the one that signs now last. Whoever checks proofs needs them by
/// another way than this service too: a key that is had from whom it is to check proves nothing.
#[utoipa::path(get, path = "/v1/operator-keys", responses((status = 200, body = Vec<OperatorKey>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Result<Json<Vec<OperatorKey>>, Refusal> {
    Ok(Json(asker.read(|session, _| Ok(keys(session)?)).await?))
}

/// Let another key sign for the operator from now on; the one before signs that it gives way.
/// Tokens end, and another key signs them too.
#[utoipa::path(post, path = "/v1/operator-keys",
    responses((status = 201, body = Vec<OperatorKey>),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rotate(asker: Asker, asked: Keyed) -> Result<Response, Refusal> {
    let (reader, author) = (asker.clone(), asker.author());
    let work = move |session: &mut Session| {
        let own = std::mem::replace(&mut session.author, author);
        let done = operator_key::rotate(session);
        session.author = own;
        done
    };
    let follow = |tenant: &Arc<Tenant>| tenant.service.sign_anew().and_then(|()| reload(tenant));
    let came: Came<String> = asked.give(asker, work, follow).await?;
    let keys = reader.read(|session, _| Ok(keys(session)?)).await?;
    Ok(came.same((StatusCode::CREATED, Json(keys))))
}

fn keys(session: &Session) -> Result<Vec<OperatorKey>, NodeError> {
    let rotations = session.operator.engine.rotations()?;
    let first = match rotations.first() {
        Some(first) => first.rotation.old.to_string(),
        None => session.keys.signing()?.verifier().to_string(),
    };
    let mut keys = vec![OperatorKey { key: first, since: None, note: None }];
    keys.extend(rotations.into_iter().map(|recorded| OperatorKey {
        key: recorded.rotation.new.to_string(),
        since: Some(show_time(recorded.rotation.at)),
        note: Some(recorded.note),
    }));
    Ok(keys)
}
