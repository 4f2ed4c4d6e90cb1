//! Commands over the interface: given once, refused with a code, seen in the audit log.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::{Served, event};

const GET: &Method = &Method::GET;
const EVENTS: &str = "/v1/sources/feed-a/events?wait=applied";

/// Brings one good event, one in another content, and one line that is no event; their positions.
async fn quarantined(served: &Served, key: &str) -> Vec<u64> {
    let body = [event("a", "1.00"), event("a", "2.00"), "{".to_owned()].join("\n");
    let media = "application/x-ndjson";
    let (status, answer) = served.ask(&Method::POST, EVENTS, key, media, &body).await;
    assert_eq!(status, 200, "{answer}");
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|result| result["position"].as_u64().unwrap()).collect()
}

async fn get(served: &Served, path: &str, key: &str) -> Value {
    let (status, body) = served.ask(GET, path, key, "", "").await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

#[tokio::test]
async fn a_command_is_given_once_also_through_a_restart() {
    let served = Served::new();
    let key = served.key("finance", None);
    let auditor = served.key("auditor", None);
    let at = quarantined(&served, &served.key("administrator", None)).await;
    let path = format!("/v1/quarantine/{}/fix", at[2]);
    let good: Value = serde_json::from_str(&event("b", "3.00")).unwrap();
    let fix = json!({ "event": good, "reason": "typed wrong" });
    let (status, _, refused) = served.command(&path, &key, "", &fix).await;
    assert_eq!((status.as_u16(), &refused["code"]), (400, &json!("E8025")), "{refused}");
    let (status, headers, first) = served.command(&path, &key, "\"k-1\"", &fix).await;
    assert_eq!(status, 200, "{first}");
    assert!(headers.get("idempotency-replayed").is_none());
    assert_eq!((&first["command"], &first["reason"]), (&json!("fix"), &json!("typed wrong")));
    let (status, headers, again) = served.command(&path, &key, "\"k-1\"", &fix).await;
    assert_eq!((status.as_u16(), &again), (200, &first));
    assert_eq!(headers.get("idempotency-replayed").unwrap(), "true");
    let other = json!({ "event": event("c", "3.00"), "reason": "typed wrong" });
    let (status, _, refused) = served.command(&path, &key, "\"k-1\"", &other).await;
    assert_eq!((status.as_u16(), &refused["code"]), (422, &json!("E8027")), "{refused}");
    let served = served.again();
    let (status, headers, again) = served.command(&path, &key, "\"k-1\"", &fix).await;
    assert_eq!((status.as_u16(), &again), (200, &first), "the key is in the Log");
    assert_eq!(headers.get("idempotency-replayed").unwrap(), "true");
    let (status, _, refused) = served.command(&path, &key, "\"k-2\"", &fix).await;
    assert_eq!(status.as_u16(), 404, "it is quarantined no longer: {refused}");
    let audit = get(&served, "/v1/audit?command=fix", &auditor).await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 1, "{audit}");
    assert_eq!(audit["items"][0], first);
}

