//! Commands are given once: `Idempotency-Key`, as the IETF draft httpapi-idempotency-key-header
//! says. The key is recorded in the Log with its command, so that it holds through a crash; only
//! what is being carried out now is in memory.

mod keyed;

pub use keyed::{Came, Keyed};

use crate::app::Tenant;
use crate::extract::Whole;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace::apart;
use crate::{body, limits};
use api::code;
use api::commands::Given;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use node::clock::show_time;
use node::engine::Control;
use node::engine::once::Once;
use node::engine::trace::TraceId;
use node::once::Done;
use node::{NodeError, Session};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What a caller names a command by.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The commands that need a key.
pub const COMMANDS: [&str; 11] = [
    "/v1/quarantine/{id}/fix",
    "/v1/quarantine/{id}/replay",
    "/v1/contests/{id}/resolve",
    "/v1/agreements/{agreement}/periods/{period}/close",
    "/v1/agreements/{agreement}/periods/{period}/lines/{line}/hold",
    "/v1/agreements/{agreement}/periods/{period}/lines/{line}/release",
    "/v1/book/apply",
    "/v1/invoices",
    "/v1/invoices/{id}/amend",
    "/v1/legal-holds",
    "/v1/legal-holds/{id}/lift",
];
/// What may have one: its answer has a secret, which is shown once, or is none.
pub const KEYED: [(&str, &str); 13] = [
    ("post", "/v1/keys"),
    ("delete", "/v1/keys/{id}"),
    ("post", "/v1/keys/{id}/rotate"),
    ("post", "/v1/clients"),
    ("post", "/v1/signing-keys"),
    ("post", "/v1/operator-keys"),
    ("post", "/v1/sources/{source}/secrets"),
    ("post", "/v1/webhooks"),
    ("patch", "/v1/webhooks/{id}"),
    ("delete", "/v1/webhooks/{id}"),
    ("post", "/v1/webhooks/{id}/rotate"),
    ("post", "/v1/people"),
    ("post", "/v1/access/revoke"),
];
/// That the answer is the one of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A command as it was asked for.
pub struct Asked {
    once: Once,
    headers: HeaderMap,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let key = key(request.headers())?;
        let (fingerprint, headers, body) = whole(request, state).await?;
        Ok(Self { once: Once { key, fingerprint }, headers, body })
    }
}

/// SHA-256 of what is asked, and its parts.
async fn whole<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<([u8; 32], HeaderMap, Bytes), Refusal> {
    let headers = request.headers().clone();
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut asked = format!("{} {path}\n", request.method()).into_bytes();
    let Whole(body) = Whole::from_request(request, state).await?;
    asked.extend_from_slice(&body);
    Ok((node::keys::sha256(&asked), headers, body))
}

/// The key: a string of a structured header, or its characters without quotes.
fn key(headers: &HeaderMap) -> Result<String, Refusal> {
    let missing = |what: &str| Refusal::of(&code::NO_IDEMPOTENCY_KEY, what);
    let mut given = headers.get_all(HEADER).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(missing(""));
    };
    let text = value.to_str().unwrap_or_default().trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if key.is_empty() || key.len() > limits::IDEMPOTENCY_KEY_BYTES_MAX || !key.bytes().all(plain) {
        return Err(missing("it is 1 to 255 printable characters without quotes and backslashes"));
    }
    Ok(key.to_owned())
}

impl Asked {
    /// The document of the command; an empty body is that of a command without one.
    ///
    /// # Errors
    /// As [`body::document`].
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.body.is_empty() {
            let none = serde_json::from_str("{}");
            return none.map_err(|error| Refusal::of(&code::BAD_BODY, error.to_string()));
        }
        body::document(&self.headers, &self.body)
    }

    /// Lets `work` give the command, or finds what it gave before; what was recorded.
    ///
    /// # Errors
    /// [`code::IN_FLIGHT`], [`code::KEY_REUSED`], those of `work`.
    pub async fn give(
        self,
        asker: Asker,
        work: impl FnOnce(&mut Session) -> Result<u64, NodeError> + Send + 'static,
    ) -> Result<Response, Refusal> {
        let (author, once) = (asker.author(), self.once);
        let flight = Flight::start(&asker.tenant, &author, &once.key)?;
        let done = apart(move || {
            // Held until the command is done, whether or not whoever asked still waits.
            let _flight = flight;
            let give = move |session: &mut Session| {
                let done = session.once(&author, once, work)?;
                let (Done::Now(position) | Done::Before(position)) = done else {
                    return Ok::<_, NodeError>(None);
                };
                let given = given(session, position)?;
                Ok(Some((given, matches!(done, Done::Before(_)))))
            };
            asker.tenant.command(give)?
        });
        let (given, before) = done.await?.ok_or_else(|| Refusal::of(&code::KEY_REUSED, ""))?;
        let mut response = Json(given).into_response();
        if before {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}

/// A command as it is in the Log.
pub fn given(session: &Session, position: u64) -> Result<Given, NodeError> {
    let (control, trace) = session.operator.engine.traced_control(position)?;
    Ok(shown(position, &control, trace))
}

/// A command as it is shown.
pub fn shown(position: u64, control: &Control, trace: Option<TraceId>) -> Given {
    let (about, reason) = control.command.about();
    Given {
        position,
        at: show_time(control.at),
        by: control.author.clone(),
        command: control.command.word().to_owned(),
        about,
        reason,
        trace_id: trace.map(|trace| trace.to_string()),
    }
}

/// A command that is being carried out.
struct Flight {
    tenant: Arc<Tenant>,
    name: (String, String),
}

impl Flight {
    fn start(tenant: &Arc<Tenant>, author: &str, key: &str) -> Result<Self, Refusal> {
        let name = (author.to_owned(), key.to_owned());
        let mut all = tenant.in_flight.lock().map_err(|_| Refusal::of(&code::INTERNAL, ""))?;
        if !all.insert(name.clone()) {
            return Err(Refusal::of(&code::IN_FLIGHT, ""));
        }
        Ok(Self { tenant: Arc::clone(tenant), name })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Ok(mut all) = self.tenant.in_flight.lock() {
            all.remove(&self.name);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_string_of_printable_characters() {
        let long = "k".repeat(256);
        for (given, found) in [
            ("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", true),
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", true),
            ("\"a b\"", true),
            ("", false),
            ("\"\"", false),
            ("\"a\"b\"", false),
            ("a\\b", false),
            (long.as_str(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, given.parse().unwrap());
            assert_eq!(key(&headers).is_ok(), found, "{given}");
        }
        assert_eq!(key(&HeaderMap::new()).unwrap_err().0.code, "E8025");
    }
}
