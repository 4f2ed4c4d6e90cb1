//! Who brings events by a signature instead of a key: a secret of the source, or a key of the
//! source's party.

use super::message::{self, Algorithm, Message, Stated};
use super::replay::Known;
use super::webhook;
use super::{Brought, demanded, fresh, now, rank, refused};
use crate::app::{App, Tenant};
use crate::guard::{Asker, From};
use crate::refusal::Refusal;
use api::code;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use node::book::file::parties::RsaAlgorithm;
use node::book::file::sources::Signed;
use node::engine::access::Credential;
use node::proof::digest::sha256;
use node::proof::note::VerifierKey;
use std::net::SocketAddr;
use std::sync::Arc;

/// Names the operator, where a process serves several.
const OPERATOR: &str = "saldo-operator";

/// The request with who signed it, where it is signed and a key does not do instead.
///
/// # Errors
/// [`code::BAD_SIGNATURE`] and the like; each is counted under its source.
pub async fn identify(app: &App, source: &str, request: Request) -> Result<Request, Refusal> {
    let headers = request.headers();
    let by_key = headers.contains_key(axum::http::header::AUTHORIZATION);
    let (hmac, signed) =
        (headers.contains_key("webhook-signature"), headers.contains_key("signature-input"));
    if !(hmac || signed) {
        return Ok(request);
    }
    let tenant = match tenant(app, headers) {
        // Where a key is enough, a signature beside it may be meant for somebody in between.
        Ok(tenant) if by_key && rank(demanded(&tenant, source)) == 0 => return Ok(request),
        Err(_) if by_key => return Ok(request),
        found => found?,
    };
    let from = From(request.extensions().get().map(|info: &ConnectInfo<SocketAddr>| info.0.ip()));
    let identified = if signed {
        by_message(app, &tenant, source, request)
    } else {
        by_secret((app, from), &tenant, source, request).await
    };
    identified.inspect_err(|refusal| refused::count(&tenant, source, &refusal.0.code)).or_else(
        |refusal| {
            from.failed(app)?;
            Err(refusal)
        },
    )
}

/// The operator: the one that is named, or the only one that is no sandbox.
fn tenant(app: &App, headers: &HeaderMap) -> Result<Arc<Tenant>, Refusal> {
    let unknown = || bad("no operator that is served here is meant; `Saldo-Operator` names one");
    if let Some(named) = headers.get(OPERATOR) {
        let found = named.to_str().ok().and_then(|name| app.tenant(name));
        return found.cloned().ok_or_else(unknown);
    }
    let mut real = app.tenants.iter().filter(|(name, _)| !name.ends_with(crate::sandbox::SUFFIX));
    match (real.next(), real.next()) {
        (Some((_, only)), None) => Ok(Arc::clone(only)),
        _ => Err(unknown()),
    }
}

fn bad(what: &str) -> Refusal {
    Refusal::of(&code::BAD_SIGNATURE, what)
}

/// One answer for whatever of it is wrong: it must not tell which part was right.
fn not_signed() -> Refusal {
    bad("no secret or key of this source that holds now made the signature")
}

async fn by_secret(
    (app, from): (&App, From),
    tenant: &Arc<Tenant>,
    source: &str,
    request: Request,
) -> Result<Request, Refusal> {
    let Some(stated) = webhook::stated(request.headers())? else { return Err(not_signed()) };
    fresh(stated.timestamp)?;
    let secrets = tenant.secrets(source);
    let at = node::clock::now_nanos();
    let usable =
        |credential: &Credential| credential.holds_at(at) && from.within(&credential.networks);
    let held: Vec<_> = secrets.iter().filter(|(credential, _)| usable(credential)).collect();
    if held.is_empty() {
        return Err(not_signed());
    }
    let (mut parts, body) = request.into_parts();
    let lease = app.bodies.signed(from);
    let content = lease.read(body).await?;
    // It counts as that of nobody known until the guard knows whose it is.
    parts.extensions.insert(lease);
    let by = held.iter().find(|(_, secret)| stated.signed_with(secret, &content));
    let (credential, _) = by.ok_or_else(not_signed)?;
    once(tenant, (source, stated.id.as_bytes()), stated.timestamp, &content)?;
    let party = Some(credential.party.clone()).filter(|party| !party.is_empty());
    admit(&mut parts, tenant, &credential.id, party, Signed::Hmac);
    Ok(Request::from_parts(parts, Body::from(content)))
}

