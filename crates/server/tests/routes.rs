//! The whole interface without a network: who is let in, what is answered, what is documented.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::policy::{Action, ROUTES, action};
use support::{Served, event};

#[tokio::test]
async fn every_documented_route_has_a_policy_and_every_policy_a_route() {
    let document = serde_json::to_value(server::app::openapi()).unwrap();
    let mut documented = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let method: Method = method.to_uppercase().parse().unwrap();
            assert!(action(&method, path).is_some(), "{method} {path} has no policy");
            documented.push((method.to_string(), path.clone()));
        }
    }
    for (method, path, _) in ROUTES {
        let route = (method.to_string(), (*path).to_owned());
        assert!(documented.contains(&route), "{method} {path} is not documented");
    }
}

#[tokio::test]
async fn without_a_credential_only_what_is_public_answers() {
    let served = Served::new();
    for (method, path, action) in ROUTES {
        let path = path.replace("{code}", "E8001").replace(['{', '}'], "");
        let (status, body) = served.ask(method, &path, "", "", "").await;
        match action {
            Action::Public => assert_eq!(status, StatusCode::OK, "{method} {path}: {body}"),
            Action::SignIn => assert!(status.is_client_error(), "{method} {path}: {body}"),
            _ if path.starts_with("/schema-registry") => {
                assert_eq!((status.as_u16(), &body["error_code"]), (401, &json!(401)), "{path}");
                assert!(body["message"].as_str().unwrap().ends_with("(E8001)"), "{body}");
            }
            _ => assert_eq!((status.as_u16(), body["code"].as_str()), (401, Some("E8001"))),
        }
    }
}

#[tokio::test]
async fn credentials_hold_for_what_they_were_made() {
    let served = Served::new();
    let provider = served.key("provider", Some("studio-0"));
    let auditor = served.key("auditor", None);
    let administrator = served.key("administrator", None);
    let half = &administrator[..administrator.len() - 1];
    let other = administrator.replace("house", "nobody");
    for (key, method, path, expected) in [
        (provider.as_str(), Method::GET, "/v1/status", 403),
        (&provider, Method::GET, "/v1/totals", 403),
        (&provider, Method::GET, "/v1/keys", 403),
        (&auditor, Method::GET, "/v1/status", 200),
        (&auditor, Method::GET, "/v1/totals", 200),
        (&auditor, Method::GET, "/v1/keys", 200),
        (&auditor, Method::DELETE, "/v1/keys/x", 403),
        (&auditor, Method::POST, "/v1/sources/feed-a/events", 403),
        (&provider, Method::POST, "/v1/sources/feed-b/events", 404),
        (&provider, Method::POST, "/v1/sources/nobody/events", 404),
        (&administrator, Method::GET, "/v1/status", 200),
        (&administrator, Method::DELETE, "/v1/keys/x", 404),
        (half, Method::GET, "/v1/status", 401),
        (&other, Method::GET, "/v1/status", 401),
        ("saldo_key.house", Method::GET, "/v1/status", 401),
    ] {
        let (status, body) = served.ask(&method, path, key, "", "").await;
        assert_eq!(status.as_u16(), expected, "{method} {path} {key}: {body}");
    }
}

