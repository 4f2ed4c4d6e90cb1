//! Events as they were sent: digests, times, and the receipts that are answered.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use node::keys::read_verifier;
use node::proof::checkpoint::Checkpoint;
use node::proof::digest::content_hash;
use node::proof::receipt::{Entry, Receipt};
use serde_json::Value;
use support::{OPERATOR, Served, digest, event, now};

const PATH: &str = "/v1/sources/feed-a/events";
const LINES: &str = "application/x-ndjson";

/// A request that brings events, with these headers alone.
fn request(key: &str, body: &[u8], headers: &[(&str, String)]) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri(PATH);
    request = request.header("authorization", format!("Bearer {key}"));
    request = request.header("content-type", LINES);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

fn code(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["code"].as_str().unwrap_or("taken").to_owned()
}

#[tokio::test]
async fn what_is_brought_says_its_digest_and_its_time() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let line = event("a", "1.00");
    let zipped = gzip(line.as_bytes());
    let (plain, now) = (line.as_bytes(), now());
    let digests = |value: String| ("content-digest", value);
    let at = |seconds: i64| ("saldo-timestamp", seconds.to_string());
    let by = |name: &str| ("content-encoding", name.to_owned());
    let packed = || by("gzip");
    for (name, body, headers, expected) in [
        ("both", plain, vec![digests(digest(plain)), at(now)], "taken"),
        ("in time", plain, vec![digests(digest(plain)), at(now - 290)], "taken"),
        ("no digest", plain, vec![at(now)], "E8042"),
        ("other digest", plain, vec![digests(digest(b"other")), at(now)], "E8043"),
        ("no time", plain, vec![digests(digest(plain))], "E8040"),
        (
            "no number",
            plain,
            vec![digests(digest(plain)), ("saldo-timestamp", "now".into())],
            "E8040",
        ),
        ("too old", plain, vec![digests(digest(plain)), at(now - 310)], "E8041"),
        ("too new", plain, vec![digests(digest(plain)), at(now + 310)], "E8041"),
        ("packed", &zipped, vec![digests(digest(&zipped)), at(now), packed()], "taken"),
        ("of what was packed", &zipped, vec![digests(digest(plain)), at(now), packed()], "E8043"),
        ("by its name", &zipped, vec![digests(digest(&zipped)), at(now), by("GZIP")], "taken"),
        ("another way", plain, vec![digests(digest(plain)), at(now), by("br")], "E8014"),
        ("twice", plain, vec![digests(digest(plain)), at(now), by("gzip, gzip")], "E8014"),
        (
            "packed, and torn",
            &zipped[..9],
            vec![digests(digest(&zipped[..9])), at(now), packed()],
            "E8006",
        ),
    ] {
        let (status, _, answer) = served.send(request(&key, body, &headers)).await;
        assert_eq!(code(&answer), expected, "{name}: {status}");
    }
}

#[tokio::test]
async fn every_answer_has_its_own() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let line = event("a", "1.00");
    let own = [("content-digest", digest(line.as_bytes())), ("saldo-timestamp", now().to_string())];
    for (name, request) in [
        ("taken", request(&key, line.as_bytes(), &own)),
        ("refused", request("nobody", line.as_bytes(), &own)),
        ("nothing there", Request::get("/nothing").body(Body::empty()).unwrap()),
        ("public", Request::get("/v1/version").body(Body::empty()).unwrap()),
    ] {
        let (_, headers, body) = served.send(request).await;
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(text("content-digest"), Some(digest(&body)), "{name}");
        let at: i64 = text("saldo-timestamp").unwrap().parse().unwrap();
        assert!(at.abs_diff(now()) < 5, "{name}");
    }
    let head = Request::head("/v1/version").body(Body::empty()).unwrap();
    let (status, headers, _) = served.send(head).await;
    assert_eq!((status, headers.contains_key("content-digest")), (StatusCode::OK, false));
}

/// What is answered to lines.
async fn bring(served: &Served, key: &str, query: &str, lines: &[String]) -> Value {
    let path = format!("{PATH}{query}");
    let body = lines.join("\n");
    let (status, answer) = served.ask(&Method::POST, &path, key, LINES, &body).await;
    assert!(status.is_success(), "{answer}");
    answer
}

fn receipt(value: &Value) -> Receipt {
    Receipt::parse(value.to_string().as_bytes()).unwrap()
}

