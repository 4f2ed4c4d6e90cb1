//! Refusals: every error of a handler becomes a problem document.

use crate::rate::Standing;
use crate::sealed::Told;
use api::Problem;
use api::problem::MEDIA_TYPE;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use node::NodeError;
use node::code::STOPPED;
use node::ledger::code::Code;
use std::sync::Arc;

/// Why a request is refused, boxed, since most requests are not; and where its rate stands, when
/// that is why.
#[derive(Clone, Debug)]
pub struct Refusal(pub Box<Problem>, pub Option<Standing>);

impl Refusal {
    /// A refusal with its page, and what is wrong in particular.
    pub fn of(page: &Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::of(page, detail)), None)
    }
}

/// The problem that a response shows, for whoever gives it another shape.
#[derive(Clone)]
pub struct Shown(pub Arc<Problem>);

impl From<NodeError> for Refusal {
    fn from(error: NodeError) -> Self {
        let page = node::registry::page(error.code()).unwrap_or(api::code::INTERNAL);
        let what = error.to_string();
        if api::code::status_of(page.code) == 500 || page.code == STOPPED.code {
            // What failed inside is for the log: a path or a query is nobody else's business.
            failed(error.code(), &what);
            return Self::of(&page, page.cause);
        }
        // The title stands beside it.
        let own = what.strip_prefix(page.title).map(|rest| rest.trim_start_matches(": "));
        Self::of(&page, own.unwrap_or(&what))
    }
}

/// Says in the log what failed inside.
pub fn failed(code: &str, what: &str) {
    let trace = crate::trace::shown(crate::trace::current());
    tracing::error!(trace.id = trace, error.code = code, error.message = what, "failed");
}

impl From<node::engine::EngineError> for Refusal {
    fn from(error: node::engine::EngineError) -> Self {
        NodeError::from(error).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(mut self) -> Response {
        self.0.request_id = crate::trace::request_id();
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.extensions_mut().insert(Told(self.0.code.clone()));
        response.extensions_mut().insert(Shown(Arc::from(self.0)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(standing) = self.1 {
            standing.tell(headers, true);
        }
        match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static("1"));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}
