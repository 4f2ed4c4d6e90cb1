//! The guard before every handler: which action this is, who asks, whether they may.

use crate::app::{App, Tenant};
use crate::policy::cedar::{Question, Resource};
use crate::policy::{self, Action};
use crate::rate::{Class, Standing};
use crate::refusal::Refusal;
use crate::{sessions, token, tried};
use api::code;
use axum::RequestExt;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use node::access::{KEY_PREFIX, in_network, read_key};
use node::engine::access::{Credential, CredentialKind};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Who asks, and of which operator.
#[derive(Clone)]
pub struct Asker {
    /// The operator.
    pub tenant: Arc<Tenant>,
    /// Id of the credential: the author of what it commands.
    pub id: String,
    /// What the credential is.
    pub kind: CredentialKind,
    /// Its role.
    pub role: String,
    /// The party whose data alone it sees; none for the operator's own people.
    pub party: Option<String>,
    /// The only actions that the credential is for, and those that its token was narrowed to.
    pub(crate) scopes: [Option<Vec<String>>; 2],
}

impl Asker {
    /// Whether a source is one whose events this asker may bring or see.
    pub fn has_source(&self, source: &str) -> bool {
        let Some(party) = &self.party else { return true };
        self.tenant.service.party_of(source).as_ref() == Some(party)
    }

    /// Refuses a source that it has no part in as one that there is not.
    ///
    /// # Errors
    /// [`code::NO_SUCH`].
    pub fn source(&self, source: &str) -> Result<(), Refusal> {
        if self.has_source(source) && self.tenant.service.source_known(source).is_ok() {
            return Ok(());
        }
        let what = format!("no source `{source}` of this credential");
        Err(Refusal::of(&code::NO_SUCH, what))
    }

    /// Whoever signed a request that brings events of the party's.
    pub(crate) fn signed(tenant: Arc<Tenant>, id: String, party: Option<String>) -> Self {
        let (kind, role) = (CredentialKind::Secret, "provider".to_owned());
        Self { tenant, id, kind, role, party, scopes: [None, None] }
    }

    /// For whom what it takes is bounded: its operator, and its party or itself.
    pub fn bound(&self) -> (&str, &str) {
        (self.tenant.service.operator(), self.party.as_deref().unwrap_or(&self.id))
    }

    /// Whether what was let in would be let in now, as far as its credential goes.
    pub fn still_holds(&self) -> bool {
        let known = self.tenant.credential(&self.id);
        known.is_none_or(|credential| credential.holds_at(node::clock::now_nanos()))
    }

    /// The name that is recorded with what this asker commands.
    pub fn author(&self) -> String {
        format!("{}:{}", kind_name(self.kind), self.id)
    }

    /// Whether its credential is for the action, and the policies of the book allow it.
    ///
    /// # Errors
    /// [`code::FORBIDDEN`].
    pub fn may(&self, action: Action, resource: Resource) -> Result<(), Refusal> {
        if !self.has_scope(action) {
            let what = format!("this credential is not for {}", action.name());
            return Err(Refusal::of(&code::FORBIDDEN, what));
        }
        let (role, party) = (self.role.clone(), self.party.clone());
        let kind = kind_name(self.kind);
        let question = Question { role, party, kind, action, resource };
        if !self.tenant.policies().allow(&question) {
            let what = format!("the role {} may not {}", self.role, action.name());
            return Err(Refusal::of(&code::FORBIDDEN, what));
        }
        Ok(())
    }

    /// Refuses to let a credential that is for some actions only have one with more made, or learn
    /// the secret of one: `scopes` are that one's, none for everything.
    ///
    /// # Errors
    /// [`code::FORBIDDEN`].
    pub fn grants(&self, scopes: &[String]) -> Result<(), Refusal> {
        let within = |own: &Vec<String>| {
            !scopes.is_empty() && scopes.iter().all(|scope| own.contains(scope))
        };
        if self.scopes.iter().flatten().all(within) {
            return Ok(());
        }
        Err(Refusal::of(
            &code::FORBIDDEN,
            "this credential gives no other more than its own scopes",
        ))
    }

    /// A person who is signed in.
    pub fn person(tenant: Arc<Tenant>, id: String, role: String, party: Option<String>) -> Self {
        Self { tenant, id, kind: CredentialKind::Person, role, party, scopes: [None, None] }
    }

