//! The server killed at random under load: of every event that was accepted a webhook arrives, and
//! whatever arrives again is marked.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::HeaderName;
use node::connect::post::Idle;
use node::connect::{Client, Target};
use node::webhooks::NewEndpoint;
use node::{Purpose, Session};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::receiver::Receiver;
use support::{digest, event, now};

/// Names the directory that the child is to serve.
const SERVE: &str = "SALDO_TEST_SERVE";
const ROUNDS: u64 = 5;
const EVENTS_PER_REQUEST: usize = 5;
const BETWEEN_REQUESTS: Duration = Duration::from_millis(20);

/// Not a test of its own: what the other one starts as a process and kills.
#[test]
fn served_child() {
    let Some(dir) = std::env::var_os(SERVE) else { return };
    let (dir, listen) = (PathBuf::from(dir), "127.0.0.1:0".parse().unwrap());
    let options = server::Options { dir, listen, builders: 1, tls: None, public_url: None };
    server::run(&options, |url, _| eprintln!("listens {url}")).unwrap();
}

/// A server in a process of its own; killed when it is let go of.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(dir: &Path) -> Server {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "served_child", "--nocapture"]).env(SERVE, dir);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = Vec::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines.by_ref().find_map(|line| {
        let line = line.ok()?;
        let address = line.strip_prefix("listens ").map(str::to_owned);
        said.push(line);
        address
    });
    let Some(address) = address else { panic!("it does not serve: {said:?}") };
    std::thread::spawn(move || lines.for_each(drop));
    Server { child, url: format!("{address}/v1/sources/feed-a/events") }
}

/// Brings events until the server is gone; the ids that were accepted.
async fn load(url: String, key: String, round: u64) -> Vec<String> {
    let client = Client::new(true, Vec::new()).unwrap();
    let (target, idle) = (Target::parse(&url, true).unwrap(), Idle::default());
    let mut accepted = Vec::new();
    for request in 0.. {
        // As many on every machine: all of them have to arrive in the end.
        tokio::time::sleep(BETWEEN_REQUESTS).await;
        let ids: Vec<String> =
            (0..EVENTS_PER_REQUEST).map(|at| format!("{round}-{request}-{at}")).collect();
        let lines: Vec<String> = ids.iter().map(|id| event(id, "1.00")).collect();
        let body = lines.join("\n").into_bytes();
        let headers = [
            ("authorization", format!("Bearer {key}")),
            ("content-type", "application/x-ndjson".to_owned()),
            ("content-digest", digest(&body)),
            ("saldo-timestamp", now().to_string()),
        ];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value));
        match client.post(&target, &idle, &headers, &body.into()).await {
            Ok(answer) if answer.status == 202 => accepted.extend(ids),
            // Faster than agreed: none of it was taken.
            Ok(answer) if answer.status == 429 => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(answer) => panic!("round {round}: {}", answer.status),
            Err(_) => return accepted,
        }
    }
    accepted
}

#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_is_lost_when_the_server_is_killed() {
    let served = support::Served::set("webhooks: { allow_private: true }\n");
    let key = served.key("provider", Some("studio-0"));
    let receiver = Receiver::start(|_, before| if before % 7 == 3 { 500 } else { 200 }).await;
    // From here on the directory is the child's.
    let dir = served.leave();
    let url = receiver.url();
    let types = vec!["event.posted".to_owned()];
    let mut session = Session::open(dir.path(), None, Purpose::Change, &mut |_, _| {}).unwrap();
    let new = NewEndpoint { url, types, party: Some("studio-0".into()), ..NewEndpoint::default() };
    node::webhooks::make(&mut session, new, "test").unwrap();
    drop(session);

    let mut accepted = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut server = serve(dir.path());
        let load = tokio::spawn(load(server.url.clone(), key.clone(), round));
        // Times that have nothing to do with the recorder's.
        tokio::time::sleep(Duration::from_millis(300 + 433 * round % 1700)).await;
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        accepted.extend(load.await.unwrap());
    }
    assert!(accepted.len() > 100, "{} were accepted", accepted.len());
    let _server = serve(dir.path());
    let end = Instant::now() + Duration::from_mins(1);
    let missing = loop {
        let came: BTreeSet<String> =
            receiver.came().into_iter().map(|received| received.subject).collect();
        let missing: Vec<&String> =
            accepted.iter().filter(|id| !came.contains(&format!("events/feed-a/{id}"))).collect();
        if missing.is_empty() || Instant::now() > end {
            break missing.len();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(missing, 0, "of {} accepted events", accepted.len());
    let mut seen: BTreeMap<String, (u32, Vec<u8>)> = BTreeMap::new();
    let mut repeats = 0;
    for received in receiver.came() {
        let body = received.body.to_vec();
        match seen.get(&received.id) {
            None => assert!(received.attempt >= 1),
            Some((_, first)) => {
                repeats += 1;
                assert!(received.attempt > 1, "{} came again, not marked", received.id);
                assert_eq!(first, &body, "{} came again, with other content", received.id);
            }
        }
        seen.entry(received.id).or_insert((received.attempt, body));
    }
    assert!(repeats > 0, "nothing came again: nothing was tested");
}