#[tokio::test]
async fn the_same_key_at_the_same_time_gives_one_command() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let at = quarantined(&served, &key).await;
    let path = format!("/v1/quarantine/{}/replay", at[2]);
    let body = json!({});
    let asked = (0..8).map(|_| served.command(&path, &key, "k", &body));
    let mut answers = Vec::new();
    let mut tasks: Vec<_> = asked.map(Box::pin).collect();
    // All are polled in turn, so that they overlap on one thread.
    std::future::poll_fn(|context| {
        tasks.retain_mut(|task| match task.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if tasks.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    for (status, _, answer) in &answers {
        let code = answer["code"].as_str();
        assert!(*status == 200 || code == Some("E8026"), "{status} {answer}");
    }
    assert!(answers.iter().any(|(status, ..)| *status == 200));
    assert!(answers.iter().any(|(_, _, answer)| answer["code"] == "E8026"), "they overlapped");
    let audit = get(&served, "/v1/audit?command=replay", &key).await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 1, "{audit}");
}

#[tokio::test]
async fn what_needs_a_person_is_listed_and_mended() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let at = quarantined(&served, &key).await;
    let list = get(&served, "/v1/quarantine?limit=1", &key).await;
    assert_eq!(
        (list["items"].as_array().unwrap().len(), &list["next"]),
        (1, &json!(at[1].to_string()))
    );
    let path = format!("/v1/quarantine?after={}", at[1]);
    let rest = get(&served, &path, &key).await;
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(at[2]), &Value::Null));
    for (query, found) in [
        ("code=e2501", 1),
        ("source=feed-a", 2),
        ("source=feed-b", 0),
        ("from=2200-01-01", 0),
        ("to=2200-01-01", 2),
    ] {
        let list = get(&served, &format!("/v1/quarantine?{query}"), &key).await;
        assert_eq!(list["items"].as_array().unwrap().len(), found, "{query}: {list}");
    }
    let one = get(&served, &format!("/v1/quarantine/{}", at[2]), &key).await;
    assert_eq!(one["raw"], "{", "{one}");
    let contests = get(&served, "/v1/contests", &key).await;
    assert_eq!(
        (&contests["items"][0]["id"], &contests["items"][0]["first"]),
        (&json!(at[1]), &json!(at[0]))
    );
    let log = get(&served, "/v1/verification", &key).await;
    let (mut after, mut pages) = ("0".to_owned(), Vec::new());
    for _ in 0..=log["items"].as_array().unwrap().len() {
        let page = get(&served, &format!("/v1/verification?limit=1&after={after}"), &key).await;
        pages.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        next.clone_into(&mut after);
    }
    assert_eq!(&json!(pages), &log["items"], "from the beginning, page by page");
    assert_eq!(log["items"][0]["failures"].as_array().unwrap().len(), 2, "{log}");
    let path = format!("/v1/contests/{}/resolve", at[1]);
    let body = json!({ "keep": "later", "reason": "the studio says so" });
    let (status, _, given) = served.command(&path, &key, "r", &body).await;
    assert_eq!((status.as_u16(), &given["command"]), (200, &json!("resolve")), "{given}");
    assert_eq!(get(&served, "/v1/contests", &key).await, json!({ "items": [] }));
    let totals = get(&served, "/v1/totals", &key).await;
    assert_eq!(totals["items"][0]["debit"], "3.00", "taken back and posted anew: {totals}");
    let references = get(&served, "/v1/references/feed-a/a", &key).await;
    assert_eq!(references["items"], json!([]));
}

