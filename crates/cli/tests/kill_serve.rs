//! kill -9 of `saldo serve` at random moments while single events and bulks come in: every event
//! whose receipt a client holds is there, once. 8 kills, or 100 with `SALDO_LONG=1`.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::Home;
use common::serve::{Serve, ask, bring};
use proof::digest::content_hash;
use proof::note::VerifierKey;
use proof::receipt::{Entry, Receipt};
use serde_json::Value;
use sim::rng::Rng;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const PATH: &str = "/v1/sources/feed-a/events";
/// Who sends one event at a time.
const SINGLES: u64 = 3;
/// Lines of a bulk.
const BULK: u64 = 150;

fn line(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-01T00:00:00Z\",\
         \"amount\":\"1.00\",\"asset\":\"EUR\",\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"crash\",\"player\":\"p-1\"}}}}"
    )
}

/// What one client sent, and what it holds for it.
#[derive(Default)]
struct Sent {
    lines: Vec<String>,
    receipts: Vec<(Vec<String>, Receipt)>,
}

/// Sends until the service is gone.
fn client(
    (address, key): (String, String),
    name: String,
    rows: u64,
    stop: Arc<AtomicBool>,
) -> JoinHandle<Sent> {
    std::thread::spawn(move || {
        let (mut sent, mut number) = (Sent::default(), 0);
        while !stop.load(Ordering::Relaxed) {
            let lines: Vec<String> =
                (0..rows).map(|row| line(&format!("{name}-{}", number + row))).collect();
            number += rows;
            sent.lines.extend(lines.clone());
            let Ok((status, answer)) = bring(&address, &key, PATH, &lines) else { break };
            assert_eq!(status, 202, "{answer}");
            let receipt = Receipt::parse(answer["receipt"].to_string().as_bytes()).unwrap();
            sent.receipts.push((lines, receipt));
        }
        sent
    })
}

fn entry(line: &str) -> Entry {
    let mine = node::mine::events_of(line.as_bytes(), "house", "feed-a", |dim| dim == "player");
    let canonical = mine.unwrap().remove(0);
    let event = node::ledger::EventView::decode(&canonical).unwrap();
    Entry::Event { id: event.id.to_owned(), content_hash: content_hash(&canonical) }
}

/// What became of lines that are sent again.
fn again(serve: &Serve, key: &str, lines: &[String]) -> Vec<String> {
    let path = format!("{PATH}?wait=applied");
    let (status, answer) = bring(&serve.address, key, &path, lines).unwrap();
    assert_eq!(status, 200, "{answer}");
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|result| result["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_has_a_receipt_is_there_once() {
    let long = std::env::var("SALDO_LONG").is_ok_and(|value| value == "1");
    let kills = if long { 100 } else { 8 };
    let home = Home::new("gaming");
    let key = home.key("a", "administrator");
    let public = home.dir.join("keys/house/public.key");
    let keys: [VerifierKey; 1] = [node::keys::read_verifier(&public).unwrap()];
    let mut rng = Rng::from_seed(23);
    let (mut sent, mut held) = (Vec::new(), Vec::new());
    for round in 0..kills {
        let serve = Serve::start(&home);
        let stop = Arc::new(AtomicBool::new(false));
        let start = |who: u64, rows| {
            let name = format!("{round}-{who}");
            client((serve.address.clone(), key.clone()), name, rows, Arc::clone(&stop))
        };
        let clients: Vec<_> =
            (0..=SINGLES).map(|who| start(who, if who < SINGLES { 1 } else { BULK })).collect();
        std::thread::sleep(Duration::from_millis(100 + rng.below(700)));
        serve.kill();
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            let Sent { lines, receipts } = client.join().unwrap();
            sent.extend(lines);
            held.extend(receipts);
        }
    }
    let serve = Serve::start(&home);
    for (lines, receipt) in &held {
        receipt.check(&keys).unwrap();
        let entries: Vec<Entry> = lines.iter().map(|line| entry(line)).collect();
        assert!(receipt.is_of(&entries).is_ok(), "{lines:?}");
    }
    let receipted: Vec<String> = held.iter().flat_map(|(lines, _)| lines.clone()).collect();
    for lines in receipted.chunks(5000) {
        let missing = again(&serve, &key, lines).iter().position(|word| word != "duplicate");
        assert_eq!(missing.map(|at| &lines[at]), None, "there before it was sent again");
    }
    for lines in sent.chunks(5000) {
        again(&serve, &key, lines);
    }
    let (_, status) = ask(&serve.address, ("GET", "/v1/status"), &key, "", "").unwrap();
    let of = |name: &str| status[name].as_u64().unwrap();
    assert_eq!(of("posted"), sent.len() as u64, "each id once: {status}");
    let parts = ["posted", "duplicate", "waiting", "quarantined", "refused"];
    assert_eq!(of("received"), parts.iter().map(|name| of(name)).sum::<u64>(), "{status}");
    let path = "/v1/sources/feed-a/digest?from=2026-03-01T00:00:00Z&to=2026-03-01T01:00:00Z";
    let (_, digest) = ask(&serve.address, ("GET", path), &key, "", "").unwrap();
    assert_eq!(digest["count"].as_u64(), Some(sent.len() as u64), "{digest}");
    serve.stop();
    let verified: Value = home.run(&["verify", "--format", "json"]).ends(0).json();
    assert!(!verified.is_null());
    let (receipts, events) = (held.len(), receipted.len());
    println!("{kills} kills, {} events sent, {events} with {receipts} receipts", sent.len());
    assert!(events > 500 && receipts > 20, "the clients came to something");
}
