//! Events looked up: what came, what became of it, where it is seen.

use crate::ask::no_such;
use crate::extract::Named;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::view::event;
use api::Problem;
use api::story::EventStory;
use axum::Json;

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
