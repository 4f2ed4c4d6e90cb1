//! An operator that is served, asked without a network.
#![allow(dead_code, clippy::unwrap_used)] // each test uses its part; a test may panic

pub mod receiver;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use node::access::NewKey;
use node::{Purpose, Session};
use serde_json::Value;
use server::{App, Tenant};
use std::collections::BTreeMap;
use tower::ServiceExt;

/// The operator's name.
pub const OPERATOR: &str = "house";

/// A served directory, removed at the end.
pub struct Served {
    pub app: App,
    pub router: Router,
    dir: tempfile::TempDir,
}

impl Served {
    /// A new operator with the gaming book, for amounts of two decimals.
    pub fn new() -> Self {
        Self::made("", |text| text, |_| {})
    }

    /// The same with the text of each file of the book changed.
    pub fn with(change: impl Fn(String) -> String) -> Self {
        Self::made("", change, |_| {})
    }

    /// The same, and then with files of the book changed or added.
    pub fn of(
        change: impl Fn(String) -> String,
        add: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
    ) -> Self {
        Self::made("", change, add)
    }

    /// The same with more settings at the end of `saldo.yaml`.
    pub fn set(settings: &str) -> Self {
        Self::made(settings, |text| text, |_| {})
    }

    fn made(
        settings: &str,
        change: impl Fn(String) -> String,
        add: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = node::init::template_book("gaming", OPERATOR).unwrap();
        let cents = |text: Vec<u8>| {
            let text = String::from_utf8(text).unwrap();
            let text = text.replace("EUR: { scale: 4", "EUR: { scale: 2");
            change(text.replace("feed-a: { kinds", "feed-a: { party: studio-0, kinds")).into_bytes()
        };
        let mut files = files.into_iter().map(|(path, text)| (path, cents(text))).collect();
        add(&mut files);
        node::init::init(dir.path(), &files, OPERATOR).unwrap();
        let path = dir.path().join("saldo.yaml");
        let text = std::fs::read_to_string(&path).unwrap() + settings;
        std::fs::write(&path, text).unwrap();
        Self::open(dir)
    }

    /// Ends the service and starts it again on the same directory.
    pub fn again(self) -> Self {
        let Self { app, router, dir } = self;
        drop((app, router));
        Self::open(dir)
    }

    /// What would be there had the machine lost its power now: the files as they are, without an
    /// orderly end, opened anew beside this one.
    pub fn crashed(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(self.dir.path(), dir.path());
        Self::open(dir)
    }

    /// Serves what is in a directory.
    pub fn open(dir: tempfile::TempDir) -> Self {
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
        let key = made.unwrap().unwrap().secret;
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
        let media = if media.is_empty() { None } else { Some(("content-type", media)) };
        let (status, _, body) = self.asked(method, path, key, media.as_slice(), body).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Gives a command under an `Idempotency-Key`; an empty one is not sent.
    pub async fn command(
        &self,
        path: &str,
        key: &str,
        once: &str,
        body: &Value,
    ) -> (StatusCode, HeaderMap, Value) {
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", once)];
        headers.retain(|(_, value)| !value.is_empty());
        let (status, headers, body) =
            self.asked(&Method::POST, path, key, &headers, &body.to_string()).await;
        (status, headers, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Asks with headers of the caller's choice.
    pub async fn asked(
        &self,
        method: &Method,
        path: &str,
        key: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}").as_bytes());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if *method == Method::POST {
            // Every request that brings events has these two; others may.
            request = request.header("content-digest", digest(body.as_bytes()));
            request = request.header("saldo-timestamp", now().to_string());
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.send(request).await
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        (parts.status, parts.headers, body.to_vec())
    }

    /// Ends it, and gives the directory away.
    pub fn leave(self) -> tempfile::TempDir {
        let Self { app, router, dir } = self;
        drop((app, router));
        dir
    }

    /// Where everything of it is.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }
}

/// The `Content-Digest` of a body.
pub fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", node::proof::digest::sha256(body).to_base64())
}

/// Unix seconds.
pub fn now() -> i64 {
    node::clock::now_nanos() / 1_000_000_000
}

/// A bet of `feed-a` as JSON.
pub fn event(id: &str, amount: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-01T00:00:00Z\",\
         \"amount\":\"{amount}\",\"asset\":\"EUR\",\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"crash\",\"player\":\"p-{id}\"}}}}"
    )
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
