//! For those who operate and integrate: metrics, and the reference page.

use crate::app::App;
use crate::guard::Asker;
use crate::reference;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::IntoResponse;

/// The interface as a page to be read.
#[utoipa::path(get, path = "/docs", responses((status = 200, content_type = "text/html")))]
pub async fn reference(State(app): State<App>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, reference::POLICY),
    ];
    (headers, app.reference.clone())
}

/// The style of that page.
#[utoipa::path(get, path = "/docs/style.css", responses((status = 200, content_type = "text/css")))]
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], reference::STYLE)
}

/// Metrics for Prometheus: of one operator with a credential, of all from this machine itself.
#[utoipa::path(get, path = "/metrics",
    responses((status = 200, content_type = "application/openmetrics-text")))]
pub async fn metrics(State(app): State<App>, request: Request) -> impl IntoResponse {
    let of = request.extensions().get::<Asker>().map(|asker| asker.tenant.service.operator());
    let headers = [
        (header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, app.metrics.text(of))
}
