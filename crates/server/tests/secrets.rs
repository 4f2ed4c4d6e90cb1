//! Nothing secret or personal reaches the log, wherever a caller puts it.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use support::{Served, event};

/// What must not be seen: in the path, the query, headers, bodies, and credentials.
const SECRET: &str = "hunter2-s3cret";

/// Paths with the secret in every place of them.
fn paths() -> [String; 13] {
    [
        "/v1/sources/feed-a/events".to_owned(),
        format!("/v1/sources/{SECRET}/events"),
        format!("/v1/sources/feed-a/events?wait={SECRET}"),
        format!("/v1/sources/feed-a/events?token={SECRET}"),
        format!("/v1/quarantine/{SECRET}"),
        format!("/v1/quarantine/1/fix?{SECRET}"),
        format!("/v1/references/feed-a/{SECRET}"),
        format!("/v1/totals?account={SECRET}&from={SECRET}"),
        format!("/v1/keys/{SECRET}"),
        format!("/{SECRET}"),
        "/v1/book/check".to_owned(),
        "/v1/book/apply".to_owned(),
        "/v1/keys".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_has_no_secret() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&lines);
    let log = server::log::subscriber("trace", move |line| {
        sink.lock().unwrap().push(line.to_owned());
    });
    // The only test of its process: every thread logs there.
    tracing::subscriber::set_global_default(log).unwrap();
    let served = Served::new();
    let key = served.key("administrator", None);
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [
        ("traceparent", parent),
        ("content-type", "application/json"),
        ("cookie", SECRET),
        ("x-api-key", SECRET),
        ("idempotency-key", SECRET),
        ("user-agent", SECRET),
        ("saldo-after", SECRET),
    ];
    let good = event("a", "1.00").replace("p-a", SECRET);
    let bad = format!("{{\"{SECRET}\":");
    let paths = paths();
    let mut asked = 0;
    for path in &paths {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            for key in [key.as_str(), SECRET, ""] {
                for body in [&good, &bad] {
                    for headers in [&headers[..], &headers[..2]] {
                        served.asked(&method, path, key, headers, body).await;
                        asked += 1;
                    }
                }
            }
        }
    }
    let lines = lines.lock().unwrap();
    let told: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<&Value> = told.iter().filter(|line| line["message"] == "request").collect();
    assert_eq!(requests.len(), asked, "one line for each request");
    let all = lines.join("\n");
    let secret_of_key = key.rsplit('.').next().unwrap();
    for hidden in [SECRET, secret_of_key, "p-a", "Bearer"] {
        assert!(!all.contains(hidden), "{hidden}: {all}");
    }
    requests.into_iter().for_each(has_every_field);
}

/// One request, as the Elastic Common Schema names it.
fn has_every_field(line: &Value) {
    for field in [
        "@timestamp",
        "log.level",
        "trace.id",
        "span.id",
        "http.request.method",
        "url.path",
        "event.duration",
        "http.response.status_code",
    ] {
        assert!(!line[field].is_null(), "{field}: {line}");
    }
    assert_eq!(line["trace.id"], "0af7651916cd43dd8448eb211c80319c");
}
