//! The feed of changes over HTTP: in pages, waited for, streamed; and what each party sees of it.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use std::time::{Duration, Instant};
use support::{Served, event};
use tower::ServiceExt;

const EVENTS: &str = "/v1/sources/feed-a/events?wait=applied";
const LINES: &str = "application/x-ndjson";

async fn bring(served: &Served, key: &str, lines: &[String]) {
    let body = lines.join("\n");
    let (status, answer) = served.ask(&Method::POST, EVENTS, key, LINES, &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

async fn get(served: &Served, path: &str, key: &str) -> (u16, Value) {
    let (status, body) = served.ask(&Method::GET, path, key, "", "").await;
    (status.as_u16(), body)
}

fn shown(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    let show = |item: &Value| {
        format!("{} {}", item["type"].as_str().unwrap(), item["subject"].as_str().unwrap())
    };
    items.map(show).collect()
}

#[tokio::test]
async fn changes_come_in_pages_and_each_party_sees_its_own() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let provider = served.key("provider", Some("studio-0"));
    let other = served.key("provider", Some("studio-1"));
    bring(&served, &key, &[event("a", "1.00"), event("b", "2.00"), event("a", "9.00")]).await;
    let (_, page) = get(&served, "/v1/changes", &key).await;
    let all = shown(&page);
    assert_eq!(all[0], "book.applied book", "{page}");
    let events = [
        "event.posted events/feed-a/a",
        "event.posted events/feed-a/b",
        "event.quarantined events/feed-a/a",
        "contest.opened events/feed-a/a",
    ];
    assert_eq!(all[all.len() - 4..], events);
    let posted = &page["items"][all.len() - 4];
    assert_eq!(posted["data"]["amount"], "1.00", "{posted}");
    assert_eq!(posted["parties"][0], "studio-0");
    assert!(posted["id"].as_str().unwrap().starts_with("chg_house_"));
    for (types, expected) in [
        ("event.posted", &events[..2]),
        ("event.*,contest.opened", &events[..]),
        ("contest.*", &events[3..]),
        ("line.held", &[]),
    ] {
        let (_, page) = get(&served, &format!("/v1/changes?types={types}"), &key).await;
        assert_eq!(shown(&page), expected, "{types}");
    }
    let (mut found, mut after) = (Vec::new(), "0.0".to_owned());
    loop {
        let path = format!("/v1/changes?limit=1&after={after}");
        let (_, page) = get(&served, &path, &key).await;
        found.extend(shown(&page));
        after = page["next"].as_str().unwrap().to_owned();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(found, all, "page by page");
    let (_, theirs) = get(&served, "/v1/changes", &provider).await;
    assert_eq!(shown(&theirs), events, "its own events and nothing else");
    let (_, by_party) = get(&served, "/v1/changes?party=studio-0", &key).await;
    assert_eq!(shown(&by_party), events);
    let (_, nothing) = get(&served, "/v1/changes", &other).await;
    assert_eq!(shown(&nothing), Vec::<String>::new());
    let (_, now) = get(&served, "/v1/changes?after=now", &key).await;
    assert_eq!((shown(&now), &now["next"]), (vec![], &page["next"]));
}

#[tokio::test]
async fn what_is_no_place_of_the_feed_is_refused() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let other = served.key("provider", Some("studio-1"));
    for (path, status, code) in [
        ("/v1/changes?after=x", 400, "E8050"),
        ("/v1/changes?after=1", 400, "E8050"),
        ("/v1/changes?after=99999.0", 400, "E8050"),
        ("/v1/changes?types=payout", 400, "E8009"),
        ("/v1/changes?limit=0", 400, "E8009"),
        ("/v1/changes?wait=3600", 400, "E8009"),
    ] {
        let (found, body) = get(&served, path, &key).await;
        assert_eq!((found, body["code"].as_str()), (status, Some(code)), "{path} {body}");
    }
    let (status, body) = get(&served, "/v1/changes?party=studio-0", &other).await;
    assert_eq!((status, body["code"].as_str()), (404, Some("E8012")), "{body}");
}

#[tokio::test]
async fn who_waits_is_answered_when_something_changes() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (_, now) = get(&served, "/v1/changes?after=now", &key).await;
    let waits =
        format!("/v1/changes?types=event.posted&wait=20&after={}", now["next"].as_str().unwrap());
    let began = Instant::now();
    let wait = get(&served, &waits, &key);
    let act = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        bring(&served, &key, &[event("a", "1.00")]).await;
    };
    let ((_, page), ()) = tokio::join!(wait, act);
    assert_eq!(shown(&page), ["event.posted events/feed-a/a"]);
    assert!(began.elapsed() < Duration::from_secs(10), "it was told, not timed out");
    let path = format!("/v1/changes?wait=1&after={}", page["next"].as_str().unwrap());
    let (status, page) = get(&served, &path, &key).await;
    assert_eq!((status, shown(&page)), (200, vec![]), "nothing came");
    assert!(began.elapsed() >= Duration::from_secs(1));
}

/// A stream of events.
struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(served: &Served, path: &str, key: &str, last: Option<&str>) -> Self {
        let mut request = Request::builder().uri(path).header(header::ACCEPT, "text/event-stream");
        request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = served.app.clone().router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event with data: its id, type and subject.
    async fn next(&mut self) -> Option<(String, String, String)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let Some(data) = field("data: ") else { continue };
                let data: Value = serde_json::from_str(&data).unwrap();
                let subject = data["subject"].as_str().unwrap().to_owned();
                return Some((field("id: ")?, field("event: ")?, subject));
            }
            let frame = tokio::time::timeout(Duration::from_secs(10), self.body.frame()).await;
            let bytes = frame.expect("an event in time")?.unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

#[tokio::test]
async fn a_stream_goes_on_and_is_resumed() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let provider = served.key("provider", Some("studio-0"));
    bring(&served, &key, &[event("before", "1.00")]).await;
    let mut stream = Stream::open(&served, "/v1/changes", &provider, None).await;
    bring(&served, &key, &[event("a", "1.00"), event("b", "1.00")]).await;
    let first = stream.next().await.unwrap();
    assert_eq!((&*first.1, &*first.2), ("event.posted", "events/feed-a/a"), "from now on");
    assert_eq!(stream.next().await.unwrap().2, "events/feed-a/b");
    drop(stream);
    bring(&served, &key, &[event("c", "1.00")]).await;
    let path = "/v1/changes?types=event.posted";
    let mut again = Stream::open(&served, path, &provider, Some(&first.0)).await;
    for expected in ["events/feed-a/b", "events/feed-a/c"] {
        assert_eq!(again.next().await.unwrap().2, expected);
    }
    let app = served.app.clone();
    tokio::task::spawn_blocking(move || app.close()).await.unwrap();
    assert_eq!(again.next().await, None, "it ends when the service does");
}
