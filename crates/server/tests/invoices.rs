//! Tax invoices over the service: made of a closed period, amended by documents of their own.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use node::book::Files;
use node::{Purpose, Session};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::Served;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/G22")
}

/// Every file below a directory, by its path in it.
fn files(dir: &Path, under: &str, found: &mut Files) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{under}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// The worked settlement of a supply, its sales taken in.
fn served() -> Served {
    let dir = tempfile::tempdir().unwrap();
    let mut book = Files::new();
    files(&golden().join("book"), "", &mut book);
    node::init::init(dir.path(), &book, "house").unwrap();
    let mut session = Session::open(dir.path(), None, Purpose::Change, &mut |_, _| {}).unwrap();
    let sales = golden().join("events/sales.ndjson");
    let job = node::intake::Job::new(&sales, "feed", None);
    node::intake::ingest(&mut session.operator, &job, &mut |_, _, _| {}).unwrap();
    session.checkpoint().unwrap();
    drop(session);
    Served::open(dir)
}

#[tokio::test]
async fn an_invoice_is_amended_and_stays_as_it_is() {
    let served = served();
    let (finance, auditor) = (served.key("finance", None), served.key("auditor", None));
    let new = json!({ "agreement": "supply", "period": "2026-03" });
    for (path, body) in
        [("/v1/agreements/supply/periods/2026-03/close", json!({})), ("/v1/invoices", new)]
    {
        let (status, _, given) = served.command(path, &finance, path, &body).await;
        assert_eq!(status, 200, "{path}: {given}");
    }
    let (_, original) =
        served.ask(&Method::GET, "/v1/invoices/supply-2026-03", &auditor, "", "").await;
    let path = "/v1/invoices/supply-2026-03/amend";
    let amend = |reason: &str, supply: Value| -> Value {
        json!({ "reason": reason, "changed": "2026-04-17", "supply_change": supply })
    };
    for (key, once, body, status, code) in [
        (&auditor, "a", amend("change", json!("-120000")), 403, "E8002"),
        (&finance, "b", amend("mistake", json!("-120000")), 422, "E7802"),
        (&finance, "c", amend("change", Value::Null), 422, "E7802"),
        (&finance, "d", amend("change", json!("1.5")), 422, "E7802"),
        (&finance, "e", amend("change", json!(-120_000)), 400, "E8006"),
        (&finance, "f", amend("change", json!("-120000")), 200, ""),
        (&finance, "f", amend("change", json!("-120000")), 200, ""),
        (&finance, "f", amend("return", json!("-120000")), 422, "E8027"),
        (&finance, "g", amend("환입", json!("-80000")), 200, ""),
    ] {
        let (found, _, said) = served.command(path, key, once, &body).await;
        let told = said["code"].as_str().unwrap_or_default();
        assert_eq!((found.as_u16(), told), (status, code), "{body}: {said}");
    }
    let (_, list) = served.ask(&Method::GET, "/v1/invoices", &auditor, "", "").await;
    let rows: Vec<(&str, &str)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|invoice| (invoice["id"].as_str().unwrap(), invoice["supply"].as_str().unwrap()))
        .collect();
    let amended = [("supply-2026-03-a1", "-120000"), ("supply-2026-03-a2", "-80000")];
    assert_eq!(rows, [&[("supply-2026-03", "5000000")], &amended[..]].concat(), "{list}");
    assert_eq!(list[0], original, "the original stays as it is");
    let none = "/v1/invoices/none/amend";
    let (status, ..) = served.command(none, &finance, "h", &amend("cancel", Value::Null)).await;
    assert_eq!(status, 404);
}
