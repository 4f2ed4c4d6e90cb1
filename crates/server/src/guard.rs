//! The guard before every handler: which action this is, who asks, whether they may.

use crate::app::{App, Tenant};
use crate::policy::{self, Action};
use crate::refusal::Refusal;
use api::code;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use node::access::{in_network, read_key};
use std::net::SocketAddr;
use std::sync::Arc;

/// Who asks, and of which operator.
#[derive(Clone)]
pub struct Asker {
    /// The operator.
    pub tenant: Arc<Tenant>,
    /// Id of the credential: the author of what it commands.
    pub id: String,
    /// Its role.
    pub role: String,
    /// The party whose data alone it sees; none for the operator's own people.
    pub party: Option<String>,
}

impl Asker {
    /// Whether a source is one whose events this asker may bring or see.
    pub fn has_source(&self, source: &str) -> bool {
        let Some(party) = &self.party else { return true };
        self.tenant.service.party_of(source).as_ref() == Some(party)
    }

    /// Whoever signed a request that brings events of the party's.
    pub(crate) fn signed(tenant: Arc<Tenant>, id: String, party: Option<String>) -> Self {
        Self { tenant, id, role: "provider".to_owned(), party }
    }

    /// The name that is recorded with what this asker commands.
    pub fn author(&self) -> String {
        format!("key:{}", self.id)
    }
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Refusal::of(&code::UNAUTHENTICATED, ""))
    }
}

/// Lets a request through to its handler, or refuses it.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match admit(&app, &request) {
        Ok(Some(asker)) => {
            request.extensions_mut().insert(asker);
        }
        Ok(None) => {}
        Err(refusal) => return refusal.into_response(),
    }
    next.run(request).await
}

/// Who asks, where the action needs to know it.
fn admit(app: &App, request: &Request) -> Result<Option<Asker>, Refusal> {
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return Ok(None); // nothing there: the fallback says so
    };
    let Some(action) = policy::action(request.method(), path.as_str()) else {
        if policy::ROUTES.iter().any(|(_, route, _)| *route == path.as_str()) {
            return Ok(None); // by no such method: the fallback says so
        }
        return Err(Refusal::of(&code::FORBIDDEN, "no policy opens this route"));
    };
    if action == Action::Public {
        return Ok(None);
    }
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    if action == Action::SeeMetrics && is_local(request.headers(), from) {
        return Ok(None);
    }
    let asker = match request.extensions().get::<Asker>() {
        Some(signed) => signed.clone(),
        None => authenticate(app, request.headers(), from)?,
    };
    if !policy::allows(&asker.role, action) {
        let what = format!("the role {} may not {action:?}", asker.role);
        return Err(Refusal::of(&code::FORBIDDEN, what));
    }
    Ok(Some(asker))
}

/// Whether somebody asks from this machine itself, without a credential and through no proxy.
fn is_local(headers: &HeaderMap, from: Option<SocketAddr>) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let direct = !forwarded.iter().any(|name| headers.contains_key(*name));
    let loopback = from.is_some_and(|from| from.ip().to_canonical().is_loopback());
    direct && loopback && !headers.contains_key(header::AUTHORIZATION)
}

fn authenticate(
    app: &App,
    headers: &HeaderMap,
    from: Option<SocketAddr>,
) -> Result<Asker, Refusal> {
    // One answer for whatever is wrong: it must not tell which part was right.
    let unknown =
        || Refusal::of(&code::UNAUTHENTICATED, "the credential is not known or has ended");
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        return Err(Refusal::of(&code::UNAUTHENTICATED, ""));
    };
    let given = given.to_str().ok().and_then(|text| text.split_once(' '));
    let (_, text) =
        given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(unknown)?;
    let key = read_key(text.trim()).ok_or_else(unknown)?;
    let tenant = app.tenant(key.operator).ok_or_else(unknown)?;
    let credential = tenant.credential(key.id).ok_or_else(unknown)?;
    // Both are hashes of 256 random bits: comparing them tells nothing about the secret.
    if credential.secret != key.secret || !credential.holds_at(node::clock::now_nanos()) {
        return Err(unknown());
    }
    let networks = &credential.networks;
    let inside = |from: SocketAddr| networks.iter().any(|network| in_network(from.ip(), network));
    if !networks.is_empty() && !from.is_some_and(inside) {
        return Err(unknown());
    }
    Ok(Asker {
        tenant: Arc::clone(tenant),
        id: credential.id,
        role: credential.role,
        party: Some(credential.party).filter(|party| !party.is_empty()),
    })
}
