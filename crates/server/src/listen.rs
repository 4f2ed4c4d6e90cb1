//! Connections: accepted, over TLS or not, bounded in number and in the time that each may take,
//! and finished before the process ends.

mod stall;

use crate::rate::network;
use crate::shares::Shares;
use crate::tls::Tls;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use stall::Stalling;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// What every connection of version 2 begins with.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once; the next ones wait in the system's queue.
    pub connections: usize,
    /// Of these from one address; one more is closed at once.
    pub of_one: usize,
    /// Until the TLS handshake, and until the headers of a request, are there.
    pub headers: Duration,
    /// Until what is written is taken.
    pub write: Duration,
    /// Until those that are under way when the process ends are cut off.
    pub stop: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        use crate::limits;
        Self {
            connections: limits::CONNECTIONS_MAX,
            of_one: limits::CONNECTIONS_OF_ONE_MAX,
            headers: Duration::from_secs(limits::HEADERS_SECONDS_MAX),
            write: Duration::from_secs(limits::WRITE_SECONDS_MAX),
            stop: Duration::from_secs(limits::STOP_SECONDS_MAX),
        }
    }
}

/// Serves until `stop`, then finishes what is under way.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<Tls>>,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let shares = Shares::new(usize::MAX, bounds.of_one);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((place, listener.accept().await))
        };
        let accepted = tokio::select! {
            next = next => next,
            () = &mut stop => None,
        };
        match accepted {
            None => break,
            Some((place, Ok((stream, from)))) => {
                let Some(share) = shares.place(&network(from.ip())) else { continue };
                let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
                tokio::spawn(async move {
                    connection(stream, from, router, tls, bounds, watcher).await;
                    drop((place, share));
                });
            }
            // No descriptor is free, say: those who are served end, and then it goes on.
            Some((_, Err(_))) => sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    // What is still under way then is cut off; what it accepted is durable.
    let _ = timeout(bounds.stop, graceful.shutdown()).await;
}

async fn connection(
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
    tls: Option<Arc<Tls>>,
    bounds: Bounds,
    watcher: Watcher,
) {
    // Answers are small and wait for nothing; where it cannot be set they are only slower.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        if let Ok(Some(second)) = timeout(bounds.headers, is_second(&stream)).await {
            let stream = Stalling::new(stream, bounds.write);
            http(stream, from, router, bounds, watcher, second).await;
        }
        return;
    };
    let stream = Stalling::new(stream, bounds.write);
    match timeout(bounds.headers, tls.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => {
            let second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            http(stream, from, router, bounds, watcher, second).await;
        }
        // Whose certificate does not hold wonders why; others are scanners, mostly.
        Ok(Err(error)) if tls.asks_clients() => {
            tracing::info!(error.message = error.to_string(), "tls: no connection");
        }
        Ok(Err(error)) => tracing::debug!(error.message = error.to_string(), "tls: no connection"),
        Err(_) => {}
    }
}

/// Whether version 2 is spoken; nothing when the other side went before it said so.
async fn is_second(stream: &TcpStream) -> Option<bool> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut seen).await.ok().filter(|count| *count > 0)?;
        if seen[..count] != PREFACE[..count] {
            return Some(false);
        }
        if count == PREFACE.len() {
            return Some(true);
        }
        // What is seen stays there, so there is nothing to be woken by.
        sleep(Duration::from_millis(20)).await;
    }
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    from: SocketAddr,
    router: Router,
    bounds: Bounds,
    watcher: Watcher,
    second: bool,
) {
    let builder = Builder::new(TokioExecutor::new());
    let mut builder = if second { builder.http2_only() } else { builder.http1_only() };
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers)
        .max_headers(crate::limits::HEADERS_MAX)
        .max_buf_size(crate::limits::HEADERS_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(bounds.headers)
        .max_concurrent_streams(crate::limits::STREAMS_MAX)
        .max_header_list_size(u32::try_from(crate::limits::HEADERS_BYTES_MAX).unwrap_or(u32::MAX));
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(from));
        router.clone().oneshot(request)
    });
    let served = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    // A connection that breaks is the other side's affair; its requests were answered or not taken.
    let _ = watcher.watch(served).await;
}
