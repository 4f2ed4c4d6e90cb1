//! Events that are only tried, and what is held of a source.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{Method, StatusCode};
use node::engine::Command;
use node::ledger::EventView;
use node::proof::digest::content_hash;
use serde_json::{Value, json};
use support::{OPERATOR, Served, event};

const LINES: &str = "application/x-ndjson";

/// A rollback of `of`.
fn rollback(id: &str, of: &str) -> String {
    let line = event(id, "1.00").replace("\"bet\"", "\"rollback\"");
    line.replacen('{', &format!("{{\"ref\":\"{of}\","), 1)
}

async fn bring(served: &Served, key: &str, query: &str, lines: &[String]) -> Value {
    let path = format!("/v1/sources/feed-a/events?{query}");
    let (status, answer) = served.ask(&Method::POST, &path, key, LINES, &lines.join("\n")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

fn outcomes(answer: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let each = answer["results"].as_array().unwrap().iter();
    each.map(|result| (text(&result["outcome"]).unwrap(), text(&result["code"]))).collect()
}

#[tokio::test]
async fn what_is_tried_is_what_would_be_and_changes_nothing() {
    let served = Served::new();
    let key = served.key("administrator", None);
    bring(&served, &key, "wait=applied", &[event("old", "1.00"), "[".to_owned()]).await;
    let lines = [
        event("new", "1.00"),
        event("new", "1.00"),
        event("new", "2.00"),
        event("old", "1.00"),
        event("old", "3.00"),
        rollback("r1", "absent"),
        rollback("r2", "r1"),
        rollback("r3", "new"),
        rollback("r4", "new"),
        event("bad", "1.001"),
        event("bad", "1.001"),
        "[".to_owned(),
        "{".to_owned(),
        event("kind", "1.00").replace("\"bet\"", "\"dance\""),
    ];
    let before = served.ask(&Method::GET, "/v1/status", &key, "", "").await.1;
    let tried = bring(&served, &key, "dry_run=true", &lines).await;
    let after = served.ask(&Method::GET, "/v1/status", &key, "", "").await.1;
    assert_eq!(before, after, "nothing was written");
    assert_eq!((&tried["state"], &tried["receipt"]), (&json!("dry_run"), &Value::Null));
    assert_eq!(tried["results"][9]["stage"], "meaning", "{tried}");
    assert_eq!(tried["results"][13]["stage"], "reference", "{tried}");
    assert!(tried["results"][9]["detail"].is_string());
    let again = bring(&served, &key, "dry_run=true", &lines).await;
    assert_eq!(outcomes(&again), outcomes(&tried), "trying twice says the same");
    let applied = bring(&served, &key, "wait=applied", &lines).await;
    assert_eq!(outcomes(&tried), outcomes(&applied), "what was said is what became");
    let words: Vec<String> = outcomes(&tried).into_iter().map(|(word, _)| word).collect();
    for word in ["posted", "duplicate", "quarantined", "waiting"] {
        assert!(words.iter().any(|found| found == word), "{word}: {words:?}");
    }
    let many: Vec<String> = (0..8193).map(|at| event(&format!("m{at}"), "1.00")).collect();
    let path = "/v1/sources/feed-a/events?dry_run=true";
    let (status, refused) = served.ask(&Method::POST, path, &key, LINES, &many.join("\n")).await;
    assert_eq!((status.as_u16(), refused["code"].as_str()), (413, Some("E5323")));
}

/// Count and digest of lines as whoever sent them computes it.
fn own(lines: &[String]) -> (u64, String) {
    let mut sum = [0u8; 32];
    for line in lines {
        let mine =
            node::mine::events_of(line.as_bytes(), OPERATOR, "feed-a", |dim| dim == "player");
        let canonical = mine.unwrap().remove(0);
        assert!(EventView::decode(&canonical).is_ok());
        let mut carry = 0u16;
        for (place, byte) in sum.iter_mut().zip(content_hash(&canonical).0) {
            carry += u16::from(*place) + u16::from(byte);
            *place = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
    (lines.len() as u64, node::engine::query::scan::hex(&sum))
}

#[tokio::test]
async fn both_sides_see_the_same_digest_in_any_order() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let provider = served.key("provider", Some("studio-0"));
    let other = served.key("provider", Some("studio-1"));
    let at = |line: String, hour: u8| line.replace("T00:", &format!("T{hour:02}:"));
    let lines: Vec<String> =
        (0..40).map(|n| at(event(&format!("e{n}"), "1.50"), u8::from(n % 4 == 0) * 5)).collect();
    let mut shuffled = lines.clone();
    shuffled.reverse();
    shuffled.extend([lines[3].clone(), "{".to_owned(), event("e1", "9.00")]);
    let brought = bring(&served, &key, "wait=applied", &shuffled).await;
    let path = "/v1/sources/feed-a/digest?from=2026-03-01T00:30:00Z&to=2026-03-01T05:10:00Z";
    let ask = |key: String, path: String| {
        let served = &served;
        async move { served.ask(&Method::GET, &path, &key, "", "").await }
    };
    let (status, held) = ask(provider.clone(), path.to_owned()).await;
    assert_eq!(status, StatusCode::OK, "{held}");
    let hours = held["hours"].as_array().unwrap();
    assert_eq!((hours.len(), &held["count"]), (2, &json!(40)), "{held}");
    for (hour, mine) in [(0, "T00:"), (1, "T05:")] {
        let mine: Vec<String> = lines.iter().filter(|line| line.contains(mine)).cloned().collect();
        let (count, digest) = own(&mine);
        assert_eq!(
            (&hours[hour]["count"], &hours[hour]["digest"]),
            (&json!(count), &json!(digest))
        );
    }
    let sums = json!([{ "kind": "bet", "asset": "EUR", "count": 10, "amount": "15.00" }]);
    assert_eq!(hours[1]["sums"], sums);
    let (status, _) = ask(other, path.to_owned()).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another party's source");
    // The later content wins: what was counted gives way to it.
    let later = brought["results"][42]["position"].as_u64().unwrap();
    let keep = Command::Resolve { later, keep_later: true, reason: String::new() };
    let tenant = served.app.tenant(OPERATOR).unwrap();
    tenant.service.command(move |session| session.command_by("kim", keep)).unwrap().unwrap();
    let mut now: Vec<String> = lines
        .iter()
        .filter(|line| line.contains("T00:") && !line.contains("\"e1\""))
        .cloned()
        .collect();
    now.push(event("e1", "9.00"));
    let (_, held) = ask(provider, path.to_owned()).await;
    let (count, digest) = own(&now);
    let first = &held["hours"][0];
    assert_eq!((&first["count"], &first["digest"]), (&json!(count), &json!(digest)), "{held}");
    let wide = "/v1/sources/feed-a/digest?from=2025-01-01T00:00:00Z&to=2026-03-01T05:10:00Z";
    assert_eq!(ask(key, wide.to_owned()).await.1["code"], "E8009");
}

#[tokio::test]
async fn a_detail_names_what_is_wrong_and_never_a_person() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let of = |from: &str, to: &str| event("x", "1.00").replace(from, to);
    for (line, code, named) in [
        (of("\"bet\"", "\"dance\""), "E2302", "`dance`"),
        (of("\"EUR\"", "\"EURO\""), "E2303", "`EURO`"),
        (of("\"id\"", "\"bogus\":1,\"id\""), "E2203", "`bogus`"),
        (of("\"game\"", "\"gaem\""), "E2204", "`gaem`"),
        (of("\"game\":\"crash\",", ""), "E2205", "`game`"),
        (of("studio-0", "nobody"), "E2304", "`provider`"),
    ] {
        let tried = bring(&served, &key, "dry_run=true", &[line]).await;
        let result = &tried["results"][0];
        assert_eq!(result["code"], code, "{tried}");
        let detail = result["detail"].as_str().unwrap();
        assert!(detail.ends_with(&format!(": {named}")), "{detail}");
        assert!(!detail.contains("p-x") && !detail.contains("nobody"), "{detail}");
    }
}
