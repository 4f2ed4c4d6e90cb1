//! The examples of docs/webhooks.md as they stand there: curl makes webhooks, polls and watches;
//! receivers in JavaScript (with the library of Standard Webhooks) and in Python take what comes
//! and turn away what is forged.
//!
//! The library is installed by `cargo xtask test peers`. What is missing is said, and is a failure
//! where `CI` or `SALDO_REQUIRE_ALL` is set.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::{HeaderName, Method};
use node::connect::post::Idle;
use node::connect::{Client, Limits, Target};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Served, event};

const PAGE: &str = include_str!("../../../docs/webhooks.md");

/// The blocks of code in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let after = PAGE.split(fence.as_str()).skip(1);
    after.map(|text| text.split_once("```").unwrap().0).collect()
}

/// Whether a program is here; where it must be and is not, the test fails.
fn has(program: &str, how: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let is_here = command.status().is_ok_and(|status| status.success());
    is_here || lacks(program, how)
}

fn lacks(what: &str, how: &str) -> bool {
    let required = ["CI", "SALDO_REQUIRE_ALL"]
        .into_iter()
        .any(|name| std::env::var(name).is_ok_and(|value| !matches!(&*value, "" | "0" | "false")));
    assert!(!required, "{what} is not here: {how}");
    println!("ignored: {what} is not here ({how})");
    false
}

/// Where `cargo xtask test peers` installs.
fn modules() -> PathBuf {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let below = || {
        let home = var("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = var("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        cache.or(home).unwrap_or_default().join("saldo/corpora")
    };
    var("SALDO_CORPORA").map_or_else(below, PathBuf::from).join("peers/node_modules")
}

/// An operator that is served on a port of this machine.
struct Door {
    served: Served,
    url: String,
}

async fn door() -> Door {
    let served = Served::set("webhooks: { allow_private: true }\n");
    served.app.start_webhooks(Limits::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = served.app.clone().router();
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Door { served, url }
}

/// Runs an example of the page for the shell.
async fn shell(script: &'static str, variables: Vec<(&'static str, String)>) -> String {
    let run = move || {
        let mut command = Command::new("sh");
        command.args(["-ec", script]).envs(variables);
        command.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{script}: {said} {output:?}");
    said
}

/// A receiver of the page in a process of its own.
struct Peer {
    child: Child,
    target: Target,
    lines: Arc<Mutex<BTreeSet<String>>>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    fn start(program: &str, file: &Path, port: u16, secret: &str) -> Self {
        let mut command = Command::new(program);
        command.arg(file).env("SECRET", secret).env("PORT", port.to_string());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let (out, kept) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&lines));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                kept.lock().unwrap().insert(line);
            }
        });
        let target = Target::parse(&format!("http://127.0.0.1:{port}/"), true).unwrap();
        Self { child, target, lines }
    }

    /// Until it listens: ten refused connections would pause the webhook.
    async fn listens(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        let address = (self.target.host.as_str(), self.target.port);
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < end, "it does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn until(&self, expected: &BTreeSet<String>) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.lines.lock().unwrap().is_superset(expected) && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(&*self.lines.lock().unwrap(), expected);
    }

    /// What it answers to a message that nobody signed.
    async fn answers_forgery(&self) -> u16 {
        let client = Client::new(true, Vec::new()).unwrap();
        let body = b"{\"id\":\"x\",\"type\":\"event.posted\",\"subject\":\"forged\"}".to_vec();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", "x".to_owned()),
            ("webhook-timestamp", support::now().to_string()),
            ("webhook-signature", format!("v1,{}", "A".repeat(43) + "=")),
        ];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value));
        let answer = client.post(&self.target, &Idle::default(), &headers, &body.into()).await;
        answer.unwrap().status.as_u16()
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A receiver verifies what comes, and nothing else.
async fn check(program: &str, file: &str, text: &str, links: Option<PathBuf>) {
    let Door { served, url } = door().await;
    let (key, port) = (served.key("administrator", None), free_port());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file);
    std::fs::write(&path, text).unwrap();
    if let Some(modules) = links {
        std::os::unix::fs::symlink(modules, dir.path().join("node_modules")).unwrap();
    }
    let hook = format!("http://127.0.0.1:{port}/hook");
    let script = blocks("sh")[2];
    let variables = vec![("SALDO_URL", url), ("SALDO_KEY", key.clone()), ("URL", hook)];
    let made = shell(script, variables).await;
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let peer = Peer::start(program, &path, port, made["secret"].as_str().unwrap());
    peer.listens().await;
    let lines: Vec<String> = (0..20).map(|at| event(&format!("e{at}"), "1.00")).collect();
    let (post, path) = (Method::POST, "/v1/sources/feed-a/events?wait=applied");
    let media = "application/x-ndjson";
    let (status, answer) = served.ask(&post, path, &key, media, &lines.join("\n")).await;
    assert_eq!(status, 200, "{answer}");
    let expected = (0..20).map(|at| format!("event.posted events/feed-a/e{at}")).collect();
    peer.until(&expected).await;
    assert_eq!(peer.answers_forgery().await, 401, "{program}");
    peer.until(&expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_for_javascript_verifies_what_is_sent() {
    let modules = modules();
    if !has("curl", "apt-get install curl") || !has("node", "apt-get install nodejs") {
        return;
    }
    if !modules.join("standardwebhooks").is_dir() {
        lacks("the library of Standard Webhooks", "cargo xtask test peers");
        return;
    }
    check("node", "receiver.mjs", blocks("js")[0], Some(modules)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_in_python_verifies_what_is_sent() {
    if has("curl", "apt-get install curl") && has("python3", "apt-get install python3") {
        check("python3", "receiver.py", blocks("python")[0], None).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_polls_and_watches() {
    if !has("curl", "apt-get install curl") {
        return;
    }
    let Door { served, url } = door().await;
    let key = served.key("administrator", None);
    let (post, path) = (Method::POST, "/v1/sources/feed-a/events?wait=applied");
    served.ask(&post, path, &key, "application/json", &event("a", "1.00")).await;
    let variables = vec![("SALDO_URL", url), ("SALDO_KEY", key)];
    let page = shell(blocks("sh")[0], variables.clone()).await;
    let page: serde_json::Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page["items"][0]["subject"], "events/feed-a/a", "{page}");
    let stream = shell(blocks("sh")[1], variables).await;
    assert!(stream.contains("event: event.posted\ndata: {\"id\":\"chg_house_"), "{stream}");
}
