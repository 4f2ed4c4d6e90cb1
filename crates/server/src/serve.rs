//! Listening: until it is told to stop, then until everything taken is finished.

use crate::app::{App, Tenant};
use crate::listen::{self, Bounds};
use crate::oidc::Providers;
use crate::otel::Spans;
use crate::otel::settings::Settings;
use crate::rate::Rates;
use crate::tls::{Tls, TlsFiles};
use crate::{retention, sandbox};
use governor::clock::DefaultClock;
use node::{Home, NodeError, Purpose, Session};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Tasks that a worker runs before it looks for what came in, instead of 61: the answers to a whole
/// frame are ready at once, and whoever asks meanwhile would wait for all of them.
const TASKS_BETWEEN_LOOKS: u32 = 5;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// The Saldo directory.
    pub dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Threads that build frames for each operator.
    pub builders: usize,
    /// The certificate, where TLS is spoken.
    pub tls: Option<TlsFiles>,
    /// Where others reach it, when that is not where it listens.
    pub public_url: Option<String>,
}

/// Serves every operator of a directory until SIGTERM or SIGINT; `started` is told where:
/// `http://127.0.0.1:7400`, and the links that make the first administrator of operators without
/// credentials.
///
/// # Errors
/// When an operator cannot be opened or the address cannot be listened at.
pub fn run(options: &Options, started: impl FnOnce(&str, &[String])) -> Result<(), NodeError> {
    crate::log::start();
    let home = Home::open(&options.dir)?;
    let mut tenants = Vec::new();
    for place in home.operators() {
        let session =
            Session::open(&options.dir, Some(&place.operator), Purpose::Change, &mut |_, _| {})?;
        tenants.push(Tenant::start(session, options.builders)?);
    }
    let telemetry = Settings::of_process(home.config.telemetry.endpoint.as_deref())?;
    let tls = options.tls.clone().map(Tls::load).transpose()?.map(Arc::new);
    let mut app = App::new(tenants);
    app.providers = Arc::new(Providers::new(&home.config.oidc)?);
    app.rates = Arc::new(Rates::new(&home.config.rates, &DefaultClock::default()));
    app.tls = tls.is_some();
    // What came into force while nobody served is in force in the sandbox too.
    app.tenants.values().for_each(|tenant| sandbox::keep_up(&app, tenant));
    let system = |what: &str, error: std::io::Error| {
        NodeError::said(node::code::SYSTEM, format!("{what}: {error}"))
    };
    let runtime = runtime().map_err(|error| system("starting", error))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await;
        let taken = |error: std::io::Error| {
            NodeError::said(node::code::ADDRESS, format!("{}: {error}", options.listen))
        };
        let listener = listener.map_err(taken)?;
        let address = listener.local_addr().map_err(|error| system("the address", error))?;
        let own = format!("{}://{address}", if app.tls { "https" } else { "http" });
        let issuer = options.public_url.clone().unwrap_or_else(|| own.clone());
        app.issuer = issuer.trim_end_matches('/').into();
        let mut links = Vec::new();
        let real = |name: &&String| !name.ends_with(sandbox::SUFFIX);
        for name in app.tenants.keys().filter(real) {
            let Some(tenant) = app.tenant(name) else { continue };
            let link = |token| format!("{}/setup?token={token}", app.issuer);
            links.extend(tenant.offer_setup()?.map(link));
        }
        started(&own, &links);
        if let Some(settings) = telemetry {
            app.trace_to(Spans::start(settings)?);
        }
        app.start_webhooks(node::connect::Limits::default())?;
        let tenants: Vec<Arc<Tenant>> = app.tenants.values().cloned().collect();
        tenants.iter().for_each(retention::start);
        let (closing, spans) = (app.clone(), app.spans.clone());
        let ending = async move {
            told_to_stop().await;
            // It waits for the Log: not on a thread that others need.
            let _ = tokio::task::spawn_blocking(move || closing.close()).await;
        };
        listen::serve(listener, app.clone().router(), tls, Bounds::default(), ending).await;
        tenants.iter().try_for_each(|tenant| tenant.record_denials())?;
        if let Some(spans) = spans {
            spans.flush().await;
        }
        // Whoever started it is told where it did not end well.
        app.ready()
    })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().event_interval(TASKS_BETWEEN_LOOKS).build()
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
