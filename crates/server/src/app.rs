//! What the service serves: operators that stay open, and the router over them.

use crate::bodies::Bodies;
use crate::cache::Cache;
use crate::denials::Denials;
use crate::guard::{Asker, is_loopback};
use crate::metrics::Metrics;
use crate::oidc::Providers;
use crate::otel::Spans;
use crate::policy::cedar::Policies;
use crate::rate::Rates;
use crate::refusal::Refusal;
use crate::sealed::refused::{self, Refused};
use crate::sealed::replay::Seen;
use crate::sealed::webhook::Secret;
use crate::sessions::Sessions;
use crate::setup::Offer;
use crate::shares::{Share, Shares};
use crate::token::TokenKeys;
use crate::tried::Failures;
use crate::webhooks::Webhooks;
use crate::{
    body, document, fresh, guard, harden, limits, reference, routes, sandbox, sealed, trace,
};
use axum::Router;
use axum::body::Bytes;
use axum::http::Uri;
use axum::http::uri::Authority;
use axum::middleware::{from_fn, from_fn_with_state};
use node::book::Files;
use node::connect::Limits;
use node::engine::access::{Credential, CredentialKind, Recorded};
use node::engine::query::digest::Held;
use node::engine::trace::TraceId;
use node::observe::Observer;
use node::{NodeError, Service, Session};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use tokio::sync::watch;
use tower_http::decompression::RequestDecompressionLayer;

/// One operator that is served.
pub struct Tenant {
    /// The operator, open.
    pub service: Service,
    /// Answers that are kept.
    pub(crate) cache: Cache,
    /// The position after the last record whose effects can be read.
    pub(crate) reached: watch::Receiver<u64>,
    /// Keys of commands that are being carried out: author and key.
    pub(crate) in_flight: Mutex<HashSet<(String, String)>>,
    /// Its webhooks.
    pub webhooks: Webhooks,
    /// Its credentials by id, as they are now.
    credentials: RwLock<Arc<HashMap<String, Credential>>>,
    /// The secrets of each source, as they are now.
    secrets: RwLock<Arc<HashMap<String, Secrets>>>,
    /// Signed requests of the last minutes.
    pub(crate) seen: Seen,
    /// Refusals that are not recorded yet.
    pub(crate) refused: Refused,
    /// What is held of its sources, as far as that was asked for.
    pub(crate) held: Mutex<Held>,
    /// Its sandbox, where one was made since the start.
    pub(crate) sandbox: OnceLock<Arc<Tenant>>,
    /// Held by whoever makes the sandbox.
    pub(crate) making_sandbox: Mutex<()>,
    /// The keys of its tokens, as they are now.
    token_keys: RwLock<Arc<TokenKeys>>,
    /// The policies of the book in force, and its revision.
    policies: RwLock<(u32, Arc<Policies>)>,
    /// What was denied and is not yet recorded.
    pub(crate) denials: Denials,
    /// Sign-ins that failed and are not yet recorded.
    pub(crate) failures: Failures,
    /// The link that makes the first administrator.
    pub(crate) setup: Offer,
    /// Where spans go, if anywhere.
    pub(crate) spans: OnceLock<Arc<Spans>>,
}

/// Secrets of a source, each with its credential.
pub(crate) type Secrets = Arc<Vec<(Credential, Secret)>>;

impl Tenant {
    /// Serves an opened operator.
    ///
    /// # Errors
    /// When its credentials cannot be read or a thread cannot be started.
    pub fn start(session: Session, builders: usize) -> Result<Self, NodeError> {
        let allow_private = session.place.webhooks.allow_private;
        let service = Service::start(session, builders)?;
        let (tell, reached) = watch::channel(service.position());
        service.listen(move |position| {
            tell.send_replace(position);
        });
        let webhooks = Webhooks::new(allow_private, service.position());
        let tenant = Self {
            service,
            cache: Cache::default(),
            reached,
            in_flight: Mutex::default(),
            webhooks,
            credentials: RwLock::default(),
            secrets: RwLock::default(),
            seen: Seen::default(),
            refused: Refused::default(),
            held: Mutex::default(),
            sandbox: OnceLock::new(),
            making_sandbox: Mutex::default(),
            token_keys: RwLock::default(),
            policies: RwLock::new((0, Policies::of(&Files::new()))),
            denials: Denials::default(),
            failures: Failures::default(),
            setup: Offer::default(),
            spans: OnceLock::new(),
        };
        tenant.reload()?;
        Ok(tenant)
    }

    /// Why something was not done: what ends because something failed does not end by itself.
    pub(crate) fn why(&self, error: NodeError) -> NodeError {
        match self.service.failed() {
            Some(what) if error.code() == node::code::STOPPING.code => {
                NodeError::said(node::code::STOPPED, what)
            }
            _ => error,
        }
    }

    /// Has what is done exported from now on.
    pub(crate) fn trace_to(&self, spans: &Arc<Spans>) {
        self.spans.get_or_init(|| Arc::clone(spans));
        self.service.observe(Arc::clone(spans) as Arc<dyn Observer>);
    }

