//! Reads: what they have seen, whether they changed, and never older than a commit.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};
use support::{OPERATOR, Served, event};

const GET: &Method = &Method::GET;

async fn get(
    served: &Served,
    path: &str,
    key: &str,
    headers: &[(&str, &str)],
) -> (u16, HeaderMap, Vec<u8>) {
    let (status, headers, body) = served.asked(GET, path, key, headers, "").await;
    (status.as_u16(), headers, body)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

async fn bring(served: &Served, key: &str, id: &str, wait: &str) -> u64 {
    let path = format!("/v1/sources/feed-a/events?wait={wait}");
    let json = "application/json";
    let body = event(id, "1.00");
    let (status, answer) = served.ask(&Method::POST, &path, key, json, &body).await;
    assert!(status.is_success(), "{answer}");
    answer["position"].as_u64().unwrap()
}

#[tokio::test]
async fn a_read_waits_for_the_position_that_it_demands() {
    let served = Served::new();
    let key = served.key("administrator", None);
    for number in 0..20 {
        let position = bring(&served, &key, &format!("e-{number}"), "accepted").await;
        let after = position.to_string();
        let (status, headers, body) =
            get(&served, "/v1/status", &key, &[("saldo-after", &after)]).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, &body["posted"]), (200, &json!(number + 1)), "{body}");
        assert!(text(&headers, "saldo-position").parse::<u64>().unwrap() >= position);
    }
    for (after, status, code) in
        [("soon", 400, "E8009"), ("-1", 400, "E8009"), ("999999999", 409, "E8029")]
    {
        let (found, _, body) = get(&served, "/v1/status", &key, &[("saldo-after", after)]).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((found, &body["code"]), (status, &json!(code)), "{after}: {body}");
    }
}

