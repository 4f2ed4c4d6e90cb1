//! Requests to an identity provider: small JSON documents over TLS, or without it on this machine.

use axum::http::{Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Longest that a request may take.
const SECONDS_MAX: Duration = Duration::from_secs(10);
/// Largest document.
const BYTES_MAX: usize = 1 << 20;

/// Gets a document.
///
/// # Errors
/// One sentence for the log.
pub async fn get(address: &str) -> Result<Value, String> {
    send(address, Request::get(path(address)?), Bytes::new()).await
}

/// Posts a form whose client shows itself by Basic; what comes back is a document.
///
/// # Errors
/// One sentence for the log: never what was sent or came back.
pub async fn post(address: &str, basic: &str, form: String) -> Result<Value, String> {
    let request = Request::post(path(address)?)
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(address, request, Bytes::from(form)).await
}

fn path(address: &str) -> Result<Uri, String> {
    let uri: Uri = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    path.parse().map_err(|_| format!("`{address}` is no address"))
}

async fn send(
    address: &str,
    request: axum::http::request::Builder,
    body: Bytes,
) -> Result<Value, String> {
    let uri: Uri = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    let authority = uri.authority().ok_or_else(|| format!("`{address}` names no host"))?;
    let request = request
        .header(header::HOST, authority.as_str())
        .header(header::ACCEPT, "application/json")
        .body(Full::new(body))
        .map_err(|error| error.to_string())?;
    let secure = uri.scheme_str() == Some("https");
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !secure && !local {
        return Err(format!("`{address}` is not https"));
    }
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let answered = async {
        let failed = |error: std::io::Error| format!("{host}:{port}: {error}");
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(failed)?;
        if !secure {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
        let stream = TlsConnector::from(roots()?).connect(name, stream).await.map_err(failed)?;
        exchange(stream, request).await
    };
    timeout(SECONDS_MAX, answered).await.map_err(|_| format!("{host} did not answer in time"))?
}

fn roots() -> Result<Arc<ClientConfig>, String> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Value, String> {
    let failed = |error: hyper::Error| error.to_string();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends with the answer, or with the sender.
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(failed)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), BYTES_MAX).collect().await;
    connection.abort();
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    let document = serde_json::from_slice(&body).map_err(|_| format!("{status}, and no JSON"))?;
    if status.is_success() { Ok(document) } else { Err(format!("{status}")) }
}
