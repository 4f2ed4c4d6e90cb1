//! Webhooks: made, changed, looked at, sent again.

use super::changes::{cursor, kinds};
use crate::app::Tenant;
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::limits;
use crate::once::{Came, Keyed};
use crate::refusal::Refusal;
use crate::trace::apart;
use crate::webhooks::Webhooks;
use api::access::MadeBefore;
use api::changes::{Change, Detail};
use api::webhooks::{
    Delivery, MadeWebhook, NewWebhook, RotatedWebhook, Rotation, Webhook, WebhookChange,
};
use api::{Problem, code};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use node::Session;
use node::clock::{now_nanos, show_time};
use node::connect::{Attempt, Message, Target, guard, sign};
use node::engine::query::Cursor;
use node::engine::webhook::{Endpoint, RecordedEndpoint};
use node::webhooks::{self, EndpointChange, NewEndpoint};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::UNIX_EPOCH;
use utoipa::IntoParams;

const NANOS_PER_HOUR: i64 = 3_600_000_000_000;
/// Longest name of a webhook, bytes.
const NAME_BYTES_MAX: usize = 200;

/// Every webhook that this credential may see.
#[utoipa::path(get, path = "/v1/webhooks", responses((status = 200, body = Vec<Webhook>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(asker: Asker) -> Result<Json<Vec<Webhook>>, Refusal> {
    let all = all(&asker)?;
    Ok(Json(all.into_iter().map(|recorded| shown(&asker.tenant, recorded)).collect()))
}

/// Make a webhook. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/webhooks", request_body = NewWebhook, responses(
    (status = 201, body = MadeWebhook),
    (status = 200, body = MadeBefore, description = "made before, under the same Idempotency-Key"),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn make(asker: Asker, asked: Keyed) -> Result<Response, Refusal> {
    let NewWebhook { url, name, types, party } = asked.document()?;
    check_url(&asker, &url)?;
    check_name(&name)?;
    check_types(&types)?;
    let party = match (&asker.party, party) {
        (Some(own), Some(other)) if *own != other => {
            let what = format!("party `{other}`; this credential is of `{own}`");
            return Err(Refusal::of(&code::BAD_WEBHOOK, what));
        }
        (Some(own), _) => Some(own.clone()),
        (None, party) => party,
    };
    if !asked.was_done(&asker)? {
        check_room(&asker, party.as_deref())?;
    }
    let (new, author) = (NewEndpoint { url, name, types, party }, asker.author());
    let work = move |session: &mut Session| webhooks::make(session, new, &author);
    let came = asked.give(asker, work, Webhooks::refresh).await?;
    Ok(came.answer(StatusCode::CREATED, |(id, secret)| made(id, &secret)))
}

/// One webhook.
#[utoipa::path(get, path = "/v1/webhooks/{id}",
    params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, body = Webhook),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn one(asker: Asker, Named(id): Named<String>) -> Result<Json<Webhook>, Refusal> {
    let recorded = find(&asker, &id)?;
    Ok(Json(shown(&asker.tenant, recorded)))
}

/// Change a webhook.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", request_body = WebhookChange,
    params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, body = Webhook),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn change(
    asker: Asker,
    Named(id): Named<String>,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let WebhookChange { url, name, types, enabled } = asked.document()?;
    find(&asker, &id)?;
    url.as_deref().map_or(Ok(()), |url| check_url(&asker, url))?;
    name.as_deref().map_or(Ok(()), check_name)?;
    types.as_deref().map_or(Ok(()), check_types)?;
    let change = EndpointChange { url, name, types, enabled };
    let (author, named) = (asker.author(), id.clone());
    let work = move |session: &mut Session| webhooks::change(session, &named, change, &author);
    let came = asked.give(asker.clone(), work, Webhooks::refresh).await?;
    let recorded = find(&asker, &id)?;
    Ok(came.same(Json(shown(&asker.tenant, recorded))))
}

/// Remove a webhook: nothing more is sent to it.
#[utoipa::path(delete, path = "/v1/webhooks/{id}",
    params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 204, description = "it is removed"),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(
    asker: Asker,
    Named(id): Named<String>,
    asked: Keyed,
) -> Result<Response, Refusal> {
    if !asked.was_done(&asker)? {
        find(&asker, &id)?;
    }
    let author = asker.author();
    let work = move |session: &mut Session| webhooks::remove(session, &id, &author);
    let came = asked.give(asker, work, Webhooks::refresh).await?;
    Ok(came.same(StatusCode::NO_CONTENT))
}

