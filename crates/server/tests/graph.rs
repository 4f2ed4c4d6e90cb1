//! GraphQL: the whole way in one query, its border, its limits, and live figures.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;
#[path = "support/two.rs"]
mod two;

use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::{Served, event};
use two::{SIDES, served};

/// The way from companies to what became of single events.
const WAY: &str = "{ parties(first: 2, after: \"studi\") { items { name own title { ko }
    agreements(first: 1) { items { name versions { version signed }
    periods(first: 1, state: \"closed\") { items { name payable
    statement { id payable toPay lines(section: \"earned\") { path amount takenOf
    measures { name value accounts { account credit }
    events { id story { outcome seenIn { statement } } } } } } } } } } } } }";

async fn ask(served: &Served, key: &str, query: &str) -> (StatusCode, Value) {
    let body = json!({ "query": query }).to_string();
    served.ask(&Method::POST, "/graphql", key, "application/json", &body).await
}

fn code(body: &Value) -> &str {
    body.pointer("/errors/0/extensions/code").and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test]
async fn one_query_goes_the_whole_way_with_one_read_for_each_level() {
    let served = served().await;
    let key = served.key("auditor", None);
    let (status, body) = ask(&served, &key, WAY).await;
    assert_eq!((status, &body["errors"]), (StatusCode::OK, &Value::Null), "{body}");
    let party = &body["data"]["parties"]["items"][0];
    let statement = &party["agreements"]["items"][0]["periods"]["items"][0]["statement"];
    assert_eq!(statement["id"], "studio-0-share:2026-03:1", "{body}");
    let measure = &statement["lines"][0]["measures"];
    let event = &statement["lines"].as_array().unwrap().iter().find_map(|line| {
        line["measures"][0]["events"].as_array().filter(|events| !events.is_empty())
    });
    assert_eq!(event.unwrap()[0]["story"]["seenIn"][0]["statement"], statement["id"], "{measure}");
    // Parties, agreements, versions, periods, statements, lines, events: one read each.
    assert_eq!(body["extensions"]["reads"], 7, "{body}");
    let (_, all) = ask(&served, &key, &WAY.replace("first: 2", "first: 3")).await;
    assert_eq!(all["extensions"]["reads"], 7, "more nodes, no more reads: {all}");
}