#[tokio::test]
async fn a_key_is_made_used_and_revoked() {
    let served = Served::new();
    let administrator = served.key("administrator", None);
    let new = json!({ "name": "feed", "role": "provider", "party": "studio-0" }).to_string();
    let json = "application/json";
    let post = &Method::POST;
    let (status, made) = served.ask(post, "/v1/keys", &administrator, json, &new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let events = "/v1/sources/feed-a/events";
    let (status, _) = served.ask(post, events, key, json, &event("a", "1.00")).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let path = format!("/v1/keys/{id}");
    let (status, _) = served.ask(&Method::DELETE, &path, &administrator, "", "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = served.ask(post, events, key, json, &event("a", "1.00")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (_, list) = served.ask(&Method::GET, "/v1/keys", &administrator, "", "").await;
    let listed = list.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap();
    assert_eq!(listed["revoked"], true);
    assert_eq!(listed["created_by"].as_str().unwrap().split(':').next(), Some("key"));
    assert!(!list.to_string().contains(&key[key.len() - 64..]), "no secret is listed");
    for (new, code) in [
        (json!({ "name": "x", "role": "king" }), "E5327"),
        (json!({ "name": "x", "role": "provider" }), "E5327"),
        (json!({ "name": "x", "role": "provider", "party": "nobody" }), "E5327"),
        (json!({ "name": "x", "role": "auditor", "networks": ["all"] }), "E5327"),
        (json!({ "name": "x", "role": "auditor", "expires_at": "soon" }), "E5315"),
        (json!({ "name": "x", "role": "auditor", "expires_at": "2020-01-01" }), "E5327"),
        (json!({ "name": "x", "role": "auditor", "scope": "all" }), "E8006"),
    ] {
        let (_, refused) =
            served.ask(post, "/v1/keys", &administrator, json, &new.to_string()).await;
        assert_eq!(refused["code"], code, "{new}: {refused}");
    }
}

#[tokio::test]
async fn events_are_answered_by_what_became_of_them() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let path = "/v1/sources/feed-a/events?wait=applied";
    let lines = [event("a", "1.00"), event("a", "1.00"), event("a", "2.00"), "{".to_owned()];
    let body = lines.join("\n");
    let lines = "application/x-ndjson";
    let (status, answer) = served.ask(&Method::POST, path, &key, lines, &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!((&answer["state"], &answer["events"]), (&json!("applied"), &json!(4)));
    let results: Vec<(&str, Option<&str>)> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["outcome"].as_str().unwrap(), result["code"].as_str()))
        .collect();
    assert_eq!(results[0], ("posted", None));
    assert_eq!(results[1], ("duplicate", None));
    assert_eq!(results[2], ("quarantined", Some("E2501")));
    assert_eq!(results[3].0, "quarantined");
    let (_, status) = served.ask(&Method::GET, "/v1/status", &key, "", "").await;
    assert_eq!((&status["received"], &status["posted"]), (&json!(4), &json!(1)), "{status}");
    let (_, totals) = served.ask(&Method::GET, "/v1/totals?limit=1", &key, "", "").await;
    assert!(totals["next"].is_string(), "{totals}");
    let next = totals["next"].as_str().unwrap().replace(' ', "%20");
    let more = format!("/v1/totals?after={next}");
    let (_, rest) = served.ask(&Method::GET, &more, &key, "", "").await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1, "{rest}");
    assert_eq!(rest["next"], Value::Null);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_a_code() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let events = "/v1/sources/feed-a/events";
    let (json, lines) = ("application/json", "application/x-ndjson");
    let (get, post) = (Method::GET, Method::POST);
    for (method, path, media, body, status, code) in [
        (&get, "/nothing", "", "", 404, "E8003"),
        (&post, "/healthz", "", "", 405, "E8004"),
        (&post, "/v1/sources/nobody/events", json, "{}", 404, "E5201"),
        (&post, events, "text/csv", "a,b", 415, "E8007"),
        (&post, events, json, "[{}", 400, "E8006"),
        (&post, "/v1/keys", json, "[\"name\", \"auditor\"]", 400, "E8006"),
        (&post, "/v1/sources/feed-a/events?wait=never", lines, "{}", 400, "E8009"),
        (&post, "/v1/sources/feed-a/events?when=now", lines, "{}", 400, "E8009"),
        (&get, "/v1/totals?limit=0", "", "", 400, "E8009"),
        (&get, "/v1/totals?limit=many", "", "", 400, "E8009"),
        (&get, "/v1/totals?from=then", "", "", 400, "E5315"),
        (&get, "/v1/codes/E0000", "", "", 404, "E8012"),
    ] {
        let (found, body) = served.ask(method, path, &key, media, body).await;
        assert_eq!((found.as_u16(), body["code"].as_str()), (status, Some(code)), "{path} {body}");
        assert!(!body["hint"].as_str().unwrap().is_empty());
    }
}
