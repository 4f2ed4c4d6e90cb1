//! Webhooks against a receiver on this machine: order, repeats, what failed, what is gone, what is
//! refused, who sees what.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{Method, StatusCode};
use node::connect::{Limits, Pace, sign};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use support::receiver::{Received, Receiver};
use support::{Served, event};

const JSON: &str = "application/json";
const PRIVATE: &str = "webhooks: { allow_private: true }\n";

/// Bounds that fit a test.
fn limits() -> Limits {
    let pace = Pace {
        first: Duration::from_millis(20),
        most: Duration::from_millis(200),
        among: 8,
        failures_max: 6,
        open_first: Duration::from_millis(100),
        open_most: Duration::from_millis(200),
    };
    Limits { pace, ..Limits::default() }
}

fn serving() -> Served {
    let served = Served::set(PRIVATE);
    served.app.start_webhooks(limits()).unwrap();
    served
}

async fn ask(served: &Served, method: Method, path: &str, key: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let media = if body.is_empty() { "" } else { JSON };
    let (status, body) = served.ask(&method, path, key, media, &body).await;
    (status.as_u16(), body)
}

async fn make(served: &Served, key: &str, new: Value) -> (String, String) {
    let (status, made) = ask(served, Method::POST, "/v1/webhooks", key, new).await;
    assert_eq!(status, 201, "{made}");
    (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

async fn bring(served: &Served, key: &str, ids: impl IntoIterator<Item = String>) {
    let lines: Vec<String> = ids.into_iter().map(|id| event(&id, "1.00")).collect();
    let path = "/v1/sources/feed-a/events?wait=applied";
    let lines = lines.join("\n");
    let (status, answer) =
        served.ask(&Method::POST, path, key, "application/x-ndjson", &lines).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

fn subjects(came: &[Received]) -> Vec<String> {
    came.iter().map(|received| received.subject.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_signed_and_what_fails_is_sent_again_alone() {
    let served = serving();
    let key = served.key("administrator", None);
    // The third event fails twice.
    let receiver = Receiver::start(|received, _| {
        let fails = received.subject.ends_with("/e3") && received.attempt < 3;
        if fails { 500 } else { 204 }
    })
    .await;
    let new = json!({ "url": receiver.url(), "types": ["event.posted"], "name": "books" });
    let (id, secret) = make(&served, &key, new).await;
    bring(&served, &key, (0..50).map(|at| format!("e{at}"))).await;
    let came = receiver.until(|came| came.len() >= 52).await;
    assert_eq!(came.len(), 52, "each once, and one three times");
    let bytes = base64_of(&secret);
    let mut times: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for received in &came {
        let header = |name: &str| received.headers[name].to_str().unwrap();
        let seconds: i64 = header("webhook-timestamp").parse().unwrap();
        let signed = sign::signatures(&[&bytes], &received.id, seconds, &received.body);
        assert_eq!(header("webhook-signature"), signed);
        assert_eq!(header("content-digest"), support::digest(&received.body));
        assert_eq!((received.kind.as_str(), header("content-type")), ("event.posted", JSON));
        times.entry(received.id.clone()).or_default().push(received.attempt);
    }
    assert_eq!(times.len(), 50, "one id each, and the same at every try");
    let repeated: Vec<_> = times.values().filter(|attempts| attempts.len() > 1).collect();
    assert_eq!(repeated, [&vec![1, 2, 3]]);
    let path = format!("/v1/webhooks/{id}/deliveries");
    let (_, deliveries) = ask(&served, Method::GET, &path, &key, Value::Null).await;
    let deliveries = deliveries.as_array().unwrap().clone();
    assert_eq!(deliveries.len(), 52);
    let failed: Vec<_> =
        deliveries.iter().filter(|delivery| delivery["arrived"] == false).collect();
    assert_eq!((failed.len(), &failed[0]["status"]), (2, &json!(500)));
    let (_, shown) =
        ask(&served, Method::GET, &format!("/v1/webhooks/{id}"), &key, Value::Null).await;
    assert_eq!((&shown["state"], &shown["failures"]), (&json!("active"), &json!(0)), "{shown}");
    let text = shown.to_string();
    assert!(!text.contains(&secret), "no secret is shown again");
    // What was recorded is where it came to, within a second or so.
    for _ in 0..40 {
        let recorded = served.app.tenant("house").unwrap().service.read(|session| {
            node::webhooks::find(session, &id).unwrap().unwrap().delivered.to_string()
        });
        if recorded == shown["delivered"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("how far it came was not recorded");
}

fn base64_of(secret: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text = secret.strip_prefix(sign::SECRET_PREFIX).unwrap();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_subject_arrive_in_order() {
    let served = serving();
    let key = served.key("administrator", None);
    // Every other request fails, so that everything is tried again and again.
    let receiver = Receiver::start(|_, before| if before % 2 == 0 { 503 } else { 200 }).await;
    make(&served, &key, json!({ "url": receiver.url(), "types": ["event.*", "contest.*"] })).await;
    for _ in 0..3 {
        bring(&served, &key, (0..5).map(|at| format!("e{at}"))).await;
    }
    let lines: Vec<String> = (0..5).map(|at| event(&format!("e{at}"), "9.00")).collect();
    let path = "/v1/sources/feed-a/events?wait=applied";
    let media = "application/x-ndjson";
    served.ask(&Method::POST, path, &key, media, &lines.join("\n")).await;
    let arrived = |came: &[Received]| {
        let mut by_subject: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, received) in came.iter().enumerate().filter(|(at, _)| at % 2 == 1) {
            by_subject.entry(received.subject.clone()).or_default().push(received.kind.clone());
        }
        by_subject
    };
    let all = |came: &[Received]| arrived(came).values().map(Vec::len).sum::<usize>() >= 15;
    let came = receiver.until(all).await;
    let expected = ["event.posted", "event.quarantined", "contest.opened"];
    for (subject, kinds) in arrived(&came) {
        assert_eq!(kinds, expected, "{subject}");
    }
    assert_eq!(arrived(&came).len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_decide_what_comes_next() {
    let served = serving();
    let key = served.key("administrator", None);
    // A redirect is no success, and is not followed.
    let redirects =
        Receiver::start(|received, _| if received.attempt < 2 { 302 } else { 202 }).await;
    let gone = Receiver::start(|_, before| if before == 0 { 410 } else { 200 }).await;
    make(&served, &key, json!({ "url": redirects.url(), "types": ["event.posted"] })).await;
    let new = json!({ "url": gone.url(), "types": ["event.posted"] });
    let (id, _) = make(&served, &key, new).await;
    bring(&served, &key, ["a".to_owned()]).await;
    let came = redirects.until(|came| came.len() >= 2).await;
    assert_eq!(subjects(&came), ["events/feed-a/a", "events/feed-a/a"], "at the same address");
    gone.until(|came| !came.is_empty()).await;
    let path = format!("/v1/webhooks/{id}");
    for _ in 0..100 {
        let (_, shown) = ask(&served, Method::GET, &path, &key, Value::Null).await;
        if shown["state"] == "gone" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bring(&served, &key, ["b".to_owned()]).await;
    redirects.until(|came| came.iter().any(|received| received.subject.ends_with("/b"))).await;
    assert_eq!(gone.came().len(), 1, "nothing is sent to what is gone");
    for what in ["test", "replay?after=0.0"] {
        let path = format!("{path}/{what}");
        let (status, refused) = ask(&served, Method::POST, &path, &key, Value::Null).await;
        assert_eq!((status, &refused["code"]), (409, &json!("E8054")), "{what} {refused}");
    }
    let on = json!({ "enabled": true });
    let (status, shown) = ask(&served, Method::PATCH, &path, &key, on).await;
    assert_eq!(status, 200, "{shown}");
    let again = |came: &[Received]| came[1..].iter().any(|received| received.id == came[0].id);
    let came = gone.until(again).await;
    let repeat = came[1..].iter().find(|received| received.id == came[0].id).unwrap();
    assert_eq!((came[0].attempt, repeat.attempt), (1, 2), "marked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_sent_again_on_demand_and_after_a_start() {
    let served = serving();
    let key = served.key("administrator", None);
    let receiver = Receiver::start(|_, _| 200).await;
    let new = json!({ "url": receiver.url(), "types": ["event.posted"] });
    let (id, _) = make(&served, &key, new).await;
    let path = format!("/v1/webhooks/{id}");
    bring(&served, &key, ["a".to_owned(), "b".to_owned()]).await;
    let first = receiver.until(|came| came.len() >= 2).await;
    let replay = format!("{path}/replay?after=0.0");
    let (status, shown) = ask(&served, Method::POST, &replay, &key, Value::Null).await;
    assert_eq!(status, 200, "{shown}");
    let again = receiver.until(|came| came.len() >= 4).await;
    // Different subjects come side by side: in whichever order.
    for before in &first {
        let after = again[2..].iter().find(|after| after.id == before.id).unwrap();
        assert_eq!((&before.subject, &before.body), (&after.subject, &after.body), "the very same");
        assert_eq!((before.attempt, after.attempt), (1, 2), "and marked");
    }
    let (status, tried) =
        ask(&served, Method::POST, &format!("{path}/test"), &key, Value::Null).await;
    assert_eq!(
        (status, &tried["status"], &tried["type"]),
        (200, &json!(200), &json!("webhook.test"))
    );
    for (after, code) in [("9999.0", "E8050"), ("x", "E8050")] {
        let path = format!("{path}/replay?after={after}");
        let (_, refused) = ask(&served, Method::POST, &path, &key, Value::Null).await;
        assert_eq!(refused["code"], code, "{after}");
    }
    // Rotated: both sign for a while.
    let rotate = format!("{path}/rotate");
    let (_, made) = ask(&served, Method::POST, &rotate, &key, json!({ "overlap_hours": 1 })).await;
    let before = receiver.came().len();
    bring(&served, &key, ["c".to_owned()]).await;
    let came = receiver.until(|came| came.len() > before).await;
    let last = came.last().unwrap();
    let signed = last.headers["webhook-signature"].to_str().unwrap();
    let seconds = last.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    let newest = base64_of(made["secret"].as_str().unwrap());
    let own = sign::signatures(&[&newest], &last.id, seconds, &last.body);
    let parts: Vec<&str> = signed.split(' ').collect();
    assert_eq!((parts.len(), parts[0]), (2, own.as_str()), "the newest first");
    let (status, _) = ask(&served, Method::DELETE, &path, &key, Value::Null).await;
    assert_eq!(status, 204);
    bring(&served, &key, ["d".to_owned()]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.came().len(), came.len(), "nothing is sent to what was removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_party_has_its_own_webhooks_with_its_own_changes() {
    let served = serving();
    let key = served.key("administrator", None);
    let provider = served.key("provider", Some("studio-0"));
    let other = served.key("provider", Some("studio-1"));
    let (mine, theirs) = (Receiver::start(|_, _| 200).await, Receiver::start(|_, _| 200).await);
    let (id, _) = make(&served, &provider, json!({ "url": mine.url() })).await;
    make(&served, &other, json!({ "url": theirs.url() })).await;
    bring(&served, &key, ["a".to_owned()]).await;
    served.key("auditor", None); // a change that is the operator's own
    bring(&served, &key, ["b".to_owned()]).await;
    let came = mine.until(|came| came.len() >= 2).await;
    let mut seen = subjects(&came);
    seen.sort_unstable();
    assert_eq!(seen, ["events/feed-a/a", "events/feed-a/b"]);
    assert_eq!(theirs.came().len(), 0, "nothing of another party");
    let (_, list) = ask(&served, Method::GET, "/v1/webhooks", &provider, Value::Null).await;
    assert_eq!((list.as_array().unwrap().len(), &list[0]["party"]), (1, &json!("studio-0")));
    let path = format!("/v1/webhooks/{id}");
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::GET, format!("{path}/deliveries")),
        (Method::POST, format!("{path}/replay?after=0.0")),
        (Method::POST, format!("{path}/rotate")),
        (Method::POST, format!("{path}/test")),
    ] {
        let body = if method == Method::PATCH { json!({}) } else { Value::Null };
        let (status, refused) = ask(&served, method.clone(), &path, &other, body).await;
        assert_eq!((status, &refused["code"]), (404, &json!("E8012")), "{method} {path}");
    }
    let new = json!({ "url": mine.url(), "party": "studio-0" });
    let (_, refused) = ask(&served, Method::POST, "/v1/webhooks", &other, new).await;
    assert_eq!(refused["code"], "E8051");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_called_is_not() {
    let served = Served::new();
    served.app.start_webhooks(limits()).unwrap();
    let key = served.key("administrator", None);
    let receiver = Receiver::start(|_, _| 200).await;
    let port = receiver.address.port();
    for (new, code) in [
        (json!({ "url": receiver.url() }), "E8051"),
        (json!({ "url": format!("https://127.0.0.1:{port}/") }), "E8052"),
        (json!({ "url": format!("https://[::1]:{port}/") }), "E8052"),
        (json!({ "url": format!("https://[::ffff:127.0.0.1]:{port}/") }), "E8052"),
        (json!({ "url": "https://169.254.169.254/latest" }), "E8052"),
        (json!({ "url": "https://10.1.2.3/" }), "E8052"),
        (json!({ "url": "ftp://example.com/" }), "E8051"),
        (json!({ "url": "https://example.com/", "types": ["payout.sent"] }), "E8051"),
        (json!({ "url": "https://example.com/", "party": "nobody" }), "E8051"),
        (json!({ "url": "https://example.com/", "name": "a\u{7}" }), "E8051"),
        (json!({ "url": "https://example.com/", "secret": "x" }), "E8006"),
        (json!({ "name": "x" }), "E8006"),
    ] {
        let (_, refused) = ask(&served, Method::POST, "/v1/webhooks", &key, new.clone()).await;
        assert_eq!(refused["code"], code, "{new}: {refused}");
    }
    // A name is judged by where it leads when it is called.
    for url in [format!("https://localhost:{port}/"), format!("https://127.1:{port}/")] {
        let (id, _) = make(&served, &key, json!({ "url": url })).await;
        let path = format!("/v1/webhooks/{id}/test");
        let (status, tried) = ask(&served, Method::POST, &path, &key, Value::Null).await;
        assert_eq!((status, &tried["arrived"]), (200, &json!(false)), "{tried}");
        assert!(tried["error"].as_str().unwrap().contains("may not be called"), "{url} {tried}");
    }
    assert_eq!(receiver.came().len(), 0);
}
