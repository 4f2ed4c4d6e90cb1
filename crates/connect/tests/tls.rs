//! TLS to an endpoint: a certificate of a known authority and of the right name is needed, and the
//! connection goes where the guard allowed.
//!
//! Certificates are made by `openssl`; without it the test says so and ends, but not where `CI` or
//! `SALDO_REQUIRE_ALL` is set.
#![allow(clippy::unwrap_used)] // a test may panic

use bytes::Bytes;
use connect::post::Idle;
use connect::{Client, Failure, Target};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate for `localhost` that signs itself, and its key; nothing without openssl.
fn certificate(dir: &Path) -> Option<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
    let (key, cert) = (dir.join("key.pem"), dir.join("cert.pem"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    command.args(["-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    command.args(["-addext", "subjectAltName=DNS:localhost"]);
    command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    command.arg("-keyout").arg(&key).arg("-out").arg(&cert);
    let made = command.output().is_ok_and(|output| output.status.success());
    if !made {
        let required = ["CI", "SALDO_REQUIRE_ALL"].into_iter().any(|name| {
            std::env::var(name).is_ok_and(|value| !matches!(&*value, "" | "0" | "false"))
        });
        assert!(!required, "openssl is not here: apt-get install openssl");
        println!("ignored: openssl is not here (apt-get install openssl)");
        return None;
    }
    let cert = CertificateDer::from_pem_file(cert).unwrap();
    Some((cert, PrivateKeyDer::from_pem_file(key).unwrap()))
}

/// Answers 204 to whoever comes over TLS; its port.
async fn serve(cert: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> u16 {
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let answer = service_fn(|_| async {
                let mut response = Response::new(Full::new(Bytes::new()));
                *response.status_mut() = StatusCode::NO_CONTENT;
                Ok::<_, Infallible>(response)
            });
            let http = hyper::server::conn::http1::Builder::new();
            tokio::spawn(http.serve_connection(TokioIo::new(stream), answer));
        }
    });
    port
}

async fn post(client: &Client, url: &str) -> Result<u16, Failure> {
    let target = Target::parse(url, true).unwrap();
    let body = Bytes::from_static(b"{}");
    let answer = client.post(&target, &Idle::default(), &[], &body).await;
    answer.map(|answer| answer.status.as_u16())
}

#[tokio::test]
async fn only_a_certificate_that_is_trusted_for_the_name_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let Some((cert, key)) = certificate(dir.path()) else { return };
    let port = serve(cert.clone(), key).await;
    let within = Duration::from_secs(5);
    let trusting = Client::new(true, vec![cert]).unwrap().within(within, within);
    let public = Client::new(true, Vec::new()).unwrap().within(within, within);
    let guarded = Client::new(false, Vec::new()).unwrap().within(within, within);
    let (named, addressed) =
        (format!("https://localhost:{port}/"), format!("https://127.0.0.1:{port}/"));
    assert_eq!(post(&trusting, &named).await, Ok(204));
    let wrong_name = post(&trusting, &addressed).await;
    assert!(matches!(wrong_name, Err(Failure::Tls(_))), "{wrong_name:?}");
    let unknown = post(&public, &named).await;
    assert!(matches!(unknown, Err(Failure::Tls(_))), "{unknown:?}");
    let plain = post(&trusting, &format!("http://localhost:{port}/")).await;
    assert!(matches!(plain, Err(Failure::Broken(_)) | Ok(400)), "{plain:?}");
    let private = post(&guarded, &named).await;
    assert!(matches!(private, Err(Failure::Private(_))), "{private:?}");
}
