//! GraphQL: one query over what the other routes read, and the schema.

use crate::app::App;
use crate::body;
use crate::extract::Whole;
use crate::graph;
use crate::guard::Asker;
use crate::refusal::Refusal;
use api::Problem;
use api::code::{NEEDS_STREAM, QUERY_BATCH};
use async_graphql::futures_util::StreamExt as _;
use async_graphql::{Request, Response as Answer};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::sync::LazyLock;

/// The media type of answers whose status says whether the request was one.
const MEDIA_TYPE: &str = "application/graphql-response+json";
/// The media type of subscriptions.
const STREAM: &str = "text/event-stream";

/// Ask a query over parties, agreements, periods, statements, lines, measures and events, or, where
/// the request accepts `text/event-stream`, follow a subscription: events `next` with an answer
/// each, then `complete`.
#[utoipa::path(post, path = "/graphql",
    request_body(content = Object, content_type = "application/json",
        description = "`query`, and if need be `variables` and `operationName`"),
    responses(
        (status = 200, description = "`data`, and `errors` with a stable code each",
         content((Object = "application/graphql-response+json"), (String = "text/event-stream"))),
        (status = 400, description = "`errors`: no such query is answered",
         content((Object = "application/graphql-response+json"),
                 (Problem = "application/problem+json"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn ask(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Response, Refusal> {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let streams = accept.is_some_and(|accept| accept.contains(STREAM));
    let refused = |error| Ok(answer(&Answer::from_errors(vec![error])));
    if body.trim_ascii_start().first() == Some(&b'[') {
        return refused(graph::error(&QUERY_BATCH, ""));
    }
    let mut request: Request = body::document(&headers, &body)?;
    match graph::admit(&mut request) {
        Err(refusal) => Ok(answer(&refusal)),
        Ok(true) if !streams => refused(graph::error(&NEEDS_STREAM, "")),
        Ok(_) if streams => follow(&app, asker, request),
        Ok(_) => Ok(answer(&graph::answer(asker, request).await)),
    }
}

/// An answer: 400 where nothing of it could be asked.
fn answer(answer: &Answer) -> Response {
    let asked = answer.is_ok() || answer.data != async_graphql::Value::Null;
    let status = if asked { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let body = serde_json::to_vec(answer).unwrap_or_default();
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

/// Answers as they come, until there are no more or the service ends.
fn follow(app: &App, asker: Asker, request: Request) -> Result<Response, Refusal> {
    let place = app.live_place(&asker)?;
    let mut closing = app.closing.subscribe();
    let closed = async move {
        // Nobody who could tell is there any more: that is the end too.
        let _ = closing.wait_for(|closing| *closing).await;
    };
    let next = |answer: Answer| {
        let body = serde_json::to_string(&answer).unwrap_or_default();
        Event::default().event("next").data(body)
    };
    let end = async move {
        drop(place);
        Event::default().event("complete").data("")
    };
    let events = graph::follow(asker, request)
        .take_until(Box::pin(closed))
        .map(next)
        .chain(async_graphql::futures_util::stream::once(end))
        .map(Ok::<_, Infallible>);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// The schema in its own language.
#[utoipa::path(get, path = "/schema.graphql",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn schema() -> impl IntoResponse {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| graph::sdl().into());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], TEXT.clone())
}
