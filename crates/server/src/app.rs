//! What the service serves: operators that stay open, and the router over them.

use crate::routes;
use crate::{guard, limits, sealed};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use node::engine::access::Credential;
use node::{NodeError, Service, Session};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::openapi::OpenApi;

/// One operator that is served.
pub struct Tenant {
    /// The operator, open.
    pub service: Service,
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
        let tenant = Self { service, credentials: RwLock::default() };
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
}

impl App {
    /// Serves these operators.
    pub fn new(tenants: impl IntoIterator<Item = Tenant>) -> Self {
        let named = |tenant: Tenant| (tenant.service.operator().to_owned(), Arc::new(tenant));
        let openapi = serde_json::to_string_pretty(&openapi()).unwrap_or_default();
        Self {
            tenants: Arc::new(tenants.into_iter().map(named).collect()),
            openapi: openapi.into(),
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
            .layer(from_fn_with_state(self.clone(), guard::guard))
            .layer(from_fn(sealed::seal))
            .with_state(self)
    }
}

/// The document of the whole interface.
pub fn openapi() -> OpenApi {
    let (_, mut document) = routes::all().split_for_parts();
    routes::describe(&mut document);
    document
}
