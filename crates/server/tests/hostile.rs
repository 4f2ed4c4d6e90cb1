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