#[tokio::test]
async fn a_period_is_closed_when_it_is_over_or_when_that_is_meant() {
    let served = Served::new();
    let key = served.key("finance", None);
    quarantined(&served, &served.key("administrator", None)).await;
    let list = get(&served, "/v1/periods", &key).await;
    let rows = list["items"].as_array().unwrap();
    let over = rows.iter().find(|row| row["state"] == "provisional").unwrap();
    let (agreement, period) =
        (over["agreement"].as_str().unwrap(), over["period"].as_str().unwrap());
    let next = get(&served, "/v1/periods?limit=1", &key).await["next"].clone();
    let after = format!("/v1/periods?limit=1&after={}", next.as_str().unwrap());
    assert_eq!(get(&served, &after, &key).await["items"][0], rows[1]);
    let close = |period: &str| format!("/v1/agreements/{agreement}/periods/{period}/close");
    let none = json!({});
    let (status, _, given) = served.command(&close(period), &key, "c-1", &none).await;
    // An open contest blocks it, and the answer says so.
    assert_eq!((status.as_u16(), &given["code"]), (409, &json!("E5105")), "{given}");
    for (period, body, status, code) in [
        ("2090-01", none.clone(), 409, "E8028"),
        ("2090-01", json!({ "force": true }), 400, "E5316"),
        ("someday", none.clone(), 422, "E7"),
    ] {
        let (found, _, refused) = served.command(&close(period), &key, "c-2", &body).await;
        let starts = refused["code"].as_str().unwrap().starts_with(code);
        assert!(found.as_u16() == status && starts, "{period} {body}: {refused}");
    }
    let contests = get(&served, "/v1/contests", &key).await;
    let resolve = format!("/v1/contests/{}/resolve", contests["items"][0]["id"]);
    served.command(&resolve, &key, "r", &json!({ "keep": "first", "reason": "" })).await;
    let (status, _, given) = served.command(&close(period), &key, "c-1", &none).await;
    assert_eq!((status.as_u16(), &given["command"]), (200, &json!("close")), "{given}");
    let (_, _, again) = served.command(&close(period), &key, "c-3", &none).await;
    assert_eq!(again, given, "what is closed stays as it is");
    let path = format!("/v1/periods?state=closed&agreement={agreement}");
    let closed = get(&served, &path, &key).await;
    assert_eq!(
        (&closed["items"][0]["period"], &closed["items"][0]["state"]),
        (&json!(period), &json!("closed"))
    );
    let notices = get(&served, &format!("/v1/notices?agreement={agreement}"), &key).await;
    assert!(notices.is_array());
    let missing = format!("/v1/agreements/{agreement}/periods/{period}/lines/99-none/hold");
    let (status, _, refused) = served.command(&missing, &key, "h", &json!({ "reason": "x" })).await;
    assert!(status.is_client_error(), "{refused}");
}

#[tokio::test]
async fn a_changed_book_is_checked_planned_and_applied() {
    let served = Served::new();
    let (key, auditor) = (served.key("administrator", None), served.key("auditor", None));
    let book = get(&served, "/v1/book", &auditor).await;
    assert_eq!(book["revision"], 1, "{book}");
    let files: Vec<&String> = book["revisions"][0]["files"].as_object().unwrap().keys().collect();
    assert!(files.iter().any(|path| path.as_str() == "operator.yaml"), "{files:?}");
    let json = "application/json";
    let post = &Method::POST;
    let (status, checked) = served.ask(post, "/v1/book/check", &auditor, json, "{}").await;
    assert_eq!((status.as_u16(), &checked["errors"]), (200, &json!(0)), "{checked}");
    let broken = json!({ "files": { "operator.yaml": "operator: [" } });
    let (status, checked) =
        served.ask(post, "/v1/book/check", &auditor, json, &broken.to_string()).await;
    assert_eq!(status, 200);
    assert!(checked["errors"].as_u64() > Some(0), "{checked}");
    let (status, planned) = served.ask(post, "/v1/book/plan", &auditor, json, "{}").await;
    assert_eq!((status.as_u16(), &planned["changes"]), (200, &json!([])), "{planned}");
    let apply = "/v1/book/apply";
    for (body, status, code) in [
        (json!({ "reason": "none" }), 409, "E5106"),
        (json!({ "reason": " " }), 400, "E5316"),
        (json!({ "reason": "x", "files": broken["files"] }), 409, "E5309"),
    ] {
        let (found, _, refused) = served.command(apply, &key, "b", &body).await;
        assert_eq!((found.as_u16(), &refused["code"]), (status, &json!(code)), "{refused}");
    }
    let changed = node::init::template_book("gaming", support::OPERATOR).unwrap();
    let text = |bytes: &Vec<u8>| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        text.replace("EUR: { scale: 4", "EUR: { scale: 2")
    };
    let files: Value =
        changed.iter().map(|(path, bytes)| (path.clone(), json!(text(bytes)))).collect();
    let body = json!({ "reason": "feed-a is nobody's", "files": files });
    let (status, _, given) = served.command(apply, &key, "b-2", &body).await;
    assert_eq!((status.as_u16(), &given["command"]), (200, &json!("book")), "{given}");
    assert_eq!(get(&served, "/v1/book", &auditor).await["revision"], 2);
    assert_eq!(get(&served, "/v1/invoices", &auditor).await, json!([]));
}

