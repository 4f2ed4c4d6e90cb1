//! Endpoints of webhooks: made, changed, removed by commands. A secret is shown once; at rest it
//! is sealed under a key that is made from the operator's own.

use crate::session::Session;
use crate::{NodeError, clock, code, keys};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use engine::Command;
use engine::query::scan::hex;
use engine::webhook::{Endpoint, Progress, RecordedEndpoint, SealedSecret};

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// An endpoint to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Where deliveries go.
    pub url: String,
    /// What people call it.
    pub name: String,
    /// Names of the changes that are sent; none for every one.
    pub types: Vec<String>,
    /// The party whose changes alone are sent.
    pub party: Option<String>,
}

/// What of an endpoint is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// Where deliveries go.
    pub url: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Names of the changes that are sent.
    pub types: Option<Vec<String>>,
    /// Whether anything is sent.
    pub enabled: Option<bool>,
}

/// An endpoint as it is recorded.
///
/// # Errors
/// When the Store cannot be read.
pub fn find(session: &Session, id: &str) -> Result<Option<RecordedEndpoint>, NodeError> {
    let all = session.operator.engine.webhooks()?;
    Ok(all.into_iter().find(|recorded| recorded.endpoint.id == id))
}

/// Makes an endpoint and records it; returns its id and its secret, which is shown nowhere again.
///
/// # Errors
/// A failing port.
pub fn make(
    session: &mut Session,
    new: NewEndpoint,
    author: &str,
) -> Result<(String, Vec<u8>), NodeError> {
    let id = hex(&keys::random::<8>()?);
    let (sealed, secret) = new_secret(session, &id)?;
    let NewEndpoint { url, name, types, party } = new;
    let endpoint = Endpoint {
        id: id.clone(),
        url,
        name,
        types,
        party: party.unwrap_or_default(),
        enabled: true,
        stopped: String::new(),
        secrets: vec![sealed],
        removed: false,
    };
    record(session, &endpoint, author)?;
    Ok((id, secret))
}

/// Changes an endpoint; whether there is one.
///
/// # Errors
/// A failing port.
pub fn change(
    session: &mut Session,
    id: &str,
    change: EndpointChange,
    author: &str,
) -> Result<bool, NodeError> {
    let Some(before) = find(session, id)?.map(|recorded| recorded.endpoint) else {
        return Ok(false);
    };
    let mut endpoint = before.clone();
    let EndpointChange { url, name, types, enabled } = change;
    endpoint.url = url.unwrap_or(endpoint.url);
    endpoint.name = name.unwrap_or(endpoint.name);
    endpoint.types = types.unwrap_or(endpoint.types);
    if let Some(enabled) = enabled {
        endpoint.enabled = enabled;
        endpoint.stopped.clear();
    }
    if endpoint != before {
        record(session, &endpoint, author)?;
    }
    Ok(true)
}

/// Stops an endpoint that says that it is gone; whether there is one.
///
/// # Errors
/// A failing port.
pub fn stop(session: &mut Session, id: &str, why: &str) -> Result<bool, NodeError> {
    let Some(recorded) = find(session, id)? else { return Ok(false) };
    let stopped = why.to_owned();
    let endpoint = Endpoint { enabled: false, stopped, ..recorded.endpoint };
    record(session, &endpoint, "webhooks")?;
    Ok(true)
}

/// Gives an endpoint another secret; those of before sign beside it for so many nanoseconds.
/// Nothing where there is no such endpoint.
///
/// # Errors
/// A failing port.
pub fn rotate(
    session: &mut Session,
    id: &str,
    overlap_nanos: i64,
    author: &str,
) -> Result<Option<Vec<u8>>, NodeError> {
    let Some(recorded) = find(session, id)? else { return Ok(None) };
    let mut endpoint = recorded.endpoint;
    let (now, (sealed, secret)) = (clock::now_nanos(), new_secret(session, id)?);
    let until = now.saturating_add(overlap_nanos);
    endpoint.secrets.retain(|old| old.until > now);
    for old in &mut endpoint.secrets {
        old.until = old.until.min(until);
    }
    endpoint.secrets.retain(|old| old.until > now);
    endpoint.secrets.insert(0, sealed);
    record(session, &endpoint, author)?;
    Ok(Some(secret))
}

/// Removes an endpoint; whether there was one.
///
/// # Errors
/// A failing port.
pub fn remove(session: &mut Session, id: &str, author: &str) -> Result<bool, NodeError> {
    let Some(recorded) = find(session, id)? else { return Ok(false) };
    let endpoint = Endpoint { removed: true, secrets: Vec::new(), ..recorded.endpoint };
    record(session, &endpoint, author)?;
    Ok(true)
}

/// Records how far endpoints were delivered.
///
/// # Errors
/// A failing port.
pub fn delivered(
    session: &mut Session,
    progress: Vec<Progress>,
    author: &str,
) -> Result<(), NodeError> {
    session.command_by(author, Command::Delivered { progress })?;
    Ok(())
}

/// The secrets of an endpoint that sign at a time, the newest first, each with the first
/// nanosecond UTC at which it does not.
///
/// # Errors
/// [`code::BAD_KEY`] when they were sealed under another key.
pub fn secrets(
    session: &Session,
    endpoint: &Endpoint,
    at: i64,
) -> Result<Vec<(Vec<u8>, i64)>, NodeError> {
    let holding = endpoint.secrets.iter().filter(|secret| secret.until > at);
    let opened =
        |secret: &SealedSecret| Ok((open(session, &endpoint.id, &secret.sealed)?, secret.until));
    holding.map(opened).collect()
}

fn record(session: &mut Session, endpoint: &Endpoint, author: &str) -> Result<(), NodeError> {
    session.command_by(author, Command::Webhook { endpoint: endpoint.encode() })?;
    Ok(())
}

fn new_secret(session: &Session, id: &str) -> Result<(SealedSecret, Vec<u8>), NodeError> {
    let secret = keys::random::<SECRET_BYTES>()?;
    let sealed = seal(session, id, &secret)?;
    Ok((SealedSecret { sealed, until: i64::MAX }, secret.to_vec()))
}

/// The key that seals: made from the one that wraps the keys of raw rows, for this use alone.
fn key(session: &Session) -> Result<LessSafeKey, NodeError> {
    let seed = [b"saldo.webhooks.v1\0".as_slice(), &session.keys.raw].concat();
    let key = UnboundKey::new(&AES_256_GCM, &proof::digest::sha256(&seed).0);
    Ok(LessSafeKey::new(key.map_err(|_| NodeError::said(code::SYSTEM, "making a key"))?))
}

/// Nonce, sealed bytes, tag; bound to the endpoint.
fn seal(session: &Session, id: &str, secret: &[u8]) -> Result<Vec<u8>, NodeError> {
    let nonce = keys::random::<NONCE_LEN>()?;
    let mut sealed = secret.to_vec();
    let value = Nonce::assume_unique_for_key(nonce);
    let done = key(session)?.seal_in_place_append_tag(value, Aad::from(id), &mut sealed);
    done.map_err(|_| NodeError::said(code::SYSTEM, "sealing a secret"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(session: &Session, id: &str, sealed: &[u8]) -> Result<Vec<u8>, NodeError> {
    let wrong = || NodeError::said(code::BAD_KEY, format!("the secret of the webhook {id}"));
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(wrong)?;
    let mut bytes = sealed.to_vec();
    let value = Nonce::assume_unique_for_key(*nonce);
    let opened = key(session)?.open_in_place(value, Aad::from(id), &mut bytes);
    Ok(opened.map_err(|_| wrong())?.to_vec())
}
