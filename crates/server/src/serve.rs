//! Listening: until it is told to stop, then until everything taken is finished.

use crate::app::{App, Tenant};
use node::{Home, NodeError, Purpose, Session};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// The Saldo directory.
    pub dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Threads that build frames for each operator.
    pub builders: usize,
}

/// Serves every operator of a directory until SIGTERM or SIGINT; `started` is told the address.
///
/// # Errors
/// When an operator cannot be opened or the address cannot be listened at.
pub fn run(options: &Options, started: impl FnOnce(SocketAddr)) -> Result<(), NodeError> {
    crate::log::start();
    let home = Home::open(&options.dir)?;
    let mut tenants = Vec::new();
    for place in home.operators() {
        let session =
            Session::open(&options.dir, Some(&place.operator), Purpose::Change, &mut |_, _| {})?;
        tenants.push(Tenant::start(session, options.builders)?);
    }
    let app = App::new(tenants);
    let system = |what: &str, error: std::io::Error| {
        NodeError::said(node::code::SYSTEM, format!("{what}: {error}"))
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| system("starting", error))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|error| system(&options.listen.to_string(), error))?;
        started(listener.local_addr().map_err(|error| system("the address", error))?);
        let router = app.router().into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(listener, router).with_graceful_shutdown(told_to_stop()).await;
        served.map_err(|error| system("serving", error))
    })
}

/// Until the process is told to end.
async fn told_to_stop() {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
