//! Events looked up: what came, what became of it, where it is seen.

use super::statements::{PROOF, file};
use crate::ask::{no_such, scoped};
use crate::extract::Named;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace::apart;
use crate::view::event;
use api::Problem;
use api::statement::File;
use api::story::EventStory;
use axum::Json;
use axum::response::Response;
use node::NodeError;

/// One event by its source and id.
#[utoipa::path(get, path = "/v1/events/{source}/{id}",
    params(("source" = String, Path, description = "a source of the book"),
           ("id" = String, Path, description = "the event's id in it")),
    responses((status = 200, body = EventStory),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn event(
    asker: Asker,
    Named((source, id)): Named<(String, String)>,
) -> Result<Json<EventStory>, Refusal> {
    let found = asker.read(move |session, scope| {
        let engine = &session.operator.engine;
        if !scope.source(engine, &source) {
            return Err(no_such());
        }
        let story = engine.event_story(&source, &id)?;
        Ok(event::story(session, scope, &story)?)
    });
    Ok(Json(found.await?))
}

/// The proof that an event is in its stream, unaltered: one file that is checked offline with the
/// operator's public key.
#[utoipa::path(get, path = "/v1/events/{source}/{id}/proof",
    params(("source" = String, Path, description = "a source of the book"),
           ("id" = String, Path, description = "the event's id in it")),
    responses((status = 200, body = File, content_type = "application/octet-stream"),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn proof(
    asker: Asker,
    Named((source, id)): Named<(String, String)>,
) -> Result<Response, Refusal> {
    let (tenant, scope) = (asker.tenant.clone(), asker.scope());
    let seen = scope.clone();
    let name = format!("{source}-{id}.proof");
    let made = apart(move || {
        let made = tenant.service.read_durable(|session| {
            let engine = &session.operator.engine;
            if !scope.source(engine, &source) {
                return Err(no_such());
            }
            let proof = engine.prove_event(&source, &id, &session.keys.signing()?);
            Ok(proof.map_err(NodeError::from)?.encode())
        })?;
        made.map_err(|refusal| scoped(&seen, refusal))
    });
    Ok(file(PROOF, Some(&name), made.await?))
}
