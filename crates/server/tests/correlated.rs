//! One correlation id from the request that brings an event to the statement that counts it: the
//! same wherever the event is seen, also when all of it is read from the Log again.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use support::receiver::Receiver;
use support::{Served, event};

const EVENTS: &str = "/v1/sources/feed-a/events?wait=applied";
const PERIOD: &str = "/v1/agreements/studio-0-share/periods/2026-03";

fn trace(number: u32) -> String {
    format!("0af7651916cd43dd8448eb21{number:08x}")
}

/// Asks as a part of a trace, and gives the answer.
async fn ask(served: &Served, key: &str, (path, number): (&str, u32), body: &str) -> Value {
    let parent = format!("00-{}-b7ad6b7169203331-01", trace(number));
    let once = format!("once-{number}");
    let headers = [
        ("traceparent", parent.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", once.as_str()),
    ];
    let method = if body.is_empty() { Method::GET } else { Method::POST };
    let (status, _, answer) = served.asked(&method, path, key, &headers, body).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(status.is_success(), "{path}: {status} {answer}");
    serde_json::from_str(&answer).unwrap()
}

/// Everything that carries an id, in a document.
fn traced(document: &Value, found: &mut Vec<(String, String)>) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| traced(item, found)),
        Value::Object(fields) => {
            if let Some(id) = fields.get("trace_id").and_then(Value::as_str) {
                let name = ["subject", "id", "code", "command"].map(|name| fields.get(name));
                let name = name.into_iter().flatten().next().cloned().unwrap_or_default();
                found.push((name.to_string().replace('"', ""), id.to_owned()));
            }
            fields.values().for_each(|field| traced(field, found));
        }
        _ => {}
    }
}

/// What each place says of what came by which request.
async fn check(served: &Served, key: &str) {
    let (row, code) = quarantined(served, key).await;
    let failure = format!("/v1/verification?source=feed-a&code={code}");
    for (path, name, number) in [
        ("/v1/events/feed-a/e1", "e1", 1),
        ("/v1/events/feed-a/e7", "e7", 7),
        ("/v1/changes?types=event.posted&limit=1000", "events/feed-a/e5", 5),
        ("/v1/changes?types=period.closed", "periods/studio-0-share/2026-03", 200),
        ("/v1/quarantine", row.as_str(), 100),
        (failure.as_str(), code.as_str(), 100),
        (&format!("{PERIOD}/statement"), "studio-0-share:2026-03:1", 200),
        (&format!("{PERIOD}/explain/20-ggr"), "e3", 3),
        ("/v1/audit?command=close", "close", 200),
        ("/v1/audit?command=schema", "schema", 301),
    ] {
        let (status, document) = served.ask(&Method::GET, path, key, "", "").await;
        assert_eq!(status, StatusCode::OK, "{path}: {document}");
        let mut found = Vec::new();
        traced(&document, &mut found);
        let expected = (name.to_owned(), trace(number));
        assert!(found.contains(&expected), "{path}: {expected:?} in {found:?} of {document}");
    }
    let query = json!({ "query": "{ agreement(name: \"studio-0-share\") { periods(state: \
        \"closed\", first: 1) { items { statement { traceId lines { path measures { events \
        { id traceId story { traceId } } } } } } } } }" });
    let (_, answer) =
        served.ask(&Method::POST, "/graphql", key, "application/json", &query.to_string()).await;
    let text = answer.to_string();
    let leaf = json!({ "id": "e3", "traceId": trace(3), "story": { "traceId": trace(3) } });
    assert!(text.contains(&leaf.to_string()), "{leaf}: {text}");
    assert!(text.contains(&format!("\"traceId\":\"{}\"", trace(200))), "{text}");
}

/// The name of the row that is quarantined, and why it is.
async fn quarantined(served: &Served, key: &str) -> (String, String) {
    let (_, rows) = served.ask(&Method::GET, "/v1/quarantine", key, "", "").await;
    let row = &rows["items"][0];
    (row["id"].to_string(), row["code"].as_str().unwrap().to_owned())
}

/// What the service records without being asked has an id for each run.
async fn runs(served: &Served, key: &str) {
    let auditor = served.key("auditor", None);
    let denied = served.ask(&Method::POST, "/v1/keys", &auditor, "application/json", "{}").await;
    assert_eq!(denied.0, StatusCode::FORBIDDEN, "{}", denied.1);
    let tenant = Arc::clone(served.app.tenant(support::OPERATOR).unwrap());
    tokio::task::spawn_blocking(move || tenant.record_denials()).await.unwrap().unwrap();
    for kind in ["deny", "deliver"] {
        let path = format!("/v1/audit?command={kind}");
        let mut found = Vec::new();
        for _ in 0..200 {
            let (_, page) = served.ask(&Method::GET, &path, key, "", "").await;
            found = page["items"].as_array().unwrap().clone();
            if !found.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let has_id = |item: &Value| item["trace_id"].as_str().is_some_and(|id| id.len() == 32);
        assert!(!found.is_empty() && found.iter().all(has_id), "{kind}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_has_one_id_wherever_it_is_seen() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&lines);
    let log = server::log::subscriber("info,saldo=trace", move |line| {
        sink.lock().unwrap().push(line.to_owned());
    });
    // The only test of its process: every thread logs there.
    tracing::subscriber::set_global_default(log).unwrap();
    let served = Served::set("webhooks: { allow_private: true }\n");
    served.app.start_webhooks(node::connect::Limits::default()).unwrap();
    let key = served.key("administrator", None);
    let receiver = Receiver::start(|_, _| 204).await;
    let hook = json!({ "url": receiver.url(), "types": ["event.*"], "name": "books" });
    ask(&served, &key, ("/v1/webhooks", 300), &hook.to_string()).await;
    // Together, so that requests share frames.
    let (served, mut asked) = (Arc::new(served), Vec::new());
    for number in 0..16 {
        let (served, key) = (Arc::clone(&served), key.clone());
        asked.push(tokio::spawn(async move {
            let event = event(&format!("e{number}"), "1.00");
            let answer = ask(&served, &key, (EVENTS, number), &event).await;
            assert_eq!(answer["trace_id"], trace(number), "{answer}");
        }));
    }
    for one in asked {
        one.await.unwrap();
    }
    let served = Arc::into_inner(served).unwrap();
    let rows = format!("[{},{{\"id\":7}}]", event("e3", "1.00"));
    ask(&served, &key, (EVENTS, 100), &rows).await;
    ask(&served, &key, (&format!("{PERIOD}/close"), 200), "{}").await;
    let schema = json!({ "schemaType": "JSON", "schema": "{}" }).to_string();
    ask(&served, &key, ("/schema-registry/subjects/any/versions", 301), &schema).await;
    check(&served, &key).await;
    let came = receiver.until(|came| came.len() > 16).await;
    assert_eq!(came.len(), 17, "every event and the row");
    let sent = came.iter().find(|sent| sent.subject == "events/feed-a/e9").unwrap();
    let parent = sent.headers["traceparent"].to_str().unwrap();
    assert!(parent.starts_with(&format!("00-{}-", trace(9))) && parent.len() == 55, "{parent}");
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["trace_id"], trace(9), "{body}");
    let told = lines.lock().unwrap().clone();
    let of_request = |line: &&String| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["trace.id"] == trace(9) && line["url.path"] == "/v1/sources/{source}/events"
    };
    assert_eq!(told.iter().filter(of_request).count(), 1, "{told:?}");
    runs(&served, &key).await;
    // Nothing is in memory then.
    let served = served.again();
    check(&served, &key).await;
}