/// Notes an id of a source as brought, where it was not.
fn once(
    tenant: &Tenant,
    (source, id): (&str, &[u8]),
    stated: i64,
    content: &[u8],
) -> Result<(), Refusal> {
    let id = [source.as_bytes(), b"\0", id].concat();
    let short = |bytes: &[u8]| {
        let mut half = [0; 16];
        half.copy_from_slice(&sha256(bytes).0[..16]);
        half
    };
    match tenant.seen.note((source, short(&id)), stated, short(content), now()) {
        Known::New | Known::Again => Ok(()),
        Known::Replay => Err(Refusal::of(&code::REPLAYED, "")),
        Known::Full => Err(Refusal::of(&code::MANY_IDS, "")),
    }
}

/// Lets whoever signed a request in as a source of the party's.
fn admit(parts: &mut Parts, tenant: &Arc<Tenant>, id: &str, party: Option<String>, by: Signed) {
    parts.extensions.insert(Asker::signed(Arc::clone(tenant), id.to_owned(), party));
    parts.extensions.insert(Brought(by));
}

/// A public key of a party, and how it signs.
struct Key {
    id: String,
    algorithm: Algorithm,
    public: Vec<u8>,
}

fn by_message(
    app: &App,
    tenant: &Arc<Tenant>,
    source: &str,
    request: Request,
) -> Result<Request, Refusal> {
    let stated = message::stated(request.headers()).map_err(bad)?.ok_or_else(not_signed)?;
    let little = |what: &str| Refusal::of(&code::COVERS_TOO_LITTLE, what);
    let created = stated.number("created").ok_or_else(|| little("`created` is absent"))?;
    fresh(created)?;
    if stated.number("expires").is_some_and(|ends| ends < now()) {
        return Err(Refusal::of(&code::STALE, "`expires` is past"));
    }
    covers_enough(&stated, &request)?;
    let party = tenant.service.party_of(source).ok_or_else(not_signed)?;
    let keyid = stated.text("keyid").ok_or_else(|| little("`keyid` is absent"))?;
    let keys = keys(tenant, &party, created);
    let (parts, body) = request.into_parts();
    let message = Message { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    // What was signed for another service must not be taken here, whatever `Host` says.
    if !app.is_named(message.host().unwrap_or_default()) {
        return Err(bad("it is for another service than this; `--public-url` says which this is"));
    }
    let mut holds = false;
    for key in keys.iter().filter(|key| key.id == keyid) {
        holds |=
            stated.signed_by((key.algorithm, &key.public), &message).map_err(|what| bad(&what))?;
    }
    if !holds {
        return Err(not_signed());
    }
    // What is signed is the digest of the content, which is compared with the content behind the
    // guard; the signature alone tells one request from another.
    once(tenant, (source, stated.signature()), created, b"")?;
    let mut parts = parts;
    admit(&mut parts, tenant, keyid, Some(party), Signed::Message);
    Ok(Request::from_parts(parts, body))
}

/// Refuses a signature over less than what makes the request what it is.
fn covers_enough(stated: &Stated, request: &Request) -> Result<(), Refusal> {
    let has_query = request.uri().query().is_some();
    let covers = |name: &str| stated.covers(name);
    let target = covers("@target-uri")
        || (covers("@authority") && covers("@path") && (!has_query || covers("@query")));
    let named = !request.headers().contains_key(OPERATOR) || covers(OPERATOR);
    let content = covers("content-digest");
    for (holds, what) in [
        (covers("@method"), "the method"),
        (target, "the target"),
        (content, "the digest of the content"),
        (named, "the header Saldo-Operator, which is there"),
    ] {
        if !holds {
            return Err(Refusal::of(&code::COVERS_TOO_LITTLE, format!("{what} is not covered")));
        }
    }
    Ok(())
}

/// The keys of a party that held when a request says that it was made; `keyid` is the name and
/// hash of a key as signed notes write it, or what the book calls an RSA key.
fn keys(tenant: &Tenant, party: &str, created: i64) -> Vec<Key> {
    let Some(book) = tenant.service.book() else { return Vec::new() };
    let signing = &book.compiled.signing;
    let at = created.saturating_mul(1_000_000_000);
    let edwards = signing.keys.get(party).into_iter().flatten();
    let edwards = edwards.filter(|key| key.valid.contains(at)).filter_map(|key| {
        let verifier: VerifierKey = key.key.parse().ok()?;
        let id = format!("{}+{:08x}", verifier.name(), u32::from_be_bytes(verifier.key_hash()));
        Some(Key { id, algorithm: Algorithm::Ed25519, public: verifier.public().to_vec() })
    });
    let rsa = signing.rsa.get(party).into_iter().flatten();
    let rsa = rsa.filter(|key| key.valid.contains(at)).map(|key| Key {
        id: key.id.clone(),
        algorithm: match key.alg {
            RsaAlgorithm::Pss => Algorithm::RsaPss,
            RsaAlgorithm::V15 => Algorithm::RsaV15,
        },
        public: key.public.clone(),
    });
    edwards.chain(rsa).collect()
}
