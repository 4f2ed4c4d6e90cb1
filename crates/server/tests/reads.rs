//! What is read: every document, in every form, page by page.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;
#[path = "support/two.rs"]
mod two;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use two::served;

/// Asks as `key`, and gives what is at each of these places of the answer.
async fn at(served: &support::Served, key: &str, path: &str, places: &[&str]) -> Value {
    let (status, body) = served.ask(&Method::GET, path, key, "", "").await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    places.iter().map(|place| body.pointer(place).cloned().unwrap_or(Value::Null)).collect()
}

/// What is at these places of a document.
type Case = (String, Vec<&'static str>, Value);

async fn check(cases: impl IntoIterator<Item = Case>) {
    let served = served().await;
    let key = served.key("auditor", None);
    for (path, places, expected) in cases {
        assert_eq!(at(&served, &key, &path, &places).await, expected, "{path}");
    }
}

#[tokio::test]
async fn agreements_and_periods_are_what_the_book_and_the_closes_say() {
    let case = |path: &str, places: &[&'static str], expected| {
        (format!("/v1/{path}"), places.to_vec(), expected)
    };
    check([
        case(
            "parties/studio-0",
            &["/own", "/title/ko", "/agreements"],
            json!([false, "스튜디오 0", ["studio-0-share"]]),
        ),
        case(
            "agreements/studio-0-share",
            &["/from", "/to", "/period", "/holds_from"],
            json!(["house", "studio-0", "month", null]),
        ),
        case(
            "agreements/play-n-go-share",
            &["/version", "/holds_from"],
            json!([2, "2024-12-31T15:00:00Z"]),
        ),
        case(
            "agreements/play-n-go-share/versions",
            &["/items/0/version", "/items/1/version", "/items/0/countersigned", "/next"],
            json!([1, 2, null, null]),
        ),
        case(
            "sources/feed-a",
            &["/party", "/signed", "/kinds/0/kind", "/kinds/0/amount", "/kinds/2/refers_to"],
            json!(["studio-0", "none", "bet", "non-negative", ["bet", "bonus", "win"]]),
        ),
        case(
            "agreements/studio-0-share/periods?state=closed",
            &["/items/0/period", "/items/0/payable", "/items/0/statement", "/items/1"],
            json!(["2026-03", "179.32", "studio-0-share:2026-03:1", null]),
        ),
        case(
            "agreements/studio-0-share/periods?from=2026-04-01&to=2026-04-02",
            &["/items/0/period", "/items/0/payable", "/items/1"],
            json!(["2026-04", null, null]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn figures_open_down_to_events() {
    let case = |path: &str, places: &[&'static str], expected| {
        (format!("/v1/{path}"), places.to_vec(), expected)
    };
    check([
        case(
            "agreements/studio-0-share/periods/2026-03/statement",
            &["/payable", "/closed", "/lines/1/amount", "/lines/1/type", "/to_pay"],
            json!(["179.32", true, "1234.56", "", "179.32"]),
        ),
        case(
            "agreements/studio-0-share/periods/2026-04/statement?draft=true",
            &["/payable", "/closed", "/cut_position"],
            json!(["50.00", false, null]),
        ),
        case(
            "agreements/studio-0-share/periods/2026-03/explain/20-ggr",
            &["/line/amount", "/measures/0/accounts/0/account", "/measures/0/events/0/id"],
            json!(["1234.56", "play:studio-0:alpha-1-crash:stakes", "alpha-1"]),
        ),
        case(
            "events/feed-a/alpha-1",
            &["/outcome", "/amount", "/postings/0/amount", "/ref", "/seen_in/1"],
            json!(["posted", "1234.56", "1234.56", null, null]),
        ),
        case(
            "events/feed-a/alpha-1",
            &["/seen_in/0/statement", "/seen_in/0/measures", "/seen_in/0/late"],
            json!(["studio-0-share:2026-03:1", ["ggr"], false]),
        ),
        case(
            "measures/stakes?period=2026-03&by=provider",
            &["/items/0/value", "/items/0/by/provider", "/items/2/asset"],
            json!(["1234.56", "studio-0", "KRW"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn lists_come_in_pages_that_miss_nothing() {
    let served = served().await;
    let key = served.key("auditor", None);
    for path in [
        "/v1/parties?",
        "/v1/sources?",
        "/v1/agreements?",
        "/v1/agreements/play-n-go-share/versions?",
        "/v1/agreements/studio-0-share/periods?to=2026-08-01&",
        "/v1/totals?",
        "/v1/measures/stakes?period=2026-03&by=game,provider&",
    ] {
        let whole = at(&served, &key, &format!("{path}limit=1000"), &["/items"]).await;
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let next = format!("{path}limit=1{after}");
            let page = at(&served, &key, &next, &["/items", "/next"]).await;
            items.extend(page[0].as_array().unwrap().clone());
            let Some(next) = page[1].as_str() else { break };
            let escaped = next.bytes().map(|byte| format!("%{byte:02X}"));
            after = format!("&after={}", escaped.collect::<String>());
        }
        assert!(items.len() > 1, "{path} has {} items", items.len());
        assert_eq!(json!([items]), whole, "{path}");
    }
}

#[tokio::test]
async fn a_statement_comes_in_the_form_asked_for() {
    let served = served().await;
    let key = served.key("finance", None);
    let period = "/v1/agreements/studio-0-share/periods/2026-03";
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let (pdf, csv) = ("application/pdf", "text/csv");
    for (path, accept, begin) in [
        ("statement", pdf, "%PDF-"),
        ("statement", xlsx, "PK"),
        ("statement", csv, "line,name,kind,base,rate,amount,running,asset,title\r\n10-"),
        ("statement?draft=true&lang=ko", pdf, "%PDF-"),
        ("statement", "application/json", "{\"id\":\"studio-0-share:2026-03:1\""),
        ("statement", "", "{\"id\":"),
        ("proof", "", ""),
    ] {
        let (status, bytes) = served.get(&format!("{period}/{path}"), &key, accept).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(bytes.len() > 100 && bytes.starts_with(begin.as_bytes()), "{path} {accept}");
    }
    let (_, korean) = served.get(&format!("{period}/statement?lang=ko"), &key, csv).await;
    assert!(String::from_utf8(korean).unwrap().contains("수익 배분액"));
    for (path, accept, status, code) in [
        ("statement", "text/html", 406, "E8020"),
        ("statement?lang=fr", "", 400, "E8009"),
        ("explain/99-nothing", "", 404, "E8012"),
        ("../2026-04/statement", "", 404, "E8021"),
        ("../../../nothing/periods/2026-03/statement", "", 404, "E8012"),
        ("../2026-13/statement?draft=true", "", 422, "E7101"),
    ] {
        let mut whole = format!("{period}/{path}");
        while let Some((before, after)) = whole.split_once("/../") {
            let parent = before.rsplit_once('/').unwrap().0.to_owned();
            whole = format!("{parent}/{after}");
        }
        let (found, bytes) = served.get(&whole, &key, accept).await;
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((found.as_u16(), body["code"].as_str()), (status, Some(code)), "{whole} {body}");
    }
}

#[tokio::test]
async fn a_party_proves_offline_that_its_event_is_in_the_stream() {
    let served = served().await;
    let key = served.key("provider", Some("studio-0"));
    let (status, bytes) = served.get("/v1/events/feed-a/alpha-1/proof", &key, "").await;
    assert_eq!(status, StatusCode::OK);
    let tenant = served.app.tenant(support::OPERATOR).unwrap();
    let public = tenant.service.read(|session| session.keys.signing().unwrap().verifier().clone());
    let proof = node::proof::event_file::EventProof::parse(&bytes).unwrap();
    let facts = proof.check(&[public]).unwrap();
    assert_eq!((facts.id.as_str(), facts.signers.len()), ("alpha-1", 1));
    let (status, body) =
        served.ask(&Method::GET, "/v1/events/feed-a/none/proof", &key, "", "").await;
    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!("E8012")), "{body}");
}
