//! Legal holds over the service: who may, what is recorded, told and shown; and what is kept.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::{OPERATOR, Served};

const HOLDS: &str = "/v1/legal-holds";

async fn get(served: &Served, path: &str, key: &str) -> Value {
    let (status, body) = served.ask(&Method::GET, path, key, "", "").await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Both commands are in the audit log and in the feed.
async fn recorded_and_told(served: &Served, auditor: &str, id: &str) {
    let audit = get(served, "/v1/audit?command=legal-hold", auditor).await;
    let told: Vec<&Value> = audit["items"].as_array().unwrap().iter().collect();
    let about =
        |done: &str, by: &str| json!(format!("{id} {done} on source feed-a, ordered by {by}"));
    assert_eq!(told[0]["about"], about("placed", "Kim, counsel"));
    assert_eq!(told[1]["about"], about("lifted", "Lee, counsel"));
    assert_eq!((told.len(), &told[1]["reason"]), (2, &json!("settled")));
    let feed = get(served, "/v1/changes?types=legal-hold.*", auditor).await;
    let types: Vec<&Value> = feed["items"].as_array().unwrap().iter().map(|c| &c["type"]).collect();
    assert_eq!(types, ["legal-hold.placed", "legal-hold.lifted"], "{feed}");
}

#[tokio::test]
async fn a_hold_is_placed_shown_told_and_lifted() {
    let served = Served::new();
    let admin = served.key("administrator", None);
    let auditor = served.key("auditor", None);
    let event = support::event("t-1", "1.00") + "\n";
    let path = "/v1/sources/feed-a/events?wait=applied";
    let (status, _) = served.ask(&Method::POST, path, &admin, "application/x-ndjson", &event).await;
    assert_eq!(status, 200);
    let because = json!({ "ordered_by": "Kim, counsel", "reason": "case 17" });
    let with = |name: &str, value: &str| {
        let mut new = because.clone();
        new[name] = json!(value);
        new
    };
    let source = with("source", "feed-a");
    for (key, body, status, code) in [
        (&auditor, &source, 403, "E8002"),
        (&admin, &because, 400, "E8391"),
        (&admin, &with("party", "nobody"), 400, "E8391"),
        (&admin, &with("source", "nobody"), 400, "E8391"),
        (&admin, &with("from", "soon"), 400, "E5315"),
        (&admin, &json!({ "source": "feed-a", "ordered_by": " ", "reason": "x" }), 400, "E8391"),
        (&admin, &source, 200, ""),
    ] {
        let (found, _, answer) = served.command(HOLDS, key, "k", body).await;
        let said = answer["code"].as_str().unwrap_or_default();
        assert_eq!((found.as_u16(), said), (status, code), "{body}: {answer}");
    }
    let holds = get(&served, HOLDS, &auditor).await;
    let id = holds[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(holds[0]["placed"]["ordered_by"], "Kim, counsel", "{holds}");
    assert_eq!(holds.as_array().unwrap().len(), 1, "{holds}");
    let retention = get(&served, "/v1/retention", &auditor).await;
    assert_eq!(retention["raw_rows"][0]["held_by"], json!([id]), "{retention}");
    assert_eq!(retention["raw_rows"][0]["due"], Value::Null, "{retention}");
    let tenant = served.app.tenant(OPERATOR).unwrap().clone();
    let sweep = || tenant.service.read(|session| session.expire_raw_on(100_000)).unwrap();
    assert_eq!(sweep(), 0, "it is held");
    let lift = format!("{HOLDS}/{id}/lift");
    let because = json!({ "ordered_by": "Lee, counsel", "reason": "settled" });
    for (path, once, status) in [
        (&format!("{HOLDS}/none/lift"), "a", 404),
        (&lift, "b", 200),
        (&lift, "b", 200),
        (&lift, "c", 404),
    ] {
        let (found, _, answer) = served.command(path, &admin, once, &because).await;
        assert_eq!(found.as_u16(), status, "{path} {once}: {answer}");
    }
    recorded_and_told(&served, &auditor, &id).await;
    assert_eq!(sweep(), 1, "nothing holds it");
    let studio = served.key("provider", Some("studio-0"));
    for path in [HOLDS, "/v1/retention"] {
        let (status, _) = served.ask(&Method::GET, path, &studio, "", "").await;
        assert_eq!(status, 403, "{path}");
    }
}
