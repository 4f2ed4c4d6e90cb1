//! What the service serves: operators that stay open, and the router over them.

use crate::cache::Cache;
use crate::metrics::Metrics;
use crate::{document, fresh, guard, limits, reference, routes, sealed, trace};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use node::engine::access::Credential;
use node::{NodeError, Service, Session};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, RwLock};
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
    /// Its credentials by id, as they are now.
    credentials: RwLock<Arc<HashMap<String, Credential>>>,
}

impl Tenant {
    /// Serves an opened operator.
    ///
    /// # Errors
    /// When its credentials cannot be read or a thread cannot be started.
    pub fn start(session: Session, builders: usize) -> Result<Self, NodeError> {
        let service = Service::start(session, builders)?;
        let (tell, reached) = watch::channel(service.position());
        service.listen(move |position| {
            tell.send_replace(position);
        });
        let tenant = Self {
            service,
            cache: Cache::default(),
            reached,
            in_flight: Mutex::default(),
            credentials: RwLock::default(),
        };
        tenant.reload()?;
        Ok(tenant)
    }

    /// Reads the credentials again: after one was made or revoked.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn reload(&self) -> Result<(), NodeError> {
        let found = self.service.read(node::access::current)?;
        let found = found.into_iter().map(|recorded| recorded.credential);
        let map = found.map(|credential| (credential.id.clone(), credential)).collect();
        if let Ok(mut place) = self.credentials.write() {
            *place = Arc::new(map);
        }
        Ok(())
    }

    /// A credential as it is now.
    pub fn credential(&self, id: &str) -> Option<Credential> {
        self.credentials.read().ok()?.get(id).cloned()
    }
}

/// Everything that handlers share.
#[derive(Clone)]
pub struct App {
    /// The operators by name.
    pub tenants: Arc<BTreeMap<String, Arc<Tenant>>>,
    /// The `OpenAPI` document, as served.
    pub openapi: Arc<str>,
    /// The same as a page.
    pub(crate) reference: Arc<str>,
    pub(crate) metrics: Arc<Metrics>,
}

impl App {
    /// Serves these operators.
    pub fn new(tenants: impl IntoIterator<Item = Tenant>) -> Self {
        let named = |tenant: Tenant| (tenant.service.operator().to_owned(), Arc::new(tenant));
        let document = document::document();
        let openapi = serde_json::to_string_pretty(&document).unwrap_or_default();
        let tenants: Arc<BTreeMap<_, _>> = Arc::new(tenants.into_iter().map(named).collect());
        Self {
            metrics: Arc::new(Metrics::new(Arc::clone(&tenants))),
            tenants,
            openapi: openapi.into(),
            reference: reference::page(&document).into(),
        }
    }

    /// The operator of a request that was let in.
    pub fn tenant(&self, operator: &str) -> Option<&Arc<Tenant>> {
        self.tenants.get(operator)
    }

    /// Whether every operator takes events and commands; else why not.
    pub fn ready(&self) -> Result<(), String> {
        match self.tenants.values().find_map(|tenant| tenant.service.failed()) {
            Some(what) => Err(what),
            None => Ok(()),
        }
    }

    /// The router over everything.
    pub fn router(self) -> Router {
        let (router, _) = routes::all().split_for_parts();
        router
            .fallback(routes::nothing)
            .method_not_allowed_fallback(routes::other_method)
            .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
            .layer(RequestDecompressionLayer::new())
            .layer(from_fn_with_state(self.clone(), sealed::open))
            .layer(from_fn(fresh::fresh))
            .layer(from_fn_with_state(self.clone(), guard::guard))
            .layer(from_fn_with_state(self.clone(), trace::trace))
            .layer(from_fn(sealed::seal))
            .with_state(self)
    }
}

/// The document of the whole interface.
pub fn openapi() -> serde_json::Value {
    document::document()
}
