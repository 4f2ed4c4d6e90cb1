//! kill -9 at random moments of an ingest: the next one goes on where the last one stopped,
//! nothing is lost and nothing is counted twice. 20 kills, or 200 with `SALDO_LONG=1`.

#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::Home;
use serde_json::Value;
use sim::rng::Rng;
use sim::world::{Field, WorldOptions, stormy, write_ndjson};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SOURCE: &str = "feed-a";

fn ingest(home: &Home, file: &str) -> Child {
    let dir = home.dir.to_str().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
    command.args(["-C", dir, "ingest", file, "--source", SOURCE]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Received, posted, duplicate, waiting, quarantined, refused.
fn counts(status: &Value) -> [u64; 6] {
    ["received", "posted", "duplicate", "waiting", "quarantined", "refused"]
        .map(|name| status[name].as_u64().unwrap())
}

fn status(home: &Home) -> Value {
    home.run(&["status", "--format", "json"]).ends(0).json()
}

fn totals(home: &Home) -> Value {
    home.run(&["totals", "--format", "json"]).ends(0).json()
}

#[test]
fn nothing_is_lost_or_doubled() {
    let long = std::env::var("SALDO_LONG").is_ok_and(|value| value == "1");
    let (kills, events) = if long { (200, 80_000) } else { (20, 30_000) };
    let home = Home::new("gaming");
    let sources = vec![SOURCE.to_owned()];
    let options = WorldOptions { sources, ..stormy(Field::Gaming, events, 7) };
    let mut bytes = Vec::new();
    write_ndjson(options, &mut bytes).unwrap();
    let file = home.path("world.ndjson");
    std::fs::write(&file, bytes).unwrap();
    let started = Instant::now();
    assert!(ingest(&home, &file).wait().unwrap().success());
    let whole = started.elapsed();
    let (expected, sums) = (counts(&status(&home)), totals(&home));
    assert_eq!(expected[0], events);

    let mut rng = Rng::from_seed(11);
    let (mut killed, mut completed, mut resumed) = (0, 0, 0);
    let mut other = Home::new("gaming");
    let mut received = 0;
    while killed < kills {
        let mut child = ingest(&other, &file);
        let micros = u64::try_from(whole.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(rng.below(micros)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
        }
        let counts = counts(&status(&other));
        assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "parts, after {killed} kills");
        assert!(counts[0] >= received, "{} after {received}: lost", counts[0]);
        assert!(counts[0] <= events, "{} of {events}: doubled", counts[0]);
        resumed += u64::from(counts[0] > received && received > 0);
        received = counts[0];
        if received == events {
            must_be(&other, expected, &sums);
            completed += 1;
            other = Home::new("gaming");
            received = 0;
        }
    }
    if received < events {
        assert!(ingest(&other, &file).wait().unwrap().success());
        must_be(&other, expected, &sums);
        completed += 1;
    }
    println!("{killed} kills, {resumed} went on, {completed} completed");
}

fn must_be(home: &Home, expected: [u64; 6], sums: &Value) {
    assert_eq!(counts(&status(home)), expected);
    assert_eq!(&totals(home), sums);
    home.run(&["verify"]).ends(0);
}