    fn has_scope(&self, action: Action) -> bool {
        let named = |scopes: &Vec<String>| scopes.contains(&action.name());
        self.scopes.iter().all(|scopes| scopes.as_ref().is_none_or(named))
    }
}

/// The word for a kind of credential.
pub fn kind_name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Key => "key",
        CredentialKind::Client => "client",
        CredentialKind::Person => "person",
        CredentialKind::Secret => "secret",
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
    let params = request.extract_parts::<RawPathParams>().await;
    // A path that cannot be read is refused by its handler.
    let params: Vec<(String, String)> = params.map_or_else(
        |_| Vec::new(),
        |found| found.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    );
    let (asker, standing) = match admit(&app, &request, &params) {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.into_response(),
    };
    let lease = match &asker {
        Some(asker) => app.bodies.of(asker),
        None => app.bodies.open(address(&request)),
    };
    let answer = asker.as_ref().map(|asker| app.bodies.answer(asker));
    request.extensions_mut().insert(lease.clone());
    if let Some(asker) = asker {
        request.extensions_mut().insert(asker);
    }
    let mut response = next.run(request).await;
    // Held until what the body said is done.
    drop(lease);
    if let Some(answer) = answer {
        response.extensions_mut().insert(answer);
    }
    if let Some(standing) = standing {
        standing.tell(response.headers_mut(), false);
    }
    response
}

/// Where the request comes from; unknown only where there is no network.
fn address(request: &Request) -> From {
    From(request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()))
}

/// What a request is counted as.
fn class(action: Action, request: &Request) -> Class {
    match action {
        Action::BringEvents => Class::Bring,
        // Whether a schema is there, or may follow, is asked by POST.
        Action::SeeSchemas => Class::Read,
        // A query of GraphQL is a read, though it is posted.
        _ if request.method().is_safe() || request.uri().path() == "/graphql" => Class::Read,
        _ => Class::Command,
    }
}

/// What a request is about, by the names in its path.
fn resource(tenant: &Tenant, params: &[(String, String)]) -> Resource {
    let named = |name: &str| params.iter().find(|(known, _)| known == name);
    if let Some((_, source)) = named("source") {
        return Resource::Source(source.clone(), tenant.service.party_of(source));
    }
    named("party").map_or(Resource::Operator, |(_, party)| Resource::Party(party.clone()))
}

/// Who asks, where the action needs to know it, and where its rate stands.
fn admit(
    app: &App,
    request: &Request,
    params: &[(String, String)],
) -> Result<(Option<Asker>, Option<Standing>), Refusal> {
    let from = address(request);
    let open = || from.0.map(|from| app.rates.open(from)).transpose();
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return Ok((None, open()?)); // nothing there: the fallback says so
    };
    let Some(action) = policy::action(request.method(), path.as_str()) else {
        if policy::ROUTES.iter().any(|(_, route, _)| *route == path.as_str()) {
            return Ok((None, open()?)); // by no such method: the fallback says so
        }
        return Err(Refusal::of(&code::FORBIDDEN, "no policy opens this route"));
    };
    if action.is_open() {
        return Ok((None, open()?));
    }
    if action == Action::SeeMetrics && is_local(request.headers(), from) {
        return Ok((None, open()?));
    }
    let asker = match request.extensions().get::<Asker>() {
        Some(signed) => signed.clone(),
        None => authenticate(app, request, from).or_else(|refusal| {
            from.failed(app)?;
            Err(refusal)
        })?,
    };
    let found = permit(app, request, params, &asker, action);
    if let Err(refusal) = &found {
        asker.tenant.denied(&asker.author(), &action.name(), &refusal.0.code);
    }
    let standing = found?;
    Ok((Some(asker), Some(standing)))
}

/// Whether somebody asks from this machine itself, without a credential and through no proxy.
fn is_local(headers: &HeaderMap, from: From) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let direct = !forwarded.iter().any(|name| headers.contains_key(*name));
    let loopback = from.0.is_some_and(|from| from.to_canonical().is_loopback());
    // A page whose name was made to lead here is in the browser of this machine, and not meant.
    let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let host = host.map(|host| host.parse::<Authority>().is_ok_and(|a| is_loopback(a.host())));
    let named = host.unwrap_or(true);
    direct && loopback && named && !headers.contains_key(header::AUTHORIZATION)
}

