//! Traces of the program itself: an ingest has one id for its run, which is found behind the
//! statement; a service exports its spans where an endpoint is named, the last ones at its end.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::Home;
use common::serve::{Serve, ask};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

fn ingest(home: &Home, source: &str) -> (String, String) {
    let file = home.dir.join(format!("sample/house/{source}.ndjson"));
    let args = ["ingest", file.to_str().unwrap(), "--source", source, "--format", "json"];
    let report = home.run(&args).ends(0).json();
    let text = std::fs::read_to_string(&file).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&report["files"][0]["trace_id"]), text(&first["id"]))
}

#[test]
fn a_run_over_a_file_has_one_id_and_a_close_another() {
    let home = Home::new("gaming");
    let runs = ["feed-a", "feed-b"].map(|source| (source, ingest(&home, source)));
    assert_ne!(runs[0].1.0, runs[1].1.0);
    let json = |args: &[&str]| home.run(&[args, &["--format", "json"]].concat()).ends(0).json();
    for (source, (trace, id)) in &runs {
        assert_eq!(json(&["explain", "event", source, id])["trace_id"], *trace);
        let entries = json(&["log", "verify", "--source", source]);
        let entries = entries.as_array().unwrap();
        assert!(!entries.is_empty());
        for entry in entries {
            assert_eq!(entry["trace_ids"], serde_json::json!([trace]), "{entry}");
        }
    }
    json(&["close", "2026-03", "--agreement", "studio-0-share"]);
    let statement = json(&["statement", "studio-0-share", "2026-03"]);
    let close = json(&["log", "commands", "--kind", "close"]);
    assert_eq!(close[0]["trace_id"], statement["trace_id"], "{close}");
    assert_eq!(statement["trace_id"].as_str().unwrap().len(), 32);
    let story = json(&["explain", "studio-0-share:2026-03:1/20-ggr"]);
    let events = story["measures"][0]["events"].as_array().unwrap();
    assert!(!events.is_empty());
    for event in events {
        let brought = runs.iter().find(|(source, _)| event["source"] == *source).unwrap();
        assert_eq!(event["trace_id"], brought.1.0, "{event}");
    }
}

/// One request: its first line and its body.
fn read(stream: &TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (first, body)
}

#[test]
fn a_service_exports_its_last_spans_before_it_ends() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let (told, tell) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in collector.incoming().flatten() {
            let came = read(&stream);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer).unwrap();
            if told.send(came).is_err() {
                return;
            }
        }
    });
    let home = Home::new("gaming");
    let settings = home.dir.join("saldo.yaml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let telemetry = format!("{text}telemetry: {{ endpoint: \"{endpoint}\" }}\n");
    std::fs::write(&settings, telemetry).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
    command.args(["-C", home.dir.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"]);
    let refused = command.env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc").output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let named = said.contains("E5302") && said.contains("OTEL_EXPORTER_OTLP_PROTOCOL");
    assert!(!refused.status.success() && named, "{said}");
    let serve = Serve::start(&home);
    assert_eq!(ask(&serve.address, ("GET", "/readyz"), "", "", "").unwrap().0, 200);
    serve.stop();
    let (first, body) = tell.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(first.starts_with("POST /v1/traces "), "{first}");
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("GET /readyz") && text.contains("service.name"), "{text}");
}
