//! What every answer carries, and what becomes of those who ask too often.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use std::net::SocketAddr;
use support::Served;
use tower::ServiceExt;

async fn ask(served: &Served, path: &str, key: &str, from: &str) -> Response<Body> {
    let address: SocketAddr = format!("{from}:9999").parse().unwrap();
    let mut request = Request::builder().uri(path).extension(ConnectInfo(address));
    if !key.is_empty() {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let request = request.body(Body::empty()).unwrap();
    served.app.clone().router().oneshot(request).await.unwrap()
}

fn header<'r>(response: &'r Response<Body>, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_answer_carries_its_rate_and_what_browsers_need() {
    let served = Served::new();
    let key = served.key("administrator", None);
    for (path, key, status, policy) in [
        ("/healthz", "", 200, "\"open\";q=2000;w=2"),
        ("/nothing", "", 404, "\"open\";q=2000;w=2"),
        ("/v1/status", key.as_str(), 200, "\"read\";q=40000;w=2"),
        ("/v1/status", "", 401, ""),
    ] {
        let response = ask(&served, path, key, "192.0.2.1").await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(&response, "ratelimit-policy"), policy, "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header(&response, "strict-transport-security"), "", "no TLS, no HSTS");
    }
    let response = ask(&served, "/v1/status", &key, "192.0.2.1").await;
    let rate = header(&response, "ratelimit");
    assert!(rate.starts_with("\"read\";r=3999") && rate.ends_with(";t=1"), "{rate}");
}

#[tokio::test]
async fn who_fails_too_often_waits_and_nobody_else_does() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (wrong, from) = (key.replace("saldo_key.house.", "saldo_key.house.0"), "192.0.2.1");
    let mut answers = Vec::new();
    for _ in 0..62 {
        answers.push(ask(&served, "/v1/status", &wrong, from).await);
    }
    let refused = answers.iter().position(|answer| answer.status() == 429).unwrap();
    assert!((60..62).contains(&refused), "{refused}");
    assert!(answers[..refused].iter().all(|answer| answer.status() == 401));
    let last = answers.pop().unwrap();
    assert_eq!(header(&last, "retry-after"), "1");
    assert_eq!(header(&last, "ratelimit"), "\"failed\";r=0;t=1");
    assert_eq!(ask(&served, "/v1/status", &key, from).await.status(), 200, "a good key passes");
    assert_eq!(ask(&served, "/v1/status", &wrong, "192.0.2.2").await.status(), 401);
}

#[tokio::test]
async fn denials_are_recorded_once_a_minute_however_many_they_are() {
    let served = Served::new();
    let provider = served.key("provider", Some("studio-0"));
    let auditor = served.key("auditor", None);
    for _ in 0..25 {
        let denied = ask(&served, "/v1/keys", &provider, "192.0.2.1").await;
        assert_eq!(denied.status(), 403);
    }
    let tenant = served.app.tenant(support::OPERATOR).unwrap().clone();
    let before = tenant.service.position();
    let again = std::sync::Arc::clone(&tenant);
    tokio::task::spawn_blocking(move || again.record_denials()).await.unwrap().unwrap();
    let after = tenant.service.position();
    assert!((before + 1..=before + 2).contains(&after), "one command, or two over a minute's end");
    let (_, audit) =
        served.ask(&axum::http::Method::GET, "/v1/audit?command=deny", &auditor, "", "").await;
    let text = audit.to_string();
    assert!(text.contains("see-keys E8002"), "{text}");
    let counted: u64 = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            item["about"].as_str().unwrap().split(' ').next().unwrap().parse::<u64>().unwrap()
        })
        .sum();
    assert_eq!(counted, 25, "{text}");
}
