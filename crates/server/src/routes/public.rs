//! What everybody may see: health, the interface itself, pages of codes.

use crate::app::App;
use crate::extract::Named;
use crate::refusal::Refusal;
use api::code;
use api::problem::{CodePage, Problem};
use api::status::{Health, Version};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use node::ledger::code::Code;
use std::sync::LazyLock;

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Health)))]
pub async fn healthz() -> Json<Health> {
    Json(Health { state: "ok".to_owned() })
}

/// Whether events and commands are taken.
#[utoipa::path(get, path = "/readyz", responses(
    (status = 200, body = Health),
    (status = 503, body = Problem, content_type = "application/problem+json")))]
pub async fn readyz(State(app): State<App>) -> Result<Json<Health>, Refusal> {
    app.ready()?;
    Ok(Json(Health { state: "ok".to_owned() }))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json",
    responses((status = 200, content_type = "application/json")))]
pub async fn document(State(app): State<App>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi.clone())
}

/// Which program answers, and what it speaks.
#[utoipa::path(get, path = "/v1/version", responses((status = 200, body = Version)))]
pub async fn version() -> Json<Version> {
    Json(Version {
        name: "saldo".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        api: vec!["v1".to_owned()],
    })
}

/// Every stable code with its page.
#[utoipa::path(get, path = "/v1/codes", responses((status = 200, body = Vec<CodePage>)))]
pub async fn codes() -> impl IntoResponse {
    // Made once, since everybody may ask: an answer that nobody takes has no copy of its own.
    static PAGES: LazyLock<Bytes> = LazyLock::new(|| {
        let pages: Vec<CodePage> = pages().iter().map(CodePage::from).collect();
        serde_json::to_vec(&pages).unwrap_or_default().into()
    });
    ([(header::CONTENT_TYPE, "application/json")], PAGES.clone())
}

/// The page of one code.
#[utoipa::path(get, path = "/v1/codes/{code}",
    params(("code" = String, Path, description = "`E` and four digits")),
    responses((status = 200, body = CodePage),
              (status = 404, body = Problem, content_type = "application/problem+json")))]
pub async fn code(Named(code): Named<String>) -> Result<Json<CodePage>, Refusal> {
    let found = pages().into_iter().find(|page| page.code.eq_ignore_ascii_case(&code));
    let found = found.ok_or_else(|| Refusal::of(&code::NO_SUCH, "no page has this code"))?;
    Ok(Json(CodePage::from(&found)))
}

fn pages() -> Vec<Code> {
    let mut pages = node::registry::pages();
    pages.extend_from_slice(api::CODES);
    pages
}