    /// Whether a trace is exported, as far as its id says.
    pub(crate) fn is_exported(&self, trace: TraceId) -> bool {
        self.spans.get().is_some_and(|spans| spans.takes(trace, None))
    }

    /// Reads the credentials again: after one was made or revoked.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn reload(&self) -> Result<(), NodeError> {
        let now = node::clock::now_nanos();
        let (found, secrets, keys) = self.service.read(|session| {
            let found = node::access::current(session)?;
            let secrets = secrets_of(session, &found);
            Ok::<_, NodeError>((found, secrets, TokenKeys::load(session, now)?))
        })?;
        if let Ok(mut place) = self.secrets.write() {
            *place = Arc::new(secrets);
        }
        let found = found.into_iter().map(|recorded| recorded.credential);
        let map = found.map(|credential| (credential.id.clone(), credential)).collect();
        if let Ok(mut place) = self.credentials.write() {
            *place = Arc::new(map);
        }
        if let Ok(mut place) = self.token_keys.write() {
            *place = Arc::new(keys);
        }
        Ok(())
    }

    /// The secrets of a source as they are now.
    pub(crate) fn secrets(&self, source: &str) -> Secrets {
        let all = self.secrets.read().map(|all| Arc::clone(&all)).unwrap_or_default();
        all.get(source).cloned().unwrap_or_default()
    }

    /// The policies of the book in force.
    pub fn policies(&self) -> Arc<Policies> {
        let revision = self.service.revision();
        if let Ok(kept) = self.policies.read()
            && kept.0 == revision
        {
            return Arc::clone(&kept.1);
        }
        let made = self.service.read(|session| {
            let book = session.operator.engine.state().books.current();
            book.map(|book| (book.lookup.rules.revision, Policies::of(&book.files)))
        });
        let (revision, policies) = made.unwrap_or((0, Policies::of(&Files::new())));
        if let Ok(mut kept) = self.policies.write() {
            *kept = (revision, Arc::clone(&policies));
        }
        policies
    }

    /// The keys of its tokens as they are now.
    pub fn token_keys(&self) -> Arc<TokenKeys> {
        self.token_keys.read().map(|keys| Arc::clone(&keys)).unwrap_or_default()
    }

    /// A credential as it is now.
    pub fn credential(&self, id: &str) -> Option<Credential> {
        self.credentials.read().ok()?.get(id).cloned()
    }

    /// The id of a credential that is so, where there is one.
    pub(crate) fn credential_where(&self, is: impl Fn(&Credential) -> bool) -> Option<String> {
        let all = self.credentials.read().ok()?;
        all.values().find(|credential| is(credential)).map(|credential| credential.id.clone())
    }
}

impl Drop for Tenant {
    /// What was refused in the last moments is recorded before the service ends.
    fn drop(&mut self) {
        refused::record(self);
        // A service that failed has told why already.
        let _ = self.record_denials();
    }
}

/// The secrets among credentials, by source; one that was sealed under other keys is none.
fn secrets_of(session: &Session, found: &[Recorded]) -> HashMap<String, Secrets> {
    let mut by_source: HashMap<String, Vec<(Credential, Secret)>> = HashMap::new();
    for Recorded { credential, .. } in found {
        let operator = session.operator.engine.operator();
        if credential.kind == CredentialKind::Secret && !credential.revoked {
            let Some(bytes) = node::access::open_secret(&session.keys, operator, credential) else {
                let (id, source) = (credential.id.as_str(), credential.name.as_str());
                let what = "a secret cannot be opened: `vault.key` is not that of then";
                tracing::warn!(credential = id, source, error.message = what, "access");
                continue;
            };
            let held = by_source.entry(credential.name.clone()).or_default();
            held.push((credential.clone(), Secret::new(&bytes)));
        }
    }
    by_source.into_iter().map(|(source, held)| (source, Arc::new(held))).collect()
}

/// What every handler sees: one pointer, since each layer of each request has its own copy.
#[derive(Clone)]
pub struct App(Arc<Shared>);

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// For whoever sets it up: copies made before keep what they had.
impl DerefMut for App {
    fn deref_mut(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.0)
    }
}

/// Everything that handlers share.
#[derive(Clone)]
pub struct Shared {
    /// The operators by name.
    pub tenants: Arc<BTreeMap<String, Arc<Tenant>>>,
    /// The `OpenAPI` document, as served.
    pub(crate) openapi: Bytes,
    /// The same as a page.
    pub(crate) reference: Bytes,
    pub(crate) metrics: Arc<Metrics>,
    /// How often each may ask.
    pub rates: Arc<Rates>,
    /// Where others reach it: `iss` and `aud` of its tokens.
    pub issuer: Arc<str>,
    /// The identity providers of operators.
    pub providers: Arc<Providers>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Whether it is served over TLS.
    pub tls: bool,
    /// Says that the service closes: what waits or streams ends.
    pub closing: Arc<watch::Sender<bool>>,
    /// Places for what waits or streams.
    live: Shares,
    /// What is held of bodies.
    pub(crate) bodies: Arc<Bodies>,
    /// Where spans go, if anywhere.
    pub(crate) spans: Option<Arc<Spans>>,
}

