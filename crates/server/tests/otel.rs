//! Spans that are exported: a request with its frames and webhooks is one trace, a collector that
//! fails loses nothing at once, nothing personal or secret is in them, and nothing is sent for a
//! caller that records nothing.
#![allow(clippy::unwrap_used)] // a test may panic

#[path = "support/collector.rs"]
mod collector;
mod support;

use axum::http::Method;
use collector::{Collector, Span};
use server::otel::Spans;
use server::otel::settings::Settings;
use support::receiver::Receiver;
use support::{Served, event};

/// What must not be seen.
const SECRET: &str = "hunter2-s3cret";
const PARENT: &str = "b7ad6b7169203331";

fn trace(number: u32) -> String {
    format!("0af7651916cd43dd8448eb21{number:08x}")
}

/// Serves with everything exported to a collector.
fn exporting(collector: &Collector, variables: &[(&str, &str)]) -> (Served, std::sync::Arc<Spans>) {
    let var = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let settings = Settings::read(Some(&collector.url), &var).unwrap().unwrap();
    let spans = Spans::start(settings).unwrap();
    let mut served = Served::set("webhooks: { allow_private: true }\n");
    served.app.trace_to(std::sync::Arc::clone(&spans));
    served.router = served.app.clone().router();
    served.app.start_webhooks(node::connect::Limits::default()).unwrap();
    (served, spans)
}

async fn bring(served: &Served, key: &str, number: u32, flags: &str, body: &str) -> u16 {
    let parent = format!("00-{}-{PARENT}-{flags}", trace(number));
    let headers = [
        ("traceparent", parent.as_str()),
        ("content-type", "application/json"),
        ("cookie", SECRET),
        ("user-agent", SECRET),
    ];
    let path = format!("/v1/sources/feed-a/events?wait=applied&x={SECRET}");
    let path = if number < 100 { path.split('&').next().unwrap() } else { &path };
    served.asked(&Method::POST, path, key, &headers, body).await.0.as_u16()
}

fn named<'s>(spans: &'s [Span], of: u32, name: &str) -> Vec<&'s Span> {
    spans.iter().filter(|span| span.trace == trace(of) && span.name.starts_with(name)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_with_its_frames_and_webhooks_is_one_trace() {
    // The first request fails in a way that may pass.
    let collector = Collector::start(|before| if before == 0 { 503 } else { 200 }).await;
    let auth = ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=abc%20d");
    let (served, spans) = exporting(&collector, &[auth, ("OTEL_SERVICE_NAME", "till")]);
    let key = served.key("administrator", None);
    let receiver = Receiver::start(|_, _| 204).await;
    let hook = format!("{{\"url\":\"{}\",\"types\":[\"event.*\"],\"name\":\"b\"}}", receiver.url());
    let made = served.ask(&Method::POST, "/v1/webhooks", &key, "application/json", &hook).await;
    assert_eq!(made.0.as_u16(), 201, "{}", made.1);
    let named_secret = event(SECRET, "1.00").replace("p-", "person-");
    for (number, flags, body, status) in [
        (1, "01", event("e1", "1.00"), 200),
        (2, "00", event("e2", "1.00"), 200),
        (3, "01", named_secret, 200),
        (100, "01", event("e3", "1.00"), 400),
        (4, "01", format!("{{\"{SECRET}"), 400),
    ] {
        assert_eq!(bring(&served, &key, number, flags, &body).await, status, "{number}");
    }
    let came = receiver.until(|came| came.len() == 3).await;
    assert_eq!(came.len(), 3);
    let found = collector.until(|spans| !named(spans, 3, "webhook").is_empty()).await;
    spans.flush().await;
    let found = if named(&found, 4, "POST").is_empty() { collector.spans() } else { found };
    let request = named(&found, 1, "POST /v1/sources/{source}/events")[0];
    assert_eq!((&*request.parent, request.kind, &*request.service), (PARENT, 2, "till"));
    assert_eq!(request.attributes["http.response.status_code"], "200");
    for part in ["wait applied", "frame durable", "frame applied"] {
        let part = named(&found, 1, part);
        assert_eq!(part.len(), 1, "{part:?}");
        assert_eq!(part[0].parent, request.id);
        assert!(part[0].took <= request.took && part[0].took > 0, "{part:?} of {request:?}");
    }
    let delivery = named(&found, 1, "webhook event.posted")[0];
    let sent = came.iter().find(|sent| sent.subject == "events/feed-a/e1").unwrap();
    let parent = sent.headers["traceparent"].to_str().unwrap();
    assert_eq!(parent, format!("00-{}-{}-01", trace(1), delivery.id));
    assert_eq!((delivery.kind, &*delivery.attributes["http.response.status_code"]), (3, "204"));
    for (number, spans) in [(2, "POST"), (2, "frame"), (2, "wait")] {
        assert!(named(&found, number, spans).is_empty(), "its caller records nothing");
    }
    assert_eq!(named(&found, 100, "POST")[0].attributes["http.response.status_code"], "400");
    for (headers, body) in collector.came() {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        assert_eq!(headers["x-token"], "abc d");
        let text = String::from_utf8_lossy(&body).into_owned();
        let secret_of_key = key.rsplit('.').next().unwrap();
        for hidden in [SECRET, "person-", secret_of_key, "Bearer", "abc d", "127.0.0.1"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
    assert_eq!(spans.lost(), 0);
    peer(&collector);
}

/// Where `cargo xtask test peers` installs, else the one on the path.
fn python() -> std::path::PathBuf {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = var("HOME").map(|home| std::path::PathBuf::from(home).join(".cache"));
    let cache = var("XDG_CACHE_HOME").map(std::path::PathBuf::from).or(home).unwrap_or_default();
    let installed = cache.join("saldo/tools/opentelemetry-proto-1.45.2/bin/python");
    if installed.is_file() { installed } else { "python3".into() }
}

/// What another program reads in the same bytes: opentelemetry-proto for Python.
fn peer(collector: &Collector) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let python = python();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/otlp.py");
    for (_, body) in collector.came() {
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&body).unwrap();
        let output = child.wait_with_output().unwrap();
        if output.status.code() == Some(77) {
            let required = std::env::var("SALDO_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!required, "the Python package opentelemetry-proto is not here");
            println!("ignored: opentelemetry-proto is not here (cargo xtask test peers)");
            return;
        }
        assert!(output.status.success(), "{output:?}");
        let own: Vec<String> = collector::spans(&body)
            .iter()
            .map(|span| {
                let attributes: Vec<String> =
                    span.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let ids = format!("{} {} {}", span.trace, span.id, span.parent);
                format!("{ids} {} {} {}", span.kind, span.name, attributes.join(" "))
            })
            .collect();
        let theirs = String::from_utf8(output.stdout).unwrap();
        assert_eq!(theirs.lines().collect::<Vec<_>>(), own);
        println!("opentelemetry-proto reads {} spans alike", own.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_takes_nothing_costs_its_spans_and_nothing_else() {
    let collector = Collector::start(|_| 400).await;
    let (served, spans) = exporting(&collector, &[]);
    let key = served.key("administrator", None);
    assert_eq!(bring(&served, &key, 1, "01", &event("e1", "1.00")).await, 200);
    spans.flush().await;
    assert!(spans.lost() >= 3, "{}", spans.lost());
}
