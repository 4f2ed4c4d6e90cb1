//! Whoever may make credentials makes none with more than their own, and what a stolen one did to
//! others ends with it.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::Served;

async fn post(served: &Served, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let text = body.to_string();
    let (status, body) = served.ask(&Method::POST, path, key, "application/json", &text).await;
    (status.as_u16(), body)
}

async fn holds(served: &Served, key: &str) -> bool {
    served.ask(&Method::GET, "/v1/agreements", key, "", "").await.0 == 200
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let served = Served::new();
    let admin = served.key("administrator", None);
    let role = "administrator";
    let new = |name: &str, scopes: &[&str]| json!({ "name": name, "role": role, "scopes": scopes });
    let narrow = new("keys", &["manage-keys", "see-keys"]);
    let (_, narrow) = post(&served, "/v1/keys", &admin, &narrow).await;
    let (_, whole) = post(&served, "/v1/keys", &admin, &new("whole", &[])).await;
    let text = |made: &Value, name: &str| made[name].as_str().unwrap().to_owned();
    let (key, own) = (text(&narrow, "key"), text(&narrow, "id"));
    let rotate = |id: &str| format!("/v1/keys/{id}/rotate");
    let person = json!({ "name": "lee", "role": "administrator" });
    for (path, body, status) in [
        ("/v1/keys", new("all", &[]), 403),
        ("/v1/keys", new("more", &["see-keys", "change-book"]), 403),
        ("/v1/clients", new("all", &[]), 403),
        ("/v1/keys", new("less", &["see-keys"]), 201),
        (&rotate(&text(&whole, "id")), json!({}), 403),
        (&rotate(&own), json!({}), 200),
        ("/v1/people", person.clone(), 403),
        ("/v1/sources/feed-a/secrets", json!({}), 403),
    ] {
        let (found, answer) = post(&served, path, &key, &body).await;
        assert_eq!(found, status, "{path} {body}: {answer}");
    }
    let (status, _) = post(&served, "/v1/people", &admin, &person).await;
    assert_eq!(status, 201, "a whole administrator");
    for role in ["administrator", "finance", "approver", "auditor"] {
        let bound = json!({ "name": "x", "role": role, "party": "studio-0" });
        for path in ["/v1/keys", "/v1/clients", "/v1/people"] {
            let (_, refused) = post(&served, path, &admin, &bound).await;
            let detail = refused["detail"].as_str().unwrap_or_default();
            assert!(detail.contains("is of no party"), "{path} {role}: {refused}");
        }
    }
}

#[tokio::test]
async fn what_a_stolen_key_rotated_or_turned_elsewhere_ends_with_it() {
    let served = Served::new();
    let (admin, stolen) = (served.key("administrator", None), served.key("administrator", None));
    let make = |name: &'static str| {
        let (served, admin) = (&served, &admin);
        async move {
            let new = json!({ "name": name, "role": "auditor" });
            let (_, made) = post(served, "/v1/keys", admin, &new).await;
            let text = |field: &str| made[field].as_str().unwrap().to_owned();
            (text("id"), text("key"))
        }
    };
    let ((taken, _), (mended, _)) = (make("taken").await, make("mended").await);
    let (untouched, kept) = make("untouched").await;
    let hook = |name: &str| json!({ "url": "https://hooks.example/a", "name": name, "types": [] });
    let (_, turned) = post(&served, "/v1/webhooks", &admin, &hook("turned")).await;
    let (_, other) = post(&served, "/v1/webhooks", &admin, &hook("other")).await;
    let turned = turned["id"].as_str().unwrap().to_owned();
    let elsewhere = json!({ "url": "https://evil.example/a" }).to_string();
    let (path, json) = (format!("/v1/webhooks/{turned}"), "application/json");
    let (status, _) = served.ask(&Method::PATCH, &path, &stolen, json, &elsewhere).await;
    assert_eq!(status, 200);
    let rotate = |id: &str| format!("/v1/keys/{id}/rotate");
    let (_, theirs) = post(&served, &rotate(&taken), &stolen, &json!({})).await;
    let theirs = theirs["secret"].as_str().unwrap();
    assert!(holds(&served, theirs).await);
    // This one somebody gave another secret since, at once.
    post(&served, &rotate(&mended), &stolen, &json!({})).await;
    let at_once = json!({ "overlap_seconds": 0 });
    let (_, again) = post(&served, &rotate(&mended), &admin, &at_once).await;
    let id = stolen.split('.').nth(2).unwrap();
    let maker = json!({ "made_by": format!("key:{id}") });
    let (_, revoked) = post(&served, "/v1/access/revoke", &admin, &maker).await;
    assert_eq!(revoked["revoked"], json!([taken, turned]), "not {mended}, {untouched}, {other}");
    assert!(!holds(&served, theirs).await, "rotated by the stolen key");
    assert!(holds(&served, &kept).await, "never touched");
    assert!(holds(&served, again["secret"].as_str().unwrap()).await, "rotated since");
}