#[tokio::test]
async fn each_field_is_what_its_route_is() {
    let served = served().await;
    let key = served.key("auditor", None);
    let fields = "{ status { position posted } totals(first: 1) { items { account } next }
        measure(name: \"stakes\", period: \"2026-03\", by: [\"provider\"]) { items { value by } }
        event(source: \"feed-a\", id: \"alpha-1\") { outcome dims raw ref { id } }
        statement(agreement: \"studio-0-share\", period: \"2026-04\", draft: true) { payable }
        nothing: statement(agreement: \"studio-0-share\", period: \"2026-04\") { payable }
        agreement(name: \"play-n-go-share\") { version periodKind } party(name: \"x\") { name } }";
    let (_, body) = ask(&served, &key, fields).await;
    let data = &body["data"];
    for (place, value) in [
        ("/status/posted", json!(6)),
        ("/totals/items/0/account", json!("clearing:studio-0")),
        ("/totals/next", json!("clearing:studio-0 EUR")),
        ("/measure/items/0/by/provider", json!("studio-0")),
        ("/event/outcome", json!("posted")),
        ("/statement/payable", json!("50.00")),
        ("/nothing", Value::Null),
        ("/agreement/version", json!(2)),
        ("/party", Value::Null),
    ] {
        assert_eq!(data.pointer(place), Some(&value), "{place}: {body}");
    }
    for (role, party, query, code_) in [
        ("provider", Some("studio-0"), "{ status { position } }", "E8002"),
        ("provider", Some("studio-0"), "{ totals { next } }", "E8002"),
        ("auditor", None, "{ parties(first: 0) { next } }", "E8009"),
        (
            "auditor",
            None,
            "{ agreement(name: \"play-n-go-share\") { periods(state: \"new\") { next } } }",
            "E8009",
        ),
        ("auditor", None, "{ nothing }", "E8070"),
        ("auditor", None, "{ status { position }", "E8070"),
        ("auditor", None, "subscription { status { position } }", "E8073"),
    ] {
        let key = served.key(role, party);
        let (_, body) = ask(&served, &key, query).await;
        assert_eq!(code(&body), code_, "{query}: {body}");
    }
}

#[tokio::test]
async fn nothing_of_another_party_comes_back() {
    let served = served().await;
    for (own, other) in [(&SIDES[0], &SIDES[1]), (&SIDES[1], &SIDES[0])] {
        let key = served.key("provider", Some(own.party));
        let named = format!(
            "{{ party(name: \"{0}\") {{ name }} agreement(name: \"{1}\") {{ version }}
             event(source: \"{2}\", id: \"{3}\") {{ amount }}
             statement(agreement: \"{1}\", period: \"2026-03\") {{ payable }}
             draft: statement(agreement: \"{1}\", period: \"2026-03\", draft: true) {{ id }} }}",
            other.party, other.agreement, other.source, other.event
        );
        let (_, body) = ask(&served, &key, &named).await;
        for field in ["party", "agreement", "event", "statement", "draft"] {
            assert_eq!(body["data"].get(field), Some(&Value::Null), "{field}: {body}");
        }
        let (_, body) = ask(&served, &key, WAY).await;
        let body = body.to_string();
        assert!(body.contains(own.agreement) && body.contains(own.event), "{body}");
        for secret in [other.party, other.source, other.agreement, other.event, other.amount] {
            assert!(!body.contains(secret), "{secret}: {body}");
        }
    }
}

#[tokio::test]
async fn attacks_are_refused_fast() {
    let served = served().await;
    let key = served.key("administrator", None);
    let within = |times: usize| {
        let (open, close) = ("agreements { items { ".repeat(times), " } }".repeat(times));
        format!("{{ parties {{ items {{ {open} name {close} }} }} }}")
    };
    let bomb = (0..30).map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1));
    let bomb = bomb.collect::<Vec<_>>().concat();
    let bomb = format!("{{ ...F0 }} {bomb} fragment F30 on Query {{ status {{ position }} }}");
    let circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned();
    let aliases = (0..40).map(|n| format!("a{n}: status {{ position }} "));
    let aliases = aliases.collect::<Vec<_>>().concat();
    let directives = "@include(if: true) ".repeat(50);
    let wide = "{ parties(first: 100) { items { agreements(first: 100) { items {
        periods(first: 100) { items { name } } } } } } }";
    for (query, code_) in [
        (within(12), "E8071"),
        (within(10_000), "E8071"),
        ("{".repeat(1000), "E8071"),
        (format!("{{ {aliases} }}"), "E8071"),
        (circle, "E8070"),
        (bomb, "E8071"),
        (format!("{{ status {directives} {{ position }} }}"), "E8071"),
        (format!("{{ status {{ {} }} }}", "position ".repeat(3000)), "E8071"),
        (format!("{{ status {{ {} }} }}", "position ".repeat(600)), "E8071"),
        (format!("# {}", "x".repeat(40_000)), "E8071"),
        (wide.to_owned(), "E8071"),
    ] {
        let begun = Instant::now();
        let (status, body) = ask(&served, &key, &query).await;
        let shown: String = query.chars().take(60).collect();
        assert_eq!((status.as_u16(), code(&body)), (400, code_), "{shown}: {body}");
        assert!(begun.elapsed() < Duration::from_millis(500), "{shown}: {:?}", begun.elapsed());
    }
    let batch = json!([{ "query": "{ status { position } }" }, { "query": "{ x }" }]).to_string();
    let json = "application/json";
    let (status, body) = served.ask(&Method::POST, "/graphql", &key, json, &batch).await;
    assert_eq!((status.as_u16(), code(&body)), (400, "E8072"), "{body}");
}

#[tokio::test]
async fn the_schema_is_told_to_those_who_have_a_credential() {
    let served = served().await;
    let deep = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
    let query = format!(
        "{{ __schema {{ queryType {{ name }} types {{ name fields {{ name args {{ name type {{ \
         {deep} }} }} type {{ {deep} }} }} }} }} }}"
    );
    let (status, body) = ask(&served, &served.key("partner", Some("shop-network")), &query).await;
    assert_eq!((status, &body["errors"]), (StatusCode::OK, &Value::Null), "{body}");
    assert!(
        body.to_string().contains("StatementNode") || body.to_string().contains("\"Statement\"")
    );
    let (status, body) = ask(&served, "", &query).await;
    assert_eq!((status.as_u16(), body["code"].as_str()), (401, Some("E8001")), "{body}");
}

#[tokio::test]
async fn live_figures_come_as_events_are_posted() {
    let served = served().await;
    let key = served.key("finance", None);
    let query = "subscription { statement(agreement: \"studio-0-share\", period: \"2026-05\")
        { closed lines { path amount } } }";
    let body = json!({ "query": query }).to_string();
    let stream = served.post("/graphql", &key, "text/event-stream", &body).await;
    assert_eq!(stream.status(), StatusCode::OK);
    let mut stream = stream.into_body();
    let administrator = served.key("administrator", None);
    for amount in ["0.00", "77.00"] {
        let text = next(&mut stream).await;
        let data = text.strip_prefix("event: next\ndata: ").unwrap();
        let told: Value = serde_json::from_str(data.trim()).unwrap();
        let line = &told["data"]["statement"]["lines"][1];
        assert_eq!((&line["path"], &line["amount"]), (&json!("20-ggr"), &json!(amount)), "{told}");
        bring(&served, &administrator, "may").await;
    }
    let id = key.split('.').nth(2).unwrap();
    let path = format!("/v1/keys/{id}");
    let (status, _) = served.ask(&Method::DELETE, &path, &administrator, "", "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    bring(&served, &administrator, "after").await;
    assert!(
        next(&mut stream).await.starts_with("event: complete"),
        "a revoked key follows nothing"
    );
}

#[tokio::test]
async fn live_figures_end_with_the_service() {
    let served = served().await;
    let key = served.key("finance", None);
    let body = json!({ "query": "subscription { status { position } }" }).to_string();
    let mut stream = served.post("/graphql", &key, "text/event-stream", &body).await.into_body();
    assert!(next(&mut stream).await.starts_with("event: next"));
    served.app.close();
    assert!(next(&mut stream).await.starts_with("event: complete"));
}

/// What comes next of a stream.
async fn next(stream: &mut axum::body::Body) -> String {
    let next = tokio::time::timeout(Duration::from_secs(10), stream.frame()).await;
    let next = next.unwrap().unwrap().unwrap().into_data().unwrap();
    String::from_utf8(next.to_vec()).unwrap()
}

/// Brings a bet of May.
async fn bring(served: &Served, key: &str, id: &str) {
    let bet = event(id, "77.00").replace("2026-03-01", "2026-05-01");
    let path = "/v1/sources/feed-a/events?wait=applied";
    let (status, said) = served.ask(&Method::POST, path, key, "application/json", &bet).await;
    assert_eq!(status, StatusCode::OK, "{said}");
}

#[test]
fn the_committed_documents_are_those_served() {
    for (name, served) in [
        ("schema.graphql", server::graph::sdl()),
        ("openapi.json", format!("{:#}\n", server::app::openapi())),
    ] {
        let path = format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("SALDO_BLESS").is_some() {
            std::fs::write(&path, &served).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        assert!(committed == served, "docs/{name} is another one: run `cargo xtask gen`");
    }
}