#[tokio::test]
async fn a_tag_changes_when_the_answer_does() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (status, first, body) = get(&served, "/v1/totals", &key, &[]).await;
    assert_eq!((status, text(&first, "cache-control")), (200, "private, no-cache"));
    assert_eq!(text(&first, "surrogate-key"), format!("{OPERATOR} {OPERATOR}/totals"));
    let tag = text(&first, "etag").to_owned();
    assert!(tag.len() == 34 && tag.starts_with('"'), "{tag}");
    let same = [("if-none-match", tag.as_str())];
    let (status, headers, none) = get(&served, "/v1/totals", &key, &same).await;
    assert_eq!((status, none.len(), text(&headers, "etag")), (304, 0, tag.as_str()));
    bring(&served, &key, "one", "applied").await;
    let (status, headers, other) = get(&served, "/v1/totals", &key, &same).await;
    assert_eq!(status, 200);
    assert!(other != body && text(&headers, "etag") != tag);
    let (status, headers, _) = get(&served, "/v1/quarantine/5", &key, &same).await;
    assert_eq!((status, text(&headers, "etag")), (404, ""));
    let (status, headers, _) = get(&served, "/v1/codes/E8001", "", &[]).await;
    assert_eq!((status, text(&headers, "etag").len()), (200, 34), "public documents have one too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_read_after_a_commit_is_older_than_it() {
    let served = std::sync::Arc::new(Served::new());
    let key = served.key("administrator", None);
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (served, key) = (std::sync::Arc::clone(&served), key.clone());
            tokio::spawn(async move {
                let mut last = (0, 0);
                for _ in 0..150 {
                    let (_, headers, body) = get(&served, "/v1/status", &key, &[]).await;
                    let body: Value = serde_json::from_slice(&body).unwrap();
                    let said = text(&headers, "saldo-position").parse::<u64>().unwrap();
                    let seen = body["position"].as_u64().unwrap();
                    assert!(seen >= said, "an answer of {seen} says that it has seen {said}");
                    let (revision, _) = last;
                    assert!(body["book_revision"].as_u64().unwrap() >= revision && seen >= last.1);
                    last = (body["book_revision"].as_u64().unwrap(), seen);
                }
            })
        })
        .collect();
    let tags = &mut std::collections::BTreeSet::new();
    for number in 0..60 {
        bring(&served, &key, &format!("c-{number}"), "applied").await;
        let (_, headers, body) = get(&served, "/v1/status", &key, &[]).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["posted"], json!(number + 1), "the read after the commit sees it");
        assert!(tags.insert(text(&headers, "etag").to_owned()), "each answer has its own tag");
        if number % 20 == 0 {
            // What depends on commands only is kept, and forgotten by the next command.
            let (_, _, before) = get(&served, "/v1/book", &key, &[]).await;
            let before: Value = serde_json::from_slice(&before).unwrap();
            let scale = |text: &[u8]| {
                let text = String::from_utf8(text.to_vec()).unwrap();
                text.replace("EUR: { scale: 4", &format!("# {number}\n  EUR: {{ scale: 2"))
            };
            let files = node::init::template_book("gaming", OPERATOR).unwrap();
            let files: Value =
                files.iter().map(|(path, bytes)| (path.clone(), json!(scale(bytes)))).collect();
            let change = json!({ "reason": "again", "files": files });
            let once = format!("k-{number}");
            let (status, _, given) = served.command("/v1/book/apply", &key, &once, &change).await;
            assert_eq!(status, 200, "{given}");
            let (_, _, after) = get(&served, "/v1/book", &key, &[]).await;
            let after: Value = serde_json::from_slice(&after).unwrap();
            let next = before["revision"].as_u64().unwrap() + 1;
            assert_eq!(after["revision"], json!(next), "not the kept one");
        }
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn metrics_are_for_auditors_of_their_own_operator() {
    let served = Served::new();
    let auditor = served.key("auditor", None);
    let provider = served.key("provider", Some("studio-0"));
    bring(&served, &served.key("administrator", None), "m", "applied").await;
    let (status, headers, text_of) = get(&served, "/metrics", &auditor, &[]).await;
    let metrics = String::from_utf8(text_of).unwrap();
    assert_eq!(status, 200, "{metrics}");
    assert!(text(&headers, "content-type").starts_with("application/openmetrics-text"));
    for line in [
        "saldo_events{operator=\"house\",source=\"feed-a\",outcome=\"posted\"} 1",
        "saldo_http_requests_total{operator=\"house\",method=\"POST\",\
         route=\"/v1/sources/{source}/events\",status=\"200\"} 1",
        "saldo_frame_records_total{operator=\"house\"} 1",
        "saldo_queue_bytes{operator=\"house\"} 0",
        "saldo_log_position{operator=\"house\"}",
        "saldo_http_request_duration_seconds_bucket",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let values = metrics.lines().filter(|line| !line.starts_with('#'));
    assert!(values.clone().all(|line| line.contains("operator=\"house\"")), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
    assert_eq!(get(&served, "/metrics", &provider, &[]).await.0, 403);
    assert_eq!(get(&served, "/metrics", "", &[]).await.0, 401);
}

#[tokio::test]
async fn every_answer_names_its_request_and_its_trace() {
    let served = Served::new();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    for path in ["/healthz", "/v1/status", "/nothing"] {
        let (_, headers, body) = get(&served, path, "", &[("traceparent", &parent)]).await;
        let id = text(&headers, "saldo-request-id");
        assert_eq!(text(&headers, "traceparent"), format!("00-{trace}-{id}-01"), "{path}");
        let body: Value = serde_json::from_slice(&body).unwrap();
        if path != "/healthz" {
            assert_eq!(body["request_id"], id, "{body}");
        }
        let (_, other, _) = get(&served, path, "", &[]).await;
        assert!(text(&other, "saldo-request-id") != id);
        assert!(!text(&other, "traceparent").contains(trace));
    }
}

#[tokio::test]
async fn the_reference_page_needs_nothing_from_elsewhere() {
    let served = Served::new();
    let (status, headers, body) = get(&served, "/docs", "", &[]).await;
    let page = String::from_utf8(body).unwrap();
    assert_eq!(status, 200);
    assert!(text(&headers, "content-security-policy").starts_with("default-src 'none'"));
    assert!(text(&headers, "content-type").starts_with("text/html"));
    for outside in ["<script", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for (_, path, _) in server::policy::ROUTES {
        assert!(page.contains(&path.replace('/', "/<wbr>")), "{path}");
    }
    let (status, headers, _) = get(&served, "/docs/style.css", "", &[]).await;
    assert_eq!((status, text(&headers, "content-type")), (200, "text/css; charset=utf-8"));
}

#[tokio::test]
async fn a_kept_statement_is_forgotten_by_the_next_command() {
    let served = Served::new();
    let key = served.key("administrator", None);
    bring(&served, &key, "s", "applied").await;
    let of = "/v1/agreements/studio-0-share/periods/2026-03";
    let (status, _, given) =
        served.command(&format!("{of}/close"), &key, "close", &json!({})).await;
    assert_eq!(status, 200, "{given}");
    let path = format!("{of}/statement");
    let (status, first, body) = get(&served, &path, &key, &[]).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let (_, again, _) = get(&served, &path, &key, &[]).await;
    assert_eq!(text(&again, "etag"), text(&first, "etag"));
    // Events do not change what is closed.
    bring(&served, &key, "later", "applied").await;
    let (_, _, same) = get(&served, &path, &key, &[]).await;
    assert_eq!(same, body);
    let statement: Value = serde_json::from_slice(&body).unwrap();
    let mut held = false;
    for line in statement["lines"].as_array().unwrap() {
        let line = line["id"].as_str().unwrap().rsplit('/').next().unwrap();
        let hold = format!("{of}/lines/{line}/hold");
        let reason = json!({ "reason": "disputed" });
        let (status, _, _) = served.command(&hold, &key, line, &reason).await;
        held |= status == 200;
    }
    assert!(held, "no line can be held: {statement}");
    let (_, headers, now) = get(&served, &path, &key, &[]).await;
    assert!(text(&headers, "etag") != text(&first, "etag"));
    let now: Value = serde_json::from_slice(&now).unwrap();
    assert!(now.to_string().contains("disputed"), "{now}");
}
