//! What makes secrets may be named by an `Idempotency-Key`: asked again it is not done again, and
//! what was shown once is not shown again.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};
use support::{OPERATOR, Served};

async fn ask(
    served: &Served,
    (method, path): (&Method, &str),
    (key, once): (&str, &str),
    body: &Value,
) -> (u16, HeaderMap, Value) {
    let mut headers = vec![("content-type", "application/json"), ("idempotency-key", once)];
    headers.retain(|(_, value)| !value.is_empty());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, headers, body) = served.asked(method, path, key, &headers, &body).await;
    let document = serde_json::from_slice(&body).unwrap_or(Value::Null);
    (status.as_u16(), headers, document)
}

/// How many commands are in the Log.
async fn commands(served: &Served, key: &str) -> usize {
    let (status, page) = served.ask(&Method::GET, "/v1/audit?limit=1000", key, "", "").await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_repeated_request_does_nothing_and_shows_no_secret() {
    let served = Served::new();
    let admin = served.key("administrator", None);
    let key = json!({ "name": "feeds", "role": "auditor" });
    let (_, _, made) = ask(&served, (&Method::POST, "/v1/keys"), (&admin, ""), &key).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let hook = json!({ "url": "https://hooks.example/a", "name": "books", "types": [] });
    let (_, _, made) = ask(&served, (&Method::POST, "/v1/webhooks"), (&admin, ""), &hook).await;
    let webhook = made["id"].as_str().unwrap().to_owned();
    let person = json!({ "name": "lee", "role": "approver" });
    let (rotate, turn) =
        (format!("/v1/keys/{id}/rotate"), format!("/v1/webhooks/{webhook}/rotate"));
    for (path, body, first, secret) in [
        ("/v1/keys", &key, 201, "key"),
        ("/v1/clients", &key, 201, "client_secret"),
        (&*rotate, &json!({}), 200, "secret"),
        ("/v1/sources/feed-a/secrets", &json!({}), 201, "secret"),
        ("/v1/webhooks", &hook, 201, "secret"),
        (&*turn, &json!({}), 200, "secret"),
        ("/v1/people", &person, 201, "link"),
    ] {
        let post = (&Method::POST, path);
        let (status, _, shown) = ask(&served, post, (&admin, path), body).await;
        assert_eq!(status, first, "{path}: {shown}");
        let text = shown[secret].as_str().unwrap().to_owned();
        let count = commands(&served, &admin).await;
        let (status, headers, again) = ask(&served, post, (&admin, path), body).await;
        assert_eq!(status, 200, "{path}: {again}");
        assert_eq!(headers["idempotency-replayed"], "true", "{path}");
        assert!(!again.to_string().contains(&text), "{path} shows it again: {again}");
        assert!(again["note"].as_str().unwrap().contains("first answer alone"), "{again}");
        let known = shown["id"].as_str().or(shown["client_id"].as_str()).unwrap();
        assert!(known.ends_with(again["id"].as_str().unwrap()), "{shown} {again}");
        assert!(again["given"]["position"].is_u64(), "{again}");
        assert_eq!(commands(&served, &admin).await, count, "{path} did something twice");
        let other = json!({ "name": "other", "role": "finance", "url": "https://b.example" });
        let (status, _, refused) = ask(&served, post, (&admin, path), &other).await;
        assert!([400, 422].contains(&status), "{path}: {refused}");
        let (status, _, refused) = ask(&served, post, (&admin, ""), &json!([])).await;
        assert_eq!(status, 400, "{path}: {refused}");
    }
    let served = served.again();
    let (status, _, again) =
        ask(&served, (&Method::POST, "/v1/keys"), (&admin, "/v1/keys"), &key).await;
    assert_eq!((status, &again["key"]), (200, &Value::Null), "after a start too: {again}");
}

#[tokio::test]
async fn what_ends_or_changes_is_answered_alike() {
    let served = Served::new();
    let admin = served.key("administrator", None);
    let key = json!({ "name": "feeds", "role": "auditor" });
    let (_, _, made) = ask(&served, (&Method::POST, "/v1/keys"), (&admin, ""), &key).await;
    let key = format!("/v1/keys/{}", made["id"].as_str().unwrap());
    let hook = json!({ "url": "https://hooks.example/a", "name": "books", "types": [] });
    let (_, _, made) = ask(&served, (&Method::POST, "/v1/webhooks"), (&admin, ""), &hook).await;
    let hook = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    for (method, path, body, status) in [
        (&Method::DELETE, &*key, Value::Null, 204),
        (&Method::PATCH, &*hook, json!({ "enabled": false }), 200),
        (&Method::DELETE, &*hook, Value::Null, 204),
        (&Method::POST, "/v1/signing-keys", json!({}), 201),
    ] {
        let once = format!("{method}{}", path.len());
        for replayed in [None, Some("true")] {
            let (found, headers, said) = ask(&served, (method, path), (&admin, &once), &body).await;
            let marked = headers.get("idempotency-replayed").map(|text| text.to_str().unwrap());
            assert_eq!((found, marked), (status, replayed), "{method} {path}: {said}");
        }
    }
}

#[tokio::test]
async fn everything_that_somebody_made_ends_at_once() {
    let served = Served::new();
    let first = served.key("administrator", None);
    let author = format!("key:{}", first.split('.').nth(2).unwrap());
    let admin = json!({ "name": "second", "role": "administrator" });
    let post = (&Method::POST, "/v1/keys");
    let (_, _, second) = ask(&served, post, (&first, ""), &admin).await;
    let second = second["key"].as_str().unwrap();
    let (_, _, third) = ask(&served, post, (second, ""), &admin).await;
    let third = third["key"].as_str().unwrap();
    let hook = json!({ "url": "https://hooks.example/a", "name": "books", "types": [] });
    ask(&served, (&Method::POST, "/v1/webhooks"), (second, ""), &hook).await;
    let other = served.key("administrator", None);
    let asked = json!({ "made_by": author });
    let path = (&Method::POST, "/v1/access/revoke");
    let (status, _, ended) = ask(&served, path, (&other, "r"), &asked).await;
    assert_eq!((status, ended["revoked"].as_array().unwrap().len()), (200, 3), "{ended}");
    let (status, headers, again) = ask(&served, path, (&other, "r"), &asked).await;
    assert_eq!((status, &again), (200, &ended), "a repeated request is answered as the first was");
    assert_eq!(headers["idempotency-replayed"], "true");
    for (key, status) in [(&*first, 200), (second, 401), (third, 401), (&other, 200)] {
        let (found, _) = served.ask(&Method::GET, "/v1/status", key, "", "").await;
        assert_eq!(found.as_u16(), status);
    }
    let tenant = served.app.tenant(OPERATOR).unwrap();
    let left = tenant.service.read(|session| session.operator.engine.webhooks()).unwrap();
    assert!(left.iter().all(|recorded| recorded.endpoint.removed), "{left:?}");
    let (_, _, ended) = ask(&served, path, (&other, ""), &asked).await;
    assert_eq!(ended["revoked"], json!([]), "nothing is left");
}

#[tokio::test]
async fn ending_all_that_somebody_made_goes_on_after_a_crash() {
    let served = Served::new();
    let maker = served.key("administrator", None);
    let other = served.key("administrator", None);
    let by = |key: &str| format!("key:{}", key.split('.').nth(2).unwrap());
    let asked = json!({ "made_by": by(&maker) });
    let new = json!({ "name": "one", "role": "auditor" });
    let make = async || {
        let made = ask(&served, (&Method::POST, "/v1/keys"), (&maker, ""), &new).await.2;
        made["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (make().await, make().await);
    // What a crash after the first command leaves: that command, under the request's key.
    let path = "/v1/access/revoke";
    let fingerprint = node::keys::sha256(format!("POST {path}\n{asked}").as_bytes());
    let once = node::engine::once::Once { key: "c".to_owned(), fingerprint };
    let (author, id) = (by(&other), first.clone());
    let tenant = served.app.tenant(OPERATOR).unwrap();
    let half = tenant.service.command(move |session| {
        session.once(&author, once, |session| {
            node::access::revoke(session, &id, &session.author.clone())
        })
    });
    half.unwrap().unwrap();
    let third = make().await;
    for _ in 0..2 {
        let (status, _, ended) = ask(&served, (&Method::POST, path), (&other, "c"), &asked).await;
        assert_eq!((status, &ended["revoked"][0]), (200, &json!(first)), "{ended}");
        let (_, keys) = served.ask(&Method::GET, "/v1/keys", &other, "", "").await;
        let revoked = |id: &str| {
            let one = keys.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap();
            one["revoked"] == true
        };
        assert!(revoked(&first) && revoked(&second) && !revoked(&third), "{keys}");
    }
}
