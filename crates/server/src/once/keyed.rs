//! What may be named by an `Idempotency-Key` and need not be: a repeated request finds what was
//! recorded. A secret was in the first answer alone, and is in no other.

use super::{Flight, HEADER, REPLAYED, given, key, whole};
use crate::app::Tenant;
use crate::body;
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::trace::apart;
use api::access::MadeBefore;
use api::code;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use node::clock::now_nanos;
use node::engine::access::{Credential, TokenKey};
use node::engine::once::Once;
use node::engine::webhook::Endpoint;
use node::engine::{Command, Control};
use node::once::Done;
use node::{NodeError, Session};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What a repeated answer says of the secret.
const NOTE: &str = "this was done before, under the same Idempotency-Key; a secret is in the first \
                    answer alone: where that is lost, rotate it, or revoke it and make another";

/// Something that is asked for, by whatever name it has.
pub struct Keyed {
    once: Option<Once>,
    headers: HeaderMap,
    body: Bytes,
}

/// What came of it.
pub enum Came<R> {
    /// It was done now.
    Now(R),
    /// It had been done before.
    Before(Box<MadeBefore>),
}

impl<S: Send + Sync> FromRequest<S> for Keyed {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let named = request.headers().contains_key(HEADER);
        let key = named.then(|| key(request.headers())).transpose()?;
        let (fingerprint, headers, body) = whole(request, state).await?;
        Ok(Self { once: key.map(|key| Once { key, fingerprint }), headers, body })
    }
}

impl Keyed {
    /// The document that was sent.
    ///
    /// # Errors
    /// As [`body::document`].
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        body::document(&self.headers, &self.body)
    }

    /// The document that was sent; of an empty body the usual one.
    ///
    /// # Errors
    /// As [`body::document`].
    pub fn document_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refusal> {
        if self.body.is_empty() { Ok(T::default()) } else { self.document() }
    }

    /// Whether it was done before: then what would be wrong now is not looked at.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn was_done(&self, asker: &Asker) -> Result<bool, Refusal> {
        let Some(once) = &self.once else { return Ok(false) };
        let found = asker.tenant.service.read(|session| {
            session.operator.engine.given_once(&asker.author(), &once.key, now_nanos())
        })?;
        Ok(found.is_some())
    }

    /// Lets `work` do it, and `after` follow; or finds what was done before.
    ///
    /// # Errors
    /// [`code::IN_FLIGHT`], [`code::KEY_REUSED`], those of `work` and `after`.
    pub async fn give<R: Send + 'static>(
        self,
        asker: Asker,
        work: impl FnOnce(&mut Session) -> Result<R, NodeError> + Send + 'static,
        after: impl FnOnce(&Arc<Tenant>) -> Result<(), NodeError> + Send + 'static,
    ) -> Result<Came<R>, Refusal> {
        let (author, tenant) = (asker.author(), asker.tenant);
        let start = |once: &Once| Flight::start(&tenant, &author, &once.key);
        let flight = self.once.as_ref().map(start).transpose()?;
        let once = self.once;
        let done = apart(move || {
            // Held until it is done, whether or not whoever asked still waits.
            let _flight = flight;
            let give = move |session: &mut Session| {
                let Some(once) = once else {
                    return Ok(Some(Came::Now(work(session)?)));
                };
                Ok(match session.once(&author, once, work)? {
                    Done::Now(made) => Some(Came::Now(made)),
                    Done::Before(position) => {
                        Some(Came::Before(Box::new(before(session, position)?)))
                    }
                    Done::Other => None,
                })
            };
            let done: Result<_, NodeError> = tenant.command(give)?;
            after(&tenant)?;
            done
        });
        done.await?.ok_or_else(|| Refusal::of(&code::KEY_REUSED, ""))
    }
}

impl<R> Came<R> {
    /// The answer: what was made now, or what was recorded then.
    pub fn answer<T: Serialize>(self, now: StatusCode, shown: impl FnOnce(R) -> T) -> Response {
        match self {
            Self::Now(made) => (now, Json(shown(made))).into_response(),
            Self::Before(before) => replayed(Json(before).into_response()),
        }
    }

    /// The same answer for both, which says where it is a repeated one.
    pub fn same(&self, answer: impl IntoResponse) -> Response {
        match self {
            Self::Now(_) => answer.into_response(),
            Self::Before(_) => replayed(answer.into_response()),
        }
    }
}

fn replayed(mut response: Response) -> Response {
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// What a command had made.
fn before(session: &Session, position: u64) -> Result<MadeBefore, NodeError> {
    let Control { command, .. } = session.operator.engine.control_at(position)?;
    let id = match &command {
        Command::Access { credential } => Credential::decode(credential).ok().map(|c| c.id),
        Command::Webhook { endpoint } => Endpoint::decode(endpoint).ok().map(|e| e.id),
        Command::TokenKey { key } => TokenKey::decode(key).ok().map(|key| key.id),
        _ => None,
    };
    let (id, note) = (id.unwrap_or_default(), NOTE.to_owned());
    Ok(MadeBefore { id, given: given(session, position)?, note })
}
