//! What every answer about an operator carries: the position that it stands on, and for reads a
//! tag that changes when the answer does. A read may demand a position, and answers that are
//! often asked for are kept as long as nothing that they show has changed.
//!
//! ```text
//! Saldo-After: 41        wait until the first 41 records of the Log are seen, then read
//! Saldo-Position: 57     how many records the answer had seen, at least
//! ETag, If-None-Match    304 where the answer would be the same, byte for byte
//! Surrogate-Key          names of what the answer shows, for caches that forget by name
//! ```

use crate::app::Tenant;
use crate::cache::{Depends, Kept, Key, Version};
use crate::guard::Asker;
use crate::limits;
use crate::refusal::Refusal;
use crate::trace::Of;
use api::code;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use node::engine::query::scan::hex;
use std::sync::Arc;

/// The position that a read must have seen.
const AFTER: HeaderName = HeaderName::from_static("saldo-after");
/// The position that an answer has seen.
const POSITION: HeaderName = HeaderName::from_static("saldo-position");
/// Names of what an answer shows.
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// Waits where that is asked for, answers from what is kept where it holds, and tags the answer.
pub async fn fresh(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let wanted = request.headers().get(header::IF_NONE_MATCH).cloned();
    let Some(asker) = request.extensions().get::<Asker>().cloned() else {
        let response = next.run(request).await;
        return if is_read { tag(response, wanted.as_ref(), None).await } else { response };
    };
    let tenant = Arc::clone(&asker.tenant);
    if let Err(refusal) = wait(&tenant, request.headers()).await {
        return refusal.into_response();
    }
    if !is_read {
        let response = next.run(request).await;
        return stand(response, &asker, tenant.service.position());
    }
    // Taken before anything is read: what is read is at least as new.
    let version = tenant.service.version();
    let names = names(&request, &asker);
    let key = Key::of(&request, &asker);
    if let Some(kept) = tenant.cache.get(&key, version) {
        return stand(unchanged(kept.response(), wanted.as_ref()), &asker, version.1);
    }
    let response = next.run(request).await;
    let keep = response.extensions().get::<Depends>().map(|depends| (key, *depends, version));
    let mut response = response;
    if let Ok(names) = HeaderValue::from_str(&names) {
        response.headers_mut().insert(SURROGATE_KEY, names);
    }
    let response = tag(response, wanted.as_ref(), keep.map(|keep| (&*tenant, keep))).await;
    stand(response, &asker, version.1)
}

/// Until the position that a request demands can be read.
async fn wait(tenant: &Tenant, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(given) = headers.get(AFTER) else { return Ok(()) };
    let position = given.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
    let position = position.ok_or_else(|| {
        Refusal::of(&code::BAD_PARAMETER, "Saldo-After is a position, a whole number")
    })?;
    let mut reached = tenant.reached.clone();
    if *reached.borrow() < position && tenant.service.log_end() < position {
        let what = format!("position {position}; the Log ends at {}", tenant.service.log_end());
        return Err(Refusal::of(&code::BEYOND_END, what));
    }
    let waited = reached.wait_for(|reached| *reached >= position);
    match tokio::time::timeout(limits::AFTER_WAIT_MAX, waited).await {
        Ok(Ok(_)) => Ok(()),
        _ => {
            let what = format!("position {position}; reached is {}", tenant.service.position());
            Err(Refusal::of(&code::NOT_YET, what))
        }
    }
}

/// Says which operator an answer is of, and where it stands.
fn stand(mut response: Response, asker: &Asker, position: u64) -> Response {
    response.headers_mut().insert(POSITION, position.into());
    response.extensions_mut().insert(Of(asker.tenant.service.operator().to_owned()));
    response
}

/// Puts a tag on an answer that is whole; 304 where the caller has it.
async fn tag(
    response: Response,
    wanted: Option<&HeaderValue>,
    keep: Option<(&Tenant, (Key, Depends, Version))>,
) -> Response {
    // What streams has no end to wait for.
    let whole = response.body().size_hint().exact().is_some();
    if response.status() != StatusCode::OK || !whole {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Refusal::of(&code::INTERNAL, "").into_response();
    };
    let hash = hex(node::keys::sha256(&bytes).get(..16).unwrap_or_default());
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        parts.headers.insert(header::ETAG, tag);
    }
    let control = HeaderValue::from_static("private, no-cache");
    parts.headers.entry(header::CACHE_CONTROL).or_insert(control);
    let vary = HeaderValue::from_static("accept, authorization");
    parts.headers.entry(header::VARY).or_insert(vary);
    if let Some((tenant, (key, depends, version))) = keep {
        let kept = Kept { headers: parts.headers.clone(), body: bytes.clone() };
        tenant.cache.put(key, depends, version, kept);
    }
    unchanged(Response::from_parts(parts, Body::from(bytes)), wanted)
}

/// The answer, or 304 where the caller has it already.
fn unchanged(mut response: Response, wanted: Option<&HeaderValue>) -> Response {
    let same = match (
        wanted.and_then(|wanted| wanted.to_str().ok()),
        response.headers().get(header::ETAG),
    ) {
        (Some(wanted), Some(tag)) => is_among(wanted, tag.to_str().unwrap_or_default()),
        _ => false,
    };
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// Whether a tag is one of those of `If-None-Match`, compared weakly as RFC 9110 says.
fn is_among(wanted: &str, tag: &str) -> bool {
    let plain = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    wanted.trim() == "*" || wanted.split(',').any(|one| plain(one) == tag)
}

/// Names of what a read shows: the operator, then every list and thing that the path names.
fn names(request: &Request, asker: &Asker) -> String {
    let operator = asker.tenant.service.operator();
    let mut names = vec![operator.to_owned()];
    let matched = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let mut last = "";
    for (pattern, given) in matched.split('/').zip(request.uri().path().split('/')).skip(2) {
        if pattern.starts_with('{') {
            names.push(format!("{operator}/{last}/{given}"));
        } else {
            last = given;
            names.push(format!("{operator}/{given}"));
        }
    }
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_those_that_the_caller_has() {
        for (wanted, found) in [
            ("\"a\"", true),
            ("\"b\", \"a\"", true),
            ("W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(is_among(wanted, "\"a\""), found, "{wanted}");
        }
    }
}