/// The last tries to deliver, the newest first, since the service was started.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries",
    params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, body = Vec<Delivery>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn deliveries(
    asker: Asker,
    Named(id): Named<String>,
) -> Result<Json<Vec<Delivery>>, Refusal> {
    find(&asker, &id)?;
    let status = asker.tenant.webhooks.status(&id).unwrap_or_default();
    Ok(Json(status.attempts.into_iter().rev().map(delivery).collect()))
}

/// From where to send again.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// Everything after this place of the feed is sent again; `now` skips what waits.
    after: String,
}

/// Send what changed after a place again, or skip to the end.
#[utoipa::path(post, path = "/v1/webhooks/{id}/replay",
    params(("id" = String, Path, description = "the webhook's id"), Again),
    responses((status = 200, body = Webhook),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn replay(
    asker: Asker,
    Named(id): Named<String>,
    Params(again): Params<Again>,
) -> Result<Json<Webhook>, Refusal> {
    require_on(&find(&asker, &id)?)?;
    let end = Cursor::before(asker.tenant.service.position());
    let after = if again.after == "now" { end } else { cursor(&again.after, end)? };
    let (tenant, named, author) = (Arc::clone(&asker.tenant), id.clone(), asker.author());
    apart(move || Webhooks::replay(&tenant, &named, after, author)).await?;
    let recorded = find(&asker, &id)?;
    Ok(Json(shown(&asker.tenant, recorded)))
}

/// Give a webhook another secret. It is in this answer and nowhere else; the one of before signs
/// beside it for a while.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate", request_body = Option<Rotation>,
    params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, body = RotatedWebhook),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rotate(
    asker: Asker,
    Named(id): Named<String>,
    asked: Keyed,
) -> Result<Response, Refusal> {
    let Rotation { overlap_hours } = asked.document_or_default()?;
    let hours = overlap_hours.unwrap_or(24);
    if hours > limits::OVERLAP_HOURS_MAX {
        let most = limits::OVERLAP_HOURS_MAX;
        let what = format!("overlap_hours {hours}; it is 0 to {most}");
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    find(&asker, &id)?;
    let (author, named) = (asker.author(), id.clone());
    let overlap = i64::from(hours) * NANOS_PER_HOUR;
    let work = move |session: &mut Session| webhooks::rotate(session, &named, overlap, &author);
    let came = match asked.give(asker, work, Webhooks::refresh).await? {
        Came::Now(secret) => Came::Now(secret.ok_or_else(|| no_such(&id))?),
        Came::Before(before) => Came::Before(before),
    };
    Ok(came.answer(StatusCode::OK, |secret| made(id, &secret)))
}

fn made(id: String, secret: &[u8]) -> MadeWebhook {
    MadeWebhook { id, secret: sign::secret_text(secret) }
}

/// Send a test message now, and say what came of it.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test",
    params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, body = Delivery),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test(asker: Asker, Named(id): Named<String>) -> Result<Json<Delivery>, Refusal> {
    let recorded = find(&asker, &id)?;
    require_on(&recorded)?;
    let (at, cursor) = (now_nanos(), Cursor::before(asker.tenant.service.position()));
    let (subject, trace) = (format!("webhooks/{id}"), crate::trace::current());
    let change = Change {
        id: format!("test_{id}_{at}"),
        cursor: cursor.to_string(),
        kind: "webhook.test".to_owned(),
        timestamp: show_time(at),
        subject: subject.clone(),
        parties: Vec::new(),
        trace_id: trace.map(|trace| trace.to_string()),
        data: BTreeMap::from([("webhook".to_owned(), Detail::Text(id))]),
    };
    let body = serde_json::to_vec(&change).map_err(|_| Refusal::of(&code::INTERNAL, ""))?;
    let (id, body) = (change.id, body.into());
    let message =
        Message { cursor, id, kind: "webhook.test", subject, trace, sampled: false, body };
    let attempt = Webhooks::once(&asker.tenant, recorded, message).await?;
    let attempt = attempt.ok_or_else(|| Refusal::of(&code::PRIVATE_TARGET, ""))?;
    Ok(Json(delivery(attempt)))
}

fn all(asker: &Asker) -> Result<Vec<RecordedEndpoint>, Refusal> {
    let mut all = asker.tenant.service.read(|session| session.operator.engine.webhooks())?;
    let party = asker.party.as_ref();
    all.retain(|recorded| party.is_none_or(|party| *party == recorded.endpoint.party));
    Ok(all)
}

fn find(asker: &Asker, id: &str) -> Result<RecordedEndpoint, Refusal> {
    let found = all(asker)?.into_iter().find(|recorded| recorded.endpoint.id == id);
    found.ok_or_else(|| no_such(id))
}

