//! Contests: ids that came with two contents.

use super::verification::From;
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::once::Asked;
use crate::refusal::Refusal;
use api::Problem;
use api::commands::Given;
use api::figures::Page;
use api::quarantine::{Contest, Keep, Resolve};
use axum::Json;
use axum::response::Response;
use node::engine::Command;

/// Open contests, by the position of the later content.
#[utoipa::path(get, path = "/v1/contests", params(From), responses(
    (status = 200, body = Page<Contest>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    asker: Asker,
    Params(from): Params<From>,
) -> Result<Json<Page<Contest>>, Refusal> {
    let (after, limit) = from.page()?;
    let found = asker.tenant.service.read(|session| session.operator.engine.contests())?;
    let own = found.into_iter().filter(|row| asker.has_source(&row.source));
    let mut items: Vec<Contest> = own
        .filter(|row| after.is_none_or(|after| row.later > after))
        .map(|row| Contest {
            id: row.later,
            first: row.first,
            source: row.source,
            event_id: row.id,
        })
        .collect();
    items.sort_unstable_by_key(|contest| contest.id);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|contest| contest.id.to_string());
    Ok(Json(Page { items, next }))
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
