//! The service without a network: an operator's directory asked as `saldo --server` asks, by the
//! person at the machine, who may do what an administrator may.

use crate::app::{App, Tenant};
use crate::guard::Asker;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use node::{NodeError, Session, code};
use std::fmt::Display;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// Most bytes of an answer: a gigabyte, as of those over a network.
const ANSWER_BYTES_MAX: usize = 1 << 30;

/// An operator that answers in this process.
pub struct Local {
    runtime: Runtime,
    router: Router,
    asker: Asker,
}

/// What it answers: the status, and the body.
pub type Answer = (u16, Vec<u8>);

impl Local {
    /// Serves an opened operator to this process alone; `who` is the author of what is commanded.
    /// Nothing is sent to webhooks meanwhile.
    ///
    /// # Errors
    /// When its credentials cannot be read or a thread cannot be started.
    pub fn start(session: Session, who: &str) -> Result<Self, NodeError> {
        let operator = session.operator.engine.operator().to_owned();
        let app = App::new([Tenant::start(session, 1)?]);
        let tenant = app.tenant(&operator).cloned();
        let tenant = tenant.ok_or_else(|| failed("the operator", &operator))?;
        let asker = Asker::person(tenant, who.to_owned(), "administrator".to_owned(), None);
        let runtime = Runtime::new().map_err(|error| failed("starting", &error))?;
        Ok(Self { runtime, router: app.router(), asker })
    }

    /// Asks: a path with its query, headers by name.
    ///
    /// # Errors
    /// [`code::SYSTEM`] where the request cannot be one, or its answer breaks off.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Answer, NodeError> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::HOST, "localhost");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut request =
            request.body(Body::from(body.to_vec())).map_err(|error| failed(path, &error))?;
        request.extensions_mut().insert(self.asker.clone());
        self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let status = answer.status().as_u16();
            let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
            Ok((status, body.map_err(|error| failed(path, &error))?.to_vec()))
        })
    }
}

fn failed(what: &str, error: &dyn Display) -> NodeError {
    NodeError::said(code::SYSTEM, format!("{what}: {error}"))
}
