//! The files of `JSONTestSuite` through the door: whatever they are, the service refuses or takes
//! them, says why, and stands.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use std::path::PathBuf;
use support::{Served, digest, now};

#[tokio::test]
async fn no_json_and_no_near_json_brings_it_down() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("SALDO_SHARED").map_or(beside, PathBuf::from);
    let dir = root.join("data/bad-jsontestsuite/test_parsing");
    let Ok(files) = std::fs::read_dir(&dir) else {
        println!("ignored: the files of JSONTestSuite are not there");
        return;
    };
    let served = Served::new();
    let key = served.key("administrator", None);
    let (mut seen, mut taken, mut refused) = (0, 0u64, 0);
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        for media in ["application/json", "application/x-ndjson", "application/cloudevents+json"] {
            let request = Request::post("/v1/sources/feed-a/events?wait=applied")
                .header("authorization", format!("Bearer {key}"))
                .header("content-type", media)
                .header("content-digest", digest(&bytes))
                .header("saldo-timestamp", now().to_string())
                .body(Body::from(bytes.clone()))
                .unwrap();
            let (status, _, body) = served.send(request).await;
            let answer: Value = serde_json::from_slice(&body).unwrap();
            match status.as_u16() {
                200 => taken += answer["events"].as_u64().unwrap(),
                400 => {
                    assert_eq!(answer["code"], "E8006", "{name} {media}: {answer}");
                    refused += 1;
                }
                other => panic!("{name} {media}: {other} {answer}"),
            }
            // What is certainly no JSON is never taken as a document.
            let is_one = media == "application/json";
            assert!(!(is_one && name.starts_with("n_") && status == 200), "{name}: {answer}");
            assert!(!(is_one && name.starts_with("y_") && status != 200), "{name}: {answer}");
        }
        seen += 1;
    }
    assert!(seen > 300 && refused > 300, "{seen} files, {refused} refused");
    let (_, status) = served.ask(&axum::http::Method::GET, "/v1/status", &key, "", "").await;
    let of = |name: &str| status[name].as_u64().unwrap();
    assert_eq!(of("posted"), 0, "none of them is an event: {status}");
    assert_eq!(of("quarantined") + of("duplicate"), taken, "{status}");
}

/// Numbers that look like chance and repeat.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// A text with a few of its characters changed, left out, doubled or moved.
    fn spoilt(&mut self, text: &str) -> String {
        const OTHERS: [char; 16] =
            ['"', '(', ')', '{', '}', ',', ';', '=', ':', '\\', ' ', '-', '9', '0', '?', '*'];
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let (at, other) = (self.below(letters.len()), OTHERS[self.below(16)]);
            match self.below(5) {
                0 => letters[at] = other,
                1 => drop(letters.remove(at)),
                2 => letters.insert(at, other),
                3 => letters.truncate(at.max(1)),
                _ => {
                    let to = self.below(letters.len());
                    letters.extend_from_within(at.min(to)..at.max(to));
                }
            }
            if letters.is_empty() {
                letters.push(other);
            }
        }
        letters.into_iter().collect()
    }
}

/// Headers that sign and digest, and queries, nearly as they should be: each is answered, none is
/// believed, and nothing fails inside.
#[tokio::test]
async fn nothing_nearly_sound_brings_it_down() {
    const INPUT: &str = "sig=(\"@method\" \"@path\" \"content-digest\");created=NOW;\
                         keyid=\"studio-0+3f2a9c01\"";
    const QUERY: &str = "query A($n: Int = 3) { agreements(first: $n) { items { name ...P } } } \
                         fragment P on Agreement { periods(state: \"closed\") \
                         @include(if: true) { items { a: name } } }";
    let served = Served::new();
    let key = served.key("administrator", None);
    let mut chance = Chance(7);
    let body = support::event("t-1", "1.00");
    for _ in 0..600 {
        let stated = digest(body.as_bytes());
        let mut headers = [
            ("content-digest", stated),
            ("saldo-timestamp", now().to_string()),
            ("signature-input", INPUT.replace("NOW", &now().to_string())),
            ("signature", "sig=:AAECAwQFBgcICQ==:".to_owned()),
            ("webhook-id", "m-1".to_owned()),
            ("webhook-timestamp", now().to_string()),
            ("webhook-signature", "v1,AAECAwQFBgcICQ== v1a,AA==".to_owned()),
        ];
        let at = chance.below(headers.len());
        headers[at].1 = chance.spoilt(&headers[at].1);
        let taken = if chance.below(2) == 0 { &headers[..4] } else { &headers[..] };
        let mut request = Request::post("/v1/sources/feed-a/events");
        for (name, value) in taken {
            request = request.header(*name, value.trim());
        }
        let request = request.header("content-type", "application/x-ndjson");
        let (status, _, answer) =
            served.send(request.body(Body::from(body.clone())).unwrap()).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!((400..500).contains(&status.as_u16()), "{taken:?}: {status} {answer}");
        let problem: Value = serde_json::from_str(&answer).unwrap();
        assert!(problem["code"].is_string(), "{taken:?}: {answer}");
    }
    for _ in 0..600 {
        let query = chance.spoilt(QUERY);
        let request = Request::post("/graphql")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(Body::from(serde_json::json!({ "query": query }).to_string()))
            .unwrap();
        let (status, _, answer) = served.send(request).await;
        assert!(matches!(status.as_u16(), 200 | 400), "{query}: {status}");
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
        let coded = |error: &Value| error["extensions"]["code"].is_string();
        // A part of an answer may fail alone.
        let told = errors.iter().all(coded) && (answer["data"].is_object() || !errors.is_empty());
        assert!(told, "{query}: {answer}");
    }
}