#[tokio::test]
async fn a_counterparty_sees_its_own_records_and_periods_only() {
    let served = Served::new();
    let administrator = served.key("administrator", None);
    quarantined(&served, &administrator).await;
    let own = served.key("provider", Some("studio-0"));
    let other = served.key("provider", Some("studio-1"));
    let records = get(&served, "/v1/quarantine", &own).await;
    assert_eq!(records["items"].as_array().unwrap().len(), 2, "{records}");
    let id = &records["items"][0]["id"];
    for (path, key, status) in [
        (format!("/v1/quarantine/{id}"), &own, 200),
        (format!("/v1/quarantine/{id}"), &other, 404),
        ("/v1/references/feed-a/a".to_owned(), &own, 200),
        ("/v1/references/feed-a/a".to_owned(), &other, 404),
        ("/v1/references/nobody/a".to_owned(), &other, 404),
        ("/v1/audit".to_owned(), &own, 403),
        ("/v1/book".to_owned(), &own, 403),
        ("/v1/notices?agreement=studio-0".to_owned(), &other, 404),
        ("/v1/invoices/none".to_owned(), &own, 404),
    ] {
        let (found, body) = served.ask(GET, &path, key, "", "").await;
        assert_eq!(found.as_u16(), status, "{path}: {body}");
    }
    let paths =
        ["/v1/quarantine", "/v1/contests", "/v1/verification", "/v1/periods", "/v1/notices"];
    for path in paths {
        let seen = get(&served, path, &other).await.to_string();
        assert!(!seen.contains("feed-a") && !seen.contains("studio-0"), "{path}: {seen}");
    }
    let periods = get(&served, "/v1/periods", &own).await.to_string();
    assert!(periods.contains("studio-0") && !periods.contains("studio-1"), "{periods}");
    let (status, _, refused) =
        served.command(&format!("/v1/quarantine/{id}/replay"), &own, "k", &json!({})).await;
    assert_eq!(status.as_u16(), 403, "{refused}");
}

#[tokio::test]
async fn every_command_needs_a_key_and_says_so() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let document = server::app::openapi();
    for path in server::once::COMMANDS {
        let parameters = document["paths"][path]["post"]["parameters"].as_array().unwrap();
        let named = parameters.iter().find(|one| one["name"] == "Idempotency-Key").unwrap();
        assert_eq!(named["required"], true, "{path}");
        let path = path.replace("{id}", "1").replace(['{', '}'], "");
        let (status, _, refused) = served.command(&path, &key, "", &json!({})).await;
        assert_eq!((status.as_u16(), &refused["code"]), (400, &json!("E8025")), "{path}");
    }
}

#[tokio::test]
async fn a_retry_after_a_crash_does_nothing_twice() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let at = quarantined(&served, &key).await;
    let before = served.crashed();
    let path = format!("/v1/contests/{}/resolve", at[1]);
    let body = json!({ "keep": "later", "reason": "the studio says so" });
    let (status, _, given) = served.command(&path, &key, "k", &body).await;
    assert_eq!(status, 200, "{given}");
    let after = served.crashed();
    drop(served);
    for (served, replayed) in [(before, None), (after, Some("true"))] {
        let (status, headers, answer) = served.command(&path, &key, "k", &body).await;
        assert_eq!(status, 200, "{answer}");
        let said = headers.get("idempotency-replayed").map(|value| value.to_str().unwrap());
        assert_eq!(said, replayed);
        assert_eq!(answer["position"], given["position"], "one command, in the one place");
        let audit = get(&served, "/v1/audit?command=resolve", &key).await;
        assert_eq!(audit["items"].as_array().unwrap().len(), 1, "{audit}");
        let totals = get(&served, "/v1/totals", &key).await;
        assert_eq!(totals["items"][0]["debit"], "3.00", "{totals}");
    }
}
