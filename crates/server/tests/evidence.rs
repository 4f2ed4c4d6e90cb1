//! The evidence of a period: everything in one file, the same bytes each time, for whom it is.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;
#[path = "support/two.rs"]
mod two;

use axum::http::StatusCode;
use node::proof::digest::sha256;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use two::{MONTH, SIDES, served};

const FILES: [&str; 12] = [
    "README.txt",
    "commands.json",
    "notices.json",
    "public.key",
    "sha256sums.txt",
    "statement.csv",
    "statement.en.pdf",
    "statement.json",
    "statement.ko.pdf",
    "statement.proof",
    "statement.xlsx",
    "versions.json",
];

fn unpacked(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let one = |at: usize| {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    };
    (0..FILES.len()).map(one).collect()
}

#[tokio::test]
async fn an_auditor_gets_all_of_a_closed_period() {
    let served = served().await;
    let auditor = served.key("auditor", None);
    let side = &SIDES[0];
    let path = format!("/v1/agreements/{}/periods/{MONTH}/evidence", side.agreement);
    let (status, bytes) = served.get(&path, &auditor, "").await;
    assert_eq!(status, StatusCode::OK);
    let (_, again) = served.get(&path, &auditor, "").await;
    assert_eq!(bytes, again, "the same records give the same bytes");
    let files = unpacked(bytes);
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), FILES);
    let sums = String::from_utf8(files["sha256sums.txt"].clone()).unwrap();
    assert_eq!(sums.lines().count(), FILES.len() - 1);
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, node::engine::query::scan::hex(&sha256(&files[name]).0), "{name}");
    }
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert!(text("statement.json").contains(side.amount), "{}", text("statement.json"));
    let commands = text("commands.json");
    assert!(commands.contains("\"close\"") && !commands.contains(SIDES[1].agreement), "{commands}");
    for (key, period, expected) in [
        (served.key("provider", Some(side.party)), MONTH, StatusCode::FORBIDDEN),
        (auditor, "2026-07", StatusCode::NOT_FOUND),
    ] {
        let path = format!("/v1/agreements/{}/periods/{period}/evidence", side.agreement);
        let (status, body) = served.get(&path, &key, "").await;
        assert_eq!(status, expected, "{}", String::from_utf8_lossy(&body));
    }
}
