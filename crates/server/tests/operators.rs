//! Two operators in one process, whose books name everything alike: over every route, with a
//! credential of one, nothing of the other comes back and nothing of it changes.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use node::access::NewKey;
use node::{Purpose, Session};
use server::policy::{Action, ROUTES};
use server::{App, Tenant};
use std::time::Duration;
use support::{digest, now};
use tower::ServiceExt;

/// Each operator with the name that only it has in its data.
const OPERATORS: [(&str, &str); 2] = [("house", "alphaalpha"), ("rival", "omegaomega")];
const SOURCE: &str = "feed-a";
const MONTH: &str = "2026-03";
const AGREEMENT: &str = "studio-0-share";

/// Both, each with one event, a quarantined row, a closed month and a key of every role that is its
/// own.
struct Deployment {
    app: App,
    router: Router,
    keys: Vec<Vec<String>>,
    _dir: tempfile::TempDir,
}

fn deployment() -> Deployment {
    let dir = tempfile::tempdir().unwrap();
    let open = |(operator, _): &(&str, &str)| {
        let files = node::init::template_book("gaming", operator).unwrap();
        let party = |text: Vec<u8>| {
            let text = String::from_utf8(text).unwrap();
            text.replace("feed-a: { kinds", "feed-a: { party: studio-0, kinds").into_bytes()
        };
        let files = files.into_iter().map(|(path, text)| (path, party(text))).collect();
        node::init::init(dir.path(), &files, operator).unwrap();
        let session = Session::open(dir.path(), Some(operator), Purpose::Change, &mut |_, _| {});
        Tenant::start(session.unwrap(), 1).unwrap()
    };
    // Every directory is made before the first is opened.
    let app = App::new(OPERATORS.iter().map(open).collect::<Vec<_>>());
    let keys = OPERATORS.iter().map(|(operator, _)| {
        let tenant = app.tenant(operator).unwrap();
        let key = |(role, party): (&str, Option<&str>)| {
            let (name, role) = ("test".to_owned(), role.to_owned());
            let party = party.map(str::to_owned);
            let new = NewKey { name, role, party, ..NewKey::default() };
            let made = tenant.service.command(move |s| node::access::make(s, &new, "test"));
            made.unwrap().unwrap().secret
        };
        let roles = [("administrator", None), ("auditor", None), ("provider", Some("studio-0"))];
        let keys = roles.map(key).to_vec();
        tenant.reload().unwrap();
        keys
    });
    let keys = keys.collect();
    Deployment { router: app.clone().router(), app, keys, _dir: dir }
}

impl Deployment {
    async fn ask(
        &self,
        method: &Method,
        path: &str,
        key: &str,
        body: &str,
    ) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .header("content-digest", digest(body.as_bytes()))
            .header("saldo-timestamp", now().to_string())
            .header("idempotency-key", "\"once\"")
            .body(Body::from(body.to_owned()));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (status, mut body, mut bytes) = (response.status(), response.into_body(), Vec::new());
        // Of an answer that does not end, what comes at once.
        while let Ok(Some(Ok(frame))) =
            tokio::time::timeout(Duration::from_millis(200), body.frame()).await
        {
            bytes.extend(frame.into_data().unwrap_or_default());
        }
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    fn position(&self, operator: &str) -> u64 {
        self.app.tenant(operator).unwrap().service.position()
    }
}

fn event(mark: &str) -> String {
    format!(
        "{{\"id\":\"{mark}-1\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-01T00:00:00Z\",\
         \"amount\":\"77\",\"asset\":\"EUR\",\"dims\":{{\"provider\":\"studio-0\",\
         \"game\":\"{mark}\",\"player\":\"p-1\"}}}}"
    )
}

/// A path of the table, about what `mark` names.
fn about(path: &str, mark: &str) -> String {
    let mut path = path.to_owned();
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        let name = match &path[start + 1..end] {
            "party" => "studio-0".to_owned(),
            "source" => SOURCE.to_owned(),
            "agreement" => AGREEMENT.to_owned(),
            "period" => MONTH.to_owned(),
            "line" => "20-ggr".to_owned(),
            "measure" => "stakes".to_owned(),
            _ => format!("{mark}-1"),
        };
        path.replace_range(start..=end, &name);
    }
    if path.starts_with("/v1/measures/") { format!("{path}?period={MONTH}") } else { path }
}

#[tokio::test]
async fn nothing_crosses_between_operators() {
    let served = deployment();
    for (at, (operator, mark)) in OPERATORS.iter().enumerate() {
        let path = format!("/v1/sources/{SOURCE}/events?wait=applied");
        let body = format!("[{},{{\"id\":\"{mark}-wrong\"}}]", event(mark));
        let (status, answer) = served.ask(&Method::POST, &path, &served.keys[at][0], &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let tenant = served.app.tenant(operator).unwrap();
        let close = tenant.service.command(move |session| {
            let engine = &mut session.operator.engine;
            engine.close(AGREEMENT, MONTH, 1_775_000_000_000_000_000, "test").map(|_| ())
        });
        close.unwrap().unwrap();
    }
    let (mut own, mut asked) = (0, 0);
    for (at, (_, mark)) in OPERATORS.iter().enumerate() {
        let (other, secret) = OPERATORS[1 - at];
        let before = served.position(other);
        for key in &served.keys[at] {
            for (method, path, action) in ROUTES {
                if *action == Action::Public || path.contains("/keys") {
                    continue; // what makes or ends this very credential is asked below
                }
                for name in [*mark, secret] {
                    let body = if *method == Method::GET { "" } else { "{}" };
                    let path = about(path, name);
                    let (_, body) = served.ask(method, &path, key, body).await;
                    // What was asked for may be named in the refusal, and nothing else.
                    let told = body.replace(&format!("{name}-1"), "");
                    assert!(!told.contains(secret), "{method} {path} tells {secret}: {body}");
                    (own, asked) = (own + usize::from(told.contains(mark)), asked + 1);
                }
            }
        }
        let (_, keys) = served.ask(&Method::GET, "/v1/keys", &served.keys[at][0], "").await;
        let ids = |keys: &[String]| -> Vec<String> {
            keys.iter().map(|key| key.split('.').nth(2).unwrap().to_owned()).collect()
        };
        for id in ids(&served.keys[1 - at]) {
            assert!(!keys.contains(&id), "{keys}");
            let path = format!("/v1/keys/{id}");
            let (status, body) = served.ask(&Method::DELETE, &path, &served.keys[at][0], "").await;
            assert!(status.is_client_error(), "{body}");
        }
        assert_eq!(served.position(other), before, "a command of {at} changed {other}");
    }
    assert!(own > 10 && asked > 300, "{own} of {asked} answers told of the asker's own");
}

#[tokio::test]
async fn a_key_of_one_is_none_of_the_other() {
    let served = deployment();
    for at in [0, 1] {
        let (other, _) = OPERATORS[1 - at];
        for key in &served.keys[at] {
            let forged = key.replacen(OPERATORS[at].0, other, 1);
            let (status, body) = served.ask(&Method::GET, "/v1/status", &forged, "").await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
        }
    }
}
