//! An operator whose disk refuses: the log says what failed and where, the answers say that
//! nothing more is taken, and tell nobody the names of files.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use support::{Served, event};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_told_to_the_operator_and_not_to_others() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&lines);
    let log = server::log::subscriber("info", move |line| {
        sink.lock().unwrap().push(line.to_owned());
    });
    // The only test of its process: every thread logs there.
    tracing::subscriber::set_global_default(log).unwrap();
    let served = Served::new();
    let key = served.key("provider", Some("studio-0"));
    let administrator = served.key("administrator", None);
    std::fs::remove_dir_all(served.dir().join("data/house/raw")).unwrap();
    for attempt in ["the one that fails", "one after it"] {
        let (path, json) = ("/v1/sources/feed-a/events", "application/json");
        let (status, problem) =
            served.ask(&Method::POST, path, &key, json, &event("a", "1.00")).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{attempt}: {problem}");
        assert_eq!(problem["code"], "E5326", "{attempt}: {problem}");
        assert!(!problem.to_string().contains("raw/"), "{attempt}: {problem}");
    }
    let (status, _) = served.ask(&Method::GET, "/readyz", "", "", "").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let (_, _, metrics) = served.asked(&Method::GET, "/metrics", &administrator, &[], "").await;
    let metrics = String::from_utf8(metrics).unwrap();
    assert!(metrics.contains("saldo_ready{operator=\"house\"} 0"), "{metrics}");
    let lines = lines.lock().unwrap();
    let told: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |line: &Value| line["error.message"].as_str().is_some_and(|m| m.contains("raw/"));
    assert!(told.iter().any(|line| line["log.level"] == "error" && named(line)), "{lines:?}");
    let requests = told.iter().filter(|line| line["message"] == "request");
    let codes: Vec<&str> = requests.map(|line| line["error.code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["E5326"; 3]);
}
