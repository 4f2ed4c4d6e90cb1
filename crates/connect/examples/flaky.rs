//! How fast deliveries go to a receiver that fails one in seven: `flaky [EARLY_MAX [FIRST_MS]]`.

use connect::{Batch, Client, Endpoint, Feed, Limits, Message, Pace, Progress, Target};
use engine::query::Cursor;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Changes to deliver, each of a subject of its own.
const CHANGES: u64 = 10_000;

struct All;

impl Feed for All {
    fn after(&self, place: Cursor, most: usize) -> Result<Batch, String> {
        let end = CHANGES.min(place.position + most as u64);
        let message = |position| Message {
            cursor: Cursor { position, place: 1 },
            id: format!("m{position}"),
            kind: "event.posted",
            subject: format!("events/a/{position}"),
            trace: None,
            sampled: false,
            body: vec![b'x'; 300].into(),
        };
        let messages = (place.position..end).map(message).collect();
        Ok(Batch { messages, reached: Cursor { position: end, place: 0 }, more: end < CHANGES })
    }
}

#[derive(Default)]
struct Came(AtomicU64);

impl Progress for Came {
    fn arrived(&self, place: Cursor) {
        self.0.store(place.position, Ordering::Relaxed);
    }

    fn gone(&self) {}
}

/// Answers 204, and one request of seven with 503.
async fn receiver() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let asked = Arc::new(AtomicU64::new(0));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let asked = Arc::clone(&asked);
            let answer = service_fn(move |_| {
                let fails = asked.fetch_add(1, Ordering::Relaxed) % 7 == 6;
                let status =
                    if fails { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT };
                let mut answer = Response::new(Empty::<Bytes>::new());
                *answer.status_mut() = status;
                async move { Ok::<_, Infallible>(answer) }
            });
            tokio::spawn(async move {
                let server = hyper::server::conn::http1::Builder::new();
                let _ = server.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    Ok(format!("http://{address}/"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut limits = Limits::default();
    if let Some(early_max) = args.next() {
        limits.early_max = early_max.parse()?;
    }
    if let Some(first) = args.next() {
        limits.pace = Pace { first: Duration::from_millis(first.parse()?), ..limits.pace };
    }
    let target = Target::parse(&receiver().await?, true).map_err(|bad| bad.to_string())?;
    let secrets = vec![(vec![1; 32], i64::MAX)];
    let (after, again_before) = (Cursor::default(), Cursor::default());
    let endpoint = Endpoint { target, secrets, after, again_before };
    let came = Arc::new(Came::default());
    let (_grows, moved) = watch::channel(CHANGES);
    let client = Client::new(true, Vec::new())?;
    let start = Instant::now();
    let progress: Arc<dyn Progress> = Arc::<Came>::clone(&came);
    let handle = connect::start(endpoint, Arc::new(All), progress, moved, client, limits);
    while came.0.load(Ordering::Relaxed) < CHANGES {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = start.elapsed();
    let rate = u128::from(CHANGES) * 1000 / took.as_millis().max(1);
    println!("{CHANGES} changes arrived in {took:.1?}: {rate}/s");
    drop(handle);
    Ok(())
}