/// The entry of an event as whoever sent it makes it.
fn entry(line: &str) -> Entry {
    let mine = node::mine::events(line.as_bytes(), OPERATOR, |dim| dim == "player").unwrap();
    let event = node::ledger::EventView::decode(&mine[0]).unwrap();
    Entry::Event { id: event.id.to_owned(), content_hash: content_hash(&mine[0]) }
}

#[tokio::test]
async fn receipts_are_of_what_was_sent_and_nothing_else() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let public = served.dir().join("keys").join(OPERATOR).join("public.key");
    let keys = [read_verifier(&public).unwrap()];
    let line = |id: &str| event(id, "1.00").replace("{\"id\"", "{\"source\":\"feed-a\",\"id\"");
    let (one, two, bad) = (line("a"), line("b"), "{".to_owned());
    let alone = bring(&served, &key, "", std::slice::from_ref(&one)).await;
    let single = receipt(&alone["receipt"]);
    let facts = single.check(&keys).unwrap();
    assert_eq!((facts.head.operator.as_str(), facts.head.source.as_str()), (OPERATOR, "feed-a"));
    assert!(facts.head.include_by > facts.head.received_at);
    assert_eq!(single.entry, Some(entry(&one)));
    let both = bring(&served, &key, "", &[one.clone(), two.clone()]).await;
    let range = receipt(&both["receipt"]);
    range.check(&keys).unwrap();
    assert!(range.is_of(&[entry(&one), entry(&two)]).is_ok(), "a duplicate has a receipt too");
    assert!(range.is_of(&[entry(&two), entry(&one)]).is_err());
    assert_eq!(both["receipts"], Value::Null);
    let query = "?receipts=each&wait=applied";
    let lines = [one.clone(), bad, two.clone()];
    let each = bring(&served, &key, query, &lines).await;
    let receipts: Vec<Receipt> = each["receipts"].as_array().unwrap().iter().map(receipt).collect();
    assert_eq!(receipts.len(), 3);
    receipts.iter().for_each(|receipt| drop(receipt.check(&keys).unwrap()));
    assert_eq!(receipts[0].entry, Some(entry(&one)));
    assert!(matches!(receipts[1].entry, Some(Entry::Row { .. })));
    assert_eq!(receipts[2].entry, Some(entry(&two)));
    let nothing = bring(&served, &key, "", &[]).await;
    assert_eq!(nothing["receipt"], Value::Null);
}

#[tokio::test]
async fn what_fills_several_frames_has_one_receipt() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let public = served.dir().join("keys").join(OPERATOR).join("public.key");
    let keys = [read_verifier(&public).unwrap()];
    let lines: Vec<String> = (0..9000)
        .map(|at| {
            event(&format!("e{at}"), "1.00").replace("{\"id\"", "{\"source\":\"feed-a\",\"id\"")
        })
        .collect();
    let answer = bring(&served, &key, "", &lines).await;
    let range = receipt(&answer["receipt"]);
    range.check(&keys).unwrap();
    let entries: Vec<Entry> = lines.iter().map(|line| entry(line)).collect();
    assert!(range.is_of(&entries).is_ok());
    assert!(range.is_of(&entries[1..]).is_err());
}

#[tokio::test]
async fn a_head_is_told_once_it_is_published_and_has_the_events() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let public = served.dir().join("keys").join(OPERATOR).join("public.key");
    let keys = [read_verifier(&public).unwrap()];
    let wait = "?wait=applied";
    let first = bring(&served, &key, wait, &[event("a", "1.00"), event("b", "1.00")]).await;
    assert_eq!(first["checkpoint"], Value::Null, "nothing of it is durable in the Store");
    let tenant = served.app.tenant(OPERATOR).unwrap();
    tenant.service.command(node::Session::checkpoint).unwrap().unwrap();
    let again = bring(&served, &key, wait, &[event("a", "1.00")]).await;
    let note = again["checkpoint"]["note"].as_str().unwrap();
    let head = Checkpoint::open(note.as_bytes(), "house/feed-a", &keys).unwrap();
    assert_eq!((head.size, again["checkpoint"]["size"].as_u64()), (2, Some(2)));
    let more = bring(&served, &key, wait, &[event("c", "1.00")]).await;
    assert_eq!(more["checkpoint"], Value::Null, "the head does not have it yet");
}

/// Stored as gzip has it: a stream of one block that is not compressed.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    let length = u16::try_from(bytes.len()).unwrap();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&u32::from(length).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