/// Whether a host's name, without its port, is this machine's own.
pub(crate) fn is_loopback(name: &str) -> bool {
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The key or token that a header presents: after `Bearer`, or as the password after `Basic`, since
/// clients of schema registries know no other way. The user's name does not count.
fn presented(header: &str) -> Option<Cow<'_, str>> {
    let (scheme, text) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(text.into());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(text.trim()).ok()?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(password.to_owned().into())
}

/// Whether this asker may do that now, and where its rate stands.
fn permit(
    app: &App,
    request: &Request,
    params: &[(String, String)],
    asker: &Asker,
    action: Action,
) -> Result<Standing, Refusal> {
    let (operator, party) = (asker.tenant.service.operator(), asker.party.as_deref());
    let standing = app.rates.credential(class(action, request), operator, &asker.id, party)?;
    asker.may(action, resource(&asker.tenant, params))?;
    Ok(standing)
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct From(pub Option<IpAddr>);

impl From {
    /// Whether it is in one of the networks, where there are any.
    pub fn within(self, networks: &[String]) -> bool {
        let inside = |from| networks.iter().any(|network| in_network(from, network));
        networks.is_empty() || self.0.is_some_and(inside)
    }

    /// Counts a credential that does not hold.
    ///
    /// # Errors
    /// [`code::TOO_MANY_REQUESTS`].
    pub fn failed(self, app: &App) -> Result<(), Refusal> {
        self.0.map(|from| app.rates.failed(from)).transpose()?;
        Ok(())
    }
}

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(found.map(|info| info.0.ip())))
    }
}

/// Whose credential the request shows.
fn authenticate(app: &App, request: &Request, from: From) -> Result<Asker, Refusal> {
    let headers = request.headers();
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        return sessions::asker(app, request.method(), headers, from);
    };
    let given = given.to_str().ok().and_then(presented);
    let shown = given.clone();
    let now = node::clock::now_nanos();
    let found = given.and_then(|text| match text.trim() {
        text if text.starts_with(KEY_PREFIX) => by_key(app, text, now),
        text => by_token(app, text, now),
    });
    let found = found
        .filter(|(_, credential, _)| credential.holds_at(now) && from.within(&credential.networks));
    // One answer for whatever is wrong: it must not tell which part was right.
    let (tenant, credential, narrowed) = found.ok_or_else(|| {
        tried::failed(app, shown.as_deref(), from);
        Refusal::of(
            &code::UNAUTHENTICATED,
            "the credential is not known, has ended, or is not for this network",
        )
    })?;
    let Credential { id, kind, role, party, scopes, .. } = credential;
    let party = Some(party).filter(|party| !party.is_empty());
    let scopes = [Some(scopes).filter(|scopes| !scopes.is_empty()), narrowed];
    Ok(Asker { tenant, id, kind, role, party, scopes })
}

/// A credential that was shown, of which operator, and to what actions it was narrowed.
type Found = (Arc<Tenant>, Credential, Option<Vec<String>>);

fn by_key(app: &App, text: &str, now: i64) -> Option<Found> {
    let key = read_key(text)?;
    let tenant = app.tenant(key.operator)?;
    let credential = tenant.credential(key.id)?;
    // Both are hashes of 256 random bits: comparing them tells nothing about the secret.
    let own = credential.kind == CredentialKind::Key && credential.has_secret(&key.secret, now);
    own.then(|| (Arc::clone(tenant), credential, None))
}

/// The client of a token: what it may is what it may now, not what it might when it was issued.
fn by_token(app: &App, text: &str, now: i64) -> Option<Found> {
    let tenant = app.tenant(&token::operator_of(text)?)?;
    let claims = tenant.token_keys().check(text, &app.issuer, now)?;
    let id = claims.sub.strip_prefix(tenant.service.operator())?.strip_prefix('.')?;
    let credential = tenant.credential(id)?;
    let scope = claims.scope.as_deref();
    let narrowed = scope.map(|scope| scope.split(' ').map(str::to_owned).collect());
    let own = credential.kind == CredentialKind::Client;
    own.then(|| (Arc::clone(tenant), credential, narrowed))
}
