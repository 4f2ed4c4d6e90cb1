//! Contests: ids that came with two contents.

use crate::extract::Named;
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use api::Problem;
use api::commands::Given;
use api::quarantine::{Contest, Keep, Resolve};
use axum::Json;
use axum::response::Response;
use node::engine::Command;

/// Open contests.
#[utoipa::path(get, path = "/v1/contests", responses((status = 200, body = Vec<Contest>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Result<Json<Vec<Contest>>, Refusal> {
    let found = asker.tenant.service.read(|session| session.operator.engine.contests())?;
    let shown = found.into_iter().filter(|row| asker.has_source(&row.source)).map(|row| Contest {
        id: row.later,
        first: row.first,
        source: row.source,
        event_id: row.id,
    });
    Ok(Json(shown.collect()))
}

/// Say which content counts.
#[utoipa::path(post, path = "/v1/contests/{id}/resolve", request_body = Resolve,
    params(("id" = u64, Path, description = "position of the later content")), responses(
    (status = 200, body = Given),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn resolve(
    asker: Asker,
    Named(id): Named<u64>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let Resolve { keep, reason } = asked.document()?;
    let keep_later = keep == Keep::Later;
    let reason = reason.trim().to_owned();
    let command = Command::Resolve { later: id, keep_later, reason };
    asked.give(asker, move |session| session.command(command)).await
}