fn no_such(id: &str) -> Refusal {
    Refusal::of(&code::NO_SUCH, format!("no webhook `{id}`"))
}

fn require_on(recorded: &RecordedEndpoint) -> Result<(), Refusal> {
    if recorded.endpoint.enabled {
        return Ok(());
    }
    Err(Refusal::of(&code::WEBHOOK_OFF, recorded.endpoint.stopped.clone()))
}

fn check_url(asker: &Asker, url: &str) -> Result<(), Refusal> {
    let allow_private = asker.tenant.webhooks.allow_private;
    let target = Target::parse(url, allow_private);
    let target = target.map_err(|bad| Refusal::of(&code::BAD_WEBHOOK, format!("url: {bad}")))?;
    // A name is resolved when it is called: what it leads to may change until then.
    if let Ok(address) = target.host.parse::<IpAddr>() {
        let found = [SocketAddr::new(address, target.port)];
        if guard::check(&found, allow_private).is_err() {
            return Err(Refusal::of(&code::PRIVATE_TARGET, format!("{address} is such")));
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let what = format!("a name has at most {NAME_BYTES_MAX} bytes and no control characters");
    Err(Refusal::of(&code::BAD_WEBHOOK, what))
}

fn check_types(types: &[String]) -> Result<(), Refusal> {
    if types.len() > limits::WEBHOOK_TYPES_MAX {
        let what = format!("{} types of at most {}", types.len(), limits::WEBHOOK_TYPES_MAX);
        return Err(Refusal::of(&code::BAD_WEBHOOK, what));
    }
    let known = kinds(types.iter().map(String::as_str));
    known.map(|_| ()).map_err(|what| Refusal::of(&code::BAD_WEBHOOK, what))
}

/// Whether there is room for one more, and its party is one of the book.
fn check_room(asker: &Asker, party: Option<&str>) -> Result<(), Refusal> {
    let endpoints: Vec<Endpoint> = asker.tenant.service.read(|session| {
        if let Some(party) = party {
            let rules = &session.operator.engine.lookup()?.rules;
            if !rules.parties.iter().any(|known| known.name == party) {
                let what = format!("the book has no party `{party}`");
                return Err(Refusal::of(&code::BAD_WEBHOOK, what));
            }
        }
        let all = session.operator.engine.webhooks()?;
        Ok(all.into_iter().map(|recorded| recorded.endpoint).collect())
    })?;
    let theirs = endpoints.iter().filter(|endpoint| Some(endpoint.party.as_str()) == party);
    if endpoints.len() >= limits::WEBHOOKS_MAX || theirs.count() >= limits::WEBHOOKS_OF_PARTY_MAX {
        let (all, own) = (limits::WEBHOOKS_MAX, limits::WEBHOOKS_OF_PARTY_MAX);
        let what = format!("at most {all} in all and {own} of one party");
        return Err(Refusal::of(&code::TOO_MANY_WEBHOOKS, what));
    }
    Ok(())
}

fn shown(tenant: &Tenant, recorded: RecordedEndpoint) -> Webhook {
    let RecordedEndpoint { endpoint, made_at, author, delivered, .. } = recorded;
    let status = tenant.webhooks.status(&endpoint.id);
    let is_paused = status.as_ref().is_some_and(|status| status.probe_at.is_some());
    let state = match (endpoint.enabled, endpoint.stopped.is_empty()) {
        (true, _) if is_paused => "paused",
        (true, _) => "active",
        (false, true) => "disabled",
        (false, false) => "gone",
    };
    let now = now_nanos();
    Webhook {
        id: endpoint.id,
        url: endpoint.url,
        name: endpoint.name,
        types: endpoint.types,
        party: Some(endpoint.party).filter(|party| !party.is_empty()),
        state: state.to_owned(),
        delivered: status.as_ref().map_or(delivered, |status| status.arrived).to_string(),
        failures: status.map_or(0, |status| status.failures),
        created_at: show_time(made_at),
        created_by: author,
        secrets: endpoint.secrets.iter().filter(|secret| secret.until > now).count() as u64,
    }
}

fn delivery(attempt: Attempt) -> Delivery {
    let since = attempt.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let arrived = attempt.arrived();
    let (status, error) = match attempt.outcome {
        Ok(status) => (Some(status), None),
        Err(failure) => (None, Some(failure.to_string())),
    };
    Delivery {
        at: show_time(i64::try_from(since).unwrap_or(i64::MAX)),
        id: attempt.id,
        cursor: attempt.cursor.to_string(),
        kind: attempt.kind.to_owned(),
        subject: attempt.subject,
        attempt: attempt.number,
        arrived,
        status,
        error,
        took_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
    }
}