impl App {
    /// Has what is done exported from now on.
    pub fn trace_to(&mut self, spans: Arc<Spans>) {
        self.tenants.values().for_each(|tenant| tenant.trace_to(&spans));
        self.spans = Some(spans);
    }

    /// Serves these operators.
    pub fn new(tenants: impl IntoIterator<Item = Tenant>) -> Self {
        let named = |tenant: Tenant| (tenant.service.operator().to_owned(), Arc::new(tenant));
        let document = document::document();
        let openapi = serde_json::to_string_pretty(&document).unwrap_or_default();
        let tenants: Arc<BTreeMap<_, _>> = Arc::new(tenants.into_iter().map(named).collect());
        Self(Arc::new(Shared {
            metrics: Arc::new(Metrics::new(Arc::clone(&tenants))),
            tenants,
            openapi: openapi.into(),
            reference: reference::page(&document).into(),
            rates: Arc::default(),
            issuer: "http://127.0.0.1:7400".into(),
            providers: Arc::default(),
            sessions: Arc::default(),
            tls: false,
            spans: None,
            closing: Arc::new(watch::Sender::new(false)),
            live: Shares::new(limits::WAITING_MAX, limits::WAITING_OF_ONE_MAX),
            bodies: Arc::default(),
        }))
    }

    /// A place for something that waits or streams.
    pub(crate) fn live_place(&self, asker: &Asker) -> Result<Share, Refusal> {
        let place = self.live.place(&asker.bound());
        place.ok_or_else(|| Refusal::of(&api::code::TOO_MANY_LIVE, ""))
    }

    /// Whether a host and port are those by which others reach this service, or this machine's own.
    pub(crate) fn is_named(&self, host: &str) -> bool {
        let known = |text: &str| text.parse::<Uri>().ok()?.into_parts().authority;
        let parts =
            |authority: &Authority| (authority.host().to_ascii_lowercase(), authority.port_u16());
        let Some(given) = host.parse::<Authority>().ok() else { return false };
        let (name, port) = parts(&given);
        let implied = if self.is_secure() { 443 } else { 80 };
        let same = known(&self.issuer).is_some_and(|own| {
            let (own, at) = parts(&own);
            own == name && at.unwrap_or(implied) == port.unwrap_or(implied)
        });
        same || is_loopback(&name)
    }

    /// Begins to call the webhooks of every operator, in the runtime that this is called in.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn start_webhooks(&self, limits: Limits) -> Result<(), NodeError> {
        self.tenants.values().try_for_each(|tenant| Webhooks::start(tenant, limits))
    }

    /// Ends what waits or streams, and the calls of webhooks.
    pub fn close(&self) {
        self.closing.send_replace(true);
        for tenant in self.tenants.values() {
            tenant.webhooks.stop(tenant);
            if let Some(sandbox) = tenant.sandbox.get() {
                sandbox.webhooks.stop(sandbox);
            }
        }
    }

    /// Whether browsers reach it over TLS, its own or that of a proxy.
    pub fn is_secure(&self) -> bool {
        self.tls || self.issuer.starts_with("https://")
    }

    /// The operator of a request that was let in; a sandbox may have been made since the start.
    pub fn tenant(&self, operator: &str) -> Option<&Arc<Tenant>> {
        let made_since = || {
            let real = operator.strip_suffix(sandbox::SUFFIX)?;
            self.tenants.get(real)?.sandbox.get()
        };
        self.tenants.get(operator).or_else(made_since)
    }

    /// Whether every operator takes events and commands.
    ///
    /// # Errors
    /// [`node::code::STOPPED`], with what failed.
    pub fn ready(&self) -> Result<(), NodeError> {
        match self.tenants.values().find_map(|tenant| tenant.service.failed()) {
            Some(what) => Err(NodeError::said(node::code::STOPPED, what)),
            None => Ok(()),
        }
    }

    /// The router over everything.
    pub fn router(self) -> Router {
        let (router, _) = routes::all().split_for_parts();
        router
            .fallback(routes::nothing)
            .method_not_allowed_fallback(routes::other_method)
            .layer(RequestDecompressionLayer::new())
            .layer(from_fn(body::packed))
            .layer(from_fn(sealed::open))
            .layer(from_fn(fresh::fresh))
            .layer(from_fn_with_state(self.clone(), guard::guard))
            .layer(from_fn_with_state(self.clone(), sealed::identify))
            .layer(from_fn(routes::schemas::shape))
            .layer(from_fn_with_state(self.clone(), trace::trace))
            .layer(from_fn(sealed::seal))
            .layer(from_fn_with_state(self.clone(), harden::harden))
            .with_state(self)
    }
}

/// The document of the whole interface.
pub fn openapi() -> serde_json::Value {
    document::document()
}
