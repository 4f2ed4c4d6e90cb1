//! An operator that is served, asked without a network.
#![allow(dead_code, clippy::unwrap_used)] // each test uses its part; a test may panic

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use node::access::NewKey;
use node::{Purpose, Session};
use serde_json::Value;
use server::{App, Tenant};
use tower::ServiceExt;

/// The operator's name.
pub const OPERATOR: &str = "house";

/// A served directory, removed at the end.
pub struct Served {
    pub app: App,
    router: Router,
    dir: tempfile::TempDir,
}

impl Served {
    /// A new operator with the gaming book, for amounts of two decimals.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = node::init::template_book("gaming", OPERATOR).unwrap();
        let cents = |text: Vec<u8>| {
            let text = String::from_utf8(text).unwrap();
            let text = text.replace("EUR: { scale: 4", "EUR: { scale: 2");
            text.replace("feed-a: { kinds", "feed-a: { party: studio-0, kinds").into_bytes()
        };
        let files = files.into_iter().map(|(path, text)| (path, cents(text))).collect();
        node::init::init(dir.path(), &files, OPERATOR).unwrap();
        let session = Session::open(dir.path(), None, Purpose::Change, &mut |_, _| {}).unwrap();
        let app = App::new([Tenant::start(session, 1).unwrap()]);
        Self { router: app.clone().router(), app, dir }
    }

    /// The text of a new key.
    pub fn key(&self, role: &str, party: Option<&str>) -> String {
        let tenant = self.app.tenant(OPERATOR).unwrap();
        let (name, role) = (format!("test {role}"), role.to_owned());
        let party = party.map(str::to_owned);
        let new = NewKey { name, role, party, ..NewKey::default() };
        let made = tenant.service.command(move |s| node::access::make(s, &new, "test"));
        let (_, key) = made.unwrap().unwrap();
        tenant.reload().unwrap();
        key
    }

    /// Asks; an empty `key` or `media` is not sent. What is no JSON comes back as null.
    pub async fn ask(
        &self,
        method: &Method,
        path: &str,
        key: &str,
        media: &str,
        body: &str,
    ) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}").as_bytes());
        }
        if !media.is_empty() {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

/// A bet of `feed-a` as JSON.
pub fn event(id: &str, amount: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-01T00:00:00Z\",\
         \"amount\":\"{amount}\",\"asset\":\"EUR\",\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"crash\",\"player\":\"p-{id}\"}}}}"
    )
}
